"""Examples of the till's facts whose parts must agree with one another: a sale, its refund."""

from pos.events import Event
from pos.till.events import OffPart, Payment, SaleCompleted, SaleLine, SaleRefunded, VatPart

DAY = "2026-11-20"
TAB = "019f2c0a1b2c5e6f7a8b"

# 2 coffees on site (10 %), a baguette sold for the baker (his money), cash-back apart.
COFFEES = SaleLine(
    product="espresso", label="Café", quantity=2000, unit_price=150, gross=300, net=273, vat=1000, family="hot"
)
BREAD = SaleLine(
    product="baguette", label="Baguette tradition", quantity=1000, unit_price=130, gross=130, net=130,
    vat_code="HC_TIERS", takeaway=True, nature="third_party", family="bread", service="bread", owner="baker-1",
)  # fmt: skip
SALE = SaleCompleted(
    no=42, day=DAY, tab=TAB, visit=TAB, lines=[COFFEES, BREAD],
    payments=[Payment(means="cash", amount=430, given=500, change=70)], total=430, turnover=300, regime="reel",
    sw="0.1.0/F0.1", siret="12345678200017", vat=[VatPart(bp=1000, gross=300, net=273)],
    off=[OffPart(code="HC_TIERS", owner="baker-1", amount=130)],
)  # fmt: skip
REFUND = SaleRefunded(
    no=43, day=DAY, original=42, original_seq=118, reason="mistake", visit=TAB,
    lines=[
        SaleLine(
            product="espresso", label="Café", quantity=-1000, unit_price=150, gross=-150, net=-136, vat=1000,
            family="hot",
        )
    ],
    places=[0], payments=[Payment(means="cash", amount=-150)], total=-150, turnover=-150, regime="reel",
    sw="0.1.0/F0.1", siret="12345678200017", vat=[VatPart(bp=1000, gross=-150, net=-136)],
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in (SALE, REFUND)}
