"""Facts of the books: an account changed, the rules of the declarations, a file made for the accountant."""

from pos.events import Event


class AccountSet(Event, frozen=True, kw_only=True):
    """From a day on, a use of money goes to another account of the café's chart (R121)."""

    kind = "accounting.account_set"
    use: str
    account: str
    label: str
    valid_from: str
    aux: str = ""


class RulesSet(Event, frozen=True, kw_only=True):
    """How the café declares its VAT from a day on: cadence, option for debits, civil or business day (R127–R130)."""

    kind = "accounting.rules_set"
    valid_from: str
    cadence: str
    debits: bool
    civil_day: bool


class BooksExported(Event, frozen=True, kw_only=True):
    """A file was made for the accountant or the platform: what, which days, its SHA-256."""

    kind = "accounting.books_exported"
    what: str
    first: str
    last: str
    sha256: str


EVENTS: tuple[type[Event], ...] = (AccountSet, RulesSet, BooksExported)
