"""Entries as files: the 18 columns of the FEC (LPF art. A47 A-1), and a CSV an accountant opens at once.

A till supplies the entries of its journals, not the whole books: the file has the FEC's format and does not
take its name (R118). Same entries, same bytes (R124).
"""

import csv
import io
from collections.abc import Iterable, Sequence

from pos.accounting.entries import Entry, check
from pos.i18n import N_, _

JOURNAL = "CA"
FEC_FIELDS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip
CSV_FIELDS = (
    N_("journal"), N_("entry"), N_("date"), N_("account"), N_("account name"), N_("auxiliary account"),
    N_("auxiliary name"), N_("document"), N_("wording"), N_("debit (€)"), N_("credit (€)"), N_("validated on"),
)  # fmt: skip
# A spreadsheet takes a cell beginning with one of these for a formula.
_FORMULA = tuple("=+-@＝＋－＠")


def fec(entries: Sequence[Entry]) -> bytes:
    """Return the entries as tab-separated text, UTF-8; raise Unbalanced and write nothing when one does not balance."""
    check(entries)
    rows = ["\t".join(FEC_FIELDS)]
    for entry in entries:
        day = entry.date.replace("-", "")
        rows += [
            "\t".join((
                JOURNAL, _("Till"), str(entry.number), day, line.account, plain(line.label), plain(line.aux),
                plain(line.aux_label), plain(entry.ref), day, plain(entry.label), euros(line.debit), euros(line.credit),
                "", "", entry.valid.replace("-", ""), "", "",
            ))
            for line in entry.lines
        ]  # fmt: skip
    return "\r\n".join([*rows, ""]).encode()


def accountant_csv(entries: Sequence[Entry]) -> bytes:
    """Return the entries for a French spreadsheet: `;`, UTF-8 with BOM, decimal comma."""
    check(entries)
    rows = [
        [JOURNAL, str(entry.number), french_day(entry.date), line.account, line.label, line.aux, line.aux_label, entry.ref,
         entry.label, euros(line.debit) if line.debit else "", euros(line.credit) if line.credit else "",
         french_day(entry.valid)]
        for entry in entries for line in entry.lines
    ]  # fmt: skip
    return spreadsheet([_(title) for title in CSV_FIELDS], rows)


def spreadsheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows of text as CSV; a text never starts a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_safe(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(text: str) -> str:
    text = plain(text)
    amount = text.replace("-", "", 1).replace(",", "", 1).isdigit()
    return f"'{text}" if text.startswith(_FORMULA) and not amount else text


def plain(text: str) -> str:
    """Return a label without what separates fields and records."""
    return " ".join(text.replace("|", " ").split())


def euros(cents: int) -> str:
    """Return an amount with a decimal comma and no thousands separator: `1234,50`."""
    sign, whole = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{whole // 100},{whole % 100:02d}"


def french_day(day: str) -> str:
    """Return `20/11/2026`."""
    return "/".join(reversed(day[:10].split("-")))


def name(siren: str, first: str, last: str, ending: str) -> str:
    """Return a file's name: the SIREN, what it is, the days it covers."""
    span = f"{first.replace('-', '')}_{last.replace('-', '')}"
    return f"{siren or 'cafe'}_ecritures_caisse_{span}.{ending}"


def description() -> str:
    """Return what comes with the file: its columns in French, for whoever imports it (R118)."""
    return _(
        "Entries of the till, in the format of the FEC (LPF art. A47 A-1): text in UTF-8, one line per movement, fields"
        " separated by a tab, dates AAAAMMJJ, amounts with a decimal comma. One entry per daily closing (document Z-…),"
        " one per movement of cash, one per invoice (F-…) or credit note (A-…). Matching (EcritureLet, DateLet) and"
        " foreign currency are left empty. This is not a whole FEC: it holds the till’s journal only."
    )
