"""The network's catalogue: kept by barcode, sent signed, proposed at the till when an article is scanned for the first time."""

import pytest
from flask import Flask

from hq import catalogue, channels
from hq.access import OFFICE, NotAllowed, User
from hq.acts import acts
from hq.app import create_app
from hq.catalogue import BadArticle
from hq.local import LocalHq
from hq.wiring import Office
from pos.till import network
from pos.till.network_lists import Product
from sync import agent
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe
from tests.sync.coming_down import COFFEE, DAY, applied, confirmed_box

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
OTHER = "3017620422003"


def keep(office: Office, ref: str = COFFEE, label: str = "Café moulu 250 g", **more: str) -> None:
    """Put an article into the catalogue."""
    told = {"category": "epicerie", "vat_class": "grocery"} | more
    with office.db.writing() as conn:
        catalogue.keep(conn, OFFICE, ref=ref, label=label, now_ms=office.clock.now_ms(), **told)


@both
def test_an_article_goes_down_to_every_till_and_a_dropped_one_leaves_it(
    office: Office, join: JoinCafe, line: LocalHq
) -> None:
    """Each change is a list, an entry at the till; nobody hears of an empty catalogue that never was."""
    store = confirmed_box(join, office)
    with office.db.reading() as conn:
        assert "catalogue" not in channels.of_cafe(conn, 17, 4, DAY)
    keep(office)
    keep(office, OTHER, " Pâte à tartiner ", category="")
    agent.push(store, line)
    with store.reading() as conn:
        assert network.articles(conn) == {
            COFFEE: Product(ref=COFFEE, label="Café moulu 250 g", category="epicerie", vat_class="grocery"),
            OTHER: Product(ref=OTHER, label="Pâte à tartiner", vat_class="grocery"),
        }
    with office.db.writing() as conn:
        for _twice in range(2):
            catalogue.drop(conn, OFFICE, OTHER, now_ms=office.clock.now_ms())
        assert len(acts(conn, act="article.dropped")) == 1
    agent.push(store, line)
    with store.reading() as conn:
        assert set(network.articles(conn)) == {COFFEE}
    assert [n for channel, n in applied(store) if channel == "catalogue"] == [1, 2]


def test_what_no_till_could_use_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misread barcode, no name, a strange row or VAT class, too long a list; only national accounts write."""
    for form, why in (
        ({"ref": "3012345678903"}, "code-barres"), ({"ref": "café"}, "code-barres"), ({"label": " "}, "nom"),
        ({"category": "cave"}, "rayon"), ({"vat_class": ""}, "rayon"),
    ):  # fmt: skip
        with pytest.raises(BadArticle) as refused:
            keep(office, **form)
        assert why in refused.value.what(), form
    monkeypatch.setattr(catalogue, "BLOB_MAX", 10)
    with pytest.raises(BadArticle):
        keep(office)
    with office.db.reading() as conn:
        assert catalogue.listed(conn) == []
    antenna = User("a", "a", "antenna", 3)
    with office.db.writing() as conn:
        with pytest.raises(NotAllowed):
            catalogue.keep(conn, antenna, ref=COFFEE, label="x", category="", vat_class="grocery", now_ms=1)
        with pytest.raises(NotAllowed):
            catalogue.drop(conn, antenna, COFFEE, now_ms=1)


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with its accounts."""
    made_up.people(office)
    return create_app(office)


def test_the_page_keeps_and_takes_out(app: Flask) -> None:
    """What was typed stays in the form when it is refused; a reader of an antenne only looks."""
    nadia = Browser(app)
    nadia.sign_in("nadia")
    assert "chaque café nomme les siens" in nadia.read("/articles")
    wrong = nadia.post("/articles", ref="12", label="Café moulu", category="epicerie", vat_class="grocery")
    assert (wrong.status_code, "Café moulu" in wrong.text) == (422, True)
    nadia.post("/articles", ref=COFFEE, label="Café moulu", category="epicerie", vat_class="grocery")
    assert COFFEE in nadia.read("/articles")
    lea = Browser(app)
    lea.sign_in("lea")
    page = lea.read("/articles")
    assert COFFEE in page
    assert "Retirer" not in page
    nadia.post("/articles/drop", ref=COFFEE)
    assert COFFEE not in nadia.read("/articles")
