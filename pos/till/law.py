"""What the law fixes at the till, as dated rows with their source: a new decree is one more row, never a constant.

`sure` is how far the figure was checked: `S` stated by a source that was read, `M` from memory, `U`
uncertain; what is not `S` is to be confirmed by each café's accountant.
"""

from dataclasses import dataclass

EUROS = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """A figure in force from a day on. Amounts in cents, ages in years, hours of the clock, counts as they are."""

    code: str
    value: int
    valid_from: str
    source: str
    sure: str


RULES: tuple[Rule, ...] = (
    # Cash to a business, buyer resident in France for tax (R107); others, for a private purpose.
    Rule("cash.max_payment", 3_000 * EUROS, "2010-06-18", "CMF D. 112-3 (décret 2010-662)", "M"),
    Rule("cash.max_payment", 1_000 * EUROS, "2015-09-01", "CMF L. 112-6, D. 112-3 (décret 2015-741)", "M"),
    Rule("cash.max_payment.abroad", 15_000 * EUROS, "2010-06-18", "CMF D. 112-3 (décret 2010-662)", "M"),
    Rule("cash.max_payment.abroad", 10_000 * EUROS, "2018-12-01", "CMF D. 112-3", "U"),
    Rule("cash.coins_max", 50, "2002-01-01", "CMF L. 112-5", "M"),
    # A note is compulsory for services from this price on (R63).
    Rule("note.compulsory_from", 1_524, "1983-10-03", "arrêté 83-50/A", "S"),
    Rule("note.compulsory_from", 25 * EUROS, "2010-07-15", "arrêté 83-50/A, amended on 15 July 2010", "S"),
    # Alcohol, tobacco and games of chance are not sold to younger people (R113).
    Rule("sale.min_age", 18, "2009-07-23", "CSP L. 3342-1 (loi 2009-879)", "S"),
    # Alcohol taken away at night wants a permit of its own (R115).
    Rule("alcohol.night_from", 22, "2009-07-23", "CSP L. 3331-4", "M"),
    Rule("alcohol.night_until", 8, "2009-07-23", "CSP L. 3331-4", "M"),
    # A restaurant's bill up to this amount without VAT may leave the customer's name to be written (R68).
    Rule("invoice.client_blank_max", 150 * EUROS, "1993-01-01", "BOI-TVA-DECLA-30-20-20-20", "S"),
    # Meal vouchers, per person and day (R100).
    Rule("meal_voucher.daily_cap", 19 * EUROS, "2020-06-12", "décret 2020-706", "M"),
    Rule("meal_voucher.daily_cap", 25 * EUROS, "2022-10-01", "décret 2022-1266", "S"),
    # Whether they also pay food that is not eaten as it is; a reform is announced (R100).
    Rule("meal_voucher.groceries", 0, "1967-09-27", "C. trav. L. 3262-1, R. 3262-4", "M"),
    Rule("meal_voucher.groceries", 1, "2022-08-18", "loi 2022-1158, art. 6, as extended", "S"),
    Rule("meal_voucher.groceries", 0, "2027-01-01", "end of the extension, 31 December 2026", "U"),
    # No ticket is printed unless asked for (R64).
    Rule("receipt.printed_by_default", 1, "1900-01-01", "before décret 2022-1565", "S"),
    Rule("receipt.printed_by_default", 0, "2023-08-01", "CE D. 541-371 (décrets 2022-1565, 2023-237)", "S"),
    # Years that till data and books are kept (R56).
    Rule("retention.fiscal_years", 6, "1900-01-01", "LPF L. 102 B", "S"),
    Rule("retention.accounting_years", 10, "1900-01-01", "C. com. L. 123-22", "M"),
)

# Drinks that a licence lets be sold on site or taken away (CSP L. 3321-1, L. 3331-1 to L. 3331-3, R115).
# Groups: 1 without alcohol, 3 fermented and up to 18°, 4 rums and distilled, 5 all the others.
GROUPS = (1, 3, 4, 5)
LICENCES: dict[str, tuple[int, ...]] = {
    "none": (1,), "small_restaurant": (1, 3), "restaurant": (1, 3, 4, 5), "small_takeaway": (1, 3),
    "takeaway": (1, 3, 4, 5), "III": (1, 3), "IV": (1, 3, 4, 5),
}  # fmt: skip

# VAT classes that a meal voucher pays: what is eaten and drunk, never alcohol, sweets or goods (R100).
MEAL_CLASSES = frozenset({"hot_drink", "open_drink", "closed_drink", "meal", "bread", "ice_single", "ice_packed"})


def rule(code: str, day: str) -> Rule | None:
    """Return the row of `code` in force on `day`, or None."""
    rows = [row for row in RULES if row.code == code and row.valid_from <= day[:10]]
    return max(rows, key=lambda row: row.valid_from, default=None)


def value(code: str, day: str) -> int:
    """Return the figure in force on `day`; KeyError for a code without a row then."""
    found = rule(code, day)
    if found is None:
        raise KeyError(code)
    return found.value


def meal_classes(day: str) -> frozenset[str]:
    """Return the VAT classes that a meal voucher pays on `day` (R100)."""
    return MEAL_CLASSES | {"grocery"} if value("meal_voucher.groceries", day) else MEAL_CLASSES
