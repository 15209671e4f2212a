"""The loans' screens through the real application: read, lent, read again, back; boxes, the open shelf, the month."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from pos.services.loans import desk, reading
from pos.store import Store
from pos.till import sell
from tests.services.loans.conftest import BY

HX = {"HX-Request": "true"}


def printed(store: Store) -> int:
    """Slips sent to the printer."""
    with store.reading() as conn:
        return int(conn.execute("SELECT count(*) FROM draft_print").fetchone()[0])


@pytest.mark.parametrize("page", ["", "?late=1", "?q=rien", "/new", "/boxes", "/month/2026-03"])
def test_every_page_is_drawn_in_french(screen: FlaskClient, page: str) -> None:
    """Empty, each page says what to do next."""
    told = screen.get(f"/loans{page}")
    assert told.status_code == 200
    assert "Prêts" in unescape(told.text)
    assert screen.get("/loans/month/never").status_code == 404


def test_a_book_is_read_lent_and_read_again(screen: FlaskClient, cafe: Store) -> None:
    """Three taps to lend the first, one for the next of the same person, two to take back."""
    screen.post(
        "/loans/new",
        data={"label": "Le Grand Meaulnes", "sort": "book", "code": "9782253005278", "attempt": "tap-0001"},
        headers=HX,
    )
    assert printed(cafe) == 0
    screen.post("/loans/new", data={"label": "Jeu de l’oie", "sort": "game", "attempt": "tap-0002"}, headers=HX)
    assert printed(cafe) == 1
    found = screen.post("/loans/read", data={"code": "9782253005278", "attempt": "tap-0003"}, headers=HX)
    page = found.headers["HX-Redirect"]
    assert "Meaulnes" in screen.get(page).text
    gone = screen.post(f"{page}/lend", data={"name": "Mme Lectrice", "attempt": "tap-0004"}, headers=HX).headers[
        "HX-Redirect"
    ]
    person, visit = re.search(r"person=(\w+)&visit=(\w+)", gone).groups()  # type: ignore[union-attr]
    assert "Mme Lectrice" in screen.get(gone).text
    screen.post(
        "/loans/read", data={"code": "E-2", "person": person, "visit": visit, "attempt": "tap-0005"}, headers=HX
    )
    with cafe.reading() as conn:
        assert len(reading.open_loans(conn, person)) == 2
        assert conn.execute("SELECT count(*) FROM use_visit WHERE service = 'loan'").fetchone()[0] == 1
    screen.post(f"/loans/person/{person}/slip", data={"attempt": "tap-0006"}, headers=HX)
    assert printed(cafe) == 2
    assert screen.get(page).status_code == 200
    screen.post(f"{page}/extend", data={"due_on": "2026-05-01", "attempt": "tap-0007"}, headers=HX)
    screen.post(f"{page}/back", data={"attempt": "tap-0008"}, headers=HX)
    game = screen.post("/loans/read", data={"code": "e-2", "attempt": "tap-0009"}, headers=HX).headers["HX-Redirect"]
    screen.post(f"{game}/lost", data={"attempt": "tap-0010"}, headers=HX)
    assert screen.get(game).status_code == 200
    screen.post(f"{game}/back", data={"attempt": "tap-0011"}, headers=HX)
    with cafe.reading() as conn:
        assert reading.open_loans(conn) == []
    assert "2" in screen.get("/loans/month/2026-03").text


def test_a_recent_borrower_is_one_tap(screen: FlaskClient, cafe: Store) -> None:
    """Who has something already is a key on the page of the next thing."""
    first, second = (desk.list_item(cafe, label=text, **BY) for text in ("Un", "Deux"))
    desk.lend(cafe, first.item, name="Mme Lectrice", **BY)
    page = screen.get(f"/loans/item/{second.item}").text
    key = re.search(r'"person": "(\w+)"', page)
    assert key is not None
    screen.post("/bill/add/cafe", data={"attempt": "tap-0020"}, headers=HX)
    screen.post(
        f"/loans/item/{second.item}/lend", data={"person": key.group(1), "same": "1", "attempt": "tap-0021"}, headers=HX
    )
    with cafe.reading() as conn:
        (tab,) = sell.open_tabs(conn)
        assert tab.visit in [row[0] for row in conn.execute("SELECT visit FROM use_visit WHERE service = 'loan'")]


def test_a_thing_is_corrected_labelled_and_retired(screen: FlaskClient, cafe: Store) -> None:
    """Each key of its page; a refusal is said in the message line."""
    item = desk.list_item(cafe, label="Perceuse", sort="tool", **BY)
    page = f"/loans/item/{item.item}"
    form = {"item": item.item, "label": "Perceuse à colonne", "sort": "tool", "loan_days": "5", "attempt": "tap-0030"}
    assert screen.post("/loans/new", data=form, headers=HX).headers["HX-Redirect"] == page
    assert "colonne" in screen.get(page).text
    screen.post(f"{page}/label", data={"attempt": "tap-0031"}, headers=HX)
    assert printed(cafe) == 1
    refused = screen.post(f"{page}/back", data={"attempt": "tap-0032"}, headers=HX)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#say")
    screen.post(f"{page}/retire/worn", data={"attempt": "tap-0033"}, headers=HX)
    assert "Perceuse" not in screen.get("/loans").text
    assert screen.get("/loans/item/unknown").status_code == 404


def test_a_box_comes_and_goes_and_the_open_shelf_is_counted(screen: FlaskClient, cafe: Store) -> None:
    """Its list typed, its list printed when it leaves; the day's total typed at once."""
    form = {"due_on": "2026-06-15", "labels": "Contes du village\nL’Étranger", "sort": "book", "attempt": "tap-0040"}
    screen.post("/loans/boxes", data=form, headers=HX)
    desk.lend(cafe, "E-1", name="Mme Lectrice", **BY)
    page = screen.get("/loans/boxes").text
    back = re.search(r'hx-post="(/loans/boxes/\w+/return)"', page)
    assert back is not None and "incomplete" in page
    screen.post(back.group(1), data={"incomplete": "1", "attempt": "tap-0041"}, headers=HX)
    assert printed(cafe) == 1
    screen.post("/loans/item/E-1/back", data={"attempt": "tap-0042"}, headers=HX)
    assert "Contes du village" in screen.get("/loans/boxes").text
    screen.post("/loans/count", data={"total": "6", "attempt": "tap-0043"}, headers=HX)
    assert 'value="6"' in screen.get("/loans").text
