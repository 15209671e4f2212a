"""Practising on the screens: a banner everywhere, FACTICE on paper, the true till untouched, and a way out (R45)."""

from typing import Any

from kiosk.wiring import Kiosk
from pos.till import tables
from tests.kiosk import cafe


def begin(screen: Any) -> None:
    """Begin training from the menu."""
    assert "Commencer la formation" in screen.page("/training/")
    assert screen.tap("/training/start").status_code == 204


def sell_a_coffee(screen: Any, kiosk: Kiosk) -> None:
    """Ring up the first product of the menu and pay it in cash."""
    screen.page("/")
    with kiosk.store.reading() as conn:
        code = next(row["product"] for row in tables.products(conn) if not row["open_price"] and row["unit"] == "piece")
    assert screen.tap(f"/bill/add/{code}").status_code == 200
    assert screen.tap("/bill/pay/cash").status_code == 200


def test_a_screen_in_training_says_so_and_touches_nothing(kiosk: Kiosk, screen: Any) -> None:
    """R45: banner on each page, ticket 1 of another journal, FACTICE on screen and on paper, no true number used."""
    begin(screen)
    head = kiosk.store.tip().seq
    sell_a_coffee(screen, kiosk)
    for url in ("/", "/menu/", "/tickets/", "/day/close", "/drawer/", "/services/"):
        assert "FORMATION" in screen.page(url), url
    assert "FACTICE" in screen.page("/tickets/1")
    screen.tap("/tickets/1/print")
    assert kiosk.store.tip().seq == head
    with kiosk.store.reading() as conn:
        assert tables.next_no(conn) == 1
        (slip,) = conn.execute("SELECT what, bytes FROM draft_print").fetchall()
    assert slip["what"].startswith("FACTICE")
    assert slip["bytes"].count(b"FACTICE") >= 3


def test_the_other_screen_goes_on_selling(kiosk: Kiosk, screen: Any, other_screen: Any) -> None:
    """R45: practice is one screen's affair; the sale of the other has the true number 1."""
    begin(screen)
    sell_a_coffee(screen, kiosk)
    sell_a_coffee(other_screen, kiosk)
    assert "FORMATION" not in other_screen.page("/")
    with kiosk.store.reading() as conn:
        assert tables.next_no(conn) == 2


def test_leaving_or_locking_ends_it(kiosk: Kiosk, screen: Any) -> None:
    """R45: nobody finds the till in training: its key, the lock and another PIN all end it, as an entry."""
    for leave in ("/training/end", ""):
        begin(screen)
        if leave:
            screen.tap(leave)
        else:
            screen.client.get("/lock?leave=1")
            screen.sign_in(cafe.SELLER, cafe.SELLER_PIN)
        assert "FORMATION" not in screen.page("/")
        with kiosk.store.reading() as conn:
            kinds = [kiosk.store.event(conn, seq).event.kind for seq in range(kiosk.store.tip().seq + 1)]
        assert kinds.count("till.training_started") == kinds.count("till.training_ended")


def test_settings_are_not_practised_on(kiosk: Kiosk, screen: Any) -> None:
    """R45: what would change the café itself is refused while training, with what to do."""
    begin(screen)
    answer = screen.tap("/team/new", role="seller", name="Zoé", pin="2580", again="2580")
    assert answer.status_code == 422
    assert "formation" in answer.text.lower()


def test_a_restart_ends_training(kiosk: Kiosk, screen: Any) -> None:
    """R45: a box that starts sells for good: what was open on a screen is not taken up."""
    begin(screen)
    assert kiosk.training is not None
    kiosk.training.close()
    kiosk.training = None
    assert "FORMATION" not in screen.page("/")


def test_who_serves_keeps_a_name_while_training(kiosk: Kiosk, screen: Any) -> None:
    """R45: the status line, the tickets and the team name people, and the practice file keeps no name."""
    begin(screen)
    sell_a_coffee(screen, kiosk)
    for url in ("/", "/tickets/1", "/day/close", "/team/", f"/team/{cafe.MANAGER}"):
        assert "opérateur\u00a0: Maëlle" in screen.page(url), url
    assert "<span>Maëlle<small>" in screen.page("/tickets/1")
    assert all(f"<b>{name}</b>" in screen.page("/team/") for name in ("Maëlle", "Yann"))
    assert kiosk.training is not None
    with kiosk.training.reading() as conn:
        assert conn.execute("SELECT count(*) FROM private_person").fetchone()[0] == 0
