"""Names stay apart from the journal: found by what people say, forgotten on their date (R140–R148)."""

import sqlite3

import pytest

from pos import private

NOW = 1795154520000


@pytest.fixture
def conn() -> sqlite3.Connection:
    """An empty private store."""
    conn = sqlite3.connect(":memory:")
    conn.executescript(private.SCHEMA)
    return conn


def keep(conn: sqlite3.Connection, name: str, until: str = "2026-12-31", purpose: str = "parcels") -> str:
    """Remember a person by name."""
    return private.remember(conn, purpose=purpose, purge_after=until, now_ms=NOW, name=name, phone="0600000000")


def test_the_id_says_nothing(conn: sqlite3.Connection) -> None:
    """Opaque, never the same twice, no letter of the name."""
    first, second = keep(conn, "Zoé Lefèvre"), keep(conn, "Zoé Lefèvre")
    assert first != second
    assert "zo" not in first.lower()
    assert private.recall(conn, first) == {"name": "Zoé Lefèvre", "phone": "0600000000"}
    assert private.name_of(conn, first) == "Zoé Lefèvre"
    assert private.name_of(conn, "") == ""


@pytest.mark.parametrize("typed", ["lefe", "LEFÈ", "zoe", "é l", "Lefèvre"])
def test_a_name_is_found_without_accents_and_case(conn: sqlite3.Connection, typed: str) -> None:
    """As the person at the counter spells it."""
    person = keep(conn, "Zoé Lefèvre")
    keep(conn, "Ali Benamar")
    assert [found for found, _facts in private.search(conn, "parcels", typed)] == [person]
    assert private.search(conn, "bread", typed) == []


@pytest.mark.parametrize(
    "name", ["O'Neill", 'Jean "Jeannot"', "<script>alert(1)</script>", "🧀 Fromager", "100 %_", "Œuvrard", ""]
)
def test_a_strange_name_is_a_name(conn: sqlite3.Connection, name: str) -> None:
    """Quotes, HTML, emoji, SQL signs."""
    person = keep(conn, name)
    assert private.name_of(conn, person) == name
    assert person in [found for found, _facts in private.search(conn, "parcels", name[:4])]


def test_everybody_is_forgotten_on_their_date(conn: sqlite3.Connection) -> None:
    """The day after `purge_after`, not before; a date may be moved; one may be forgotten at once."""
    early, late, moved = keep(conn, "A", "2026-11-19"), keep(conn, "B", "2026-11-20"), keep(conn, "C", "2026-11-01")
    private.keep_until(conn, moved, "2027-01-01")
    assert private.forget_due(conn, "2026-11-20") == 1
    assert private.recall(conn, early) == {}
    assert private.forget_due(conn, "2026-11-21") == 1
    private.forget(conn, moved)
    assert private.recall(conn, moved) == {} == private.recall(conn, late)


def test_a_person_may_be_corrected(conn: sqlite3.Connection) -> None:
    """The same id, other facts, found under the new name alone."""
    person = keep(conn, "Dupond")
    private.remember(conn, purpose="parcels", purge_after="2026-12-31", now_ms=NOW, person_id=person, name="Dupont")
    assert private.name_of(conn, person) == "Dupont"
    assert private.search(conn, "parcels", "dupond") == []
