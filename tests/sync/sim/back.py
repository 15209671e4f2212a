"""The last word of a run: the café's box dies, and comes back from HQ alone, whatever happened before (§2.10)."""

import random
from pathlib import Path

from sqlalchemy import func, select

from hq import db, enrolment
from hq.local import LocalHq
from pos.audit import check_everything
from pos.projections import digest
from pos.store import Store
from pos.till import tables
from sync import agent, enrol, ingest, rebuild, repair, restore
from sync.line import Enrolled
from tests.sync.sim.line import must
from tests.sync.sim.world import Box, World

SHARE = 0.125


def come_back(w: World) -> None:
    """Bring back, on a blank box, each café whose open journal a box has: its tables are the dead box's."""
    if random.Random(f"back {w.seed}").random() < SHARE:
        w.clock.tick(3_600_000)
        for cafe in w.cafes:
            _bring(w, cafe)


def _bring(w: World, cafe: int) -> None:
    with w.office.db.reading() as conn:
        opened = next((row for row in enrolment.boxes(conn, cafe) if row.state == ingest.OPEN), None)
    dead = next((box for box in w.boxes if opened and box.store.journal and box.store.journal.jid == opened.jid), None)
    if dead is None:
        return
    whole = _tables(dead.store)
    held = not (w.rollbacks or w.rotten)
    blank, back, granted = _restored(w, dead, cafe)
    told = _tables(back)
    differ = [table for table in whole if whole[table] != told[table]]
    # None at all: what HQ has cannot be had as that box had it, and its new journal goes on from sums.
    same = differ == [] or back.journal is None or bool(w.rotten)
    must("§2.10 a café comes back as its last box had it", same, (dead.name, differ))
    repair.follow(back, LocalHq(w.office), granted)
    agent.push(back, LocalHq(w.office))
    findings = check_everything(back).findings
    must("§2.10 what came back is whole", findings == (), findings)
    day = db.rollup_day.c
    with w.office.db.reading() as conn, back.reading() as own:
        there = conn.execute(select(func.sum(day.turnover_cents)).where(day.cafe_id == cafe)).scalar() or 0
        here = tables.total(own, tables.EVER, "turnover", "algebraic")
    must("§2.10 it goes on with the totals of all that HQ counts", here == there or not held, (here, there))
    back.close()
    blank.close()
    w.tell(f"{dead.name} came back from HQ")


def _restored(w: World, dead: Box, cafe: int) -> tuple[Store, Store, Enrolled]:
    """Return the blank box, the café's file on it, and HQ's grant to go on with."""
    path: Path = w.new_path("blank")
    blank, line = w.shop.store(path, dead.clock), LocalHq(w.office)
    told = enrol.enrol(blank, line, w.code(cafe, enrolment.REPLACE), hw="sim")
    with w.office.db.writing() as conn:
        enrolment.confirm_number(conn, cafe, told.check_number, by="sim", at=w.clock.now_ms())
    beside = path.with_suffix(".coming")
    brought = restore.fetch(blank, line, told, beside)
    back = rebuild.build(beside, brought, told, path.with_suffix(".back"), blank)
    return blank, back, told


def _tables(store: Store) -> dict[str, str]:
    with store.reading() as conn:
        return {table: digest(conn, table) for table in store.projector.tables}
