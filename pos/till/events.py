"""Facts of the till: what was sold, paid, refunded, counted, closed; what is on the menu; who serves.

Amounts are cents, quantities thousandths, rates basis points, times UTC ms. Words and amounts are
in the event as they were said to the customer, so that an entry reads alone for ever (R9).
"""

from pos.events import Event, Part
from pos.till.custody_events import CommissionKept, ThirdPartyMoved, ThirdPartySettled
from pos.till.menu_events import (
    CafeDescribed,
    CategoryListed,
    OperatorAdded,
    OperatorRemoved,
    PinRefused,
    PinReset,
    ProductListed,
    ProductRanOut,
    ProductRetired,
    ServicesSwitched,
    SignedIn,
    SignedOut,
)  # fmt: skip

__all__ = [
    "CafeDescribed",
    "CategoryListed",
    "CommissionKept",
    "OperatorAdded",
    "OperatorRemoved",
    "PinRefused",
    "PinReset",
    "ProductListed",
    "ProductRanOut",
    "ProductRetired",
    "ServicesSwitched",
    "SignedIn",
    "SignedOut",
    "ThirdPartyMoved",
    "ThirdPartySettled",
]  # fmt: skip


class SaleLine(Part, frozen=True, kw_only=True):
    """One line as sold: label, quantity, TTC and HT, rate or off-turnover code."""

    product: str
    label: str
    quantity: int
    unit_price: int
    gross: int
    net: int
    vat: int = 0
    vat_code: str = ""
    takeaway: bool = False
    nature: str = "goods"
    family: str = ""
    discount: int = 0
    # Counted service this line is a use of (bread, press…); empty: none.
    service: str = ""
    # Third party whose money this is; empty: own turnover.
    owner: str = ""
    # What the line settles elsewhere, like `bread.order:<id>`.
    ref: str = ""
    # Given free (R18): why, and what it would have cost.
    offered: str = ""
    normal_price: int = 0
    # `kg` or `ml` of what is weighed or poured; empty: pieces.
    unit: str = ""
    # Set menu this is a part of, and what the part costs alone: the key its price was shared by (R80).
    menu: str = ""
    alone: int = 0


class VatPart(Part, frozen=True, kw_only=True):
    """One rate of a ticket or a day: TTC and HT."""

    bp: int
    gross: int
    net: int


class OffPart(Part, frozen=True, kw_only=True):
    """Money that is not turnover: for whom, how much (R81, R92)."""

    code: str
    owner: str
    amount: int


class Payment(Part, frozen=True, kw_only=True):
    """One part of what was paid. `amount` settles the bill; cash also says what was given and given back."""

    means: str
    amount: int
    given: int = 0
    change: int = 0
    # Card payment id, cheque or voucher reference: never a card number.
    ref: str = ""
    # Taken while the bill was still open, and recorded then (PaymentTaken).
    before: bool = False
    # Account that bears this part (prepaid, slate, fund…): what the café owes there falls by `amount`.
    owner: str = ""


class SaleCompleted(Event, frozen=True, kw_only=True):
    """A bill was paid in full."""

    kind = "till.sale_completed"
    no: int
    day: str
    tab: str
    visit: str
    lines: list[SaleLine]
    payments: list[Payment]
    total: int
    turnover: int
    regime: str
    sw: str
    siret: str = ""
    vat: list[VatPart] = []
    off: list[OffPart] = []
    # Cash handed over with a card payment: on the card, out of turnover (R96).
    cashback: int = 0
    cashback_asked_at: int = 0
    # How the visit was joined to another act: "" alone, "tap" when the clerk said « même client ».
    visit_by: str = ""
    # Declared time of a sale noted on paper during a power cut.
    happened_at: int = 0
    # Opaque id of the member whose bill it was; empty when anybody's, or when a part was paid anonymously.
    member: str = ""
    # The stop of an itinerant café and the INSEE code of its commune, wherever and whenever it was typed.
    stop: str = ""
    commune: str = ""


class SaleRefunded(Event, frozen=True, kw_only=True):
    """All or part of a paid sale was given back: a new fact, amounts negative (R48, R49)."""

    kind = "till.sale_refunded"
    no: int
    day: str
    original: int
    original_seq: int
    reason: str
    visit: str
    lines: list[SaleLine]
    # Places of `lines` in the original ticket.
    places: list[int]
    payments: list[Payment]
    total: int
    turnover: int
    regime: str
    sw: str
    siret: str = ""
    vat: list[VatPart] = []
    off: list[OffPart] = []
    # Services whose use is cancelled: nothing of them is left on the original ticket.
    cancels: list[str] = []
    # Where the original sale belonged.
    stop: str = ""
    commune: str = ""


class LineVoided(Event, frozen=True, kw_only=True):
    """A line was taken off a bill before payment."""

    kind = "till.line_voided"
    tab: str
    label: str
    quantity: int
    gross: int
    day: str


class LineRepriced(Event, frozen=True, kw_only=True):
    """A price of the menu was changed, lowered or given free on a bill, before payment (R42)."""

    kind = "till.line_repriced"
    tab: str
    label: str
    # `price`, `discount`, `offered` or `member`; what the line came to before and after, in cents.
    what: str
    was: int
    now: int
    day: str


class TabVoided(Event, frozen=True, kw_only=True):
    """A whole bill was abandoned before payment."""

    kind = "till.tab_voided"
    tab: str
    lines: int
    total: int
    reason: str
    day: str
    # What was on it, as it would have been recorded (R51).
    left: list[SaleLine] = []


class BillPrinted(Event, frozen=True, kw_only=True):
    """A provisional bill was printed before payment (R47)."""

    kind = "till.bill_printed"
    tab: str
    total: int
    day: str


class ReceiptPrinted(Event, frozen=True, kw_only=True):
    """A ticket went to the printer; `copy` 0 is the original, then duplicates (R46)."""

    kind = "till.receipt_printed"
    no: int
    copy: int
    day: str
    # Why it was printed: `asked` by the customer, `note` the law wants (R64).
    why: str = ""


class CardPaymentStarted(Event, frozen=True, kw_only=True):
    """An amount is about to be shown for the card terminal; on disk before it is shown (R15)."""

    kind = "till.card_payment_started"
    payment: str
    tab: str
    amount: int
    cashback: int = 0
    day: str


class CardPaymentSettled(Event, frozen=True, kw_only=True):
    """What became of a card payment: accepted, refused or cancelled, and who said so."""

    kind = "till.card_payment_settled"
    payment: str
    outcome: str
    source: str
    ref: str = ""


class PaymentTaken(Event, frozen=True, kw_only=True):
    """Part of a bill was paid, in cash or paper: the rest is to come."""

    kind = "till.payment_taken"
    tab: str
    means: str
    amount: int
    day: str


class PaymentUndone(Event, frozen=True, kw_only=True):
    """A part payment was given back before the bill was complete."""

    kind = "till.payment_undone"
    tab: str
    means: str
    amount: int
    day: str


class CashMoved(Event, frozen=True, kw_only=True):
    """Cash went in or out of the drawer without a sale (R111). Negative is out."""

    kind = "till.cash_moved"
    amount: int
    reason: str
    day: str


class Pieces(Part, frozen=True, kw_only=True):
    """How many notes or coins of a value, in cents."""

    value: int
    n: int


class CashCounted(Event, frozen=True, kw_only=True):
    """The drawer was counted: expected, counted, difference (R40)."""

    kind = "till.cash_counted"
    day: str
    expected: int
    counted: int
    difference: int
    pieces: list[Pieces] = []
    reason: str = ""


class DrawerOpened(Event, frozen=True, kw_only=True):
    """The drawer was opened without a sale, for a reason (R110)."""

    kind = "till.drawer_opened"
    reason: str
    day: str


class DayOpened(Event, frozen=True, kw_only=True):
    """The café's day begins with this float in the drawer."""

    kind = "till.day_opened"
    day: str
    float_cents: int


class ReadingTaken(Event, frozen=True, kw_only=True):
    """An X reading: totals so far, nothing sealed (R36)."""

    kind = "till.reading_taken"
    day: str
    turnover: int


class KeyTotal(Part, frozen=True, kw_only=True):
    """A total under a key: means, family, operator, mode."""

    key: str
    amount: int
    n: int


class OwnerTotal(Part, frozen=True, kw_only=True):
    """A third party's money: taken and settled in the day, balance owed at its end."""

    owner: str
    taken: int
    settled: int
    balance: int


class UseTotal(Part, frozen=True, kw_only=True):
    """How often a service was used in the day, as the till counted it."""

    service: str
    n: int


class DayClosed(Event, frozen=True, kw_only=True):
    """The Z: everything the day added up to, sealed in the chain (R31, R32)."""

    kind = "till.day_closed"
    z: int
    day: str
    opened_at: int
    closed_at: int
    auto: bool
    first_seq: int
    last_seq: int
    first_no: int
    last_no: int
    tickets: int
    refunds: int
    voids: int
    duplicates: int
    drawer_openings: int
    turnover: int
    vat: list[VatPart]
    means: list[KeyTotal]
    families: list[KeyTotal]
    modes: list[KeyTotal]
    operators: list[KeyTotal]
    third_parties: list[OwnerTotal]
    off: list[OffPart]
    float_cents: int
    cash_sales: int
    cash_in: int
    cash_out: int
    cashback: int
    settled_cash: int
    expected: int
    counted: int = -1
    difference: int = 0
    month_to_date: int = 0
    year_to_date: int = 0
    perpetual: int
    perpetual_absolute: int
    # Head of the journal just before this entry: printed on the Z and filed on paper (R23).
    head_seq: int
    head: str
    # Last head HQ acknowledged, short form; empty before the first.
    acked: str = ""
    uses: list[UseTotal] = []
    # Cash of third parties moved without a ticket (ThirdPartyMoved).
    third_party_cash: int = 0
    # Of a café whose accounting year does not begin in January: its first month, its turnover so far.
    exercice_from: str = ""
    exercice_to_date: int = 0
    # Regime of VAT in force, software and fiscal version (R4, R9).
    regime: str = ""
    sw: str = ""


EVENTS: tuple[type[Event], ...] = (
    SaleCompleted, SaleRefunded, LineVoided, LineRepriced, TabVoided, BillPrinted, ReceiptPrinted, CardPaymentStarted,
    CardPaymentSettled, PaymentTaken, PaymentUndone, CashMoved, CashCounted, DrawerOpened, DayOpened,
    ReadingTaken, DayClosed, ThirdPartySettled, ThirdPartyMoved, CommissionKept, CategoryListed, ProductListed,
    ProductRetired, ProductRanOut, CafeDescribed, ServicesSwitched, OperatorAdded, OperatorRemoved, PinReset, SignedIn, SignedOut, PinRefused,
)  # fmt: skip
