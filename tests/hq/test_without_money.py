"""A café that shares its activity and not its money: no amount of any entry is shown at HQ."""

import re
from typing import Any

import msgspec
import pytest

from hq.screens.cafe import ACTIVITY, without_money
from pos.events import Event, encode
from pos.system import JournalImport
from tests.builders import a_part, an_event, every_event
from tests.hq.test_pages import sale

# Words of the trade that say an amount, whoever adds a field; the rest of a field's name does not matter.
AMOUNT = re.compile(
    r"amount|price|total|cash|card|due|owed|paid|value|cost|fee|revenue|turnover|takings|gross|net|vat|perpetual|to_date|absolute"
    r"|commission|deposit|ceiling|cap|reserve|stake|win|collected|settled|given|change|difference|expected|counted|float"
    r"|balance|discount|step|alone|limit|minimum|pay|told|was|now|adjusted|charged|deduction|base$|quota|target|market"
)


def entry(event: Event) -> bytes:
    """An entry as HQ holds it."""
    told = {"cafe": 17, "data": msgspec.Raw(encode(event)), "kind": event.kind, "seq": 5, "t": 1_795_000_000_000}
    return msgspec.json.encode(told, order="sorted")


def numbers(value: Any, name: str = "") -> set[tuple[str, int]]:
    """Every number in a JSON value, by the name of its field."""
    if isinstance(value, dict):
        return {found for key, one in value.items() for found in numbers(one, key)}
    if isinstance(value, list):
        return {found for one in value for found in numbers(one, name)}
    return {(name, value)} if isinstance(value, int | float) and not isinstance(value, bool) else set()


def shown(event: Event) -> Any:
    """What is left of an event."""
    return msgspec.json.decode(without_money(entry(event)))["data"]


def test_of_all_events_nothing_that_may_be_an_amount_is_left() -> None:
    """Whatever is not known to be a count, a place or a time is hidden, a field of a later release too."""
    left = {name for cls in every_event().values() for name, _n in numbers(shown(a_part(cls)))}
    # A day of lending, an hour: not what is owed.
    times = {"due_at", "cashback_asked_at"}
    assert {name for name in left - times if AMOUNT.search(name)} == set()
    assert left == ACTIVITY, "a name that no event has any more"


def test_an_unknown_kind_shows_no_number_at_all() -> None:
    """A release newer than this one may say anything."""
    raw = b'{"data":{"amount_of_tomorrow":1234,"rate":1.5,"much":[{"n":99}],"open":true,"seq":7},"kind":"new.thing","seq":5}'
    assert msgspec.json.decode(without_money(raw)) == {
        "data": {"amount_of_tomorrow": "…", "rate": "…", "much": [{"n": "…"}], "open": True, "seq": 7},
        "kind": "new.thing", "seq": 5,
    }  # fmt: skip


def test_a_closing_keeps_its_counts_and_hides_every_sum() -> None:
    """Of a Z: its number, its tickets, its hours."""
    left = dict(numbers(shown(an_event(every_event()["till.day_closed", 1]))))
    assert {"z", "tickets", "first_no", "opened_at"} <= set(left)
    assert not {name for name in left if AMOUNT.search(name)}


@pytest.mark.parametrize("deep", [1, 2])
def test_an_entry_carried_by_a_repair_hides_its_amounts_too(deep: int) -> None:
    """The sale in a `journal.import` is laid open as it is written itself; one packed for its length shows nothing."""
    body = entry(sale(1, "2026-11-20", "v1"))
    for _ in range(deep):
        body = entry(JournalImport(orig="00", prev="00", entry=body.decode()))
    text = without_money(body).decode()
    assert "v1" in text
    assert not re.search(r"\b(120|114|550)\b", text)
    assert shown(JournalImport(orig="00", prev="00", entry="", packed="eJw="))["packed"] == "…"
    assert shown(JournalImport(orig="00", prev="00", entry="{"))["entry"] == "…"
