"""HQ's side of a repair and of the attestations: seen, allowed by an act, printed (R2, R23)."""

import re
from pathlib import Path

import msgspec
import pytest
from flask import Flask

from hq import attestation, enrolment
from hq.acts import acts
from hq.app import create_app
from hq.local import LocalHq
from hq.wiring import Office
from pos import drafts
from pos.store import Store
from sync import agent, repair, trouble
from sync import attestation as attested
from tests.cast import open_cafe
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import JoinCafe
from tests.hq.test_pages import text_of

PUBLISHER = {
    "name": "Bouquet & Zinc SAS", "siren": "123456782", "address": "1 rue du Lavoir, 10000 Troyes",
    "signatory": "Camille Roux", "quality": "présidente", "place": "Troyes",
}  # fmt: skip
GOLDEN = Path(__file__).parents[1] / "golden" / "attestation.txt"


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with its network."""
    made_up.people(office)
    made_up.network(office)
    return create_app(office)


def signed_in(app: Flask, username: str) -> Browser:
    """A browser in which somebody signed in."""
    browser = Browser(app)
    browser.sign_in(username)
    return browser


@pytest.fixture
def nadia(app: Flask) -> Browser:
    """A national coordinator."""
    return signed_in(app, "nadia")


def forked(join: JoinCafe, line: LocalHq) -> Store:
    """Café 3's box and its copy both called: HQ holds two histories."""
    from pos.house import FEATURES

    store = join(3, box="b3", purpose="replace")
    open_cafe(store)
    agent.push(store, line)
    path = store.path.with_name("copy3.db")
    store._writer.execute("VACUUM INTO ?", (str(path),))
    copy = Store(path, clock=store.clock, keyring=store.keyring, features=FEATURES)
    agent.push(store, line)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(copy, line)
    return copy


def test_a_café_in_anomaly_says_what_to_do_and_an_act_allows_its_repair(
    nadia: Browser, office: Office, join: JoinCafe, line: LocalHq
) -> None:
    """R23: the café's sheet explains in plain words; the code is made by a recorded act; then all is calm again."""
    sheet = text_of(nadia.read("/fleet/3"))
    assert "Autoriser la réparation" not in sheet
    copy = forked(join, line)
    assert "code de réparation" in text_of(nadia.read("/"))
    assert "n’est pas celle que le siège détient" in text_of(nadia.read("/register/3"))
    sheet = text_of(nadia.read("/fleet/3"))
    assert "Deux histoires du même journal : copie remise, ou carte copiée" in sheet
    assert not re.search(r'class="big"', nadia.post("/fleet/3/code", purpose="repair").text)
    page = nadia.post("/fleet/3/code", purpose="repair", why="copie remise en place").text
    found = re.search(r'class="big">([0-9A-Z-]{19})<', page)
    assert found
    with office.db.reading() as conn:
        assert ("repair.allowed", "nadia") in {(act["act"], act["by"]) for act in acts(conn, cafe_id=3)}
    repair.reopen(copy, line, found[1], hw="test")
    agent.push(copy, line)
    assert "n’est pas celle que le siège détient" not in text_of(nadia.read("/register/3"))
    copy.close()


def test_attestations_are_named_made_and_printed(nadia: Browser, office: Office, join: JoinCafe, line: LocalHq) -> None:
    """R2: none without who signs; then each till has its own, with the version and both lists, as a page to print."""
    store = join(4, box="b4", purpose="replace")
    open_cafe(store)
    agent.push(store, line)
    with office.db.writing() as conn:
        enrolment.confirm(conn, 4, enrolment.boxes(conn, 4)[-1].jn, by="test", at=1)
    assert "Aucune caisse n’a encore demandé" in text_of(nadia.read("/attestations"))
    with pytest.raises(attested.NoPublisher):
        attested.renew(store, line)
    nadia.post("/attestations/publisher", **PUBLISHER)
    told = attested.renew(store, line)
    assert told.fiscal in text_of(nadia.read("/attestations"))
    page = text_of(nadia.read("/attestations/4"))
    for words in (
        "Camille Roux",
        "12345678900011",
        told.fiscal,
        told.perimeter,
        "encaissements",
        "colis",
        "Volet 2",
        "441-1",
    ):
        assert words in page, words
    with office.db.reading() as conn:
        assert attestation.latest(conn, 4) == told
    assert (told.name, told.address) == ("SAS Exemple (Café de la Place)", "1 place de l’Église, 10190 Village")
    # What goes on the inspector's stick.
    with store.reading() as conn:
        assert drafts.get(conn, attested.DRAFT)["text"] == attested.as_text(told)


def test_an_attestation_is_word_for_word_the_one_that_was_read_over() -> None:
    """R2: the letter of the administration, both parts and both lists; a demonstration says above all that it attests nothing."""
    told = attested.Attestation(
        cafe=17, licence="0017-0c1e5a1b2d3f4a5b", siret="12345678900011", name="SAS Exemple (Café de la Place)",
        address="1 place de l’Église, 10190 Village", version="1.2.3", fiscal="F1.2.3", perimeter="ab" * 32,
        acquired="02/01/2027", issued="03/02/2027", publisher=attested.Publisher(**PUBLISHER),
    )  # fmt: skip
    words = [tuple(line.split("\t")) for line in GOLDEN.read_text().splitlines()]
    assert attested.lines(told) == words
    assert attested.as_text(told) == "\n".join(text for _kind, text in words) + "\n"
    sample = attested.lines(msgspec.structs.replace(told, sample=True))
    part = ("part", "SPÉCIMEN\u00a0: logiciel de démonstration, ce document n’atteste rien.")
    assert sample == [*words[:2], part, *words[2:]]


def test_a_café_without_siret_gets_no_attestation(nadia: Browser, join: JoinCafe, line: LocalHq) -> None:
    """R2: generating for a café without its number fails and says so."""
    nadia.post("/attestations/publisher", **PUBLISHER)
    store = join(5, box="b5", purpose="replace")
    agent.push(store, line)
    with pytest.raises(attested.NoSiret):
        attested.renew(store, line)


def test_only_the_national_office_names_who_signs(app: Flask) -> None:
    """Attestations engage the publisher: nobody else changes them."""
    browser = signed_in(app, "ines")
    assert browser.get("/attestations").status_code == 403
    assert browser.post("/attestations/publisher", **PUBLISHER).status_code == 403
