"""Nobody changes anything at HQ without a row in the trail: every button, read from the address map, and what it leaves."""

import dataclasses
import io
import re
from dataclasses import asdict

import pytest
from flask import Flask
from sqlalchemy import insert, select

from hq import enrolment, limits
from hq.app import create_app
from hq.config import OpenId
from hq.network_tables import network_release
from hq.tables import hq_act
from hq.wiring import Office
from pos.clock import StoppedClock
from tests.house.tree import ROOT, text_of
from tests.hq import made_up
from tests.hq.browsing import OURS, Browser
from tests.hq.conftest import ENGINES, JoinCafe
from tests.hq.test_network_lists import CSV
from tests.hq.test_second_factor import MINUTE, code_of, take

DAY, CAFE = "2026-11-20", 8
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
SHEET = {
    "name": "Le Sept", "insee": "10003", "delegated": "Pâlis", "antenna": "5", "model": "managed", "status": "pending",
    "services": "bread", "latitude": "48,2", "longitude": "3,6", **{f"day{i}": "7:00-13:00" for i in range(7)},
}  # fmt: skip
PUBLISHER = {
    "name": "Bouquet & Zinc SAS", "siren": "123456782", "address": "1 rue du Lavoir, 10000 Troyes", "signatory": "A. B.",
    "quality": "présidente", "place": "Troyes",
}  # fmt: skip
DOUBT = {"typed": str(CAFE), "why": "essai"}
# Each button of a national account in an order in which it can be pressed: what it sends, the act it leaves.
BUTTONS = (
    ("register.add", "/register/new", SHEET, "cafe.added"),
    ("register.change", "/register/{new}", SHEET | {"name": "Le Huit"}, "cafe.changed"),
    ("register.confirm_distance", "/register/{new}/distances/bread",
     {"km": "6,4", "town": "", "town_name": "Estissac", "valid_from": DAY, "source": "compteur"}, "distance.confirmed"),
    ("register.close_for_a_while", "/register/{new}/closures", {"first": DAY, "last": DAY, "reason": "congés"}, "cafe.closure_declared"),
    ("cafe.follow", f"/cafes/{CAFE}/follow-up", {"kind": "taken"}, "follow_up.taken"),
    ("cafe.follow", f"/cafes/{CAFE}/follow-up", {"kind": "called", "note": "tout va bien"}, "follow_up.called"),
    ("fleet.confirm", f"/fleet/{CAFE}/boxes/{{jn}}/confirm", {"check_number": "{check}"}, "box.confirmed"),
    ("fleet.make_code", f"/fleet/{CAFE}/code", {"purpose": "replace", "why": "usée"}, "code.made"),
    ("fleet.make_code", f"/fleet/{CAFE}/code", {"purpose": "repair", "why": "copie"}, "repair.allowed"),
    ("fleet.rotate", f"/fleet/{CAFE}/rotate", DOUBT, "box.rotation_asked"),
    ("fleet.revoke", f"/fleet/{CAFE}/boxes/{{jn}}/revoke", DOUBT, "box.revoked"),
    ("fleet.set_thresholds", "/fleet/limits", {k: str(v) for k, v in asdict(limits.Limits(sending=49)).items()}, "fleet.limits_set"),
    ("accounts.create", "/accounts", {"username": "omar", "name": "Omar", "role": "reader", "password": "x" * 12}, "user.created"),
    ("accounts.change", "/accounts/omar/password", {}, "user.password_set"),
    ("accounts.change", "/accounts/omar/factor", {}, "factor.reset"),
    ("accounts.change", "/accounts/omar/disable", {}, "user.disabled"),
    ("accounts.change", "/accounts/omar/enable", {}, "user.enabled"),
    ("accounts.create", "/accounts", {"username": "odile", "name": "Odile", "role": "national", "password": "x" * 12}, "user.created"),
    ("openid.set_identity", "/accounts/omar/identity", {"email": "omar@example.org"}, "openid.set"),
    ("openid.set_identity", "/accounts/omar/identity", {}, "openid.taken_off"),
    ("attestations.name_publisher", "/attestations/publisher", PUBLISHER, "publisher.named"),
    ("announcements.send", "/announcements", {"title": "Neige", "words": "Prudence.", "first": DAY, "whom": "all"}, "announcement.sent"),
    ("announcements.end", "/announcements/{sent}/end", {}, "announcement.ended"),
    ("prices.save", "/prices", {"ref": "cafe", "label": "Café", "price": "1,50", "first": DAY}, "price.set"),
    ("prices.end", "/prices/end", {"ref": "cafe"}, "price.ended"),
    ("articles.keep", "/articles", {"ref": "3017620422003", "label": "Café moulu", "category": "epicerie", "vat_class": "grocery"}, "article.kept"),
    ("articles.drop", "/articles/drop", {"ref": "3017620422003"}, "article.dropped"),
    ("releases.announce", "/releases/9.9.9/announce", {"whom": "network", "typed": "9.9.9"}, "release.announced"),
    ("releases.withdraw", "/releases/9.9.9/withdraw", {}, "release.withdrawn"),
    ("apart.retry", "/apart/retry", {}, "apart.retried"),
    ("apart.publish", "/published?year=2026", {}, "figure.published"),
    ("eyes.switch", "/second-look", {"on": "1"}, "eyes.on"),
    ("accounts.create", "/accounts", {"username": "zoe", "name": "Zoé", "role": "national", "password": "x" * 12}, "eyes.asked"),
    ("eyes.answer", "/second-look/{asked}/refuse", {}, "eyes.refused"),
    ("second_factor.set_day", "/accounts/second-factor-day", {"day": "2026-11-25"}, "factor.day_set"),
    ("door.sign_out", "/sign-out", {}, "user.signed_out"),
    ("door.enter", "/sign-in", {"username": "nadia", "password": made_up.PASSWORD}, "user.signed_in"),
    ("accounts.change_mine", "/account", {"old": made_up.PASSWORD, "password": "y" * 12, "again": "y" * 12}, "user.password_set"),
)  # fmt: skip
# Buttons that want more than a form: the test that presses each, and looks for its act.
ELSEWHERE = {
    "archives.make": ("tests/hq/test_archives.py", "archive.made"),
    "books.make": ("tests/hq/test_books.py", "comptabilité"),
}
CODES = ("second_factor.take", "second_factor.renew", "second_factor.enter")


def acts(office: Office) -> dict[str, tuple[str, str]]:
    """Every act by its id: who did what."""
    with office.db.reading() as conn:
        return {row.id: (row.by, row.act) for row in conn.execute(select(hq_act))}


def the_app(office: Office) -> Flask:
    """The office, its people, its cafés, and a release that was kept."""
    openid = OpenId("http://127.0.0.1:9", "zinc", "", "http://localhost/sign-in/openid/back", "there")
    office.config = dataclasses.replace(office.config, openid=openid)
    made_up.people(office)
    made_up.network(office, weeks=1)
    with office.db.writing() as conn:
        conn.execute(insert(network_release).values(version="9.9.9", sha256="0" * 64, size=1, by="t", at=1))
    return create_app(office)


def test_every_button_leaves_its_row(office: Office, join: JoinCafe) -> None:
    """Whoever pressed it, what it did: in the transaction that did it. A new button belongs in this list."""
    app = the_app(office)
    join(cafe=CAFE, purpose="replace")
    nadia = Browser(app)
    nadia.sign_in("nadia")
    with office.db.reading() as conn:
        box = enrolment.boxes(conn, CAFE)[-1]
    known = {"jn": str(box.jn), "check": box.check_number}
    for endpoint, way, said, act in BUTTONS:
        path, form = way.format_map(known), {name: value.format_map(known) for name, value in said.items()}
        before = acts(office)
        with app.test_request_context(path, method="POST") as asked:
            assert asked.request.endpoint == endpoint, path
        answer = nadia.post(path, **form)
        left = [told for which, told in acts(office).items() if which not in before]
        assert ("nadia", act) in left, (endpoint, answer.status_code, left)
        if endpoint == "register.add":
            known["new"] = answer.location.rsplit("/", 1)[1]
        if act == "eyes.asked":
            known["asked"] = re.findall(r"/second-look/([^/]+)/refuse", nadia.read("/second-look"))[0]
        if endpoint == "announcements.send":
            known["sent"] = re.findall(r"/announcements/([^/]+)/end", nadia.read("/announcements"))[0]
    nadia.sign_in("nadia", "y" * 12)
    file = io.BytesIO(CSV.encode())
    nadia.client.post("/prices/file", data={"file": (file, "x.csv")}, headers=OURS)
    assert ("nadia", "price.imported") in acts(office).values()
    pressed = {"prices.import_file"} | {endpoint for endpoint, *_rest in BUTTONS} | ELSEWHERE.keys() | {*CODES}
    posts = {
        r.endpoint
        for r in app.url_map.iter_rules()
        if "POST" in (r.methods or ()) and not r.endpoint.startswith("inbox.")
    }
    assert posts == pressed, "say here what each button sends and which act it leaves"
    for path, word in ELSEWHERE.values():
        assert word in text_of(ROOT / path)


def test_each_key_of_the_second_factor_leaves_its_row(office: Office, clock: StoppedClock) -> None:
    """Taken, new recovery codes, signed in by a code, by a recovery code: all said."""
    app = the_app(office)
    paul = Browser(app)
    paul.sign_in("paul")
    totp, codes = take(paul, clock)
    clock.tick(MINUTE)
    paul.post("/account/second-factor/codes", code=code_of(totp, clock))
    clock.tick(MINUTE)
    for code in (code_of(totp, clock), codes[0]):
        browser = Browser(app)
        browser.sign_in("paul")
        browser.post("/sign-in/code", code=code)
    told = [act for by, act in acts(office).values() if by == "paul"]
    assert sorted(told) == ["factor.recovery_renewed", "factor.taken", *["user.signed_in"] * 3]


def test_a_sign_no_key_types_changes_nothing(office: Office, join: JoinCafe) -> None:
    """U+0000 in any field of any button, in an address or in a search: refused at the door, before PostgreSQL chokes on it."""
    app = the_app(office)
    join(cafe=CAFE, purpose="replace")
    nadia = Browser(app)
    nadia.sign_in("nadia")
    before = acts(office)
    for endpoint, way, form, _act in BUTTONS:
        answer = nadia.post(way.format(new=CAFE, jn=1, sent=1, asked=1), **dict.fromkeys(form or ["x"], "a\0b"))
        assert answer.status_code == 400, endpoint
    for path in ("/?q=a%00", "/register?q=%00", "/acts?by=%00", "/export/cafes%00.csv"):
        assert nadia.get(path).status_code == 400, path
    assert acts(office) == before


@both
def test_a_number_longer_than_any_leads_nowhere(office: Office) -> None:
    """In a path or a search, on both databases: no such page, and nothing in the trail."""
    nadia = Browser(the_app(office))
    nadia.sign_in("nadia")
    before = acts(office)
    for huge in ("9" * 30, "9" * 18, "-" + "9" * 30, "9_9" * 20):
        for path in (
            f"/cafes/{CAFE}/journal?jn={huge}", f"/cafes/{CAFE}/journal?from={huge}", f"/export/days.csv?cafe={huge}",
            f"/export/cafes.csv?cafe={huge}", f"/impact/entries?cafe={huge}&service=bread&first={DAY}&last={DAY}",
        ):  # fmt: skip
            assert nadia.get(path).status_code == 404, path
    for path in ("/cafes/{}", "/cafes/8/journal/{}/1", "/cafes/8/journal/1/{}", "/fleet/{}", "/cafes/{}/acts"):
        assert nadia.get(path.format("9" * 30)).status_code == 404, path
    assert nadia.post(f"/fleet/{'9' * 30}/boxes/1/revoke", **DOUBT).status_code == 404
    assert acts(office) == before


def test_a_table_is_noted_on_the_café_it_is_of(office: Office) -> None:
    """No coordinator writes into the trail of a café they may not see, nor of one that is not there."""
    ines = Browser(the_app(office))
    ines.sign_in("ines")
    for cafe in (2, 4_000):
        assert ines.get(f"/export/cafes.csv?cafe={cafe}").status_code == 404
    assert ines.get(f"/export/days.csv?cafe={CAFE}").status_code == 200
    with office.db.reading() as conn:
        noted = select(hq_act.c.cafe_id).where(hq_act.c.act == "table.exported")
        assert conn.execute(noted).scalars().all() == [CAFE]
