"""Made-up evenings of an itinerant café: a stop in a village, its people, its cups, its Z, its report.

Communes are real, everything else is made up.
"""

import random
from contextlib import suppress
from datetime import date, timedelta

from kiosk import demo_evenings as evenings
from kiosk.demo_village import BY, Village
from pos.clock import StoppedClock, to_ms
from pos.demo import DemoCafe
from pos.engines import hosts
from pos.errors import Refusal
from pos.services.tour import cups
from pos.services.tour import desk as tour
from pos.services.tour.refusals import NotThatManyCups
from pos.store import Store
from pos.till import cash, close, sell, tables
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH

# Code, name, place, kilometres there and back from the shed.
STOPS = (
    ("51358", "Maurupt-le-Montois", "Place de l’Église", 46),
    ("52347", "Narcy", "Place du Lavoir", 52),
    ("51583", "Trois-Fontaines-l’Abbaye", "Cour de l’abbaye", 38),
    ("52534", "Villiers-en-Lieu", "Place de la Mairie", 24),
    ("51144", "Cheminon", "Place du Marché", 40),
    ("52547", "Vouécourt", "Bord de Marne", 118),
)
# Thursday, Friday, Saturday: the evenings somebody waits for it.
EVENINGS = (3, 4, 5)
_DRINKS = (
    ("demi_pression", 30), ("ballon_de_blanc", 10), ("ballon_de_rouge", 9), ("diabolo_menthe", 14), ("cafe", 6),
    ("planche_charcuterie", 5),
)  # fmt: skip


def play_season(store: Store, clock: StoppedClock, cafe: DemoCafe, first: date, days: int) -> None:
    """Play the evenings of a season, one stop each; the last is reported the day after."""
    v = Village(store, clock, random.Random(f"zinc-demo-tour-{cafe.number}"), busy=cafe.customers / 30)
    tour.set_up(store, itinerant=True, cup_price=100, by=BY)
    v.kept["tour"] = tour.plan_tour(store, "Tournée des villages (démo)", by=BY).tour
    fete = hosts.list_association(store, "Comité des fêtes (démo)", by=BY)
    v.kept["host"] = fete.owner
    v.kept["sandwich"] = hosts.sell_for(store, fete.owner, label="Sandwich merguez", price=450, by=BY).product
    evenings.begin_gatherings(v)
    for n in range(days):
        day = first + timedelta(days=n)
        if day.weekday() in EVENINGS:
            play_evening(v, day, n)
    _report(v)


def play_evening(v: Village, day: date, n: int) -> None:
    """Play one evening: the till opened, the stop opened, people served until ten, the Z."""
    v.clock.set(to_ms(f"{day}T17:10:00"))
    _report(v)
    commune, town, place, km = STOPS[n % len(STOPS)]
    planned = tour.plan_stop(
        v.store, on_day=day.isoformat(), commune=commune, town=town, place=place, tour=v.kept["tour"],
        host=v.kept["host"], by=BY,
    )  # fmt: skip
    tour.begin_set_up(v.store, planned.stop, by=BY)
    tour.note_authorisation(v.store, planned.stop, f"2026-{v.number(3)}", by=BY)
    v.clock.set(to_ms(f"{day}T17:40:00"))
    close.open_day(v.store, 20_000, by=BY)
    tour.open_stop(v.store, planned.stop, by=BY)
    _serve(v, day, planned.stop)
    evenings.gatherings_day(v)
    v.clock.set(max(v.clock.now_ms() + 60_000, to_ms(f"{day}T22:05:00")))
    tour.count_total(v.store, planned.stop, round(v.dice.uniform(70, 190)), by=BY)
    with suppress(Refusal):  # a quiet evening leaves the association's money for the next one
        hosts.hand_over(v.store, v.kept["host"], by=BY)
    tour.close_stop(v.store, planned.stop, by=BY)
    with v.store.reading() as conn:
        label = (tables.open_day(conn) or {"day": day.isoformat()})["day"]
        expected = tables.drawer_expected(conn, label)
    if expected > 30_000:
        cash.move_cash(v.store, -(expected - 20_000) // 1000 * 1000, "bank_deposit", by=BY)
        with v.store.reading() as conn:
            expected = tables.drawer_expected(conn, label)
    close.close_day(v.store, counted=expected, by=BY)
    v.kept["to_report"] = (planned.stop, km * 1000)


def _serve(v: Village, day: date, stop: str) -> None:
    """Serve from six to ten; cups go out and most come back; rain sends the stop to the hall now and then."""
    start, guests = to_ms(f"{day}T18:00:00"), round(v.often(24) * v.dice.uniform(0.6, 1.4))
    rain = v.dice.random() < 0.2
    for at in sorted(start + int(v.dice.triangular(0, 3.9, 1.6) * 3_600_000) for _ in range(guests)):
        v.clock.set(max(at, v.clock.now_ms() + 1000))
        products = v.dice.choices([p for p, _w in _DRINKS], [w for _p, w in _DRINKS], k=v.dice.choice((1, 2, 2)))
        products += [v.kept["sandwich"]] if v.dice.random() < 0.4 else []
        lines = [
            SoldLine(product=product, quantity=1000 * v.dice.choice((1, 1, 2))) for product in sorted(set(products))
        ]
        means = CARD if v.dice.random() < 0.45 else CASH
        sell.sell(v.store, lines=lines, payments=[TakenPayment(means=means)], by=BY)
        if v.dice.random() < 0.5:
            cups.lend_cups(v.store, n=v.dice.choice((1, 2, 2, 3)), by=BY)
        if v.dice.random() < 0.35:
            with suppress(NotThatManyCups):
                cups.take_back_cups(v.store, n=v.dice.choice((1, 2, 3)), by=BY)
        if rain and at > start + 5_400_000:
            rain = False
            tour.move_stop(v.store, stop, "rain", "Salle des fêtes", by=BY)


def _report(v: Village) -> None:
    """Report the stop before, now that its Z is made, with the van's kilometres."""
    stop, metres = v.kept.pop("to_report", ("", 0))
    if stop:
        tour.report_stop(v.store, stop, metres=metres, by=BY)
