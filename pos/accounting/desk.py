"""The café's own books: its files for a period, its accounts and rules changed by the manager."""

import sqlite3
from collections.abc import Iterator

from pos import journal
from pos.accounting import books, plan, rules, tables
from pos.accounting.books import EREPORT, NOTICE, File, Identity
from pos.accounting.events import AccountSet, BooksExported, RulesSet
from pos.accounting.files import french_day
from pos.accounting.rules import Rules
from pos.clock import business_day, parse_day
from pos.errors import Refusal
from pos.i18n import N_
from pos.journal import Envelope
from pos.store import Store
from pos.till import period_tables
from pos.till import tables as till
from pos.till.people import need_manager

LABEL_MAX = 60


class BadRules(Refusal):
    """A cadence or a date that does not exist."""

    sentence = N_("These rules cannot be.")
    remedy = N_("Choose a cadence in the list, and a day like 2027-01-01.")


class UnknownUse(Refusal):
    """No money goes by this name."""

    sentence = N_("“%(use)s” is not a line of the chart of accounts.")
    remedy = N_("Change a line of the list.")


def make_file(store: Store, what: str, period: str, *, by: str, attempt: str = "") -> File:
    """Make a file of a closed period and record its fingerprint.

    Raises NotAPeriod, PeriodOpen, NothingInPeriod, BadAccount, Unbalanced, Differs.
    """
    first, last = books.period(period)
    with store.reading() as conn:
        made = _file(store, conn, what, first, last)
    with store.writing(by=by, attempt=attempt) as tx:
        # A fact about files, not about money: a box long asleep may tell it.
        tx.trust_clock()
        tx.record(BooksExported(what=what, first=first, last=last, sha256=made.sha256))
    return made


def _file(store: Store, conn: sqlite3.Connection, what: str, first: str, last: str) -> File:
    today = business_day(store.clock.now_ms())
    opened = conn.execute(
        "SELECT 1 FROM till_day WHERE closed_seq = 0 AND substr(day, 1, 10) <= ? LIMIT 1", (last,)
    ).fetchone()
    if last >= today or opened:
        raise books.PeriodOpen(last=french_day(last))
    changed, who = tables.rules(conn), identity(store, conn, last)
    if what == NOTICE:
        return books.notice(tables.plan(conn), who, first, last)
    if what == EREPORT:
        return books.platform_file(stored(store, conn, first), changed, who, first, last)
    year = books.year_start(period_tables.year_starts(conn), last)
    entries = books.entries_of(
        stored(store, conn, year), tables.plan(conn), year=year, first=first, last=last, names=owners(store, conn)
    )
    return books.accounting_file(what, entries, who, first, last)


def stored(store: Store, conn: sqlite3.Connection, since: str) -> Iterator[Envelope]:
    """Yield stored entries from the last day closed before `since` on: what the drawer held is told by it."""
    journals = store.journals()
    row = conn.execute(
        "SELECT max(opened_seq) FROM till_day WHERE closed_seq > 0 AND substr(day, 1, 10) < ?", (since,)
    ).fetchone()
    # Numbers of several journals do not compare: a restored box reads them whole.
    first = int(row[0] or 0) if len(journals) == 1 else 0
    for opened in journals:
        for entry in journal.entries(conn, opened, first):
            yield journal.read_envelope(entry.body)


def identity(store: Store, conn: sqlite3.Connection, day: str) -> Identity:
    """Return who the café is for the tax office on a day."""
    cafe = till.cafe(conn, day)
    number = store.journal.cafe if store.journal else 0
    return Identity(cafe.siret if cafe else "", cafe.legal_entity if cafe else "", number)


def owners(store: Store, conn: sqlite3.Connection) -> dict[str, str]:
    """Return what third parties are called."""
    return {key: name for f in store.features if f.owners is not None for key, name in f.owners(conn).items()}


def set_account(
    store: Store, use: str, account: str, *, label: str = "", aux: str = "", valid_from: str = "", by: str, attempt: str = ""
) -> AccountSet:  # fmt: skip
    """Send a use of money to another account from a day on (today when left out). The manager only.

    Raises ManagerNeeded, BadAccount, UnknownUse.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        day = _day(valid_from) if valid_from else tx.today
        old = tables.plan(tx.conn).in_force(day).get(use)
        family = use.startswith(("owner.", "used.", "sales.", "means.", "move.", "vat."))
        if old is None and not family:
            raise UnknownUse(use=use[:40])
        event = AccountSet(
            use=use[:40], account=plan.check_account(account, use), valid_from=day, aux=aux.strip()[:17],
            label=" ".join(label.split())[:LABEL_MAX] or (old.label if old else use[:40]),
        )  # fmt: skip
        tx.record(event)
        return event


def set_rules(
    store: Store, *, cadence: str, debits: bool = False, civil_day: bool = True,
    valid_from: str = "", by: str, attempt: str = "",
) -> RulesSet:  # fmt: skip
    """Say how the café declares from a day on. The manager only. Raises ManagerNeeded, BadRules."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        day = _day(valid_from) if valid_from else tx.today
        if cadence not in rules.CADENCES:
            raise BadRules
        event = RulesSet(valid_from=day, cadence=cadence, debits=debits, civil_day=civil_day)
        tx.record(event)
        return event


def rules_now(store: Store, conn: sqlite3.Connection) -> Rules:
    """Return the rules in force today."""
    return rules.in_force(tables.rules(conn), business_day(store.clock.now_ms()))


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise BadRules from None
