"""Drafts: open bills and small settings, kept as they were said, dropped without regret."""

import sqlite3

import pytest

from pos import drafts
from pos.store import Store


@pytest.fixture
def conn() -> sqlite3.Connection:
    """An empty table of drafts."""
    conn = sqlite3.connect(":memory:")
    conn.executescript(drafts.SCHEMA)
    return conn


def test_a_small_value_is_kept_and_replaced(conn: sqlite3.Connection) -> None:
    """Settings are JSON: numbers, texts, lists; the last said stands."""
    assert drafts.get(conn, "idle_minutes", 5) == 5
    for value in (7, "sept", [1, {"a": None}], "'); DROP TABLE draft_value; --"):
        drafts.put(conn, "idle_minutes", value)
        assert drafts.get(conn, "idle_minutes") == value


def test_bills_are_listed_oldest_change_first(conn: sqlite3.Connection) -> None:
    """Put aside or not, each once; dropped when paid."""
    drafts.save_tab(conn, "t1", b"{}", parked=False, at=2)
    drafts.save_tab(conn, "t2", '{"label":"Zoé"}'.encode(), parked=True, at=1)
    assert drafts.tabs(conn) == [("t2", True, '{"label":"Zoé"}'.encode()), ("t1", False, b"{}")]
    drafts.save_tab(conn, "t2", b"{}", parked=False, at=3)
    assert [tab for tab, _parked, _body in drafts.tabs(conn)] == ["t1", "t2"]
    drafts.drop_tab(conn, "t1")
    drafts.drop_tab(conn, "t1")
    assert drafts.load_tab(conn, "t1") is None
    assert drafts.load_tab(conn, "t2") == b"{}"


def test_a_draft_of_a_refused_act_was_never_kept(store: Store) -> None:
    """Drafts share the transaction of their act."""
    with pytest.raises(RuntimeError), store.writing(by="v1") as tx:  # noqa: PT012
        drafts.put(tx.conn, "idle_minutes", 9)
        raise RuntimeError
    with store.reading() as conn:
        assert drafts.get(conn, "idle_minutes") is None
