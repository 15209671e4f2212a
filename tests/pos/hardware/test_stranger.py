"""Every slip read by a reader that shares nothing with the writer: letters, widths, codes, and no surprise."""

import os
import random
from pathlib import Path

import pytest

from pos.hardware import COLUMNS, logo, model_of
from pos.hardware.drawer import PULSES, REAL_TIME_PULSES
from pos.hardware.printer import PrinterModel, render
from pos.hardware.trial import trial_slip
from pos.money import format_euros
from pos.slips import Barcode, Columns, Logo, Qr, Slip, Text, plain
from tests import escpos
from tests.pos.examples import all_slips

GOLDEN = Path(__file__).parents[2] / "golden" / "paper"
# To look at: ZINC_PAPER=/some/folder draws every slip there.
PICTURES = os.environ.get("ZINC_PAPER", "")


def texts(data: bytes, pages: dict[int, str] | None = None) -> list[str]:
    """The lines of a slip, the demonstration banner apart."""
    found = [text for text, _used in escpos.lines(escpos.read(data, pages)) if text.strip()]
    return [text for text in found if "DÉMONSTRATION" not in text]


def one(text: str, **model: object) -> str:
    """A line through the writer and the stranger."""
    made = PrinterModel(**model)  # type: ignore[arg-type]
    return texts(render(Slip("", (Text(text),), titled=False), made), {made.slot: made.code_page})[0]


@pytest.mark.parametrize("width", COLUMNS)
@pytest.mark.parametrize("name", all_slips())
def test_every_slip_of_the_till_does_what_it_did(name: str, width: int) -> None:
    """A golden list of events per slip and paper; ZINC_GOLDEN=1 writes them anew, to be read before committing."""
    data = render(all_slips()[name], model_of({"width": width}))
    events = escpos.check(data, COLUMNS[width])
    told = "".join(f"{event}\n" for event in events)
    path = GOLDEN / f"{name}-{width}.txt"
    if os.environ.get("ZINC_GOLDEN"):
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")
    if PICTURES:
        escpos.picture(events, COLUMNS[width]).save(Path(PICTURES) / f"{name}-{width}.png")


@pytest.mark.parametrize("width", COLUMNS)
def test_a_picture_of_the_paper_can_be_looked_at(width: int) -> None:
    """As wide as the paper's dots, with ink on it."""
    paper = escpos.picture(
        escpos.check(render(trial_slip(), model_of({"width": width})), COLUMNS[width]), COLUMNS[width]
    )
    assert paper.width == {80: 576, 58: 384}[width]
    assert paper.getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("page", "slot", "shown"),
    [
        ("cp858", 19, b"\x82 \xd5"),
        ("cp858", 53, b"\x82 \xd5"),
        ("cp1252", 16, b"\xe9 \x80"),
        ("cp1252", 71, b"\xe9 \x80"),
    ],
)
def test_accents_and_euro_have_the_bytes_of_the_printer_s_page(page: str, slot: int, shown: bytes) -> None:
    """Slot 19 on Epson-like printers, 53 and 71 on narrow ones: forced after the reset, never chosen by a letter."""
    data = render(Slip("", (Text("é €"),), titled=False), PrinterModel(code_page=page, slot=slot))
    assert data.startswith(b"\x1b@\x1bt" + bytes([slot]))
    assert shown + b"\n" in data
    assert data.count(b"\x1bt") == 1


@pytest.mark.parametrize("page", ["cp858", "cp1252"])
@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Café", "Café"),
        ("3 €", "3 €"),
        ("Œuf, œuvre", "OEuf, oeuvre"),
        ("l’été “vert” ‘a’", "l'été \"vert\" 'a'"),
        ("a–b—c…", "a-b-c..."),
        ("• 2 × 3", "* 2 × 3"),
        ("« oui »", "« oui »"),
        ("e\u0301te\u0301", "été"),
        ("ÀÂÇÉÈÊËÎÏÔÙÛÜ àâçéèêëîïôùûü", "ÀÂÇÉÈÊËÎÏÔÙÛÜ àâçéèêëîïôùûü"),
        (format_euros(123450), "1 234,50 €"),
        ("1\u202f234,50\u00a0€", "1 234,50 €"),
        ("a\u2009b\u2007c", "a b c"),
        ("ﬁn ½", "fin ½"),
        ("Łódź", "Lódz"),
        ("a\u200bb\u00adc", "abc"),
        ("x\x1b@\x1dV\x00\x1bp\x00\x19\xfa\x10\x14\x01\x00\x01y", "x@Vp\u00fay"),
    ],
)
def test_french_is_printed_as_it_is_typed_or_nearly(page: str, typed: str, printed: str) -> None:
    """Each trap of the printers' letters: narrow spaces, ligatures, quotes, decomposed accents, commands in a name."""
    assert one(typed, code_page=page, slot=19) == printed


def test_what_has_no_letter_is_a_question_mark_that_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A Chinese name keeps its neighbours' accents; only the code point is logged, never the text."""
    with caplog.at_level("INFO", logger="pos.slips"):
        assert one("été 中 é") == "été ? é"
    assert "U+4E2D" in caplog.text
    assert "été" not in caplog.text


def test_a_printer_without_a_usable_euro_prints_three_letters() -> None:
    """A setting of the printer."""
    assert one("3 €", euro="EUR") == "3 EUR"


def test_a_question_mark_on_paper_was_in_the_text() -> None:
    """Over all slips of the till: as many on paper as were written."""
    for slip in all_slips().values():
        written = sum(plain(str(part)).count("?") for part in slip.parts)
        on_paper = sum(text.count("?") for text in texts(render(slip, PrinterModel())))
        assert on_paper == written


def test_what_a_telephone_reads_is_what_was_meant() -> None:
    """QR with accents and a question mark, EAN-13, CODE128: their content to the letter, on both papers."""
    slip = Slip("", (Qr("https://café.fr/?a=1&b=é"), Barcode("EAN13", "3760123456786"), Barcode("CODE128", "B-{12}")))
    for width in COLUMNS:
        events = escpos.check(render(slip, model_of({"width": width})), COLUMNS[width])
        assert [(event.what, event.value) for event in events if event.what in ("qr", "ean13", "code128")] == [
            ("qr", "https://café.fr/?a=1&b=é"), ("ean13", "3760123456786"), ("code128", "B-{12}"),
        ]  # fmt: skip


def test_no_name_makes_the_printer_do_anything() -> None:
    """Ten thousand random names full of commands: letters and lines only."""
    chance = random.Random(5)
    hostile = "".join(map(chr, range(32))) + "\x7f@Vpt(kd!aE09é€中\u202e\u2028"
    allowed = {"reset", "page", "text", "line", "cut"}
    for _batch in range(100):
        names = ["".join(chance.choices(hostile, k=chance.randint(1, 40))) for _name in range(100)]
        slip = Slip("", tuple(Columns(name, "1,00 €") for name in names), titled=False)
        events = escpos.read(render(slip, PrinterModel()))
        assert {event.what for event in events} <= allowed
        assert [event.what for event in events].count("cut") == 1


def test_the_sign_is_printed_where_it_fits_and_obeys_nobody() -> None:
    """Centred dots; none on paper too narrow for it; no real-time command among its dots."""
    import io

    from PIL import Image

    noise = Image.frombytes("L", (300, 100), random.Random(3).randbytes(30_000))
    file = io.BytesIO()
    noise.save(file, "PNG")
    told = logo.from_picture(file.getvalue())
    model = model_of({**told, "width": 58})
    assert model.logo_width == 304
    assert len(model.logo) == 38 * 100
    for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert command not in model.logo
    (image,) = [e for e in escpos.check(render(Slip("", (Logo(),)), model), 32) if e.what == "image"]
    assert image.value == (304, 100)
    wide = PrinterModel(columns=32, logo=b"\xff" * 60, logo_width=480)
    assert "image" not in [event.what for event in escpos.read(render(Slip("", (Logo(),)), wide))]
    assert "image" not in [event.what for event in escpos.read(render(Slip("", (Logo(),)), PrinterModel()))]


def test_a_transparent_sign_is_paper_where_it_is_clear() -> None:
    """Black on nothing: only the black prints."""
    import io

    from PIL import Image

    sign = Image.new("RGBA", (64, 16), (0, 0, 0, 0))
    sign.paste((0, 0, 0, 255), (0, 0, 32, 16))
    file = io.BytesIO()
    sign.save(file, "PNG")
    model = model_of(logo.from_picture(file.getvalue()))
    assert sum(byte.bit_count() for byte in model.logo) == 32 * 16


def test_the_pulses_are_read_as_pulses() -> None:
    """Pins 2 and 5, 50 ms, apart from any slip."""
    assert [escpos.read(PULSES[pin]) for pin in (2, 5)] == [
        [escpos.Event("pulse", (2, 50))], [escpos.Event("pulse", (5, 50))],
    ]  # fmt: skip
    assert [event.what for event in escpos.read(REAL_TIME_PULSES[2])] == ["pulse now"]


@pytest.mark.parametrize(
    "data", [b"\x07", b"\x1bZ", b"\xe9", b"\x1d(k\x10\x00", b"\x1bt\x63", b"\x1d!\x77", b"\x1dk\x05", b"ab\x1ba\x01"]
)
def test_the_stranger_takes_nothing_it_does_not_know(data: bytes) -> None:
    """Strict: an unknown command, an accent without page, a command cut short raise."""
    with pytest.raises(escpos.Unknown):
        escpos.read(data)


def test_the_stranger_knows_nobody() -> None:
    """It imports nothing of the house, so that the two can be held against each other."""
    source = Path(escpos.__file__).read_text(encoding="utf-8")
    assert "from pos" not in source
    assert "import pos" not in source
    assert "import escpos" not in source
