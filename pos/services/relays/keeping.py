"""Things left for a provider: taken in with a number, sent, back, called for, handed over and paid, or unclaimed.

The money is the provider's: a line of the customer's bill, whose sale hands the thing over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pos.engines import shelf
from pos.engines.shelf import BACK, CALLED, COLLECTED, GIVEN_UP, ON_BILL, SENT, Thing
from pos.i18n import N_
from pos.ids import new_id
from pos.money import format_euros
from pos.services.relays import events, kinds, names, reading, words
from pos.services.relays import refusals as no
from pos.services.relays.kinds import Relay
from pos.services.relays.settings import in_use
from pos.store import Store, Writing
from pos.till import lines, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.tab import Tab, TabLine

PIECES_MAX, DUE_MAX = 99, 100_000
UNCLAIMED = "unclaimed"
# Why a thing leaves without its owner. All but the first need no term.
GIVE_UP = {
    UNCLAIMED: N_("Never collected"), "returned": N_("Given back to the provider"), "donated": N_("Given away, as agreed"),
    "lost": N_("Lost"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a hand-over: the thing, and the bill its money is on when there is some to pay."""

    thing: str
    number: str
    tab: str = ""
    due: int = 0


def leave(
    store: Store, relay: str, *, name: str = "", person: str = "", phone: str = "", pieces: int = 1, what: str = "",
    due: int = 0, place: str = "", visit: str = "", by: str, attempt: str = "",
) -> Thing:  # fmt: skip
    """Take a thing in; return it with its number, to print on both halves of a ticket.

    The number is enough to fetch it; a name helps to call. Raises NoSuchRelay, NotThisDesk, NotAPayment.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = in_use(tx, relay)
        if found.sort in (kinds.KEYS, kinds.BASKETS):
            raise no.NotThisDesk(label=found.label)
        if not 0 <= due <= DUE_MAX:
            raise no.NotAPayment(amount=format_euros(due))
        kept_as = names.owner(tx, name=name, person=person, phone=phone, days=found.hold_days)
        thing = shelf.keep(
            tx, found.service, prefix=found.form.prefix, sort=relay, pieces=min(max(1, pieces), PIECES_MAX),
            place=place.strip().upper(), person=kept_as, owner=found.owner, due_cents=due, visit=visit,
            until="" if found.works else shelf.days_after(tx.today, found.hold_days),
        )  # fmt: skip
        names.note(tx, thing.thing, what, found.hold_days)
        return thing


def send(store: Store, relay: str, things: Sequence[str] = (), *, by: str, attempt: str = "") -> list[Thing]:
    """Give the provider what waits for it (or only `things`); return it, for the delivery note.

    Raises NoSuchRelay, NothingToSend, NotOnShelf.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = in_use(tx, relay)
        chosen = [the_thing(tx, code) for code in things] or reading.to_send(tx.conn, found)
        if not chosen or any(thing.sort != relay for thing in chosen):
            raise no.NothingToSend(label=found.label)
        sent = [shelf.move(tx, thing.thing, SENT) for thing in chosen]
        for thing in sent:
            _still_needed(tx, thing, found)
        return sent


def take_back(
    store: Store, thing: str, *, due: int | None = None, place: str = "", by: str, attempt: str = ""
) -> Thing:
    """The provider brought a thing back, with what is to pay for it. Raises NotOnShelf, NotAPayment."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_thing(tx, thing)
        _price(tx, found, due)
        back = shelf.move(tx, found.thing, BACK, place=place.strip().upper(), until=_until(tx, found))
        _still_needed(tx, back, _relay(tx, back))
        return back


def call(store: Store, thing: str, *, by: str, attempt: str = "") -> Thing:
    """Its owner was told that it is ready. Raises NotOnShelf."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_thing(tx, thing)
        called = shelf.move(tx, found.thing, CALLED, until=_until(tx, found))
        _still_needed(tx, called, _relay(tx, called))
        return called


def tell_price(store: Store, thing: str, amount: int, *, by: str, attempt: str = "") -> Thing:
    """Say what is to pay for a thing. Raises NotAPayment, NotOnShelf."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_thing(tx, thing)
        if found.state in (COLLECTED, GIVEN_UP):
            raise shelf.NotOnShelf(number=found.number)
        _price(tx, found, amount)
        return found


def hand_over(
    store: Store, thing: str, *, price: int | None = None, tab_id: str = "", visit: str = "", by: str, attempt: str = ""
) -> Handed:
    """Hand a thing over: at once when nothing is to pay, with the sale of the bill it is put on otherwise.

    `price` replaces what was to pay, on an open bill too. Raises NotOnShelf, NotAPayment, NotDeliveredYet, KeyIsOut, DayNotOpen,
    CardPending, ManagerNeeded.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_thing(tx, thing)
        if COLLECTED not in shelf.MOVES[found.state]:
            raise (
                no.KeyIsOut(number=found.number)
                if _relay(tx, found).sort == kinds.KEYS and found.state == SENT
                else shelf.NotOnShelf(number=found.number)
            )
        _come(tx, found)
        _price(tx, found, price)
        due = reading.due_of(tx.conn, found)
        names.needed(tx, found.person, 0)
        if due or _bill_with(tx, found) is not None:
            return _on_bill(tx, found, due, tab_id)
        shelf.move(tx, found.thing, COLLECTED, visit=visit or new_id(tx.now), counts=True)
        return Handed(found.thing, found.number)


def give_up(store: Store, thing: str, *, reason: str = UNCLAIMED, by: str, attempt: str = "") -> Thing:
    """A thing leaves without its owner; `unclaimed` only after its term. Raises NotYetUnclaimed, NotOnShelf."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_thing(tx, thing)
        term = reading.term_of(found, _relay(tx, found))
        if reason not in GIVE_UP or (reason == UNCLAIMED and (not term or tx.today <= term)):
            raise no.NotYetUnclaimed(number=found.number, day=words.long_day(term or tx.today))
        return shelf.move(tx, found.thing, GIVEN_UP, reason=reason)


def _until(tx: Writing, thing: Thing) -> str:
    """Return the last day a thing that may be collected from today on is kept."""
    return shelf.days_after(thing.due_on or tx.today, _relay(tx, thing).hold_days)


def the_thing(tx: Writing, code: str) -> Thing:
    """Return a thing of ours by its id or its number; raise NoSuchThing."""
    found = reading.by_code(tx.conn, code)
    if found is None:
        raise shelf.NoSuchThing(number=code[:20])
    return found


def _relay(tx: Writing, thing: Thing) -> Relay:
    found = kinds.one(tx.conn, thing.sort, tx.today)
    if found is None:
        raise no.NoSuchRelay
    return found


def _still_needed(tx: Writing, thing: Thing, relay: Relay) -> None:
    names.needed(tx, thing.person, relay.hold_days)
    names.needed(tx, thing.thing, relay.hold_days)


def _price(tx: Writing, thing: Thing, amount: int | None) -> None:
    if amount is None or amount == reading.due_of(tx.conn, thing):
        return
    if not 0 <= amount <= DUE_MAX:
        raise no.NotAPayment(amount=format_euros(amount))
    tx.record(events.PriceTold(thing=thing.thing, amount=amount, day=tx.today))
    held = _bill_with(tx, thing)
    if held is None:
        return
    tab, line = held
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    if amount < line.unit_price:
        lines.less_after_print(tx, tab)
    was, line.unit_price = line.gross, amount
    if tab.printed:
        lines.noted(tx, tab, line, "price", was)
    sell.keep(tx, tab)


def _come(tx: Writing, thing: Thing) -> None:
    """Refuse to hand over a basket before its day."""
    batch = reading.batch_of(tx.conn, thing.thing)
    if batch is not None and tx.today < batch.on:
        raise no.NotDeliveredYet(day=words.long_day(batch.on))


def _on_bill(tx: Writing, thing: Thing, due: int, tab_id: str) -> Handed:
    """Put what is to pay on a bill, or return the bill that holds it."""
    sell.require_day(tx)
    held = _bill_with(tx, thing)
    if held is not None:
        return Handed(thing.thing, thing.number, held[0].tab_id, due)
    row = till.product(tx.conn, _relay(tx, thing).product)
    if row is None:
        raise no.NoSuchRelay
    tab = _bill(tx, tab_id)
    line = sell.line_of_product(row, new_id(tx.now))
    line.unit_price, line.ref, line.note = due, f"{ON_BILL}{thing.thing}", thing.number
    tab.lines.append(line)
    if len(tab.lines) > sell.LINES_MAX:
        raise till_no.TooManyLines
    sell.keep(tx, tab)
    return Handed(thing.thing, thing.number, tab.tab_id, due)


def _bill_with(tx: Writing, thing: Thing) -> tuple[Tab, TabLine] | None:
    """Return the open bill and the line that hold what is to pay for a thing."""
    ref = f"{ON_BILL}{thing.thing}"
    return next(((tab, line) for tab in sell.open_tabs(tx.conn) for line in tab.lines if line.ref == ref), None)


def _bill(tx: Writing, tab_id: str) -> Tab:
    tab = sell.current_tab(tx.conn, tab_id) if tab_id else None
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id) if tab_id else None
        return sell.new_tab(tx, "" if paid else tab_id)
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    return tab
