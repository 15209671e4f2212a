"""The yearly drill: each January, last year's archive is made, checked as a stranger would, and recorded (R62)."""

from pathlib import Path

from kiosk import scheduler
from kiosk.wiring import Kiosk
from pos.archive import verifier
from pos.archive.events import ArchiveChecked
from pos.clock import StoppedClock
from pos.system import TroubleNoted
from pos.till import close
from tests.conftest import open_test_store
from tests.pos.archive.played import play


def in_january(folder: Path) -> Kiosk:
    """A café that sold in December, on a quiet morning of January."""
    clock = StoppedClock("2026-12-28T07:00:00")
    store = open_test_store(folder / "cafe.db", clock)
    play(store, clock, "2026-12-28", 3)
    clock.set("2027-01-02T09:00:00")
    close.close_forgotten(store)
    clock.set("2027-01-02T12:00:00")
    return Kiosk(store=store, devices=None, data=folder)


def last_event(kiosk: Kiosk) -> object:
    return kiosk.store.event(kiosk.store._writer, kiosk.store.tip().seq).event


def test_in_january_last_years_archive_is_made_and_checked_once(tmp_path: Path) -> None:
    """One archive, one entry that says it is whole, and no second time."""
    kiosk = in_january(tmp_path)
    assert "drill" in scheduler.tick(kiosk)
    told = last_event(kiosk)
    assert isinstance(told, ArchiveChecked)
    assert (told.period, told.fault) == ("2026", "")
    assert (tmp_path / "archives" / "zinc-archive-17-2026.zip").exists()
    assert not scheduler.drill_due(kiosk)
    kiosk.store.close()


def test_a_drill_that_fails_is_an_entry_that_hq_sees(tmp_path: Path) -> None:
    """What is not whole is recorded, noted as a trouble, and tried no more this year by itself."""
    kiosk = in_january(tmp_path)

    def broken(*_asked: object) -> object:
        raise verifier.Fault("chain", "changed", 3)

    was, verifier.check = verifier.check, broken
    try:
        assert scheduler.drill(kiosk)
    finally:
        verifier.check = was
    told = last_event(kiosk)
    assert isinstance(told, TroubleNoted)
    assert (told.what, told.detail) == ("archive_failure", "2026")
    assert not scheduler.drill_due(kiosk)
    kiosk.store.close()


def test_a_café_without_last_year_has_nothing_to_drill(tmp_path: Path) -> None:
    """Nothing closed last year: nothing to do, any day."""
    kiosk = Kiosk(
        store=open_test_store(tmp_path / "cafe.db", StoppedClock("2027-01-05T12:00:00")), devices=None, data=tmp_path
    )
    assert not scheduler.drill_due(kiosk)
    kiosk.store.close()
