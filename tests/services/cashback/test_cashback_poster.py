"""The poster near the till says what the café's settings say (R95)."""

from pos.money import format_euros
from pos.services import cashback
from pos.services.cashback import desk
from pos.services.cashback.limits import NEVER, in_force, legal
from pos.services.cashback.slips import poster
from pos.slips import as_text, plain
from pos.store import Store
from tests.cast import BEA, open_cafe


def test_the_poster_equals_the_settings(store: Store) -> None:
    """Minimum, maximum and step of the limits in force are on it, and that it is free."""
    open_cafe(store)
    desk.set_limits(store, min_purchase=300, max_cash=4000, step=2000, reserve=0, by=BEA)
    with store.reading() as conn:
        limits = in_force(conn, "2026-11-20")
    for width in (48, 32):
        text = as_text(poster(limits), width)
        for cents in (300, 4000, 2000):
            assert plain(format_euros(cents)).replace("\u00a0", " ") in text.replace("\u00a0", " ")
        assert max(len(row) for row in text.splitlines()) <= width


def test_the_poster_of_a_cafe_that_gives_none_says_so() -> None:
    """One sentence, no amounts."""
    assert "60,00" not in as_text(poster(NEVER), 48)
    assert "60,00" in as_text(poster(legal("2026-11-20")), 48)


def test_the_tile_says_how_much_may_be_given_now(store: Store) -> None:
    """« up to 60 € » with 150 € in the drawer, « not now » with 50 €."""
    open_cafe(store)
    badge = cashback.SERVICE.badge
    assert badge is not None
    with store.reading() as conn:
        assert "60" in badge(conn, "2026-11-20")
        assert "60" not in badge(conn, "2026-11-19")
