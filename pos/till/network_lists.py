"""The lists the network sends a café: news, prices, services, distances, a release. Read at both ends of the line."""

from typing import Literal, TypeVar

import msgspec

from pos import zcj
from pos.errors import Refusal
from pos.hq_keys import KeyList
from pos.i18n import N_

# What stands for « no price », « no ceiling ».
NONE = -1


class ListUnreadable(Refusal):
    """A list from the network is not what this release understands."""

    sentence = N_("A list of the network cannot be read by this till.")
    remedy = N_("Nothing changes here; tell your coordinator.")


class News(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement, shown from `first` to `last` (empty: until it is ended)."""

    id: str
    title: str
    words: str
    first: str
    last: str = ""
    urgent: bool = False
    author: str = ""


class NewsList(msgspec.Struct, frozen=True, kw_only=True):
    """Every announcement for a café."""

    news: list[News]
    type: Literal["announce"] = "announce"
    v: Literal[1] = 1


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A price or a ceiling of the network from `first` on; neither: the network says nothing any more."""

    # A barcode, or a product's code.
    ref: str
    first: str
    label: str = ""
    price: int = NONE
    ceiling: int = NONE


class PriceList(msgspec.Struct, frozen=True, kw_only=True):
    """Prices in force and those to come, by reference and day."""

    prices: list[Price]
    type: Literal["prices"] = "prices"
    v: Literal[1] = 1


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    """The counted services that HQ has switched on for this café."""

    services: list[str]
    type: Literal["config"] = "config"
    v: Literal[1] = 1


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer is spared by a service here, from `first` on: the way to the town that has it otherwise."""

    service: str
    first: str
    # One way; −1: from that day on nothing else is known.
    metres: int = NONE
    town: str = ""
    source: str = ""


class TripList(msgspec.Struct, frozen=True, kw_only=True):
    """The distances confirmed for this café, in force and to come."""

    trips: list[Trip]
    type: Literal["alternatives"] = "alternatives"
    v: Literal[1] = 1


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """An article as the network names it, by its barcode."""

    ref: str
    label: str
    # A row of tiles, where the café has it; empty: the café chooses.
    category: str = ""
    vat_class: str = ""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The articles a till proposes when one is scanned for the first time."""

    products: list[Product]
    type: Literal["catalogue"] = "catalogue"
    v: Literal[1] = 1


class Software(msgspec.Struct, frozen=True, kw_only=True):
    """The release the network runs: what to fetch, and how to know that it came whole. It bears its own signature."""

    version: str
    size: int
    sha256: str
    type: Literal["software"] = "software"
    v: Literal[1] = 1


List = NewsList | PriceList | Switches | TripList | Catalogue | Software | KeyList
T = TypeVar("T", bound=List)


def read(text: str | bytes, shape: type[T]) -> T:
    """Return a list; fields of later releases are left aside. Raises ListUnreadable."""
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise ListUnreadable from problem


def write(value: List) -> bytes:
    """Return the canonical bytes of a list."""
    return zcj.encode(value)
