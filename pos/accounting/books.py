"""The files of a period made from a café's stored entries: the same on the box and at HQ."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pos.accounting import ereport, files, rules
from pos.accounting.entries import Entry
from pos.accounting.ledger import MONEY, Ledger
from pos.accounting.plan import Plan
from pos.accounting.rules import Rules
from pos.clock import to_ms
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.journal import Envelope
from pos.till.events import DayOpened
from pos.till.spans import YearStarts, first_day, month_of, year_of

FEC, CSV, EREPORT, NOTICE = "fec", "csv", "ereport", "notice"
KINDS = {
    FEC: N_("Entries for import (format of the FEC)"), CSV: N_("Entries for reading (spreadsheet)"),
    EREPORT: N_("Sales to consumers for the platform (flux 10)"), NOTICE: N_("Description of the files, and the accounts"),
}  # fmt: skip


class NotAPeriod(Refusal):
    """A month, a year or a day."""

    sentence = N_("“%(text)s” is not a period.")
    remedy = N_("Type a month like 2026-10, a year like 2026, or a day like 2026-10-31.")


class PeriodOpen(Refusal):
    """A file is final: it is made once the period is closed (R124)."""

    sentence = N_("The period up to %(last)s is not closed yet.")
    remedy = N_("Make the file once its last day is closed: it will never change after.")


class NothingInPeriod(Refusal):
    """No entry in these days."""

    sentence = N_("Nothing was recorded from %(first)s to %(last)s.")
    remedy = N_("Choose another month.")


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over."""

    name: str
    data: bytes
    media: str = "text/plain; charset=utf-8"

    @property
    def sha256(self) -> str:
        """Its fingerprint, as the journal keeps it."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who declares."""

    siret: str
    name: str
    number: int

    @property
    def siren(self) -> str:
        """The first nine digits."""
        return self.siret[:9]


def period(text: str) -> tuple[str, str]:
    """Return the first and last day of `2026`, `2026-10`, `2026-10-31` or `2026-10-01..2026-10-10`; raise NotAPeriod."""
    begin, _dots, end = text.partition("..")
    first, last = _span(begin)[0], _span(end or begin)[1]
    if first > last:
        raise NotAPeriod(text=text[:24])
    return first.isoformat(), last.isoformat()


def _span(text: str) -> tuple[date, date]:
    try:
        parts = [int(part) for part in text.split("-")]
        first = date(*[*parts, 1, 1][:3])
    except (ValueError, TypeError):
        raise NotAPeriod(text=text[:24]) from None
    if len(parts) == 1:
        return first, date(first.year, 12, 31)
    if len(parts) == 2:
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first, first


def year_start(starts: YearStarts, last: str) -> str:
    """Return the first day of the accounting year that `last` is in: entries are numbered from there."""
    return first_day(year_of(month_of(last), starts).first)


def entries_of(
    stored: Iterable[Envelope], plan: Plan, *, year: str, first: str, last: str, names: Mapping[str, str] | None = None
) -> list[Entry]:
    """Return the entries dated in a period, numbered through the accounting year that began on `year`."""
    ledger = Ledger(plan, first=year, names=names)
    for entry in stored:
        event = MONEY.decode(entry.kind, entry.kv, entry.data)
        if isinstance(event, DayOpened) and event.day[:10] > last:
            # Nothing that comes later is of these days: a closed period takes nothing more (R34).
            break
        if event is not None:
            ledger.hear(entry, event)
    return [entry for entry in ledger.entries if first <= entry.date <= last]


def notice(plan: Plan, who: Identity, first: str, last: str) -> File:
    """Return what comes with the entries: their format, and which account each use of money went to (R118)."""
    rows = sorted(plan.in_force(last).values(), key=lambda one: (one.account, one.use))
    lines = [files.description(), "", *(f"{one.account}\t{one.label}\t{one.use}\t{one.source}" for one in rows), ""]
    return File(files.name(who.siren, first, last, "notice.txt"), "\r\n".join(lines).encode())


def accounting_file(what: str, entries: Sequence[Entry], who: Identity, first: str, last: str) -> File:
    """Return the entries of a period as a file; raise NothingInPeriod, Unbalanced."""
    if not entries:
        raise NothingInPeriod(first=files.french_day(first), last=files.french_day(last))
    if what == CSV:
        return File(files.name(who.siren, first, last, "csv"), files.accountant_csv(entries), "text/csv; charset=utf-8")
    return File(files.name(who.siren, first, last, "txt"), files.fec(entries))


def platform_file(stored: Iterable[Envelope], changed: Iterable[Rules], who: Identity, first: str, last: str) -> File:
    """Return the declaration of a period as a file; raise NothingInPeriod."""
    told = ereport.report(stored, first, last, rules.in_force(changed, last))
    if not told.sales:
        raise NothingInPeriod(first=files.french_day(first), last=files.french_day(last))
    number = f"{who.siren}-{who.number:04d}-{first.replace('-', '')}-{last.replace('-', '')}"
    # Dated from its period, so that the same days make the same bytes.
    data = ereport.xml(told, siren=who.siren, name=who.name, number=number, made_at=_noon_after(last))
    return File(
        f"{who.siren or _('café')}_flux10_{first.replace('-', '')}_{last.replace('-', '')}.xml", data, "application/xml"
    )


def _noon_after(last: str) -> int:
    return to_ms(f"{date.fromisoformat(last) + timedelta(days=1)}T12:00:00")
