"""Gatherings (*animations*): concerts, quizzes, workshops, games, from the idea to looking back.

For the village; partners are associations, schools, ESS actors, funders (several for one gathering: it
counts once). A use is somebody who came, as a total of the evening: attendance only, never kilometres
(services.md B.11, C.2, C.4 rule 7). An association that sells during the evening does so on its own
account (`pos.engines.hosts`): its money is handed over after. Who registered is in the private store alone.
"""

import sqlite3

from pos.feature import Feature, Figure, Indicator, Notice, ServiceCode, Use
from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.services.gatherings import desk, events, reading, tables

GATHERING, HOME = "gathering", "/gatherings/"


def _came(event: events.GatheringHeld) -> list[Use]:
    return [Use(GATHERING, "", event.change, aggregated=True)] if event.change else []


def _badge(conn: sqlite3.Connection, day: str) -> str:
    n = len(reading.today(conn, day))
    return ngettext("%(n)s today", "%(n)s today", n) if n else ""


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = [
        Notice(
            _("Today at %(hour)s: %(title)s", hour=row["begins"], title=row["title"]), f"{HOME}{row['gathering']}/door"
        )
        for row in reading.today(conn, day)
    ]
    out += [
        Notice(_("%(title)s: poster to print", title=row["title"]), f"{HOME}{row['gathering']}")
        for row in reading.to_announce(conn, day)
    ]
    out += _uncounted(conn, day)
    out += [
        Notice(_("%(title)s: music to declare (SACEM)", title=row["title"]), f"{HOME}{row['gathering']}")
        for row in reading.to_declare(conn, day)
    ]
    out += [
        Notice(_("%(name)s: %(amount)s to hand over", name=one.label, amount=format_euros(one.balance)), f"{HOME}money")
        for one in reading.to_hand_over(conn, day)
    ]
    return out


def _uncounted(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [
        Notice(_("%(title)s: how many came?", title=row["title"]), f"{HOME}{row['gathering']}/door")
        for row in reading.uncounted(conn, day)
    ]


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [
        Notice(_("%(title)s: how many came?", title=row["title"]), f"{HOME}{row['gathering']}/door")
        for row in reading.today(conn, day)
    ]


def _held(event: events.GatheringHeld) -> tuple[Figure, ...]:
    return (Figure("gatherings_held", int(not event.again)), Figure("participants", event.change))


def _cancelled(_event: events.GatheringCancelled) -> tuple[Figure, ...]:
    return (Figure("gatherings_cancelled", 1),)


def _hours(event: events.HoursGiven) -> tuple[Figure, ...]:
    return (Figure("volunteer_minutes", event.minutes),)


SERVICE = Feature(
    slug="gatherings",
    title=N_("Gatherings"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(
        desk.note_idea, desk.plan, desk.announce, desk.declare_music, desk.register, desk.drop_registration, desk.mark_came,
        desk.count_entry, desk.undo_entry, desk.hold, desk.cancel, desk.review, desk.give_hours,
    ),
    services=(ServiceCode(GATHERING, N_("Gatherings"), headline=False, alternatives=(), accent="gatherings"),),
    uses={events.GatheringHeld: _came},
    indicators=(
        Indicator("gatherings_held", N_("Gatherings held")), Indicator("participants", N_("Participants")),
        Indicator("gatherings_cancelled", N_("Gatherings cancelled")),
        Indicator("volunteer_minutes", N_("Volunteers’ minutes at gatherings"), "minutes"),
    ),
    tells={events.GatheringHeld: _held, events.GatheringCancelled: _cancelled, events.HoursGiven: _hours},
    day_open_checks=(_uncounted,),
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    figures=reading.figures,
    icon="star",
    home=HOME,
)  # fmt: skip
