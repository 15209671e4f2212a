"""Mail that customers hand in: read, paid on a bill, put in a bag, taken away by La Poste.

    taken → bagged → gone          taken, bagged → given_back

A number with a wrong key is asked once again, then taken as it stands: the letter is on the counter.
"""

import sqlite3
from dataclasses import dataclass

from pos import private
from pos.engines import persons, shelf
from pos.engines.labels import INVALID, OTHER, PARCEL, REGISTERED, TRACKED, UNCHECKED, PostalLabel, clean, read_postal
from pos.i18n import _
from pos.ids import new_id
from pos.money import format_euros
from pos.services.post import events, prices, reading, terms, words
from pos.services.post import refusals as no
from pos.services.post.tables import BAGGED, DEPOSIT, GIVEN_BACK, POST, TAKEN
from pos.store import Store, Writing
from pos.till import refusals as till_no
from pos.till import sell
from pos.till import tables as till
from pos.till.tab import Tab

LETTER = "letter"
SORTS = (REGISTERED, TRACKED, PARCEL, LETTER, OTHER)
# Mail that somebody may ask about later bears a number.
NUMBERED = (REGISTERED, TRACKED, PARCEL)
PURPOSE = "post.mail"
PIECES_MAX = 500
# One journal entry holds so many ids.
BAG_MAX = 300


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of mail handed in: its id, its check, the visit, the bill its postage is on."""

    item: str
    check: str
    visit: str
    tab: str = ""


def in_use(tx: Writing) -> terms.Terms:
    """Return the agreement of today; raise NotARelay."""
    found = terms.in_force(tx.conn, tx.today)
    if found is None or not found.in_use:
        raise no.NotARelay
    return found


def take_deposit(
    store: Store, *, code: str = "", sort: str = "", product: str = "", price: int | None = None, tab_id: str = "",
    asked: str = "", visit: str = "", pieces: int = 1, by: str, attempt: str = "",
) -> Taken:  # fmt: skip
    """Take mail in for La Poste; `product` puts its postage on a bill, without one it is franked already.

    `asked` is the code for which a second reading was asked. Raises NotARelay, NumberMissing, NotASort,
    ReadTwice, AlreadyTaken, NotForMail, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        in_use(tx)
        label = read_postal(code) if clean(code) else PostalLabel("", "none", LETTER, UNCHECKED)
        sort = sort or label.sort
        if sort not in SORTS or not 1 <= pieces <= PIECES_MAX:
            raise no.NotASort(sort=sort[:12])
        if not label.number and sort in NUMBERED:
            raise no.NumberMissing
        if label.number and reading.mail_by_number(tx.conn, label.number):
            raise no.AlreadyTaken(tail=label.tail)
        if label.check == INVALID and clean(asked) != label.number:
            raise no.ReadTwice(number=label.number)
        item = new_id(tx.now)
        tab, due = _postage(tx, tab_id, product, price, item)
        together = tab.visit if tab else visit or item
        tx.record(events.MailTaken(
            item=item, sort=sort, check=label.check, shape=label.shape, tail=label.tail, day=tx.today, visit=together,
            due=due, product=product, pieces=pieces, visit_by="tap" if visit or tab else "",
        ))  # fmt: skip
        if label.number:
            keep_private(tx, item, number=label.number)
        return Taken(item, label.check, together, tab.tab_id if tab else "")


def keep_private(tx: Writing, kept_as: str, *, number: str = "", name: str = "") -> str:
    """Keep a number and a name apart from the journal; return what they are kept as."""
    return private.remember(
        tx.conn, purpose=PURPOSE, purge_after=persons.keep_until(tx.today, POST), now_ms=tx.now, person_id=kept_as,
        number=number, name=name,
    )  # fmt: skip


def _postage(tx: Writing, tab_id: str, product: str, price: int | None, item: str) -> tuple[Tab | None, int]:
    """Put the postage of an item on a bill; return it and the cents due."""
    if not product:
        return None, 0
    sell.require_day(tx)
    row = till.product(tx.conn, product)
    if row is None or row["retired"] or row["owner"] != prices.OWNER:
        raise no.NotForMail(product=row["label"] if row else product[:40])
    if row["open_price"] and not price:
        raise till_no.PriceMissing(label=row["label"])
    cents = price if row["open_price"] and price else int(row["price"])
    tab = _bill(tx, tab_id)
    _add_line(tx, tab, row, cents, item)
    return tab, cents


def _add_line(tx: Writing, tab: Tab, row: sqlite3.Row, cents: int, item: str) -> None:
    line = sell.line_of_product(row, new_id(tx.now))
    line.unit_price, line.ref = cents, f"{DEPOSIT}{item}"
    tab.lines.append(line)
    if len(tab.lines) > sell.LINES_MAX:
        raise till_no.TooManyLines
    sell.keep(tx, tab)


def charge_postage(store: Store, item: str, *, tab_id: str = "", by: str, attempt: str = "") -> Tab:
    """Put the postage still due for mail on a bill again, or return the bill that holds it.

    Raises MailGone, MailPaid, NotForMail, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        sell.require_day(tx)
        found = reading.item(tx.conn, item)
        if found is None or found.state == GIVEN_BACK or not found.due:
            raise no.MailGone(state=words.state(found.state) if found else _("unknown"))
        if found.paid_no:
            raise no.MailPaid(no=found.paid_no)
        for tab in sell.open_tabs(tx.conn):
            if any(line.ref == f"{DEPOSIT}{item}" for line in tab.lines):
                return tab
        row = till.product(tx.conn, found.product)
        if row is None:
            raise no.NotForMail(product=found.product)
        tab = _bill(tx, tab_id)
        if not tab.lines:
            tab.visit = found.visit
        _add_line(tx, tab, row, found.due, item)
        return tab


def _bill(tx: Writing, tab_id: str) -> Tab:
    tab = sell.current_tab(tx.conn, tab_id) if tab_id else None
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id) if tab_id else None
        return sell.new_tab(tx, "" if paid else tab_id)
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    return tab


def give_back(store: Store, item: str, *, by: str, attempt: str = "") -> None:
    """Give mail back to its sender before La Poste came; the same day its use is cancelled. Raises MailGone."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = reading.item(tx.conn, item)
        if found is None or found.state not in (TAKEN, BAGGED):
            raise no.MailGone(state=words.state(found.state) if found else _("unknown"))
        tx.record(events.MailGivenBack(item=item, day=tx.today, visit=found.visit, cancels=found.day == tx.today))
        private.forget(tx.conn, item)


def close_bag(store: Store, *, by: str, attempt: str = "") -> events.BagClosed:
    """Put all loose mail in a bag, on a numbered list. Raises NothingToCollect."""
    with store.writing(by=by, attempt=attempt) as tx:
        if not reading.loose(tx.conn):
            raise no.NothingToCollect
        return _bags(tx)[-1]


def _bags(tx: Writing) -> list[events.BagClosed]:
    out: list[events.BagClosed] = []
    loose = reading.loose(tx.conn)
    number = int(tx.conn.execute("SELECT coalesce(max(number), 0) FROM post_bag").fetchone()[0])
    for first in range(0, len(loose), BAG_MAX):
        part = loose[first : first + BAG_MAX]
        number += 1
        bag = events.BagClosed(
            bag=new_id(tx.now), number=number, day=tx.today, items=[one.item for one in part],
            pieces=sum(one.pieces for one in part),
        )  # fmt: skip
        tx.record(bag)
        out.append(bag)
    return out


def collect(store: Store, *, happened_at: int = 0, by: str, attempt: str = "") -> events.MailCollected:
    """La Poste takes every bag, mail still loose, and notices past their term. Raises NothingToCollect."""
    with store.writing(by=by, attempt=attempt) as tx:
        _bags(tx)
        bags, late = reading.waiting_bags(tx.conn), shelf.overdue(tx.conn, POST, tx.today)
        if not bags and not late:
            raise no.NothingToCollect
        for thing in late:
            shelf.move(tx, thing.thing, shelf.GIVEN_UP, reason="deadline")
            private.keep_until(tx.conn, thing.person, persons.keep_until(tx.today, POST))
        event = events.MailCollected(
            collection=new_id(tx.now), day=tx.today, bags=[row["bag"] for row in bags],
            pieces=sum(row["pieces"] for row in bags), returned=[thing.thing for thing in late[:BAG_MAX]], happened_at=happened_at,
        )  # fmt: skip
        tx.record(event)
        return event
