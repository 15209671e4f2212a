"""What customers' accounts tell the network: prepaid money, slates, vouchers, suspended coffees, local currency."""

from collections.abc import Iterable

from pos.feature import Figure, Indicator, Tells
from pos.i18n import N_
from pos.services.accounts import events
from pos.services.accounts.tables import GIVEN, LOCAL, PAY_BACK, SLATE, SUSPENDED, TOP_UP, VOUCHER
from pos.till.events import SaleCompleted, SaleRefunded

_LINES = {TOP_UP: "prepaid_paid_in", PAY_BACK: "slate_paid_back", VOUCHER: "gift_sold", GIVEN: "suspended_given"}
_PAID = {SLATE: "slate_charged", SUSPENDED: "suspended_taken", LOCAL: "local_taken"}


def _ticket(sale: SaleCompleted | SaleRefunded) -> Iterable[Figure]:
    for line in sale.lines:
        for ref, code in _LINES.items() if line.ref else ():
            if line.ref.startswith(ref):
                yield Figure(code, line.gross)
                break
    for part in sale.payments:
        if part.owner in _PAID:
            yield Figure(_PAID[part.owner], part.amount)


INDICATORS = (
    Indicator("prepaid_paid_in", N_("Paid in on prepaid accounts"), "cents"),
    Indicator("slate_charged", N_("Charged on slates"), "cents"),
    Indicator("slate_paid_back", N_("Slates paid back"), "cents"),
    Indicator("slate_written_off", N_("Slates written off"), "cents"),
    Indicator("suspended_given", N_("Suspended coffees offered"), "cents"),
    Indicator("suspended_taken", N_("Suspended coffees drunk"), "cents"),
    Indicator("gift_sold", N_("Gift vouchers sold"), "cents"),
    Indicator("local_taken", N_("Local currency taken"), "cents"),
)
TELLS: Tells = {
    SaleCompleted: _ticket, SaleRefunded: _ticket,
    events.SlateWrittenOff: lambda off: (Figure("slate_written_off", off.amount),),
}  # fmt: skip
