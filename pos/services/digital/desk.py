"""What is done at the posts: prices, posts, a session opened, extended, closed; help; the history erased.

open → (extended, helped, pages) → closed → (paid) and the history erased before the next person
 └→ cancelled
"""

import sqlite3
from dataclasses import dataclass

from pos.clock import parse_day
from pos.i18n import N_, _
from pos.ids import new_id
from pos.money import format_euros
from pos.services.digital import events as ev
from pos.services.digital import reading, rules, words
from pos.services.digital import refusals as no
from pos.services.digital.tables import COLOUR, PRINT, SCAN, TIME, ref, referred
from pos.store import Store, Writing
from pos.till import catalogue, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.people import need_manager
from pos.till.tab import Tab

# The articles a session goes through: services at 20 %, never a tile.
ARTICLES = {
    TIME: ("digital_time", N_("Time at a public post")), PRINT: ("digital_print", N_("Printed page")),
    COLOUR: ("digital_colour", N_("Printed page, colour")), SCAN: ("digital_scan", N_("Scanned page")),
}  # fmt: skip
PRICE_MAX, MINUTES_MAX, PAGES_MAX = 10_000, 720, 500


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of a session: minutes, cents due, the bill they are on."""

    session: str
    minutes: int
    due: int
    tab: str = ""


def set_terms(
    store: Store, *, free_minutes: int = 30, block_minutes: int = 30, block_price: int = 100, print_price: int = 20,
    colour_price: int = 50, scan_price: int = 0, valid_from: str = "", by: str, attempt: str = "",
) -> ev.TermsSet:  # fmt: skip
    """Say what a session costs from a day on (today when left out). Raises ManagerNeeded, NotTariff."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        prices = (block_price, print_price, colour_price, scan_price)
        if not (
            0 <= free_minutes <= MINUTES_MAX
            and 5 <= block_minutes <= MINUTES_MAX
            and all(0 <= p <= PRICE_MAX for p in prices)
        ):
            raise no.NotTariff(value=f"{free_minutes} / {block_minutes} / {max(prices)}")
        for what in ARTICLES:
            _article(tx, what)
        event = ev.TermsSet(
            valid_from=_day(tx, valid_from), free_minutes=free_minutes, block_minutes=block_minutes, block_price=block_price,
            print_price=print_price, colour_price=colour_price, scan_price=scan_price,
        )  # fmt: skip
        tx.record(event)
        return event


def _day(tx: Writing, text: str) -> str:
    try:
        return parse_day(text).isoformat() if text else tx.today
    except ValueError:
        raise no.NotTariff(value=text[:12]) from None


def _article(tx: Writing, what: str) -> sqlite3.Row:
    product, label = ARTICLES[what]
    return catalogue.open_price_article(tx, product, _(label), category="digital", icon="keyboard")


def list_post(store: Store, *, label: str, post: str = "", in_use: bool = True, by: str, attempt: str = "") -> str:
    """Put a post at people's disposal, rename it or take it away; return its id. Raises NotAPost, PostTaken."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        label = " ".join(label.split())[:30]
        if not label:
            raise no.NotAPost
        if post and reading.post(tx.conn, post)["session"] and not in_use:
            raise no.PostTaken(label=label)
        post = post or new_id(tx.now)
        tx.record(ev.PostListed(post=post, label=label, in_use=in_use))
        return post


def start(
    store: Store, post: str, *, minutes: int = 0, cleared: bool = False, happened_at: int = 0, by: str, attempt: str = ""
) -> ev.SessionOpened:  # fmt: skip
    """Somebody sits down at a post, for what is free unless `minutes` are said.

    `cleared` says that the history of the last person was just erased. Raises NoSuchPost, PostTaken, NotCleared.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.post(tx.conn, post)
        if not row["in_use"]:
            raise no.NoSuchPost
        if row["session"]:
            raise no.PostTaken(label=row["label"])
        if row["to_clear"] and not cleared:
            raise no.NotCleared(label=row["label"])
        if row["to_clear"]:
            tx.record(ev.HistoryCleared(post=post, day=tx.today))
        session = new_id(tx.now)
        planned = minutes or rules.in_force(tx.conn, tx.today).free_minutes or 30
        _reasonable(planned, MINUTES_MAX)
        event = ev.SessionOpened(
            session=session, post=post, minutes=planned, day=tx.today, visit=session, happened_at=happened_at
        )
        tx.record(event)
        return event


def _reasonable(value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise no.NotMinutes(value=value, most=most)


def extend(store: Store, session: str, *, minutes: int = 0, by: str, attempt: str = "") -> int:
    """Let a session go on, by a block unless `minutes` are said; return how long it is planned now.

    Raises NoSuchSession, NotMinutes.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.running(tx.conn, session)
        more = minutes or rules.in_force(tx.conn, tx.today).block_minutes
        if not more > 0 or row["planned"] + more > MINUTES_MAX:
            raise no.NotMinutes(value=more, most=MINUTES_MAX)
        tx.record(ev.SessionExtended(session=session, minutes=more))
        return int(row["planned"]) + more


def stop(
    store: Store, session: str, *, minutes: int = -1, prints: int = 0, colour: int = 0, scans: int = 0, cleared: bool = False,
    tab_id: str = "", happened_at: int = 0, by: str, attempt: str = "",
) -> Closed:  # fmt: skip
    """End a session: its minutes by the clock unless said, its pages; what is due goes on the bill.

    Raises NoSuchSession, NotMinutes, DayNotOpen when something is due.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.running(tx.conn, session)
        ended = happened_at or tx.now
        # A post forgotten overnight is not a session of fourteen hours: the clerk says how long it was.
        passed = min(MINUTES_MAX, max(0, (ended - row["opened_at"]) // 60_000))
        minutes = passed if minutes < 0 else minutes
        _reasonable(minutes, MINUTES_MAX)
        for pages in (prints, colour, scans):
            _reasonable(pages, PAGES_MAX)
        terms = rules.in_force(tx.conn, row["day"])
        time_due, pages_due = terms.time_due(minutes), terms.pages_due(prints, colour, scans)
        tx.record(
            ev.SessionClosed(
                session=session, post=row["post"], minutes=minutes, time_due=time_due, prints=prints, colour=colour, scans=scans,
                pages_due=pages_due, day=tx.today, cleared=cleared, happened_at=happened_at,
            )
        )  # fmt: skip
        if not time_due + pages_due:
            return Closed(session, minutes, 0)
        tab = _on_bill(tx, tab_id, reading.session(tx.conn, session))
        return Closed(session, minutes, time_due + pages_due, tab.tab_id)


def _on_bill(tx: Writing, tab_id: str, row: sqlite3.Row) -> Tab:
    """Put what a session owes on a bill, at the prices of its day."""
    terms, tab = rules.in_force(tx.conn, row["day"]), _bill(tx, tab_id)
    lines = (
        (TIME, terms.blocks(row["minutes"]), terms.block_price), (PRINT, row["prints"], terms.print_price),
        (COLOUR, row["colour"], terms.colour_price), (SCAN, row["scans"], terms.scan_price),
    )  # fmt: skip
    for what, n, price in lines:
        if n and price:
            _add(tx, tab, what, row["session"], n, price)
    sell.keep(tx, tab)
    return tab


def _add(tx: Writing, tab: Tab, what: str, session: str, n: int, price: int) -> None:
    line = sell.line_of_product(_article(tx, what), new_id(tx.now))
    line.quantity, line.unit_price, line.ref = n * 1000, price, ref(what, session)
    tab.lines.append(line)
    if len(tab.lines) > sell.LINES_MAX:
        raise till_no.TooManyLines


def _bill(tx: Writing, tab_id: str) -> Tab:
    sell.require_day(tx)
    tab = sell.current_tab(tx.conn, tab_id) if tab_id else None
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id) if tab_id else None
        return sell.new_tab(tx, "" if paid else tab_id)
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    return tab


def charge_again(store: Store, session: str, *, tab_id: str = "", by: str, attempt: str = "") -> Tab:
    """Put a closed session on the bill again: its first bill was abandoned. Raises NothingDue."""
    with store.writing(by=by, attempt=attempt) as tx:
        owed = [row["session"] for row in reading.unpaid(tx.conn)]
        waiting = {referred(line.ref)[1] for tab in sell.open_tabs(tx.conn) for line in tab.lines}
        if session not in owed or session in waiting:
            raise no.NothingDue
        return _on_bill(tx, tab_id, reading.session(tx.conn, session))


def cancel(store: Store, session: str, *, by: str, attempt: str = "") -> None:
    """Take back a session opened by mistake. Raises NoSuchSession."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.running(tx.conn, session)
        tx.record(ev.SessionCancelled(session=session, post=row["post"], visit=row["visit"], day=row["day"]))


def give_help(
    store: Store, session: str, *, theme: str, minutes: int = 10, outcome: str = "solved", by: str, attempt: str = ""
) -> ev.HelpGiven:
    """Note that somebody at a post was helped with a form: theme and minutes, nothing of what it said.

    Raises NoSuchSession, NotATheme, NotMinutes.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.session(tx.conn, session)
        if row["state"] == "cancelled":
            raise no.NoSuchSession
        for code, known in ((theme, words.THEMES), (outcome, words.OUTCOMES)):
            if code not in known:
                raise no.NotATheme(code=code[:16])
        _reasonable(minutes, MINUTES_MAX)
        event = ev.HelpGiven(session=session, theme=theme, minutes=minutes, outcome=outcome, day=tx.today)
        tx.record(event)
        return event


def clear_history(store: Store, post: str, *, by: str, attempt: str = "") -> ev.HistoryCleared:
    """Say that history, files and accounts were erased on a post. Raises NoSuchPost, NothingToClear."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.post(tx.conn, post)
        if not row["to_clear"] or row["session"]:
            raise no.NothingToClear(label=row["label"])
        event = ev.HistoryCleared(post=post, day=tx.today)
        tx.record(event)
        return event


ACTS = (set_terms, list_post, start, extend, stop, charge_again, cancel, give_help, clear_history)


def session_is_due(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse to take the money of a session twice (`Feature.sale_rules`)."""
    for line in tab.lines:
        _what, session = referred(line.ref)
        if session:
            row = reading.session(conn, session)
            if row["paid"] > 0:
                raise no.AlreadyTicketed(no=row["ticket"])
