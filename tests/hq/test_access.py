"""Who may see and do what: signing in, sessions, origins, and every route for every role."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from hq import access
from hq.access import BadAccount
from hq.app import create_app
from hq.cli import main
from hq.config import read_config
from hq.db import Database
from hq.screens import BLUEPRINTS
from hq.tables import hq_session, hq_user, sign_in_try
from hq.wiring import Office, open_office
from pos.clock import StoppedClock
from tests.hq import made_up
from tests.hq.browsing import Browser, at_once
from tests.hq.conftest import ENGINES

MINUTE = 60_000
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
# Inès coordinates antenne 3: café 8 is hers, café 2 (antenne 2) is not.
MINE, FOREIGN = 8, 2
FOREIGN_NAME = "Le Petit Perron"


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with an account per role, no café."""
    made_up.people(office)
    return create_app(office)


@pytest.fixture
def full(office: Office) -> Flask:
    """The office with its made-up network."""
    made_up.people(office)
    made_up.network(office, weeks=6)
    return create_app(office)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_nobody_gets_in_without_signing_in(app: Flask) -> None:
    """A page asked for by a stranger leads to the door, and back to the page afterwards."""
    browser = Browser(app)
    answer = browser.get("/impact?period=2026")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=/impact")
    assert browser.post("/sign-in", username="nadia", password=made_up.PASSWORD, next="/impact").location == "/impact"
    assert browser.get("/impact").status_code == 200


def test_a_wrong_password_and_an_unknown_name_say_the_same(app: Flask) -> None:
    """Nothing tells which names exist."""
    wrong, unknown = (
        Browser(app).sign_in("nadia", "not-the-password"),
        Browser(app).sign_in("nobody", "not-the-password"),
    )
    assert wrong.status_code == unknown.status_code == 403
    strip = lambda text: re.sub(r'value="\w*"', "", text)  # noqa: E731
    assert strip(wrong.text) == strip(unknown.text)


def test_wrong_passwords_are_slowed_down_known_or_not(app: Flask, clock: StoppedClock) -> None:
    """After four tries each further one waits twice as long, even for a name that is not there."""
    for name in ("nadia", "nobody"):
        browser = Browser(app)
        answers = [browser.sign_in(name, f"wrong-{n}").status_code for n in range(5)]
        assert answers == [403, 403, 403, 403, 429]
    assert Browser(app).sign_in("nadia").status_code == 429
    clock.tick(16 * MINUTE)
    assert Browser(app).sign_in("nadia").status_code == 303


def test_a_closed_account_is_out_at_once(app: Flask, office: Office) -> None:
    """Closing an account ends its sessions on the server; the last national account stays open."""
    ines, nadia = Browser(app), Browser(app)
    ines.sign_in("ines")
    nadia.sign_in("nadia")
    assert ines.get("/").status_code == 200
    assert nadia.post("/accounts/ines/disable").status_code == 303
    assert ines.get("/").status_code == 303
    assert ines.sign_in("ines").status_code == 403
    nadia.post("/accounts/nadia/disable")
    assert nadia.get("/").status_code == 200
    nadia.post("/accounts/ines/enable")
    assert ines.sign_in("ines").status_code == 303


def test_a_session_ends_when_idle_and_after_half_a_day(app: Flask, clock: StoppedClock) -> None:
    """30 minutes idle, 12 hours in all."""
    browser = Browser(app)
    browser.sign_in("nadia")
    clock.tick(29 * MINUTE)
    assert browser.get("/").status_code == 200
    clock.tick(29 * MINUTE)
    assert browser.get("/").status_code == 200
    clock.tick(31 * MINUTE)
    assert browser.get("/").status_code == 303
    browser.sign_in("nadia")
    for _ in range(25):
        clock.tick(29 * MINUTE)
        last = browser.get("/").status_code
    assert last == 303


def test_the_session_is_new_at_each_sign_in_and_dead_after_signing_out(app: Flask, office: Office) -> None:
    """No session id survives a sign-in (fixation) nor a sign-out; the server keeps only its hash."""
    browser = Browser(app)
    browser.client.set_cookie("zinc_hq_door", "chosen-by-somebody-else")
    browser.sign_in("nadia")
    first = browser.client.get_cookie("zinc_hq_door")
    assert first is not None
    assert first.value != "chosen-by-somebody-else"
    assert first.http_only
    assert first.same_site == "Lax"
    browser.sign_in("nadia")
    second = browser.client.get_cookie("zinc_hq_door")
    assert second is not None
    with office.db.reading() as conn:
        kept = conn.execute(select(hq_session.c.token_hash)).scalars().all()
    assert len(kept) == 1
    assert second.value not in kept
    browser.post("/sign-out")
    browser.client.set_cookie("zinc_hq_door", second.value)
    assert browser.get("/").status_code == 303


def test_over_tls_the_cookie_is_bound_to_the_host(app: Flask) -> None:
    """Secure, host-only."""
    answer = app.test_client().post(
        "/sign-in", data={"username": "nadia", "password": made_up.PASSWORD}, base_url="https://hq.example",
        headers={"Origin": "https://hq.example", "Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-zinc_hq_door=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\r\nX: y",
        "javascript:alert(1)",
    ],
)
def test_signing_in_never_leads_to_another_site(app: Flask, target: str) -> None:
    """The page to come back to is one of ours."""
    assert Browser(app).post("/sign-in", username="nadia", password=made_up.PASSWORD, next=target).location == "/"


def posts(app: Flask) -> list[str]:
    """Every address of the pages that takes a POST, filled with the foreign café."""
    names = {blueprint.name for blueprint in BLUEPRINTS}
    return sorted({
        fill(rule.rule, FOREIGN) for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in names and "POST" in (rule.methods or ())
    })  # fmt: skip


def gets(app: Flask) -> list[str]:
    """Every address of the pages that is only looked at, filled with the foreign café."""
    names = {blueprint.name for blueprint in BLUEPRINTS}
    return sorted({
        fill(rule.rule, FOREIGN) for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in names and "GET" in (rule.methods or ())
    })  # fmt: skip


def fill(rule: str, cafe: int) -> str:
    """Put plausible values into an address."""
    values = {
        "cafe_id": str(cafe),
        "jn": "1",
        "seq": "0",
        "service": "bread",
        "which": "0199aa",
        "username": "ines",
        "act": "disable",
        "name": "days",
    }
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: values.get(m.group(1), "1"), rule)
    extra = (
        f"?cafe={cafe}&service=bread&first=2026-01-01&last=2026-11-20"
        if filled.startswith(("/export", "/impact/entries"))
        else ""
    )
    return filled + extra


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
    ],
)  # fmt: skip
def test_no_change_comes_from_another_site(full: Flask, headers: dict[str, str]) -> None:
    """Each POST without our origin is refused, signed in or not (CSRF)."""
    browser = Browser(full)
    browser.sign_in("nadia")
    for path in posts(full):
        assert browser.client.post(path, headers=headers).status_code == 403, path
    assert browser.get("/").status_code == 200


def test_an_antenne_sees_nothing_of_another_s_cafe(full: Flask) -> None:
    """Every page, as Inès, on a café that is not hers: nothing of it, by any address."""
    browser = Browser(full)
    browser.sign_in("ines")
    for path in gets(full):
        answer = browser.get(path)
        assert FOREIGN_NAME not in answer.text, path
        if str(FOREIGN) in re.split(r"[/=&?]", path):
            assert answer.status_code == 404, (path, answer.status_code)
    mine = browser.get(f"/cafes/{MINE}")
    assert mine.status_code == 200
    for name in ("network", "impact", "cafes", "distances"):
        assert FOREIGN_NAME not in browser.read(f"/export/{name}.csv?antenna=2")
    assert FOREIGN_NAME not in browser.read("/?antenna=2&q=Perron")


def test_a_first_password_is_changed_before_anything_else(app: Flask) -> None:
    """An account opened by somebody else leads to its password page, then opens."""
    nadia, marc = Browser(app), Browser(app)
    nadia.sign_in("nadia")
    made = nadia.post(
        "/accounts", username="marc", name="Marc T.", role="antenna", antenna="1", password="premier-mot-de-passe"
    )
    assert made.status_code == 303
    marc.sign_in("marc", "premier-mot-de-passe")
    assert marc.get("/impact").location == "/account"
    wrong = marc.post("/account", old="premier-mot-de-passe", password="un-autre-mot", again="pas-le-même")
    assert wrong.status_code == 422
    assert (
        marc.post(
            "/account", old="premier-mot-de-passe", password="mon-vrai-mot-de-passe", again="mon-vrai-mot-de-passe"
        ).status_code
        == 303
    )
    assert marc.sign_in("marc", "premier-mot-de-passe").status_code == 403
    assert marc.sign_in("marc", "mon-vrai-mot-de-passe").status_code == 303
    assert marc.get("/impact").status_code == 200
    assert marc.get("/accounts").status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "X"}, {"username": "a b"}, {"name": ""}, {"password": "court"}, {"role": "king"},
        {"role": "antenna", "antenna": None}, {"role": "national", "antenna": 2}, {"role": "reader", "antenna": 9},
    ],
)  # fmt: skip
def test_an_account_that_makes_no_sense_is_refused(hq_db: Database, changes: dict[str, object]) -> None:
    """Name, role, antenne and password are checked together."""
    values: dict[str, object] = {
        "username": "marc",
        "name": "Marc",
        "role": "reader",
        "antenna": None,
        "password": "assez-long-pour-nous",
    }
    with pytest.raises(BadAccount), hq_db.writing() as conn:
        access.create_user(conn, by="t", now_ms=1, **{**values, **changes})  # type: ignore[arg-type]


def test_passwords_are_kept_as_scrypt_only(app: Flask, office: Office) -> None:
    """The database never holds a password, nor the same hash twice for the same one."""
    with office.db.writing() as conn:
        hashes = list(conn.execute(select(hq_user.c.password_hash)).scalars())
        conn.execute(update(hq_user).values(disabled_at=None))
    assert all(h.startswith("scrypt:") and made_up.PASSWORD not in h for h in hashes)
    assert len(set(hashes)) == len(hashes)


def test_the_first_account_is_made_on_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`zinc-hq account` prints a password once; it opens the office and must be changed there."""
    monkeypatch.setenv("ZINC_DATA", str(tmp_path))
    monkeypatch.delenv("ZINC_HQ_DATABASE", raising=False)
    made = CliRunner().invoke(main, ["account", "jo", "--name", "Jo"])
    assert made.exit_code == 0, made.output
    again = CliRunner().invoke(main, ["account", "jo"])
    assert again.exit_code == 1
    assert "ce nom est pris" in again.output
    office = open_office(read_config())
    try:
        browser = Browser(create_app(office))
        assert browser.sign_in("jo", made.output.split("\n")[0]).status_code == 303
        assert browser.get("/").location == "/account"
    finally:
        office.close()


def test_nobody_waits_for_a_clock_that_was_ahead(office: Office) -> None:
    """Wrong passwords while HQ's clock was a year ahead: once it is right, they are no reason to wait a year."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        for _ in range(access.FREE_TRIES):
            access.count_failure(conn, "nadia", now + 365 * 24 * 3_600_000, by="nadia", act="user.wrong_passwords")
        assert access.wait_of(conn, "nadia", now + 365 * 24 * 3_600_000) is not None
        assert access.wait_of(conn, "nadia", now) is None


@both
def test_passwords_tried_at_once_are_counted_one_by_one(app: Flask, office: Office) -> None:
    """Eight at the same moment: four are looked at, the others wait, as if they had come one after the other."""
    assert (
        sorted(at_once(8, lambda n: Browser(app).sign_in("nadia", f"wrong-{n}").status_code)) == [403] * 4 + [429] * 4
    )
    with office.db.reading() as conn:
        assert conn.execute(select(sign_in_try.c.failures)).scalars().all() == [access.FREE_TRIES]


def test_nobody_waits_while_a_password_is_looked_at(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes long on purpose: meanwhile a till's batch is written, on the small database too."""
    looked: list[str] = []
    real = access.check_password_hash

    def while_others_write(kept: str, typed: str) -> bool:
        with closing(sqlite3.connect(tmp_path / "hq.db", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        looked.append(typed)
        return real(kept, typed)

    monkeypatch.setattr(access, "check_password_hash", while_others_write)
    assert [Browser(app).sign_in("nadia", typed).status_code for typed in ("wrong", made_up.PASSWORD)] == [403, 303]
    assert looked == ["wrong", made_up.PASSWORD]
