"""What a part of the café brings to the house: events, tables, acts, uses, checks, a tile.

The house gathers features in an explicit tuple; nothing registers itself.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from pos.errors import Refusal
from pos.events import Event
from pos.journal import Envelope
from pos.projections import Projection


# Structs: HQ makes one for nearly every entry of every café.
class Use(msgspec.Struct, frozen=True, gc=False):
    """One service in one visit (services.md B.0.1). `count` is −1 when a use is cancelled."""

    service: str
    visit: str
    count: int = 1
    # A day's total typed at once cannot be grouped by visit.
    aggregated: bool = False


_asked: tuple[Any, frozenset[str]] = (None, frozenset())


def services_sold(sale: Any) -> frozenset[str]:
    """Return the services that lines of a ticket are of. Every part asks it of the same ticket, one after the other."""
    global _asked
    asked = _asked
    if asked[0] is not sale:
        asked = _asked = (sale, frozenset([line.service for line in sale.lines]))
    return asked[1]


def uses_of_lines(sale: Any, *codes: str) -> list[Use]:
    """Return a use of each of these services that a line of the ticket is of."""
    sold = services_sold(sale)
    return [] if sold.isdisjoint(codes) else [Use(code, sale.visit) for code in codes if code in sold]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure HQ follows by café and month without any code of its own (services.md C.3)."""

    code: str
    label: str
    # "count", "cents" (hidden where money is not shared), "metres", "minutes", "thousandths", or "distinct":
    # how many different things (`Figure.of`), each once however often it comes
    # "share": one indicator over another, in basis points; no event tells it
    unit: str = "count"
    # The codes of the part and of the whole, of a share.
    share: tuple[str, str] = ("", "")
    # Kilometres of the café's own motors: taken off the kilometres avoided (`km_net`)
    own_motion: bool = False
    # Told by commune too: a café that travels is not one place.
    by_commune: bool = False


class Figure(msgspec.Struct, frozen=True, gc=False):
    """What an event adds to an indicator on its day."""

    code: str
    amount: int
    # What it is about: an opaque id where the indicator counts different ones, the INSEE code of a commune
    # where it is told by commune.
    of: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sort of things that wait for somebody until a day, followed at HQ by how many are past it."""

    code: str
    label: str
    # It must go back to a partner when its day is over: HQ calls the café (services.md D.3, A12).
    partner: bool = False


class Wait(msgspec.Struct, frozen=True, gc=False):
    """What an event says of one waiting thing; None leaves as it was."""

    code: str
    # Opaque id.
    thing: str
    # Last day it is expected to wait; empty: no day.
    due_on: str | None = None
    here: bool | None = None


# What events say of indicators and of waiting things, by their type.
Tells = Mapping[type[Event], Callable[[Any], Iterable[Figure]]]
Waits = Mapping[type[Event], Callable[[Any], Iterable[Wait]]]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to look at when opening or closing the day: a sentence in French and where to act."""

    text: str
    url: str = ""
    # A grave notice asks before the day is closed; the others only inform.
    grave: bool = False


@dataclass(frozen=True, slots=True)
class ScanHit:
    """What a scanned code is for a feature: where to go, or the product to add."""

    url: str = ""
    product_id: str = ""
    # (store, bill, by=, attempt=) -> what to say: the code changes the bill on the screen at once
    on_bill: Callable[..., str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """A counted service (services.md C.2): its code, French label, perimeter and alternative."""

    code: str
    label: str
    # True: in the 2023 headline (bread, cash, post); False: « périmètre étendu ».
    headline: bool
    # Columns of the facilities file that stand for the nearest alternative.
    alternatives: tuple[str, ...]
    # Name of the CSS colour of the service.
    accent: str = "info"


@dataclass(frozen=True, slots=True)
class Means:
    """A way to pay that a part brings: the account that bears it, and who may use it for what."""

    # Account whose balance falls by what is paid (`pos.till.tables.third_parties`); below 0 it owes the café.
    owner: str
    # (conn, day, tab, amount, ref) -> the reference to record; raises a Refusal.
    check: Callable[[sqlite3.Connection, str, Any, int, str], str]
    # Who was on the bill is not recorded: nobody takes a suspended coffee by name.
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something an entry says that the entries before it do not bear out: a code and what its sentence needs."""

    code: str
    params: Mapping[str, Any]


class Proof(Protocol):
    """Follows the entries in order, without any table, and says what does not agree (`zinc verify`)."""

    kinds: frozenset[str]

    def tell(self, entry: Envelope, event: Any, before: bytes) -> Iterable[Flaw]:
        """Count one entry; yield its flaws."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sale belongs when the café travels: the stop, and the INSEE code of its commune."""

    stop: str
    commune: str


@dataclass(frozen=True)
class Feature:
    """One part of the café. Everything but the slug and title may be empty."""

    slug: str
    title: str
    events: tuple[type[Event], ...] = ()
    projection: Projection | None = None
    # Public acts: `act(store, *, by, attempt="", **parameters)`; named `slug.function`.
    acts: tuple[Callable[..., Any], ...] = ()
    services: tuple[ServiceCode, ...] = ()
    uses: Mapping[type[Event], Callable[[Any], Iterable[Use]]] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    # What events add to the indicators; pure, read at HQ.
    tells: Tells = field(default_factory=dict)
    # Sorts of things that wait for somebody, and what events say of them; pure, read at HQ.
    waiting: tuple[Waiting, ...] = ()
    waits: Waits = field(default_factory=dict)
    # Events that say the public name of a third party: (owner id, name); pure, read at HQ.
    owner_names: Mapping[type[Event], Callable[[Any], tuple[str, str]]] = field(default_factory=dict)
    # Called with (conn, day, tab) inside the transaction that completes a sale; raise a Refusal.
    sale_rules: tuple[Callable[[sqlite3.Connection, str, Any], None], ...] = ()
    # Called with (conn, day, sale, refunded lines, payments given back) before a refund; raise a Refusal.
    refund_rules: tuple[Callable[[sqlite3.Connection, str, Any, Any, Any], None], ...] = ()
    # Ways to pay, by the code recorded in `Payment.means`
    means: Mapping[str, Means] = field(default_factory=dict)
    # (conn, day, tab, product row) -> the price for who is on the bill, or None for the listed one
    price: Callable[[sqlite3.Connection, str, Any, Any], int | None] | None = None
    # (conn, tab) -> the stop a bill belongs to, or None: copied into its sale
    place: Callable[[sqlite3.Connection, Any], Place | None] | None = None
    # (store, refusal, bill, by): a sale was refused and left no trace; what must be counted is recorded apart
    refused: Callable[[Any, Refusal, str, str], None] | None = None
    # (conn, ticket number) -> sentences under the ticket, the same on each duplicate
    receipt: Callable[[sqlite3.Connection, int], list[str]] | None = None
    # (conn, day) -> notices
    day_open_checks: tuple[Callable[[sqlite3.Connection, str], list[Notice]], ...] = ()
    day_close_checks: tuple[Callable[[sqlite3.Connection, str], list[Notice]], ...] = ()
    # (conn, day) -> what is due today, each line one tap from its act (« À faire »)
    todo: tuple[Callable[[sqlite3.Connection, str], list[Notice]], ...] = ()
    # (conn, day) -> short French text under the tile, like "7 sacs"
    badge: Callable[[sqlite3.Connection, str], str] | None = None
    # (conn, day, code) -> hit or None; the first feature that knows the code takes it
    scan: Callable[[sqlite3.Connection, str, str], ScanHit | None] | None = None
    # (conn, day, code) -> what to say of a code that nobody knows, when it looks like one of this part's; its
    # `url` and `act` lead to what can be done with it
    unknown: Callable[[sqlite3.Connection, str, str], Refusal | None] | None = None
    # (conn) -> names of third parties whose money this part holds, by owner id
    owners: Callable[[sqlite3.Connection], Mapping[str, str]] | None = None
    # (conn, day) -> named figures of the day, for day files to compare ("stock", "unsold_cents"…)
    figures: Callable[[sqlite3.Connection, str], dict[str, Any]] | None = None
    icon: str = ""
    # Makes a fresh proof of what this part's entries claim, and the sentences of its flaws by code
    proof: Callable[[], Proof] | None = None
    flaws: Mapping[str, str] = field(default_factory=dict)
    # Where the tile of the counter leads; empty: no tile
    home: str = ""
