"""Any schedule of sales, copies, old cards, calls and repairs: HQ ends with each sale once, none lost (§2.9, H3)."""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hq import audit as hq_audit
from hq import enrolment
from hq.local import LocalHq
from pos.audit import check_everything
from pos.house import FEATURES
from pos.journal import read_envelope
from pos.store import Store
from pos.system import JournalContinued
from pos.till import refusals as no
from pos.till.events import SaleCompleted, ThirdPartyMoved
from sync import agent, repair, trouble
from tests.cast import open_cafe
from tests.sync.test_agent import a_pair
from tests.sync.test_repair import at_hq, sales, sold

ACTS = st.lists(st.sampled_from(["sell", "sell", "call", "copy", "old", "swap", "repair"]), min_size=4, max_size=14)


class Village:
    """One café's box, its copies, and HQ."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.office, self.box = a_pair(folder)
        self.line = LocalHq(self.office)
        open_cafe(self.box)
        self.others: list[Store] = []
        self.images: list[Path] = []
        self.n = 0

    def do(self, act: str) -> None:
        """One thing that happens in a village."""
        getattr(self, act)()

    def sell(self) -> None:
        """A coffee on the box in use; one that knows it was replaced sells none."""
        with contextlib.suppress(no.TillLocked):
            sales(self.box, 1)

    def call(self) -> None:
        """The box in use calls HQ; whatever HQ says, it goes on."""
        self._push(self.box)

    def copy(self) -> None:
        """Somebody makes an image of the card."""
        self.images.append(self._image(self.box))

    def old(self) -> None:
        """The last image is put into a second box, which goes on beside the first."""
        if self.images:
            self.others.append(self._open(self.images[-1]))

    def swap(self) -> None:
        """The boxes change places."""
        if self.others:
            self.others.append(self.box)
            self.box = self.others.pop(0)

    def repair(self) -> None:
        """The coordinator gives the box in use a repair code."""
        with self.office.db.writing() as conn:
            code = enrolment.make_code(conn, 17, enrolment.REPAIR, by="test", at=self.office.clock.now_ms())
        # A person types it, who comes back an hour later: each former journal is asked for anew.
        self._patiently(lambda: repair.reopen(self.box, self.line, str(code), hw="test"), 3600)

    def _push(self, store: Store) -> None:
        with contextlib.suppress(trouble.HistoriesDiffer, trouble.BoxReplaced):
            self._patiently(lambda: agent.push(store, self.line))

    def _patiently(self, act: Callable[[], Any], at_least_s: int = 0) -> None:
        """Do something, waiting as HQ asks where all of this happens within one hour."""
        while True:
            try:
                act()
            except trouble.HqBusy as busy:
                self.office.clock.tick(max(busy.seconds, at_least_s) * 1000)
            else:
                return

    def _image(self, store: Store) -> Path:
        self.n += 1
        path = self.folder / f"image{self.n}.db"
        store._writer.execute("VACUUM INTO ?", (str(path),))
        return path

    def _open(self, image: Path) -> Store:
        self.n += 1
        path = self.folder / f"box{self.n}.db"
        path.write_bytes(image.read_bytes())
        return Store(path, clock=self.box.clock, keyring=self.box.keyring, features=FEATURES)

    def quiet(self) -> None:
        """Every box that still has something is repaired and heard: nothing is left aside."""
        for store in (*self.others, self.box):
            self.box = store
            self.repair()
            self._push(store)
            self._push(store)

    def hashes(self) -> set[bytes]:
        """Return the first hash of every sale that survives on some box."""
        found = set()
        kind = f'"kind":"{SaleCompleted.kind}"'.encode()
        for store in (*self.others, self.box):
            with store.reading() as conn:
                rows = conn.execute("SELECT hash, body FROM journal_entry").fetchall()
            found |= {bytes(row[0]) for row in rows if kind in row[1]}
        return found

    def close(self) -> None:
        """Close every file."""
        for store in {id(s): s for s in (*self.others, self.box)}.values():
            store.close()
        self.office.db.close()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
@example(["copy", "old", "old", *["repair"] * 5])
def test_whatever_happens_each_sale_counts_once(acts: list[str]) -> None:
    """After any schedule and a quiet period HQ holds the union of the boxes, each sale once (P2, H3)."""
    with tempfile.TemporaryDirectory() as folder:
        village = Village(Path(folder))
        for act in acts:
            village.do(act)
        village.quiet()
        n = len(village.hashes())
        if n:
            assert at_hq(village.office) == (n, n * 160), acts
        assert hq_audit.check(village.office).faults == []
        for store in (*village.others, village.box):
            assert check_everything(store).findings == ()
        last = village.box
        assert sold(last)[1] == n * 160, acts
        village.close()


def test_months_and_third_parties_cross_the_line(tmp_path: Path) -> None:
    """What HQ holds beyond a repaired box reaches it by month, year and third party: none of them is a key of ZCJ."""
    office, box = a_pair(tmp_path)
    line = LocalHq(office)
    open_cafe(box)
    old = tmp_path / "old.db"
    box._writer.execute("VACUUM INTO ?", (str(old),))
    sales(box, 2)
    with box.writing(by="test") as tx:
        tx.record(ThirdPartyMoved(day="2026-11-02", owner="baker:b1", amount=3_20, means="cash", reason="handover"))
    agent.push(box, line)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, 17, enrolment.REPAIR, by="test", at=office.clock.now_ms())
    spare = Store(old, clock=box.clock, keyring=box.keyring, features=FEATURES)
    repair.reopen(spare, line, str(code), hw="test")
    with spare.reading() as conn:
        (body,) = conn.execute(
            "SELECT body FROM journal_entry WHERE instr(body, ?) > 0", (b'"kind":"journal.continued"',)
        ).fetchone()
    entry = read_envelope(body)
    told = spare.types.decode(entry.kind, entry.kv, entry.data)
    assert isinstance(told, JournalContinued)
    assert {one.key: one.amount for one in told.owners} == {"baker:b1": 3_20}
    assert [one.amount for one in told.spans] == [2 * 160, 2 * 160]


@pytest.mark.faults
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["sell", "sell", "call", "copy", "old", "swap", "repair"]), min_size=8, max_size=40))
def test_long_schedules_too(acts: list[str]) -> None:
    """The same over long schedules."""
    test_whatever_happens_each_sale_counts_once.hypothesis.inner_test(acts)  # type: ignore[attr-defined]
