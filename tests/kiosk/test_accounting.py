"""The books on the counter and on the command line: a month, a file; an account changed by the manager."""

import hashlib
import subprocess
import sys
from pathlib import Path

from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.till import close, sell
from pos.till.sell import SoldLine, TakenPayment
from tests.house.tree import ROOT
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


def a_month(kiosk: Kiosk, clock: StoppedClock, after: str = "2026-12-01T08:00:00") -> None:
    """One day sold and closed in November; it is December after."""
    sell.sell(kiosk.store, lines=[SoldLine(product="plat_du_jour", quantity=2000)], payments=[TakenPayment(means="card")],
              by=cafe.MANAGER)  # fmt: skip
    close.close_day(kiosk.store, counted=cafe.FLOAT - 40, reason="change", by=cafe.MANAGER)
    clock.set(after)
    close.open_day(kiosk.store, cafe.FLOAT, by=cafe.MANAGER)


def test_a_closed_month_is_handed_over_in_two_taps(screen: Counter, kiosk: Kiosk, clock: StoppedClock) -> None:
    """The month, the file; its fingerprint stays on the screen (R120, R124)."""
    assert "en cours" in screen.page("/accounting/")
    a_month(kiosk, clock)
    screen.sign_in()
    page = screen.page("/accounting/")
    assert "novembre 2026" in page and 'id="give-fec-2026-11"' in page
    answer = screen.tap("/accounting/file", what="fec", period="2026-11", attempt="f1")
    assert answer.headers["Content-Disposition"].endswith('123456782_ecritures_caisse_20261101_20261130.txt"')
    lines = answer.text.split("\r\n")
    assert lines[0].startswith("JournalCode\tJournalLib\tEcritureNum")
    assert sum(int(line.split("\t")[11].replace(",", "")) for line in lines[1:-1]) == sum(
        int(line.split("\t")[12].replace(",", "")) for line in lines[1:-1]
    )
    assert hashlib.sha256(answer.data).hexdigest()[:8] in screen.page("/accounting/")
    assert "<TaxPercent>10.00" in screen.tap("/accounting/file", what="ereport", period="2026-11", attempt="f2").text
    notice = screen.tap("/accounting/file", what="notice", period="2026-11", attempt="f4").text
    assert "LPF art. A47 A-1" in notice and "511500\tCB à encaisser\tmeans.card" in notice
    assert "pas encore close" in screen.tap("/accounting/file", what="fec", period="2026-12", attempt="f3").text


def test_the_manager_changes_an_account(screen: Counter, kiosk: Kiosk, clock: StoppedClock) -> None:
    """From today on; a number that is none is refused in words, and a seller may not (R28, R121)."""
    assert "511500" in screen.page("/accounting/plan?use=means.card")
    screen.tap("/accounting/plan", use="means.card", account="512 300", label="Carte", attempt="p1")
    chart = screen.page("/accounting/plan")
    assert "512300" in chart
    assert "argent des autres" in chart
    assert "<small>owner." not in chart
    assert "numéro de compte" in screen.tap("/accounting/plan", use="means.card", account="CB", attempt="p2").text
    screen.tap("/accounting/rules", cadence="monthly", attempt="p3")
    a_month(kiosk, clock)
    screen.sign_in()
    assert "trois fois par mois" in screen.page("/accounting/")
    assert "\t512300\tCarte\t" in screen.tap("/accounting/file", what="fec", period="2026-11", attempt="f1").text
    screen.sign_in(cafe.SELLER, cafe.SELLER_PIN)
    assert "512300" not in screen.tap("/accounting/plan", use="means.card", account="511500", attempt="p4").headers.get(
        "HX-Redirect", ""
    )
    assert "512300" in screen.page("/accounting/plan")


def test_the_command_line_writes_the_same_file(tmp_path: Path) -> None:
    """`zinc accounts --period`: the file and its hash; nothing written and exit 1 when the period is open (R119)."""
    # Long past on any machine's clock.
    clock = StoppedClock("2025-11-20T07:02:00")
    kiosk = cafe.open_cafe(tmp_path, clock)
    a_month(kiosk, clock, "2025-12-01T08:00:00")
    kiosk.store.close()

    def asked(period: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-m",
            "kiosk.cli",
            "--data",
            str(tmp_path),
            "accounts",
            "--to",
            str(tmp_path / "out"),
        ]
        return subprocess.run([*command, "--period", period], cwd=ROOT, capture_output=True, text=True, check=False)

    done = asked("2025-11")
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / "out").iterdir()
    assert hashlib.sha256(path.read_bytes()).hexdigest() in done.stdout
    assert asked("2025-12").returncode == 1
    assert len(list((tmp_path / "out").iterdir())) == 1
