"""Examples of the grocery's facts: an article, a label layout, a month of a producer."""

from pos.events import Event
from pos.services.grocery import events as e

DAY = "2026-10-01"

_ALL: tuple[Event, ...] = (
    e.ItemSet(product="lait", content=1_000, content_unit="ml", dates="ddm", plu="12", cap=90),
    e.PatternSet(prefix="21", valid_from=DAY, item_digits=5, value="weight", value_digits=5, in_use=False),
    e.CapExceeded(supplier="s1", product="lait", cost=95, cap=90, day=DAY),
    e.MarkedDown(product="lait", price=88, was=125, use_by="2026-10-03", day=DAY),
    e.MarkdownLifted(product="lait", day=DAY),
    e.OrderDrawn(number=2, supplier="s1", day=DAY, lines=[e.Ordered(product="lait", quantity=12_000)]),
    e.ProducerSet(producer="p1", local=True, minimum=2_000, self_billing=True),
    e.DepositTaken(
        producer="p1", day=DAY, lines=[e.DatedGoods(product="miel", quantity=24_000, use_by="2027-06-30", date_kind="ddm")]
    ),
    e.ProducerPaid(producer="p1", numbers=[1, 2], amount=5_610, means="transfer", day="2026-11-02", local=True, ref="VIR-1"),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
