"""Which account each use of money goes to: one table with its source, and what a café changed in it (R121).

The numbers follow the *plan comptable général*; a café's accountant changes any of them from a day on.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pos.errors import Refusal
from pos.i18n import N_

DEFAULTS = Path(__file__).with_name("plan.csv")
# The third party's own code stands in the auxiliary column.
OWN_CODE = "*"


class BadAccount(Refusal):
    """The first three characters of an account are digits of the French chart."""

    sentence = N_("“%(account)s” is not an account number (%(use)s).")
    remedy = N_("Type its digits, like 706100: at least three, at most eight.")


@dataclass(frozen=True, slots=True)
class Account:
    """Where a use of money goes: the number, its label, the auxiliary code, and who says so."""

    use: str
    account: str
    label: str
    aux: str = ""
    source: str = ""
    valid_from: str = ""


@cache
def defaults() -> tuple[Account, ...]:
    """Return the accounts of a café that changed none."""
    with DEFAULTS.open(encoding="utf-8", newline="") as lines:
        return tuple(Account(**row) for row in csv.DictReader(lines, delimiter=";"))


def check_account(account: str, use: str) -> str:
    """Return an account number as written in the files; raise BadAccount."""
    number = "".join(account.split()).upper()
    if not (3 <= len(number) <= 8 and number[:3].isdigit() and number[:3].isascii() and number.isalnum()):
        raise BadAccount(account=account[:20], use=use)
    return number


class Plan:
    """The accounts of one café, dated: a row of the café wins over the default from its day on."""

    def __init__(self, changed: Iterable[Account] = ()) -> None:
        rows: dict[str, list[Account]] = {}
        for account in (*defaults(), *changed):
            rows.setdefault(account.use, []).append(account)
        self._rows = {use: sorted(found, key=lambda one: one.valid_from) for use, found in rows.items()}

    def in_force(self, day: str) -> dict[str, Account]:
        """Return every use's account on a day."""
        return {use: [one for one in rows if one.valid_from <= day][-1] for use, rows in self._rows.items()}

    def find(self, day: str, uses: Sequence[str]) -> Account:
        """Return the account of the first use that has one on `day`; raise BadAccount when its number is none."""
        for use in uses:
            rows = [one for one in self._rows.get(use, ()) if one.valid_from <= day]
            if rows:
                check_account(rows[-1].account, use)
                return rows[-1]
        raise BadAccount(account="", use=uses[0])


def uses_of_owner(owner: str, *, used: bool = False) -> list[str]:
    """Return the uses that may say where a third party's money goes, the most precise first."""
    kind = owner.partition(":")[0]
    precise = [f"owner.{owner}", f"owner.{kind}", "owner"]
    return [f"used.{owner}", f"used.{kind}", *precise] if used else precise


def aux_of(account: Account, owner: str) -> str:
    """Return the auxiliary code of a third party: the plan's own, or the end of the third party's name."""
    if account.aux != OWN_CODE:
        return account.aux
    return "".join(c for c in owner.partition(":")[2] or owner if c.isalnum() or c in "-_").upper()[:17]
