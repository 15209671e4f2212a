"""Every address of HQ × every role × a foreign café: the list is read from the address map.

A new address belongs in `ACCESS`, or this file fails.
"""

import dataclasses
import re
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from hq.app import HEADERS, create_app
from hq.config import OpenId
from hq.tables import hq_act
from hq.wiring import Office
from tests.hq import made_up
from tests.hq.browsing import OURS, Browser

# Inès coordinates antenne 3 and Léa reads antenne 2: café 8 is of antenne 3, café 2 of antenne 2.
CAFES = {8: 3, 2: 2}
NAMES = {2: "Le Petit Perron"}
PEOPLE = {"nadia": None, "ines": 3, "paul": None, "lea": 2}
READERS = {"paul", "lea"}

# Who may reach what:
# public    no session, nothing of a café            box       the boxes' line, with its own proofs
# door      signing in                               own       whoever is signed in, within what they see
# national  national accounts                        cafe      who sees the café
# writer    whoever is signed in and may change things
# write     who sees the café and may change things
ACCESS = {
    "healthz": "public", "static": "public",
    **dict.fromkeys(("door.sign_in", "door.enter", "door.sign_out", "second_factor.ask", "second_factor.enter", "openid.leave", "openid.back"), "door"),
    **dict.fromkeys((
        "door.sources", "network.show", "impact.show", "impact.entries", "indicators.show", "indicators.export",
        "overdue.show", "overdue.export", "register.index", "exports.table", "accounts.mine", "accounts.change_mine",
        "second_factor.mine", "second_factor.take", "second_factor.renew", "fleet.show", "fleet.thresholds",
        "apart.show", "apart.published", "announcements.index", "prices.index", "prices.export", "releases.index", "articles.index",
    ), "own"),
    **dict.fromkeys((
        "accounts.index", "accounts.create", "accounts.change", "attestations.index", "attestations.name_publisher",
        "register.new", "register.add", "second_factor.set_day", "trail.show", "fleet.set_thresholds",
        "apart.retry", "apart.publish", "openid.set_identity", "eyes.switch", "prices.save", "prices.end", "prices.import_file", "releases.announce",
        "releases.withdraw", "articles.keep", "articles.drop",
    ), "national"),
    **dict.fromkeys(("announcements.send", "announcements.end", "eyes.show", "eyes.answer"), "writer"),
    **dict.fromkeys((
        "cafe.show", "cafe.entries", "cafe.entry", "cafe.trail", "register.sheet", "archives.show", "books.show",
        "attestations.one", "fleet.box",
    ), "cafe"),
    **dict.fromkeys((
        "cafe.follow", "register.change", "register.confirm_distance", "register.close_for_a_while",
        "register.make_code", "register.confirm_box", "archives.make", "books.make", "fleet.make_code", "fleet.confirm", "fleet.revoke", "fleet.rotate",
    ), "write"),
}  # fmt: skip
VALUES = {
    "jn": "1",
    "seq": "0",
    "service": "bread",
    "username": "ines",
    "act": "enable",
    "name": "days",
    "version": "9.9.9",
    "say": "refuse",
    "filename": "hq.css",
}
# The tables of one café, by the café in their question.
FORM = {"kind": "called", "first": "2026-11-20", "km": "3", "valid_from": "2026-11-20", "source": "x"}
ASKED = "?cafe={cafe}&service=bread&first=2026-01-01&last=2026-11-20&jn=1"


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with an account per role and its made-up network; the other organisation does not answer."""
    openid = OpenId("http://127.0.0.1:9", "zinc", "", "http://localhost/sign-in/openid/back", "there")
    office.config = dataclasses.replace(office.config, openid=openid)
    made_up.people(office)
    made_up.network(office, weeks=6)
    return create_app(office)


def access_of(rule: Rule) -> str:
    """How an address is classified; the boxes' line is one class."""
    return "box" if rule.endpoint.startswith("inbox.") else ACCESS.get(rule.endpoint, "")


def ways(app: Flask) -> list[tuple[str, Rule]]:
    """Each method and address of the pages."""
    return [
        (method, rule)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})
    ]


def path_of(rule: Rule, cafe: int) -> str:
    """An address filled with a café and plausible values."""
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: {**VALUES, "cafe_id": str(cafe)}.get(m.group(1), "1"), rule.rule)
    return filled + (ASKED.format(cafe=cafe) if rule.endpoint in ("exports.table", "impact.entries") else "")


def test_every_address_is_classified(app: Flask) -> None:
    """An address nobody thought about is no address: say in `ACCESS` who may reach it."""
    rules = list(app.url_map.iter_rules())
    assert sorted({rule.endpoint for rule in rules if not access_of(rule)}) == []
    assert len(rules) > 50


def test_nobody_gets_past_the_door(app: Flask) -> None:
    """Without a session each page and each key leads to the door; what is public tells nothing of a café."""
    for method, rule in ways(app):
        answer = app.test_client().open(path_of(rule, 2), method=method, headers=OURS, buffered=True)
        if access_of(rule) in ("own", "national", "cafe", "writer", "write") or rule.endpoint == "door.sign_out":
            assert answer.status_code == 303, (method, rule.rule)
            assert answer.location.startswith("/sign-in"), (method, rule.rule)
        elif access_of(rule) == "box":
            assert answer.status_code == 426, (method, rule.rule)
        assert NAMES[2] not in answer.text, (method, rule.rule)


@pytest.mark.parametrize("username", ["lea", "paul", "ines", "nadia"])
def test_each_role_reaches_what_is_its_own(app: Flask, office: Office, username: str) -> None:
    """Seeing: its own cafés; changing: never a reader; a foreign café does not exist. What is refused leaves no act."""
    browser = Browser(app)
    browser.sign_in(username)
    for cafe, (method, rule) in product(CAFES, ways(app)):
        reach = access_of(rule)
        if reach not in ("own", "national", "cafe", "writer", "write"):
            continue
        sees = PEOPLE[username] in (None, CAFES[cafe])
        path = path_of(rule, cafe)
        before = trail(office)
        answer = browser.client.open(path, method=method, headers=OURS, data=FORM if method == "POST" else None)
        told = (username, method, path, answer.status_code)
        allowed = {
            "own": sees or "?cafe" not in path, "national": username == "nadia", "cafe": sees, "writer": username not in READERS,
            "write": sees and username not in READERS,
        }[reach]  # fmt: skip
        if allowed:
            assert answer.status_code in (200, 303, 422) or rule.endpoint in (
                "cafe.entry",
                "announcements.end",
                "eyes.answer",
            ), told
        else:
            assert answer.status_code in (403, 404), told
            assert trail(office) == before, told
        if not sees and cafe == 2:
            assert NAMES[2] not in answer.text, told


def trail(office: Office) -> int:
    """How many acts there are."""
    with office.db.reading() as conn:
        return int(conn.execute(select(func.count()).select_from(hq_act)).scalar_one())


def test_every_answer_carries_its_guards(app: Flask) -> None:
    """Security headers on each page, file, refusal and answer to a box; no inline script or style anywhere."""
    browser = Browser(app)
    browser.sign_in("nadia")
    for method, rule in ways(app):
        if method != "GET":
            continue
        for answer in (browser.client.open(path_of(rule, 8), method=asked, buffered=True) for asked in ("GET", "POST")):
            for name, value in HEADERS.items():
                assert answer.headers.get(name) == value, (rule.rule, name)
            if "html" in answer.mimetype:
                assert answer.status_code == 405 or "no-store" in answer.headers["Cache-Control"], rule.rule
                assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", answer.text), rule.rule
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_over_tls_the_browser_is_told_to_stay_there(app: Flask) -> None:
    """Strict-Transport-Security, said over TLS only."""
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers
    told = app.test_client().get("/sign-in", base_url="https://hq.example").headers["Strict-Transport-Security"]
    assert int(re.findall(r"max-age=(\d+)", told)[0]) >= 31_536_000
