"""S13 as its day file tells it: Thursday at HQ, Friday on the stick or nowhere, paper typed on Saturday on a blank box."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hq import morning
from hq.db import rollup_day
from hq.local import LocalHq
from hq.lost_days import lost_days
from hq.register import Calendar
from hq.wiring import Office
from kiosk import coming, copies
from kiosk.replay import Player, begin_menu
from kiosk.wiring import Kiosk
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.hardware import open_devices
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.till import people
from sync import agent, trouble
from tests.hq.conftest import JoinCafe
from tests.sync.test_coming import code_for, confirm, settled
from tests.sync.test_repair import CAFE

FILE = Path(__file__).parent.parent / "days" / "s13_dead_box.jsonl"
HEARD, DEAD = "02:00", "17:30"
THURSDAY, FRIDAY, SATURDAY = 260 + 1250, 2870, 1500


def parts() -> tuple[list[str], list[str], list[str]]:
    """Thursday, Friday and Saturday, cut where the file's notes say what happened to the box."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    heard, dead = (next(i for i, line in enumerate(lines) if f'"note":"{note}' in line) for note in (HEARD, DEAD))
    return lines[:heard], lines[heard:dead], lines[dead:]


def play(store: Store, lines: list[str]) -> None:
    """Play a part of the file; everything is as it says."""
    assert isinstance(store.clock, StoppedClock)
    played = Player(store, store.clock).play(lines)
    assert (played.differences, played.refused) == ([], [])


def typed_on_saturday(friday: list[str], saturday: list[str]) -> list[str]:
    """Saturday when Friday is gone too: each of its sales is typed from paper, once the day is open."""
    late = []
    for line in map(json.loads, friday):
        if line.get("act") == "till.sell":
            line["with"]["happened_at"], line["at"] = line["at"], "2026-11-28T09:48:00+01:00"
            late.append(json.dumps(line))
    return [
        *saturday[:2],
        *late,
        *(line for line in saturday[2:] if '"expect"' not in line and "close_day" not in line),
    ]


def takings_at_hq(office: Office) -> dict[str, int]:
    """What HQ counts of each day."""
    with office.db.reading() as conn:
        query = select(rollup_day.c.day, func.sum(rollup_day.c.turnover_cents)).group_by(rollup_day.c.day)
        return {day: int(n) for day, n in conn.execute(query)}


@pytest.fixture
def dead(join: JoinCafe, line: LocalHq, tmp_path: Path) -> Kiosk:
    """The box as it was at 17:30: Thursday sent at two in the morning, Friday on the stick."""
    thursday, friday, _saturday = parts()
    stick = tmp_path / "STICK"
    stick.mkdir()
    store = join()
    begin_menu(store)
    people.reset_pin(store, "g1", "2580", by="g1", name="Béa")
    (tmp_path / "old").mkdir()
    box = Kiosk(store=store, devices=None, data=tmp_path / "old", settings={"sticks": [str(stick)]}, line=line)
    copies.adopt(box)
    play(store, thursday)
    store.clock.set("2026-11-27T02:00:00+01:00")  # type: ignore[attr-defined]
    agent.push(store, line)
    box.sheet = copies.new_sheet(box)  # type: ignore[attr-defined]
    copies.copy_now(box, by="g1")
    play(store, friday)
    copies.write_tail(box)
    return box


@pytest.mark.parametrize("with_stick", [True, False])
def test_a_dead_box_loses_what_was_on_paper_only_until_it_is_typed(
    dead: Kiosk, office: Office, line: LocalHq, tmp_path: Path, with_stick: bool
) -> None:
    """Three days are at HQ with their takings, on a journal of another key; the old box, alive again, is refused."""
    _thursday, friday, saturday = parts()
    clock = dead.store.clock
    clock.set("2026-11-28T09:30:00+01:00")  # type: ignore[attr-defined]
    folder = tmp_path / "new"
    folder.mkdir()
    store = Store(folder / "cafe.db", clock=clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES)
    box = Kiosk(
        store=store, devices=open_devices({"kind": "simulated"}), data=folder, settings=dict(dead.settings), line=line
    )
    found = coming.ask(box, code_for(office), "")
    confirm(office, found.check_number)
    settled(box)
    if with_stick:
        (held,) = copies.everywhere([Path(dead.settings["sticks"][0])])
        found.add_stick(held, dead.sheet)  # type: ignore[attr-defined]
        settled(box)
    found.finish("g1", name="Béa", hashed=people.hash_pin("2580"))
    play(box.store, saturday if with_stick else typed_on_saturday(friday, saturday))
    agent.push(box.store, line)
    agent.push(box.store, line)
    days = {"2026-11-26": THURSDAY, "2026-11-27": FRIDAY, "2026-11-28": SATURDAY}
    if not with_stick:
        days = {"2026-11-26": THURSDAY, "2026-11-28": FRIDAY + SATURDAY}
    assert takings_at_hq(office) == days
    with office.db.reading() as conn:
        lost = lost_days(conn, [CAFE])[CAFE]
    assert lost == (("2026-11-27", "2026-11-27"),)
    # Without the stick Friday is not known: nobody says that the café stayed shut.
    heard, week = set(days), Calendar(("7:00-20:00",) * 7)
    state = morning.day_state("2026-11-27", heard, week, "2026-11-26", "2026-11-28", lost)
    assert state == (morning.OPEN if with_stick else morning.UNKNOWN)
    assert morning.day_state("2026-11-27", set(), week, "2026-11-26", "2026-11-28") == morning.MISSED
    former, opened = box.store.journals()
    assert former.jid == dead.store.journal.jid  # type: ignore[union-attr]
    assert opened.box_key != former.box_key
    assert check_everything(box.store).findings == ()
    if with_stick:
        with pytest.raises(trouble.BoxReplaced):
            agent.push(dead.store, line)
        assert agent.status(dead.store).state == "locked"
        assert takings_at_hq(office) == days
    box.store.close()
