"""The open bill (*note*): a draft of lines and part payments, and its price with VAT, pure."""

from dataclasses import dataclass

import msgspec

from pos import vat
from pos.money import line_total, share_out
from pos.till.events import OffPart, SaleLine, VatPart

CASH, CARD, CHEQUE, MEAL_VOUCHER, VOUCHER = "cash", "card", "cheque", "meal_voucher", "voucher"
MEANS = (CASH, CARD, CHEQUE, MEAL_VOUCHER, VOUCHER)
# Roles whose money is a third party's: out of turnover, no VAT at the till (R85).
THIRD_PARTY_ROLES = ("agent_disclosed", "press", "game", "tobacco")
# The off-turnover code of every role that is not the café's own sale (R81, R85).
OFF_CODES = {
    **dict.fromkeys(THIRD_PARTY_ROLES, vat.THIRD_PARTY), "advance": vat.ADVANCE, "donation": vat.DONATION,
    "claim": vat.CLAIM, "dues": vat.DUES, "deposit_kept": vat.DEPOSIT_KEPT,
}  # fmt: skip


class MenuPart(msgspec.Struct, kw_only=True, frozen=True):
    """A part of a set menu: what it is, and what it costs alone."""

    product: str
    label: str
    price: int
    vat_class: str


class TabLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A line being typed. `discount` is cents off the whole line."""

    line_id: str
    product: str
    label: str
    unit_price: int
    vat_class: str
    quantity: int = 1000
    discount: int = 0
    family: str = ""
    takeaway: bool = False
    role: str = "own"
    owner: str = ""
    service: str = ""
    nature: str = "goods"
    ref: str = ""
    # For the kitchen and the bill on screen only: free text never enters the journal.
    note: str = ""
    offered: str = ""
    # Who typed another price than the menu's, for this bill only.
    priced_by: str = ""
    # `kg` or `ml` of what is weighed or poured; empty: pieces.
    unit: str = ""
    # Parts of a set menu; empty: a plain product.
    parts: list[MenuPart] = []

    @property
    def full(self) -> int:
        """Quantity × price, before discount."""
        return line_total(self.quantity, self.unit_price)

    @property
    def gross(self) -> int:
        """What the customer pays for the line; 0 when it is on the house."""
        return 0 if self.offered else self.full - self.discount


class TabPayment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A part already paid."""

    means: str
    amount: int
    given: int = 0
    change: int = 0
    ref: str = ""
    before: bool = True
    # Cash-back that this card payment bore, on top of `amount`.
    cashback: int = 0
    # Account that bears this part (`Payment.owner`).
    owner: str = ""


class Tab(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An open bill."""

    tab_id: str
    opened_at: int
    visit: str
    takeaway: bool = False
    lines: list[TabLine] = []
    payments: list[TabPayment] = []
    label: str = ""
    visit_by: str = ""
    cashback: int = 0
    cashback_asked_at: int = 0
    # Card payment started and not yet settled.
    card: str = ""
    card_amount: int = 0
    happened_at: int = 0
    # The basket of reserved goods a supervisor let through (line ids).
    allowed: list[str] = []
    # The bill left on paper before payment (R47): what it says may no longer become less without the manager.
    printed: bool = False
    # Opaque id of the member or customer whose bill this is; empty: anybody's.
    member: str = ""

    @property
    def total(self) -> int:
        """Sum of the lines, in cents: what is shown is what is due (P3)."""
        return sum(line.gross for line in self.lines)

    @property
    def paid(self) -> int:
        """What part payments already settled."""
        return sum(payment.amount for payment in self.payments)

    @property
    def cashback_borne(self) -> int:
        """Cash-back that an accepted card payment already bore."""
        return sum(payment.cashback for payment in self.payments)

    @property
    def due(self) -> int:
        """What is left to pay, cash-back apart."""
        return self.total - self.paid

    @property
    def pieces(self) -> int:
        """Articles on the bill; a weighed line counts one."""
        return sum(line.quantity // 1000 if line.quantity % 1000 == 0 else 1 for line in self.lines)


def load(body: bytes) -> Tab:
    """Return a bill from its draft bytes."""
    return msgspec.json.decode(body, type=Tab)


def dump(tab: Tab) -> bytes:
    """Return a bill's draft bytes."""
    return msgspec.json.encode(tab)


@dataclass(frozen=True, slots=True)
class Priced:
    """A bill with its VAT: lines as they will be recorded, groups, turnover, others' money."""

    lines: list[SaleLine]
    vat: list[VatPart]
    off: list[OffPart]
    turnover: int
    total: int


def price(tab: Tab, day: str, regime: str) -> Priced:
    """Return the bill priced for `day`: VAT per ticket and rate, HT spread over its lines (R75–R79).

    Raises UnknownVatClass for a product without class.
    """
    shares = [share for line in tab.lines for share in _shares(line)]
    rated = [_rate(share, tab, day, regime) for share in shares]
    own = [i for i, (_bp, code) in enumerate(rated) if not code]
    groups, nets = vat.split_vat([(rated[i][0], shares[i].gross) for i in own])
    net_at = dict(zip(own, nets, strict=True))
    lines = [_line(share, tab, rated[i], net_at.get(i, share.gross)) for i, share in enumerate(shares)]
    off: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.vat_code in vat.OFF_TURNOVER:
            key = (line.vat_code, line.owner)
            off[key] = off.get(key, 0) + line.gross
    turnover = sum(line.gross for line in lines if line.vat_code not in vat.OFF_TURNOVER)
    return Priced(
        lines=lines,
        vat=[VatPart(bp=g.bp, gross=g.gross, net=g.net) for g in groups],
        off=[OffPart(code=code, owner=owner, amount=amount) for (code, owner), amount in sorted(off.items())],
        turnover=turnover,
        total=tab.total,
    )


def gross_of(tab: Tab, classes: frozenset[str]) -> int:
    """Return what the parts of a bill in some VAT classes cost, in cents; set menus part by part."""
    return sum(
        share.gross for line in tab.lines if line.role in ("own", "agent_disclosed") for share in _shares(line)
        if (share.part.vat_class if share.part else line.vat_class) in classes
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Share:
    """A line of the bill as it will be recorded: a plain product, or one part of a set menu."""

    line: TabLine
    gross: int
    full: int
    unit_price: int
    part: MenuPart | None = None


def _shares(line: TabLine) -> list[_Share]:
    """Return a line, or the parts of a set menu with the price shared over what each costs alone (R80)."""
    if not line.parts:
        return [_Share(line, line.gross, line.full, line.unit_price)]
    weights = [part.price for part in line.parts]
    gross, full, unit = (share_out(cents, weights) for cents in (line.gross, line.full, line.unit_price))
    return [_Share(line, gross[i], full[i], unit[i], part) for i, part in enumerate(line.parts)]


def _rate(share: _Share, tab: Tab, day: str, regime: str) -> tuple[int, str]:
    line = share.line
    if line.role in OFF_CODES:
        return 0, OFF_CODES[line.role]
    mode = vat.TAKEAWAY if tab.takeaway or line.takeaway else vat.ONSITE
    bp = vat.rate_bp(share.part.vat_class if share.part else line.vat_class, mode, day, line.label)
    if regime == vat.FRANCHISE:
        return 0, vat.NO_VAT_293B
    if regime == vat.EXEMPT:
        return 0, vat.EXEMPT_CODE
    return bp, ""


def _line(share: _Share, tab: Tab, rated: tuple[int, str], net: int) -> SaleLine:
    line, part = share.line, share.part
    return SaleLine(
        product=part.product if part else line.product, label=f"{line.label}, {part.label}"[:120] if part else line.label,
        quantity=line.quantity, unit_price=share.unit_price, gross=share.gross, net=net, vat=rated[0], vat_code=rated[1], takeaway=tab.takeaway or line.takeaway,
        nature="third_party" if rated[1] in vat.OFF_TURNOVER else line.nature, family=line.family,
        discount=share.full - share.gross, service=line.service, owner=line.owner, ref=line.ref,
        offered=line.offered, normal_price=share.full if line.offered else 0,
        menu=line.product if part else "", alone=part.price if part else 0, unit=line.unit,
    )  # fmt: skip
