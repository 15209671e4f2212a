"""Money of others on a ticket: each line stands under its own owner's heading, and under no other's (R85)."""

from pos import slips as paper
from pos.till import slips
from tests.pos.examples import CAFE, MIXED, entry


def test_an_owner_without_a_name_is_not_read_as_the_one_before() -> None:
    """R85: a newspaper of a depot with a name, then a stamp whose owner has none here: it is somebody else's."""
    told = paper.as_text(slips.receipt(MIXED, CAFE, entry(), owners={"presse": "Presse"}), 42).splitlines()
    press = next(i for i, row in enumerate(told) if "Le Progrès" in row)
    stamp = next(i for i, row in enumerate(told) if "Timbre" in row)
    assert press < stamp
    assert "Presse" in told[press - 1]
    assert "tiers" in told[stamp - 1]
