"""Bytes of a slip: what they are, what data can never do to them, and what an independent reader sees."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.hardware import model_of
from pos.hardware.drawer import PULSES
from pos.hardware.paper import NotEscpos, Run, decode
from pos.hardware.printer import PROFILE, PrinterModel, render
from pos.hardware.trial import slots_page, trial_slip
from pos.slips import Barcode, Columns, Cut, Qr, Slip, Text, as_text
from tests.pos.examples import all_slips
from tests.pos.test_slips import anything

WIDE, NARROW = model_of({"width": 80}), model_of({"width": 58})
INJECTED = "\x1b@\x1dV\x00\x1bp\x00\x19\xfa\x10\x14\x01\x00\x01\x0c"


def one(text: str) -> Slip:
    """A slip of one line."""
    return Slip("", (Text(text),), titled=False)


def test_accents_and_euro_are_those_of_code_page_858() -> None:
    """é is 82, € is D5, and the page is slot 19, named after the reset."""
    data = render(one("Café 1,30 €"), WIDE)
    assert data.startswith(b"\x1b@\x1bt\x13")
    assert b"Caf\x82 1,30 \xd5\n" in data
    assert data.count(b"\x1bt") == data.count(b"\x1b@") == 1


def test_the_slot_and_the_page_are_settings_of_the_printer() -> None:
    """Chinese 58 mm printers keep CP858 in slot 53; some only have CP1252."""
    assert render(one("€"), PrinterModel(slot=53)).startswith(b"\x1b@\x1bt\x35")
    data = render(one("é €"), PrinterModel(code_page="cp1252", slot=16))
    assert data.startswith(b"\x1b@\x1bt\x10")
    assert b"\xe9 \x80\n" in data
    assert b"3 EUR\n" in render(one("3 €"), PrinterModel(euro="EUR"))


def test_the_paper_is_cut_when_there_is_a_cutter_and_fed_otherwise() -> None:
    """58 mm printers have none as a rule."""
    assert render(one("a"), WIDE).endswith(b"\x1dVB\x00")
    assert render(one("a"), NARROW).endswith(b"\x1bd\x06")


@pytest.mark.parametrize("model", [WIDE, NARROW, PrinterModel(columns=42)], ids=["80", "58", "42"])
@pytest.mark.parametrize("name", all_slips())
def test_what_is_read_from_the_bytes_is_what_was_laid_out(name: str, model: PrinterModel) -> None:
    """The reader shares no code with the writer; no line was broken by the edge; one cut; no drawer pulse."""
    slip = all_slips()[name]
    paper = decode(render(slip, model), model.columns)
    read = [line.text for line in paper.lines]
    while read and not read[-1]:
        read.pop()
    # Bars stand in the middle of the paper by a command of their own, not by spaces.
    laid = [
        line.strip() if line.strip().startswith("[CODE128") else line
        for line in as_text(slip, model.columns).split("\n")
    ]
    while laid and not laid[-1]:
        laid.pop()
    assert read == laid
    assert not any(line.broken for line in paper.lines)
    assert paper.cuts == (1 if model.cutter else 0)
    assert paper.pulses == []


@given(anything, anything, st.sampled_from([WIDE, NARROW]))
def test_data_never_becomes_a_command(left: str, right: str, model: PrinterModel) -> None:
    """Whatever a product is called, no byte under 20h comes from it but the newline of the layout."""
    slip = Slip(left, (Columns(left, right), Text(right, wide=True, bold=True), Qr(left), Barcode("CODE128", right)))
    paper = decode(render(slip, model), model.columns)
    assert paper.pulses == []
    assert paper.cuts == (1 if model.cutter else 0)
    assert not any(line.broken for line in paper.lines)


def test_a_name_made_of_commands_prints_as_letters() -> None:
    """The classic: reset, cut and drawer kick inside a product's name."""
    data = render(one(f"a{INJECTED}b"), WIDE)
    commands = data.replace(b"\x1b@\x1bt\x13", b"", 1).removesuffix(b"\x1dVB\x00")
    assert all(byte >= 0x20 or byte == 0x0A for byte in commands.replace(b"\x1bE\x01", b"").replace(b"\x1bE\x00", b""))
    assert decode(data).pulses == []


def test_sizes_and_bold_end_with_their_line() -> None:
    """No style leaks into the next line."""
    paper = decode(render(Slip("", (Text("Gros", bold=True, wide=True), Text("petit")), titled=False), WIDE))
    runs = [line.runs for line in paper.lines if "petit" in line.text or "Gros" in line.text]
    assert runs == [(Run("Gros", bold=True, wide=True, tall=True),), (Run("petit"),)]


def test_codes_to_scan_are_read_back_whole() -> None:
    """EAN-13, CODE128 and QR, accents included in the QR; the alignment comes back to the left."""
    slip = Slip(
        "",
        (
            Barcode("EAN13", "3760123456786"),
            Barcode("CODE128", "BR-{12}"),
            Qr("https://é.fr/?a=1"),
            Text("suite"),
        ),
        titled=False,
    )
    lines = decode(render(slip, WIDE)).lines
    assert [(line.code, line.content) for line in lines if line.code] == [
        ("EAN13", "3760123456786"), ("CODE128", "BR-{12}"), ("QR", "https://é.fr/?a=1"),
    ]  # fmt: skip
    assert next(line for line in lines if line.text == "suite").align == "left"


def test_a_code_that_cannot_be_scanned_is_printed_in_letters() -> None:
    """Wrong digits, accents, or wider than the paper: words rather than a code no scanner reads."""
    made = (Barcode("EAN13", "12"), Barcode("CODE128", "été"), Barcode("CODE128", "A" * 20), Qr("x" * 400))
    lines = decode(render(Slip("", made, titled=False), NARROW), 32).lines
    assert not any(line.code for line in lines)
    assert any("[EAN13 12]" in line.text for line in lines)


def test_several_tickets_in_one_slip_are_cut_apart() -> None:
    """Cut inside a slip."""
    paper = decode(render(Slip("", (Text("un"), Cut(), Text("deux")), titled=False), WIDE))
    assert [any("un" in line.text for line in slip) for slip in paper.slips] == [True, False]
    assert paper.cuts == 2


def test_the_drawer_pulse_is_the_one_the_library_sends() -> None:
    """Pin 2 and pin 5, 50 ms on, 500 ms off."""
    from escpos.printer import Dummy

    for pin, pulse in PULSES.items():
        dummy = Dummy()
        dummy.cashdraw([27, 112, 0 if pin == 2 else 1, 25, 250])
        assert dummy.output == pulse
        assert decode(pulse).pulses == [pin]


@pytest.mark.parametrize(
    "data",
    [
        b"\x07",
        b"\x1bZ",
        b"\xe9",
        b"\x1d(k\x10\x00",
        b"\x1bt\x63",
        b"ab\x1ba\x01",
        b"\x1dk\x02123",
        b"\x1d!\x77",
    ],
)
def test_the_reader_takes_nothing_it_does_not_know(data: bytes) -> None:
    """Strict: an unknown command, an accent without page, a command cut short raise."""
    with pytest.raises(NotEscpos):
        decode(data)


def test_the_reader_breaks_a_line_where_the_paper_ends() -> None:
    """A line too long is seen as broken: that is how an overflow would be caught."""
    lines = decode(b"\x1b@\x1bt\x13" + b"x" * 40 + b"\n", 32).lines
    assert [(len(line.text), line.broken) for line in lines] == [(32, True), (8, False)]


def test_the_test_pages_print() -> None:
    """The installer's page and the page of slots; each line of the latter names its slot."""
    assert "é è à ç ù ê À €" in "\n".join(line.text.strip() for line in decode(render(trial_slip(), NARROW), 32).lines)
    page = slots_page(WIDE)
    every = dict.fromkeys(range(81), "cp858")
    assert [line.text[:3] for line in decode(page, slots=every).lines[:2]] == ["  0", "  1"]


def test_the_library_comes_late_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Imported at the first slip only; no folder left in the temporary place, no handler on our logs, no word on stdout."""
    script = (
        "import sys, logging, json, os\n"
        "import pos.hardware, pos.hardware.printer as p\n"
        "early = [m for m in sys.modules if m.split('.')[0] in ('escpos', 'PIL', 'yaml', 'serial')]\n"
        "from pos.slips import Slip, Barcode\n"
        "p.render(Slip('a', (Barcode('EAN13', '3760123456786'),)), p.PrinterModel())\n"
        "from escpos import capabilities\n"
        "print(json.dumps([early, len(logging.getLogger().handlers), os.listdir(sys.argv[1]),"
        " list(capabilities.CAPABILITIES['profiles']), os.environ.get('ESCPOS_CAPABILITIES_FILE')]))\n"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])}
    env.pop("ESCPOS_CAPABILITIES_PICKLE_DIR", None)
    out = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env=env, capture_output=True, text=True, check=True
    )
    assert json.loads(out.stdout) == [[], 0, [], ["default"], None]


def test_the_profile_is_small() -> None:
    """The library's own database takes 190 ms to read; ours is a page."""
    assert PROFILE.stat().st_size < 2000
