"""An invoice or a credit note as it stands, told from the journal: who, what, how much, what is still due.

Amounts are positive on both: the type says which way they go. Third parties' money on the ticket is not
the café's sale and is on none of them (R85).
"""

from dataclasses import dataclass

import msgspec

from pos import vat
from pos.till.events import CafeDescribed, Payment, SaleCompleted, SaleLine, SaleRefunded, VatPart
from pos.till.invoices.events import Credited, Invoiced, Party

INVOICE_CODE, CREDIT_CODE = "380", "381"


@dataclass(frozen=True, slots=True)
class Document:
    """Everything printed on an invoice, and in its XML."""

    code: str
    number: str
    date: str
    delivered: str
    seller: CafeDescribed
    buyer: Party
    lines: tuple[SaleLine, ...]
    vat: tuple[VatPart, ...]
    due: int
    due_on: str
    ticket: int
    payments: tuple[Payment, ...]
    regime: str
    sw: str
    # The invoice a credit note takes back, and its date.
    invoice: str = ""
    invoice_date: str = ""

    @property
    def net(self) -> int:
        """Total HT."""
        return sum(line.net for line in self.lines)

    @property
    def tax(self) -> int:
        """Total VAT."""
        return sum(part.gross - part.net for part in self.vat)

    @property
    def total(self) -> int:
        """Total TTC."""
        return self.net + self.tax


def document(
    told: Invoiced | Credited, sale: SaleCompleted | SaleRefunded, seller: CafeDescribed, buyer: Party
) -> Document:
    """Return the document of an event; `buyer` says who, for a person from the private store."""
    credit = isinstance(told, Credited)
    sign = -1 if credit else 1
    return Document(
        code=CREDIT_CODE if credit else INVOICE_CODE, number=told.number, date=told.date, delivered=sale.day[:10],
        seller=seller, buyer=buyer, lines=tuple(_turned(line, sign) for line in own_lines(sale)),
        vat=tuple(msgspec.structs.replace(p, gross=sign * p.gross, net=sign * p.net) for p in sale.vat if p.gross),
        due=0 if isinstance(told, Credited) else told.due, due_on="" if isinstance(told, Credited) else told.due_on,
        ticket=told.ticket, payments=tuple(sale.payments), regime=sale.regime, sw=told.sw,
        invoice=told.invoice if isinstance(told, Credited) else "",
        invoice_date=told.invoice_date if isinstance(told, Credited) else "",
    )  # fmt: skip


def own_lines(sale: SaleCompleted | SaleRefunded) -> list[SaleLine]:
    """Return the café's own sales on a ticket."""
    return [line for line in sale.lines if line.vat_code not in vat.OFF_TURNOVER]


def _turned(line: SaleLine, sign: int) -> SaleLine:
    return msgspec.structs.replace(line, quantity=sign * line.quantity, gross=sign * line.gross, net=sign * line.net)


def nature_of(doc: Document) -> str:
    """Return what is invoiced: B goods, S services, M both (a compulsory mention from 2027, R132)."""
    found = {"S" if line.nature == "service" else "B" for line in doc.lines}
    return found.pop() if len(found) == 1 else "M"
