"""The relay's screens through the real application: two taps for each act, every page drawn."""

import re

import pytest
from flask.testing import FlaskClient

from pos.services.post import desk, reading
from pos.store import Store
from pos.till import sell
from pos.till import tables as till
from tests.services.post.conftest import BY, at

HX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    "page",
    [
        "",
        "/take",
        "/take?product=recommande_20g",
        "/take?product=pret_a_poster",
        "/keep",
        "/cash",
        "/cash?what=mandate",
        "/balance",
        "/stock",
        "/terms",
        "/month/2026-02",
    ],
)
def test_every_page_is_drawn_in_french(screen: FlaskClient, page: str) -> None:
    """No page is left without words, and each has its way back."""
    told = screen.get(f"/post{page}")
    assert told.status_code == 200
    assert "La Poste" in told.text and "/post" in told.text
    assert "attempt" in told.text or page.startswith("/month")


def test_a_stamp_is_two_taps(screen: FlaskClient, relay: Store) -> None:
    """Its tile, then cash: La Poste's account moves, turnover does not."""
    gone = screen.post("/post/sell/carnet_vert_12", data={"attempt": "tap-0001"}, headers=HX)
    assert gone.headers["HX-Redirect"] == "/"
    paid = screen.post("/bill/pay/cash", data={"attempt": "tap-0002"}, headers=HX)
    assert paid.status_code == 200
    with relay.reading() as conn:
        assert (reading.owed(conn), till.total(conn, "2026-02-07", "turnover", "own")) == (1824, 0)


def test_an_impatient_finger_sells_one_stamp(screen: FlaskClient, relay: Store) -> None:
    """The same tap sent twice is one line of one piece."""
    for _twice in range(2):
        screen.post("/post/sell/carnet_vert_12", data={"attempt": "tap-0003"}, headers=HX)
    with relay.reading() as conn:
        assert [line.quantity for tab in sell.open_tabs(conn) for line in tab.lines] == [1000]


def test_a_registered_letter_is_read_then_touched(screen: FlaskClient, relay: Store) -> None:
    """Its label opens the desk with the postage keys; one tap takes it in, prints its proof, puts 6.11 on the bill."""
    asked = screen.post("/post/scan", data={"code": "RK 1234 5678 5 FR", "attempt": "tap-0010"}, headers=HX)
    assert "6,11" in asked.text and "RK123456785FR" in asked.text
    taken = screen.post(
        "/post/take",
        data={"code": "RK123456785FR", "sort": "registered", "product": "recommande_20g", "attempt": "tap-0011"},
        headers=HX,
    )
    page = screen.get(taken.headers["HX-Redirect"])
    assert "6,11" in page.text
    with relay.reading() as conn:
        assert [one.due for one in reading.unpaid(conn, "2026-02-07")] == [611]
        slips = conn.execute("SELECT count(*) FROM draft_print").fetchone()[0]
    assert slips == 1
    assert screen.get("/post").status_code == 200


def test_a_wrong_digit_is_asked_once_and_taken_the_second_time(screen: FlaskClient, relay: Store) -> None:
    """The key says to read again; the same number typed again is taken as it stands."""
    form = {"code": "RK123456786FR", "product": "recommande_20g", "sort": "registered"}
    first = screen.post("/post/take", data={**form, "attempt": "tap-0020"}, headers=HX)
    assert first.status_code == 200
    assert 'value="RK123456786FR"' in first.text
    again = screen.post("/post/take", data={**form, "asked": "RK123456786FR", "attempt": "tap-0021"}, headers=HX)
    assert "HX-Redirect" in again.headers


def test_a_notice_is_read_and_handed_over(screen: FlaskClient, relay: Store) -> None:
    """Its label leads to its page; one tap on what was shown hands it over."""
    screen.post(
        "/post/keep",
        data={"code": "RR473124829GB", "name": "Mme Essai", "place": "b2", "attempt": "tap-0030"},
        headers=HX,
    )
    found = screen.post("/post/scan", data={"code": "RR473124829GB", "attempt": "tap-0031"}, headers=HX)
    page = screen.get(found.headers["HX-Redirect"])
    assert "Mme Essai" in page.text and "B2" in page.text
    hand = re.search(r'hx-post="(/post/instance/[^"]+/hand/id_seen)"', page.text)
    assert hand is not None
    screen.post(hand.group(1), data={"attempt": "tap-0032", "notice": "1"}, headers=HX)
    with relay.reading() as conn:
        assert reading.instances(conn) == []
    assert screen.get(found.headers["HX-Redirect"]).status_code == 200


def test_a_used_up_week_is_asked_once_on_the_screen(screen: FlaskClient, relay: Store) -> None:
    """The second amount is warned about; confirming it as granted records it."""
    form = {"what": "withdrawal", "name": "Mme P."}
    screen.post("/post/cash", data={**form, "amount": "100,00", "ref": "RET-1", "attempt": "tap-0040"}, headers=HX)
    warned = screen.post(
        "/post/cash", data={**form, "amount": "60,00", "ref": "RET-2", "attempt": "tap-0041"}, headers=HX
    )
    assert 'name="granted" value="6000"' in warned.text and "50,00" in warned.text
    done = screen.post(
        "/post/cash",
        data={**form, "amount": "60,00", "ref": "RET-2", "granted": "6000", "attempt": "tap-0042"},
        headers=HX,
    )
    assert done.headers["HX-Redirect"] == "/post"
    with relay.reading() as conn:
        assert reading.owed(conn) == -16_000


def test_la_poste_leaves_with_its_list(screen: FlaskClient, relay: Store) -> None:
    """One tap when its van is there: bag, list, time."""
    desk.take_deposit(relay, code="6A15602676300", **BY)
    gone = screen.post("/post/collect", data={"attempt": "tap-0050"}, headers=HX)
    assert gone.headers["HX-Redirect"] == "/post"
    with relay.reading() as conn:
        assert reading.to_collect(conn) == []
        assert conn.execute("SELECT count(*) FROM draft_print").fetchone()[0] == 1


def test_the_day_is_compared_and_settled_on_the_screen(screen: FlaskClient, relay: Store) -> None:
    """The slip's two sums, then the transfer of La Poste with a receipt: the account is at nothing."""
    desk.pay_out(relay, 15_000, ref="RET-1", **BY)
    at(relay, "2026-02-07T09:01:30+01:00")
    screen.post(
        "/post/balance", data={"slip_collected": "0", "slip_paid_out": "150,00", "attempt": "tap-0060"}, headers=HX
    )
    page = screen.get("/post/balance").text
    assert "9:01" in page
    screen.post(
        "/post/settle",
        data={"amount": "150,00", "means": "transfer", "ref": "VIR-7", "attempt": "tap-0061"},
        headers=HX,
    )
    with relay.reading() as conn:
        assert reading.owed(conn) == 0
        assert not reading.to_balance(conn, "2026-02-07")


def test_stock_and_prices_change_behind_the_counter(screen: FlaskClient, relay: Store) -> None:
    """Stamps are received, a price of the official list is typed, the agreement changes to an agency."""
    screen.post(
        "/post/stock/receive", data={"product": "carnet_vert_12", "quantity": "20", "attempt": "tap-0070"}, headers=HX
    )
    screen.post(
        "/post/stock/lose", data={"product": "carnet_vert_12", "quantity": "1", "attempt": "tap-0071"}, headers=HX
    )
    screen.post(
        "/post/stock/back", data={"product": "carnet_vert_12", "quantity": "2", "attempt": "tap-0072"}, headers=HX
    )
    assert ">17<" in screen.get("/post/stock").text
    assert screen.post("/post/statement", data={"attempt": "tap-0073"}, headers=HX).status_code == 204
    screen.post("/post/price/pret_a_poster", data={"price": "10,40", "attempt": "tap-0074"}, headers=HX)
    screen.post(
        "/post/terms", data={"mode": "agency", "reserve": "50,00", "hold_days": "15", "attempt": "tap-0075"}, headers=HX
    )
    page = screen.get("/post").text
    assert "10,40" in page
    assert "pay_in" in screen.get("/post/cash").text


def test_mail_goes_back_to_its_sender(screen: FlaskClient, relay: Store) -> None:
    """Before La Poste came: its use is cancelled, its proof may be printed again first."""
    item = desk.take_deposit(relay, code="6A15602676300", **BY).item
    assert screen.get(f"/post/mail/{item}").status_code == 200
    assert screen.post(f"/post/mail/{item}/proof", data={"attempt": "tap-0080"}, headers=HX).status_code == 200
    screen.post(f"/post/mail/{item}/back", data={"attempt": "tap-0081"}, headers=HX)
    with relay.reading() as conn:
        assert reading.visits(conn, "2026-02-07") == (0, 0)


def test_the_days_total_may_be_typed(screen: FlaskClient, relay: Store) -> None:
    """Count-only mode: the number of customers, beside those entered."""
    screen.post("/post/count", data={"total": "9", "attempt": "tap-0090"}, headers=HX)
    assert "<b>9</b>" in screen.get("/post").text
