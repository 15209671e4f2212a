"""How templates speak and count: French, euros, quantities, dates, icons, the message line."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from flask import Flask, g, session, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from kiosk import guard
from kiosk.phrases import Phrasebook
from pos import i18n, screens
from pos.clock import DAY_CUTOFF_HOUR, business_day, local
from pos.i18n import N_, _
from pos.money import NBSP, format_euros, format_quantity
from pos.release import DEMONSTRATION, VERSION

DAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip

MEANS = {
    "cash": N_("Cash"), "card": N_("Card"), "cheque": N_("Cheque"), "meal_voucher": N_("Meal voucher"),
    "voucher": N_("Voucher"), "transfer": N_("Bank transfer"), "prepaid": N_("Prepaid account"), "slate": N_("Slate"),
    "suspended": N_("Suspended coffee"), "bike_deposit": N_("Deposit kept"), "gift": N_("Gift voucher of the café"), "local": N_("Local currency"), "cups": N_("Deposits of cups"), "funder": N_("Claim on a partner"),
}  # fmt: skip

COLOURS = {
    "hot": N_("brown"), "cold": N_("blue"), "beer": N_("gold"), "wine": N_("wine red"), "food": N_("green"), "bread": N_("crust"),
    "grocery": N_("leaf green"), "press": N_("grey"), "cash": N_("dark green"), "parcels": N_("indigo"), "meals": N_("pink"),
    "bikes": N_("teal"),
}  # fmt: skip

_UNIT = re.compile(r"(\d) (cl|l|L|ml|g|kg|cm|mm|m|h|min)\b")

SILENCE: Mapping[str, str] = {"text": "", "remedy": "", "tone": "", "icon": ""}


def install(app: Flask) -> None:
    """Give every template its words and signs; a forgotten variable is an error, never a blank."""
    app.jinja_environment = Phrasebook
    env = app.jinja_env
    env.undefined = StrictUndefined
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(_, _plural, newstyle=True)  # type: ignore[attr-defined]
    env.filters.update(
        euros=format_euros, bare=bare_euros, quantity=format_quantity, time_fr=time_fr, day_fr=day_fr,
        day_short=day_short, day_now=day_now, date_fr=date_fr, date_only=date_only, rate=rate, means=means, tidy=tidy,
    )  # fmt: skip
    env.globals.update(
        french=_,
        idle_seconds=guard.idle_seconds, means=means, colour=colour,
        icon=icon, asset=asset, message=message, attempt=screens.fresh_attempt, machines=_machines,
        version=VERSION, demonstration=DEMONSTRATION, trains=screens.training,
    )  # fmt: skip


def _plural(singular: str, plural: str, n: int) -> str:
    # Jinja fills the parameters itself, so that what a person typed is escaped.
    return i18n._french().ngettext(singular, plural, n)  # noqa: SLF001


@cache
def asset(name: str) -> str:
    """Return the address of a static file, changed with each release so that no old copy is used."""
    return url_for("static", filename=name, v=VERSION)


@cache
def icon(name: str, label: str = "") -> Markup:
    """Return an icon of the sprite; silent for screen readers unless it has a label."""
    href = Markup("{}#{}").format(asset("icons.svg"), name)
    if label:
        return Markup('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>').format(label, href)
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>').format(href)


def message() -> Mapping[str, str]:
    """Return what the message line says: of this request, or carried over a redirection."""
    said: Mapping[str, str] | None = g.get("message")
    carried = session.pop("message", None) if "message" in session else None
    return said or carried or SILENCE


def _machines() -> dict[str, Any]:
    from kiosk.machines import state

    return state()


def bare_euros(cents: int) -> str:
    """Return `1 234,50`, without the sign of the euro."""
    return format_euros(cents).removesuffix(f"{NBSP}€")


def rate(basis_points: int) -> str:
    """Return `5,5 %` for 550."""
    whole, part = divmod(basis_points, 100)
    digits = f"{part:02d}".rstrip("0")
    return f"{whole}{',' + digits if digits else ''}{NBSP}%"


def means(code: str) -> str:
    """Return the name of a means of payment."""
    return _(MEANS.get(code, code))


def colour(accent: str) -> str:
    """Return the name of a row's colour."""
    return _(COLOURS.get(accent, accent))


def time_fr(at_ms: int) -> str:
    """Return `10:42`."""
    return local(at_ms).strftime("%H:%M")


def day_fr(day: str) -> str:
    """Return `vendredi 20 novembre` for `2026-11-20`."""
    moment = date.fromisoformat(day)
    number = _("1st") if moment.day == 1 else str(moment.day)
    return f"{_(DAYS[moment.weekday()])} {number}{NBSP}{_(MONTHS[moment.month - 1])}"


def day_now(day: str) -> str:
    """Return the day in words; after midnight, that the evening's business day still runs (R33)."""
    day, now = day[:10], screens.store().clock.now_ms()
    if day != business_day(now) or local(now).hour >= DAY_CUTOFF_HOUR:
        return day_fr(day)
    return _("day of %(day)s, until %(hour)s at night", day=day_fr(day), hour=f"{DAY_CUTOFF_HOUR}{NBSP}h")


def day_short(day: str) -> str:
    """Return `20/11/2026` for `2026-11-20`."""
    return date.fromisoformat(day).strftime("%d/%m/%Y")


def date_only(at_ms: int) -> str:
    """Return `20/11/2026`."""
    return local(at_ms).strftime("%d/%m/%Y")


def tidy(label: str) -> str:
    """Return a label whose figure stays with its unit: `Cola 33 cl` never ends a line on `33`."""
    return _UNIT.sub(rf"\1{NBSP}\2", label)


def date_fr(at_ms: int) -> str:
    """Return `20/11/2026 à 10:42`."""
    return _("%(day)s at %(time)s", day=local(at_ms).strftime("%d/%m/%Y"), time=time_fr(at_ms))
