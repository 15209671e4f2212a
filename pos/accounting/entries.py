"""An accounting entry and its lines; what is refused when they do not add up (R119)."""

from collections.abc import Iterable
from dataclasses import dataclass

from pos.accounting.plan import Account
from pos.errors import Refusal
from pos.i18n import N_
from pos.money import format_euros


class Unbalanced(Refusal):
    """An entry does not balance: no file is written."""

    sentence = N_("Entry %(number)s (%(ref)s) does not balance: %(difference)s on account %(account)s.")
    remedy = N_("No file was written. Put the account back as it was, or call HQ.")


class Differs(Refusal):
    """The entries of a day do not say what its closing says."""

    sentence = N_("The entries of Z %(z)s do not agree with it (%(what)s: %(entries)s, the closing says %(closing)s).")
    remedy = N_("No file was written. Check the journal in “Settings”, and call HQ.")


@dataclass(frozen=True, slots=True)
class Line:
    """One account moved, on one side."""

    account: str
    label: str
    debit: int = 0
    credit: int = 0
    aux: str = ""
    aux_label: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one document does to the accounts: the Z of a day, a movement of cash, an invoice."""

    number: int
    date: str
    ref: str
    label: str
    valid: str
    lines: tuple[Line, ...]

    @property
    def difference(self) -> int:
        """Debits less credits: zero, or the entry is refused."""
        return sum(line.debit - line.credit for line in self.lines)


def check(entries: Iterable[Entry]) -> None:
    """Raise Unbalanced at the first entry that does not balance, or has a line on both sides or below zero."""
    for entry in entries:
        for line in entry.lines:
            if line.debit < 0 or line.credit < 0 or (line.debit and line.credit):
                raise _told(entry, line, line.debit - line.credit)
        if entry.difference:
            # The largest line is where a wrong mapping usually is.
            raise _told(entry, max(entry.lines, key=lambda one: one.debit + one.credit), entry.difference)


def _told(entry: Entry, line: Line, difference: int) -> Unbalanced:
    return Unbalanced(
        number=entry.number, ref=entry.ref, difference=format_euros(difference), account=f"{line.account} {line.label}"
    )


class Sheet:
    """Adds amounts up by account; positive is a debit. What is negative at the end changes sides."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, str, str, str, str], int] = {}

    def add(self, place: int, account: Account, cents: int, aux: str = "", aux_label: str = "") -> None:
        """Add to an account; `place` orders means, sales, VAT, third parties."""
        key = (place, account.account, account.label, aux, aux_label)
        self._sums[key] = self._sums.get(key, 0) + cents

    @property
    def difference(self) -> int:
        """Debits less credits so far."""
        return sum(self._sums.values())

    def lines(self) -> tuple[Line, ...]:
        """Return the lines, empty ones left out."""
        return tuple(
            Line(account, label, max(cents, 0), max(-cents, 0), aux, aux_label)
            for (_place, account, label, aux, aux_label), cents in sorted(self._sums.items())
            if cents
        )
