"""Public posts: what is free, blocks, pages, help by theme, the history erased; nothing personal is kept."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from pos.services.digital import desk, reading
from pos.services.digital import refusals as no
from pos.services.digital.rules import Terms
from pos.till import refusals as till_no
from pos.till import sell, uses
from pos.till import tables as till
from pos.till.refund import refund_sale
from tests.services.digital.conftest import BY, DAY, Posts

HX = {"HX-Request": "true"}


def figures(cafe: Posts) -> dict[str, Any]:
    """Return the posts' day."""
    with cafe.store.reading() as conn:
        return reading.figures(conn, DAY)


@pytest.mark.parametrize(
    ("end", "due"), [("09:25", 0), ("09:30", 0), ("09:31", 100), ("09:50", 100), ("10:00", 100), ("10:01", 200)]
)
def test_half_an_hour_is_free_then_each_block_begun(cafe: Posts, end: str, due: int) -> None:
    """The clock says the minutes; beyond the free ones each block begun costs."""
    session = cafe.begin()
    cafe.at(end)
    assert desk.stop(cafe.store, session, **BY).due == due


def test_pages_are_paid_with_the_time_on_one_ticket(cafe: Posts) -> None:
    """Fifty minutes, six pages, one in colour, two scans: 1.00 + 1.20 + 0.50 + 0.20, VAT 20 %, own turnover."""
    session = cafe.begin()
    cafe.at("09:50")
    done = desk.stop(cafe.store, session, prints=6, colour=1, scans=2, **BY)
    assert done.due == 290
    sell.take_payment(cafe.store, done.tab, "cash", **BY)
    with cafe.store.reading() as conn:
        assert till.total(conn, DAY, "turnover", "own") == 290
        assert list(till.totals(conn, DAY, "vat")) == ["2000"]
    assert (figures(cafe)["income"], figures(cafe)["prints"], figures(cafe)["unpaid"]) == (290, 7, 0)
    assert cafe.store.tables_that_differ() == []


def test_each_session_is_one_use(cafe: Posts) -> None:
    """A session counts once whatever its length; one opened by mistake does not."""
    first, second = cafe.begin(1), cafe.begin(2)
    desk.extend(cafe.store, first, **BY)
    desk.cancel(cafe.store, second, **BY)
    with cafe.store.reading() as conn:
        assert uses.of_day(conn, DAY) == {"digital": 1}
    with pytest.raises(no.NoSuchSession):
        desk.stop(cafe.store, second, **BY)
    with pytest.raises(no.NoSuchSession):
        desk.give_help(cafe.store, second, theme="caf", **BY)


def test_the_history_is_erased_before_the_next_person(cafe: Posts) -> None:
    """A post waits until its history is erased; saying so frees it, once."""
    desk.stop(cafe.store, cafe.begin(), **BY)
    with pytest.raises(no.NotCleared):
        cafe.begin()
    desk.clear_history(cafe.store, cafe.ids[0], **BY)
    with pytest.raises(no.NothingToClear):
        desk.clear_history(cafe.store, cafe.ids[0], **BY)
    desk.stop(cafe.store, cafe.begin(), cleared=True, **BY)
    assert figures(cafe)["to_clear"] == 0
    desk.stop(cafe.store, cafe.begin(), **BY)
    desk.start(cafe.store, cafe.ids[0], cleared=True, **BY)
    assert figures(cafe)["to_clear"] == 0


def test_help_is_counted_by_theme(cafe: Posts) -> None:
    """The theme, the minutes, solved or sent on: nothing else."""
    session = cafe.begin()
    desk.give_help(cafe.store, session, theme="caf", minutes=10, **BY)
    desk.give_help(cafe.store, session, theme="taxes", minutes=20, outcome="referred", **BY)
    with cafe.store.reading() as conn:
        assert reading.sheet(conn, DAY, DAY).helped == {"caf": (1, 10, 1), "taxes": (1, 20, 0)}
    for how in ({"theme": "horoscope"}, {"theme": "caf", "outcome": "perhaps"}):
        with pytest.raises(no.NotATheme):
            desk.give_help(cafe.store, session, **how, **BY)


def test_a_session_is_paid_once(cafe: Posts) -> None:
    """Its line copied to a second bill is refused; an abandoned bill is made again; refunded, it is no income."""
    session = cafe.begin()
    cafe.at("10:00")
    done = desk.stop(cafe.store, session, **BY)
    with pytest.raises(no.NothingDue):
        desk.charge_again(cafe.store, session, **BY)
    with cafe.store.writing(by="g1") as tx:
        tab = sell.current_tab(tx.conn, done.tab)
        assert tab is not None
        copy = sell.new_tab(tx)
        copy.lines = tab.lines
        sell.keep(tx, copy)
    sell.void_tab(cafe.store, done.tab, "mistake", **BY)
    sale = sell.take_payment(cafe.store, copy.tab_id, "cash", **BY).sale
    with cafe.store.writing(by="g1") as tx:
        again = sell.new_tab(tx)
        again.lines = copy.lines
        sell.keep(tx, again)
    with pytest.raises(no.AlreadyTicketed):
        sell.take_payment(cafe.store, again.tab_id, "cash", **BY)
    assert sale is not None
    refund_sale(cafe.store, sale.no, reason="mistake", **BY)
    assert figures(cafe)["income"] == 0


def test_what_is_refused_at_a_post(cafe: Posts) -> None:
    """A post taken, unknown or taken away; minutes and prices out of reason; a post without a name; a seller's prices."""
    session = cafe.begin()
    with pytest.raises(no.PostTaken):
        cafe.begin()
    with pytest.raises(no.PostTaken):
        desk.list_post(cafe.store, label="x", post=cafe.ids[0], in_use=False, **BY)
    with pytest.raises(no.NoSuchPost):
        desk.start(cafe.store, "nowhere", **BY)
    desk.list_post(cafe.store, label="x", post=cafe.ids[1], in_use=False, **BY)
    with pytest.raises(no.NoSuchPost):
        cafe.begin(2)
    with pytest.raises(no.NotMinutes):
        desk.stop(cafe.store, session, minutes=9_999, **BY)
    with pytest.raises(no.NotMinutes):
        desk.extend(cafe.store, session, minutes=9_999, **BY)
    with pytest.raises(no.NotAPost):
        desk.list_post(cafe.store, label="  ", **BY)
    with pytest.raises(no.NotTariff):
        desk.set_terms(cafe.store, block_minutes=0, **BY)
    with pytest.raises(no.NotTariff):
        desk.set_terms(cafe.store, valid_from="soon", **BY)
    with pytest.raises(till_no.ManagerNeeded):
        desk.set_terms(cafe.store, by="v1")


@given(
    free=st.integers(0, 120),
    block=st.integers(5, 120),
    price=st.integers(0, 500),
    a=st.integers(0, 700),
    b=st.integers(0, 700),
)
def test_longer_never_costs_less(free: int, block: int, price: int, a: int, b: int) -> None:
    """What is due grows with the minutes, is 0 within what is free, and never passes a block beyond the time used."""
    terms = Terms(free_minutes=free, block_minutes=block, block_price=price)
    short, long = sorted((a, b))
    assert terms.time_due(short) <= terms.time_due(long)
    assert terms.time_due(min(a, free)) == 0
    assert terms.blocks(long) * block < max(0, long - free) + block


def test_two_taps_begin_and_one_ends(cafe: Posts, screen: FlaskClient) -> None:
    """Tile, post: somebody sits; one key ends it; the post asks for its history, then is free."""
    assert "Ordinateur 1" in screen.get("/digital").text
    begun = screen.post(f"/digital/start/{cafe.ids[0]}", data={"attempt": "tap-0001"}, headers=HX)
    assert "Arrêter" in begun.text
    session = begun.text.split("/digital/stop/")[1].split('"')[0]
    ended = screen.post(f"/digital/stop/{session}", data={"attempt": "tap-0002"}, headers=HX)
    assert "Historique effacé" in ended.text and "gratuit" in ended.text
    cleared = screen.post(f"/digital/clear/{cafe.ids[0]}", data={"attempt": "tap-0003"}, headers=HX)
    assert "Commencer" in cleared.text


def test_a_session_with_pages_goes_to_the_bill(cafe: Posts, screen: FlaskClient) -> None:
    """Pages typed on the session's page, then the counter with its bill."""
    session = cafe.begin()
    assert "CAF" in screen.get(f"/digital/session/{session}").text
    helped = screen.post(
        f"/digital/help/{session}/caf", data={"minutes": "10", "outcome": "solved", "attempt": "tap-0004"}, headers=HX
    )
    assert helped.headers["HX-Redirect"].endswith(session)
    gone = screen.post(f"/digital/stop/{session}", data={"prints": "6", "page": "1", "attempt": "tap-0005"}, headers=HX)
    assert gone.headers["HX-Redirect"] == "/"
    assert "1,20" in screen.get("/").text
    assert "à payer" in screen.get("/digital").text


@pytest.mark.parametrize("page", ["", "/settings", "/month/2026-04"])
def test_no_page_bears_the_official_label(cafe: Posts, screen: FlaskClient, page: str) -> None:
    """The name of the State's labelled houses is never shown."""
    told = screen.get(f"/digital{page}")
    assert told.status_code == 200
    assert "France Services" not in told.text


def test_settings_are_typed(cafe: Posts, screen: FlaskClient) -> None:
    """A new post, new prices, the day's total: each is one form."""
    screen.post("/digital/post", data={"label": "Tablette", "attempt": "tap-0010"}, headers=HX)
    screen.post(
        "/digital/terms", headers=HX,
        data={"free": "15", "block": "15", "price": "0,50", "print": "0,10", "colour": "0,40", "scan": "0", "attempt": "tap-0011"},
    )  # fmt: skip
    screen.post("/digital/count", data={"total": "4", "attempt": "tap-0012"}, headers=HX)
    with cafe.store.reading() as conn:
        assert [row["label"] for row in reading.posts(conn)][-1] == "Tablette"
        assert uses.of_day(conn, DAY) == {"digital": 4}
