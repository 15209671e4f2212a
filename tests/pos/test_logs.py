"""The box's log: one line a fact, JSON on request, nothing of a library's chatter."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from pos.logs import JsonLines, setup_logs


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    """Leave the root logger as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_one_json_object_with_its_trace() -> None:
    """Machines read the log of a thousand boxes."""
    try:
        raise ValueError("paper")
    except ValueError:
        record = logging.LogRecord("zinc", logging.ERROR, "", 0, "printer: %s", ("out",), sys.exc_info())
    told = json.loads(JsonLines().format(record))
    assert (told["level"], told["name"], told["said"]) == ("error", "zinc", "printer: out")
    assert "ValueError: paper" in told["trace"]


def test_setting_up_twice_prints_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A second set-up replaces the first, and busy threads are no news."""
    setup_logs()
    setup_logs(as_json=True)
    logging.getLogger("zinc").info("started")
    logging.getLogger("waitress.queue").warning("Task queue depth is 1")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["said"] for line in lines] == ["started"]
