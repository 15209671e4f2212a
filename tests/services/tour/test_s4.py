"""The evening of the acceptance scenario, beyond its amounts: what each entry carries."""

from pathlib import Path

from kiosk.replay import play_file
from pos.till.events import SaleCompleted

S4 = Path(__file__).parents[2] / "days" / "s4_tour.jsonl"


def test_every_sale_carries_the_commune_of_its_stop(tmp_path: Path) -> None:
    """Maurupt-le-Montois for that evening, the late sale too; Narcy from the next stop on."""
    store, played = play_file(S4, tmp_path)
    assert played.differences == []
    with store.reading() as conn:
        events = [store.event(conn, seq).event for seq in range(store.tip().seq + 1)]
    sales = [event for event in events if isinstance(event, SaleCompleted)]
    assert [(sale.day, sale.commune) for sale in sales] == [
        *[("2025-06-05", "51358")] * 5, ("2025-06-05.2", "51358"), ("2025-06-06", "52347")
    ]  # fmt: skip
    assert len({sale.stop for sale in sales}) == 2
    store.close()
