"""Facts about the menu, who the café is, and who serves; gathered in `pos.till.events`."""

from pos.events import Event


class CategoryListed(Event, frozen=True, kw_only=True):
    """A row of tiles was named or changed."""

    kind = "till.category_listed"
    category: str
    label: str
    accent: str
    icon: str
    position: int


class ProductListed(Event, frozen=True, kw_only=True):
    """A product was put on the menu or changed, with what it was before (R43)."""

    kind = "till.product_listed"
    product: str
    label: str
    category: str
    price: int
    vat_class: str
    ean: str = ""
    favourite: int = 0
    position: int = 0
    unit: str = "piece"
    takeaway: bool = False
    open_price: bool = False
    role: str = "own"
    owner: str = ""
    service: str = ""
    nature: str = "goods"
    min_age: int = 0
    icon: str = ""
    was_price: int = -1
    was_vat_class: str = ""
    # Products that a set menu is made of: its price is shared over theirs (R80).
    components: list[str] = []


class ProductRetired(Event, frozen=True, kw_only=True):
    """A product left the menu."""

    kind = "till.product_retired"
    product: str


class ProductRanOut(Event, frozen=True, kw_only=True):
    """A product is sold out for today, or back."""

    kind = "till.product_ran_out"
    product: str
    out: bool


class CafeDescribed(Event, frozen=True, kw_only=True):
    """Who the café is on its tickets and for the tax office (R43)."""

    kind = "till.cafe_described"
    sign: str
    legal_entity: str
    siret: str
    street: str
    postcode: str
    town: str
    insee: str
    model: str
    regime: str
    valid_from: str
    vat_number: str = ""
    ape: str = ""
    delegated_commune: str = ""
    services: list[str] = []


class ServicesSwitched(Event, frozen=True, kw_only=True):
    """HQ switched counted services on and off for this café, after the village's consultation."""

    kind = "till.services_switched"
    codes: list[str]


class OperatorAdded(Event, frozen=True, kw_only=True):
    """A pseudonymous operator may serve, in a role; the person's name is kept apart (R17)."""

    kind = "till.operator_added"
    op: str
    role: str


class OperatorRemoved(Event, frozen=True, kw_only=True):
    """An operator no longer serves."""

    kind = "till.operator_removed"
    op: str


class PinReset(Event, frozen=True, kw_only=True):
    """The manager gave an operator a new PIN."""

    kind = "till.pin_reset"
    op: str


class SignedIn(Event, frozen=True, kw_only=True):
    """An operator took the counter."""

    kind = "till.signed_in"
    op: str


class SignedOut(Event, frozen=True, kw_only=True):
    """An operator left the counter: the screen was locked (R42)."""

    kind = "till.signed_out"
    op: str


class PinRefused(Event, frozen=True, kw_only=True):
    """Several wrong PINs in a row (R42)."""

    kind = "till.pin_refused"
    op: str
    tries: int
