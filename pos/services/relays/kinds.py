"""What a café takes in for others: each relay it chose, its sort, its share, how long things wait."""

import sqlite3
from dataclasses import dataclass

from pos.i18n import N_
from pos.services.relays.tables import LAUNDRY, RELAY

Conn = sqlite3.Connection

REPAIR, PHOTO, KEYS, BASKETS, OTHER = "repair", "photo", "keys", "baskets", "other"
CLOTHES = "laundry"
# Things that leave for a provider's workshop and come back.
WORK = (CLOTHES, REPAIR, PHOTO)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of relay: its name, the letter of its numbers, its sign, how many days things wait unless told."""

    code: str
    label: str
    prefix: str
    icon: str
    hold_days: int


SORTS = {
    sort.code: sort
    for sort in (
        Sort(CLOTHES, N_("Laundry, pressing"), "N", "bag", 60),
        Sort(REPAIR, N_("Cobbler, repairs"), "R", "gear", 90),
        Sort(PHOTO, N_("Photos"), "F", "paper", 90),
        Sort(KEYS, N_("Keys of houses"), "C", "lock", 730),
        Sort(BASKETS, N_("Baskets of producers"), "A", "basket", 1),
        Sort(OTHER, N_("Left for somebody"), "D", "shelf", 30),
    )
}
HOLD_MAX, SHARE_MAX = 1_095, 5_000

_IN_FORCE = """SELECT relay, valid_from, sort, label, commission_bp, hold_days, in_use FROM relay_kind AS k
WHERE valid_from <= ? AND NOT EXISTS (SELECT 1 FROM relay_kind AS later WHERE later.relay = k.relay
  AND later.valid_from <= ? AND (later.valid_from, later.seq) > (k.valid_from, k.seq)) ORDER BY label"""


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay as it stands on a day."""

    relay: str
    valid_from: str
    sort: str
    label: str
    commission_bp: int
    hold_days: int
    in_use: bool

    @property
    def owner(self) -> str:
        """The provider's account."""
        return f"relay:{self.relay}"

    @property
    def product(self) -> str:
        """The product of the menu that stands for its money on a bill."""
        return f"relay_{self.relay}"

    @property
    def service(self) -> str:
        """The counted service."""
        return LAUNDRY if self.sort == CLOTHES else RELAY

    @property
    def works(self) -> bool:
        """Whether things leave for a workshop and come back."""
        return self.sort in WORK

    @property
    def form(self) -> Sort:
        """What is known of its sort."""
        return SORTS[self.sort]


def every(conn: Conn, day: str) -> list[Relay]:
    """Return every relay ever chosen, as it stands on `day`."""
    rows = conn.execute(_IN_FORCE, (day[:10], day[:10]))
    return [Relay(**{**dict(row), "in_use": bool(row["in_use"])}) for row in rows]


def offered(conn: Conn, day: str) -> list[Relay]:
    """Return the relays in use on `day`."""
    return [relay for relay in every(conn, day) if relay.in_use]


def one(conn: Conn, relay: str, day: str) -> Relay | None:
    """Return a relay as it stands on `day`."""
    return next((found for found in every(conn, day) if found.relay == relay), None)
