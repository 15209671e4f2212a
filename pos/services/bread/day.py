"""The day's bread: what came, what fell, what was left and where it went."""

from collections.abc import Sequence

import msgspec

from pos.engines import consignment
from pos.engines import consignment_tables as consigned
from pos.engines.consignment import DAY_OLD
from pos.engines.consignment import Line as Consigned
from pos.engines.consignment_events import CountedGoods, Goods, GoodsLost, GoodsReceived, ReceiptCorrected
from pos.services.bread import names, reading
from pos.services.bread import refusals as no
from pos.services.bread.contracts import QUANTITY_MAX, Line, refresh_articles
from pos.services.bread.events import CustomersCounted
from pos.services.bread.orders import raise_standing
from pos.services.bread.schema import OWNER, SERVICE_CODE
from pos.services.bread.words import GONE, WITHDRAWN, date_words
from pos.store import Store, Writing
from pos.till import catalogue, tables
from pos.till.menu_events import ProductListed

RETURNED = "returned"
# What bread of yesterday is sold as: the café's own, at a price typed each time.
DAY_OLD_PRODUCT = "pain_de_la_veille"


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a delivery: counted, and announced on the note when it differs from what was ordered."""

    article: str
    counted: int
    announced: int | None = None


def receive_delivery(
    store: Store, baker: str, lines: Sequence[Came], *, note_no: str = "", by: str, attempt: str = ""
) -> GoodsReceived:
    """Count in what a baker brought; the note is taken to say what was ordered unless told otherwise.

    From then on the till knows what is free. Raises NoSuchBaker, NoContract, NotBakersArticle, BadQuantity, NothingCame.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if baker not in reading.bakers(tx.conn):
            raise no.NoSuchBaker
        if reading.contract_on(tx.conn, baker, tx.today) is None:
            raise consignment.NoContract(owner=names.baker_name(tx.conn, baker))
        refresh_articles(tx)
        raise_standing(tx, tx.today)
        first = not reading.delivered(tx.conn, tx.today, baker)
        told = {row["article"]: row["total"] for row in reading.requested(tx.conn, baker, tx.today)} if first else {}
        counted = [_came(tx, baker, line, told.get(line.article)) for line in lines]
        if not any(line.quantity or line.ordered for line in counted):
            raise no.NothingCame
        return consignment.receive_in(tx, f"{OWNER}{baker}", counted, note_no=note_no[:20], lot=tx.today)


def _came(tx: Writing, baker: str, line: Came, told: int | None) -> Consigned:
    row = reading.article(tx.conn, line.article)
    if row is None or row["baker"] != baker:
        raise no.NotBakersArticle(article=line.article)
    announced = line.announced if line.announced is not None else line.counted if told is None else told
    if not (0 <= line.counted <= QUANTITY_MAX and 0 <= announced <= QUANTITY_MAX):
        raise no.BadQuantity(label=row["label"])
    return Consigned(product=line.article, quantity=line.counted, ordered=announced)


def correct_delivery(
    store: Store, delivery: int, article: str, counted: int, *, by: str, attempt: str = ""
) -> ReceiptCorrected:
    """Say that a delivery held another number of an article. Raises NoSuchDelivery, BadQuantity."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = consigned.receipt(tx.conn, delivery, article)
        if row is None or not row["owner"].startswith(OWNER):
            raise no.NoSuchDelivery
        if not 0 <= counted <= QUANTITY_MAX:
            raise no.BadQuantity(label=row["label"])
        return consignment.correct_receipt_in(tx, delivery, article, counted)


def withdraw(store: Store, article: str, quantity: int, reason: str, *, by: str, attempt: str = "") -> GoodsLost:
    """Take bread off the shelf unsold: `damaged`, `staff`, `offered`. The café bears it. Raises NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.stock_row(tx.conn, tx.today, article)
        if row is None:
            raise no.NotBakersArticle(article=article)
        if not 0 < quantity <= max(0, row["on_sale"]):
            raise no.NotThatMany(label=row["label"], there=reading.said_quantity(max(0, row["on_sale"])))
        gone = [Consigned(product=article, quantity=quantity)]
        why = reason if reason in WITHDRAWN else "damaged"
        return consignment.lose_in(tx, f"{OWNER}{row['baker']}", gone, why, lot=tx.today)


def count_unsold(
    store: Store, lines: Sequence[Line], *, day: str = "", by: str, attempt: str = ""
) -> list[CountedGoods]:
    """Count what is left on the shelf, bags apart; what is missing is lost, what is too much is found.

    Raises NotBakersArticle, BadQuantity, NothingLeft.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = day or tx.today
        # Bags still kept are not on the shelf.
        expected = reading.free(tx.conn, day)
        if not expected:
            raise no.NothingLeft(day=date_words(day))
        counted: dict[str, list[tuple[Consigned, int]]] = {}
        for line in lines:
            row = reading.stock_row(tx.conn, day, line.article)
            if row is None or line.article not in expected:
                raise no.NotBakersArticle(article=line.article)
            if not 0 <= line.quantity <= QUANTITY_MAX:
                raise no.BadQuantity(label=row["label"])
            left = Consigned(product=line.article, quantity=line.quantity)
            counted.setdefault(f"{OWNER}{row['baker']}", []).append((left, expected[line.article]))
        events = [consignment.count_in(tx, owner, theirs, lot=day) for owner, theirs in counted.items()]
        return [line for event in events for line in event.lines]


def settle_unsold(
    store: Store, how: str, lines: Sequence[Line] | None = None, *, day: str = "", by: str, attempt: str = ""
) -> list[Goods]:
    """Say where unsold bread went: `returned`, `donated`, or kept as `day_old`; all that is left without `lines`.

    Raises NothingLeft, NotThatMany.
    """
    if how not in GONE:
        raise no.BadContract(field="how", value=how)
    with store.writing(by=by, attempt=attempt) as tx:
        day = day or tx.today
        left = {code: n for code, n in reading.free(tx.conn, day).items() if n > 0}
        wanted = left if lines is None else {line.article: line.quantity for line in lines if line.quantity}
        if not wanted:
            raise no.NothingLeft(day=date_words(day))
        gone: dict[str, list[Consigned]] = {}
        for code, quantity in wanted.items():
            row = reading.stock_row(tx.conn, day, code)
            if row is None:
                raise no.NotBakersArticle(article=code)
            if not 0 < quantity <= left.get(code, 0):
                raise no.NotThatMany(label=row["label"], there=reading.said_quantity(left.get(code, 0)))
            gone.setdefault(f"{OWNER}{row['baker']}", []).append(Consigned(product=code, quantity=quantity))
        events = [consignment.give_back_in(tx, owner, theirs, lot=day, how=how) for owner, theirs in gone.items()]
        if how == DAY_OLD:
            _list_day_old(tx)
        return [line for event in events for line in event.lines]


def _list_day_old(tx: Writing) -> None:
    row = tables.product(tx.conn, DAY_OLD_PRODUCT)
    if row is not None and not row["retired"]:
        return
    from pos.i18n import _

    catalogue.put_on_menu(
        tx,
        ProductListed(
            product=DAY_OLD_PRODUCT, label=_("Bread of yesterday"), category="pain", price=0, vat_class="bread",
            takeaway=True, open_price=True, service=SERVICE_CODE, icon="bread", position=999,
        ),
    )  # fmt: skip


def count_customers(store: Store, customers: int, *, day: str = "", by: str, attempt: str = "") -> CustomersCounted:
    """Type how many customers came for bread when sales were not rung up one by one; the last number stands."""
    with store.writing(by=by, attempt=attempt) as tx:
        day = day or tx.today
        if not 0 <= customers <= 9999:
            raise no.BadContract(field="customers", value=customers)
        row = tx.conn.execute("SELECT customers FROM bread_customers WHERE day = ?", (day,)).fetchone()
        event = CustomersCounted(day=day, customers=customers, customers_before=row[0] if row else 0)
        tx.record(event)
        return event
