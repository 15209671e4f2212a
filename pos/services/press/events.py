"""Facts of the press counter and of the games terminals. Quantities are thousandths, amounts cents.

Copies are sold by ordinary tickets (role `press`, owner `presse`); the consignment engine keeps the
depot's account. What is here is what those do not say: issues, recalls, claims, and the games' money.
"""

from pos.events import Event, Part


class TermsSet(Event, frozen=True, kw_only=True):
    """What is agreed with the press depot from a day on; the commission is in the consignment contract."""

    kind = "press.terms_set"
    valid_from: str
    claim_days: int
    in_use: bool = True


class TitleListed(Event, frozen=True, kw_only=True):
    """A product of the menu is a press title: how often it comes out, when an issue is recalled, its code's part."""

    kind = "press.title_listed"
    product: str
    periodicity: str
    recall_days: int
    title_key: str = ""


class Issue(Part, frozen=True, kw_only=True):
    """An issue of a title as delivered: announced by the slip, received, to give back on a day."""

    product: str
    label: str
    issue: str
    announced: int
    received: int
    recall_on: str
    price: int


class DeliveryReceived(Event, frozen=True, kw_only=True):
    """The depot delivered, with its slip; a long slip is several entries under one `delivery`."""

    kind = "press.delivery_received"
    delivery: str
    slip: str
    day: str
    lines: list[Issue]


class DeliveryCorrected(Event, frozen=True, kw_only=True):
    """An issue was counted again: `was` received so far, `received` now."""

    kind = "press.delivery_corrected"
    delivery: str
    product: str
    was: int
    received: int
    day: str


class DiscrepancyClaimed(Event, frozen=True, kw_only=True):
    """What the slip announced and the bundle did not hold (or held too much) was told to the depot."""

    kind = "press.discrepancy_claimed"
    delivery: str
    day: str
    ref: str = ""


class Unsold(Part, frozen=True, kw_only=True):
    """An issue given back: expected on the shelf, counted, missing and charged."""

    delivery: str
    product: str
    label: str
    expected: int
    returned: int
    missing: int
    price: int


class UnsoldReturned(Event, frozen=True, kw_only=True):
    """Recalled copies went back to the depot in a bundle with its slip; missing ones are charged.

    A large bundle is several entries under one `number`, each with its own sums.
    """

    kind = "press.unsold_returned"
    number: int
    slip: str
    day: str
    lines: list[Unsold]
    returned_cents: int
    charged: int


class StatementPaid(Event, frozen=True, kw_only=True):
    """The depot debited a statement; `difference` is its amount less ours and stays on the account."""

    kind = "press.statement_paid"
    number: int
    amount: int
    difference: int
    means: str
    day: str
    ref: str = ""


class LicenceSet(Event, frozen=True, kw_only=True):
    """Whether the café may sell an operator's games (or tobacco) from a day on, and on which terms."""

    kind = "press.licence_set"
    operator: str
    valid_from: str
    licensed: bool
    commission_bp: int = 0
    win_limit: int = 0
    reserve: int = 0


class StakesTaken(Event, frozen=True, kw_only=True):
    """Stakes were taken for an operator; the player was of age."""

    kind = "press.stakes_taken"
    operator: str
    amount: int
    day: str
    adult: bool


class WinPaid(Event, frozen=True, kw_only=True):
    """A win was paid from the drawer; the player was of age."""

    kind = "press.win_paid"
    operator: str
    amount: int
    day: str
    adult: bool
    ref: str = ""


class GamesNoted(Event, frozen=True, kw_only=True):
    """The day's totals of a terminal, as its own report says them; what was not entered yet moved with it."""

    kind = "press.games_noted"
    operator: str
    day: str
    stakes: int
    wins: int
    commission: int


class GamesDebited(Event, frozen=True, kw_only=True):
    """An operator debited what was due for its days: stakes − wins − commission."""

    kind = "press.games_debited"
    operator: str
    number: int
    first: str
    last: str
    stakes: int
    wins: int
    commission: int
    due: int
    amount: int
    day: str
    ref: str = ""


class AgeAsked(Event, frozen=True, kw_only=True):
    """Proof of age was asked for games on a bill: whether it was given, and nothing else."""

    kind = "press.age_asked"
    tab: str
    adult: bool
    day: str


EVENTS: tuple[type[Event], ...] = (
    TermsSet, TitleListed, DeliveryReceived, DeliveryCorrected, DiscrepancyClaimed, UnsoldReturned, StatementPaid,
    LicenceSet, StakesTaken, WinPaid, GamesNoted, GamesDebited, AgeAsked,
)  # fmt: skip
