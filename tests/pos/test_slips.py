"""Slips as text: what is written on paper, its width, and the worked examples kept as golden files."""

import os
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos import release
from pos.money import format_euros
from pos.slips import Barcode, Columns, Cut, Feed, Qr, Row, Rule, Slip, Table, Text, as_text, lay, plain
from pos.till import slips
from tests.pos.examples import BACK, CAFE, DAY, HEAD, LINES, MIXED, SMALL, SMALL_CAFE, all_slips, entry

GOLDEN = Path(__file__).parents[1] / "golden" / "slips"
WIDTHS = (48, 42, 32)
PAPERS = {80: 48, 58: 32}
BANNER = "DÉMONSTRATION, ne pas encaisser"

anything = st.text(max_size=90) | st.sampled_from(
    [
        "Œuf “mollet” — l’été…",
        "<b>x</b> & 'y' \"z\"",
        "🥐🧀👩‍🌾",
        "\x1b@\x1dV\x00\x1bp\x00\x19\xfa",
        "e\u0301 ﬁ ẞ ™",
        "a" * 200,
        "\u202f\u00a0",
        "Ελλάδα 中文 \ud800",
    ]
)
parts = st.lists(
    st.one_of(
        st.builds(
            Text,
            anything,
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.sampled_from(["left", "center", "right"]),
        ),
        st.builds(Columns, anything, anything, anything, indent=st.integers(-2, 60)),
        st.builds(lambda rows: Table(tuple(map(tuple, rows))), st.lists(st.lists(anything, max_size=5), max_size=4)),
        st.builds(Rule, anything),
        st.builds(Barcode, st.sampled_from(["EAN13", "CODE128"]), anything),
        st.builds(Qr, anything),
        st.builds(Feed, st.integers(-1, 4)),
        st.just(Cut()),
    ),
    max_size=6,
)


@pytest.mark.parametrize("width", PAPERS)
@pytest.mark.parametrize("name", all_slips())
def test_each_slip_of_the_till_reads_as_it_did(name: str, width: int) -> None:
    """R66: a golden file per slip and paper; ZINC_GOLDEN=1 writes them anew, to be read before committing."""
    text = as_text(all_slips()[name], PAPERS[width])
    path = GOLDEN / f"{name}-{width}.txt"
    if os.environ.get("ZINC_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", all_slips())
def test_every_slip_says_it_is_a_demonstration(name: str, width: int) -> None:
    """Until the fiscal work is attested, every slip begins and ends with the banner."""
    lines = as_text(all_slips()[name], width).splitlines()
    assert lines[0].strip() == lines[-1].strip() == BANNER


def test_the_banner_goes_when_the_release_is_attested(monkeypatch: pytest.MonkeyPatch) -> None:
    """The banner hangs on one word of pos.release and on nothing else."""
    monkeypatch.setattr(release, "DEMONSTRATION", False)
    assert all(BANNER not in as_text(slip, 48) for slip in all_slips().values())


@given(title=anything, made=parts, width=st.sampled_from([*WIDTHS, 20]))
def test_no_text_ever_passes_the_edge_of_the_paper(title: str, made: list, width: int) -> None:
    """Whatever is written, no row is wider than the paper and no control byte is left."""
    slip = Slip(title, tuple(made))
    for laid in lay(slip, width):
        if isinstance(laid, Row):
            assert laid.columns <= width
            assert not any(unicodedata.category(c) in ("Cc", "Cf") or c == "\u00a0" for c in laid.text)
            assert laid.text.encode("cp858").decode("cp858") == laid.text
    assert all(len(line) <= width for line in as_text(slip, width).splitlines())


@given(label=anything, cents=st.integers(-9_999_999, 9_999_999), width=st.sampled_from(WIDTHS))
def test_an_amount_is_never_cut_and_stands_at_the_right(label: str, cents: int, width: int) -> None:
    """However long the label, one line ends with the whole amount, at the edge."""
    rows = [
        row
        for row in lay(Slip("", (Columns(label, format_euros(cents)),), titled=False), width)
        if isinstance(row, Row)
    ]
    amount = plain(format_euros(cents)).replace("\u00a0", " ")
    assert any(row.text.endswith(amount) and row.columns == width for row in rows)


@given(anything)
def test_bringing_text_to_paper_twice_changes_nothing(text: str) -> None:
    """What can be printed is left as it is."""
    assert plain(plain(text)) == plain(text)


def test_french_letters_stay_and_typography_becomes_plain() -> None:
    """œ, curly quotes, dashes and thin spaces have no place in CP858."""
    assert plain("Œuf, cœur, l’été — « 12\u202f€ » …") == "OEuf, coeur, l'été - « 12\u00a0€ » ..."
    assert plain("e\u0301") == "é"
    assert plain("ŷőĲ") == "yoIJ"
    assert plain("🥐 \x1b@\x07") == "? @"


def test_a_printer_without_euro_says_eur() -> None:
    """The width is measured with the longer word."""
    text = as_text(Slip("", (Columns("Café", "1,30\u00a0€"),), titled=False), 32, euro="EUR")
    assert "Café                    1,30 EUR" in text


def test_a_franchise_ticket_bears_the_mention_and_no_vat() -> None:
    """R66: art. 293 B instead of the table, and no rate letter."""
    text = as_text(slips.receipt(SMALL, SMALL_CAFE, entry()), 48)
    assert "TVA non applicable, art. 293 B du CGI" in text
    assert "HT" not in text
    assert "TVA FR" not in text
    assert "€ A" not in text


def test_a_provisional_bill_has_no_number_and_proves_nothing() -> None:
    """R47."""
    text = as_text(all_slips()["bill"], 48)
    assert "NOTE PROVISOIRE" in text
    assert "Ne vaut pas preuve de paiement" in text
    assert "n°" not in text


def test_the_first_print_is_the_original_and_the_others_are_counted() -> None:
    """R46: DUPLICATA no. k with the date of the reprint."""
    assert "DUPLICATA" not in as_text(slips.receipt(MIXED, CAFE, entry()), 48)
    again = as_text(slips.receipt(MIXED, CAFE, entry(), copy=3, reprinted_at=entry().at), 48)
    assert "DUPLICATA n° 3" in again
    assert "Réimprimé le 20/11/2026 18:42" in again


def test_a_refund_names_the_ticket_it_undoes_and_why() -> None:
    """R48: own number, link, reason, negative amounts."""
    text = as_text(slips.refund(BACK, CAFE, entry()), 48)
    for said in ("Remboursement n° 001048", "Du ticket n° 001047", "Motif : Erreur de saisie", "-7,00 € A"):
        assert said in text


def test_a_note_is_due_from_twenty_five_euros_of_services_on_site() -> None:
    """R63: 25,00 € of services is a note, 24,99 € is not; goods and food taken away do not count."""

    def note(cents: int, **more: object) -> bool:
        return slips.note_due([msgspec.structs.replace(LINES[1], gross=cents, **more)])

    assert note(2500)
    assert not note(2499)
    assert not note(2500, nature="goods")
    assert not note(2500, takeaway=True)


def test_the_cash_back_ticket_says_bought_withdrawn_debited_and_handed() -> None:
    """R97 and example 16.5."""
    text = as_text(slips.receipt(MIXED, CAFE, entry()), 42)
    for words, amount in (("TOTAL ACHATS TTC", "21,65"), ("TOTAL À PAYER", "24,57"), ("RETRAIT D'ESPÈCES", "20,00"),
                          ("Carte bancaire DÉBITÉ", "44,57"), ("Espèces remises au client", "20,00")):  # fmt: skip
        assert any(row.startswith(words) and row.endswith(f"{amount} €") for row in text.splitlines())


def test_a_second_period_of_a_day_and_an_uncounted_drawer_are_said() -> None:
    """R35, R40: closed by itself, not counted; `.2` is the day opened again."""
    day = msgspec.structs.replace(
        DAY, day="2026-11-20.2", auto=True, counted=-1, difference=0, acked="", families=[], uses=[]
    )
    text = as_text(slips.closure(day, CAFE, entry()), 48)
    for said in (
        "Z n° 000217   20/11/2026 (2)",
        "Clôture automatique, caisse non comptée",
        "Non compté",
        "Le siège n'a encore rien accusé",
    ):
        assert said in text
    assert "FAMILLES" not in text


def test_the_z_prints_the_head_to_keep_and_the_perpetual_totals() -> None:
    """R23, R38: the first 16 hexadecimal digits of the journal's head, and the totals that never go back."""
    text = as_text(all_slips()["z"], 32)
    for said in (HEAD[:4] + "-" + HEAD[4:8], "48 342,00 €", "48 776,00 €", "Tête, entrée n° 48261"):
        assert said in text


def test_a_cafe_that_said_nothing_yet_still_prints() -> None:
    """First run: no name, no address, and a ticket all the same."""
    nameless = msgspec.structs.replace(
        CAFE, sign="", legal_entity="", siret="", street="", postcode="", town="", vat_number="", ape=""
    )
    assert "TOTAL À PAYER" in as_text(slips.receipt(MIXED, nameless, entry()), 32)
