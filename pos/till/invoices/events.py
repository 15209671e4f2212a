"""Facts of invoices: a customer to invoice, an invoice made from a ticket, the credit note of a refund.

The name and address of a company or a public body are public and stand in the journal, so that an invoice
reads alone for ever. Those of a natural person (a private customer, a sole trader) are in the private
store: the journal has their opaque id (R142).
"""

from pos.events import Event, Part
from pos.till.events import VatPart

PUBLIC, COMPANY, ASSOCIATION, PERSON = "public", "company", "association", "person"
BUYER_KINDS = (PUBLIC, COMPANY, ASSOCIATION, PERSON)


class Party(Part, frozen=True, kw_only=True):
    """Who is invoiced. Of a person, only the kind is said."""

    sort: str
    entity: str = ""
    siret: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    vat_number: str = ""
    # Chorus Pro: the service that receives, the commitment number of this purchase (R133).
    service_code: str = ""
    engagement: str = ""


class BuyerListed(Event, frozen=True, kw_only=True):
    """Somebody the café invoices was noted or changed."""

    kind = "till.buyer_listed"
    buyer: str
    party: Party


class Invoiced(Event, frozen=True, kw_only=True):
    """A ticket was made into an invoice: its own numbers, without gap in a year, and no second sale (R69)."""

    kind = "till.invoiced"
    year: int
    n: int
    date: str
    day: str
    ticket: int
    ticket_seq: int
    buyer: str
    party: Party
    vat: list[VatPart]
    total: int
    # What the customer has still to pay; by which day.
    due: int
    due_on: str
    sw: str
    # Of a till that goes on after a repair without its old journal: a series of its own, never a number twice.
    series: str = ""
    # SHA-256 of the invoice's XML; empty for a person, whose name would be in what it sums up.
    xml_sha256: str = ""

    @property
    def number(self) -> str:
        """The number as written: `F-2026-0031`."""
        return f"F{self.series}-{self.year}-{self.n:04d}"


class Credited(Event, frozen=True, kw_only=True):
    """A refund of an invoiced ticket was made into a credit note, in a series of its own. Amounts are positive."""

    kind = "till.credited"
    year: int
    n: int
    date: str
    day: str
    # The invoice it takes back, as written, and the refund it is made from.
    invoice: str
    invoice_date: str
    ticket: int
    ticket_seq: int
    buyer: str
    party: Party
    vat: list[VatPart]
    total: int
    sw: str
    series: str = ""
    xml_sha256: str = ""

    @property
    def number(self) -> str:
        """The number as written: `A-2026-0002`."""
        return f"A{self.series}-{self.year}-{self.n:04d}"


EVENTS: tuple[type[Event], ...] = (BuyerListed, Invoiced, Credited)
