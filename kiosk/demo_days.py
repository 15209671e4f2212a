"""Made-up days of a village café, played through the very acts of the screen: always the same for a café.

No figure here is anybody's: customers, baskets and parcels are drawn from a seeded generator.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from kiosk import demo_services, demo_tour
from kiosk.demo_people import somebody
from kiosk.demo_services import LIVES, Life
from kiosk.demo_village import Village
from pos.clock import StoppedClock, business_day, local, to_ms
from pos.demo import DemoCafe
from pos.errors import Refusal
from pos.models import MEMBERS_ONLY, MODELS
from pos.store import Store
from pos.till import cash, close, refund, sell, tables
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH

# What people take by hour: (product, weight).
_MORNING = (
    ("cafe", 30),
    ("allonge", 9),
    ("noisette", 6),
    ("cafe_creme", 8),
    ("croissant", 12),
    ("chocolat_chaud", 4),
    ("tartine_beurre_confiture", 3),
)
_NOON = (
    ("plat_du_jour", 14),
    ("jambon_beurre", 9),
    ("croque_monsieur", 6),
    ("cafe", 16),
    ("ballon_de_rouge", 8),
    ("ballon_de_blanc", 6),
    ("perrier_33_cl", 5),
    ("dessert_du_jour", 6),
)
_EVENING = (
    ("demi_pression", 18),
    ("ballon_de_blanc", 8),
    ("ballon_de_rouge", 9),
    ("kir_cassis", 6),
    ("pastis_2_cl", 8),
    ("diabolo_menthe", 7),
    ("planche_charcuterie", 3),
    ("cafe", 5),
)
_BREAD = (
    ("baguette", 30),
    ("tradition_250_g", 22),
    ("boule_de_campagne", 5),
    ("pain_complet", 3),
    ("pain_au_chocolat", 6),
    ("croissant", 8),
)
_GROCERY = (
    "lait_demi_ecreme_1_l",
    "oeufs_la_boite_de_6",
    "pates_500_g",
    "beurre_doux_250_g",
    "sucre_en_poudre_1_kg",
    "emmental_rape_200_g",
    "bonbons_le_sachet",
    "conserve_de_haricots_verts",
)
# Loaves and pastries a customer takes, one with another.
_BREAD_A_HEAD = 0.55
# Busyness by weekday, Monday first: market day is Saturday.
_WEEK = (0.8, 0.9, 1.0, 0.95, 1.15, 1.35, 0.85)


# What is drawn customer by customer here, and not by a life of its own.
_WOVEN_IN = ("bread", "parcels", "cashback")
# Spirits, which a members' café may not serve.
_NOT_IN_A_CIRCLE = ("pastis_2_cl",)


@dataclass
class Rhythm:
    """What a café's days are drawn from, and what its services remember."""

    cafe: DemoCafe
    dice: random.Random
    village: Village
    lives: list[Life]
    # Pieces of bread left of the day's delivery.
    bread: dict[str, int] = field(default_factory=dict)

    def customers(self, day: date, before_end: int) -> int:
        """Return how many come on a day; `before_end` days before the last one told."""
        busy = self.cafe.customers * _WEEK[day.weekday()] * self.dice.uniform(0.82, 1.18)
        if self.cafe.trouble == "falling" and before_end < 12:
            busy *= 0.58
        return max(4, round(busy))


def play_days(store: Store, clock: StoppedClock, cafe: DemoCafe, first: date, days: int) -> Rhythm:
    """Play `days` business days from `first` on; return what the next ones are drawn from."""
    if cafe.itinerant:
        demo_tour.play_season(store, clock, cafe, first, days)
        return Rhythm(cafe, random.Random(0), Village(store, clock, random.Random(0)), [])
    rhythm = begin(store, clock, cafe)
    for n in range(days):
        day = first + timedelta(days=n)
        left = days - 1 - n
        if day.weekday() == cafe.rest or (cafe.trouble == "silent" and left < 4):
            continue
        play_day(store, clock, rhythm, day, left)
    return rhythm


def begin(store: Store, clock: StoppedClock, cafe: DemoCafe) -> Rhythm:
    """Agree on what each service of the café needs before its first day."""
    dice = random.Random(f"zinc-demo-{cafe.number}")
    # Dice of their own: a service more does not change who buys bread.
    village = Village(store, clock, random.Random(f"zinc-demo-village-{cafe.number}"), busy=cafe.customers / 60)
    village.kept["members_only"] = MODELS[cafe.model].access == MEMBERS_ONLY
    lives = [life for slug, life in LIVES.items() if slug in cafe.services and slug not in _WOVEN_IN]
    if "bread" in cafe.services:
        village.kept["baker"] = demo_services.agree_with_baker(store)
    for life in lives:
        life.begin(village)
    return Rhythm(cafe, dice, village, lives)


def play_day(store: Store, clock: StoppedClock, rhythm: Rhythm, day: date, left: int) -> None:
    """Play one whole day: open, customers by the hour, parcels, close."""
    clock.set(to_ms(f"{day}T06:55:00"))
    with store.reading() as conn:
        float_cents = min(tables.last_left(conn) or 15000, 15000)
    close.open_day(store, float_cents, by="g1")
    _take_parcels_in(store, clock, rhythm, day)
    moments = sorted(_moments(rhythm, day, left))
    if "baker" in rhythm.village.kept:
        wanted = round(len(moments) * _BREAD_A_HEAD)
        rhythm.bread = demo_services.bread_comes(store, rhythm.village.dice, rhythm.village.kept["baker"], wanted)
    # Services take their turns between customers.
    turns = {round((n + 1) * len(moments) / (len(rhythm.lives) + 1)): life for n, life in enumerate(rhythm.lives)}
    for n, at in enumerate(moments):
        if n in turns:
            turns[n].day(rhythm.village)
        clock.set(max(at, clock.now_ms() + 1000))
        _serve(store, rhythm)
    _end_of_day(store, clock, rhythm, day, left)


def serve_until(store: Store, clock: StoppedClock, rhythm: Rhythm, day: date, until: int) -> None:
    """Serve the customers of a day that is open until a moment of it, the late ones of its evening too."""
    evening = [to_ms(f"{day}T19:30:00") + n * 900_000 for n in range(10)]
    for at in sorted([*_moments(rhythm, day, 0), *evening]):
        if clock.now_ms() < at < until:
            clock.set(at)
            _serve(store, rhythm)


def _moments(rhythm: Rhythm, day: date, left: int) -> list[int]:
    """Return when customers come: a morning and a noon wave, fewer at the end of the afternoon."""
    dice, start = rhythm.dice, to_ms(f"{day}T07:05:00")
    hours = [
        dice.triangular(0, 6.3, 1.2) if dice.random() < 0.72 else dice.uniform(9.4, 12.3)
        for _ in range(rhythm.customers(day, left))
    ]
    return [start + int(hour * 3_600_000) for hour in hours]


def _serve(store: Store, rhythm: Rhythm) -> None:
    """Serve one customer: a basket, a payment, now and then a cash-back or a parcel with it."""
    dice = rhythm.dice
    hour = local(store.clock.now_ms()).hour
    circle = bool(rhythm.village.kept["members_only"])
    lines = [line for line in _basket(dice, hour) if not circle or line.product not in _NOT_IN_A_CIRCLE]
    lines = _still_there(rhythm, lines) or [SoldLine(product="cafe")]
    member = somebody(rhythm.village) if circle else ""
    card = dice.random() < 0.46
    cashback = 0
    if card and dice.random() < 0.035 and "cashback" in rhythm.cafe.services:
        cashback = dice.choice((1000, 2000, 2000, 3000))
    payments = [TakenPayment(means=CARD if card else CASH)]
    by = "g1" if dice.random() < 0.7 else "v1"
    try:
        done = sell.sell(store, lines=lines, payments=payments, takeaway=False, cashback=cashback, member=member, by=by)
    except Refusal:
        # A cash-back the drawer or its limits refuse: the customer pays without it.
        done = sell.sell(store, lines=lines, payments=payments, member=member, by=by)
    if done.sale and dice.random() < 0.006:
        refund.refund_sale(store, done.sale.no, reason="mistake", by="g1")
    if rhythm.cafe.parcels and dice.random() < 0.09:
        _hand_parcels_over(store, rhythm, done.sale.visit if done.sale and dice.random() < 0.6 else "")


def _still_there(rhythm: Rhythm, lines: list[SoldLine]) -> list[SoldLine]:
    """Leave out bread that is sold out; count what goes."""
    kept = []
    for line in lines:
        left = rhythm.bread.get(line.product)
        if left is None or left * 1000 >= line.quantity:
            kept.append(line)
            if left is not None:
                rhythm.bread[line.product] = left - line.quantity // 1000
    return kept


def _basket(dice: random.Random, hour: int) -> list[SoldLine]:
    lines: list[SoldLine] = []
    if hour < 13 and dice.random() < 0.42:
        lines += [SoldLine(product=_one_of(dice, _BREAD), quantity=1000 * dice.choice((1, 1, 1, 2, 3)))]
    if not lines or dice.random() < 0.45:
        table = _MORNING if hour < 11 else _NOON if hour < 15 else _EVENING
        wanted = {_one_of(dice, table) for _ in range(dice.choice((1, 1, 2, 2, 3)))}
        lines += [SoldLine(product=product, quantity=1000 * dice.choice((1, 1, 1, 2))) for product in sorted(wanted)]
    if dice.random() < 0.11:
        lines += [SoldLine(product=dice.choice(_GROCERY))]
    return lines


def _one_of(dice: random.Random, table: tuple[tuple[str, int], ...]) -> str:
    return dice.choices([name for name, _weight in table], [weight for _name, weight in table])[0]


def _take_parcels_in(store: Store, clock: StoppedClock, rhythm: Rhythm, day: date) -> None:
    """Take in the driver's parcels of the morning, in real use of the parcels service."""
    if rhythm.cafe.parcels and day.weekday() < 6:
        demo_services.take_in(store, clock, rhythm.dice, rhythm.cafe.parcels)


def _hand_parcels_over(store: Store, rhythm: Rhythm, visit: str) -> None:
    demo_services.hand_over(store, rhythm.dice, visit)


def _end_of_day(store: Store, clock: StoppedClock, rhythm: Rhythm, day: date, left: int) -> None:
    """Count and close, unless this café's trouble is that it does not."""
    dice = rhythm.dice
    clock.set(max(clock.now_ms() + 60_000, to_ms(f"{day}T19:35:00")))
    if rhythm.cafe.parcels:
        demo_services.end_of_day(store, day)
    if "baker" in rhythm.village.kept:
        demo_services.bread_goes_back(store)
    if rhythm.cafe.trouble == "unclosed" and left < 3:
        return
    with store.reading() as conn:
        expected = tables.drawer_expected(conn, business_day(clock.now_ms()))
    if expected > 22000:
        cash.move_cash(store, -(expected - 15000) // 1000 * 1000, "bank_deposit", by="g1")
        with store.reading() as conn:
            expected = tables.drawer_expected(conn, business_day(clock.now_ms()))
    gap = (
        {2: -840, 1: -1210, 0: -600}.get(left, 0)
        if rhythm.cafe.trouble == "gaps"
        else dice.choice((0, 0, 0, 0, -20, 10, -50, 0, 0, 100))
    )
    close.close_day(store, counted=expected + gap, reason="" if not gap else "change", by="g1")
