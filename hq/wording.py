"""Numbers, amounts, days and durations as HQ writes them: French, with no-break spaces."""

from datetime import date

from pos.clock import local
from pos.i18n import N_, _, ngettext

THIN, NBSP, MINUS = "\u202f", "\u00a0", "\u2212"

_WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_WEEKDAYS_SHORT = (N_("Mon."), N_("Tue."), N_("Wed."), N_("Thu."), N_("Fri."), N_("Sat."), N_("Sun."))
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("month of May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip
_MONTHS_SHORT = (
    N_("Jan."), N_("Feb."), N_("Mar."), N_("Apr."), N_("May"), N_("Jun."), N_("Jul."), N_("Aug."), N_("Sept."),
    N_("Oct."), N_("Nov."), N_("Dec."),
)  # fmt: skip


def whole(n: int) -> str:
    """Return `12 345`, with a narrow no-break space between thousands."""
    return f"{MINUS if n < 0 else ''}{abs(n):,}".replace(",", THIN)


def counted(singular: str, plural: str, n: int, **params: object) -> str:
    """Return a counted sentence with thousands apart: `1 039 habitants`."""
    return ngettext(singular, plural, n, **params).replace(str(n), whole(n), 1)


def euros(cents: int) -> str:
    """Return whole euros, `2 090 €`."""
    rounded = (abs(cents) + 50) // 100
    return f"{MINUS if cents < 0 and rounded else ''}{rounded:,}".replace(",", THIN) + f"{NBSP}€"


def euros_cents(cents: int, *, signed: bool = False) -> str:
    """Return euros and cents, `186,40 €`; with `signed`, a plus sign too."""
    sign = MINUS if cents < 0 else "+" if signed and cents > 0 else ""
    units, part = divmod(abs(cents), 100)
    return f"{sign}{units:,}".replace(",", THIN) + f",{part:02d}{NBSP}€"


def km(metres: int) -> str:
    """Return whole kilometres, rounded down: `549 934`."""
    return whole(metres // 1000)


def km_tenths(metres: int) -> str:
    """Return kilometres with a decimal, half up: `7,5`."""
    tenths = (abs(metres) + 50) // 100
    return f"{whole(tenths // 10)},{tenths % 10}"


def percent_change(now: int, before: int) -> int:
    """Return by how many per cent `now` differs from `before`."""
    return round((now - before) * 100 / before) if before else 0


def day_long(day: str) -> str:
    """Return `vendredi 20 novembre 2026`."""
    d = date.fromisoformat(day)
    return f"{_(_WEEKDAYS[d.weekday()])} {_ordinal(d.day)} {month(day)} {d.year}"


def day_full(day: str) -> str:
    """Return `20 novembre 2026`."""
    d = date.fromisoformat(day)
    return f"{_ordinal(d.day)} {month(day)} {d.year}"


def day_short(day: str) -> str:
    """Return `ven. 20 nov.`."""
    d = date.fromisoformat(day)
    return f"{_(_WEEKDAYS_SHORT[d.weekday()])} {_ordinal(d.day)} {month_short(day)}"


def day_month(day: str) -> str:
    """Return `20 nov.`."""
    d = date.fromisoformat(day)
    return f"{_ordinal(d.day)} {month_short(day)}"


def weekday(day: str) -> str:
    """Return `vendredi`."""
    return _(_WEEKDAYS[date.fromisoformat(day).weekday()])


def month(day: str) -> str:
    """Return `novembre` for a day or a month."""
    return _(_MONTHS[int(day[5:7]) - 1])


def month_short(day: str) -> str:
    """Return `nov.` for a day or a month."""
    return _(_MONTHS_SHORT[int(day[5:7]) - 1])


def clock_time(at_ms: int) -> str:
    """Return `8 h 40` in Paris."""
    moment = local(at_ms)
    return _("%(hour)s h %(minute)s", hour=moment.hour, minute=f"{moment.minute:02d}")


def moment(at_ms: int) -> str:
    """Return `20 nov. 2026, 8 h 40`."""
    day = local(at_ms).date().isoformat()
    return f"{day_month(day)} {day[:4]}, {clock_time(at_ms)}"


def between(since: int | None, until: int | None) -> str:
    """Return `20 nov. 2026, 8 h 40`, or the two moments between which something lies, as far as known."""
    if since is not None and until is not None:
        if since == until:
            return moment(since)
        return _("between %(since)s and %(until)s", since=moment(since), until=moment(until))
    if until is not None:
        return _("before %(until)s", until=moment(until))
    return _("after %(since)s", since=moment(since)) if since is not None else "–"


def heard_at(at_ms: int, now_ms: int) -> str:
    """Return when something was last heard: the hour when it was today, else the day."""
    then, now = local(at_ms), local(now_ms)
    return clock_time(at_ms) if then.date() == now.date() else day_month(then.date().isoformat())


def days_ago(at_ms: int, now_ms: int) -> str:
    """Return `aujourd’hui`, or `il y a 12 j`."""
    days = (local(now_ms).date() - local(at_ms).date()).days
    return _("today") if days <= 0 else ngettext("%(n)s d ago", "%(n)s d ago", days)


def _ordinal(day: int) -> str:
    return _("1st") if day == 1 else str(day)
