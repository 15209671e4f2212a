"""Signing in by another organisation: a real provider on this machine, honest, mistaken and hostile."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from flask import Flask
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from hq import access, factor, identities, openid
from hq.app import create_app
from hq.config import OpenId, read_config
from hq.tables import hq_act, hq_setting, hq_user
from hq.wiring import Office
from pos.clock import StoppedClock
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES
from tests.hq.provider import CLIENT, SECRET, Provider
from tests.hq.test_second_factor import MINUTE, code_of, take
from tests.serving import served

BACK = "http://localhost/sign-in/openid/back"
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


@pytest.fixture
def provider(clock: StoppedClock) -> Iterator[Provider]:
    """The other organisation, at its address."""
    one = Provider(clock.now_ms, back=BACK)
    with served(one.app()) as address:
        one.address = address
        yield one


@pytest.fixture
def office(office: Office, provider: Provider) -> Office:
    """An office that takes its accounts; Inès's address is on hers."""
    openid_of = OpenId(provider.address, CLIENT, SECRET, BACK, "Village Vert", acr=("two",), amr=("mfa",))
    office.config = dataclasses.replace(office.config, openid=openid_of)
    made_up.people(office)
    known_as(office, provider, "ines", email="ines@example.org")
    return office


@pytest.fixture
def app(office: Office) -> Flask:
    """The office's pages."""
    return create_app(office)


def known_as(office: Office, provider: Provider, username: str, *, email: str = "", subject: str = "") -> None:
    """Write an identity on an account."""
    with office.db.writing() as conn:
        identities.set_identity(
            conn, by="nadia", now_ms=office.clock.now_ms(), username=username, issuer=provider.address,
            email=email, subject=subject,
        )  # fmt: skip


def leave(browser: Browser, page: str = "/sign-in/openid") -> str:
    """Press the button; return the address that the browser comes back to."""
    sent = browser.get(page)
    assert sent.status_code == 303, sent.text[:500]
    there = urllib3.request("GET", sent.location, redirect=False)
    assert there.status == 302, there.data
    return there.headers["Location"].removeprefix("http://localhost")


def come_in(browser: Browser) -> TestResponse:
    """Go there and back."""
    return browser.get(leave(browser))


def acts(office: Office) -> list[str]:
    """What the trail holds."""
    with office.db.reading() as conn:
        return list(conn.execute(select(hq_act.c.act).order_by(hq_act.c.id)).scalars())


@both
def test_who_has_an_account_comes_in_and_nobody_else(app: Flask, office: Office, provider: Provider) -> None:
    """By the address an administrator wrote; the account is not made by itself; the trail says how they came."""
    browser = Browser(app)
    assert "Entrer avec Village Vert" in browser.read("/sign-in")
    answer = come_in(browser)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Inès R." in browser.read("/impact")
    assert {"openid.known", "user.signed_in"} <= set(acts(office))
    provider.claims |= {"sub": "999", "email": "somebody@example.org"}
    stranger = Browser(app)
    refused = come_in(stranger)
    assert refused.status_code == 403
    assert "Aucun compte du siège" in refused.text
    assert stranger.get("/").location == "/sign-in"
    with office.db.reading() as conn:
        assert len(access.users(conn)) == len(made_up.PEOPLE)


def test_the_identifier_lasts_and_an_address_given_to_somebody_else_opens_nothing(
    app: Flask, office: Office, provider: Provider
) -> None:
    """The first visit writes the identifier down; from then on it alone counts, until an administrator says otherwise."""
    assert come_in(Browser(app)).location == "/"
    provider.claims["sub"] = "another person of the same address"
    assert come_in(Browser(app)).status_code == 403
    provider.claims = {"sub": "248", "email": "ines.r@example.org", "email_verified": True}
    assert come_in(Browser(app)).location == "/"
    nadia = Browser(app)
    nadia.sign_in("nadia")
    assert "248" in nadia.read("/accounts")
    assert nadia.post("/accounts/ines/identity", email="", subject="").status_code == 303
    assert come_in(Browser(app)).status_code == 403


def test_an_identity_belongs_to_one_account(app: Flask, office: Office, provider: Provider) -> None:
    """Twice the same address or identifier is refused, and so is what is no address; a change signs the person out."""
    ines, nadia = Browser(app), Browser(app)
    come_in(ines)
    nadia.sign_in("nadia")
    for form in (
        {"email": "INES@example.org"},
        {"subject": "248"},
        {"email": "ines"},
        {"email": "a b@c.fr"},
        {"subject": "x" * 300},
    ):
        nadia.post("/accounts/paul/identity", **form)
        assert "said bad" in nadia.read("/accounts"), form
    assert acts(office).count("openid.set") == 1
    nadia.post("/accounts/ines/identity", email="ines@example.org", subject="248")
    assert ines.get("/").location == "/sign-in"
    assert come_in(Browser(app)).location == "/"


def test_a_closed_account_stays_closed(app: Flask, office: Office, provider: Provider) -> None:
    """Closed at the office, it is closed by every door, and says no more than an unknown one."""
    with office.db.writing() as conn:
        access.disable_user(conn, by="t", now_ms=1, username="ines", disabled=True)
    refused = come_in(Browser(app))
    assert refused.status_code == 403
    assert "Aucun compte du siège" in refused.text
    assert "openid.known" not in acts(office)


def test_an_address_nobody_verified_is_no_address(app: Flask, provider: Provider) -> None:
    """What anybody may type in their profile over there opens no account here; the word of the token's userinfo does."""
    for verified in (False, None, "yes", 1.5):
        provider.claims["email_verified"] = verified
        assert come_in(Browser(app)).status_code == 403, verified
    provider.claims = {"sub": "248"}
    provider.lies["userinfo"] = {"sub": "247", "email": "ines@example.org", "email_verified": True}
    assert come_in(Browser(app)).status_code == 403
    provider.lies["userinfo"]["sub"] = "248"
    assert come_in(Browser(app)).location == "/"


LIES = {
    "another nonce": {"claims": {"nonce": "x"}}, "no nonce": {"claims": {"nonce": None}},
    "for another client": {"claims": {"aud": "other"}}, "for another, given to us": {"claims": {"aud": "other", "azp": CLIENT}},
    "given to another": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}}, "expired": {"claims": {"exp": 1}},
    "made tomorrow": {"claims": {"iat": 4_000_000_000}}, "no end": {"claims": {"exp": None}},
    "of another issuer": {"claims": {"iss": "https://other.example"}}, "of nobody": {"claims": {"sub": None}},
    "unsigned": {"signature": "none"}, "signed with our secret": {"signature": "secret"},
    "signed by another": {"signature": "another key"}, "discovery of another": {"discovery": {"issuer": "https://other.example"}},
    "answer of another": {"answer": {"iss": "https://other.example"}},
    "answer without its issuer": {"discovery": {"authorization_response_iss_parameter_supported": True}},
    "another state": {"answer": {"state": "x"}}, "no code": {"answer": {"code": ""}}, "turned back": {"answer": {"error": "access_denied"}},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_what_was_asked_for_signs_nobody_in(
    app: Flask, office: Office, provider: Provider, lie: str
) -> None:
    """Nonce, audience, dates, issuer, signature, state: one wrong thing and there is no session, only a sentence."""
    browser = Browser(app)
    provider.lies = LIES[lie]
    refused = browser.get("/sign-in/openid") if lie == "discovery of another" else come_in(browser)
    assert refused.status_code == 403
    assert 'class="said bad"' in refused.text
    assert browser.client.get_cookie("zinc_hq_door") is None
    assert browser.get("/").location == "/sign-in"
    assert "user.signed_in" not in acts(office)


def test_rsa_is_taken_and_changed_keys_are_read_anew(app: Flask, provider: Provider) -> None:
    """The provider's keys change when it likes: each sign-in reads them."""
    for how in ("", "RS256", "RS256"):
        provider.lies = {"signature": how}
        assert come_in(Browser(app)).location == "/"


def test_what_came_back_once_serves_once(app: Flask, provider: Provider) -> None:
    """A code and its state, said again by the same browser or by another: nobody is signed in, even where the provider would."""
    provider.lies["codes again"] = True
    browser = Browser(app)
    address = leave(browser)
    kept = browser.client.get_cookie("zinc_hq_openid")
    assert kept is not None
    assert browser.get(address).location == "/"
    browser.post("/sign-out")
    assert browser.get(address).status_code == 403
    assert Browser(app).get(address).status_code == 403
    # With the provider's own care, a stolen cookie beside it is no use either.
    provider.lies.clear()
    thief = Browser(app)
    thief.client.set_cookie("zinc_hq_openid", kept.value)
    provider.codes.clear()
    assert thief.get(address).status_code == 403


def test_nobody_is_signed_in_as_somebody_else(app: Flask, provider: Provider) -> None:
    """An answer made for another browser is refused here (the state is bound to the browser), and so is one too late."""
    victim, other = Browser(app), Browser(app)
    leave(victim)
    assert victim.get(leave(other)).status_code == 403
    for broken in ("", "00", "zz", "é"):
        browser = Browser(app)
        address = leave(browser)
        browser.client.set_cookie("zinc_hq_openid", broken)
        assert browser.get(address).status_code == 403


def test_ten_minutes_and_no_more(app: Flask, clock: StoppedClock, provider: Provider) -> None:
    """A page left open over the afternoon begins anew."""
    browser = Browser(app)
    address = leave(browser)
    clock.tick(openid.TRIP_MS)
    assert browser.get(address).status_code == 403


@pytest.mark.parametrize(("wanted", "found"), [
    ("/impact?year=2026", "/impact?year=2026"), ("https://evil.example/", "/"), ("//evil.example", "/"),
    ("/\\evil.example", "/"), ("/%0d%0aSet-Cookie:x", "/%0d%0aSet-Cookie:x"), ("javascript:alert(1)", "/"),
])  # fmt: skip
def test_the_way_back_leads_to_a_page_of_ours(app: Flask, wanted: str, found: str) -> None:
    """Open redirect: `next` is carried sealed, and is a path of this office or nothing."""
    browser = Browser(app)
    answer = browser.get(leave(browser, f"/sign-in/openid?next={wanted.replace('%', '%25')}"))
    assert answer.location == found
    assert "evil" not in answer.headers.get("Set-Cookie", "")


def test_the_question_is_the_one_the_norms_want(app: Flask, provider: Provider) -> None:
    """Code, PKCE by S256, state and nonce new each time, the address registered to the letter, whatever Host is said."""
    seen = set()
    for host in ("localhost", "evil.example"):
        sent = app.test_client().get("/sign-in/openid", headers={"Host": host})
        told = {name: value[0] for name, value in parse_qs(urlsplit(sent.location).query).items()}
        assert sent.location.startswith(f"{provider.address}/authorize?")
        assert (told["response_type"], told["code_challenge_method"], told["redirect_uri"]) == ("code", "S256", BACK)
        assert (told["client_id"], told["acr_values"]) == (CLIENT, "two")
        assert all(len(told[name]) >= 32 for name in ("state", "nonce", "code_challenge"))
        seen |= {told["state"], told["nonce"], told["code_challenge"]}
        kept = sent.headers["Set-Cookie"]
        assert "HttpOnly" in kept
        assert "SameSite=Lax" in kept
        assert not any(told[name] in kept for name in ("state", "nonce"))
    assert len(seen) == 6
    over_tls = app.test_client().get("/sign-in/openid", base_url="https://localhost").headers["Set-Cookie"]
    assert over_tls.startswith("__Host-zinc_hq_openid=")
    assert "Secure" in over_tls


def national(office: Office, provider: Provider, app: Flask) -> None:
    """Nadia is national, and known over there; the second factor is asked at once."""
    with office.db.writing() as conn:
        conn.execute(delete(hq_setting).where(hq_setting.c.name == factor.FROM))
    known_as(office, provider, "ines")
    known_as(office, provider, "nadia", subject="248")


@pytest.mark.parametrize("said", [{}, {"acr": "one"}, {"amr": ["pwd"]}, {"acr": ["two"]}, {"amr": "mfa-no"}])
def test_a_national_account_still_gives_zincs_code(
    app: Flask, office: Office, provider: Provider, clock: StoppedClock, said: dict[str, Any]
) -> None:
    """Without the word of a second factor over there: take Zinc's first, and give its code each time."""
    national(office, provider, app)
    provider.claims |= said
    nadia = Browser(app)
    refused = come_in(nadia)
    if said.get("amr") == "mfa-no":
        # Not of the shape the norm gives it.
        assert refused.status_code == 403
        return
    assert nadia.get("/accounts").location == "/account/second-factor"
    totp, _codes = take(nadia, clock)
    clock.tick(MINUTE)
    again = Browser(app)
    come_in(again)
    assert again.get("/accounts").location == "/sign-in/code?next=/accounts"
    assert again.post("/sign-in/code", code="000000").status_code == 403
    assert again.post("/sign-in/code", code=code_of(totp, clock), next="/accounts").location == "/accounts"
    assert again.get("/accounts").status_code == 200


@pytest.mark.parametrize("said", [{"acr": "two"}, {"amr": ["pwd", "mfa"]}])
def test_a_second_factor_seen_over_there_is_enough(
    app: Flask, office: Office, provider: Provider, clock: StoppedClock, said: dict[str, Any]
) -> None:
    """In the words of the settings only; a password given here and never used is not asked for either."""
    national(office, provider, app)
    with office.db.writing() as conn:
        access.set_password(conn, by="t", now_ms=clock.now_ms(), username="nadia", password="x" * 12, must_change=True)
    provider.claims |= said
    nadia = Browser(app)
    come_in(nadia)
    assert nadia.get("/accounts").status_code == 200
    with office.db.reading() as conn:
        told = conn.execute(select(hq_act.c.detail).where(hq_act.c.act == "user.signed_in")).scalars().all()
    assert told == ['{"way": "openid_factor"}']


def test_a_silent_provider_leaves_the_local_door_open(app: Flask, provider: Provider) -> None:
    """Down, moved elsewhere or asking us to go without https: a sentence, no redirection followed, and passwords still work."""
    for lies in (
        {"silent": True},
        {"moved": True},
        {"discovery": {"token_endpoint": "http://192.0.2.7/token"}},
        {"discovery": {"jwks_uri": "file:///etc/passwd"}},
    ):
        provider.lies = lies
        refused = Browser(app).get("/sign-in/openid")
        assert refused.status_code == 403, lies
        assert "Village Vert ne répond pas" in refused.text
    assert "/elsewhere" not in provider.asked
    provider.lies = {}
    browser = Browser(app)
    address = leave(browser)
    provider.lies = {"silent": True}
    assert "ne répond pas" in browser.get(address).text
    assert browser.sign_in("ines").location == "/"


def test_a_slow_provider_keeps_some_waiting_and_no_others(app: Flask, office: Office, provider: Provider) -> None:
    """Whoever opens the way out without end holds two of a worker's places: pages, passwords and boxes have the rest."""
    known = office.config.openid
    assert known is not None
    browser, asked = Browser(app), len(provider.asked)
    with openid._session(known), openid._session(known):
        refused = browser.get("/sign-in/openid")
        assert refused.status_code == 403
        assert "déjà en route vers Village Vert" in refused.text
        assert browser.sign_in("ines").location == "/"
    assert len(provider.asked) == asked
    assert come_in(Browser(app)).location == "/"


def test_a_new_session_each_time_and_the_old_one_is_over(app: Flask) -> None:
    """Fixation: what the browser held before opens nothing after."""
    browser = Browser(app)
    browser.sign_in("ines")
    before = browser.client.get_cookie("zinc_hq_door")
    come_in(browser)
    after = browser.client.get_cookie("zinc_hq_door")
    assert before
    assert after
    assert before.value != after.value
    stolen = Browser(app)
    stolen.client.set_cookie("zinc_hq_door", before.value)
    assert stolen.get("/").location == "/sign-in"


@pytest.mark.parametrize("hq_db", ["sqlite"], indirect=True)
def test_without_a_provider_there_is_no_such_door(app: Flask, office: Office) -> None:
    """Off unless configured: no button, no field, no page."""
    office.config = dataclasses.replace(office.config, openid=None)
    browser = Browser(create_app(office))
    assert "Entrer avec" not in browser.read("/sign-in")
    assert browser.get("/sign-in/openid").status_code == 404
    assert browser.get("/sign-in/openid/back").status_code == 404
    browser.sign_in("nadia")
    assert "identity" not in browser.read("/accounts")
    assert browser.post("/accounts/ines/identity", email="x@y.fr").status_code == 404


GOOD = {
    "ZINC_HQ_OPENID_ISSUER": "https://comptes.example.org", "ZINC_HQ_OPENID_CLIENT": "zinc", "ZINC_HQ_ADDRESS": "https://siege.example.org/",
    "ZINC_HQ_OPENID_ACR": "a b",
}  # fmt: skip


def test_settings_are_whole_or_hq_does_not_start() -> None:
    """An issuer without https, a client or an address missing: no door is opened halfway."""
    told = read_config(GOOD).openid
    assert told is not None
    assert (told.back, told.name, told.acr) == (
        "https://siege.example.org/sign-in/openid/back",
        "comptes.example.org",
        ("a", "b"),
    )
    assert read_config({}).openid is None
    for wrong in (
        {"ZINC_HQ_OPENID_ISSUER": "http://comptes.example.org"},
        {"ZINC_HQ_OPENID_CLIENT": ""},
        {"ZINC_HQ_ADDRESS": ""},
        {"ZINC_HQ_ADDRESS": "siege"},
    ):
        with pytest.raises(SystemExit, match="ZINC_HQ"):
            read_config(GOOD | wrong)


def test_only_its_own_name_is_answered(office: Office) -> None:
    """Host header: with the address in the settings, another name gets no page and no cookie; the machine itself is answered."""
    office.config = dataclasses.replace(office.config, address="https://siege.example.org")
    client = create_app(office).test_client()
    for host, status in (
        ("siege.example.org", 200),
        ("127.0.0.1:8090", 200),
        ("evil.example", 400),
        ("siege.example.org.evil.example", 400),
    ):
        assert client.get("/sign-in", headers={"Host": host}).status_code == status, host


def test_the_accounts_page_says_who_comes_from_elsewhere(app: Flask) -> None:
    """A national account reads and writes identities there; nobody else does."""
    nadia, paul = Browser(app), Browser(app)
    nadia.sign_in("nadia")
    page = nadia.read("/accounts")
    assert 'value="ines@example.org"' in page
    assert len(re.findall(r"/accounts/\w+/identity", page)) == len(made_up.PEOPLE) - 1
    paul.sign_in("paul")
    assert paul.post("/accounts/ines/identity", email="paul@example.org").status_code == 403


def test_users_keep_nothing_of_the_provider_but_who_they_are(app: Flask, office: Office) -> None:
    """No token of the provider is kept, in the database or in the browser."""
    browser = Browser(app)
    come_in(browser)
    assert browser.client.get_cookie("zinc_hq_openid") is None
    with office.db.reading() as conn:
        row = conn.execute(select(hq_user).where(hq_user.c.username == "ines")).mappings().one()
    assert (row["openid_email"], row["openid_subject"]) == ("ines@example.org", "248")
