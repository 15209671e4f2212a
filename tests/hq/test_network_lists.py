"""Announcements and network prices at HQ: who may say what to whom, and what a file says wrong."""

import io

import pytest

from hq import announcing, channels, pricing
from hq.access import NotAllowed, User
from hq.acts import acts
from hq.announcing import BadAnnouncement, Draft
from hq.app import create_app
from hq.register import NoSuchCafe, add_cafe
from hq.wiring import Office
from pos import demo
from pos.till import network_lists
from sync import manifest, wire
from tests.hq import made_up
from tests.hq.browsing import OURS, Browser
from tests.hq.conftest import ENGINES

DAY = "2026-11-20"
NATIONAL, SOUTH = User("nadia", "Nadia B.", "national"), User("ines", "Inès R.", "antenna", 3)
READER = User("paul", "Paul L.", "reader")


def word(title: str = "Bonjour", **more: object) -> Draft:
    """An announcement."""
    return Draft(title=title, words="À tous.", first=DAY, **more)  # type: ignore[arg-type]


@pytest.fixture
def cafes(office: Office) -> list[int]:
    """Two cafés: one of antenne 3, one of antenne 2."""
    with office.db.writing() as conn:
        return [add_cafe(conn, made_up.sheet(demo.CAFES[0], antenna=antenna), by="t", now_ms=1) for antenna in (3, 2)]


@pytest.fixture
def browser(office: Office) -> Browser:
    """The office in a browser, with one account per role."""
    made_up.people(office)
    return Browser(create_app(office))


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_each_café_reads_what_is_for_it(office: Office, cafes: list[int]) -> None:
    """The network, its antenne, itself; what has ended or is over is gone, what is to come is sent ahead."""
    south, north = cafes
    with office.db.writing() as conn:
        for draft in (
            word("Réseau"), word("Antenne 3", antenna=3), word("Antenne 2", antenna=2), word("Café", cafe_id=south),
            Draft(title="Fini", words="…", first="2026-11-01", last="2026-11-19"),
            Draft(title="Demain", words="…", first="2026-11-21"),
        ):  # fmt: skip
            announcing.announce(conn, NATIONAL, draft, now_ms=1)
        gone = announcing.announce(conn, NATIONAL, word("Reprise"), now_ms=2)
        announcing.end(conn, NATIONAL, gone, now_ms=3)
        said = [{one.title for one in channels.announced(conn, c, a, DAY).news} for c, a in ((south, 3), (north, 2))]
    assert said == [{"Réseau", "Antenne 3", "Café", "Demain"}, {"Réseau", "Antenne 2", "Demain"}]


def test_an_antenne_speaks_to_its_own_cafés_only(office: Office, cafes: list[int]) -> None:
    """Neither to the network, nor to another antenne or its cafés; a reader says nothing."""
    with office.db.writing() as conn:
        announcing.announce(conn, SOUTH, word(antenna=3), now_ms=1)
        national = announcing.announce(conn, NATIONAL, word("Réseau"), now_ms=1)
        for user, draft, refusal in (
            (SOUTH, word(), NotAllowed), (SOUTH, word(antenna=2), NotAllowed), (SOUTH, word(cafe_id=cafes[1]), NoSuchCafe),
            (READER, word(cafe_id=cafes[0]), NotAllowed), (READER, word(), NotAllowed),
        ):  # fmt: skip
            with pytest.raises(refusal):
                announcing.announce(conn, user, draft, now_ms=1)
        with pytest.raises(NotAllowed):
            announcing.end(conn, SOUTH, national, now_ms=1)
        with pytest.raises(NotAllowed):
            pricing.end_price(conn, SOUTH, "cafe", DAY, now_ms=1)
        assert {row["title"] for row in announcing.listed(conn, SOUTH, today=DAY)} == {"Bonjour", "Réseau"}
        assert sorted(row["act"] for row in acts(conn)) == ["announcement.sent"] * 2 + ["cafe.added"] * 2


@pytest.mark.parametrize(
    "draft",
    [
        word(""),
        word("x" * 81),
        Draft(title="a", words=" ", first=DAY),
        Draft(title="a", words="b", first=DAY, last="2026-11-19"),
    ],
)
def test_an_announcement_has_a_title_a_text_and_days_in_order(office: Office, draft: Draft) -> None:
    """What nobody could read is not sent."""
    with office.db.writing() as conn, pytest.raises(BadAnnouncement):
        announcing.announce(conn, NATIONAL, draft, now_ms=1)


CSV = """référence;produit;prix réseau;plafond;à partir du
3017620422003;Pâte à tartiner;4,20;4,90;20/11/2026
cafe;Café;1,30;;2026-11-20
cafe;Café;1,40;1,70;01/12/2026
"""


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_file_of_prices_is_taken_whole(office: Office) -> None:
    """As a French spreadsheet writes it; the list holds what is in force and what is to come, cents exact."""
    with office.db.writing() as conn:
        assert pricing.import_csv(conn, NATIONAL, CSV, now_ms=1) == (3, [])
        prices = channels.priced(conn, DAY).prices
        assert [(one.ref, one.first, one.price, one.ceiling) for one in prices] == [
            ("3017620422003", DAY, 420, 490), ("cafe", DAY, 130, -1), ("cafe", "2026-12-01", 140, 170),
        ]  # fmt: skip
        pricing.end_price(conn, NATIONAL, "cafe", "2026-12-05", now_ms=2)
        later = channels.priced(conn, "2026-12-06").prices
        assert [(one.ref, one.price) for one in later] == [("3017620422003", 420)]
        assert [row["ref"] for row in pricing.listed(conn, "2026-12-06")] == ["3017620422003"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (";Sans code;1,00;;2026-11-20", "le code-barres ou le code du produit manque"),
        ("3017620422004;Faux;1,00;;2026-11-20", "le code-barres est mal lu\u00a0: son dernier chiffre ne va pas"),
        ("cafe;Café;;;2026-11-20", "ni prix ni plafond"),
        ("cafe;Café;2,00;1,00;2026-11-20", "le prix dépasse son propre plafond"),
        ("cafe;Café;un euro;;2026-11-20", "un montant s’écrit comme 1,80"),
        ("cafe;Café;1,00;;demain", "une date s’écrit comme 2026-11-20"),
    ],
)
def test_a_wrong_line_is_told_and_nothing_is_taken(office: Office, line: str, fault: str) -> None:
    """The place and the reason of each; the good lines wait for a good file."""
    with office.db.writing() as conn:
        n, faults = pricing.import_csv(conn, NATIONAL, CSV + line + "\n", now_ms=1)
        assert (n, [(one.row, one.text) for one in faults]) == (0, [(5, fault)])
        assert channels.priced(conn, DAY).prices == []


def test_a_list_that_would_not_go_down_in_one_piece_is_refused(office: Office) -> None:
    """Two thousand prices do; what a box would not take never enters the list."""
    header, name = CSV.split("\n", 1)[0], "Jus de pomme pétillant 75 cl"
    with office.db.writing() as conn:
        rows = [f"produit_{n:04d};{name};1,80;2,10;2026-11-20" for n in range(2_000)]
        assert pricing.import_csv(conn, NATIONAL, "\n".join([header, *rows]), now_ms=1) == (2_000, [])
        blob = network_lists.write(channels.priced(conn, DAY))
        assert manifest.open_blob(wire.pack(blob), manifest.digest(blob)) == blob
    more = [f"autre_{n:04d};{'é' * 60};1,80;2,10;2026-11-20" for n in range(500)]
    with office.db.writing() as conn, pytest.raises(pricing.BadPrice):
        pricing.import_csv(conn, NATIONAL, "\n".join([header, *more]), now_ms=1)


def test_the_pages_say_and_take_back(browser: Browser, office: Office, cafes: list[int]) -> None:
    """A coordinator announces and ends, a national account brings a file; an antenne's account sees no form of prices."""
    browser.sign_in("ines")
    browser.post("/announcements", whom="antenna:3", title="Marché de Noël", words="<b>Samedi</b>", first=DAY, last="")
    page = browser.read("/announcements")
    assert "Marché de Noël" in page
    assert "&lt;b&gt;Samedi" in page
    assert browser.post("/announcements", whom="all", title="Non", words="…", first=DAY).status_code in (
        302,
        303,
        403,
        404,
    )
    assert "Non" not in {row["title"] for row in _all(office)}
    browser.sign_in("nadia")
    for nobody in ("", "cafe:8x", "cafe:", "antenna:", "antenna:²", "everybody"):
        sent = browser.post("/announcements", whom=nobody, title="Perdu", words="…", first=DAY)
        assert sent.status_code in (404, 422), nobody
    assert "Perdu" not in {row["title"] for row in _all(office)}
    browser.sign_in("ines")
    assert 'name="ref"' not in browser.read("/prices")
    which = next(row["id"] for row in _all(office))
    browser.post(f"/announcements/{which}/end")
    assert _all(office) == []
    browser.sign_in("nadia")
    bad = browser.client.post("/prices/file", data={"file": (io.BytesIO(b"a;b\n1;2\n"), "x.csv")}, headers=OURS)
    assert (bad.status_code, "Colonnes manquantes" in bad.text) == (422, True)
    good = browser.client.post("/prices/file", data={"file": (io.BytesIO(CSV.encode("cp1252")), "x.csv")}, headers=OURS)
    assert good.status_code == 303
    assert "Pâte à tartiner" in browser.read("/prices")
    assert "3017620422003" in browser.read("/prices.csv")


def _all(office: Office) -> list[dict[str, object]]:
    with office.db.reading() as conn:
        return [dict(row) for row in announcing.listed(conn, NATIONAL, today=DAY)]
