"""A box that is no more comes back on another: stick, sheet and HQ's word; nothing that was on the stick is lost (R6)."""

from pathlib import Path

import pytest

from hq import enrolment
from hq.local import LocalHq
from hq.wiring import Office
from kiosk import copies, restoring
from kiosk.wiring import Kiosk
from pos.audit import check_everything
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from sync import agent
from tests.cast import open_cafe
from tests.hq.conftest import JoinCafe
from tests.sync.test_repair import CAFE, PRICE, at_hq, sales, sold


@pytest.mark.parametrize("kind", [enrolment.REPLACE, enrolment.REPAIR])
def test_what_hq_had_not_and_the_stick_had_is_not_lost(
    join: JoinCafe, office: Office, line: LocalHq, tmp_path: Path, kind: str
) -> None:
    """Sales after the last upload and after the copy, up to the tail: all there, numbers and totals go on, HQ too."""
    stick = tmp_path / "STICK"
    stick.mkdir()
    store = join()
    open_cafe(store)
    (tmp_path / "old").mkdir()
    dead = Kiosk(store=store, devices=None, data=tmp_path / "old", settings={"sticks": [str(stick)]}, line=line)
    copies.adopt(dead)
    sheet = copies.new_sheet(dead)
    sales(store, 3)
    agent.push(store, line)
    sales(store, 4)
    copies.copy_now(dead, by="g1")
    sales(store, 5)
    copies.write_tail(dead)
    sales(store, 1)  # after the last quarter of an hour: this one dies with the box

    folder = tmp_path / "new"
    fresh = Store(
        folder / "cafe.db", clock=store.clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES
    )
    box = Kiosk(store=fresh, devices=None, data=folder, settings={"sticks": [str(stick)]}, line=line)
    (held,) = copies.everywhere([stick])
    with pytest.raises(restoring.CodeNeeded):
        restoring.from_stick(box, held, sheet, by="box")
    assert box.store.journal is None
    assert not (folder / "restored.db").exists()
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, kind, by="test", at=office.clock.now_ms())
    restoring.from_stick(box, held, sheet, by="box", code=str(code))
    assert sold(box.store) == (12, 12 * PRICE)
    sales(box.store, 1)
    agent.push(box.store, line)
    agent.push(box.store, line)
    assert at_hq(office) == (13, 13 * PRICE)
    assert check_everything(box.store).findings == ()
    assert box.store.journal is not None
    assert box.store.journal.box_key == box.store.keyring.public
    box.store.close()
