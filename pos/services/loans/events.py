"""Facts of the loans: things, who has them by opaque id, boxes of the departmental library. No name, no reader's history by name."""

from pos.events import Event


class ItemListed(Event, frozen=True, kw_only=True):
    """A book, a game, a tool may be lent, or its row was corrected; `box` is the library's box it came in."""

    kind = "loans.item_listed"
    item: str
    number: str
    label: str
    sort: str
    day: str
    # Barcode printed on it, digits or letters; empty: only our own number.
    code: str = ""
    loan_days: int = 21
    box: str = ""


class ItemRetired(Event, frozen=True, kw_only=True):
    """A thing is no longer lent: worn, given away, lost."""

    kind = "loans.item_retired"
    item: str
    day: str
    reason: str


class ItemLent(Event, frozen=True, kw_only=True):
    """A thing was lent to somebody until a day."""

    kind = "loans.item_lent"
    loan: str
    item: str
    person: str
    day: str
    due_on: str
    visit: str
    # "" alone, "tap" when the clerk said « même personne ».
    visit_by: str = ""


class LoanExtended(Event, frozen=True, kw_only=True):
    """Somebody keeps a thing longer."""

    kind = "loans.loan_extended"
    loan: str
    day: str
    due_on: str


class ItemReturned(Event, frozen=True, kw_only=True):
    """A thing came back, late or not; one said to be lost may come back too."""

    kind = "loans.item_returned"
    loan: str
    item: str
    day: str


class ItemLost(Event, frozen=True, kw_only=True):
    """A thing lent will not come back."""

    kind = "loans.item_lost"
    loan: str
    item: str
    day: str


class BoxReceived(Event, frozen=True, kw_only=True):
    """The departmental library left a box of things, to take back on a day."""

    kind = "loans.box_received"
    box: str
    number: int
    day: str
    due_on: str


class BoxReturned(Event, frozen=True, kw_only=True):
    """The library took its box back: so many things, some missing, which stay owed to it."""

    kind = "loans.box_returned"
    box: str
    day: str
    returned: int
    missing: int


EVENTS: tuple[type[Event], ...] = (
    ItemListed, ItemRetired, ItemLent, LoanExtended, ItemReturned, ItemLost, BoxReceived, BoxReturned,
)  # fmt: skip
