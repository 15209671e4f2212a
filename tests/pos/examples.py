"""Slips of the worked examples of the fiscal notes (16.1, 16.3, 16.5), as the till would print them."""

from pos.clock import to_ms
from pos.slips import Slip
from pos.till import slips
from pos.till.events import (
    CafeDescribed,
    CashCounted,
    CashMoved,
    DayClosed,
    KeyTotal,
    OffPart,
    OwnerTotal,
    Payment,
    Pieces,
    SaleCompleted,
    SaleLine,
    SaleRefunded,
    ThirdPartySettled,
    UseTotal,
    VatPart,
)  # fmt: skip
from pos.till.tab import Tab, TabLine, price

HASH = "a98daafafbbc9272b21655c5f6c5cd78004db78de04695e05a887c9e0d64ff2d"
HEAD = "c3cf68ddb685748c84b920801698694e340f60be4e80cee0f08a99aecd61eb86"
CAFE = CafeDescribed(
    sign="Café de la Place", legal_entity="SAS Exemple", siret="12345678900011", street="1 place de l’Église",
    postcode="00000", town="Village", insee="00000", model="associatif", regime="reel", valid_from="2026-01-01",
    vat_number="FR00123456789", ape="5630Z",
)  # fmt: skip
SMALL_CAFE = CafeDescribed(
    sign="L’Œuf à la coque", legal_entity="Association des amis du lavoir", siret="98765432100022", street="Le bourg",
    postcode="00001", town="Saint-Exemple-sur-Œuvre", delegated_commune="La Fontaine-aux-Bœufs", insee="00001",
    model="associatif", regime="franchise", valid_from="2026-01-01",
)  # fmt: skip
OWNERS = {"presse": "Presse", "laposte": "La Poste"}
LABELS = {
    **OWNERS, "boissons": "Boissons", "repas": "Repas", "epicerie": "Épicerie et pain", "location": "Location",
    "bread": "Pain", "cash_out": "Retrait d’espèces", "press": "Presse", "g1": "Opérateur g1", "v3": "Opérateur v3",
}  # fmt: skip


def entry(at: str = "2026-11-20T18:42", *, seq: int = 48217, by: str = "v3") -> slips.Issued:
    """The journal entry a slip is made from."""
    return slips.Issued(at=to_ms(at), by=by, box="3fa2c1d05be97710", cafe=42, seq=seq, hash=HASH)


def line(
    label: str, gross: int, net: int, vat: int, *, quantity: int = 1000, unit: int = 0, **more: object
) -> SaleLine:
    """A line sold on site unless said otherwise."""
    given = {"product": label.lower(), "nature": "service", **more}
    return SaleLine(label=label, quantity=quantity, unit_price=unit or gross, gross=gross, net=net, vat=vat, **given)


LINES = [
    line("Demi pression 25 cl", 700, 583, 2000, quantity=2000, unit=350),
    line("Café", 160, 145, 1000),
    line("Croque-monsieur", 750, 682, 1000),
    line("Baguette", 120, 114, 550, takeaway=True, nature="goods"),
    line("Confiture 350 g", 435, 412, 550, takeaway=True, nature="goods"),
    line("Le Progrès", 140, 140, 0, vat_code="HC_TIERS", owner="presse", nature="third_party"),
    line("Timbre Lettre verte", 152, 152, 0, vat_code="HC_TIERS", owner="laposte", nature="third_party"),
]
VAT = [
    VatPart(bp=2000, gross=700, net=583),
    VatPart(bp=1000, gross=910, net=827),
    VatPart(bp=550, gross=555, net=526),
]
MIXED = SaleCompleted(
    no=1042, day="2026-11-20", tab="t1", visit="v1", lines=LINES, payments=[Payment(means="card", amount=2457)],
    total=2457, turnover=2165, regime="reel", sw="0.1.0/F0.1", vat=VAT, cashback=2000,
    off=[OffPart(code="HC_TIERS", owner="laposte", amount=152), OffPart(code="HC_TIERS", owner="presse", amount=140)],
)  # fmt: skip
SMALL = SaleCompleted(
    no=7, day="2026-11-20", tab="t2", visit="v2", total=1090, turnover=1090, regime="franchise", sw="0.1.0/F0.1",
    lines=[
        line("Café", 130, 130, 0, vat_code="FR_293B"),
        line("Thé", 0, 0, 0, vat_code="FR_293B", unit=220, offered="house", normal_price=220),
        line("Tomates du jardin de l’école", 140, 140, 0, quantity=350, unit=400, vat_code="FR_293B", takeaway=True, nature="goods"),
        line("Confiture de groseilles à maquereau du jardin partagé", 820, 820, 0, quantity=2000, unit=435, discount=50,
             vat_code="FR_293B", takeaway=True, nature="goods"),
    ],
    payments=[Payment(means="meal_voucher", amount=500), Payment(means="cash", amount=590, given=2000, change=1410)],
)  # fmt: skip
# Services of 25 € and more: a note (R63).
NOTE = SaleCompleted(
    no=1043, day="2026-11-20", tab="t3", visit="v3", total=2980, turnover=2980, regime="reel", sw="0.1.0/F0.1",
    lines=[
        line("Plat du jour", 2300, 2091, 1000, quantity=2000, unit=1150, nature="service"),
        line("Verre de vin", 680, 567, 2000, quantity=2000, unit=340, nature="service"),
    ],
    payments=[Payment(means="card", amount=2980)], vat=[VatPart(bp=2000, gross=680, net=567), VatPart(bp=1000, gross=2300, net=2091)],
)  # fmt: skip
BACK = SaleRefunded(
    no=1048, day="2026-11-20", original=1047, original_seq=48230, reason="mistake", visit="v9", places=[0], total=-700,
    lines=[line("Demi pression 25 cl", -700, -583, 2000, quantity=-2000, unit=350)], turnover=-700, regime="reel",
    payments=[Payment(means="cash", amount=-700)], sw="0.1.0/F0.1", vat=[VatPart(bp=2000, gross=-700, net=-583)],
)  # fmt: skip
DAY = DayClosed(
    z=217, day="2026-11-20", opened_at=to_ms("2026-11-20T07:02"), closed_at=to_ms("2026-11-20T20:15"), auto=False,
    first_seq=48102, last_seq=48261, first_no=1042, last_no=1049, tickets=8, refunds=1, voids=2, duplicates=1,
    drawer_openings=1, turnover=13165, float_cents=15000, cash_sales=2170, cash_in=0, cash_out=10000, cashback=2000,
    settled_cash=0, expected=5170, counted=5120, difference=-50, month_to_date=241880, year_to_date=2841930,
    perpetual=4834200, perpetual_absolute=4877600, head_seq=48261, head=HEAD, acked="f6cc5cf713359f6c",
    vat=[VatPart(bp=2000, gross=2570, net=2141), VatPart(bp=1000, gross=7970, net=7245), VatPart(bp=550, gross=2625, net=2488)],
    means=[KeyTotal(key="card", amount=6457, n=2), KeyTotal(key="meal_voucher", amount=2310, n=1),
           KeyTotal(key="voucher", amount=2000, n=1), KeyTotal(key="cash", amount=170, n=6)],
    families=[KeyTotal(key="boissons", amount=1530, n=3), KeyTotal(key="repas", amount=7810, n=4),
              KeyTotal(key="epicerie", amount=2625, n=3), KeyTotal(key="location", amount=1200, n=1)],
    modes=[KeyTotal(key="onsite", amount=10540, n=8), KeyTotal(key="takeaway", amount=2625, n=3)],
    operators=[KeyTotal(key="g1", amount=4330, n=4), KeyTotal(key="v3", amount=8835, n=5)],
    off=[OffPart(code="HC_TIERS", owner="presse", amount=140), OffPart(code="HC_TIERS", owner="laposte", amount=152)],
    third_parties=[OwnerTotal(owner="presse", taken=140, settled=0, balance=1260),
                   OwnerTotal(owner="laposte", taken=152, settled=0, balance=4408)],
    uses=[UseTotal(service="bread", n=1), UseTotal(service="cash_out", n=1), UseTotal(service="press", n=1)],
)  # fmt: skip
TAB = Tab(
    tab_id="t4", opened_at=0, visit="v4", label="Terrasse 2", lines=[
        TabLine(line_id="1", product="plat", label="Plat du jour", unit_price=1150, vat_class="meal", quantity=2000),
        TabLine(line_id="2", product="vin", label="Verre de vin", unit_price=380, vat_class="alcohol", quantity=2000),
        TabLine(line_id="3", product="cafe", label="Café", unit_price=160, vat_class="hot_drink"),
    ],
)  # fmt: skip


def all_slips() -> dict[str, Slip]:
    """Every slip of the till, by the name of its golden file."""
    refund_at = entry("2026-11-20T19:05", seq=48231, by="g1")
    closed_at = entry("2026-11-20T20:15", seq=48262, by="g1")
    return {
        "mixed": slips.receipt(MIXED, CAFE, entry(), owners=OWNERS),
        "duplicate": slips.receipt(MIXED, CAFE, entry(), copy=2, reprinted_at=to_ms("2026-11-21T09:10"), owners=OWNERS),
        "franchise": slips.receipt(SMALL, SMALL_CAFE, entry("2026-11-20T10:05", seq=311)),
        "note": slips.receipt(NOTE, CAFE, entry("2026-11-20T13:05", seq=48225)),
        "refund": slips.refund(BACK, CAFE, refund_at),
        "bill": slips.bill(TAB, price(TAB, "2026-11-20", "reel"), CAFE, slips.Issued(to_ms("2026-11-20T13:20"), "v3", "3fa2c1d0", 42)),
        "z": slips.closure(DAY, CAFE, closed_at, labels=LABELS),
        "x": slips.reading(DAY, CAFE, entry("2026-11-20T16:00", seq=48200, by="g1"), labels=LABELS),
        "cash": slips.cash_slip(CashMoved(amount=-10000, reason="bank_deposit", day="2026-11-20"), CAFE, closed_at),
        "count": slips.count_slip(
            CashCounted(day="2026-11-20", expected=5170, counted=5120, difference=-50, pieces=[
                Pieces(value=2000, n=1), Pieces(value=1000, n=2), Pieces(value=500, n=1), Pieces(value=200, n=2), Pieces(value=20, n=11),
            ]), CAFE, closed_at,
        ),
        "handed": slips.handed_over(
            ThirdPartySettled(owner="presse", amount=1260, means="cash", day="2026-11-20"), CAFE, closed_at, owner="Presse"
        ),
    }  # fmt: skip
