"""Gatherings through the kiosk: each page is drawn, each key does its act."""

from kiosk.wiring import Kiosk
from pos.services.gatherings import desk, tables
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter, kiosk, screen

__all__ = ["kiosk", "screen"]
TODAY = "2026-11-20"


def planned(kiosk: Kiosk) -> str:
    """A quiz tonight."""
    return desk.plan(
        kiosk.store, title="Quiz", sort="quiz", on_day=TODAY, begins="20:00", capacity=9, by=cafe.MANAGER
    ).gathering


def test_every_page_is_drawn(screen: Counter, kiosk: Kiosk) -> None:
    """Empty first, then with a gathering tonight."""
    for url in ("/gatherings/", "/gatherings/plan", "/gatherings/money", "/gatherings/month/2026-11"):
        assert screen.page(url)
    quiz = planned(kiosk)
    for url in (
        "/gatherings/",
        f"/gatherings/{quiz}",
        f"/gatherings/{quiz}/door",
        f"/gatherings/plan?gathering={quiz}",
        "/gatherings/month/2026-11",
        "/todo/",
    ):
        assert "Quiz" in screen.page(url)
    assert screen.client.get("/gatherings/nothing").status_code == 404


def test_a_gathering_is_planned_as_hands_type_it(screen: Counter, kiosk: Kiosk) -> None:
    """« 20h30 » is an hour; the poster announces it."""
    answer = screen.tap(
        "/gatherings/plan", title="Ciné-soupe", sort="cinema", on_day=TODAY, begins="20h30", place="cafe", tags="klesia"
    )
    url = answer.headers["HX-Redirect"]
    assert "20:30" in screen.page(url)
    assert screen.tap(f"{url}/poster").status_code == 204
    with kiosk.store.reading() as conn:
        assert tables.one(conn, url.rpartition("/")[2])["state"] == "announced"


def test_the_door_counts_ticks_and_ends(screen: Counter, kiosk: Kiosk) -> None:
    """One tap per entry, undo; a name on the list, ticked; over by the clicker; hours and a face."""
    quiz = planned(kiosk)
    here = f"/gatherings/{quiz}"
    assert screen.tap(f"{here}/entry/undo").status_code == 422
    screen.tap(f"{here}/entry/adults")
    screen.tap(f"{here}/entry/children")
    assert "C’est fini" in screen.tap(f"{here}/entry/undo").text
    assert "Mme Perrin" in screen.tap(f"{here}/register", name="Mme Perrin", adults="2").text
    with kiosk.store.reading() as conn:
        mine = tables.registrations(conn, quiz)[0]["registration"]
    assert 'aria-pressed="true"' in screen.tap(f"{here}/list/{mine}/came").text
    screen.tap(f"{here}/list/{mine}/in")
    screen.tap(f"{here}/list/{mine}/drop")
    assert screen.tap(f"{here}/do/hold", method="clicker").status_code == 204
    assert screen.tap(f"{here}/do/hours", people="2", hours="1,5").status_code == 204
    assert screen.tap(f"{here}/do/review", rating="3").status_code == 204
    with kiosk.store.reading() as conn:
        row = tables.one(conn, quiz)
        assert (row["adults"], row["children"], row["minutes"], row["state"]) == (1, 0, 180, "reviewed")
    assert "3\u00a0h" in screen.page(here) or "3&nbsp;h" in screen.page(here)


def test_ideas_and_associations_are_entered(screen: Counter, kiosk: Kiosk) -> None:
    """An idea waits for its date; an association has its article, then none."""
    screen.tap("/gatherings/ideas", title="Atelier taille")
    assert "Atelier taille" in screen.page("/gatherings/")
    screen.tap("/gatherings/money/association", label="La Ruche")
    screen.tap("/gatherings/money/article", owner="assoc:la_ruche", label="Gâteau", price="2")
    assert "Gâteau" in screen.page("/gatherings/money")
    screen.tap("/gatherings/money/stop", owner="assoc:la_ruche")
    assert "Gâteau" not in screen.page("/gatherings/money")
