"""Invoices at the counter: from a ticket, from the bill on the screen, the file, what was received."""

import io

from pypdf import PdfReader

from kiosk.wiring import Kiosk
from pos.till import tables as till
from pos.till.invoices import tables
from tests.kiosk.conftest import Counter

MAIRIE = {"sort": "public", "entity": "Commune du Faouët", "siret": "21100276100016", "street": "Place de la Mairie",
          "postcode": "56320", "town": "Le Faouët", "service_code": "CANTINE", "engagement": "2026-117"}  # fmt: skip


def sold(screen: Counter, attempt: str = "a1") -> None:
    """Ring a meal up and take it in cash."""
    screen.page()
    screen.tap("/bill/add/plat_du_jour", attempt=f"{attempt}p")
    screen.tap("/bill/pay/cash", attempt=f"{attempt}c")


def test_a_ticket_becomes_an_invoice_and_a_refund_takes_it_back(screen: Counter, kiosk: Kiosk) -> None:
    """« Facture », the customer typed, the PDF; refunded, a credit note stands beside (R69)."""
    sold(screen)
    assert 'id="invoice"' in screen.page("/tickets/1")
    assert "Commune" in screen.page("/invoices/ticket/1")
    answer = screen.tap("/invoices/make", ticket="1", attempt="i1", **MAIRIE)
    assert answer.headers["HX-Redirect"] == "/invoices/F-2026-0001", answer.text
    page = screen.page("/invoices/F-2026-0001")
    assert "Commune du Faouët" in page and "2026-117" in page
    made = screen.client.get("/invoices/F-2026-0001/file.pdf")
    assert made.mimetype == "application/pdf"
    assert "Commune du Faouët" in PdfReader(io.BytesIO(made.data)).pages[0].extract_text()
    assert b"<ram:IssuerAssignedID>2026-117" in screen.client.get("/invoices/F-2026-0001/file.xml").data
    screen.tap("/tickets/1/refund", reason="returned", attempt="r1")
    assert "A-2026-0001" in screen.page("/invoices/F-2026-0001")
    assert "F-2026-0001" in screen.page("/tickets/1")
    listed = screen.page("/invoices/")
    assert "F-2026-0001" in listed and "A-2026-0001" in listed


def test_a_bill_is_invoiced_and_paid_later(screen: Counter, kiosk: Kiosk) -> None:
    """No drawer opens; the list says what is left, until it is received (R105)."""
    screen.page()
    screen.tap("/bill/add/plat_du_jour", attempt="p1")
    page = screen.page("/invoices/bill")
    assert f'name="tab" value="{screen.tab}"' in page
    assert screen.tap("/invoices/make", attempt="i1", **MAIRIE).headers["HX-Redirect"] == "/invoices/F-2026-0001"
    assert "reste" in screen.page("/invoices/")
    with kiosk.store.reading() as conn:
        row = tables.document(conn, "F-2026-0001")
        assert row is not None and row["due"] == row["total"]
        assert till.drawer_expected(conn, "2026-11-20") == 15_000
    screen.tap("/invoices/F-2026-0001/received", amount=f"{row['due'] // 100},{row['due'] % 100:02d}", attempt="m1")
    assert "reste" not in screen.page("/invoices/")
    # The next time, the mairie is one tap away.
    sold(screen, "b")
    assert "buyer-21100276100016" in screen.page("/invoices/ticket/2?find=faouet")
    assert (
        screen.tap("/invoices/make", ticket="2", buyer="21100276100016", attempt="i2").headers["HX-Redirect"]
        == "/invoices/F-2026-0002"
    )


def test_a_mairie_without_service_code_is_told_what_to_ask(screen: Counter, kiosk: Kiosk) -> None:
    """The sentence and its remedy; nothing is made (R133)."""
    sold(screen)
    answer = screen.tap("/invoices/make", ticket="1", attempt="i1", **(MAIRIE | {"service_code": ""}))
    assert "code service" in answer.text
    with kiosk.store.reading() as conn:
        assert tables.documents(conn) == []
