"""Local producers on deposit: contract, goods with their dates, statement with its number, payment above a minimum.

In the producer's name the money is theirs and out of turnover; in our own name it is our sale, and the
producer is owed the rest: the contract says which, as the accountant decided.
"""

from collections.abc import Sequence

import msgspec

from pos.engines import consignment, persons
from pos.engines import consignment_tables as consigned
from pos.engines.consignment import ON_BEHALF, OWN_NAME, PERIODS, Line
from pos.engines.consignment_events import ContractSet, GoodsReceived, StatementClosed
from pos.i18n import _
from pos.ids import paper_number
from pos.money import format_euros
from pos.services.grocery import events, reading
from pos.services.grocery import refusals as no
from pos.services.grocery.shelf import check_date, product_row, relist
from pos.services.grocery.tables import GROCERY, OWNER
from pos.store import Store, Writing
from pos.till import sell
from pos.till.cash import third_party_move

MINIMUM = 2_000
MEANS = ("cash", "transfer", "cheque")


class Deposited(msgspec.Struct, frozen=True, kw_only=True):
    """So many of an article, with its date (thousandths)."""

    product: str
    quantity: int
    use_by: str = ""


def set_producer(
    store: Store, *, name: str, commission_bp: int, producer: str = "", phone: str = "", local: bool = True,
    tax_mode: str = ON_BEHALF, waste: str = consigned.OWNER, period: str = "month", minimum: int = MINIMUM,
    self_billing: bool = False, products: Sequence[str] = (), valid_from: str = "", reference: str = "", by: str, attempt: str = "",
) -> events.ProducerSet:  # fmt: skip
    """Enter a producer and the contract, from a day on; put `products` under it. The name stays on this box.

    Raises NotAContract, NoSuchProducer, NoSuchProduct, NameMissing.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        fits = {
            _("commission"): 0 <= commission_bp <= 6_000,
            _("tax mode"): tax_mode in (ON_BEHALF, OWN_NAME),
            _("losses"): waste in (consigned.OWNER, consigned.CAFE),
            _("period"): period in PERIODS,
            _("least amount paid"): 0 <= minimum <= 50_000,
        }
        for field, good in fits.items():
            if not good:
                raise no.NotAContract(field=field)
        if producer and reading.producer(tx.conn, producer) is None:
            raise no.NoSuchProducer
        producer = producer or f"p{len(reading.producers(tx.conn)) + 1}"
        persons.known(tx, "partners", name, phone=phone, person=f"producer-{producer}")
        owner = f"{OWNER}{producer}"
        tx.record(ContractSet(
            owner=owner, valid_from=valid_from or tx.today, commission_bp=commission_bp, tax_mode=tax_mode,
            unsold=consigned.RETURNED, waste=waste, period=period, reference=paper_number(reference),
        ))  # fmt: skip
        event = events.ProducerSet(producer=producer, local=local, minimum=minimum, self_billing=self_billing)
        tx.record(event)
        for product in dict.fromkeys([*reading.products_of(tx.conn, owner), *products]):
            _put_under(tx, product, owner, tax_mode)
        return event


def name_producer(store: Store, producer: str, *, name: str, by: str, attempt: str = "") -> None:
    """Give its name back to a producer of a box that never learnt it. Raises NoSuchProducer, NameMissing."""
    with store.writing(by=by, attempt=attempt) as tx:
        _known(tx, producer)
        persons.known(tx, "partners", name, person=f"producer-{producer}")


def _put_under(tx: Writing, product: str, owner: str, tax_mode: str) -> None:
    behalf = tax_mode == ON_BEHALF
    relist(
        tx, product_row(tx, product), role="agent_disclosed" if behalf else "own", owner=owner, service=GROCERY,
        nature="third_party" if behalf else "goods", takeaway=True,
    )  # fmt: skip


def _known(tx: Writing, producer: str) -> str:
    if reading.producer(tx.conn, producer) is None:
        raise no.NoSuchProducer
    return f"{OWNER}{producer}"


def take_deposit(
    store: Store, producer: str, lines: Sequence[Deposited], *, note_no: str = "", by: str, attempt: str = ""
) -> GoodsReceived:
    """Take goods on deposit, with their dates. Raises NoSuchProducer, NotADeposit, DateMissing, AlreadyPast."""
    with store.writing(by=by, attempt=attempt) as tx:
        owner = _known(tx, producer)
        dated = []
        for line in lines:
            row, item = product_row(tx, line.product), reading.item(tx.conn, line.product)
            if row["owner"] != owner or line.quantity <= 0:
                raise no.NotADeposit(label=row["label"])
            check_date(tx, row["label"], item.dates, line.use_by)
            dated.append(events.DatedGoods(
                product=line.product, quantity=line.quantity, use_by=line.use_by, date_kind=(item.dates or "ddm") if line.use_by else ""
            ))  # fmt: skip
        if not dated:
            raise no.NotADeposit(label="–")
        told = consignment.receive_in(
            tx, owner, [Line(product=line.product, quantity=line.quantity) for line in lines], note_no=note_no
        )
        tx.record(events.DepositTaken(producer=producer, day=tx.today, lines=dated))
        return told


def give_back(store: Store, producer: str, product: str, quantity: int, *, by: str, attempt: str = "") -> None:
    """Give unsold goods back to their producer. Raises NoSuchProducer, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        consignment.give_back_in(tx, _known(tx, producer), [Line(product=product, quantity=quantity)])


def lose(
    store: Store, producer: str, product: str, quantity: int, reason: str = "damaged", *, by: str, attempt: str = ""
) -> None:
    """Write deposited goods off; the contract says who bears it. Raises NoSuchProducer, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        consignment.lose_in(tx, _known(tx, producer), [Line(product=product, quantity=quantity)], reason)


def close_statement(store: Store, producer: str, *, last: str = "", by: str, attempt: str = "") -> StatementClosed:
    """State what is due to a producer up to `last` (today when left out). Raises NoContract, NothingToState."""
    return consignment.close_statement(store, f"{OWNER}{producer}", last=last, by=by, attempt=attempt)


def pay_producer(
    store: Store,
    producer: str,
    *,
    means: str = "transfer",
    ref: str = "",
    anyway: bool = False,
    by: str,
    attempt: str = "",
) -> events.ProducerPaid:
    """Pay what the statements leave due, all at once, from the contract's minimum on (`anyway` pays less).

    Raises NoSuchProducer, NothingDue, BelowMinimum, DrawerTooLow.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        owner, terms = _known(tx, producer), reading.producer(tx.conn, producer)
        waiting = reading.unpaid(tx.conn, owner)
        amount = sum(row["due"] for row in waiting)
        if amount <= 0 or terms is None or means not in MEANS:
            raise no.NothingDue
        if amount < terms["minimum"] and not anyway:
            raise no.BelowMinimum(due=format_euros(amount), minimum=format_euros(terms["minimum"]))
        event = events.ProducerPaid(
            producer=producer, numbers=[row["number"] for row in waiting], amount=amount, means=means,
            day=sell.require_day(tx), local=bool(terms["local"]), ref=paper_number(ref),
        )  # fmt: skip
        third_party_move(
            tx, owner, -amount, reason="settlement", means=means, ref=event.ref or f"{producer}-{event.numbers[-1]}"
        )
        tx.record(event)
        return event
