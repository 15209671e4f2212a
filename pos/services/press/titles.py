"""The depot's terms, and the titles it delivers: products of the menu whose price and money are the press's."""

from datetime import date

from pos.engines import consignment_tables as consigned
from pos.engines.consignment import PERIODS
from pos.engines.consignment import PRESS as PRESS_MODE
from pos.engines.consignment_events import ContractSet
from pos.i18n import N_, _
from pos.services.press import codes, terms
from pos.services.press import refusals as no
from pos.services.press.events import TermsSet, TitleListed
from pos.services.press.tables import OWNER, PRESS
from pos.store import Store, Writing
from pos.till import catalogue
from pos.till import tables as till
from pos.till.events import CategoryListed, ProductListed
from pos.till.people import need_manager

CATEGORY, CATEGORY_LABEL = "presse", N_("Press")


def set_depot(
    store: Store, *, commission_bp: int, period: str = "week", claim_days: int = terms.CLAIM_DAYS, in_use: bool = True,
    valid_from: str = "", by: str, attempt: str = "",
) -> TermsSet:  # fmt: skip
    """Agree with the press depot from a day on: commission on the public price, statements, delay to claim.

    Unsold copies go back, missing ones are the café's. Raises ManagerNeeded, NotPressTerms.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        since = day_of(valid_from or tx.today)
        fits = {
            _("commission"): 0 <= commission_bp <= 5_000,
            _("period"): period in PERIODS,
            _("delay to claim"): 0 <= claim_days <= 30,
        }
        for field, good in fits.items():
            if not good:
                raise no.NotPressTerms(field=field)
        event = TermsSet(valid_from=since, claim_days=claim_days, in_use=in_use)
        tx.record(event)
        tx.record(ContractSet(
            owner=OWNER, valid_from=since, commission_bp=commission_bp, tax_mode=PRESS_MODE, unsold=consigned.RETURNED,
            waste=consigned.CAFE, period=period,
        ))  # fmt: skip
        if all(row["category"] != CATEGORY for row in till.categories(tx.conn)):
            tx.record(
                CategoryListed(category=CATEGORY, label=_(CATEGORY_LABEL), accent="press", icon="paper", position=55)
            )
        return event


def require_depot(tx: Writing) -> None:
    """Raise NoDepot unless press is sold today."""
    if not terms.sells_press(tx.conn, tx.today):
        raise no.NoDepot


def day_of(text: str) -> str:
    """Return a date as typed; raise NotPressTerms."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise no.NotPressTerms(field=_("date")) from None


def list_title(
    store: Store, *, label: str, price: int, code: str = "", product: str = "", periodicity: str = "daily",
    recall_days: int = 0, by: str, attempt: str = "",
) -> TitleListed:  # fmt: skip
    """Put a title on the menu, or change its price or code; its money is the depot's, without VAT at the till.

    `recall_days` 0 follows the periodicity. Raises NoDepot, NotAPressCode, NotPressTerms, BadProduct, EanTaken.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        require_depot(tx)
        read = codes.parse(code) if code.strip() else None
        if code.strip() and read is None:
            raise no.NotAPressCode(code=code.strip()[:24])
        if periodicity not in terms.PERIODICITIES or not 0 <= recall_days <= 400:
            raise no.NotPressTerms(field=_("recall"))
        label = " ".join(label.split())[:40]
        product = product or catalogue.slug(f"{CATEGORY} {label}")
        old = till.product(tx.conn, product)
        ean = read.ean if read else (old["ean"] if old else "")
        catalogue.put_on_menu(tx, ProductListed(
            product=product, label=label, category=CATEGORY, price=price, vat_class="", ean=ean, takeaway=True,
            favourite=old["favourite"] if old else 0, position=old["position"] if old else 0, role="press", owner=OWNER,
            service=PRESS, nature="third_party", icon="paper",
        ))  # fmt: skip
        known = tx.conn.execute("SELECT title_key FROM press_title WHERE product = ?", (product,)).fetchone()
        event = TitleListed(
            product=product, periodicity=periodicity, recall_days=recall_days or terms.PERIODICITIES[periodicity][1],
            title_key=read.key if read else (known[0] if known else ""),
        )  # fmt: skip
        tx.record(event)
        return event
