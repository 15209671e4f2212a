"""A sale noted on paper during a power cut, typed afterwards: its bill keeps the declared time beside the recorded one."""

from datetime import date, datetime, time, timedelta

from pos.clock import DAY_CUTOFF_HOUR, PARIS, to_ms
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.store import Store
from pos.till import sell
from pos.till.tab import Tab


class NotThen(Refusal):
    """The declared time is not of this day, or not yet."""

    sentence = N_("“%(hour)s” cannot be when it was sold.")
    remedy = N_("Type an hour of today that is past, like 1210 for ten past twelve.")


def begin_late_sale(store: Store, hour: str, *, by: str, attempt: str = "") -> Tab:
    """Open a bill for a sale noted on paper at `hour` (`HHMM`): the ticket says both times (services.md B.0.7).

    Raises NotThen, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        label = sell.require_day(tx)
        at = _moment(label[:10], hour)
        if not 0 < at <= tx.now:
            raise NotThen(hour=hour[:8])
        tab = sell.new_tab(tx)
        tab.happened_at = at
        tab.label = _("Noted at %(hour)s", hour=f"{hour[:-2].rjust(2, '0')}:{hour[-2:]}")
        sell.keep(tx, tab)
        return tab


def _moment(day: str, hour: str) -> int:
    """Return UTC ms of an hour of a business day; the hours before its end belong to the night after. 0: no hour."""
    digits = hour.rjust(4, "0")
    if not (hour.isdecimal() and 3 <= len(hour) <= 4 and int(digits[:2]) < 24 and int(digits[2:]) < 60):
        return 0
    clock = time(int(digits[:2]), int(digits[2:]))
    on = date.fromisoformat(day) + timedelta(days=int(clock.hour < DAY_CUTOFF_HOUR))
    return to_ms(datetime.combine(on, clock, PARIS).isoformat())
