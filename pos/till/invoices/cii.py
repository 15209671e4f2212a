"""An invoice as XML: Cross Industry Invoice, profile EN 16931, with the French and Chorus Pro fields.

Written with the standard library, so that an invoice is made on the smallest box and its XML is the same
bytes at any release; the library `factur-x` checks it against its schema when it goes into the PDF.
"""

from xml.etree import ElementTree as ET

from pos import vat
from pos.till.events import SaleLine
from pos.till.invoices.document import Document, nature_of
from pos.till.invoices.events import Party
from pos.till.invoices.mentions import mention

PROFILE = "urn:cen.eu:en16931:2017"
RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
# ISO 6523: SIREN, SIRET; electronic address of the French directory.
SIREN, SIRET, FR_ADDRESS = "0002", "0009", "0225"
# UNCL 4461; what is put on an account is paid by means not yet known.
MEANS = {"cash": "10", "cheque": "20", "card": "48"}
MEANS_UNKNOWN = "1"


def xml(doc: Document) -> bytes:
    """Return the XML of a document."""
    root = ET.Element(f"{{{RSM}}}CrossIndustryInvoice")
    context = _in(root, RSM, "ExchangedDocumentContext")
    # BT-23: what is invoiced, and whether it is paid already (2) or not (1).
    process = f"{nature_of(doc)}{2 if not doc.due else 1}"
    _in(_in(context, RAM, "BusinessProcessSpecifiedDocumentContextParameter"), RAM, "ID", process)
    _in(_in(context, RAM, "GuidelineSpecifiedDocumentContextParameter"), RAM, "ID", PROFILE)
    head = _in(root, RSM, "ExchangedDocument")
    _in(head, RAM, "ID", doc.number)
    _in(head, RAM, "TypeCode", doc.code)
    _day(_in(head, RAM, "IssueDateTime"), doc.date)
    for code in ("PMD", "PMT", "AAB", "AAI"):
        note = _in(head, RAM, "IncludedNote")
        text = mention(code, doc.date)
        _in(note, RAM, "Content", text % f"{doc.ticket:06d}" if code == "AAI" else text)
        _in(note, RAM, "SubjectCode", code)
    deal = _in(root, RSM, "SupplyChainTradeTransaction")
    for n, line in enumerate(doc.lines, start=1):
        _line(deal, n, line)
    _agreement(deal, doc)
    delivery = _in(deal, RAM, "ApplicableHeaderTradeDelivery")
    _day(_in(_in(delivery, RAM, "ActualDeliverySupplyChainEvent"), RAM, "OccurrenceDateTime"), doc.delivered)
    _settlement(deal, doc)
    for prefix, space in (("rsm", RSM), ("ram", RAM), ("udt", UDT), ("qdt", QDT)):
        ET.register_namespace(prefix, space)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _line(deal: ET.Element, n: int, line: SaleLine) -> None:
    item = _in(deal, RAM, "IncludedSupplyChainTradeLineItem")
    _in(_in(item, RAM, "AssociatedDocumentLineDocument"), RAM, "LineID", str(n))
    _in(_in(item, RAM, "SpecifiedTradeProduct"), RAM, "Name", line.label)
    unit = "C62" if line.quantity % 1000 == 0 else "KGM"
    # The price of the whole quantity: a price by piece would need more decimals than there are cents.
    price = _in(_in(item, RAM, "SpecifiedLineTradeAgreement"), RAM, "NetPriceProductTradePrice")
    _in(price, RAM, "ChargeAmount", amount(line.net))
    _in(price, RAM, "BasisQuantity", _thousandths(line.quantity), unitCode=unit)
    _in(_in(item, RAM, "SpecifiedLineTradeDelivery"), RAM, "BilledQuantity", _thousandths(line.quantity), unitCode=unit)
    settled = _in(item, RAM, "SpecifiedLineTradeSettlement")
    tax = _in(settled, RAM, "ApplicableTradeTax")
    _in(tax, RAM, "TypeCode", "VAT")
    _in(tax, RAM, "CategoryCode", _category(line))
    _in(tax, RAM, "RateApplicablePercent", amount(line.vat))
    _in(_in(settled, RAM, "SpecifiedTradeSettlementLineMonetarySummation"), RAM, "LineTotalAmount", amount(line.net))


def _agreement(deal: ET.Element, doc: Document) -> None:
    agreed = _in(deal, RAM, "ApplicableHeaderTradeAgreement")
    if doc.buyer.service_code:
        _in(agreed, RAM, "BuyerReference", doc.buyer.service_code)
    cafe = doc.seller
    seller = Party(sort="company", entity=cafe.legal_entity or cafe.sign, siret=cafe.siret, street=cafe.street,
                   postcode=cafe.postcode, town=cafe.town, vat_number=cafe.vat_number)  # fmt: skip
    _party(agreed, "SellerTradeParty", seller, fiscal=True)
    _party(agreed, "BuyerTradeParty", doc.buyer)
    if doc.buyer.engagement:
        _in(_in(agreed, RAM, "BuyerOrderReferencedDocument"), RAM, "IssuerAssignedID", doc.buyer.engagement)


def _party(parent: ET.Element, tag: str, who: Party, *, fiscal: bool = False) -> None:
    party = _in(parent, RAM, tag)
    if who.siret:
        _in(party, RAM, "GlobalID", who.siret, schemeID=SIRET)
    _in(party, RAM, "Name", who.entity)
    if who.siret:
        _in(_in(party, RAM, "SpecifiedLegalOrganization"), RAM, "ID", who.siret[:9], schemeID=SIREN)
    address = _in(party, RAM, "PostalTradeAddress")
    for name, text in (("PostcodeCode", who.postcode), ("LineOne", who.street), ("CityName", who.town)):
        if text:
            _in(address, RAM, name, text)
    _in(address, RAM, "CountryID", "FR")
    if who.siret:
        _in(_in(party, RAM, "URIUniversalCommunication"), RAM, "URIID", who.siret[:9], schemeID=FR_ADDRESS)
    if who.vat_number:
        _in(_in(party, RAM, "SpecifiedTaxRegistration"), RAM, "ID", who.vat_number, schemeID="VA")
    elif fiscal:
        _in(_in(party, RAM, "SpecifiedTaxRegistration"), RAM, "ID", who.siret[:9], schemeID="FC")


def _settlement(deal: ET.Element, doc: Document) -> None:
    settled = _in(deal, RAM, "ApplicableHeaderTradeSettlement")
    _in(settled, RAM, "InvoiceCurrencyCode", "EUR")
    codes = [MEANS.get(payment.means, MEANS_UNKNOWN) for payment in doc.payments]
    for code in dict.fromkeys(codes or [MEANS_UNKNOWN]):
        _in(_in(settled, RAM, "SpecifiedTradeSettlementPaymentMeans"), RAM, "TypeCode", code)
    for part in _taxes(doc):
        _tax(settled, *part)
    terms = _in(settled, RAM, "SpecifiedTradePaymentTerms")
    _in(terms, RAM, "Description", mention("transfer" if doc.due else "settled", doc.date))
    _day(_in(terms, RAM, "DueDateDateTime"), doc.due_on or doc.date)
    sums = _in(settled, RAM, "SpecifiedTradeSettlementHeaderMonetarySummation")
    _in(sums, RAM, "LineTotalAmount", amount(doc.net))
    _in(sums, RAM, "TaxBasisTotalAmount", amount(doc.net))
    _in(sums, RAM, "TaxTotalAmount", amount(doc.tax), currencyID="EUR")
    _in(sums, RAM, "GrandTotalAmount", amount(doc.total))
    _in(sums, RAM, "TotalPrepaidAmount", amount(doc.total - doc.due))
    _in(sums, RAM, "DuePayableAmount", amount(doc.due))
    if doc.invoice:
        before = _in(settled, RAM, "InvoiceReferencedDocument")
        _in(before, RAM, "IssuerAssignedID", doc.invoice)
        stamp = _in(before, RAM, "FormattedIssueDateTime")
        _in(stamp, QDT, "DateTimeString", doc.invoice_date.replace("-", ""), format="102")


def _taxes(doc: Document) -> list[tuple[str, str, int, int, int]]:
    """Return (category, why there is no VAT, rate, HT, VAT) for each group of lines."""
    found = [("S", "", part.bp, part.net, part.gross - part.net) for part in doc.vat]
    for code in dict.fromkeys(line.vat_code for line in doc.lines if line.vat_code):
        net = sum(line.net for line in doc.lines if line.vat_code == code)
        found.append(("E", why_exempt(code, doc.date), 0, net, 0))
    return found


def why_exempt(code: str, day: str) -> str:
    """Return the mention the law wants where there is no VAT."""
    return mention(code if code in (vat.NO_VAT_293B, vat.EXEMPT_CODE) else "OUT", day)


def _tax(settled: ET.Element, category: str, why: str, bp: int, net: int, tax: int) -> None:
    part = _in(settled, RAM, "ApplicableTradeTax")
    _in(part, RAM, "CalculatedAmount", amount(tax))
    _in(part, RAM, "TypeCode", "VAT")
    if why:
        _in(part, RAM, "ExemptionReason", why)
    _in(part, RAM, "BasisAmount", amount(net))
    _in(part, RAM, "CategoryCode", category)
    _in(part, RAM, "RateApplicablePercent", amount(bp))


def _category(line: SaleLine) -> str:
    return "E" if line.vat_code else "S"


def _in(parent: ET.Element, space: str, tag: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{space}}}{tag}", attributes)
    child.text = text or None
    return child


def _day(parent: ET.Element, day: str) -> None:
    _in(parent, UDT, "DateTimeString", day.replace("-", ""), format="102")


def amount(cents: int) -> str:
    """Return `1234.50`; a rate in basis points is written alike."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _thousandths(quantity: int) -> str:
    whole, part = divmod(quantity, 1000)
    return f"{whole}.{part:03d}" if part else str(whole)
