"""S1 of the acceptance scenarios: a market-day morning, played through the acts."""

from pathlib import Path

from kiosk.replay import play_file
from pos.services.bread import reading

S1 = Path(__file__).parents[2] / "days" / "s1_market.jsonl"


def test_the_market_morning_comes_out_to_the_cent(tmp_path):
    """Every amount of the scenario: received 130.80, sold 119.45, unsold 11.35, due 97.95, 52 uses."""
    store, played = play_file(S1, tmp_path)
    try:
        assert played.differences == []
        assert played.refused == []
        assert store.tables_that_differ() == []
        with store.reading() as conn:
            statement = store.event(conn, reading.statements(conn, "b1")[0]["seq"]).event
            told = reading.requested(conn, "b1", "2025-06-14")
        assert (statement.received_value, statement.revenue, statement.returned_value) == (13080, 11945, 1135)
        assert 13080 - 1135 == 11945
        assert (statement.commission, statement.due, statement.uncredited) == (2150, 9795, 0)
        assert {row["article"]: row["total"] // 1000 for row in told} == {
            "tradition_250_g": 45, "baguette": 20, "boule_de_campagne": 10, "croissant": 30,
        }  # fmt: skip
        for line in statement.lines:
            assert line.received == line.sold + line.returned + line.lost
    finally:
        store.close()


def test_no_name_of_the_day_is_in_the_journal(tmp_path):
    """Names live in the private store: not one byte of them is journalled."""
    store, _played = play_file(S1, tmp_path)
    try:
        with store.reading() as conn:
            bodies = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
        for name in ("Aubry", "Aubert", "Besnard", "Diallo", "Garnier", "04 71", "0471000000"):
            assert name.encode() not in bodies
    finally:
        store.close()
