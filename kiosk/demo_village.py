"""Made-up days of the services at the counter: post, press and games, relays, through the services' own acts.

The demonstration plays a little of each day; the bench plays a year of more (`busy`).
"""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pos.clock import StoppedClock, business_day
from pos.engines import consignment
from pos.engines import consignment_tables as consigned
from pos.engines.shelf import BACK, CALLED, KEPT, SENT
from pos.errors import Refusal
from pos.services.post import agreement, instances, mail, prices
from pos.services.post import cash as post_cash
from pos.services.post import reading as post
from pos.services.post.prices import OWNER
from pos.services.press import deliveries, games, statements, titles, unsold
from pos.services.press import reading as press
from pos.services.relays import keeping, settings
from pos.services.relays import reading as relays
from pos.store import Store
from pos.till import sell
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH

BY = "g1"
NAMES = ("Mme Démo", "M. Exemple", "Mme Essai", "M. Modèle", "Mme Fictive", "M. Factice", "Mme Témoin", "M. Maquette")


@dataclass
class Village:
    """A café whose days are made up: its file, its time, its dice, how busy, and what its services remember."""

    store: Store
    clock: StoppedClock
    dice: random.Random
    busy: float = 1.0
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The business day it is."""
        return date.fromisoformat(business_day(self.clock.now_ms()))

    def often(self, a_day: float) -> int:
        """Return how many times something that happens `a_day` times a day happens today."""
        wanted = a_day * self.busy
        return int(wanted) + (self.dice.random() < wanted % 1)

    def minutes(self, most: float = 6) -> None:
        """Let some time pass."""
        self.clock.tick(int(self.dice.uniform(0.5, most) * 60_000))

    def number(self, digits: int = 8) -> str:
        """Return a number as on a label or a slip."""
        return str(self.dice.randrange(10 ** (digits - 1), 10**digits))

    def buy(self, *lines: SoldLine, member: str = "") -> None:
        """Sell and be paid."""
        means = CARD if self.dice.random() < 0.4 else CASH
        sell.sell(self.store, lines=lines, payments=[TakenPayment(means=means)], member=member, by=BY)

    def pay(self, tab_id: str, means: str = CASH, ref: str = "") -> None:
        """Pay all that is due on a bill."""
        sell.take_payment(self.store, tab_id, means, ref=ref, by=BY)


# ── post ─────────────────────────────────────────────────────────────────────────────────────


def begin_post(v: Village) -> None:
    """Agree with La Poste."""
    agreement.set_terms(v.store, by=BY)


def post_day(v: Village) -> None:
    """Stamps, letters, notices and withdrawals; the truck in the afternoon; the terminal's slip."""
    agreement.apply_prices(v.store, by=BY)
    with v.store.reading() as conn:
        listed = [row for row in prices.in_force(conn, v.day.isoformat()) if row.price]
    _stamps_came(v, [row.product for row in listed if row.goods])
    _letters(v, [row.product for row in listed if row.goods], [row.product for row in listed if not row.goods])
    for _parcel in range(v.often(0.5)):
        v.minutes()
        instances.keep_instance(
            v.store, sort="registered", name=v.dice.choice(NAMES), place=v.dice.choice(("P1", "P2")), by=BY
        )
    _hand_instances(v)
    for _visit in range(v.often(0.35)):
        v.minutes()
        with suppress(Refusal):  # the drawer keeps its change
            post_cash.pay_out(v.store, v.dice.choice((2000, 3000, 5000)), ref=f"R{v.number(9)}", by=BY)
    _truck(v)


def _stamps_came(v: Village, goods: list[str]) -> None:
    """La Poste fills the drawer of stamps again before it is empty."""
    with v.store.reading() as conn:
        held = consigned.stock(conn, OWNER)
    short = [product for product in goods if held.get(product, consigned.Held()).on_sale < 30_000]
    if short:
        lines = [consignment.Line(product=product, quantity=100_000) for product in short]
        consignment.receive(v.store, OWNER, lines, note_no=f"LP{v.store.tip().seq}", by=BY)


def _letters(v: Village, stamps: list[str], postage: list[str]) -> None:
    """Stamps sold, letters handed in: before the release's price list began there was none."""
    for _visit in range(v.often(1.6) if stamps else 0):
        v.minutes()
        v.buy(SoldLine(product=v.dice.choice(stamps), quantity=1000 * v.dice.choice((1, 1, 2, 4))))
    for _visit in range(v.often(0.9) if postage else 0):
        v.minutes()
        taken = mail.take_deposit(v.store, sort="letter", product=v.dice.choice(postage), by=BY)
        v.pay(taken.tab)


def _hand_instances(v: Village) -> None:
    with v.store.reading() as conn:
        waiting = [thing for thing in post.instances(conn) if thing.here]
    for thing in waiting:
        if v.dice.random() < 0.3:
            v.minutes()
            instances.hand_instance(v.store, thing.thing, proof="id_seen", by=BY)


def _truck(v: Village) -> None:
    """La Poste takes what waits, and the day is compared with its terminal."""
    v.minutes()
    with suppress(Refusal):  # nothing waits
        mail.collect(v.store, by=BY)
    with v.store.reading() as conn:
        moved = post.money(conn, v.day.isoformat())
    if moved.collected or moved.paid_out:
        post_cash.close_balance(v.store, slip_collected=moved.collected, slip_paid_out=moved.paid_out, by=BY)
    if v.day.day == 1:
        with suppress(Refusal):  # nothing is owed
            post_cash.settle(v.store, ref=f"VIR-{v.number(4)}", by=BY)


# ── press and games ──────────────────────────────────────────────────────────────────────────

TITLES = (
    # label, price, periodicity, copies a day
    ("Le Quotidien Démo", 150, "daily", 6), ("Le Courrier Exemple", 130, "daily", 4), ("Le Sport Factice", 240, "daily", 3),
    ("Hebdo Témoin", 490, "weekly", 2), ("Jardins Fictifs", 690, "monthly", 1),
)  # fmt: skip


def begin_press(v: Village) -> None:
    """Agree with the depot and put its titles on the menu; games are licensed."""
    titles.set_depot(v.store, commission_bp=1500, by=BY)
    listed = [
        titles.list_title(v.store, label=label, price=price, periodicity=often, by=BY)
        for label, price, often, _n in TITLES
    ]
    v.kept["titles"] = [title.product for title in listed]
    games.set_licence(v.store, "fdj", commission_bp=500, by=BY)


def press_day(v: Village) -> None:
    """The depot's bundle, readers, stakes, recalled issues given back, statement on Mondays."""
    wanted = [
        deliveries.Copies(product=product, received=1000 * copies)
        for product, (_label, _price, often, copies) in zip(v.kept["titles"], TITLES, strict=True)
        if often == "daily" or (often == "weekly" and v.day.weekday() == 3) or (often == "monthly" and v.day.day == 5)
    ]
    deliveries.receive_delivery(v.store, f"BL{v.number()}", wanted, by=BY)
    for line in wanted:
        for _copy in range(v.dice.randint(line.received // 2000, line.received // 1000)):
            v.minutes(3)
            v.buy(SoldLine(product=line.product))
    for _player in range(v.often(1.5)):
        v.minutes()
        games.take_stakes(v.store, "fdj", v.dice.choice((200, 300, 500, 1000)), adult=True, by=BY)
    with v.store.reading() as conn:
        told = press.game_day(conn, "fdj", v.day.isoformat())
        recalled = press.to_return(conn, v.day.isoformat())
    if told.stakes:
        games.note_games(v.store, "fdj", stakes=told.stakes, wins=told.wins, by=BY)
    if recalled:
        back = [unsold.Counted(delivery=one.delivery, product=one.product, counted=one.left) for one in recalled]
        unsold.return_unsold(v.store, back, by=BY)
    if v.day.weekday() <= 1:
        _depot_monday(v)


def _depot_monday(v: Village) -> None:
    """State and settle the week with the depot and the games' operator."""
    with suppress(Refusal):  # the week was stated on Monday, or nothing moved
        stated = statements.close_statement(v.store, by=BY)
        statements.pay_statement(v.store, stated.number, by=BY)
    with suppress(Refusal):
        games.debit_games(v.store, "fdj", by=BY)


# ── relays ───────────────────────────────────────────────────────────────────────────────────


def begin_relays(v: Village) -> None:
    """Take in for a laundry and a shoemaker, and what neighbours leave."""
    settings.set_relay(
        v.store,
        "laundry",
        sort="laundry",
        label="Pressing Exemple",
        commission_bp=1000,
        provider="Pressing Exemple",
        by=BY,
    )
    settings.set_relay(
        v.store,
        "shoes",
        sort="repair",
        label="Cordonnerie Démo",
        commission_bp=1000,
        provider="Cordonnerie Démo",
        by=BY,
    )
    settings.set_relay(v.store, "left", sort="other", label="Laissé pour quelqu’un", by=BY)


def relays_day(v: Village) -> None:
    """Things left, sent on Tuesdays, back on Fridays, fetched when ready; providers paid once a month."""
    for _thing in range(v.often(0.8)):
        v.minutes()
        relay = v.dice.choice(("laundry", "laundry", "shoes", "left"))
        keeping.leave(v.store, relay, name=v.dice.choice(NAMES), pieces=v.dice.choice((1, 1, 2)), by=BY)
    with v.store.reading() as conn:
        here = relays.waiting(conn)
    for thing in here:
        ready = thing.state in (BACK, CALLED) or (thing.sort == "left" and thing.state == KEPT)
        if thing.state == SENT and v.day.weekday() == 4:
            keeping.take_back(v.store, thing.thing, due=v.dice.choice((650, 900, 1450)), place="C2", by=BY)
        elif ready and v.dice.random() < 0.4:
            v.minutes()
            fetched = keeping.hand_over(v.store, thing.thing, by=BY)
            if fetched.tab:
                v.pay(fetched.tab)
    if v.day.weekday() == 1:
        for relay in ("laundry", "shoes"):
            with suppress(Refusal):
                keeping.send(v.store, relay, by=BY)
    if v.day.day == 28:
        for relay in ("laundry", "shoes"):
            with suppress(Refusal):
                settings.settle_provider(v.store, relay, means="transfer", by=BY)
