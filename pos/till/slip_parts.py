"""What the till's slips share: who the café is, the entry behind a slip, amounts, rates and words."""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pos import vat
from pos.clock import local
from pos.i18n import N_, _
from pos.journal import Journal, Stored, at_place, entries, read_envelope
from pos.money import format_euros
from pos.slips import Barcode, Columns, Part, Rule, Table, Text
from pos.store import NotEnrolled, Store
from pos.till import tab, tables
from pos.till.events import CafeDescribed, VatPart

MEANS_SAID = {
    tab.CASH: N_("Cash"), tab.CARD: N_("Bank card"), tab.CHEQUE: N_("Cheque"),
    tab.MEAL_VOUCHER: N_("Meal voucher"), tab.VOUCHER: N_("Gift voucher"),
    "prepaid": N_("Prepaid account"), "slate": N_("Slate"), "suspended": N_("Suspended coffee"), "bike_deposit": N_("Deposit kept"),
    "gift": N_("Gift voucher of the café"), "local": N_("Local currency"),
    "cups": N_("Deposits of cups"), "funder": N_("Claim on a partner"), "account": N_("On account, by invoice"),
}  # fmt: skip
# A rate keeps its letter from one ticket to the next.
RATE_LETTERS = {2000: "A", 1000: "B", 550: "C", 210: "D", 0: "Z"}


@dataclass(frozen=True, slots=True)
class Issued:
    """What the journal says of the entry a slip is made from: when, by whom, where, under which hash."""

    at: int
    by: str
    box: str
    cafe: int
    seq: int = 0
    hash: str = ""

    @property
    def till(self) -> str:
        """The till's name on paper: its café's number and the start of its journal's name."""
        return f"{self.cafe:04d}-{self.box[:4]}"

    @property
    def seal(self) -> str:
        """The first twelve digits of the entry's hash, in fours."""
        return "-".join(self.hash[i : i + 4] for i in (0, 4, 8))


def issued(stored: Stored, journal: Journal) -> Issued:
    """Return what a slip says of a journal row."""
    entry = read_envelope(stored.body)
    return Issued(at=entry.t, by=entry.op, box=journal.jid, cafe=journal.cafe, seq=stored.seq, hash=stored.hash.hex())


def issued_at(store: Store, conn: sqlite3.Connection, seq: int) -> Issued:
    """Return what a slip says of the entry at the place `seq`; KeyError when there is none."""
    if store.journal is None:
        raise NotEnrolled
    jn, number = at_place(seq)
    journal = store.journal if jn == store.journal.jn else next((j for j in store.journals() if j.jn == jn), None)
    if journal is not None:
        for stored in entries(conn, journal, number, number):
            return issued(stored, journal)
    raise KeyError(seq)


# « ZR-1042-A98D »: the number of a ticket, and the start of its seal so that another till's is not taken for it.
_TICKET_CODE = re.compile(r"ZR-(\d{1,9})-([0-9A-F]{4})")


def ticket_code(no: int, shown: Issued) -> list[Part]:
    """Return the bars that bring a ticket back on the screen, to refund it or to print it again."""
    return [Barcode("CODE128", f"ZR-{no}-{shown.hash[:4].upper()}")] if shown.hash else []


def ticket_of_code(store: Store, conn: sqlite3.Connection, code: str) -> int:
    """Return the number of the ticket whose bars were read, 0 when it is none of ours."""
    match = _TICKET_CODE.fullmatch(code.strip().upper())
    row = tables.ticket(conn, int(match[1])) if match else None
    if match is None or row is None:
        return 0
    return int(row["no"]) if issued_at(store, conn, row["seq"]).hash[:4].upper() == match[2] else 0


def said(words: Mapping[str, str], key: str, labels: Mapping[str, str] | None = None) -> str:
    """Return the French of a code: the café's own label, ours, or the code as it is."""
    if labels and key in labels:
        return labels[key]
    return _(words[key]) if key in words else key


def when(at_ms: int) -> str:
    """Return Paris date and time."""
    return local(at_ms).strftime("%d/%m/%Y %H:%M")


def day_said(day: str) -> str:
    """Return `20/11/2026`, with « (2) » for a second period of the same day."""
    date, _dot, period = day.partition(".")
    year, month, of_month = date.split("-")
    return f"{of_month}/{month}/{year}" + (f" ({period})" if period else "")


def amount(cents: int, letter: str = "") -> str:
    """Return an amount as printed, with its rate letter after the euro."""
    return f"{format_euros(cents)}\u00a0{letter}" if letter else format_euros(cents)


def bare(cents: int) -> str:
    """Return an amount without its euro sign, for tables that say it once."""
    return format_euros(cents).removesuffix("€").rstrip("\u00a0")


def rate_said(bp: int) -> str:
    """Return `5,5 %`."""
    whole, part = divmod(bp, 100)
    return (f"{whole},{part:02d}".rstrip("0") if part else f"{whole}") + "\u00a0%"


def heading(cafe: CafeDescribed, shown: Issued) -> list[Part]:
    """Return who the café is, in law and for its neighbours, then when and where (R66)."""
    town = f"{cafe.postcode} {cafe.town}".strip()
    lines = [
        cafe.legal_entity if cafe.legal_entity != cafe.sign else "", cafe.street,
        cafe.delegated_commune, town, _identity(cafe),
        _("VAT no. %(number)s", number=cafe.vat_number) if cafe.vat_number and cafe.regime == vat.REAL else "",
    ]  # fmt: skip
    return [
        Text(cafe.sign, bold=True, wide=True, align="center"),
        *(Text(line, align="center") for line in lines if line),
        Rule(),
        Text(when(shown.at)),
        Columns(_("Till %(till)s", till=shown.till), operator(shown.by)),
    ]


def _identity(cafe: CafeDescribed) -> str:
    siret = cafe.siret
    if len(siret) == 14:
        siret = f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"
    told = _("SIRET %(siret)s", siret=siret.replace(" ", "\u00a0")) if siret else ""
    code = _("APE %(ape)s", ape=cafe.ape).replace(" ", "\u00a0") if cafe.ape else ""
    return "   ".join(text for text in (told, code) if text)


def regime_said(regime: str) -> str:
    """Return the sentence the law wants on a ticket without VAT; empty under the real regime."""
    if regime == vat.FRANCHISE:
        return _("VAT not applicable, art. 293 B of the CGI")
    if regime == vat.EXEMPT:
        return _("Exempt from VAT, art. 261 of the CGI")
    return ""


def vat_table(parts: Iterable[VatPart], *, letters: bool = True) -> Table:
    """Return the VAT of a ticket or a day: rate, HT, VAT, TTC, and their sum when there are several."""
    groups = list(parts)
    rows = [(_("Rate"), _("excl. VAT"), _("VAT"), _("incl. VAT"))]
    for group in groups:
        letter = f"{RATE_LETTERS.get(group.bp, '*')} " if letters else ""
        rows.append((letter + rate_said(group.bp), bare(group.net), bare(group.gross - group.net), bare(group.gross)))
    if len(groups) > 1:
        net, gross = sum(g.net for g in groups), sum(g.gross for g in groups)
        rows.append((_("Total"), bare(net), bare(gross - net), bare(gross)))
    return Table(tuple(rows))


def foot(shown: Issued, software: str) -> list[Part]:
    """Return which software, which entry of the journal, and the start of its hash (R66)."""
    version, _slash, fiscal = software.partition("/")
    name = f"Zinc {version} {fiscal}".strip()
    if not shown.hash:
        return [Text(name)]
    return [Columns(name, _("no. %(seq)s", seq=shown.seq)), Text(_("sig. %(seal)s", seal=shown.seal))]


def operator(by: str) -> str:
    """Return the operator's code as printed: never a name."""
    return _("Operator %(op)s", op=by) if by else ""
