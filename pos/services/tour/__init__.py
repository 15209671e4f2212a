"""Itinerant café (*café itinérant*): tours of evenings, one village after the other, from a van.

For villages without a café; partners are the host associations that sell on their own account and the
producers whose goods are sold on commission. A use is a person who came to a stop, counted at the door
or typed as a total: attendance only, never kilometres (services.md B.15, C.2).

Every sale carries its stop and the stop's commune (`SaleCompleted.stop`, `.commune`); attendance says
the commune too. The use record itself has no commune: whoever reads uses by commune joins the event.

Where to look: `desk` for stops, `cups` for deposits, `reading` for reports.
"""

import sqlite3
from datetime import date, timedelta

from pos.feature import Feature, Figure, Indicator, Means, Notice, ServiceCode, Use
from pos.i18n import N_, _, ngettext
from pos.services.tour import cups, desk, events, producers, reading, tables
from pos.services.tour.tables import CUPS_MEANS, CUPS_OWNER, OPEN

TOUR, HOME = "tour", "/tour/"
AHEAD_DAYS = 7


def _counted(event: events.EntriesCounted) -> list[Use]:
    return [Use(TOUR, "", event.n, aggregated=True)]


def _attendance(event: events.EntriesCounted) -> list[Figure]:
    return [Figure("stop_attendance", event.n, event.commune)]


def _held(event: events.StopOpened) -> list[Figure]:
    return [Figure("stops_held", 1, event.commune)]


def _driven(event: events.StopReported) -> list[Figure]:
    return [Figure("tour_metres", event.metres, event.commune)] if event.metres else []


def _badge(conn: sqlite3.Connection, day: str) -> str:
    row = tables.open_stop(conn)
    return str(row["town"]) if row is not None else _("no stop open") if tables.itinerant(conn, day) else ""


def _on_opening(conn: sqlite3.Connection, day: str) -> list[Notice]:
    if not tables.itinerant(conn, day) or tables.open_stop(conn) is not None:
        return []
    return [Notice(_("Open the stop once the till is open: nothing is sold before"), HOME)]


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    row = tables.open_stop(conn)
    if row is None:
        return []
    return [
        Notice(
            _("The stop of %(town)s is still open: close it first", town=row["town"]),
            f"{HOME}stop/{row['stop']}",
            grave=True,
        )
    ]


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = [
        Notice(_("%(town)s: stop to open", town=row["town"]), f"{HOME}stop/{row['stop']}")
        for row in reading.today(conn, day) if row["state"] != OPEN
    ]  # fmt: skip
    until = (date.fromisoformat(day[:10]) + timedelta(days=AHEAD_DAYS)).isoformat()
    out += [
        Notice(_("%(town)s: the mayor’s authorisation is missing", town=row["town"]), f"{HOME}stop/{row['stop']}")
        for row in tables.stops(conn, day[:10], until)
        if not row["authorisation"] and row["state"] in (tables.PLANNED, tables.SETTING_UP, OPEN)
    ]
    out += [
        Notice(_("%(town)s: the till waits for its Z", town=row["town"]), "/day/") for row in reading.without_z(conn)
    ]
    out += [
        Notice(_("%(town)s: report of the stop", town=row["town"]), f"{HOME}stop/{row['stop']}")
        for row in reading.to_report(conn)
    ]
    held = tables.cups_held(conn)
    if held and tables.open_stop(conn) is None:
        out.append(
            Notice(
                ngettext(
                    "%(n)s cup not brought back, its deposit waits",
                    "%(n)s cups not brought back, their deposits wait",
                    held,
                ),
                HOME,
            )
        )
    return out


SERVICE = Feature(
    slug="tour",
    title=N_("Tour"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(
        desk.set_up, desk.plan_tour, desk.end_tour, desk.plan_stop, desk.begin_set_up, desk.note_authorisation,
        desk.open_stop, desk.move_stop, desk.close_stop, desk.settle_cups, desk.report_stop, desk.cancel_stop,
        desk.count_entry, desk.count_total, desk.begin_late_sale, cups.lend_cups, cups.take_back_cups, producers.agree,
    ),
    services=(ServiceCode(TOUR, N_("Evenings on tour"), headline=False, alternatives=(), accent="gatherings"),),
    uses={events.EntriesCounted: _counted},
    indicators=(Indicator("stops_held", N_("Stops held"), by_commune=True), Indicator("stop_attendance", N_("People at stops"), by_commune=True),
        Indicator("tour_metres", N_("Own kilometres of the tour"), "metres", own_motion=True, by_commune=True)),
    tells={events.StopOpened: _held, events.EntriesCounted: _attendance, events.StopReported: _driven},
    sale_rules=(desk.needs_a_stop, cups.lines_fit),
    refund_rules=(cups.may_go_back,),
    means={CUPS_MEANS: Means(CUPS_OWNER, cups.no_means)},
    place=desk.place,
    day_open_checks=(_on_opening,),
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    figures=reading.figures,
    icon="truck",
    home=HOME,
)  # fmt: skip
