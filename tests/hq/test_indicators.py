"""Indicators: what services tell of themselves, by café and month, money only where it is shared."""

from pathlib import Path

import pytest

from hq import enrolment, indicators, register
from hq.access import OFFICE
from hq.config import Config
from hq.local import LocalHq
from hq.wiring import Office, open_office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.house import indicators as declared
from pos.seal import Keyring
from pos.services.bread import contracts, day, statements
from pos.services.parcels import handing, intake
from pos.store import Store
from pos.till import catalogue, close, sell
from pos.till.sell import SoldLine
from sync import agent, enrol


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """HQ on a fresh file."""
    clock = StoppedClock("2026-11-20T07:02:00+01:00")
    opened = open_office(Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"), clock=clock)
    yield opened
    opened.close()


def cafe_with_bread_and_parcels(office: Office, folder: Path, model: str, *, stated: bool = True) -> int:
    """A café that takes bread and two parcels in, hands one over, and sends it all."""
    with office.db.writing() as conn:
        sheet = register.Sheet(
            name=f"Café {model}", insee="53195", antenna=4, model=model, services=("bread", "parcel")
        )
        number = register.add_cafe(conn, sheet, by="office", now_ms=office.clock.now_ms())
        code = str(enrolment.make_code(conn, number, by="office", at=office.clock.now_ms()))
    clock = StoppedClock(office.clock.now_ms())
    store = Store(folder / "cafe.db", clock=clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES)
    line = LocalHq(office)
    enrol.open_first_journal(store, enrol.enrol(store, line, code, hw="test"))
    catalogue.load_starter(store, by="g1")
    close.open_day(store, 15000, by="g1")
    baker = contracts.list_baker(store, name="Fournil", by="g1").baker
    contracts.set_contract(store, baker, by="g1")
    contracts.set_article(store, baker, "baguette", by="g1")
    day.receive_delivery(store, baker, [day.Came(article="baguette", counted=18000, announced=20000)], by="g1")
    sell.sell(store, lines=[SoldLine(product="baguette", quantity=12000)], by="g1")
    day.settle_unsold(store, "returned", by="g1")
    if stated:
        statements.close_statement(store, baker, by="g1")
    intake.set_carrier(store, by="g1", carrier="mondial-relay")
    taken = [
        intake.receive(store, by="g1", code=code, carrier="mondial-relay", place="A1")
        for code in ("12345678", "87654321")
    ]
    handing.hand_over(store, by="g1", parcel=taken[0].parcel)
    agent.push(store, line)
    store.close()
    return number


def test_an_unsold_rate_is_the_share_of_the_sums_where_money_is_shared(office: Office, tmp_path: Path) -> None:
    """Six baguettes of eighteen went back: a third, that month and over the twelve; nothing of who does not share."""
    managed = cafe_with_bread_and_parcels(office, tmp_path / "a", "managed")
    cafe_with_bread_and_parcels(office, tmp_path / "b", "volunteer")
    with office.db.reading() as conn:
        rate = {row.indicator.code: row for row in indicators.table(conn, OFFICE, "2026-11-20")}["bread_unsold_rate"]
    assert (rate.total, dict(rate.months), rate.cafes) == (3333, {"2026-11": 3333}, {managed})


def test_no_unsold_rate_is_shown_before_the_first_statement(office: Office, tmp_path: Path) -> None:
    """Bread came, and what was left of it is not stated yet: no rate, rather than a false 0 %."""
    cafe_with_bread_and_parcels(office, tmp_path / "a", "managed", stated=False)
    with office.db.reading() as conn:
        rate = {row.indicator.code: row for row in indicators.table(conn, OFFICE, "2026-11-20")}["bread_unsold_rate"]
    assert (rate.total, dict(rate.months), rate.cafes) == (0, {}, set())


def test_figures_come_without_a_line_of_code_at_hq(office: Office, tmp_path: Path) -> None:
    """Bread received and short, parcels in and out: as the services declare them; money only where it is shared."""
    managed = cafe_with_bread_and_parcels(office, tmp_path / "a", "managed")
    cafe_with_bread_and_parcels(office, tmp_path / "b", "volunteer")
    with office.db.reading() as conn:
        rows = {row.indicator.code: row for row in indicators.table(conn, OFFICE, "2026-11-20")}
    assert rows["bread_received"].total == 18 * 105
    assert rows["bread_received"].cafes == {managed}
    assert rows["bread_short"].total == 2
    assert rows["parcels_received"].months["2026-11"] == 4
    assert rows["parcels_handed"].total == 2
    assert rows["parcels_returned"].total == 0


def test_every_indicator_has_its_own_code_and_is_told_by_something() -> None:
    """Codes are unique in the house; a feature that declares indicators tells them."""
    codes = [indicator.code for _feature, indicator in declared()]
    assert len(codes) == len(set(codes))
    assert all(feature.tells for feature, _indicator in declared())
    units = ("count", "cents", "metres", "minutes", "thousandths", "distinct", "share")
    assert all(indicator.unit in units for _f, indicator in declared())
    assert all(set(one.share) <= set(codes) for _f, one in declared() if one.unit == "share")


def test_twelve_months_end_with_the_month_asked() -> None:
    """The window moves with the day."""
    assert indicators.months_to("2026-02-03")[0] == "2025-03"
    assert indicators.months_to("2026-02-03")[-1] == "2026-02"
    assert len(indicators.months_to("2026-02-03")) == 12


def test_a_café_s_debts_to_third_parties_are_read_from_its_last_closing(office: Office, tmp_path: Path) -> None:
    """What is owed and what is claimed, as the Z said it."""
    from hq.portrait import third_parties
    from pos.till import cash

    with office.db.writing() as conn:
        number = register.add_cafe(
            conn, register.Sheet(name="Café", insee="53195", antenna=4, model="managed"), by="office", now_ms=1
        )
        code = str(enrolment.make_code(conn, number, by="office", at=office.clock.now_ms()))
    store = Store(
        tmp_path / "cafe.db",
        clock=StoppedClock(office.clock.now_ms()),
        keyring=Keyring.load_or_make(tmp_path / "box.key"),
        features=FEATURES,
    )
    line = LocalHq(office)
    enrol.open_first_journal(store, enrol.enrol(store, line, code, hw="test"))
    with office.db.reading() as conn:
        assert third_parties(conn, number) is None
    close.open_day(store, 15000, by="g1")
    cash.move_third_party(store, "laposte", -10000, reason="withdrawal", by="g1")
    cash.move_third_party(store, "assoc:fete", 15000, reason="other", by="g1")
    close.close_day(store, by="g1")
    agent.push(store, line)
    with office.db.reading() as conn:
        held = third_parties(conn, number)
    assert held is not None
    assert dict(held.balances) == {"Association Fete": 15000, "La Poste": -10000}
    store.close()
