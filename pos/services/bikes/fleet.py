"""Setting up: rules, prices, the bikes themselves and where they stand."""

import sqlite3

from pos.clock import parse_day
from pos.i18n import N_, _
from pos.ids import new_id
from pos.services.bikes import events as ev
from pos.services.bikes import reading, words
from pos.services.bikes import refusals as no
from pos.services.bikes.tables import AVAILABLE, HIRE, KEPT, LATE, LOST, MAINTENANCE, RENTED, REPAIR, RETIRED, STOLEN
from pos.store import Store, Writing
from pos.till import catalogue
from pos.till.people import need_manager

# The articles of the menu that the money of a hire goes through; all are services at 20 % (B.8, R106).
ARTICLES = {
    HIRE: ("bike_hire", N_("Bike hire")), LATE: ("bike_late", N_("Bike hire: late return")),
    REPAIR: ("bike_repair", N_("Bike repair")), KEPT: ("bike_deposit_kept", N_("Bike deposit kept")),
}  # fmt: skip
DEPOSIT_MAX, PRICE_MAX, GRACE_MAX, MINUTES_MAX = 200_000, 100_000, 240, 60 * 24 * 62
STATES = (AVAILABLE, MAINTENANCE, LOST, STOLEN, RETIRED)
WELCOME_MAX = 500


def set_terms(
    store: Store, *, grace_minutes: int = 15, late_minutes: int = 60, late_price: int = 100, valid_from: str = "", by: str,
    attempt: str = "",
) -> ev.TermsSet:  # fmt: skip
    """Say what a late return costs from a day on (today when left out). Raises ManagerNeeded, NotTerms."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        if not (0 <= grace_minutes <= GRACE_MAX and 15 <= late_minutes <= MINUTES_MAX and 0 <= late_price <= PRICE_MAX):
            raise no.NotTerms(value=f"{grace_minutes} / {late_minutes} / {late_price}")
        put_articles(tx)
        event = ev.TermsSet(
            valid_from=_day(tx, valid_from),
            grace_minutes=grace_minutes,
            late_minutes=late_minutes,
            late_price=late_price,
        )
        tx.record(event)
        return event


def set_price(
    store: Store, rule: str, *, price: int, sort: str = "standard", minutes: int = 0, valid_from: str = "", by: str,
    attempt: str = "",
) -> ev.PriceSet:  # fmt: skip
    """Say what a length costs for a sort of bike from a day on; price 0 no longer offers it.

    Raises ManagerNeeded, NotTerms.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        if rule not in words.RULES or sort not in words.SORTS:
            raise no.NotTerms(value=f"{rule} {sort}"[:40])
        minutes = minutes or words.RULES[rule][1]
        if not (15 <= minutes <= MINUTES_MAX and 0 <= price <= PRICE_MAX):
            raise no.NotTerms(value=f"{minutes} / {price}")
        put_articles(tx)
        event = ev.PriceSet(rule=rule, sort=sort, minutes=minutes, price=price, valid_from=_day(tx, valid_from))
        tx.record(event)
        return event


def _day(tx: Writing, text: str) -> str:
    try:
        return parse_day(text).isoformat() if text else tx.today
    except ValueError:
        raise no.NotTerms(value=text[:12]) from None


def put_articles(tx: Writing) -> None:
    """Put the articles of a hire on the menu when they are not there."""
    for what in ARTICLES:
        article(tx, what)


def article(tx: Writing, what: str) -> sqlite3.Row:
    """Return an article of a hire."""
    product, label = ARTICLES[what]
    return catalogue.open_price_article(tx, product, _(label), category="bikes", icon="bike")


def list_bike(
    store: Store, *, number: int, sort: str = "standard", label: str = "", deposit: int = 0, bike: str = "", by: str,
    attempt: str = "",
) -> str:  # fmt: skip
    """Put a bike in the fleet, or change its card; return its id. Raises ManagerNeeded, NotABike."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        if bike:
            reading.bike(tx.conn, bike)
        taken = [row["bike"] for row in reading.fleet(tx.conn) if row["number"] == number and row["bike"] != bike]
        if not 0 < number <= 999 or taken or sort not in words.SORTS or not 0 <= deposit <= DEPOSIT_MAX:
            raise no.NotABike(value=f"{number} {sort}"[:40])
        bike = bike or new_id(tx.now)
        # A colour or a make, short: never somebody's name, and only what tells two bikes apart.
        tx.record(
            ev.BikeListed(bike=bike, number=number, sort=sort, label=" ".join(label.split())[:24], deposit=deposit)
        )
        return bike


def move_bike(store: Store, bike: str, state: str, *, reason: str = "", by: str, attempt: str = "") -> ev.BikeMoved:
    """Send a bike to maintenance, put it back on the rack, or say it is lost, stolen, given up.

    Raises NoSuchBike, StillOut, NotAKind.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.bike(tx.conn, bike)
        if row["state"] == RENTED:
            raise no.StillOut(number=row["number"])
        if state not in STATES or (reason and reason not in words.DAMAGES):
            raise no.NotAKind(code=(reason or state)[:16])
        event = ev.BikeMoved(bike=bike, state=state, reason=reason, day=tx.today)
        tx.record(event)
        return event


def welcome(store: Store, what: str, *, n: int = 1, by: str, attempt: str = "") -> ev.WelcomeGiven:
    """Count a passing cyclist who used the pump, the tools or the water; −1 takes a tap back. Raises NotAKind."""
    with store.writing(by=by, attempt=attempt) as tx:
        counted = reading.welcomes(tx.conn, tx.today, tx.today).get(what, 0)
        if what not in words.WELCOMES or not 0 <= counted + n <= WELCOME_MAX or n == 0:
            raise no.NotAKind(code=what[:16])
        event = ev.WelcomeGiven(what=what, n=n, day=tx.today)
        tx.record(event)
        return event
