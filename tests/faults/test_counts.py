"""The table that the campaigns end with."""

from tests.faults.counts import COUNTED, campaign, table


def test_the_table_says_what_was_tried_and_what_was_found() -> None:
    """One line for each campaign, figures in columns, what happened below it."""
    kept: list[tuple[str, object]] = []
    campaign(lambda *told: kept.append(told), "Kills", trials=1500, unit="sales", slips_asked_about=2)
    campaign(lambda *told: kept.append(told), "Changes to a journal", trials=9, unit="changes", found=1)
    assert [name for name, _row in kept] == [COUNTED, COUNTED]
    assert table([row for _name, row in kept]) == [  # type: ignore[misc]
        "campaign                   trials  faults found",
        "-----------------------------------------------",
        "Kills                 1,500 sales          none",
        "    2 slips asked about",
        "Changes to a journal    9 changes             1",
    ]
    assert table([]) == []
