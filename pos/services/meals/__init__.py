"""Meals: elders' meals carried to their homes or eaten at the café, paid by themselves or offered by a partner.

For isolated seniors and whoever cannot cook; the partners are those who pay for offered meals (KLESIA,
the commune, the CCAS), each with a quota a month. One use is one meal: `meal_offered` when a partner pays
it and it was delivered or served, `meal_delivered` when the person pays and it was carried home; a paid
lunch at the café is an ordinary sale. Both count without kilometres in the headline (services.md B.7, C.2);
the round's own kilometres (`RoundClosed.metres`) are against them.

Where to look: `people`, `orders`, `rounds`, `funding` are the acts (`desk` lists them), `rules` what must
hold (cut-off, temperatures, two hours, quota), `tables` what the journal tells, `reading` what is asked.
Names, diets and allergies are in the private store alone: no event, no figure holds them.
"""

import sqlite3
from datetime import date, timedelta

from pos.feature import Feature, Figure, Indicator, Notice, ScanHit, ServiceCode, Use
from pos.i18n import N_, _, ngettext
from pos.services.meals import desk, events, funding, reading, schema, slips, tables, words
from pos.services.meals.schema import DELIVERED_USE, HOME, OFFERED, OUT, PLANNED, PREPARED

HOME_URL = "/meals"


def _delivered(e: events.MealDelivered) -> list[Use]:
    return [Use(OFFERED if e.offered else DELIVERED_USE, e.meal)]


def _served(e: events.MealServed) -> list[Use]:
    return [Use(OFFERED, e.meal)] if e.offered else []


def _undone(e: events.MealUndone) -> list[Use]:
    return [Use(e.cancels, e.meal, -1)] if e.cancels else []


def _badge(conn: sqlite3.Connection, day: str) -> str:
    n = len(reading.of_day(conn, day))
    return ngettext("%(n)s meal", "%(n)s meals", n) if n else ""


def _calls(conn: sqlite3.Connection) -> list[Notice]:
    waiting = reading.to_call(conn)
    said = ngettext("Nobody opened: call the contact", "Nobody opened: call %(n)s contacts", len(waiting))
    return [Notice(said, f"{HOME_URL}/meal/{waiting[0]['meal']}", grave=True)] if waiting else []


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = _calls(conn)
    today = reading.of_day(conn, day)
    cook, under_way = (sum(1 for row in today if row["state"] == state) for state in (PLANNED, OUT))
    if cook:
        out.append(Notice(ngettext("%(n)s meal to prepare", "%(n)s meals to prepare", cook), f"{HOME_URL}/kitchen"))
    if under_way:
        out.append(Notice(ngettext("%(n)s meal on its way", "%(n)s meals on their way", under_way), HOME_URL))
    carry = sum(1 for row in today if row["state"] == PREPARED and row["place"] == HOME)
    if carry:
        out.append(
            Notice(
                ngettext("%(n)s meal waits for the round", "%(n)s meals wait for the round", carry), f"{HOME_URL}/leave"
            )
        )
    tomorrow = (date.fromisoformat(day[:10]) + timedelta(days=1)).isoformat()
    due = len(reading.due(conn, tomorrow))
    if due and not reading.is_closed(conn, tomorrow):
        out.append(
            Notice(
                ngettext("Tomorrow: close the orders, %(n)s meal", "Tomorrow: close the orders, %(n)s meals", due),
                f"{HOME_URL}/plan?day={tomorrow}",
            )
        )
    return [*out, *_unfunded(conn, tomorrow), *_claims(conn, day)]


def _unfunded(conn: sqlite3.Connection, day: str) -> list[Notice]:
    """Subscribers left without a meal when the orders were closed: their funder's month is full."""
    n = len(reading.due(conn, day)) if reading.is_closed(conn, day) else 0
    said = ngettext(
        "%(n)s person without a funder: choose another one", "%(n)s persons without a funder: choose another one", n
    )
    return [Notice(said, f"{HOME_URL}/plan?day={day}")] if n else []


def _claims(conn: sqlite3.Connection, day: str) -> list[Notice]:
    """Meals of the month before that nobody claimed."""
    before = (date.fromisoformat(f"{day[:7]}-01") - timedelta(days=1)).isoformat()[:7]
    ready = [one for one in reading.funder_months(conn, before) if one.to_claim]
    return [
        Notice(
            _("Claim %(month)s from %(funder)s", month=words.month(before), funder=one.label),
            f"{HOME_URL}/month/{before}",
        )
        for one in ready
    ]


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out, left = _calls(conn), reading.left_open(conn, day)
    if left:
        said = ngettext(
            "%(n)s meal is not settled: delivered, served or destroyed?",
            "%(n)s meals are not settled: delivered, served or destroyed?",
            len(left),
        )
        out.append(Notice(said, f"{HOME_URL}?day={left[0]['for_day']}"))
    if reading.open_rounds(conn):
        out.append(Notice(_("A round has no kilometres yet"), HOME_URL))
    return out


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find the round of a sheet (`ZT-12`)."""
    number = code.strip().upper().removeprefix(slips.CODE_PREFIX)
    if number == code.strip().upper() or reading.round_row(conn, number) is None:
        return None
    return ScanHit(url=f"{HOME_URL}/round/{number}")


def _driven(event: events.RoundClosed) -> tuple[Figure, ...]:
    return (Figure("round_metres", event.metres),)


def _claimed(event: events.MonthClaimed) -> tuple[Figure, ...]:
    return (Figure("meals_claimed", event.amount),)


SERVICE = Feature(
    slug="meals",
    title=N_("Meals"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(
        ServiceCode(OFFERED, N_("Meals offered"), headline=False, alternatives=("restaurant",), accent="meals"),
        ServiceCode(DELIVERED_USE, N_("Meals delivered"), headline=False, alternatives=("restaurant",), accent="meals"),
    ),
    uses={events.MealDelivered: _delivered, events.MealServed: _served, events.MealUndone: _undone},
    indicators=(
        Indicator("round_metres", N_("Own kilometres of meal rounds"), "metres", own_motion=True), Indicator("meals_claimed", N_("Meals claimed from funders"), "cents"),
    ),
    owner_names={events.FunderSet: lambda said: (f"{schema.OWNER}{said.funder}", said.label)},
    tells={events.RoundClosed: _driven, events.MonthClaimed: _claimed},
    sale_rules=(funding.meals_are_due,),
    refund_rules=(funding.claim_goes_back_whole,),
    day_open_checks=(_todo,),
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=reading.figures,
    icon="plate",
    home=HOME_URL,
)  # fmt: skip
