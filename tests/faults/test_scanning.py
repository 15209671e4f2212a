"""Thousands of codes over a true line, with every bad habit at random and the cable pulled in the middle of codes."""

import random
import time
from collections import Counter as Tally
from collections.abc import Callable

import pytest

from pos.barcodes import ean_digit
from pos.hardware.scanners import READY, Scanner
from pos.hardware.scanners.simulated import DOUBLES, RUBBISH, SPLIT, UNPLUGGED, SimulatedScanner
from tests.faults import counts


def until(true: Callable[[], bool]) -> None:
    """Wait for the other thread, half a minute at most: a campaign runs beside others."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.mark.faults
def test_no_code_is_lost_read_twice_or_invented(record_property: counts.Keep) -> None:
    """Split, doubled, with rubbish around, fifty cables pulled: each code once, in order."""
    hand, heard, sent, pulled = random.Random(5), [], [], 0  # a seed, so that a bad run can be had again
    far = SimulatedScanner(gap_s=0.0005)
    near = Scanner("1", "", far.open_line, far.present, again_s=0.01, doubles_s=0.05)
    near.start(lambda scan: heard.append(scan.code), lambda: None)
    until(lambda: near.state() == READY)
    for n in range(3000):
        body = f"{300_000_000_000 + n}"
        for habit in (SPLIT, DOUBLES, RUBBISH):
            far.switch(habit, hand.random() < 0.4)
        if hand.random() < 0.02:
            # What is still in the cable goes with it: a code is lost with its end, never halved.
            until(lambda: len(heard) == len(sent))
            far._say(body[:5].encode())
            far.switch(UNPLUGGED, True)
            until(lambda: near.state() != READY)
            far.switch(UNPLUGGED, False)
            until(lambda: near.state() == READY)
            pulled += 1
        sent.append(body + str(ean_digit(body)))
        assert far.scan(sent[-1])
    until(lambda: len(heard) >= len(sent))
    near.stop()
    far.close()
    twice = sum(times > 1 for times in Tally(heard).values())
    lost, invented = len(set(sent) - set(heard)), len(set(heard) - set(sent))
    counts.campaign(
        record_property, "a scanner with bad habits", trials=len(sent), unit="codes", found=lost + twice + invented,
        lost=lost, read_twice=twice, invented=invented, cables_pulled_in_a_code=pulled,
    )  # fmt: skip
    assert heard == sent
