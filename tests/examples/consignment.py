"""Examples of consigned goods' facts whose parts must agree with one another."""

from pos.engines.consignment_events import (
    CountedGoods,
    Goods,
    GoodsCounted,
    GoodsReceived,
    GoodsReturned,
    ReceiptCorrected,
    StatedLine,
    StatedRate,
    StatementClosed,
    StatementDetailed,
)  # fmt: skip
from pos.events import Event

_DAY = "2025-06-14"
_BOULE = {"product": "boule_de_campagne", "label": "Boule de campagne", "price": 240}

EXAMPLES: dict[str, Event] = {
    GoodsReceived.kind: GoodsReceived(
        owner="baker:b1", day=_DAY, lot=_DAY, number=1, note_no="BL-0614",
        lines=[Goods(quantity=10000, ordered=11000, **_BOULE)],
    ),
    ReceiptCorrected.kind: ReceiptCorrected(
        owner="baker:b1", number=1, day=_DAY, lot=_DAY, was=10000, counted=9000, **_BOULE
    ),
    GoodsReturned.kind: GoodsReturned(
        owner="baker:b1", day=_DAY, lot=_DAY, slip="R-12", how="donated", lines=[Goods(quantity=1000, **_BOULE)]
    ),
    GoodsCounted.kind: GoodsCounted(
        owner="baker:b1", day=_DAY, lot=_DAY, bears="cafe", lines=[CountedGoods(expected=2000, counted=1000, **_BOULE)]
    ),
    StatementDetailed.kind: StatementDetailed(
        owner="depot:press", number=3, lines=[StatedLine(sold=8000, revenue=1920, **_BOULE)]
    ),
    # Eight sold of ten that came, one returned, one lost; one sold of a day before was given back.
    StatementClosed.kind: StatementClosed(
        owner="baker:b1", number=2, first=_DAY, last=_DAY, day=_DAY, upto_seq=412,
        lines=[
            StatedLine(
                received=10000, sold=8000, returned=1000, lost=1000, revenue=1920, received_value=2400,
                returned_value=240, lost_value=240, **_BOULE,
            ),
            StatedLine(sold=-1000, revenue=-240, adjusted=240, correction=True, **_BOULE),
        ],
        revenue=1680, adjusted=240, received_value=2400, returned_value=240, lost_value=240, uncredited=0, charged=240,
        commission_bp=1800, commission=389, rates=[StatedRate(bp=1800, base=2160, commission=389)], deduction=100,
        deduction_reason="quality", due=1671, tax_mode="on_behalf",
    ),
}  # fmt: skip
