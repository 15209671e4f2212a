"""The worked day of the fiscal notes, played on the till from the first tile to the Z, to the cent (16.1–16.3, 16.5)."""

import pytest

from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.release import FISCAL_VERSION, VERSION
from pos.store import Store
from pos.till import cash, catalogue, close, people, period_tables, refund, sell
from pos.till.events import DayClosed, SaleCompleted
from pos.till.menu_events import CafeDescribed
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH
from tests.cast import BEA, CAFE, MIXED, VICTOR, of, open_cafe, product, sold


def shelves(store: Store) -> None:
    """Put the goods of 16.2 and 16.3 up."""
    for one in (
        product("plat", "Plat du jour", 1150, "meal", nature="service"),
        product("vin", "Verre de vin", 380, "alcohol", nature="service"),
        product("formule", "Formule", 1490, "meal", nature="service", components=["plat", "vin", "cafe"]),
        product("velo", "Location vélo", 1200, "service", nature="service"),
        product("consigne", "Consigne", 200, "", role="agent_disclosed", owner="consignes"),
        product("bon", "Bon cadeau", 2000, "", role="advance", owner="bons"),
        product("pate", "Pâté", 690, "grocery", takeaway=True),
        product("arrondi", "Arrondi solidaire", 30, "", role="donation", owner="dons"),
        product("portage", "Repas porté", 950, "meal", takeaway=True),
    ):
        catalogue.list_product(store, one, by=BEA)


def play(store: Store) -> DayClosed:
    """Ring up tickets 1042 to 1049, the bank deposit and the count."""
    lines = [SoldLine(product=code) for code in MIXED]
    sell.sell(store, lines=lines, payments=[TakenPayment(means=CARD)], cashback=2000, by=VICTOR)
    two = [SoldLine(product="formule", quantity=2000)]
    sell.sell(store, lines=two, payments=[TakenPayment(means="meal_voucher", amount=2310), TakenPayment()], by=VICTOR)
    sold(store, "velo", "consigne")
    sold(store, "bon", payments=[TakenPayment(means=CARD)])
    pates = [SoldLine(product="pate", quantity=3000), SoldLine(product="arrondi")]
    sell.sell(store, lines=pates, payments=[TakenPayment(means="voucher", amount=2000), TakenPayment()], by=VICTOR)
    error = of(sell.sell(store, lines=[SoldLine(product="demi", quantity=2000)], by=VICTOR))
    refund.refund_sale(store, error.no, reason="mistake", by=BEA)
    carried = [SoldLine(product="portage", quantity=5000)]
    sell.sell(store, lines=carried, payments=[TakenPayment(means="cheque")], by=VICTOR)
    cash.move_cash(store, -10_000, "bank_deposit", by=BEA)
    return close.close_day(store, counted=5120, reason="unknown", by=BEA)


def test_the_worked_day_is_right_to_the_cent(store: Store) -> None:
    """R32, R76, R78, 16.3: VAT 4,29 on the 20 % line though the day's TTC would make 4,28; cash, means, totals."""
    open_cafe(store)
    shelves(store)
    z = play(store)
    assert [(p.bp, p.gross, p.net, p.gross - p.net) for p in z.vat] == [
        (2000, 2570, 2141, 429), (1000, 7970, 7245, 725), (550, 2625, 2488, 137),
    ]  # fmt: skip
    assert 2570 - (2 * 2570 * 10_000 + 12_000) // (2 * 12_000) == 428
    assert (z.turnover, sum(p.net for p in z.vat)) == (13_165, 11_874)
    assert {f"{off.code}:{off.owner}": off.amount for off in z.off} == {
        "HC_TIERS:presse": 140, "HC_TIERS:laposte": 152, "HC_TIERS:consignes": 200, "HC_BON:bons": 2000, "HC_DON:dons": 30,
    }  # fmt: skip
    assert {one.key: one.amount for one in z.means} == {
        CARD: 6457, "meal_voucher": 2310, "voucher": 2000, "cheque": 4750, CASH: 170,
    }  # fmt: skip
    assert sum(one.amount for one in z.means) == z.turnover + sum(off.amount for off in z.off) == 15_687
    assert (z.float_cents, z.cash_sales - z.cashback, z.cash_out) == (15_000, 170, 10_000)
    assert (z.expected, z.counted, z.difference) == (5170, 5120, -50)
    assert (z.perpetual, z.perpetual_absolute) == (13_165, 14_565)
    assert (z.tickets + z.refunds, z.refunds, z.first_no, z.last_no) == (8, 1, 1, 8)
    assert check_everything(store).findings == ()


def test_the_month_says_the_same_vat(store: Store, clock: StoppedClock) -> None:
    """R37, R78, R83: the month, and a quarter, are the sums of their closings per rate: 4,29 stays 4,29."""
    open_cafe(store)
    shelves(store)
    play(store)
    clock.set("2026-12-01T06:00:00+01:00")
    close.close_forgotten(store)
    with store.reading() as conn:
        row = period_tables.last_made(conn, "month")
        assert row is not None
        month = store.event(conn, row["seq"]).event
        quarter = period_tables.sums(conn, "2026-10", "2026-12")["vat"]
    assert [(p.bp, p.gross - p.net) for p in month.vat] == [(2000, 429), (1000, 725), (550, 137)]  # type: ignore[attr-defined]
    assert {bp: gross - net for bp, (gross, net, _n) in quarter.items()} == {"2000": 429, "1000": 725, "550": 137}


def test_a_sale_says_all_that_the_law_lists(store: Store) -> None:
    """R9, R16: place, numbers, both days, lines with label and unit, HT and rate, nature, whose money, means, change, versions."""
    open_cafe(store)
    sell.sell(
        store, lines=[SoldLine(product="tomme", quantity=350), SoldLine(product="cafe"), SoldLine(product="progres")],
        payments=[TakenPayment(given=2000)], by=VICTOR,
    )  # fmt: skip
    with store.reading() as conn:
        seq = store.tip().seq
        sale = store.event(conn, seq).event
        body = conn.execute("SELECT body FROM journal_entry WHERE seq = ?", (seq,)).fetchone()[0].decode()
    assert isinstance(sale, SaleCompleted)
    tomme, cafe, progres = sale.lines
    assert (tomme.label, tomme.quantity, tomme.unit, tomme.unit_price, tomme.gross) == (
        "Tomme au poids",
        350,
        "kg",
        1890,
        662,
    )
    assert (tomme.gross - tomme.net, tomme.vat, tomme.takeaway, tomme.nature) == (35, 550, True, "goods")
    assert (cafe.nature, cafe.takeaway, cafe.vat, cafe.family) == ("service", False, 1000, "bar")
    assert (progres.nature, progres.owner, progres.vat_code) == ("third_party", "presse", "HC_TIERS")
    assert (sale.payments[0].given, sale.payments[0].change) == (2000, 2000 - sale.total)
    assert (sale.regime, sale.siret, sale.sw) == ("reel", CAFE.siret, f"{VERSION}/{FISCAL_VERSION}")
    for field in ('"cafe":17', '"j":', '"op":"v1"', '"seq":', '"t":', '"tq":', '"kind":"till.sale_completed"'):
        assert field in body, field
    assert "." not in body.split('"sw"')[0].split('"payments"')[1], "no float near money (R11)"


def test_the_z_says_regime_and_versions(store: Store) -> None:
    """R1, R4: on the closing as on the ticket."""
    open_cafe(store)
    z = close.close_day(store, by=BEA)
    assert (z.regime, z.sw) == ("reel", f"{VERSION}/{FISCAL_VERSION}")


@pytest.mark.parametrize(("regime", "code"), [("franchise", "FR_293B"), ("exonere", "EX_261")])
def test_a_regime_changes_from_its_day_on(store: Store, clock: StoppedClock, regime: str, code: str) -> None:
    """R1, R81: tickets before keep their VAT, tickets after have none; each says the regime it was sold under."""
    open_cafe(store)
    before = of(sold(store, "demi"))
    close.close_day(store, by=BEA)
    fields = {name: getattr(CAFE, name) for name in CAFE.__struct_fields__} | {
        "regime": regime,
        "valid_from": "2026-11-21",
    }
    people.describe_cafe(store, CafeDescribed(**fields), by=BEA)
    clock.tick(86_400_000)
    close.open_day(store, 0, by=BEA)
    after = of(sold(store, "demi"))
    assert (before.regime, [p.bp for p in before.vat]) == ("reel", [2000])
    assert (after.regime, after.vat, [line.vat_code for line in after.lines]) == (regime, [], [code])
    back = refund.refund_sale(store, before.no, reason="returned", by=BEA)
    assert (back.regime, [(p.bp, p.gross, p.net) for p in back.vat]) == ("reel", [(2000, -350, -292)])
    assert check_everything(store).findings == ()
