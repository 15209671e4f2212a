"""Examples of the till's facts: the worked ticket of the fiscal notes (16.1 with 16.3), its refund, its day."""

from pos.events import Event
from pos.till import events as ev
from pos.till.events import OffPart, Payment, Pieces, SaleLine, VatPart

DAY, AT = "2026-11-20", 1795196520000
SW, REGIME, SIRET = "0.1.0/F0.1", "reel", "12345678900011"


def _line(product: str, label: str, gross: int, net: int, vat: int, **more: object) -> SaleLine:
    given = {"quantity": 1000, "unit_price": gross, "nature": "service", "family": "bar", **more}
    return SaleLine(product=product, label=label, gross=gross, net=net, vat=vat, **given)  # type: ignore[arg-type]


SALE = ev.SaleCompleted(
    no=1042, day=DAY, tab="t1", visit="v1", visit_by="tap", total=2457, turnover=2165, regime=REGIME, sw=SW, siret=SIRET,
    lines=[
        _line("demi", "Demi pression 25 cl", 700, 583, 2000, quantity=2000, unit_price=350),
        _line("cafe", "Café", 160, 145, 1000),
        _line("croque", "Croque-monsieur", 750, 682, 1000),
        _line("baguette", "Baguette", 120, 114, 550, takeaway=True, nature="goods", service="bread", ref="bread.order:o1"),
        _line("confiture", "Confiture 350 g", 435, 412, 550, takeaway=True, nature="goods", discount=15),
        _line("sirop", "Sirop à l’eau", 0, 0, 1000, unit_price=150, offered="courtesy", normal_price=150, discount=150),
        _line("progres", "Le Progrès", 140, 140, 0, vat_code="HC_TIERS", owner="presse", nature="third_party"),
        _line("timbre", "Timbre", 152, 152, 0, vat_code="HC_TIERS", owner="laposte", nature="third_party"),
    ],
    payments=[
        Payment(means="cash", amount=457, given=500, change=43, before=True),
        Payment(means="card", amount=2000, ref="0195b7c0a1d2e3f40001"),
    ],
    vat=[VatPart(bp=2000, gross=700, net=583), VatPart(bp=1000, gross=910, net=827), VatPart(bp=550, gross=555, net=526)],
    off=[OffPart(code="HC_TIERS", owner="laposte", amount=152), OffPart(code="HC_TIERS", owner="presse", amount=140)],
    cashback=2000, cashback_asked_at=AT, happened_at=AT,
)  # fmt: skip
REFUND = ev.SaleRefunded(
    no=1048, day=DAY, original=1042, original_seq=48217, reason="mistake", visit="v1", places=[0, 6],
    lines=[
        _line("demi", "Demi pression 25 cl", -350, -292, 2000, quantity=-1000, unit_price=350),
        _line("progres", "Le Progrès", -140, -140, 0, quantity=-1000, unit_price=140, vat_code="HC_TIERS", owner="presse", nature="third_party"),
    ],
    payments=[Payment(means="card", amount=-490)], total=-490, turnover=-350, regime=REGIME, sw=SW, siret=SIRET,
    vat=[VatPart(bp=2000, gross=-350, net=-292)], off=[OffPart(code="HC_TIERS", owner="presse", amount=-140)],
    cancels=["press"],
)  # fmt: skip
CLOSED = ev.DayClosed(
    z=217, day=DAY, opened_at=1795154520000, closed_at=AT, auto=False, first_seq=48100, last_seq=48230, first_no=1042,
    last_no=1048, tickets=2, refunds=1, voids=1, duplicates=1, drawer_openings=1, turnover=1815,
    vat=[VatPart(bp=2000, gross=350, net=291), VatPart(bp=1000, gross=910, net=827), VatPart(bp=550, gross=555, net=526)],
    means=[ev.KeyTotal(key="card", amount=3510, n=2), ev.KeyTotal(key="cash", amount=-1543, n=1)],
    families=[ev.KeyTotal(key="bar", amount=1815, n=7)],
    modes=[ev.KeyTotal(key="onsite", amount=1260, n=5), ev.KeyTotal(key="takeaway", amount=555, n=2)],
    operators=[ev.KeyTotal(key="v1", amount=1815, n=2)],
    third_parties=[
        ev.OwnerTotal(owner="laposte", taken=152, settled=0, balance=152),
        ev.OwnerTotal(owner="presse", taken=0, settled=0, balance=0),
    ],
    off=[OffPart(code="HC_TIERS", owner="laposte", amount=152), OffPart(code="HC_TIERS", owner="presse", amount=0)],
    float_cents=15000, cash_sales=457, cash_in=0, cash_out=10000, cashback=2000, settled_cash=0, expected=3457, counted=3407,
    difference=-50, month_to_date=201815, year_to_date=2201815, perpetual=4834200, perpetual_absolute=4877600,
    head_seq=48230, head="a98daafafbbc9272b21655c5f6c5cd78004db78de04695e05a887c9e0d64ff2d", acked="3fa2c1d05be97710",
    uses=[ev.UseTotal(service="bread", n=1), ev.UseTotal(service="cash_out", n=1)],
)  # fmt: skip
PRODUCT = ev.ProductListed(
    product="baguette", label="Baguette", category="pain", price=125, vat_class="bread", ean="3250390000426", favourite=5,
    position=3, unit="kg", takeaway=True, open_price=True, role="agent_disclosed", owner="boulanger", service="bread",
    nature="service", min_age=18, icon="bread", was_price=120, was_vat_class="grocery",
)  # fmt: skip
CAFE = ev.CafeDescribed(
    sign="Café de la Place", legal_entity="SAS Exemple", siret=SIRET, street="1 place de l’Église", postcode="10190",
    town="Village", insee="10276", model="associatif", regime=REGIME, valid_from="2026-01-01",
    vat_number="FR00123456789", ape="5630Z", delegated_commune="Pâlis", services=["bread", "parcels", "cashback"],
)  # fmt: skip
CARD = "0195b7c0a1d2e3f40001"

_ALL: tuple[Event, ...] = (
    SALE, REFUND, CLOSED, PRODUCT, CAFE,
    ev.LineVoided(tab="t1", label="Café", quantity=1000, gross=160, day=DAY),
    ev.TabVoided(tab="t2", lines=2, total=510, reason="left", day=DAY),
    ev.BillPrinted(tab="t1", total=2457, day=DAY),
    ev.ReceiptPrinted(no=1042, copy=1, day=DAY),
    ev.CardPaymentStarted(payment=CARD, tab="t1", amount=4000, cashback=2000, day=DAY),
    ev.CardPaymentSettled(payment=CARD, outcome="accepted", source="operator", ref="000123"),
    ev.PaymentTaken(tab="t1", means="cash", amount=457, day=DAY),
    ev.PaymentUndone(tab="t3", means="cash", amount=500, day=DAY),
    ev.CashMoved(amount=-10000, reason="bank_deposit", day=DAY),
    ev.CashCounted(
        day=DAY, expected=5170, counted=5120, difference=-50, reason="given_wrong",
        pieces=[Pieces(value=5000, n=1), Pieces(value=100, n=1), Pieces(value=20, n=1)],
    ),
    ev.DrawerOpened(reason="give_change", day=DAY),
    ev.DayOpened(day=DAY, float_cents=15000),
    ev.ReadingTaken(day=DAY, turnover=1815),
    ev.ThirdPartySettled(owner="presse", amount=140, means="cash", day=DAY, ref="R-2026-47"),
    ev.CommissionKept(owner="presse", amount=22, day=DAY, ref="R-2026-47"),
    ev.CategoryListed(category="pain", label="Pain", accent="bread", icon="bread", position=4),
    ev.ProductRetired(product="baguette"),
    ev.ProductRanOut(product="baguette", out=True),
    ev.OperatorAdded(op="v1", role="seller"),
    ev.OperatorRemoved(op="v1"),
    ev.PinReset(op="v1"),
    ev.SignedIn(op="v1"),
    ev.PinRefused(op="v1", tries=3),
)  # fmt: skip
EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
