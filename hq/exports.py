"""Tables as CSV for a French spreadsheet: `;`, UTF-8 with BOM, decimal comma, no formula can start."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Self

# A spreadsheet takes a cell beginning with one of these for a formula (full-width forms too).
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
Cell = str | int | None


def safe(text: str) -> str:
    """Return `text` as a spreadsheet will show it: never as a formula."""
    text = text.replace("\x00", "")
    return f"'{text}" if text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a CSV file. Numbers stay numbers; every text is quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in header])
    for row in rows:
        writer.writerow(["" if c is None else c if isinstance(c, int) else safe(c) for c in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def comma(n: int | None, digits: int) -> "Decimal | None":
    """Return `n` over ten to the `digits`, as a number a French spreadsheet reads."""
    return None if n is None else Decimal(n, digits)


class Decimal(int):
    """A number with a decimal comma."""

    def __new__(cls, n: int, digits: int) -> Self:
        """Keep where the comma goes."""
        made = super().__new__(cls, n)
        made.digits = digits
        return made

    digits: int

    def __str__(self) -> str:
        sign, n = ("-", -int(self)) if int(self) < 0 else ("", int(self))
        whole, part = divmod(n, 10**self.digits)
        return f"{sign}{whole},{part:0{self.digits}d}"

    __repr__ = __str__
