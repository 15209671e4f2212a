"""Examples of the cash-back service's facts."""

from pos.events import Event
from pos.services.cashback.events import BankSettled, CashPaidOut, LimitsSet, MandateSet

EXAMPLES: dict[str, Event] = {
    LimitsSet.kind: LimitsSet(
        min_purchase=500, max_cash=4000, step=1000, reserve=5000, valid_from="2026-11-20", source="cafe"
    ),
    MandateSet.kind: MandateSet(
        mandate="ca", label="Crédit Agricole", max_cash=10_000, day_max=50_000, step=1_000, reserve=5_000, fee_cents=30, fee_bp=50,
        pay_days=7, valid_from="2026-11-20", in_use=True,
    ),
    CashPaidOut.kind: CashPaidOut(
        operation="019e1f2ad4100a1b2c3d", mandate="ca", amount=5_000, fee=55, ref="CA-0042", day="2026-11-20",
        visit="019e1f2ad4000badcafe", visit_by="tap",
    ),
    BankSettled.kind: BankSettled(mandate="ca", amount=5_000, means="transfer", day="2026-11-20", ref="VIR-7"),
}  # fmt: skip
