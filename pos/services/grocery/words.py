"""Words for dates, losses, units, means and months."""

from pos.i18n import N_, _
from pos.services.grocery.tables import DDM, DLC

DATES = {"": N_("no date"), DLC: N_("use by (DLC)"), DDM: N_("best before (DDM)")}
LOSSES = {
    "out_of_date": N_("out of date"), "broken": N_("broken"), "stolen": N_("stolen"), "staff": N_("staff"), "tasting": N_("tasting"),
    "other": N_("other reason"),
}  # fmt: skip
VALUES = {"weight": N_("weight in grams"), "price": N_("price in cents"), "count": N_("pieces")}
MEANS = {"transfer": N_("Bank transfer"), "cash": N_("Cash"), "cheque": N_("Cheque")}


def date_kind(code: str) -> str:
    """Return what a kind of date is called."""
    return _(DATES.get(code, code))


def short(day: str) -> str:
    """Return "20/11/2026"."""
    return f"{day[8:10]}/{day[5:7]}/{day[:4]}"
