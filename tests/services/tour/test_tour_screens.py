"""The tour through the kiosk: each page is drawn, each key does its act; three taps for an evening's frequent ones."""

import pytest

from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.services.tour import desk, tables
from pos.till import close
from pos.till import tables as till
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter, kiosk, screen

__all__ = ["kiosk", "screen"]


@pytest.fixture
def stop(kiosk: Kiosk) -> str:
    """A stop planned for this evening, cups at one euro."""
    desk.set_up(kiosk.store, itinerant=True, cup_price=100, by=cafe.MANAGER)
    return desk.plan_stop(
        kiosk.store, on_day="2026-11-20", commune="52347", town="Narcy", place="Cour de l’école", by=cafe.MANAGER
    ).stop


def test_every_page_of_the_tour_is_drawn(screen: Counter, stop: str) -> None:
    """Plan, accounts, season, settings, the stops; the empty ones too."""
    for url in (
        "/tour/?all=1",
        f"/tour/stop/{stop}",
        "/tour/plan",
        f"/tour/plan?stop={stop}",
        "/tour/accounts",
        "/tour/season/2026",
        "/tour/settings",
    ):
        assert "Narcy" in screen.page(url)
    assert screen.client.get("/tour/stop/nothing").status_code == 404


def test_the_next_stop_at_a_known_place_is_planned_without_typing_it_again(
    screen: Counter, kiosk: Kiosk, stop: str
) -> None:
    """One tap on a village fills its name, its code and its place; nobody knows an INSEE code by heart."""
    assert f"/tour/plan?like={stop}" in screen.page("/tour/plan")
    filled = screen.page(f"/tour/plan?like={stop}")
    assert all(f'value="{told}"' in filled for told in ("Narcy", "52347", "Cour de l’école"))
    assert f'name="stop" value="{stop}"' not in filled
    assert "/tour/plan?like=" not in screen.page(f"/tour/plan?stop={stop}")


def test_an_evening_is_opened_counted_and_closed_by_taps(screen: Counter, kiosk: Kiosk, stop: str) -> None:
    """Open, somebody comes in, a cup goes out and comes back, rain, close: the till's closing is next."""
    assert screen.tap(f"/tour/stop/{stop}/open", authorisation="2026-9").status_code == 204
    assert "Gobelet rendu" in screen.page(f"/tour/stop/{stop}")
    assert ">1<" in screen.tap(f"/tour/stop/{stop}/entry/in").text
    assert ">0<" in screen.tap(f"/tour/stop/{stop}/entry/undo").text
    assert "consigne" in screen.tap(f"/tour/stop/{stop}/cups/out").text
    assert "1,00" in screen.tap(f"/tour/stop/{stop}/cups/back").text
    assert screen.tap(f"/tour/stop/{stop}/cups/back").status_code == 422
    assert screen.tap(f"/tour/stop/{stop}/do/move", reason="rain", place="Salle des fêtes").status_code == 204
    assert screen.tap(f"/tour/stop/{stop}/do/close").headers["HX-Redirect"] == "/day/close"
    close.close_day(kiosk.store, counted=cafe.FLOAT, by=cafe.MANAGER)
    assert "Compte rendu" in screen.page(f"/tour/stop/{stop}")
    assert screen.tap(f"/tour/stop/{stop}/report").status_code == 204
    with kiosk.store.reading() as conn:
        assert tables.stop(conn, stop)["state"] == "reported"
    # Printed again, it is not reported twice.
    assert screen.tap(f"/tour/stop/{stop}/report").status_code == 204


def test_the_same_tap_counts_one_person(screen: Counter, kiosk: Kiosk, stop: str) -> None:
    """An impatient finger sends the same attempt twice: one entry."""
    desk.open_stop(kiosk.store, stop, by=cafe.MANAGER)
    for _again in range(2):
        screen.tap(f"/tour/stop/{stop}/entry/in", attempt="the-same-tap")
    with kiosk.store.reading() as conn:
        assert tables.stop(conn, stop)["attendance"] == 1


def test_others_money_is_entered_and_handed_over(screen: Counter, kiosk: Kiosk, stop: str) -> None:
    """An association, its article on the menu, its money; a total typed for the evening."""
    screen.tap("/tour/accounts/association", label="Comité des fêtes")
    screen.tap("/tour/accounts/article", owner="assoc:comite_des_fetes", label="Sandwich", price="4,50")
    desk.open_stop(kiosk.store, stop, by=cafe.MANAGER)
    screen.page("/")
    screen.tap("/bill/add/comite_des_fetes_sandwich")
    screen.tap("/bill/pay/cash")
    assert "4,50" in screen.page("/tour/accounts")
    assert screen.tap("/tour/accounts/hand", owner="assoc:comite_des_fetes", means="cash").status_code == 204
    assert "soldé" in screen.page("/tour/accounts")


def test_a_forgotten_sale_is_begun_from_its_stop(screen: Counter, kiosk: Kiosk, clock: StoppedClock, stop: str) -> None:
    """One key opens the bill that will carry the stop's commune."""
    desk.open_stop(kiosk.store, stop, by=cafe.MANAGER)
    desk.close_stop(kiosk.store, stop, by=cafe.MANAGER)
    assert screen.tap(f"/tour/stop/{stop}/late").headers["HX-Redirect"] == "/"
    screen.page("/")
    screen.tap("/bill/add/cafe")
    assert screen.tap("/bill/pay/cash").status_code == 200
    with kiosk.store.reading() as conn:
        assert tables.money(conn, stop, "means") == {"cash": 130}


def test_the_z_names_whose_money_is_kept(screen: Counter, kiosk: Kiosk, stop: str) -> None:
    """The closing says « Comité des fêtes » and « Consignes de gobelets », never a code."""
    screen.tap("/tour/accounts/association", label="Comité des fêtes")
    screen.tap("/tour/accounts/article", owner="assoc:comite_des_fetes", label="Sandwich", price="4,50")
    desk.open_stop(kiosk.store, stop, by=cafe.MANAGER)
    screen.page("/")
    screen.tap("/bill/add/comite_des_fetes_sandwich")
    screen.tap("/bill/add/gobelet_consigne")
    screen.tap("/bill/pay/cash")
    desk.close_stop(kiosk.store, stop, by=cafe.MANAGER)
    screen.page("/day/close")
    closed = screen.tap("/day/close").headers["HX-Redirect"]
    z = screen.page(closed)
    assert "Comité des fêtes" in z and "assoc:" not in z and "deposit:cups" not in z
    assert "Consignes de gobelets" in z


def test_a_producer_sells_at_the_stop_on_commission(screen: Counter, kiosk: Kiosk, stop: str) -> None:
    """The contract and an article in one form; what is sold is the producer's money; the journal has no name."""
    assert screen.tap(f"/tour/stop/{stop}/open", authorisation="2026-9").status_code == 204
    form = {"name": "Ferme Témoin", "label": "Tapas", "price": "6,00", "commission": "15,00"}
    screen.tap("/tour/accounts/producer", attempt="agree-01", **form)
    screen.tap("/tour/accounts/producer", attempt="agree-02", **form | {"label": "Rillettes"})
    screen.page("/")
    screen.tap("/bill/add/t1_tapas", attempt="add-0001")
    screen.tap("/bill/pay/cash", amount="600", attempt="pay-0001")
    text = screen.page("/tour/accounts").replace("\u00a0", " ")
    assert "Ferme Témoin" in text and "15 %" in text and "6,00 €" in text
    assert screen.tap("/tour/accounts/producer", **form | {"price": ""}).status_code == 422
    with kiosk.store.reading() as conn:
        assert dict(till.third_parties(conn)) == {"producer:t1": 600}
        assert not any("Témoin".encode() in row[0] for row in conn.execute("SELECT body FROM journal_entry"))
