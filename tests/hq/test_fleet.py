"""The page of boxes: what each told, why it needs help, what people do about one, and the thresholds."""

import html
import re
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from hq import alerts, enrolment, factor, fleet, limits
from hq.access import OFFICE
from hq.acts import acts
from hq.app import create_app
from hq.box_alerts import NOTED, NOTED_DAYS
from hq.db import box_report, cafe_health
from hq.limits import BadLimit, Limits
from hq.local import LocalHq
from hq.register import Calendar
from hq.wiring import Office
from pos import demo
from pos.clock import to_ms
from pos.i18n import _ as translated
from sync import agent, books, code_card, trouble, wire
from sync.code_card import Card
from sync.health import Stats
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe
from tests.hq.test_pages import text_of

SILENT = 4
TOLD = Stats(
    fiscal="F0.1", copy_at=1_795_000_000_000, drill_at=0, machines=["printer.stuck", "scanner.away"], commit=2_400
)


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with its accounts and twelve cafés."""
    made_up.people(office)
    made_up.network(office)
    return create_app(office)


@pytest.fixture
def nadia(app: Flask) -> Browser:
    """A national coordinator."""
    browser = Browser(app)
    browser.sign_in("nadia")
    return browser


def signed_in(app: Flask, who: str) -> Browser:
    """Another account."""
    browser = Browser(app)
    browser.sign_in(who)
    return browser


def row_of(page: str, cafe: int) -> str:
    """The line of a café's box."""
    for row in re.findall(r'<tr class="r">.*?</tr>', page, flags=re.DOTALL):
        if demo.cafe(cafe).sign in html.unescape(row):
            return text_of(row)
    raise AssertionError(f"café {cafe} is not on the page")


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_what_a_box_tells_is_kept_and_an_older_box_is_accepted(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """Copies, machines, fiscal version and the card's speed; a box of before tells the first four alone."""
    agent.push(join(17), line, about=TOLD)
    agent.push(join(18), line)
    with office.db.reading() as conn:
        row = conn.execute(select(box_report)).one()
    assert (row.cafe_id, row.fiscal, row.copy_at, row.drill_at) == (17, "F0.1", TOLD.copy_at, 0)
    assert (row.machines, row.commit_us, row.drill_failed) == ("printer.stuck scanner.away", 2_400, False)


def test_a_hello_may_lack_or_add_words_about_the_box() -> None:
    """An older box's four words are read, and words of a newer one are left aside: no box is ever refused for them."""
    old = b'{"backlog":3,"disk_free":5,"state":"normal","trouble":""}'
    new = old[:-1] + b',"zeal":7}'
    assert wire.parse(old, Stats) == wire.parse(new, Stats) == Stats(backlog=3, disk_free=5)


def test_nothing_but_codes_of_machines_is_kept(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """A box that tells something else of its machines is not believed: names and markup stay out of the page."""
    agent.push(join(17), line, about=Stats(fiscal="F0.1", machines=["<b>x</b>", "Mme Dupont", "drawer.shut"] * 9))
    with office.db.reading() as conn:
        assert set(conn.execute(select(box_report.c.machines)).scalar_one().split()) == {"drawer.shut"}


def test_boxes_in_need_come_first_with_their_next_step(nadia: Browser, office: Office) -> None:
    """Silence, a broken journal, machines, copies: in words, with what to do; the others are well."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        conn.execute(update(cafe_health).where(cafe_health.c.cafe_id == 1).values(state="anomaly", trouble="fork"))
        conn.execute(update(cafe_health).where(cafe_health.c.cafe_id == 2).values(disk_free_bytes=50_000_000))
        conn.execute(insert(box_report).values(
            cafe_id=5, at=now, fiscal="F0.1", copy_at=now - 9 * 86_400_000, drill_at=0, machines="paper.low"))  # fmt: skip
    page = nadia.read("/fleet")
    assert "Les boîtiers : lesquels ont besoin d’aide ?" in text_of(page)
    first = re.search(r'<tr class="r">.*?</tr>', page, flags=re.DOTALL)
    assert first
    assert demo.cafe(1).sign in html.unescape(first.group())
    assert "code de réparation" in row_of(page, 1)
    assert "presque plein" in row_of(page, 2)
    assert "Sans nouvelles depuis" in row_of(page, SILENT)
    assert "rouleau presque fini" in row_of(page, 5)
    assert "Pas de copie sur la clé depuis 9 jours" in row_of(page, 5)
    assert "numéro de contrôle" in row_of(page, 6)
    assert demo.cafe(1).sign not in html.unescape(nadia.read("/fleet?reason=T6"))
    assert "Aucun boîtier ne répond" in text_of(nadia.read("/fleet?q=zzz"))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("fork", "copie remise, ou carte copiée"),
        ("rollback", "copie remise, ou carte copiée"),
        ("damaged", "ne se lit plus sur la carte"),
        ("refused", "Le siège refuse une entrée"),
        ("unknown", "deux histoires, ou il est rompu"),
    ],
)
def test_each_cause_of_an_anomaly_has_its_own_words(nadia: Browser, office: Office, code: str, words: str) -> None:
    """What to ask the café differs: a copy put back, a card that rots, an entry HQ does not take."""
    with office.db.writing() as conn:
        conn.execute(update(cafe_health).where(cafe_health.c.cafe_id == 1).values(state="anomaly", trouble=code))
    for page in ("/fleet", "/fleet/1", "/"):
        assert words in text_of(nadia.read(page))


def test_what_a_till_notes_about_itself_is_read_at_hq(nadia: Browser, office: Office) -> None:
    """The screen says « told to HQ »: so the boxes' page, the café's and the network's say it, for two weeks."""
    noted = cafe_health.c.cafe_id == 1
    for what, (_red, why, step) in NOTED.items():
        with office.db.writing() as conn:
            conn.execute(
                update(cafe_health).where(noted).values(last_trouble=what, last_trouble_at=office.clock.now_ms())
            )
        for page in ("/fleet", "/fleet/1", "/cafes/1"):
            said = text_of(nadia.read(page))
            assert text_of(translated(why))[1:] in said
            assert text_of(translated(step)) in said
    with office.db.writing() as conn:
        conn.execute(update(cafe_health).where(noted).values(last_trouble="integrity_failure"))
    assert "La caisse s’est vérifiée" in text_of(nadia.read("/"))
    office.clock.tick(NOTED_DAYS * 86_400_000)
    nadia.sign_in("nadia")
    assert "La caisse s’est vérifiée" not in text_of(nadia.read("/fleet"))


def test_days_that_a_dead_box_took_are_no_silence() -> None:
    """Another box talks since: four nights nobody told are silence, those that went with a box are not."""
    days = [(f"2026-11-{day}", "unknown") for day in range(12, 16)]
    for lost, said in (((), 1), ((("2026-11-12", "2026-11-14"),), 0)):
        assert len(list(alerts._silence(SimpleNamespace(strip=days, lost=lost)))) == said  # type: ignore[arg-type]


def test_silence_leaves_out_planned_rest() -> None:
    """From Sunday noon to Tuesday 8:00, closed on Mondays: twenty hours, not forty-four."""
    week = ("", *["7:00-13:00"] * 6)
    heard, now = to_ms("2026-11-15T12:00:00"), to_ms("2026-11-17T08:00:00")
    assert fleet.silent_hours(heard, Calendar(week), now) == 20
    assert fleet.silent_hours(heard, Calendar(()), now) == 44
    assert fleet.silent_hours(heard, Calendar(week, (("2026-11-01", "2026-12-01"),)), now) == 20
    assert fleet.silent_hours(None, Calendar(week), now) is None


def test_thresholds_are_set_by_a_national_account_and_recorded(app: Flask, nadia: Browser, office: Office) -> None:
    """One act with the old and the new number; the pages follow; nobody else may; nonsense is refused."""
    typed = {name: str(getattr(Limits(), name)) for name in Limits.__slots__}
    assert nadia.post("/fleet/limits", **{**typed, "silence_red": "10"}).status_code == 303
    with office.db.reading() as conn:
        assert limits.limits(conn) == Limits()
    nadia.post("/fleet/limits", **{**typed, "silence_red": "200", "sending": "7"})
    with office.db.reading() as conn:
        assert limits.limits(conn) == Limits(silence_red=200, sending=7)
        act = next(one for one in acts(conn, limit=1000) if one["act"] == "fleet.limits_set")
    assert act["by"] == "nadia"
    assert '"silence_red": [72, 200]' in act["detail"]
    assert "À surveiller" in text_of(nadia.read("/fleet").split(demo.cafe(SILENT).sign)[0])
    assert signed_in(app, "ines").post("/fleet/limits", **typed).status_code == 403
    for wrong in ("", "0", "-1", "1e9", "99999999", "²"):
        with office.db.writing() as conn, pytest.raises(BadLimit):
            limits.set_limits(conn, {**typed, "sending": wrong}, by="t", now_ms=1)


def test_a_box_is_revoked_only_when_it_is_meant(nadia: Browser, office: Office, join: JoinCafe, line: LocalHq) -> None:
    """The café's number typed and a reason: then its next call is refused, it locks, and the page says what is next."""
    with office.db.writing() as conn:
        number = max(ln.cafe["id"] for ln in fleet.lines(conn, OFFICE, 1))
    store = join(number)
    agent.push(store, line)
    for typed, why in (("", "volée"), (str(number + 1), "volée"), (str(number), " ")):
        nadia.post(f"/fleet/{number}/boxes/1/revoke", typed=typed, why=why)
        agent.push(store, line)
    nadia.post(f"/fleet/{number}/boxes/1/revoke", typed=str(number), why="volée le 12")
    with pytest.raises(trouble.BoxRevoked):
        agent.push(store, line)
    assert agent.status(store).state == "locked"
    again = nadia.post(f"/fleet/{number}/boxes/1/revoke", typed=str(number), why="volée le 12")
    assert again.status_code == 303
    assert "cette caisse n’appelle plus" in text_of(nadia.read(f"/fleet/{number}"))
    nadia.post(f"/fleet/{number}/code", purpose="replace", why=" ")
    assert "il faut un motif" in text_of(nadia.read(f"/fleet/{number}"))
    page = text_of(nadia.read(f"/fleet/{number}"))
    assert "le dernier a été révoqué" in page
    assert "volée le 12" in page
    with office.db.reading() as conn:
        held = conn.execute(select(books.cursor.c.seq).where(books.cursor.c.cafe_id == number)).scalar_one()
        assert f"révoqué ; gardé et compté jusqu’à l’entrée {held}" in page.replace("\u202f", " ")
        assert "box.revoked" in {one["act"] for one in acts(conn, cafe_id=number)}


def test_a_code_is_shown_once_with_its_end_and_the_next_step(nadia: Browser, office: Office) -> None:
    """The first box's needs no word; another box's or a repair's needs a reason; the page is not kept by a browser."""
    with office.db.reading() as conn:
        number = max(ln.cafe["id"] for ln in fleet.lines(conn, OFFICE, 1))
    made = nadia.post(f"/fleet/{number}/code")
    assert re.search(r'class="big">[0-9A-Z-]{19}<', made.text)
    assert made.headers["Cache-Control"] == "no-store"
    assert "numéro de contrôle" in text_of(made.text)
    assert nadia.post("/fleet/1/code", purpose="replace").status_code == 303
    again = nadia.post("/fleet/1/code", purpose="replace", why="carte morte")
    assert "carte morte" in text_of(again.text)
    with office.db.reading() as conn:
        assert [c.purpose for c in enrolment.live_codes(conn, office.clock.now_ms())] == ["new", "replace"]


def test_an_antenne_does_nothing_about_another_s_box(app: Flask) -> None:
    """What is not theirs is not there; a reader looks and changes nothing."""
    ines, paul = signed_in(app, "ines"), signed_in(app, "paul")
    other = next(one.number for one in demo.CAFES if one.antenna != 3)
    assert ines.get(f"/fleet/{other}").status_code == 404
    for path in ("code", "boxes/1/confirm", "boxes/1/revoke"):
        assert ines.post(f"/fleet/{other}/{path}", why="x", typed=str(other), check_number="482913").status_code == 404
        assert paul.post(f"/fleet/{other}/{path}", why="x", typed=str(other), check_number="482913").status_code == 403
    assert demo.cafe(other).sign not in html.unescape(ines.read("/fleet"))
    assert "Révoquer" not in text_of(paul.read(f"/fleet/{other}"))


def test_a_code_is_drawn_with_hqs_address_and_key(
    nadia: Browser, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A box that starts scans one thing instead of typing two; the code of a repair is typed on a till that runs."""
    drawn: list[str] = []
    monkeypatch.setattr(factor, "drawn", lambda said: drawn.append(said) or b"<svg/>")
    page = nadia.post("/fleet/1/code", purpose="replace", why="mort").text
    assert '<img class="qr" src="data:image/svg+xml;base64,' in page
    shown = re.search(r'class="big">([^<]+)<', page)
    assert shown is not None
    assert code_card.read(drawn[0]) == Card(shown[1], "http://localhost", office.keyring.kid)
    assert 'class="qr"' not in nadia.post("/fleet/1/code", purpose="repair", why="copie remise").text


def test_every_code_of_a_machine_has_its_words() -> None:
    """A code the box can tell is a sentence at HQ."""
    import inspect

    from hq.box_alerts import MACHINES
    from kiosk import health

    assert set(re.findall(r'"([a-z]+\.[a-z]+)":', inspect.getsource(health.machines))) == set(MACHINES)


def test_boxes_that_doubt_hqs_log_stand_on_the_page_with_what_to_do(office: Office, app: Flask, nadia: Browser) -> None:
    """A checkpoint HQ signed and does not continue: the cafés by name, the next step; only to those who see the café."""
    assert "registre du siège" not in nadia.read("/fleet")
    with office.db.writing() as conn:
        conn.execute(insert(books.log_doubt).values(cafe_id=8, size=9, root=b"\1" * 32, note="", at=1_795_000_000_000))
        conn.execute(insert(books.log_doubt).values(cafe_id=2, size=9, root=b"\2" * 32, note="", at=1_795_000_000_000))
        conn.execute(insert(books.log_checkpoint).values(size=9, root=b"\2" * 32, note="", made_at=1))
    page = nadia.read("/fleet")
    assert "1 boîtier a constaté" in page
    assert "zinc-hq log restore" in page
    assert "registre du siège" not in signed_in(app, "lea").read("/fleet")


def test_another_key_is_asked_of_a_box_on_its_page(office: Office, nadia: Browser) -> None:
    """The café's number typed and a reason, else nothing; asked, the page says so."""
    for form in ({"typed": "9", "why": "carte copiée"}, {"typed": "8", "why": " "}):
        nadia.post("/fleet/8/rotate", **form)
    assert "Déjà demandé" not in nadia.read("/fleet/8")
    nadia.post("/fleet/8/rotate", typed="8", why="carte copiée")
    page = nadia.read("/fleet/8")
    assert "Déjà demandé" in page
    assert "carte copiée" in page
    with office.db.reading() as conn:
        assert enrolment.rotation_asked(conn, 8)
        assert not enrolment.rotation_asked(conn, 2)
        assert len(acts(conn, cafe_id=8, act="box.rotation_asked")) == 1
