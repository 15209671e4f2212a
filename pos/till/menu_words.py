"""How the menu's file is read: its bytes to text, its words for the people of the café back to codes."""

from collections.abc import Iterable, Mapping

from pos.errors import Refusal
from pos.i18n import N_, _
from pos.private import fold
from pos.vat import VAT_CLASSES

HEADERS: dict[str, str] = {
    "product": N_("Product code"), "label": N_("Product name"), "category": N_("Row of tiles"), "price": N_("Price"), "vat_class": N_("VAT"),
    "ean": N_("Barcode"), "favourite": N_("Place among the favourites"), "takeaway": N_("Always taken away"),
    "open_price": N_("Price typed at the till"), "role": N_("Sold for"), "owner": N_("Third party"), "service": N_("Service of the café"),
    "nature": N_("Nature (goods or service)"), "min_age": N_("Minimum age"), "icon": N_("Icon"), "unit": N_("Unit"), "components": N_("Set menu of (codes joined by +)"),
}  # fmt: skip
FLAGS = ("takeaway", "open_price")
_WORDS: dict[str, dict[str, str]] = {
    "vat_class": {row.code: row.label for row in VAT_CLASSES},
    "role": {
        "own": N_("The café’s own"), "agent_disclosed": N_("Sold for a producer"), "press": N_("Press"), "game": N_("Games"),
        "tobacco": N_("Tobacco"),
    },
    "nature": {"goods": N_("Goods sold"), "service": N_("Service rendered"), "third_party": N_("Third party")},
    "unit": {"piece": N_("By the piece"), "kg": N_("By the kilo"), "ml": N_("By the millilitre")},
}  # fmt: skip


# What no text of a spreadsheet holds, and every picture or program does.
_NOT_TEXT = frozenset(map(chr, range(32))) - set("\t\r\n")


class NotText(Refusal):
    """The file is not a text file."""

    sentence = N_("This file is not a CSV text file.")
    remedy = N_("In the spreadsheet choose Save as, CSV (UTF-8), then send it again.")


def text_of(data: bytes) -> str:
    """Return the text of a file: UTF-8, or else Windows-1252, what a French spreadsheet writes. Raises NotText."""
    for encoding in ("utf-8-sig", "windows-1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip() and _NOT_TEXT.isdisjoint(text):
            return text
        break
    raise NotText


def header(column: str) -> str:
    """Return the name of a column for a person."""
    return _(HEADERS[column])


def word(column: str, value: object) -> str:
    """Return a value as a person reads it; a code without a word stays as it is."""
    if column in FLAGS:
        return _("yes") if value else ""
    if column in ("favourite", "min_age"):
        return str(value or "")
    said = _WORDS.get(column, {}).get(str(value))
    return _(said) if said else str(value)


def columns_of(names: Iterable[str]) -> list[str]:
    """Return the codes of a file's columns, whether they are written as codes or as words; others as they are."""
    known = {fold(said): column for column, msgid in HEADERS.items() for said in (_(msgid), column)}
    return [known.get(fold(name.strip()), name) for name in names]


def codes_of(row: Mapping[str, str]) -> dict[str, str]:
    """Return a row with each word back to its code; what is no known word stays, to be judged as it is."""
    return {column: _code(column, value) for column, value in row.items()}


def _code(column: str, value: str) -> str:
    words = _WORDS.get(column, {})
    if not value or value in words:
        return value
    return {fold(_(said)): code for code, said in words.items()}.get(fold(value), value)
