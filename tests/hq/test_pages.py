"""The coordinators' pages, as their readers see them: every state, every figure down to its entry."""

import html
import re

import pytest
from flask import Flask
from sqlalchemy import delete, insert, update

from hq import enrolment, months, register
from hq.app import create_app
from hq.db import cafe_health, rollup_day, rollup_use, visit_page
from hq.local import LocalHq
from hq.tables import REGISTER_TABLES, cafe, distance
from hq.wiring import Office
from pos import demo
from pos.clock import StoppedClock
from pos.till.events import DayOpened, Payment, SaleCompleted, SaleLine
from sync import agent
from sync.books import fork_proof, quarantine
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe

SILENT, UNCLOSED, FALLING, GAPS, MISSING, TO_CONFIRM, ASSOCIATION = 4, 7, 8, 10, 11, 12, 3


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with its accounts, no café."""
    made_up.people(office)
    return create_app(office)


@pytest.fixture
def nadia(app: Flask) -> Browser:
    """A national coordinator in an empty office."""
    browser = Browser(app)
    browser.sign_in("nadia")
    return browser


@pytest.fixture
def network(nadia: Browser, office: Office) -> Browser:
    """The same with twelve cafés."""
    made_up.network(office)
    return nadia


def text_of(page: str) -> str:
    """What a person reads, spaces evened out."""
    page = re.sub(r"<title>.*?</title>|<script.*?</script>", " ", page, flags=re.DOTALL)
    return (
        re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).replace("\u202f", " ").replace("\u00a0", " ")
    )


def row_of(page: str, name: str) -> str:
    """The line of a café on the network page."""
    for row in re.findall(r'<tr class="r">.*?</tr>', page, flags=re.DOTALL):
        if name in html.unescape(row):
            return text_of(row)
    raise AssertionError(name)


PAGES = ("/", "/impact", "/impact?of=bread&at=1", "/impact?of=headline", "/impact?period=2026-10", "/register",
         "/register?missing=1", "/register/new?commune=palis", "/register/8", "/cafes/8", "/cafes/4", "/cafes/8/journal",
         "/cafes/8/acts", "/accounts", "/account", "/sources")  # fmt: skip


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_every_page_opens_on_both_databases(network: Browser) -> None:
    """Light, French, without inline script or style, marked as demonstration."""
    for path in PAGES:
        page = network.read(path)
        assert len(page) < 120_000, path
        assert "données de démonstration" in page, path
        assert not re.search(r"<script|\sstyle=|\son[a-z]+=", page), path
        assert "None" not in text_of(page), path
        assert "Who needs" not in page


@pytest.mark.parametrize("path", ["/", "/impact", "/register", "/accounts", "/sources"])
def test_an_empty_office_says_what_to_do(nadia: Browser, path: str) -> None:
    """No data: no axis, no zero, a next step."""
    page = nadia.read(path)
    assert "données de démonstration" not in page
    if path == "/impact":
        assert "Aucun usage reçu" in page
        assert "<svg viewBox" not in page.split("<main")[1].split("</main")[0]
    if path == "/":
        assert "Inscrire un café" in page


def test_each_trouble_is_seen_with_its_reason_and_its_next_step(network: Browser) -> None:
    """Silence, unclosed days, cash differences, falling takings, missing distances: why, and what to do."""
    page = network.read("/")
    assert "journées non clôturées" in row_of(page, demo.cafe(UNCLOSED).sign)
    assert "Guider la clôture" in row_of(page, demo.cafe(UNCLOSED).sign)
    assert "Il manque en caisse 3 clôtures de suite" in row_of(page, demo.cafe(GAPS).sign)
    assert "Recettes en baisse de" in row_of(page, demo.cafe(FALLING).sign)
    assert "usages sans distance confirmée" in row_of(page, demo.cafe(MISSING).sign)
    silent = row_of(page, demo.cafe(SILENT).sign)
    assert "Silence depuis" in silent
    assert "?" in silent
    assert "Rien à signaler" in row_of(page, demo.cafe(1).sign)
    assert page.index("À appeler ce matin") < page.index("À suivre cette semaine") < page.index("Comme d’habitude")


def test_the_columns_are_the_headline_and_what_is_used(network: Browser) -> None:
    """A page read at a glance: bread, cash and post always, then what cafés use; a service nobody uses has no column."""
    head = re.search(r'<table class="[^"]*net.*?<thead>(.*?)</thead>', network.get("/").text, flags=re.DOTALL)
    assert head is not None
    assert [html.unescape(name) for name in re.findall(r"<span>(.*?)</span>", head[1])] == [
        "Pain",
        "Espèces",
        "Colis",
        "Poste",
    ]


def test_a_silent_cafe_is_unknown_never_zero(network: Browser, office: Office) -> None:
    """Days after the last contact are dashed, sums are « inconnues depuis », uses are « ? »."""
    with office.db.writing() as conn:
        conn.execute(update(cafe).where(cafe.c.id == SILENT).values(model="managed"))
    row = row_of(network.read("/"), demo.cafe(SILENT).sign)
    assert "inconnues" in row
    assert "depuis mardi" in row
    assert "3 j inconnus" in row
    assert " 0 €" not in row


def test_a_declared_closure_is_not_a_silence(network: Browser, office: Office) -> None:
    """A rest the café announced raises nothing and expects nothing."""
    sent = network.post(f"/register/{SILENT}/closures", first="2026-11-15", last="2026-12-15", reason="congés")
    assert sent.status_code == 303
    row = row_of(network.read("/"), demo.cafe(SILENT).sign)
    assert "Fermeture déclarée" in row
    assert "Silence" not in row


def test_money_not_shared_is_nowhere(network: Browser, office: Office) -> None:
    """An association without consent: no amount and no cash difference on any page nor export."""
    page = text_of(network.read(f"/cafes/{ASSOCIATION}"))
    assert "non partagées" in page
    assert not re.search(r"\d €", page.replace("50 €", ""))
    assert "Non partagées" in row_of(network.read("/"), demo.cafe(ASSOCIATION).sign)
    for name in ("days", "closings"):
        rows = network.read(f"/export/{name}.csv?cafe={ASSOCIATION}").splitlines()[1:]
        assert rows
        assert not any(re.search(r"\d+,\d\d", row) for row in rows)
    with office.db.writing() as conn:
        conn.execute(update(cafe).where(cafe.c.id == ASSOCIATION).values(consent_on="2026-01-15"))
    assert re.search(r"\d €", text_of(network.read(f"/cafes/{ASSOCIATION}")))


def test_until_confirmed_a_distance_is_words(network: Browser) -> None:
    """« distance à confirmer », never a number of kilometres; the total says what it lacks."""
    page = text_of(network.read(f"/cafes/{MISSING}"))
    assert "distance à confirmer" in page
    assert " km " not in page.split("Kilomètres évités")[1].split("Total")[0]
    impact = text_of(network.read("/impact"))
    assert "sans distance confirmée" in impact
    assert "ont encore aucune distance" in impact or "n’a encore aucune distance" in impact


def test_a_broken_journal_is_called_first(network: Browser, office: Office) -> None:
    """Two histories, or a locked box: red, and nothing is repaired."""
    with office.db.writing() as conn:
        conn.execute(update(cafe_health).where(cafe_health.c.cafe_id == 1).values(state="anomaly"))
        conn.execute(insert(fork_proof).values(
            cafe_id=1, jn=1, head_b=b"b", seq=3, head_a_bytes=b"", sig_a=b"", head_b_bytes=b"", sig_b=b"", body=b"", at=1))  # fmt: skip
        conn.execute(insert(quarantine).values(cafe_id=2, jn=1, seq=9, kind="till.odd", reason="ValueError", since=1))
    page = network.read("/")
    first = re.search(r'<tr class="r">.*?</tr>', page, flags=re.DOTALL)
    assert first is not None
    assert demo.cafe(1).sign in html.unescape(first.group())
    assert "Deux histoires" in row_of(page, demo.cafe(1).sign)
    assert "mise à part" in row_of(page, demo.cafe(2).sign)
    assert "Deux histoires" in network.read("/cafes/1")


def test_a_cafe_just_enrolled_waits_without_a_zero(nadia: Browser, office: Office, join: JoinCafe) -> None:
    """« Premières données attendues cette nuit », and its box waits for the check number."""
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(8)), by="t", now_ms=1, cafe_id=8)
    join(cafe=8)
    row = row_of(nadia.read("/"), demo.cafe(8).sign)
    assert "numéro de contrôle non confirmé" in row
    assert "Premières données attendues cette nuit" in row
    page = nadia.read("/cafes/8")
    assert "Premières données attendues" in page
    assert "Douze semaines" not in page


def test_a_call_is_taken_noted_and_put_off(network: Browser, clock: StoppedClock) -> None:
    """Who calls is shown to the others; a note is kept; an alert is put off by 14 days at most, with a word."""
    assert network.post(f"/cafes/{UNCLOSED}/follow-up", kind="taken", back="/").location == "/"
    assert "Nadia B." in row_of(network.read("/"), demo.cafe(UNCLOSED).sign)
    clock.tick(60_000)
    network.post(f"/cafes/{UNCLOSED}/follow-up", kind="called", note="Elle clôture ce soir. <b>Sûr</b>")
    page = network.read(f"/cafes/{UNCLOSED}")
    assert "&lt;b&gt;Sûr&lt;/b&gt;" in page
    for until, note in (("2026-12-25", "x"), ("2026-11-20", "x"), ("2026-11-25", "")):
        assert network.post(f"/cafes/{UNCLOSED}/follow-up", kind="later", until=until, note=note).status_code == 303
        assert "Reporté au" not in network.read(f"/cafes/{UNCLOSED}")
    clock.tick(60_000)
    network.post(f"/cafes/{UNCLOSED}/follow-up", kind="later", until="2026-11-25", note="congés de la gérante")
    assert "Reporté au 25 nov." in row_of(network.read("/"), demo.cafe(UNCLOSED).sign)


def test_a_cafe_is_registered_from_its_village_to_its_code(nadia: Browser, office: Office) -> None:
    """Commune by its old name, sheet, distances proposed then confirmed, one-time code: the whole path by hand."""
    found = nadia.read("/register/new?commune=P%C3%A2lis")
    assert "Aix-Villemaur-Pâlis" in found
    link = html.unescape(re.search(r'href="(/register/new\?insee=10003[^"]*)"', found).group(1))  # type: ignore[union-attr]
    sheet = nadia.read(link)
    assert 'value="Palis"' in sheet
    assert "moins de 3" in sheet
    form = {"name": "Le Sept", "insee": "10003", "delegated": "Pâlis", "antenna": 5, "model": "managed", "status": "pending",
            "services": "bread", "latitude": "48,2", "longitude": "3,6", **{f"day{i}": "7:00-13:00" for i in range(7)}}  # fmt: skip
    made = nadia.post("/register/new", **form)
    assert made.location == "/register/1"
    page = nadia.read("/register/1")
    assert "distance à confirmer" in page
    done = nadia.post(
        "/register/1/distances/bread",
        km="6,4",
        town="",
        town_name="Estissac",
        valid_from="2026-11-20",
        source="compteur du maire",
    )
    assert done.status_code == 303
    page = text_of(nadia.read("/register/1"))
    assert "6,4 km" in page
    assert "compteur du maire" in page
    code = nadia.post("/fleet/1/code")
    assert code.status_code == 200
    shown = re.search(r'class="big">([0-9A-Z-]+)<', code.text)
    assert shown is not None
    assert shown.group(1) not in nadia.read("/fleet/1")


def test_val_d_oingt_warns_and_is_registered(nadia: Browser) -> None:
    """4 117 inhabitants: said in words, never blocked."""
    page = text_of(nadia.read("/register/new?insee=69024&delegated=Oingt"))
    assert "4 117 habitants" in page
    assert "sans bloquer" in page
    made = nadia.post(
        "/register/new",
        name="Aux Pierres",
        insee="69024",
        delegated="Oingt",
        antenna=1,
        model="managed",
        status="pending",
    )
    assert made.status_code == 303


def test_a_sheet_refused_comes_back_as_typed(network: Browser) -> None:
    """What is wrong, in words, and nothing typed is lost."""
    form = {
        "name": "Nom gardé",
        "insee": "53195",
        "antenna": 4,
        "model": "managed",
        "status": "open",
        "day1": "sept heures",
    }
    answer = network.post("/register/1", **form)
    assert answer.status_code == 422
    assert "les horaires s’écrivent comme" in answer.text
    assert "Nom gardé" in answer.text
    assert "sept heures" in answer.text
    assert "Nom gardé" not in network.read("/register")


def test_a_check_number_is_confirmed_only_when_it_is_the_one(nadia: Browser, office: Office, join: JoinCafe) -> None:
    """A wrong number confirms nothing; the right one, typed with spaces, does."""
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(8)), by="t", now_ms=1, cafe_id=8)
    join(cafe=8)
    with office.db.reading() as conn:
        number = enrolment.boxes(conn, 8)[0].check_number
    nadia.post("/fleet/8/boxes/1/confirm", check_number="000000")
    assert "numéro à confirmer" in nadia.read("/register/8")
    nadia.post("/fleet/8/boxes/1/confirm", check_number=" ".join(number))
    assert "confirmé par nadia" in nadia.read("/register/8")


def sale(no: int, day: str, visit: str, service: str = "bread") -> SaleCompleted:
    """A baguette, paid cash."""
    line = SaleLine(product="p1", label="Baguette <script>alert(1)</script>", quantity=1000, unit_price=120, gross=120, net=114,
                    vat=550, service=service)  # fmt: skip
    return SaleCompleted(no=no, day=day, tab=f"t{no}", visit=visit, lines=[line], total=120, turnover=120, regime="reel",
                         payments=[Payment(means="cash", amount=120)], sw="test")  # fmt: skip


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_kilometre_opens_down_to_the_entry_it_is_counted_from(
    nadia: Browser, office: Office, join: JoinCafe, line: LocalHq, clock: StoppedClock
) -> None:
    """Till, journal, upload, HQ, page: figure, café, entries, then the very bytes the box signed."""
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(8)), by="t", now_ms=1, cafe_id=8)
        made_up.confirm_all(conn, 8, 1)
        metres = conn.execute(distance.select().where(distance.c.service == "bread")).mappings().one()["metres"]
    store = join(cafe=8)
    with store.writing(by="g1", attempt="a1") as tx:
        tx.record(DayOpened(day="2026-11-20", float_cents=15000))
        for no in (1, 2):
            tx.record(sale(no, "2026-11-20", f"visit{no}"))
    agent.push(store, line)
    page = nadia.read("/impact?of=bread")
    assert f"{2 * metres // 1000}</a> <small>km" in page
    link = html.unescape(re.search(r'href="(/impact/entries\?cafe=8&amp;service=bread[^"]*)"', page).group(1))  # type: ignore[union-attr]
    listed = nadia.read(link)
    assert "2 usages" in text_of(listed)
    entry = re.search(r'href="(/cafes/8/journal/1/\d+)"', listed)
    assert entry is not None
    body = nadia.read(entry.group(1))
    assert "till.sale_completed" in body
    assert re.search(r"<h1>Entrée \d+.: Vente encaissée</h1>", body)
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body
    raw = nadia.get(entry.group(1) + "?raw=1")
    assert raw.json is not None
    assert raw.json["kind"] == "till.sale_completed"
    journal = nadia.read("/cafes/8/journal")
    assert '<td>Journée ouverte <code class="sub">till.day_opened</code></td>' in journal
    assert nadia.get("/cafes/8/journal/1/999").status_code == 404


def test_amounts_of_an_entry_are_hidden_when_money_is_not_shared(
    nadia: Browser, office: Office, join: JoinCafe, line: LocalHq
) -> None:
    """The journal of an association opens, its amounts do not: nor raw."""
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(ASSOCIATION)), by="t", now_ms=1, cafe_id=3)
    store = join(cafe=3)
    with store.writing(by="g1", attempt="a1") as tx:
        tx.record(sale(1, "2026-11-20", "v1"))
    agent.push(store, line)
    listed = nadia.read("/cafes/3/journal")
    sold = re.search(r"/cafes/3/journal/1/(\d+)(?:(?!</tr>).)*till\.sale_completed", listed, flags=re.DOTALL)
    assert sold is not None
    for suffix in ("", "?raw=1"):
        page = nadia.read(f"/cafes/3/journal/1/{sold.group(1)}{suffix}")
        assert "120" not in page
        assert "Baguette" in page


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "O'Brien; DROP TABLE cafe",
    "=cmd|' /C calc'!A0",
    "🥖 {{7*7}} %(n)s %s",
]


@pytest.mark.parametrize("typed", NASTY)
def test_names_are_shown_as_they_were_typed(nadia: Browser, office: Office, typed: str) -> None:
    """HTML, quotes, formulas, emoji, placeholders: text on every page and in every export."""
    made = nadia.post(
        "/register/new",
        name=typed,
        insee="53195",
        delegated=typed,
        antenna=4,
        model="managed",
        status="open",
        services="bread",
    )
    assert made.status_code == 303
    nadia.post("/cafes/1/follow-up", kind="called", note=typed)
    for path in (
        "/",
        "/register",
        "/register/1",
        "/cafes/1",
        "/cafes/1/acts",
        f"/?q={typed[:8]}",
        f"/register/new?commune={typed}",
    ):
        page = nadia.get(path).text
        assert "<script" not in page, path
        assert "<img" not in page, path
    assert typed in html.unescape(nadia.read("/register"))
    for row in nadia.read("/export/cafes.csv").splitlines():
        assert not re.search(r'(^|;)"?[=+@-](?!\d)', row), row


def test_every_table_has_its_csv(network: Browser) -> None:
    """UTF-8 with BOM, semicolons, a name with the day, nosniff."""
    for path in ("network", "impact", "cafes", "distances", "days", "closings", "entries"):
        answer = network.get(f"/export/{path}.csv?cafe=1&service=bread&first=2026-01-01&last=2026-11-20")
        assert answer.status_code == 200, path
        assert answer.data.startswith(b"\xef\xbb\xbf")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert f"zinc-{path}-2026-11-20.csv" in answer.headers["Content-Disposition"]
        assert len(answer.text.splitlines()) > 1, path
    assert network.get("/export/hq_user.csv").status_code == 404
    assert "/export/closings.csv?cafe=1" in network.get("/cafes/1").text


@pytest.mark.parametrize(
    "path",
    [
        "/impact?period=abcd", "/impact?period=9999", "/impact?period=2026-99", "/impact?antenna=77", "/impact?of=nope&at=x",
        "/?antenna=x&reason=zzzz", "/cafes/1/journal?from=-5&jn=9", "/register?antenna=0", "/impact/entries?cafe=1&service=x&first=2026-01-01&last=2026-01-02&skip=-4",
    ],
)  # fmt: skip
def test_an_odd_address_draws_a_page(network: Browser, path: str) -> None:
    """Whatever is typed in the address bar, a page or a sentence, never an error of ours."""
    assert network.get(path).status_code == 200


def test_a_page_that_is_not_there_says_so(network: Browser) -> None:
    """No café 999, no day « demain »: a sentence and its remedy."""
    missing = network.get("/cafes/999")
    assert missing.status_code == 404
    assert "Il n’y a pas de café n° 999" in missing.text
    assert network.get("/impact/entries?cafe=1&service=bread&first=demain&last=hier").status_code == 422


def test_a_reader_sees_no_button(network: Browser, app: Flask) -> None:
    """Read-only is read-only on the screen too."""
    paul = Browser(app)
    paul.sign_in("paul")
    for path in ("/", "/cafes/8", "/register", "/register/8", "/impact"):
        page = paul.read(path)
        assert page.count('method="post"') == page.count("/sign-out") + page.count('id="sheet"'), path
        assert "Je l’appelle" not in page
        assert "Enregistrer la fiche" not in page


def test_a_day_without_sales_of_an_open_cafe_is_told_apart(network: Browser, office: Office) -> None:
    """Planned open, stayed closed: a cross, not a dash, once the café was heard afterwards."""
    with office.db.writing() as conn:
        for day in ("2026-11-18", "2026-11-19"):
            for table in register.REGISTER_TABLES[0].metadata.sorted_tables:
                if table.name in ("rollup_day", "rollup_use", "rollup_visit") and {"cafe_id", "day"} <= set(
                    table.c.keys()
                ):
                    conn.execute(delete(table).where(table.c.cafe_id == 1, table.c.day == day))
        conn.execute(delete(visit_page).where(visit_page.c.cafe_id == 1, visit_page.c.last_day >= "2026-11-18"))
        months.sum_days(conn)
    row = row_of(network.read("/"), demo.cafe(1).sign)
    assert "2 jours prévus non ouverts" in row
    assert "10 j sur 12" in row
    assert rollup_day in REGISTER_TABLES[0].metadata.sorted_tables


def test_services_nobody_uses_are_folded(network: Browser) -> None:
    """A café that takes bread and parcels shows bread and parcels; the rest of its sheet is one line to open."""
    page = network.read("/cafes/2")
    cards = re.search(r'<div class="sm">(.*?)</div>', page, flags=re.DOTALL)
    assert cards is not None
    assert "Pain" in cards.group(1)
    assert "Repas offerts" not in cards.group(1)
    folded = re.search(r'<details class="idle">(.*?)</details>', page, flags=re.DOTALL)
    assert folded is not None
    assert "Autres services (" in folded.group(1)
    assert "0 usage" not in text_of(page)


def test_only_distances_somebody_could_confirm_are_asked_for(network: Browser, office: Office) -> None:
    """Of what the café offers or uses: bike hire replaces no trip; bread, used though not ticked, does."""
    with office.db.writing() as conn:
        conn.execute(update(cafe).where(cafe.c.id == MISSING).values(services="bike post"))
    row = next(
        r
        for r in re.findall(r"<tr>.*?</tr>", network.read("/register"), flags=re.DOTALL)
        if f"/register/{MISSING}#d" in r
    )
    # Post is offered, bread and cash are used, parcels perhaps.
    lacking = 4 if demo.cafe(MISSING).parcels else 3
    assert f"{lacking} à confirmer" in text_of(row)
    sheet = network.read(f"/register/{MISSING}")
    assert f"/register/{MISSING}/distances/bread" in sheet
    assert f"/register/{MISSING}/distances/bike" not in sheet
    assert f"/register/{MISSING}/distances/meal" not in sheet


def test_accounts_and_acts_have_their_csv_without_any_password(network: Browser, app: Flask) -> None:
    """For national accounts only, as the page itself; a café's own trail for who sees the café."""
    accounts, trail = network.read("/export/accounts.csv"), network.read("/export/acts.csv")
    assert "nadia" in accounts
    assert "compte ouvert" in trail
    for told in (accounts, trail):
        assert not re.search(r"scrypt|pbkdf2|hash|zinc-et-comptoir", told)
    page = network.read("/accounts")
    assert "/export/accounts.csv" in page
    assert "/export/acts.csv" in page
    assert "/export/acts.csv?cafe=8" in network.read("/cafes/8/acts")
    ines = Browser(app)
    ines.sign_in("ines")
    for name in ("accounts", "acts"):
        assert ines.get(f"/export/{name}.csv").status_code == 403
    mine = next(one.number for one in demo.CAFES if one.antenna == 3)
    other = next(one.number for one in demo.CAFES if one.antenna != 3)
    assert "fiche" in ines.read(f"/export/acts.csv?cafe={mine}") or "café inscrit" in ines.read(
        f"/export/acts.csv?cafe={mine}"
    )
    assert ines.get(f"/export/acts.csv?cafe={other}").status_code == 404
    assert ines.get(f"/export/journal.csv?cafe={other}&jn=1").status_code == 404


def test_the_journal_has_its_csv(nadia: Browser, office: Office, join: JoinCafe, line: LocalHq) -> None:
    """What the list shows, newest first, without what the entries say."""
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(8)), by="t", now_ms=1, cafe_id=8)
    store = join(cafe=8)
    with store.writing(by="g1", attempt="a1") as tx:
        tx.record(sale(1, "2026-11-20", "visit1"))
    agent.push(store, line)
    link = re.search(r'href="(/export/journal\.csv[^"]*)"', nadia.read("/cafes/8/journal"))
    assert link is not None
    rows = nadia.read(html.unescape(link.group(1))).splitlines()
    assert rows[0].endswith('"quoi, en clair"')
    assert any("till.sale_completed" in row and "Vente encaissée" in row for row in rows)
    assert not any("Baguette" in row for row in rows)


def test_uses_without_distance_are_one_figure_on_the_impact_page(network: Browser) -> None:
    """The box and the table say the same number, and which part is in the perimeter of 2023."""
    page = network.read("/impact")
    text = text_of(page)
    boxed = re.search(r"([\d ]+) usages? sans distance confirmée : compt", text)
    row = re.search(r"Usages sans km.*?</tr>", page, flags=re.DOTALL)
    assert boxed is not None
    assert row is not None
    total = re.search(r"<b>([^<]+)</b>", row.group())
    assert total is not None
    assert boxed.group(1).replace(" ", "") == text_of(total.group(1)).replace(" ", "")


def test_a_café_whose_services_stand_for_no_trip_is_said_alike_everywhere(nadia: Browser, office: Office) -> None:
    """An itinerant café's evenings replace no trip: nothing is confirmed, nothing lacks, and it avoided no « 0,0 km »."""
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(13)), by="t", now_ms=1, cafe_id=13)
        conn.execute(update(cafe).values(services="gathering tour"))
        conn.execute(insert(rollup_day).values(cafe_id=13, day="2026-11-19", tickets=1))
        conn.execute(insert(rollup_use).values(cafe_id=13, day="2026-11-19", service="tour", uses=40, aggregated=40))
        months.sum_days(conn)
    listed = text_of(nadia.read("/register"))
    assert "sans trajet" in listed
    assert "confirmée" not in listed
    assert "Éclaron" not in nadia.read("/register?missing=1")
    sheet = text_of(nadia.read("/register/13"))
    assert "ne remplacent aucun trajet" in sheet
    assert "n’est encore coché" not in sheet
    impact = text_of(nadia.read("/impact"))
    assert "1 ne rend que des services sans trajet" in impact
    assert "aucune distance confirmée" not in impact
    assert "services sans trajet" in impact[impact.index("jours reçus") :]
    assert "0,0" not in impact[impact.index("jours reçus") :]


def test_an_antenne_sees_no_key_it_may_not_press(network: Browser, app: Flask) -> None:
    """Registering a café is for national accounts: nobody else is shown the way."""
    ines = Browser(app)
    ines.sign_in("ines")
    assert ines.get("/register/new").status_code == 403
    for path in ("/", "/register", "/register?q=zzzz", "/impact"):
        assert "/register/new" not in ines.read(path), path
    assert "/register/new" in network.read("/register")
