"""Pages the installer prints: does it print well, and in which slot does this printer keep its letters."""

from pos.hardware.printer import PrinterModel
from pos.i18n import N_, _
from pos.slips import Barcode, Columns, Qr, Rule, Slip, Text

# Letters no French ticket does without, and the euro.
LETTERS = "é è à ç ù ê À €"
LAST_SLOT = 80
TITLE = N_("TEST PAGE")


def trial_slip() -> Slip:
    """Return the test page: accents, an amount at the edge, two codes to scan."""
    return Slip(
        _(TITLE),
        (
            Text(LETTERS, bold=True, wide=True, align="center"),
            Text(_("If a letter above is wrong, print the page of slots and choose the line that reads well.")),
            Rule(),
            Columns(_("The amount must touch the right edge"), "1\u00a0234,50\u00a0€", bold=True),
            Rule(),
            Barcode("EAN13", "3760123456786"),
            Qr("https://example.org/zinc"),
        ),
    )


def slots_page(model: PrinterModel) -> bytes:
    """Return the bytes of one line per slot: the installer types the number whose line reads well."""
    letters = LETTERS.encode(model.code_page)
    lines = (b"\x1bt" + bytes([n]) + f"{n:3d}  ".encode() + letters + b"\n" for n in range(LAST_SLOT + 1))
    return b"\x1b@" + b"".join(lines) + (b"\x1dVB\x00" if model.cutter else b"\x1bd\x06")
