"""Making invoices: from a paid ticket, from a bill to be paid later; credit notes; what was received (R68, R69)."""

import hashlib
import sqlite3
from datetime import date, timedelta
from typing import TypeVar

import msgspec
from stdnum.fr import siret as siret_rules

from pos import private
from pos.clock import local
from pos.ids import new_id
from pos.money import format_euros
from pos.store import Store, Writing
from pos.till import cash, corrections, sell
from pos.till import means as paying
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import CafeDescribed, SaleCompleted, SaleRefunded
from pos.till.invoices import cii, tables
from pos.till.invoices import refusals as no
from pos.till.invoices.document import Document, document
from pos.till.invoices.events import BUYER_KINDS, PERSON, PUBLIC, BuyerListed, Credited, Invoiced, Party
from pos.till.tab import CASH, OFF_CODES, TabPayment
from pos.vat import OFF_TURNOVER

MEANS, OWNER = "account", "client:"
# Purpose of a person's name in the private store.
INVOICED = "invoices"
# Code de commerce L. 123-22: an invoice is kept ten years, and with it the name on it.
KEPT_YEARS = 10
# Code de commerce L. 441-10: thirty days where nothing was agreed.
PAYABLE_DAYS = 30
# A partner's account already stands for what it owes (meals); a customer's is opened here.
ON_ACCOUNT = (OWNER, "funder:")
_Made = TypeVar("_Made", Invoiced, Credited)
RECEIVED_BY = ("transfer", "cheque", "cash")


def note_buyer(
    store: Store, *, sort: str, entity: str, street: str = "", postcode: str = "", town: str = "", siret: str = "",
    vat_number: str = "", service_code: str = "", no_service: bool = False, buyer: str = "", by: str, attempt: str = "",
) -> str:  # fmt: skip
    """Note somebody to invoice, or change what is known; return its id.

    A company or a public body is known by its SIRET; of a person the name and address stay in the private
    store. Raises BuyerMissing, NotASiret, ServiceMissing.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        cut = {name: " ".join(text.split())[:size] for name, text, size in (
            ("entity", entity, 80), ("street", street, 80), ("postcode", postcode, 8), ("town", town, 60),
            ("vat_number", vat_number.upper(), 14), ("service_code", service_code, 50),
        )}  # fmt: skip
        number = siret_rules.compact(siret) if siret.strip() else ""
        if number and not siret_rules.is_valid(number):
            raise no.NotASiret(text=siret[:20])
        if sort not in BUYER_KINDS or not cut["entity"] or not cut["town"] or not cut["postcode"]:
            raise no.BuyerMissing
        if sort == PUBLIC and not (number and (cut["service_code"] or no_service)):
            raise no.ServiceMissing(entity=cut["entity"])
        if sort == PERSON:
            return _note_person(tx, buyer or new_id(tx.now), cut)
        known = buyer or number or new_id(tx.now)
        tx.record(BuyerListed(buyer=known, party=Party(sort=sort, siret=number, **cut)))
        return known


def _note_person(tx: Writing, buyer: str, told: dict[str, str]) -> str:
    until = date.fromisoformat(tx.today) + timedelta(days=366 * KEPT_YEARS)
    private.remember(
        tx.conn, purpose=INVOICED, purge_after=until.isoformat(), now_ms=tx.now, person_id=buyer, name=told["entity"],
        street=told["street"], postcode=told["postcode"], town=told["town"],
    )  # fmt: skip
    tx.record(BuyerListed(buyer=buyer, party=Party(sort=PERSON)))
    return buyer


def known_as(conn: sqlite3.Connection, buyer: str, party: Party) -> Party:
    """Return who a buyer is, a person from the private store; empty once forgotten."""
    if party.sort != PERSON:
        return party
    told = private.recall(conn, buyer)
    return msgspec.structs.replace(
        party, entity=str(told.get("name", "")), street=str(told.get("street", "")),
        postcode=str(told.get("postcode", "")), town=str(told.get("town", "")),
    )  # fmt: skip


def invoice_ticket(
    store: Store, ticket: int, *, buyer: str, engagement: str = "", by: str, attempt: str = ""
) -> Invoiced:
    """Make the invoice of a ticket: turnover stays where it was counted (R69); refunds made before are credited.

    Raises NoSuchTicket, NothingToInvoice, AlreadyInvoiced, NoSuchBuyer, ServiceMissing.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        return _invoice(tx, ticket, buyer, engagement)


def invoice_bill(
    store: Store, tab_id: str, *, buyer: str, engagement: str = "", by: str, attempt: str = ""
) -> Invoiced:
    """End a bill on a customer's account and make its invoice, to be paid later (R105).

    Raises what a payment and an invoice raise, before anything is sold (R133).
    """
    with store.writing(by=by, attempt=attempt) as tx:
        sell.require_day(tx)
        _buyer(tx, buyer)
        tab = sell.free_bill(tx, tab_id)
        if not tab.lines:
            raise till_no.EmptyBill
        for line in tab.lines:
            if OFF_CODES.get(line.role) in OFF_TURNOVER:
                raise no.NotForOthers(label=line.label)
        paid = TabPayment(means=MEANS, amount=tab.due, owner=f"{OWNER}{buyer}", before=False)
        sale = sell.complete(tx, tab, paid).sale
        assert sale is not None  # complete() returns the sale, or raises
        return _invoice(tx, sale.no, buyer, engagement)


def _buyer(tx: Writing, buyer: str) -> Party:
    party = tables.buyer(tx.conn, buyer)
    if party is None:
        raise no.NoSuchBuyer
    if not known_as(tx.conn, buyer, party).entity:
        raise no.BuyerMissing
    return party


def _invoice(tx: Writing, ticket: int, buyer: str, engagement: str) -> Invoiced:
    sale, seq = sell.sale_of(tx.store, tx.conn, ticket)
    party = msgspec.structs.replace(_buyer(tx, buyer), engagement=" ".join(engagement.split())[:50])
    made = tables.of_ticket(tx.conn, ticket)
    if made is not None:
        raise no.AlreadyInvoiced(no=ticket, number=made["number"])
    if not isinstance(sale, SaleCompleted) or sale.turnover <= 0:
        raise no.NothingToInvoice(no=ticket)
    today = local(tx.now).date()
    on_account = sum(p.amount for p in sale.payments if p.owner.startswith(ON_ACCOUNT))
    series = tables.series(tx.conn, tx.store.journal.jid if tx.store.journal else "")
    event = Invoiced(
        series=series, year=today.year, n=tables.next_n(tx.conn, tables.INVOICE + series, today.year), date=today.isoformat(),
        day=sell.day_label(tx), ticket=ticket, ticket_seq=seq, buyer=buyer, party=party, vat=sale.vat,
        total=sale.turnover, due=min(on_account, sale.turnover), sw=sell.SOFTWARE,
        due_on=(today + timedelta(days=PAYABLE_DAYS if on_account else 0)).isoformat(),
    )  # fmt: skip
    event = _sealed(tx, event, sale)
    tx.record(event)
    for row in till.refunds_of(tx.conn, ticket):
        _credit(tx, row["no"])
    return event


def credit_refund(store: Store, refund: int, *, by: str, attempt: str = "") -> Credited | None:
    """Make the credit note of a refund whose sale was invoiced; None when there is none to make."""
    with store.writing(by=by, attempt=attempt) as tx:
        return _credit(tx, refund)


def _credit(tx: Writing, refund: int) -> Credited | None:
    back, seq = sell.sale_of(tx.store, tx.conn, refund)
    made = tables.of_ticket(tx.conn, back.original) if isinstance(back, SaleRefunded) else None
    if made is None or tables.of_ticket(tx.conn, refund) is not None or back.turnover >= 0:
        return None
    first = tx.store.event(tx.conn, made["seq"]).event
    assert isinstance(first, Invoiced)  # the table is told by it
    today = local(tx.now).date()
    series = tables.series(tx.conn, tx.store.journal.jid if tx.store.journal else "")
    event = Credited(
        series=series, year=today.year, n=tables.next_n(tx.conn, tables.CREDIT + series, today.year), date=today.isoformat(),
        day=sell.day_label(tx), invoice=first.number, invoice_date=first.date, ticket=refund, ticket_seq=seq,
        buyer=first.buyer, party=first.party, vat=[msgspec.structs.replace(p, gross=-p.gross, net=-p.net) for p in back.vat],
        total=-back.turnover, sw=sell.SOFTWARE,
    )  # fmt: skip
    event = _sealed(tx, event, back)
    tx.record(event)
    return event


def _sealed(tx: Writing, event: _Made, sale: SaleCompleted | SaleRefunded) -> _Made:
    """Put the fingerprint of the XML into the event; of a person's there is none (R142)."""
    if event.party.sort == PERSON:
        return event
    made = cii.xml(document(event, sale, seller_of(tx.conn, sale.day), event.party))
    return msgspec.structs.replace(event, xml_sha256=hashlib.sha256(made).hexdigest())


def seller_of(conn: sqlite3.Connection, day: str) -> CafeDescribed:
    """Return who the café was on a day."""
    found = till.cafe(conn, day[:10])
    if found is None:
        raise till_no.DayNotOpen
    return found


def receive_payment(
    store: Store, number: str, amount: int, *, means: str = "transfer", by: str, attempt: str = ""
) -> None:
    """Note what a customer paid of an invoice left on account.

    Raises NoSuchInvoice, NotDue, NoSuchMeans, TooMuchCash.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = tables.document(tx.conn, number)
        if row is None or not row["series"].startswith(tables.INVOICE):
            raise no.NoSuchInvoice(number=number[:20])
        if means not in RECEIVED_BY:
            raise till_no.NoSuchMeans(means=means[:24])
        left = left_to_pay(row)
        event = tx.store.event(tx.conn, row["seq"]).event
        owner = f"{OWNER}{row['buyer']}"
        if not 0 < amount <= left or till.third_parties(tx.conn).get(owner, 0) > -amount:
            raise no.NotDue(number=number, left=format_euros(max(0, left)), amount=format_euros(amount))
        assert isinstance(event, Invoiced)  # the table is told by it
        if means == CASH:
            paying.check_cash(tx.today, amount + int(row["in_cash"]) + _cash_of_ticket(tx, event.ticket))
        cash.third_party_move(tx, owner, amount, reason="invoice_paid", means=means, ref=number)


def _cash_of_ticket(tx: Writing, ticket: int) -> int:
    """Return what an invoiced sale itself got in cash: it is of the same debt (R107)."""
    sale, _seq = sell.sale_of(tx.store, tx.conn, ticket)
    paid = corrections.as_corrected(tx.conn, sale).payments if isinstance(sale, SaleCompleted) else []
    return sum(payment.amount for payment in paid if payment.means == CASH)


def left_to_pay(row: sqlite3.Row) -> int:
    """Return what is left to pay of an invoice: refunds of what was on account lower it."""
    return max(0, int(row["due"]) - int(row["paid"]) - (int(row["credited"]) if row["due"] else 0))


def written(store: Store, conn: sqlite3.Connection, number: str) -> Document:
    """Return an invoice or a credit note as it was made, years later too (R73). Raises NoSuchInvoice."""
    row = tables.document(conn, number)
    if row is None:
        raise no.NoSuchInvoice(number=number[:20])
    event = store.event(conn, row["seq"]).event
    assert isinstance(event, Invoiced | Credited)  # the table is told by them
    sale, _seq = sell.sale_of(store, conn, event.ticket)
    return document(event, sale, seller_of(conn, sale.day), known_as(conn, event.buyer, event.party))
