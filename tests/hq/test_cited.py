"""A published figure is found again to the metre, whatever came after it; what was set apart has its page."""

from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, select

from hq import cited, db, register, reports
from hq.access import OFFICE
from hq.app import create_app
from hq.cli import main
from hq.tables import cafe, distance, hq_act
from hq.wiring import Office
from pos import demo
from pos.store import Store
from pos.till.events import DayOpened
from sync import agent, books
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe
from tests.hq.test_pages import sale, text_of

DAY = "2026-11-20"
YEAR = reports.year_period(2026, DAY)


def sold(office: Office, line: Any, store: Store, *numbers: int) -> None:
    """Loaves at café 8, sent to HQ."""
    with store.writing(by="g1") as tx:
        if numbers[0] == 1:
            tx.record(DayOpened(day=DAY, float_cents=15000))
        for no in numbers:
            tx.record(sale(no, DAY, f"visit{no}"))
    agent.push(store, line)


@pytest.fixture
def store(office: Office, join: JoinCafe, line: Any) -> Store:
    """Café 8 registered, its distances confirmed, two loaves sold."""
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(8)), by="t", now_ms=1, cafe_id=8)
        made_up.confirm_all(conn, 8, 1)
    opened = join(cafe=8)
    sold(office, line, opened, 1, 2)
    return opened


def publish(office: Office) -> str:
    return cited.publish(office, YEAR, by="nadia")


def metres(office: Office) -> int:
    """Kilometres as HQ says them now."""
    with office.db.reading() as conn:
        return reports.impact_report(conn, YEAR, OFFICE, today=DAY).reading.headline.metres


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_published_figure_is_found_again_whatever_came_after_it(office: Office, store: Store, line: Any) -> None:
    """More sales for the same day, another distance from the same day on: today's figure moves, that one does not."""
    said = metres(office)
    assert said > 0
    number = publish(office)
    sold(office, line, store, 3, 4)
    with office.db.writing() as conn:
        conn.execute(distance.update().values(metres=distance.c.metres + 1000))
        conn.execute(cafe.update().values(changed_at=cafe.c.changed_at + 1))
    assert metres(office) > 2 * said
    found = cited.find_again(office, number)
    assert (found.same, found.found["km_gross_m"]) == (True, said)
    again = cited.find_again(office, publish(office))
    assert (again.same, again.found["km_gross_m"]) == (True, metres(office))


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_batch_taken_while_a_figure_is_published_is_in_neither_half_of_it(
    office: Office, store: Store, line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H9: the figure and the places it stands on are of one moment."""
    real = cited.places_of

    def taken_meanwhile(conn: Connection) -> bytes:
        sold(office, line, store, 3, 4)
        return real(conn)

    with monkeypatch.context() as patch:
        patch.setattr(cited, "places_of", taken_meanwhile)
        number = publish(office)
    assert cited.find_again(office, number).same


def test_a_figure_that_does_not_come_out_is_said(office: Office, store: Store) -> None:
    """A sentence in place of a figure never counted; a head that HQ no longer holds; a number nobody gave."""
    number = publish(office)
    with office.db.writing() as conn:
        row = conn.execute(select(cited.published)).mappings().one()
        conn.execute(cited.published.update().values(told=row["told"].replace('"km_gross_m": ', '"km_gross_m": 9')))
    found = cited.find_again(office, number)
    assert (found.same, found.faults) == (False, [])
    assert CliRunner().invoke(main.commands["published"], [number], obj=office).exit_code == 1
    with office.db.writing() as conn:
        conn.execute(books.journal.update().values(jid="0" * 16))
    assert len(cited.find_again(office, number).faults) == 1
    with pytest.raises(cited.NotPublished):
        cited.find_again(office, "1")


def test_the_commands_publish_list_and_find_again(office: Office, store: Store) -> None:
    """A year, a month; no day that never was, no month to come."""

    def typed(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main.commands[words[0]], list(words[1:]), obj=office)
        return done.exit_code, done.output

    numbers = [typed("publish", period)[1].strip() for period in ("2026", "2026-11")]
    listed = typed("published")[1].splitlines()
    assert {row.split()[0] for row in listed} == set(numbers)
    assert [typed("published", number)[0] for number in numbers] == [0, 0]
    assert {typed("publish", wrong)[0] for wrong in ("2026-13", "2026-12", "26", "soon")} == {2}


def test_the_pages_publish_and_show_what_was_set_apart(office: Office, store: Store) -> None:
    """National users publish and try again, each an act; a reader sees both pages and may do neither."""
    made_up.people(office)
    nadia, paul = Browser(create_app(office)), Browser(create_app(office))
    nadia.sign_in("nadia")
    paul.sign_in("paul")
    assert "/published?period=2026" in nadia.read("/impact?period=2026")
    assert nadia.post("/published?period=2026").status_code == 303
    assert "1 / 1" in text_of(nadia.read("/published"))
    with office.db.writing() as conn:
        conn.execute(books.quarantine.insert().values(
            cafe_id=8, jn=1, seq=3, kind="bread.order_placed", reason="ValueError", detail="<b>day</b>", since=1,
        ))  # fmt: skip
        conn.execute(db.opaque_kind.insert().values(cafe_id=8, kind="later.thing_done", kv=1, entries=1))
    page = nadia.read("/apart")
    assert '<td>Pain commandé <code class="sub">bread.order_placed</code></td>' in page
    assert '<td><code class="sub">later.thing_done</code></td>' in page
    assert "n’a pas pu être comptée" in text_of(page)
    assert "<b>day" not in page
    assert nadia.post("/apart/retry").status_code == 303
    assert "bread.order_placed" not in nadia.read("/apart")
    with office.db.reading() as conn:
        acts = set(conn.execute(select(hq_act.c.act)).scalars())
    assert {"figure.published", "apart.retried"} <= acts
    assert "zinc-hq published" in paul.read("/published")
    assert "/published?period" not in paul.read("/impact?period=2026")
    assert {paul.post(path).status_code for path in ("/published", "/apart/retry")} == {403}
