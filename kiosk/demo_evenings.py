"""Made-up days of what a village does together: gatherings, computers and help with forms, questions answered."""

from datetime import timedelta
from typing import Any

from kiosk.demo_village import BY, NAMES, Village
from pos.services.digital import desk as digital
from pos.services.gatherings import desk as gatherings
from pos.services.gatherings import reading as calendar
from pos.services.info import desk as info

# Kind, title, hour, partner's tags.
EVENINGS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("games", "Soirée jeux (démo)", "19:00", ()), ("quiz", "Quiz du vendredi (démo)", "19:30", ()),
    ("concert", "Concert au café (démo)", "20:00", ("reseau",)), ("digital", "Atelier numérique (démo)", "14:30", ("departement",)),
    ("cooking", "Soupe partagée (démo)", "18:30", ("commune",)),
)  # fmt: skip
WEEKDAY = 4


def begin_gatherings(v: Village) -> None:
    """Put the first evening on the calendar."""
    _plan_next(v)


def _plan_next(v: Village) -> None:
    """Announce an evening of next week, with its first names on the list."""
    on = v.day + timedelta(days=7 + (WEEKDAY - v.day.weekday()) % 7)
    sort, title, begins, tags = EVENINGS[on.toordinal() // 7 % len(EVENINGS)]
    planned = gatherings.plan(
        v.store, title=title, sort=sort, on_day=on.isoformat(), begins=begins, tags=tags, music=sort == "concert", by=BY
    )
    v.kept["next_evening"] = on.isoformat()
    gatherings.announce(v.store, planned.gathering, by=BY)
    if planned.music:
        gatherings.declare_music(v.store, planned.gathering, by=BY)
    for name in v.dice.sample(NAMES, 3):
        gatherings.register(v.store, planned.gathering, name=name, adults=v.dice.choice((1, 1, 2)), by=BY)


def gatherings_day(v: Village) -> None:
    """An evening a week: people counted at the door, volunteers' hours, a word the day after; the next one is planned."""
    with v.store.reading() as conn:
        tonight: list[Any] = [dict(row) for row in calendar.today(conn, v.day.isoformat())]
    for evening in tonight:
        v.minutes()
        for bracket, most in (("children", 8), ("adults", 24), ("seniors", 14)):
            came = v.dice.randint(1, most)
            gatherings.count_entry(v.store, evening["gathering"], bracket=bracket, n=came, by=BY)
        gatherings.hold(v.store, evening["gathering"], by=BY)
        gatherings.give_hours(v.store, evening["gathering"], people=v.dice.randint(1, 4), minutes=120, by=BY)
        gatherings.review(v.store, evening["gathering"], v.dice.choice((3, 3, 2)), by=BY)
    # A week when the café was closed that evening is a week without; then the calendar goes on.
    if v.day.isoformat() >= v.kept["next_evening"]:
        _plan_next(v)


def begin_digital(v: Village) -> None:
    """Put two computers at people's disposal."""
    digital.set_terms(v.store, by=BY)
    v.kept["posts"] = [digital.list_post(v.store, label=f"Poste {n}", by=BY) for n in (1, 2)]


def digital_day(v: Village) -> None:
    """Somebody sits down, is helped with a form, prints a page."""
    for _person in range(v.often(0.7)):
        opened = digital.start(v.store, v.dice.choice(v.kept["posts"]), cleared=True, by=BY)
        if v.dice.random() < 0.6:
            theme = v.dice.choice(("taxes", "caf", "pension", "vehicle", "doctor", "mail"))
            digital.give_help(v.store, opened.session, theme=theme, minutes=v.dice.choice((5, 10, 20)), by=BY)
        v.clock.tick(v.dice.randint(8, 45) * 60_000)
        ended = digital.stop(v.store, opened.session, prints=v.dice.choice((0, 0, 1, 2, 4)), cleared=True, by=BY)
        if ended.tab:
            v.pay(ended.tab)


def begin_info(v: Village) -> None:
    """Put a leaflet on the stand."""
    info.list_leaflet(v.store, label="Sentiers (démo)", copies=40, low=5, by=BY)


def info_day(v: Village) -> None:
    """People ask their way, a bus, a doctor."""
    for _question in range(v.often(1.2)):
        info.answer(v.store, v.dice.choice(("townhall", "transport", "health", "tourism", "other")), by=BY)
