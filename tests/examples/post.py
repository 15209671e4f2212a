"""Examples of the postal relay's facts: one letter's way, one withdrawal, one day's balance."""

from pos.events import Event
from pos.services.post import events as e

DAY = "2026-02-07"
ITEM, VISIT, BAG = "019c36d2f4100a1b2c3d", "019c36d2f4000badcafe", "019c36d2f4200a1b2c3d"

_ALL: tuple[Event, ...] = (
    e.TermsSet(
        valid_from="2026-02-01", mode="relay", weekly_limit=12_000, reserve=5_000, hold_days=15, monthly_pay=32_800,
        commission_bp=500, in_use=True,
    ),
    e.PriceSet(product="pret_a_poster", label="Prêt-à-poster 20 g", price=1_040, valid_from="2026-02-01", goods=True),
    e.MailTaken(
        item=ITEM, sort="registered", check="valid", shape="s10", tail="6785", day=DAY, visit=VISIT, due=611, product="recommande_20g", pieces=1,
        visit_by="tap",
    ),
    e.MailGivenBack(item=ITEM, day=DAY, visit=VISIT, cancels=True),
    e.BagClosed(bag=BAG, number=7, day=DAY, items=[ITEM], pieces=1),
    e.MailCollected(
        collection="019c36d2f4300a1b2c3d", day=DAY, bags=[BAG], pieces=1, returned=["019c36d2f4400a1b2c3d"],
        happened_at=1_770_462_000_000,
    ),
    e.PaidOut(
        payout="019c36d2f4500a1b2c3d", what="withdrawal", amount=5_000, ref="RET-0043", day=DAY, visit=VISIT,
        person="019c36d2f4600a1b2c3d", warned=True, visit_by="tap",
    ),
    e.PaidIn(payin="019c36d2f4700a1b2c3d", amount=8_000, ref="VER-0002", day=DAY, visit=VISIT, visit_by="tap"),
    e.BalanceClosed(
        day=DAY, collected=2_435, paid_out=15_000, slip_collected=2_435, slip_paid_out=14_000, difference=1_000, owed=-12_565,
        reason="missing_there",
    ),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
