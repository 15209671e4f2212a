"""The agreement with La Poste and its price list: dated, and followed by the menu and the consignment."""

import re
from datetime import date

from pos.engines import consignment_tables as consigned
from pos.engines.consignment import ON_BEHALF
from pos.engines.consignment_events import ContractSet
from pos.i18n import N_, _
from pos.services.post import prices, terms
from pos.services.post import refusals as no
from pos.services.post.events import PriceSet, TermsSet
from pos.services.post.prices import CATEGORY, OWNER, Price
from pos.store import Store, Writing
from pos.till import catalogue
from pos.till import tables as till
from pos.till.events import CategoryListed, ProductListed
from pos.till.people import need_manager

PRICE_MAX = 100_000
_CODE = re.compile(r"[a-z0-9_]{2,40}")
POST_LABEL = N_("La Poste")


def set_terms(
    store: Store, *, mode: str = terms.RELAY, weekly_limit: int = 0, reserve: int = terms.RESERVE,
    hold_days: int = terms.HOLD_DAYS, monthly_pay: int = 0, commission_bp: int = 0, in_use: bool = True,
    valid_from: str = "", by: str, attempt: str = "",
) -> TermsSet:  # fmt: skip
    """Agree with La Poste from a day on; stamps come on consignment and the price list goes on the menu.

    `weekly_limit` 0 follows what La Poste publishes. Raises ManagerNeeded, NotTerms.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        event = TermsSet(
            valid_from=_day(valid_from or tx.today), mode=mode, weekly_limit=weekly_limit, reserve=reserve, hold_days=hold_days,
            monthly_pay=monthly_pay, commission_bp=commission_bp, in_use=in_use,
        )  # fmt: skip
        _check(event)
        tx.record(event)
        if in_use:
            if consigned.contract(tx.conn, OWNER, tx.today) is None:
                # Face value is La Poste's to the cent: pay is billed apart, and missing stamps are the café's (R88).
                tx.record(ContractSet(
                    owner=OWNER, valid_from=min(event.valid_from, tx.today), commission_bp=0, tax_mode=ON_BEHALF,
                    unsold=consigned.RETURNED, waste=consigned.CAFE, period="month",
                ))  # fmt: skip
            follow_prices(tx)
        return event


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise no.NotTerms(field=_("From")) from None


def _check(event: TermsSet) -> None:
    fits = {
        _("relay or agency"): event.mode in terms.MODES,
        _("limit of seven days"): 0 <= event.weekly_limit <= 200_000,
        _("change kept in the drawer"): 0 <= event.reserve <= 200_000,
        _("days kept"): 1 <= event.hold_days <= terms.HOLD_MAX,
        _("monthly pay"): 0 <= event.monthly_pay <= 1_000_000,
        _("commission"): 0 <= event.commission_bp <= 5_000,
    }
    for field, good in fits.items():
        if not good:
            raise no.NotTerms(field=field)


def set_price(
    store: Store, product: str, *, label: str, price: int, goods: bool, valid_from: str = "", by: str, attempt: str = ""
) -> PriceSet:
    """Enter a row of La Poste's official list, from a day on; `price` 0 is asked at each sale.

    Raises ManagerNeeded, NotAPrice.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        label = " ".join(label.split())[:40]
        for value, good in ((product, _CODE.fullmatch(product)), (label, label), (price, 0 <= price <= PRICE_MAX)):
            if not good:
                raise no.NotAPrice(value=value)
        event = PriceSet(
            product=product, label=label, price=price, valid_from=_day(valid_from or tx.today), goods=goods
        )
        tx.record(event)
        follow_prices(tx)
        return event


def apply_prices(store: Store, *, by: str, attempt: str = "") -> int:
    """Put the prices in force today on the menu; return how many changed."""
    with store.writing(by=by, attempt=attempt) as tx:
        return follow_prices(tx)


def follow_prices(tx: Writing) -> int:
    """List what differs from the price list of today, inside another act."""
    changed = prices.stale(tx.conn, tx.today)
    if changed and all(row["category"] != CATEGORY for row in till.categories(tx.conn)):
        tx.record(CategoryListed(category=CATEGORY, label=_(POST_LABEL), accent="post", icon="letter", position=60))
    for place, row in enumerate(prices.in_force(tx.conn, tx.today)):
        if row in changed:
            catalogue.put_on_menu(tx, _listed(tx, row, place))
    return len(changed)


def _listed(tx: Writing, row: Price, place: int) -> ProductListed:
    old = till.product(tx.conn, row.product)
    return ProductListed(
        product=row.product, label=row.label, category=old["category"] if old else CATEGORY, price=row.price, vat_class="",
        ean=old["ean"] if old else "", favourite=old["favourite"] if old else 0, position=old["position"] if old else place,
        takeaway=True, open_price=row.price == 0, role="agent_disclosed", owner=OWNER, service=row.service,
        nature="third_party", icon="letter",
    )  # fmt: skip
