"""The worked day of the fiscal reference, 20 November 2026: eight tickets, a refund, an invoice, its closing."""

from itertools import count

import msgspec

from pos.clock import to_ms
from pos.events import Event, encode
from pos.journal import Envelope
from pos.till.events import (
    CashCounted,
    CashMoved,
    DayClosed,
    DayOpened,
    Payment,
    SaleCompleted,
    SaleRefunded,
    VatPart,
)  # fmt: skip
from pos.till.invoices.events import Invoiced, Party
from pos.till.tab import Tab, TabLine, price

DAY = "2026-11-20"
SW = "0.1.0/F0.1"
_ids = count(1)


def line(label: str, gross: int, vat_class: str, family: str, **more: object) -> TabLine:
    """A line of one article."""
    nature = {"pain": "goods", "epicerie": "goods"}.get(family, "service")
    takeaway = family in ("pain", "epicerie", "meals")
    settled = {"line_id": f"l{next(_ids)}", "product": label.lower(), "label": label, "unit_price": gross,
               "vat_class": vat_class, "family": family, "nature": nature, "takeaway": takeaway}  # fmt: skip
    return TabLine(**{**settled, **more})  # type: ignore[arg-type]


def beers(n: int = 2) -> TabLine:
    """Demis at 3,50."""
    return line("Demi pression 25 cl", 350, "alcohol", "biere_vin", quantity=1000 * n)


def mixed() -> list[TabLine]:
    """The lines of example 16.1."""
    return [
        beers(), line("Café", 160, "hot_drink", "chaud"), line("Croque-monsieur", 750, "meal", "manger"),
        line("Baguette", 120, "bread", "pain"), line("Confiture", 435, "grocery", "epicerie"),
        line("Le Progrès", 140, "press_resold", "presse", role="press", owner="presse"),
        line("Timbre", 152, "service", "poste", role="agent_disclosed", owner="laposte"),
    ]  # fmt: skip


def sale(no: int, lines: list[TabLine], *payments: Payment, cashback: int = 0) -> SaleCompleted:
    """A sale priced as the till prices it."""
    priced = price(Tab(tab_id=f"t{no}", opened_at=0, visit=f"v{no}", lines=lines), DAY, "reel")
    return SaleCompleted(
        no=no, day=DAY, tab=f"t{no}", visit=f"v{no}", lines=priced.lines, payments=list(payments), total=priced.total,
        turnover=priced.turnover, vat=priced.vat, off=priced.off, regime="reel", sw=SW, siret="12345678900011",
        cashback=cashback,
    )  # fmt: skip


def pay(means: str, amount: int, owner: str = "") -> Payment:
    """A part of what is paid."""
    return Payment(means=means, amount=amount, owner=owner)


def worked_sales() -> list[SaleCompleted | SaleRefunded]:
    """The tickets 1042 to 1049."""
    formulas = [
        line("Formule : plat", 2028, "meal", "manger"), line("Formule : vin", 670, "alcohol", "biere_vin"),
        line("Formule : café", 282, "hot_drink", "chaud"),
    ]  # fmt: skip
    deposit = line("Consigne", 200, "service", "tour", role="agent_disclosed", owner="cups")
    pates = [line("Pâté", 690, "grocery", "epicerie", quantity=3000),
             line("Arrondi solidaire", 30, "service", "accounts", role="donation", owner="suspended")]  # fmt: skip
    wrong = sale(1047, [beers()], pay("cash", 700))
    back = [msgspec.structs.replace(one, quantity=-one.quantity, gross=-one.gross, net=-one.net) for one in wrong.lines]
    return [
        sale(1042, mixed(), pay("card", 2457), cashback=2000),
        sale(1043, formulas, pay("meal_voucher", 2310), pay("cash", 670)),
        sale(1044, [line("Location vélo", 1200, "service", "bikes"), deposit], pay("cash", 1400)),
        sale(1045, [line("Bon cadeau", 2000, "service", "accounts", role="advance", owner="gift")], pay("card", 2000)),
        sale(1046, pates, pay("gift", 2000, "gift"), pay("cash", 100)),
        wrong,
        SaleRefunded(
            no=1048, day=DAY, original=1047, original_seq=1, reason="mistake", visit="v1047", lines=back, places=[0],
            payments=[pay("cash", -700)], total=-700, turnover=-700, regime="reel", sw=SW,
            vat=[VatPart(bp=2000, gross=-700, net=-583)],
        ),
        sale(1049, [line("Repas porté", 950, "meal", "meals", quantity=5000)], pay("funder", 4750, "funder:mairie")),
    ]  # fmt: skip


def invoice_of(sold: SaleCompleted) -> Invoiced:
    """The mairie's invoice F-2026-0031."""
    party = Party(
        sort="public", entity="Commune de Village", siret="21000000100012", service_code="SCOL", postcode="00000"
    )
    return Invoiced(
        year=2026, n=31, date=DAY, day=DAY, ticket=sold.no, ticket_seq=9, buyer="mairie", party=party, vat=sold.vat,
        total=sold.turnover, due=sold.turnover, due_on="2026-12-20", sw=SW,
    )  # fmt: skip


def z_of(sales: list[SaleCompleted | SaleRefunded], *, z: int = 217, day: str = DAY, expected: int = 0) -> DayClosed:
    """The closing that says what its sales say."""
    rates: dict[int, list[int]] = {}
    for one in sales:
        for part in one.vat:
            row = rates.setdefault(part.bp, [0, 0])
            row[0] += part.gross
            row[1] += part.net
    return DayClosed(
        z=z, day=day, opened_at=0, closed_at=0, auto=False, first_seq=0, last_seq=0, first_no=0, last_no=0, tickets=8,
        refunds=1, voids=0, duplicates=0, drawer_openings=0, turnover=sum(one.turnover for one in sales),
        vat=[VatPart(bp=bp, gross=g, net=n) for bp, (g, n) in rates.items()], means=[], families=[], modes=[],
        operators=[], third_parties=[], off=[], float_cents=0, cash_sales=0, cash_in=0, cash_out=0, cashback=0,
        settled_cash=0, expected=expected, perpetual=0, perpetual_absolute=0, head_seq=0, head="",
    )  # fmt: skip


def worked_day() -> list[Event]:
    """Everything of the day, in order."""
    sales = worked_sales()
    mairie = sales[-1]
    assert isinstance(mairie, SaleCompleted)
    return [
        DayOpened(day=DAY, float_cents=15000), *sales, invoice_of(mairie),
        CashMoved(amount=-10000, reason="bank_deposit", day=DAY),
        CashCounted(day=DAY, expected=5170, counted=5120, difference=-50), z_of(sales, expected=5170),
    ]  # fmt: skip


def stored(events: list[Event], at: str = f"{DAY}T18:42:00") -> list[Envelope]:
    """The events as a journal keeps them."""
    t = to_ms(at)
    return [
        Envelope(boot=1, cafe=42, data=msgspec.Raw(encode(event)), j="0011223344556677", kind=event.kind, kv=event.kv,
                 mono=n, op="v1", seq=n, t=t + n, tq=2, v=1)
        for n, event in enumerate(events)
    ]  # fmt: skip
