"""What tests share: a stopped clock, a store with an open journal, keys. Real SQLite, real bytes."""

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from pos import zcj
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.seal import GRANT, Keyring
from pos.store import Store
from tests import escpos, once
from tests.faults import counts

# The same examples at each run, so that a red build is red again; ZINC_EXPLORE=1 looks for new ones.
settings.register_profile("house", derandomize=not os.environ.get("ZINC_EXPLORE"), deadline=None)
settings.load_profile("house")
once.begin()

# Prints every slot, those of no alphabet too.
LETTERS_PAGE = "Page des lettres"
MORNING = "2026-11-20T07:02:00+01:00"
# A campaign takes the minutes it takes; one that hangs is ended all the same.
CAMPAIGN_MAX_SECONDS = 3 * 3600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the campaigns their time, and skip what no browser is here for."""
    for item in items:
        if item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.timeout(CAMPAIGN_MAX_SECONDS))
    skip_without_browser(items)


def skip_without_browser(items: list[pytest.Item]) -> None:
    """Skip the browser tests, saying what to install, where Chromium or Playwright's driver cannot run."""
    browser = [item for item in items if item.get_closest_marker("browser")]
    if not browser:
        return
    if not shutil.which("chromium"):
        needed = "chromium"
    elif subprocess.run([sys.executable, "-m", "playwright", "--version"], check=False, capture_output=True).returncode:
        needed = "libatomic1"
    else:
        return
    for item in browser:
        item.add_marker(pytest.mark.skip(reason=f"Debian's « {needed} » is missing: sudo apt install {needed}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End a run of campaigns with one table of what each counted; one that failed is in it too."""
    ended = [
        (one, dict(one.user_properties))
        for state in ("passed", "failed")
        for one in terminalreporter.getreports(state)
        if one.when == "call"
    ]
    long = [(one, told) for one, told in ended if told.get(counts.LONG)]
    rows: list[Any] = [told[counts.COUNTED] for _one, told in long if counts.COUNTED in told]
    rows += [
        (one.nodeid.split("/")[-1].removesuffix("::runTest"), told[counts.EXAMPLES], "examples", 0, "")
        for one, told in long
        if counts.EXAMPLES in told and one.passed
    ]
    rows += [(one.nodeid.split("/")[-1], 1, "run", 1, "FAILED") for one, _told in long if one.failed]
    short = [(one, told) for one, told in ended if counts.EXAMPLES in told and counts.LONG not in told]
    properties = [(one, told[counts.EXAMPLES]) for one, told in short]
    if long and properties:
        tried, found = sum(n for _one, n in properties), sum(one.failed for one, _n in properties)
        rows.append(("Properties on new examples", tried, "examples", found, f"{len(properties)} properties"))
    if rows:
        terminalreporter.section("campaigns")
        for line in counts.table(rows):
            terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Keep which test is a long campaign, and how many examples a property tried."""
    report = yield
    if call.when == "call" and item.get_closest_marker("faults"):
        report.user_properties.append((counts.LONG, True))
    told = "".join(getattr(item, "hypothesis_statistics", None) or ())
    if call.when == "call" and told:
        tried = sum(int(n) for n in re.findall(r"(\d+) (?:passing|failing|invalid)", told))
        report.user_properties.append((counts.EXAMPLES, tried))
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Leave nothing behind a run that went well."""
    if exitstatus == pytest.ExitCode.OK and not hasattr(session.config, "workerinput"):
        once.end()


def key_of(phrase: str) -> Keyring:
    """A key anyone can make again from a public phrase: tests only."""
    return Keyring(hashlib.sha256(phrase.encode()).digest())


def grant_for(
    box: Keyring, hq: Keyring, *, cafe: int = 17, issued: int = 1795149000000, n: int = 1
) -> tuple[bytes, bytes]:
    """A grant as HQ signs it, and its signature."""
    grant = zcj.encode(
        {
            "base": None,
            "cafe": cafe,
            "hq": hq.kid,
            "issued": issued,
            "key": box.public.hex(),
            "n": n,
            "type": "grant",
            "v": 1,
        }
    )
    return grant, hq.sign(GRANT, grant)


def open_test_store(path: Path, clock: StoppedClock, *, box: str = "box", cafe: int = 17) -> Store:
    """A store with its journal open under a test grant."""
    keys = key_of(box)

    def make() -> None:
        with closing(Store(path, clock=clock, keyring=keys, features=FEATURES)) as store:
            _open_journal(store, cafe)

    if not path.exists():
        once.file(("store", box, cafe, clock.now_ms(), clock.mono_ms()), path, make)
    store = Store(path, clock=clock, keyring=keys, features=FEATURES)
    if store.journal is None:
        _open_journal(store, cafe)
    return store


def _open_journal(store: Store, cafe: int) -> None:
    hq = key_of("hq")
    grant, signature = grant_for(store.keyring, hq, cafe=cafe)
    store.open_journal(grant=grant, signature=signature, hq_key=hq.public)


@pytest.fixture(autouse=True)
def every_slip_is_read_by_a_stranger(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test put in the print queue is held to what every slip must be (`tests.escpos`)."""
    once.begin_test()
    yield
    folder = request.node.funcargs.get("tmp_path") if hasattr(request.node, "funcargs") else None
    if folder is None or not (folder / "cafe.db").exists():
        return
    with closing(sqlite3.connect(f"file:{folder / 'cafe.db'}?mode=ro", uri=True)) as conn:
        try:
            rows = conn.execute("SELECT what, bytes FROM draft_print WHERE substr(bytes, 1, 2) = x'1b40'").fetchall()
        except sqlite3.DatabaseError:
            # A file that a test spoilt on purpose.
            return
    for what, data in rows:
        if what != LETTERS_PAGE:
            escpos.check(data, 48)


@pytest.fixture
def clock() -> StoppedClock:
    """Friday 20 November 2026, 7:02 in Paris."""
    return StoppedClock(MORNING)


@pytest.fixture
def store(tmp_path: Path, clock: StoppedClock) -> Iterator[Store]:
    """A café's store, enrolled, nothing recorded yet."""
    store = open_test_store(tmp_path / "cafe.db", clock)
    yield store
    store.close()
