"""Parcels of the demonstration's days: made-up labels, nobody's names, through the service's own acts."""

import random
from datetime import date

from pos.clock import StoppedClock
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


def end_of_day(store: Store, day: date) -> None:
    """Give overdue parcels back to the driver."""
    with store.reading() as conn:
        due = reading.to_return(conn, day.isoformat(), CARRIER)
    if due:
        driver.return_to_driver(store, by="g1", carrier=CARRIER)


def set_up(store: Store) -> None:
    """Agree with the carrier that the demonstration works with."""
    intake.set_carrier(store, by="g1", carrier=CARRIER, pay_handed=35, pay_dropped=20, source="contract")


def morning(store: Store, clock: StoppedClock) -> None:
    """Leave parcels on the shelf for whoever tries the counter."""
    take_in(store, clock, random.Random("zinc-demo-morning"), 9)
