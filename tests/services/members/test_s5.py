"""S5: a participatory café's Sunday, played through the acts as the screen calls them."""

from pathlib import Path

from kiosk.replay import play_file
from pos.journal import entries

DAY = Path(__file__).parent.parent.parent / "days" / "s5_participatory.jsonl"


def test_a_participatory_sunday(tmp_path: Path) -> None:
    """Three people not served and none of them named; 11.20 € for dues and coffee; 8.40 € become 7.20 €."""
    store, played = play_file(DAY, tmp_path / "cafe")
    assert (played.differences, played.refused) == ([], [])
    assert store.journal is not None
    with store.reading() as conn:
        tip = store.tip()
        bodies = [bytes(stored.body) for stored in entries(conn, store.journal, 0, tip.seq)]
        members = [row[0].encode() for row in conn.execute("SELECT member FROM members_member")]
        joined = conn.execute("SELECT total FROM till_ticket WHERE tab = 'sun-0004'").fetchone()[0]
    refused = [body for body in bodies if b'"kind":"members.access_refused"' in body]
    assert len(refused) == 3
    assert not any(member in body for body in refused for member in members)
    assert joined == 1120
    for name in ("Perrin", "Morel", "Blanc", "Roux"):
        assert not any(name.encode() in body for body in bodies)
    assert store.tables_that_differ() == []
    store.close()
