"""A café's books made at HQ from the entries its till sent: the same files as at the café (R119–R131)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from hq import db
from hq.access import User
from hq.acts import note_act
from hq.archives import MoneyNotShared
from hq.register import find_cafe, shares_money
from hq.wiring import Office
from pos.accounting import books
from pos.accounting.books import EREPORT, NOTICE, File, Identity
from pos.accounting.events import AccountSet, RulesSet
from pos.accounting.files import french_day
from pos.accounting.plan import Account, Plan
from pos.accounting.rules import Rules
from pos.clock import business_day
from pos.events import EventTypes
from pos.journal import Envelope
from pos.till.closure_events import AccountingYearSet
from pos.till.events import CafeDescribed
from pos.till.spans import month_of
from sync import books as kept
from sync import ingest

# What a café said of its books and of itself; everything else is read only where it counts.
SAID = EventTypes((AccountSet, RulesSet, AccountingYearSet, CafeDescribed))


@dataclass
class Settings:
    """A café's accounts, rules, accounting years and identity, as its journal says them."""

    accounts: list[Account] = field(default_factory=list)
    rules: list[Rules] = field(default_factory=list)
    starts: list[tuple[str, int]] = field(default_factory=list)
    cafes: list[CafeDescribed] = field(default_factory=list)

    def hear(self, event: Any) -> None:
        """Keep one event."""
        match event:
            case AccountSet():
                self.accounts.append(Account(event.use, event.account, event.label, event.aux, "", event.valid_from))
            case RulesSet():
                self.rules.append(Rules(event.valid_from, event.cadence, event.debits, event.civil_day))
            case AccountingYearSet():
                self.starts.append((month_of(event.valid_from), event.first_month))
            case CafeDescribed():
                self.cafes.append(event)

    def identity(self, day: str, number: int, name: str) -> Identity:
        """Return who the café was for the tax office on a day; the last said of one date stands."""
        before = [one for one in self.cafes if one.valid_from <= day] or self.cafes
        if not before:
            return Identity("", name, number)
        found = max(enumerate(before), key=lambda one: (one[1].valid_from, one[0]))[1]
        return Identity(found.siret, found.legal_entity or name, number)


def make(office: Office, user: User, cafe_id: int, what: str, asked: str) -> File:
    """Return a file of a café's closed period, and note the act.

    Raises NoSuchCafe, MoneyNotShared, NotAPeriod, PeriodOpen, NothingInPeriod, BadAccount, Unbalanced, Differs.
    """
    with office.db.reading() as conn:
        row = find_cafe(conn, cafe_id, user)
        first, last = books.period(asked)
        if not shares_money(row):
            raise MoneyNotShared
        if not _over(conn, cafe_id, last):
            raise books.PeriodOpen(last=french_day(last))
        made = _file(conn, cafe_id, str(row["name"]), what, first, last)
    told = {"what": what, "period": asked, "sha256": made.sha256}
    with office.db.writing() as conn:
        note_act(conn, office.clock.now_ms(), user.username, "books.made", cafe_id, **told)
    return made


def _over(conn: Connection, cafe_id: int, last: str) -> bool:
    """Tell whether HQ holds everything of the days up to `last`: they are closed, and the till wrote since."""
    d = db.rollup_day.c
    unclosed = select(func.count()).where(
        d.cafe_id == cafe_id, d.day <= last, d.opened_at.is_not(None), d.closed_at.is_(None)
    )
    heard = conn.execute(select(db.cafe_health.c.last_entry_at).where(db.cafe_health.c.cafe_id == cafe_id)).scalar()
    return bool(heard) and business_day(heard) > last and not conn.execute(unclosed).scalar()


def _file(conn: Connection, cafe_id: int, name: str, what: str, first: str, last: str) -> File:
    said = Settings()
    for entry in entries(conn, cafe_id):
        event = SAID.decode(entry.kind, entry.kv, entry.data)
        if event is not None:
            said.hear(event)
    who = said.identity(last, cafe_id, name)
    if what == NOTICE:
        return books.notice(Plan(said.accounts), who, first, last)
    if what == EREPORT:
        return books.platform_file(entries(conn, cafe_id), said.rules, who, first, last)
    names = {
        row.owner: row.label for row in conn.execute(select(db.owner_name).where(db.owner_name.c.cafe_id == cafe_id))
    }
    told = books.entries_of(
        entries(conn, cafe_id),
        Plan(said.accounts),
        year=books.year_start(said.starts, last),
        first=first,
        last=last,
        names=names,
    )
    return books.accounting_file(what, told, who, first, last)


def entries(conn: Connection, cafe_id: int) -> Iterator[Envelope]:
    """Yield what HQ tells of a café, journal after journal, in order."""
    for told in conn.execute(
        select(kept.journal).where(kept.journal.c.cafe_id == cafe_id).order_by(kept.journal.c.jn)
    ).all():
        yield from (one.entry for one in ingest.entries_after(conn, told, -1))
