"""Slips of the day: X reading, Z, cash in and out, drawer count, money handed to a third party. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.release import FISCAL_VERSION, VERSION
from pos.slips import Columns, Feed, Part, Rule, Slip, Table, Text
from pos.till.closure_events import PeriodTotals
from pos.till.events import (
    CafeDescribed,
    CashCounted,
    CashMoved,
    DayClosed,
    KeyTotal,
    Pieces,
    ThirdPartySettled,
)
from pos.till.owners import owner_said
from pos.till.slip_parts import (
    MEANS_SAID,
    Issued,
    amount,
    bare,
    day_said,
    foot,
    heading,
    regime_said,
    said,
    vat_table,
    when,
)  # fmt: skip

SOFTWARE = f"{VERSION}/{FISCAL_VERSION}"
MODES_SAID = {"onsite": N_("On site"), "takeaway": N_("Takeaway")}
MOVES_SAID = {
    "change_bought": N_("Change bought"), "float_added": N_("Float added"), "bank_deposit": N_("Bank deposit"),
    "safe_drop": N_("Put in the safe"), "purchase": N_("Purchase paid in cash"), "correction": N_("Cash correction"),
    "other": N_("For another reason"),
}  # fmt: skip
OFF_SAID = {
    "HC_TIERS": N_("Third parties"), "HC_BON": N_("Paid ahead"), "HC_DON": N_("Given to the fund"),
    "HC_CREANCE": N_("Slate paid back"), "HC_COTISATION": N_("Membership dues"),
}  # fmt: skip
Labels = Mapping[str, str] | None


def closure(
    day: DayClosed, cafe: CafeDescribed, shown: Issued, *, labels: Labels = None, cards: Mapping[str, int] | None = None
) -> Slip:
    """Return the Z: everything the closing recorded. `labels` names families, owners, services, operators.

    `cards` is what the till expected of the card terminal and what its slip told, when somebody read it.
    """
    name = _("Z no. %(number)s", number=f"{day.z:06d}")
    closed = _("Closed by itself, drawer not counted") if day.auto else ""
    parts: list[Part] = [
        *heading(cafe, shown), Text(_("CLOSING OF THE DAY"), bold=True, tall=True, align="center"),
        Text(f"{name}   {day_said(day.day)}", bold=True, align="center"),
        *([Text(closed, align="center")] if closed else []), *_period(day), *_totals(day, cafe.regime, labels),
        *_drawer(day), *_cards(cards or {}), *_grand_totals(day), Rule("="), Text(_("JOURNAL"), bold=True),
        Columns(_("Head, entry no. %(seq)s", seq=day.head_seq), ""), Text(_grouped(day.head), bold=True, align="center"),
        *_acked(day.acked), Rule(), *foot(shown, SOFTWARE),
        Text(_("Keep this slip: it proves the journal has not changed.")),
    ]  # fmt: skip
    return Slip(name, tuple(parts), titled=False)


def reading(day: DayClosed, cafe: CafeDescribed, shown: Issued, *, labels: Labels = None) -> Slip:
    """Return an X reading: the same totals, so far, with nothing sealed (R36)."""
    name = _("X READING")
    parts: list[Part] = [
        *heading(cafe, shown), Text(name, bold=True, tall=True, align="center"),
        Text(_("not an accounting document"), align="center"), Text(day_said(day.day), bold=True, align="center"),
        *_period(day), *_totals(day, cafe.regime, labels), *_drawer(day), Rule(),
        *foot(shown, SOFTWARE),
    ]  # fmt: skip
    return Slip(f"{name} {day_said(day.day)}", tuple(parts), titled=False)


def cash_slip(move: CashMoved, cafe: CafeDescribed, shown: Issued) -> Slip:
    """Return the slip of cash put in the drawer or taken out of it (R111)."""
    name = _("CASH IN") if move.amount > 0 else _("CASH OUT")
    parts: list[Part] = [
        *heading(cafe, shown), Text(name, bold=True, tall=True, align="center"), Rule(),
        Columns(said(MOVES_SAID, move.reason), amount(move.amount), bold=True), Rule(),
        *_signature(), *foot(shown, SOFTWARE),
    ]  # fmt: skip
    return Slip(f"{name} {format_euros(move.amount)}", tuple(parts), titled=False)


def count_slip(count: CashCounted, cafe: CafeDescribed, shown: Issued) -> Slip:
    """Return the slip of a drawer count, by notes and coins when they were typed (R40)."""
    name = _("DRAWER COUNT")
    parts: list[Part] = [
        *heading(cafe, shown), Text(name, bold=True, tall=True, align="center"),
        Text(_("Day %(day)s", day=day_said(count.day)), align="center"), Rule(), *_pieces(count.pieces),
        Columns(_("Counted"), amount(count.counted), bold=True), Columns(_("Expected"), amount(count.expected)),
        Columns(_("Difference"), _signed(count.difference), bold=True), Rule(),
        *_signature(), *foot(shown, SOFTWARE),
    ]  # fmt: skip
    return Slip(f"{name} {day_said(count.day)}", tuple(parts), titled=False)


def handed_over(paid: ThirdPartySettled, cafe: CafeDescribed, shown: Issued, *, owner: str = "") -> Slip:
    """Return the slip of money handed to the third party it belongs to, for both to sign (R91)."""
    name = _("MONEY HANDED OVER")
    parts: list[Part] = [
        *heading(cafe, shown), Text(name, bold=True, tall=True, align="center"), Rule(),
        Text(_("To: %(owner)s", owner=owner or owner_said(paid.owner))),
        Columns(said(MEANS_SAID, paid.means), amount(paid.amount), bold=True), Rule(),
        *_signature(), *foot(shown, SOFTWARE),
    ]  # fmt: skip
    return Slip(f"{name} {format_euros(paid.amount)}", tuple(parts), titled=False)


def _period(day: DayClosed) -> list[Part]:
    numbers = f"{day.first_no:06d} > {day.last_no:06d}" if day.last_no else _("no ticket")
    return [
        Rule(),
        Columns(_("Day opened at"), when(day.opened_at)),
        Columns(_("Closed or read at"), when(day.closed_at)),
        Columns(_("Tickets"), numbers),
        Columns(_("Journal entries"), f"{day.first_seq} > {day.last_seq}"),
        Columns(
            ngettext("%(n)s sale", "%(n)s sales", day.tickets),
            ngettext("%(n)s refund", "%(n)s refunds", day.refunds),
        ),
        Columns(_("Voids before payment"), str(day.voids)),
        Columns(_("Duplicates"), str(day.duplicates)),
        Columns(_("Drawer opened without sale"), str(day.drawer_openings)),
    ]


def _totals(day: DayClosed, regime: str, labels: Labels) -> list[Part]:
    mention = regime_said(regime)
    parts: list[Part] = [
        Rule("="),
        Columns(_("TURNOVER incl. VAT"), amount(day.turnover), bold=True, tall=True),
    ]
    if day.vat:
        parts.append(vat_table(day.vat))
    if mention:
        parts.append(Text(mention))
    return [
        *parts,
        *_keyed(_("MEANS OF PAYMENT"), day.means, MEANS_SAID, labels),
        *_keyed(_("FAMILIES"), day.families, {"": N_("Without family")}, labels),
        *_keyed(_("ON SITE / TAKEAWAY"), day.modes, MODES_SAID, labels),
        *_keyed(_("OPERATORS"), day.operators, {}, labels),
        *_third_parties(day, labels),
        *_uses(day, labels),
    ]


def _keyed(title: str, totals: Sequence[KeyTotal], words: Mapping[str, str], labels: Labels) -> Iterable[Part]:
    if not totals:
        return
    yield from (Rule(), Text(title, bold=True))
    for total in totals:
        count = f" ({total.n})" if total.n else ""
        yield Columns(said(words, total.key, labels) + count, amount(total.amount))


def _third_parties(day: DayClosed | PeriodTotals, labels: Labels) -> Iterable[Part]:
    """Others' money: what was taken by code, then by owner what is still to be handed over."""
    if not (day.off or day.third_parties):
        return
    yield from (Rule(), Text(_("OUT OF TURNOVER"), bold=True))
    for part in day.off:
        owner = owner_said(part.owner, labels) if part.owner else ""
        yield Columns(
            f"{said(OFF_SAID, part.code)}, {owner}" if owner else said(OFF_SAID, part.code),
            amount(part.amount),
        )
    if day.third_parties:
        owed = (
            (owner_said(who.owner, labels), bare(who.taken), bare(who.settled), bare(who.balance))
            for who in day.third_parties
        )
        yield Table(((_("Owed to"), _("taken in"), _("paid out"), _("still owed")), *owed))


def _uses(day: DayClosed, labels: Labels) -> Iterable[Part]:
    if day.uses:
        yield from (Rule(), Text(_("SERVICES (uses)"), bold=True))
        yield from (Columns(said({}, use.service, labels), str(use.n)) for use in day.uses)


def _drawer(day: DayClosed) -> list[Part]:
    rows = [
        (_("Float"), day.float_cents, True), (_("Cash sales"), day.cash_sales, True), (_("Cash put in"), day.cash_in, False),
        (_("Cash taken out"), -day.cash_out, False), (_("Cash withdrawals"), -day.cashback, False),
        (_("Paid to third parties"), -day.settled_cash, False),
        (_("Third parties, without a ticket"), day.third_party_cash, False),
    ]  # fmt: skip
    parts: list[Part] = [Rule(), Text(_("DRAWER"), bold=True)]
    parts += [Columns(label, amount(cents)) for label, cents, always in rows if always or cents]
    parts.append(Columns(_("Expected"), amount(day.expected), bold=True))
    if day.counted < 0:
        return [*parts, Text(_("Not counted"))]
    return [
        *parts,
        Columns(_("Counted"), amount(day.counted), bold=True),
        Columns(_("Difference"), _signed(day.difference), bold=True),
    ]


def _cards(cards: Mapping[str, int]) -> list[Part]:
    if "told" not in cards:
        return []
    return [
        Rule(),
        Text(_("CARD TERMINAL"), bold=True),
        Columns(_("Expected"), amount(cards["expected"])),
        Columns(_("Its own slip"), amount(cards["told"])),
        Columns(_("Difference"), _signed(cards["told"] - cards["expected"]), bold=True),
    ]


def _grand_totals(day: DayClosed) -> list[Part]:
    return [
        Rule("="),
        Text(_("GRAND TOTALS"), bold=True),
        Columns(_("Month to date"), amount(day.month_to_date)),
        Columns(_("Year to date"), amount(day.year_to_date)),
        Columns(_("Perpetual total"), amount(day.perpetual), bold=True),
        Columns(_("Perpetual total, absolute"), amount(day.perpetual_absolute)),
    ]


def _pieces(pieces: Sequence[Pieces]) -> list[Part]:
    if not pieces:
        return []
    rows = tuple((f"{format_euros(p.value)}", f"× {p.n}", bare(p.value * p.n)) for p in pieces)
    return [Table(rows), Rule()]


def _signature() -> list[Part]:
    return [Text(_("Signature:")), Feed(3)]


def _acked(head: str) -> list[Part]:
    if not head:
        return [Text(_("HQ has not acknowledged any entry yet"))]
    return [Text(_("Last head known to HQ")), Text(_grouped(head), align="center")]


def _grouped(head: str) -> str:
    """Return the first 16 hex digits in fours: what a person compares."""
    return "-".join(head[i : i + 4] for i in range(0, min(16, len(head)), 4))


def _signed(cents: int) -> str:
    return f"+{format_euros(cents)}" if cents > 0 else format_euros(cents)
