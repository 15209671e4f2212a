"""Parcels and bread of the demonstration: made-up labels and names, through the services' own acts."""

import random
from datetime import date

from pos.clock import StoppedClock, business_day
from pos.services.bread import contracts, day, desk, orders
from pos.services.bread.contracts import Line
from pos.services.parcels import driver, handing, intake, reading
from pos.store import Store

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
        waiting = [parcel for parcel in reading.waiting(conn) if parcel.state == "stored"]
    if waiting:
        handing.hand_over(store, by="g1", parcel=dice.choice(waiting[:12]).parcel_id, visit=visit)


def end_of_day(store: Store, today: date) -> None:
    """Give overdue parcels back to the driver."""
    with store.reading() as conn:
        due = reading.to_return(conn, today.isoformat(), CARRIER)
    if due:
        driver.return_to_driver(store, by="g1", carrier=CARRIER)


def set_up(store: Store) -> None:
    """Agree with the carrier that the demonstration works with."""
    intake.set_carrier(store, by="g1", carrier=CARRIER, pay_handed=35, pay_dropped=20, source="contract")


BREADS = (("tradition_250_g", 30), ("baguette", 25), ("boule_de_campagne", 8), ("croissant", 30))
ORDERS = (
    ("Mme Fictive", (("tradition_250_g", 2),)), ("M. Factice", (("tradition_250_g", 1), ("croissant", 4))),
    ("Mme Exemple", (("baguette", 1), ("boule_de_campagne", 1))), ("M. Modèle", (("croissant", 6),)),
    ("Mme Essai", (("boule_de_campagne", 1),)), ("M. Témoin", (("tradition_250_g", 1),)),
    ("Famille Démo", (("baguette", 3), ("croissant", 5))),
)  # fmt: skip


def evening_before(store: Store) -> None:
    """Agree with a made-up baker and take tomorrow's orders, so that the morning has bags."""
    baker = contracts.list_baker(store, name="Fournil Exemple (démo)", by="g1").baker
    contracts.set_contract(store, baker, mode="own", cut_off="23:30", release="23:45", by="g1")
    for article, _n in BREADS:
        contracts.set_article(store, baker, article, by="g1")
    tomorrow = business_day(store.clock.now_ms() + 24 * 3_600_000)
    for name, lines in ORDERS:
        orders.place_order(store, [Line(article=a, quantity=n * 1000) for a, n in lines], for_day=tomorrow, name=name, by="g1")


def morning(store: Store, clock: StoppedClock) -> None:
    """Leave bags of bread and parcels waiting for whoever tries the counter."""
    clock.tick(300_000)
    came = [day.Came(article=article, counted=n * 1000) for article, n in BREADS]
    day.receive_delivery(store, "b1", came, note_no="DEMO-1", by="g1")
    desk.set_aside(store, by="g1")
    take_in(store, clock, random.Random("zinc-demo-morning"), 9)
