"""S2: thirty parcels at 9:40, played through the acts as the screen calls them."""

import time
from pathlib import Path

from kiosk.replay import play_file
from pos.services.parcels import reading, search
from pos.services.parcels.refusals import ReadAgain, WrittenProxyRefused

DAY = Path(__file__).parent.parent / "days" / "s2_parcels.jsonl"


def test_thirty_parcels_in_one_morning(tmp_path: Path) -> None:
    """29 taken in, 1 refused; 18 handed over in 16 visits; 7,10 € expected; Pickup's proxy refused."""
    store, played = play_file(DAY, tmp_path / "cafe")
    assert (played.differences, played.refused) == ([], [])
    with store.reading() as conn:
        first, last = "2025-11-04", "2025-11-04"
        (line,) = reading.sheet(conn, first, last)
        assert (line.received, line.handed, line.given, line.returned, line.pay) == (29, 18, 4, 2, 18 * 35 + 4 * 20)
        (delivery,) = [
            reading.delivery(conn, row[0]) for row in conn.execute("SELECT delivery_id FROM parcel_delivery")
        ]
        assert delivery is not None
        assert (delivery.announced, delivery.accepted, delivery.refused) == (30, 29, 1)
        assert {p.deadline_on for p in reading.of_delivery(conn, delivery.delivery_id) if p.deadline_on} == {
            "2025-11-09"
        }
        torn = search.find(conn, "5926")[0].parcel
        assert (torn.check_status, torn.state) == ("no_check_known", "handed")
        neighbour = conn.execute("SELECT count(*) FROM parcel WHERE third_party = 1").fetchone()[0]
        assert neighbour == 1
        began = time.perf_counter()
        assert search.find(conn, "0111")
        assert time.perf_counter() - began < 0.3
    assert WrittenProxyRefused.remedy
    assert store.tables_that_differ() == []
    store.close()


def test_a_label_whose_second_key_is_wrong_is_asked_once(tmp_path: Path) -> None:
    """…3455 instead of …3454: read again; the same a second time is taken in as it is."""
    lines = DAY.read_text().splitlines()[:2]
    wrong = "12123456780101006623123455"
    act = '{"at":"2025-11-04T09:44:00+01:00","by":"g1","act":"parcels.receive","with":{"carrier":"mondial-relay","code":"%s"%s}%s}'
    lines += [act % (wrong, "", ',"refused":"ReadAgain"'), act % (wrong, f',"asked":"{wrong}"', "")]
    file = tmp_path / "again.jsonl"
    file.write_text("\n".join(lines))
    store, played = play_file(file, tmp_path / "cafe")
    assert (played.differences, played.refused, played.done) == ([], [], 2)
    with store.reading() as conn:
        assert [p.check_status for p in reading.waiting(conn)] == ["invalid"]
    assert ReadAgain.remedy
    store.close()
