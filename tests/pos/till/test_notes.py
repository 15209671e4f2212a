"""Tickets, notes and the notice at the till: what the law wants written, and when it is printed."""

import re

import pytest

from pos.money import format_euros
from pos.slips import as_text
from pos.store import Store
from pos.till import law, sell, slips
from pos.till.notice import notice
from tests.cast import CAFE, MIXED, VICTOR, of, open_cafe, sold
from tests.house.tree import ROOT, text_of


def printed(store: Store, number: int) -> str:
    """A ticket as it is on paper."""
    with store.reading() as conn:
        event, seq = sell.sale_of(store, conn, number)
        return as_text(slips.receipt(event, CAFE, slips.issued_at(store, conn, seq)), 48)


def meals(store: Store, price: int) -> str:
    """A ticket of one meal on site at this price."""
    sale = of(sell.sell(store, lines=[sell.SoldLine(product="croque", price=price)],
                        payments=[sell.TakenPayment(means="card")], by=VICTOR))  # fmt: skip
    return printed(store, sale.no)


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open."""
    open_cafe(store)
    return store


def test_a_note_has_every_mention_of_the_decree_and_room_for_the_customer(cafe: Store) -> None:
    """Date, name and address, each service with quantity and price, totals HT and TTC; 24,99 € is a ticket (R63)."""
    note = meals(cafe, 2500)
    for said in ("Note n° ", "20/11/2026", "SAS Exemple", "1 place de l'Église", "10190 Village", "SIRET 123 456 789 00011",
                 "1 Croque-monsieur", "25,00 €", "22,73", "Client (nom, adresse)", "service compris"):  # fmt: skip
        assert said in note, said
    ticket = meals(cafe, 2499)
    assert "Ticket n° " in ticket and "1 Croque-monsieur" in ticket and "Client" not in ticket


def test_above_the_limit_the_customer_is_not_left_blank(cafe: Store) -> None:
    """150 € without VAT: beyond, an invoice names the customer; the figure is a dated one (R68)."""
    most = law.value("invoice.client_blank_max", "2026-11-20")
    assert "Client (nom, adresse)" in meals(cafe, most * 110 // 100)
    above = meals(cafe, most * 110 // 100 + 2)
    assert "Client (nom, adresse)" not in above and "Facture au nom du client" in above


def test_a_ticket_years_later_is_the_ticket_of_the_day(cafe: Store) -> None:
    """Told again from the journal, the same text: no copy on paper is relied upon (R73)."""
    number = of(sold(cafe, *MIXED)).no
    before = printed(cafe, number)
    cafe.retell()
    assert printed(cafe, number) == before


def test_amounts_on_paper_are_french() -> None:
    """Decimal comma and euro on every golden slip, never a decimal point (R71)."""
    for path in sorted((ROOT / "tests" / "golden" / "slips").glob("*.txt")):
        text = text_of(path)
        assert not re.search(r"\d\.\d\d(?!\d|/)", re.sub(r"\b\d+\.\d+\.\d+\b", "", text)), path.name


def test_the_notice_says_when_a_ticket_and_a_note_are_given() -> None:
    """On request since August 2023; the note from 25 € of services, as the law of the day has it (R63, R64)."""
    text = as_text(notice(CAFE, "2026-11-20"), 48)
    assert "si vous le demandez" in text.replace("\n", " ") and "L. 541-15-10" in text
    assert format_euros(2500).replace("\u00a0", " ") in text and "83-50/A" in text
    assert "demandez" not in as_text(notice(CAFE, "2023-07-31"), 48)
