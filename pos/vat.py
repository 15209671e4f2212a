"""French VAT at the till: dated rates per class and consumption mode, integers, half up (R74–R84)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pos.errors import Refusal
from pos.i18n import N_
from pos.money import share_out

ONSITE, TAKEAWAY = "onsite", "takeaway"
REAL, FRANCHISE, EXEMPT = "reel", "franchise", "exonere"

# Off-turnover codes (R81): an amount carries a rate or one of these.
THIRD_PARTY, NO_VAT_293B, EXEMPT_CODE = "HC_TIERS", "FR_293B", "EX_261"
# Money in that is no sale: an advance or a gift voucher (multi-purpose), a gift to a fund, a debt paid
# back, dues of the café's own association (its income, outside VAT).
ADVANCE, DONATION, CLAIM, DUES = "HC_BON", "HC_DON", "HC_CREANCE", "HC_COTISATION"
# Deposits of cups nobody brought back: turnover, outside VAT as the network counts them (services.md S4);
# to be confirmed by each café's accountant.
DEPOSIT_KEPT = "CONSIGNE"
OFF_TURNOVER = frozenset({THIRD_PARTY, ADVANCE, DONATION, CLAIM, DUES})


class UnknownVatClass(Refusal):
    """A product without a VAT class cannot be sold (R84)."""

    sentence = N_("“%(label)s” has no VAT class.")
    remedy = N_("Choose its class in the catalogue, then sell it.")


@dataclass(frozen=True, slots=True)
class VatClass:
    """What a product is for VAT: rates in basis points on site and taken away, from a date."""

    code: str
    label: str
    onsite_bp: int
    takeaway_bp: int
    valid_from: str = "2014-01-01"
    source: str = "R75"


# Dated rows: the latest `valid_from` not after the day of the sale is the one in force (R74).
VAT_CLASSES: tuple[VatClass, ...] = (
    VatClass("alcohol", N_("Alcoholic drink"), 2000, 2000),
    VatClass("hot_drink", N_("Hot drink"), 1000, 1000),
    VatClass("open_drink", N_("Soft drink served open"), 1000, 1000),
    VatClass("closed_drink", N_("Soft drink in a bottle or can"), 1000, 550),
    VatClass("meal", N_("Meal, snack ready to eat"), 1000, 1000),
    VatClass("bread", N_("Bread, viennoiserie, pastry"), 1000, 550),
    VatClass("ice_single", N_("Ice cream, cone or single"), 1000, 1000),
    VatClass("ice_packed", N_("Ice cream, packed"), 1000, 550),
    VatClass("grocery", N_("Grocery (food)"), 550, 550),
    VatClass("sweets", N_("Sweets, chocolate"), 1000, 2000),
    VatClass("general", N_("Hygiene, household, stationery, gas"), 2000, 2000),
    VatClass("service", N_("Service (print, hire, room)"), 2000, 2000),
    VatClass("book", N_("Book"), 550, 550),
    VatClass("press_resold", N_("Press bought and resold"), 210, 210),
)


def vat_class(code: str, day: str) -> VatClass | None:
    """Return the row of `code` in force on `day`, or None."""
    rows = [row for row in VAT_CLASSES if row.code == code and row.valid_from <= day]
    return max(rows, key=lambda row: row.valid_from, default=None)


def rate_bp(code: str, mode: str, day: str, label: str = "") -> int:
    """Return the rate in basis points for a class, a mode and a day; raise UnknownVatClass."""
    row = vat_class(code, day)
    if row is None:
        raise UnknownVatClass(label=label or code)
    return row.takeaway_bp if mode == TAKEAWAY else row.onsite_bp


def net_of(gross_cents: int, bp: int) -> int:
    """Return HT of a TTC amount, half up on the absolute value (R76)."""
    d = 10_000 + bp
    size = (2 * abs(gross_cents) * 10_000 + d) // (2 * d)
    return -size if gross_cents < 0 else size


@dataclass(frozen=True, slots=True)
class VatGroup:
    """One rate of one ticket: TTC, HT and VAT in cents."""

    bp: int
    gross: int
    net: int

    @property
    def vat(self) -> int:
        """VAT in cents: what is left of TTC once HT is taken (R76)."""
        return self.gross - self.net


def split_vat(lines: Sequence[tuple[int, int]]) -> tuple[list[VatGroup], list[int]]:
    """Split (rate bp, TTC cents) lines into groups by rate and HT per line.

    VAT is computed per ticket and per rate (R76), line HT by largest remainder of its group (R77).
    """
    gross_by_rate: dict[int, int] = {}
    for bp, gross in lines:
        gross_by_rate[bp] = gross_by_rate.get(bp, 0) + gross
    groups = [VatGroup(bp, g, net_of(g, bp)) for bp, g in sorted(gross_by_rate.items(), reverse=True)]
    nets = [0] * len(lines)
    for group in groups:
        places = [i for i, (bp, _gross) in enumerate(lines) if bp == group.bp]
        for place, net in zip(places, _share_signed(group.net, [lines[i][1] for i in places]), strict=True):
            nets[place] = net
    return groups, nets


def _share_signed(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` over weights of one sign by largest remainder; mixed signs go line by line."""
    if all(w >= 0 for w in weights) or all(w <= 0 for w in weights):
        return share_out(total, [abs(w) for w in weights])
    whole = sum(weights)
    parts = [total * w // whole if whole else 0 for w in weights]
    parts[0] += total - sum(parts)
    return parts


def sum_groups(groups: Iterable[VatGroup]) -> dict[int, VatGroup]:
    """Add groups of many tickets by rate: a day's VAT is the sum of its tickets' (R78)."""
    total: dict[int, VatGroup] = {}
    for g in groups:
        old = total.get(g.bp, VatGroup(g.bp, 0, 0))
        total[g.bp] = VatGroup(g.bp, old.gross + g.gross, old.net + g.net)
    return total
