"""A scenario's day from the counter to HQ's kilometres: acts, journal, closing, upload, figures."""

from pathlib import Path

import pytest
from sqlalchemy import select

from hq import distances, enrolment, register
from hq.access import OFFICE
from hq.config import Config
from hq.local import LocalHq
from hq.reports import Period, impact_report
from hq.tables import cafe as cafe_table
from hq.wiring import Office, open_office
from kiosk.replay import Player, begin_menu, first_time
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from sync import agent, enrol

DAYS = Path(__file__).parent / "days"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """HQ on a fresh SQLite file, its clock the test's."""
    opened = open_office(
        Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"),
        clock=StoppedClock("2025-06-01T09:00:00"),
    )
    yield opened
    opened.close()


def registered(office: Office, name: str, insee: str, metres: dict[str, int]) -> int:
    """Register a café with confirmed distances; return its number."""
    with office.db.writing() as conn:
        week = ("6:00-20:00",) * 7
        sheet = register.Sheet(
            name=name,
            insee=insee,
            antenna=1,
            model="managed",
            services=tuple(metres),
            week=week,
            status="open",
            opened_on="2025-01-01",
        )
        number = register.add_cafe(conn, sheet, by="office", now_ms=office.clock.now_ms())
        row = conn.execute(select(cafe_table).where(cafe_table.c.id == number)).mappings().one()
        for service, m in metres.items():
            distances.confirm(
                conn, row, service, m, by="office", now_ms=office.clock.now_ms(), valid_from="2025-01-01", town="00000",
                town_name="Bourg voisin", source="scenario",
            )  # fmt: skip
    return number


def play_to_hq(office: Office, file: Path, folder: Path, cafe: int) -> Store:
    """Join a café to HQ, play its day, push; return its store, closed day and all."""
    lines = file.read_text(encoding="utf-8").splitlines()
    clock = StoppedClock(first_time(lines))
    office.clock.set(clock.now_ms())
    store = Store(folder / "cafe.db", clock=clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES)
    with office.db.writing() as conn:
        code = str(enrolment.make_code(conn, cafe, by="office", at=office.clock.now_ms()))
    line = LocalHq(office)
    enrol.open_first_journal(store, enrol.enrol(store, line, code, hw="test"))
    with store.bulk():
        begin_menu(store)
        played = Player(store, clock).play(lines)
    assert (played.differences, played.refused) == ([], [])
    office.clock.set(clock.now_ms() + 60_000)
    agent.push(store, line, keep=folder / "ack.json")
    assert check_everything(store, folder / "ack.json").findings == ()
    return store


@pytest.mark.parametrize(
    ("day", "first", "last", "metres", "service", "uses", "headline_m", "extended_m"),
    [
        ("s1_market", "2025-06-13", "2025-06-14", {"bread": 6400}, "bread", 52, 332_800, 332_800),
        ("s2_parcels", "2025-11-04", "2025-11-04", {"parcel": 5200}, "parcel", None, 0, None),
        ("s3_power_cut", "2026-03-12", "2026-03-12", {"bread": 5000}, "bread", 0, 0, 0),
        ("s7_post", "2026-02-07", "2026-02-07", {"post": 7500}, "post", 6, 45_000, 45_000),
    ],
)
def test_a_day_at_the_counter_becomes_kilometres_at_hq(
    office: Office, tmp_path: Path, day: str, first: str, last: str, metres: dict[str, int], service: str,
    uses: int | None, headline_m: int, extended_m: int | None,
) -> None:  # fmt: skip
    """Uses are counted once per visit, kilometres are distance × uses, in the right perimeter."""
    cafe = registered(office, "Café du scénario", "53195", metres)
    store = play_to_hq(office, DAYS / f"{day}.jsonl", tmp_path / "box", cafe)
    with office.db.reading() as conn:
        report = impact_report(conn, Period(first, last), OFFICE, today=last)
    reading = report.as_json()
    told = reading["services"].get(service, {"uses": 0})["uses"]
    if uses is not None:
        assert told == uses
    assert reading["km_gross_m"] == headline_m
    if extended_m is not None:
        assert reading["extended_km_gross_m"] == extended_m
    assert reading["extended_km_gross_m"] == sum(
        row["uses"] * metres[code] for code, row in reading["services"].items() if code in metres
    )
    assert agent.backlog(store) == 0
    store.close()


def test_the_takings_of_the_day_are_the_same_on_the_z_and_at_hq(office: Office, tmp_path: Path) -> None:
    """HQ's day row says what the closing said: tickets, turnover, drawer."""
    from hq.db import rollup_day

    cafe = registered(office, "Café du scénario", "12264", {"bread": 5000})
    store = play_to_hq(office, DAYS / "s3_power_cut.jsonl", tmp_path / "box", cafe)
    with office.db.reading() as conn:
        row = conn.execute(select(rollup_day).where(rollup_day.c.cafe_id == cafe)).mappings().one()
    assert (row["turnover_cents"], row["tickets"], row["z"], row["cash_difference"]) == (5750, 6, 1, 0)
    store.close()
