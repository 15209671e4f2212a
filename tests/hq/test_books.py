"""Books made at HQ from what tills sent: the same entries as at the café, within what one may see."""

import pytest
from flask import Flask
from sqlalchemy import update

from hq import books as office_books
from hq.access import OFFICE
from hq.app import create_app
from hq.archives import MoneyNotShared
from hq.local import LocalHq
from hq.tables import cafe as cafes
from hq.wiring import Office
from pos.accounting import books, desk
from pos.clock import StoppedClock
from pos.store import Store
from pos.till import close
from sync import agent
from tests.cast import BEA, MIXED, open_cafe, sold
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe

MADE_UP, SHARES, KEEPS = 8, 42, 3


def shared(office: Office) -> None:
    """Register the café, sharing its money side."""
    made_up.network(office)
    with office.db.writing() as conn:
        conn.execute(update(cafes).where(cafes.c.id == MADE_UP).values(id=SHARES, consent_on="2026-01-01"))


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with its accounts and its made-up cafés."""
    made_up.people(office)
    return create_app(office)


def a_month(store: Store, clock: StoppedClock) -> None:
    """Two days of November sold and closed, an account changed; it is December."""
    open_cafe(store)
    desk.set_account(store, "means.card", "512300", label="Banque CB", by=BEA)
    sold(store, *MIXED)
    close.close_day(store, counted=15_000, by=BEA)
    clock.set("2026-11-21T08:00:00")
    close.open_day(store, 15_000, by=BEA)
    sold(store, "croque", "demi")
    close.close_day(store, counted=14_980, by=BEA)
    clock.set("2026-12-01T08:00:00")
    close.open_day(store, 15_000, by=BEA)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_hq_and_the_café_write_the_same_entries(
    app: Flask, office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """Each file, byte for byte: the café's accounts and identity travel in its journal (R29, R124)."""
    store = join(SHARES)
    a_month(store, clock)
    agent.push(store, line)
    shared(office)
    for what in books.KINDS:
        here = desk.make_file(store, what, "2026-11", by=BEA)
        there = office_books.make(office, OFFICE, SHARES, what, "2026-11")
        assert (there.name, there.data) == (here.name, here.data)
    assert b"\t512300\tBanque CB\t" in there.data or what != "fec"


def test_an_open_month_is_not_handed_over(
    app: Flask, office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """HQ waits until the till wrote after the month's last closing (R124)."""
    store = join(SHARES)
    a_month(store, clock)
    agent.push(store, line)
    shared(office)
    with pytest.raises(books.PeriodOpen):
        office_books.make(office, OFFICE, SHARES, "fec", "2026-12")


def test_the_page_gives_a_month_and_notes_it(
    app: Flask, office: Office, line: LocalHq, join: JoinCafe, clock: StoppedClock
) -> None:
    """Month → download; the trail says who took it."""
    store = join(SHARES)
    a_month(store, clock)
    agent.push(store, line)
    shared(office)
    browser = Browser(app)
    browser.sign_in("nadia")
    assert "novembre 2026" in browser.read(f"/cafes/{SHARES}/books")
    answer = browser.post(f"/cafes/{SHARES}/books", what="fec", period="2026-11")
    assert answer.data == desk.make_file(store, "fec", "2026-11", by=BEA).data
    assert "comptabilité" in browser.read(f"/cafes/{SHARES}/acts")


def test_a_café_that_keeps_its_money_to_itself_keeps_its_books(app: Flask, office: Office) -> None:
    """Without consent, no file: it makes its own at its till (R28)."""
    made_up.network(office)
    with pytest.raises(MoneyNotShared):
        office_books.make(office, OFFICE, KEEPS, "fec", "2026-11")
