"""Parcels and bread of the demonstration: made-up labels and names, through the services' own acts.

`LIVES` says how the days of each service are made up; the demonstration plays some of them, the bench all.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from kiosk import demo_evenings as evenings
from kiosk import demo_people as people
from kiosk import demo_shelf as shelf
from kiosk import demo_village as village
from kiosk.demo_village import BY, Village
from pos.clock import StoppedClock, business_day
from pos.errors import Refusal
from pos.services.bread import contracts, day, desk, orders, statements, unclaimed
from pos.services.bread import reading as bread
from pos.services.bread.contracts import Line
from pos.services.parcels import driver, handing, intake
from pos.services.parcels import reading as parcels
from pos.store import Store
from pos.till import sell
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD

CARRIER = "mondial-relay"
NAMES = ("Mme Démo", "M. Exemple", "Mme Essai", "M. Modèle", "Mme Fictive", "M. Factice")
PLACES = tuple(f"{row}{n}" for row in "ABC" for n in range(1, 7))


def take_in(store: Store, clock: StoppedClock, dice: random.Random, usual: int) -> None:
    """Read the driver's parcels label after label, each put on a shelf."""
    n = max(1, round(usual * dice.uniform(0.6, 1.4)))
    intake.open_delivery(store, by="g1", carrier=CARRIER, announced=n)
    for _ in range(n):
        clock.tick(9000)
        intake.receive(
            store, by="g1", code=str(dice.randrange(10_000_000, 99_999_999)), carrier=CARRIER, place=dice.choice(PLACES),
            name=dice.choice(NAMES),
        )  # fmt: skip
    intake.close_delivery(store, by="g1", carrier=CARRIER)


def hand_over(store: Store, dice: random.Random, visit: str) -> None:
    """Hand one waiting parcel over, in the visit of the ticket just paid or alone."""
    with store.reading() as conn:
        waiting = [parcel for parcel in parcels.waiting(conn) if parcel.state == "stored"]
    if waiting:
        handing.hand_over(store, by="g1", parcel=dice.choice(waiting[:12]).parcel_id, visit=visit)


def end_of_day(store: Store, today: date) -> None:
    """Give overdue parcels back to the driver."""
    with store.reading() as conn:
        due = parcels.to_return(conn, today.isoformat(), CARRIER)
    if due:
        driver.return_to_driver(store, by="g1", carrier=CARRIER)


def set_up(store: Store) -> None:
    """Agree with the carrier that the demonstration works with."""
    intake.set_carrier(store, by="g1", carrier=CARRIER, pay_handed=35, pay_dropped=20, source="contract")


BREADS = (("tradition_250_g", 30), ("baguette", 25), ("boule_de_campagne", 8), ("croissant", 30))
# What the baker brings on ordinary days: of a hundred loaves and pastries, how many of each.
SHARES = (
    ("baguette", 40), ("tradition_250_g", 30), ("boule_de_campagne", 7), ("pain_complet", 4), ("pain_au_chocolat", 8),
    ("croissant", 11),
)  # fmt: skip
ORDERS = (
    ("Mme Fictive", (("tradition_250_g", 2),)), ("M. Factice", (("tradition_250_g", 1), ("croissant", 4))),
    ("Mme Exemple", (("baguette", 1), ("boule_de_campagne", 1))), ("M. Modèle", (("croissant", 6),)),
    ("Mme Essai", (("boule_de_campagne", 1),)), ("M. Témoin", (("tradition_250_g", 1),)),
    ("Famille Démo", (("baguette", 3), ("croissant", 5))),
)  # fmt: skip


def agree_with_baker(store: Store) -> str:
    """Enter a made-up baker with terms and articles; return who it is."""
    baker = contracts.list_baker(store, name="Fournil Exemple (démo)", by="g1").baker
    contracts.set_contract(store, baker, mode="own", cut_off="23:30", release="23:45", by="g1")
    for article, _share in SHARES:
        contracts.set_article(store, baker, article, by="g1")
    return baker


def bread_comes(store: Store, dice: random.Random, baker: str, wanted: int) -> dict[str, int]:
    """Receive about `wanted` loaves and pastries; return the pieces of each. A month that is over is stated first."""
    today = business_day(store.clock.now_ms())
    with store.reading() as conn:
        told = bread.statements(conn, baker)
    before = date.fromisoformat(today).replace(day=1) - timedelta(days=1)
    if not told or told[0]["last"] < before.isoformat():
        with suppress(Refusal):  # nothing of that month, or a day of it that nobody counted
            statement = statements.close_statement(store, baker, to_day=before.isoformat(), by=BY)
            statements.pay_statement(store, baker, statement.number, means="transfer", by=BY)
    pieces = {article: max(2, round(wanted * share / 100 * dice.uniform(0.9, 1.3))) for article, share in SHARES}
    came = [day.Came(article=article, counted=n * 1000) for article, n in pieces.items()]
    day.receive_delivery(store, baker, came, note_no=today, by=BY)
    return pieces


def bread_goes_back(store: Store) -> None:
    """Count what is left of the day's bread back to the baker."""
    with suppress(Refusal):  # all of it was sold
        day.settle_unsold(store, "returned", by=BY)


def evening_before(store: Store) -> None:
    """Take tomorrow's orders with a made-up baker, agreed with by now, so that the morning has bags."""
    with store.reading() as conn:
        known = bread.bakers(conn)
    if not known:
        agree_with_baker(store)
    tomorrow = business_day(store.clock.now_ms() + 24 * 3_600_000)
    for name, lines in ORDERS:
        orders.place_order(
            store, [Line(article=a, quantity=n * 1000) for a, n in lines], for_day=tomorrow, name=name, by="g1"
        )


def morning(store: Store, clock: StoppedClock) -> None:
    """Leave bags of bread and parcels waiting for whoever tries the counter."""
    clock.tick(300_000)
    came = [day.Came(article=article, counted=n * 1000) for article, n in BREADS]
    day.receive_delivery(store, "b1", came, note_no="DEMO-1", by="g1")
    desk.set_aside(store, by="g1")
    take_in(store, clock, random.Random("zinc-demo-morning"), 9)


# ── a life of days ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Life:
    """How a service's days are made up: what is agreed at first, then what happens on each day."""

    begin: Callable[[Village], None]
    day: Callable[[Village], None]


def begin_bread(v: Village) -> None:
    """Agree with a made-up baker."""
    v.kept["baker"] = agree_with_baker(v.store)


def bread_day(v: Village) -> None:
    """The delivery, bags ordered the day before, loaves sold, what is left goes back; orders for tomorrow."""
    with suppress(Refusal):  # every bag of yesterday was fetched
        unclaimed.release_orders(v.store, by=BY)
    today, tomorrow = v.day.isoformat(), (v.day + timedelta(days=1)).isoformat()
    came = [day.Came(article=article, counted=n * 1000) for article, n in BREADS]
    day.receive_delivery(v.store, v.kept["baker"], came, note_no=v.number(), by=BY)
    with v.store.reading() as conn:
        bags = [row["order_id"] for row in bread.orders(conn, today)]
    if bags:
        desk.set_aside(v.store, by=BY)
    for bag in bags:
        v.minutes(3)
        if v.dice.random() < 0.97:
            v.pay(desk.bill_order(v.store, bag, "", by=BY).tab_id)
    for _loaf in range(v.often(5)):
        v.minutes(3)
        v.buy(SoldLine(product=v.dice.choice(BREADS)[0]))
    with suppress(Refusal):  # all of it was sold
        day.settle_unsold(v.store, "returned", by=BY)
    for name, lines in v.dice.sample(ORDERS, min(len(ORDERS), v.often(3))):
        orders.place_order(
            v.store, [Line(article=a, quantity=n * 1000) for a, n in lines], for_day=tomorrow, name=name, by=BY
        )


def begin_parcels(v: Village) -> None:
    """Agree with a carrier."""
    set_up(v.store)


def parcels_day(v: Village) -> None:
    """The driver's parcels, most of them fetched within days; overdue ones leave with him."""
    take_in(v.store, v.clock, v.dice, v.often(4))
    with v.store.reading() as conn:
        here = sum(parcel.state == "stored" for parcel in parcels.waiting(conn))
    for _customer in range(max(0, here - v.often(12))):
        v.minutes(3)
        hand_over(v.store, v.dice, "")
    end_of_day(v.store, v.day)


def nothing(v: Village) -> None:
    """Agree on nothing."""


def cashback_day(v: Village) -> None:
    """Some ask for cash with their card."""
    for _customer in range(v.often(0.8)):
        v.minutes()
        with suppress(Refusal):  # the drawer keeps its change
            lines = [SoldLine(product="baguette"), SoldLine(product="plat_du_jour")]
            sell.sell(
                v.store,
                lines=lines,
                payments=[TakenPayment(means=CARD)],
                cashback=v.dice.choice((1000, 2000, 3000)),
                by=BY,
            )


# By slug, in the order of a day: what brings cash comes before what takes it.
LIVES: dict[str, Life] = {
    "bread": Life(begin_bread, bread_day), "press": Life(village.begin_press, village.press_day),
    "parcels": Life(begin_parcels, parcels_day), "members": Life(people.begin_members, people.members_day),
    "accounts": Life(people.begin_accounts, people.accounts_day), "bikes": Life(people.begin_bikes, people.bikes_day),
    "post": Life(village.begin_post, village.post_day), "cashback": Life(nothing, cashback_day),
    "meals": Life(people.begin_meals, people.meals_day), "relays": Life(village.begin_relays, village.relays_day),
    "gatherings": Life(evenings.begin_gatherings, evenings.gatherings_day), "digital": Life(evenings.begin_digital, evenings.digital_day),
    "info": Life(evenings.begin_info, evenings.info_day), "grocery": Life(shelf.begin_grocery, shelf.grocery_day),
    "loans": Life(shelf.begin_loans, shelf.loans_day), "tour": Life(people.begin_tour, people.tour_day),
}  # fmt: skip
