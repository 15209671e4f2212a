"""Machines at a glance: how each fares with its remedy, what is plugged in and its role, how fast the box is."""

from pathlib import Path
from typing import Any

from kiosk import overview, wiring
from kiosk.wiring import Kiosk
from pos.hardware import queue
from tests.pos.hardware.test_plugged import device


def test_each_machine_says_how_it_fares_and_what_to_do(kiosk: Kiosk, screen: Any) -> None:
    """One sentence and a remedy for a trouble; a café without machines is told what it does without."""
    page = screen.page("/settings/overview")
    assert "Imprimante comptoir" in page
    assert "Rien n’est branché" in page
    assert kiosk.devices.simulated_printer is not None
    kiosk.devices.simulated_printer.switch("no_paper", True)
    screen.tap("/settings/machines/test")
    assert "n’a plus de papier. Mettez un rouleau" in " ".join(screen.page("/settings/overview").split())
    assert "Il n’y a plus de papier." in screen.page("/settings/machines")
    # The slip is given up: the printer is not asked, what it said is told as what it said.
    kiosk.devices.simulated_printer.switch("no_paper", False)
    with kiosk.store.reading() as conn:
        (job,) = queue.jobs(conn)
    screen.tap(f"/settings/slips/{job.job_id}/drop")
    page = screen.page("/settings/overview")
    assert "Prête. Au dernier ticket\u00a0: «\u00a0L’imprimante n’a plus de papier.\u00a0»" in page
    assert "Au dernier ticket, il n’y avait plus de papier." in screen.page("/settings/machines")
    screen.tap("/settings/machines/test")
    assert "plus de papier" not in screen.page("/settings/overview") + screen.page("/settings/machines")


def test_what_is_plugged_in_gets_its_role_in_one_tap(kiosk: Kiosk, screen: Any, tmp_path: Path) -> None:
    """Found by itself, named, used as what whoever installs says; then it says so."""
    kiosk.root = tmp_path
    device(tmp_path, "tty", "ttyACM0", "166:0", "ttyACM0", ID_VENDOR_ID="079b", ID_MODEL="Desk_5000")
    device(tmp_path, "tty", "ttyACM1", "166:1", "ttyACM1", ID_VENDOR_ID="0c2e", ID_MODEL="Voyager")
    assert "Ingenico Desk 5000" in screen.page("/settings/overview")
    screen.tap("/settings/overview/use/terminal", address="/dev/ttyACM0")
    screen.tap("/settings/overview/use/scanner", address="/dev/ttyACM1")
    told = kiosk.box_settings()
    assert (told["terminal"]["kind"], told["terminal"]["address"]) == ("concert", "/dev/ttyACM0")
    assert [one["address"] for one in told["scanners"]] == ["/dev/ttyACM1"]
    assert "S’en servir comme" not in screen.page("/settings/overview")
    screen.tap(f"/settings/overview/forget/{told['scanners'][0]['name']}")
    assert kiosk.box_settings()["scanners"] == []
    assert screen.tap("/settings/overview/use/terminal", address="/dev/sda").status_code == 404


def test_the_box_is_measured_and_the_figures_kept(kiosk: Kiosk, screen: Any) -> None:
    """Processor, card, page and hash, with their date."""
    assert "Pas encore mesuré" in screen.page("/settings/overview")
    screen.tap("/settings/overview/measure")
    found = overview.calibration(kiosk.store)
    assert found is not None
    assert found.sqlite in screen.page("/settings/overview")


def test_simulated_machines_are_broken_by_hand_and_the_till_says_so(kiosk: Kiosk, screen: Any) -> None:
    """A page each: the terminal's roll, the codes at hand, the pole's glass; pulled out, the till tells it."""
    told = {
        "terminal": {"kind": "simulated_ap"}, "scanners": [{"kind": "simulated", "name": "c"}], "display": {"kind": "simulated"},
    }  # fmt: skip
    kiosk.settings.update(told)
    wiring.connect_machines(kiosk)
    for place, word in (("terminal", "Rien encore"), ("scanner", "Un autre code"), ("display", "pole-glass")):
        assert word in screen.page(f"/demo/machines/{place}")
    screen.tap("/demo/machines/terminal/off", on="1")
    assert "ne répond pas" in screen.page("/settings/overview")
    assert screen.tap("/demo/machines/terminal/melts", on="1").status_code == 404
    assert "débranchée" in screen.tap("/demo/machines/scanner", code="3017620422003").text
