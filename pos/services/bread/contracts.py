"""What is agreed with bakers: who, on which terms, which articles at which price, what the counter wants."""

import re
from collections.abc import Sequence

import msgspec

from pos.engines import consignment
from pos.engines.consignment import BOUGHT as OWN
from pos.engines.consignment import CAPPED, FIRM, ON_BEHALF, PERIODS, RETURNED
from pos.engines.consignment_events import ContractSet
from pos.i18n import _
from pos.services.bread import names, reading
from pos.services.bread import refusals as no
from pos.services.bread.events import (
    ArticleSet,
    BakerListed,
    Loaves,
    NeedsSet,
    TermsSet,
    WeeklyClosingSet,
)  # fmt: skip
from pos.services.bread.schema import OWNER, SERVICE_CODE
from pos.store import Store, Writing
from pos.till import catalogue
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.menu_events import ProductListed

FREE, CHARGE_PREPAID, CHARGE_ALWAYS = "free", "charge_if_prepaid", "charge_always"
QUANTITY_MAX = 999_000
_HOUR = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many of an article, as an act takes them: thousandths."""

    article: str
    quantity: int = 1000
    sliced: bool = False


def list_baker(
    store: Store, *, name: str, phone: str = "", baker: str = "", active: bool = True, by: str, attempt: str = ""
) -> BakerListed:
    """Enter a baker (b1, b2…), or correct one; the name stays on this box."""
    with store.writing(by=by, attempt=attempt) as tx:
        if not baker:
            count = tx.conn.execute("SELECT count(*) FROM bread_baker").fetchone()[0]
            baker = f"b{count + 1}"
        names.keep_baker(tx, baker, name=name, phone=phone)
        event = BakerListed(baker=baker, active=active)
        tx.record(event)
        return event


def set_contract(
    store: Store, baker: str, *, mode: str = OWN, commission_bp: int = 1500, unsold: str = RETURNED,
    unsold_cap_bp: int = 0, period: str = "week", cut_off: str = "17:00", release: str = "12:00",
    unclaimed: str = CHARGE_PREPAID, weekdays: Sequence[int] = (0, 1, 2, 3, 4, 5, 6), valid_from: str = "", by: str,
    attempt: str = "",
) -> TermsSet:  # fmt: skip
    """Record the terms with a baker from a day on (today when left out).

    `on_behalf` takes the baker's articles out of the café's turnover. Raises NoSuchBaker, BadContract.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        _require_baker(tx, baker)
        since = valid_from or tx.today
        money = ContractSet(
            owner=f"{OWNER}{baker}", valid_from=since, commission_bp=commission_bp, tax_mode=mode, unsold=unsold,
            cap_bp=unsold_cap_bp, waste=consignment.CAFE, period=period, borne_net=True, daily=True,
        )  # fmt: skip
        event = TermsSet(
            baker=baker,
            valid_from=since,
            cut_off=cut_off,
            release=release,
            unclaimed=unclaimed,
            weekdays=sorted(set(weekdays)),
        )
        _check(money, event)
        consignment.agree(tx, money)
        tx.record(event)
        refresh_articles(tx)
        return event


def _check(money: ContractSet, terms: TermsSet) -> None:
    fits = {
        _("Contract"): (money.tax_mode, money.tax_mode in (OWN, ON_BEHALF)),
        _("Commission"): (money.commission_bp, 0 <= money.commission_bp <= 9000),
        _("Unsold"): (money.unsold, money.unsold in (RETURNED, CAPPED, FIRM)),
        _("Share taken back"): (money.cap_bp, money.unsold != CAPPED or 0 <= money.cap_bp <= 10_000),
        _("Statement"): (money.period, money.period in PERIODS),
        _("Order before"): (terms.cut_off, bool(_HOUR.match(terms.cut_off))),
        _("Bags kept until"): (terms.release, bool(_HOUR.match(terms.release))),
        _("Unclaimed bags"): (terms.unclaimed, terms.unclaimed in (FREE, CHARGE_PREPAID, CHARGE_ALWAYS)),
        _("Days"): (terms.weekdays, bool(terms.weekdays) and all(0 <= d <= 6 for d in terms.weekdays)),
        _("From"): (terms.valid_from, bool(re.fullmatch(r"\d{4}-\d\d-\d\d", terms.valid_from))),
    }
    for field, (value, good) in fits.items():
        if not good:
            raise no.BadContract(field=field, value=value)


def _require_baker(tx: Writing, baker: str) -> None:
    if baker not in reading.bakers(tx.conn):
        raise no.NoSuchBaker


def set_article(
    store: Store, baker: str, article: str, *, price: int | None = None, by: str, attempt: str = ""
) -> ArticleSet:
    """Say that a product of the menu comes from this baker, at this price; the menu follows.

    Raises NoSuchBaker, NoSuchProduct.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        _require_baker(tx, baker)
        row = till.product(tx.conn, article)
        if row is None or row["retired"]:
            raise till_no.NoSuchProduct(product=article)
        price = row["price"] if price is None else price
        event = ArticleSet(baker=baker, article=article, label=row["label"], price=price)
        tx.record(event)
        _relist(tx, article, baker, price)
        return event


def drop_article(store: Store, article: str, *, by: str, attempt: str = "") -> None:
    """Say that a product no longer comes from a baker: it is the café's own again."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = reading.article(tx.conn, article)
        if found is None:
            raise no.NotBakersArticle(article=article)
        tx.record(
            ArticleSet(baker=found["baker"], article=article, label=found["label"], price=found["price"], dropped=True)
        )
        _relist(tx, article, "", found["price"])


def _relist(tx: Writing, article: str, baker: str, price: int) -> None:
    """Put the product on the menu anew when its price or whose money it is has changed."""
    row = till.product(tx.conn, article)
    if row is None or row["retired"]:
        return
    contract = reading.contract_on(tx.conn, baker, tx.today) if baker else None
    behalf = contract is not None and contract["mode"] == ON_BEHALF
    role, owner = ("agent_disclosed", f"{OWNER}{baker}") if behalf else ("own", "")
    if (row["price"], row["role"], row["owner"], row["service"]) == (price, role, owner, SERVICE_CODE):
        return
    out = bool(row["ran_out"])
    catalogue.put_on_menu(
        tx,
        ProductListed(
            product=article, label=row["label"], category=row["category"], price=price, vat_class=row["vat_class"],
            ean=row["ean"], favourite=row["favourite"], position=row["position"], unit=row["unit"],
            takeaway=bool(row["takeaway"]), open_price=bool(row["open_price"]), role=role, owner=owner,
            service=SERVICE_CODE, nature=row["nature"], min_age=row["min_age"], icon=row["icon"],
        ),
    )  # fmt: skip
    if out:
        from pos.till.menu_events import ProductRanOut

        tx.record(ProductRanOut(product=article, out=True))


def refresh_articles(tx: Writing) -> None:
    """Let the menu follow contracts that came into force."""
    for row in reading.articles(tx.conn):
        _relist(tx, row["article"], row["baker"], row["price"])


def forbid_weekday(
    store: Store, weekday: int, *, order_no: str = "", valid_from: str = "", by: str, attempt: str = ""
) -> WeeklyClosingSet:
    """Record the prefect's order that closes bread on a weekday (0 is Monday; −1 lifts it)."""
    if not -1 <= weekday <= 6:
        raise no.BadContract(field=_("Day"), value=weekday)
    with store.writing(by=by, attempt=attempt) as tx:
        event = WeeklyClosingSet(weekday=weekday, order_no=order_no.strip()[:24], valid_from=valid_from or tx.today)
        tx.record(event)
        return event


def set_needs(
    store: Store, baker: str, lines: Sequence[Line], *, weekday: int = -1, for_day: str = "", by: str, attempt: str = ""
) -> NeedsSet:
    """Say what the counter itself wants of a baker, orders apart: every such weekday, or on one day."""
    with store.writing(by=by, attempt=attempt) as tx:
        _require_baker(tx, baker)
        if not for_day and not 0 <= weekday <= 6:
            raise no.BadContract(field=_("Day"), value=weekday)
        found = loaves(tx, lines, zero=True)
        event = NeedsSet(baker=baker, lines=found, weekday=-1 if for_day else weekday, for_day=for_day)
        tx.record(event)
        return event


def loaves(tx: Writing, lines: Sequence[Line], *, zero: bool = False) -> list[Loaves]:
    """Return lines in words and prices, the same bread once. Raises NotBakersArticle, BadQuantity, NothingOrdered."""
    sums: dict[tuple[str, bool], int] = {}
    for line in lines:
        if not 0 <= line.quantity <= QUANTITY_MAX:
            raise no.BadQuantity(label=line.article)
        key = (line.article, line.sliced)
        sums[key] = sums.get(key, 0) + line.quantity
    out = []
    for (code, sliced), quantity in sums.items():
        row = reading.article(tx.conn, code)
        if row is None:
            raise no.NotBakersArticle(article=code)
        if quantity or zero:
            out.append(Loaves(article=code, label=row["label"], quantity=quantity, price=row["price"], sliced=sliced))
    if not out and not zero:
        raise no.NothingOrdered
    return out
