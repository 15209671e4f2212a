"""One design language for the counter and the office."""

from tests.house.tree import ROOT


def test_the_counter_and_the_office_share_their_tokens() -> None:
    """Colours, sizes and spaces are the same file at both ends: change both, or neither."""
    assert (ROOT / "kiosk/static/tokens.css").read_bytes() == (ROOT / "hq/static/tokens.css").read_bytes()
