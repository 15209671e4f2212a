"""What a sold line is for the declarations: goods, services, or neither (R131)."""

from pos import vat
from pos.till.events import SaleLine

# Categories of the e-reporting, TT-81 (R126).
GOODS, SERVICES, NOT_TAXED = "TLB1", "TPS1", "TNT1"
# Sold like this, it is never food: hiring a bike or printing a page stays a service with « à emporter » on.
NEVER_FOOD = frozenset({"bikes", "digital", "members", "gatherings", "info"})
EATEN_HERE_BP = 1000


def category(line: SaleLine) -> str:
    """Return the e-reporting category of a line; empty when it is not turnover."""
    if line.vat_code in vat.OFF_TURNOVER:
        return ""
    if line.vat_code == vat.DEPOSIT_KEPT:
        return NOT_TAXED
    if line.nature == "service":
        return GOODS if line.takeaway and line.family not in NEVER_FOOD else SERVICES
    # A croissant on the bar's menu is goods sold to be eaten here: the rate says it.
    return SERVICES if not line.takeaway and line.vat == EATEN_HERE_BP else GOODS
