"""The second factor: the code of a phone, once each; recovery codes; the day it is asked from; the trail."""

import re
from collections import Counter

import pyotp
import pytest
from flask import Flask
from sqlalchemy import delete, insert, select

from hq import access, factor, register
from hq.app import create_app
from hq.tables import hq_act, hq_session, hq_setting, hq_user, recovery_code
from hq.wiring import Office
from pos.clock import StoppedClock
from tests.hq import made_up
from tests.hq.browsing import Browser, at_once
from tests.hq.conftest import ENGINES

MINUTE, DAY = 60_000, 24 * 3_600_000
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


@pytest.fixture
def app(office: Office) -> Flask:
    """An office that asks for the second factor at once."""
    made_up.people(office)
    with office.db.writing() as conn:
        conn.execute(delete(hq_setting).where(hq_setting.c.name == factor.FROM))
    return create_app(office)


def take(browser: Browser, clock: StoppedClock) -> tuple[pyotp.TOTP, list[str]]:
    """Take the second factor as a person does: read the secret, type its code, keep the recovery codes."""
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", browser.read("/account/second-factor"))
    assert found is not None
    totp = pyotp.TOTP(found.group(1).replace(" ", ""))
    taken = browser.post("/account/second-factor", code=code_of(totp, clock))
    assert taken.status_code == 200
    return totp, re.findall(r"<code>([\w-]+)</code>", taken.text)


def code_of(totp: pyotp.TOTP, clock: StoppedClock, *, steps: int = 0) -> str:
    """The six digits a phone shows now."""
    return totp.generate_otp(clock.now_ms() // factor.STEP_MS + steps)


@pytest.fixture
def nadia(app: Flask) -> Browser:
    """A national coordinator behind her password."""
    browser = Browser(app)
    browser.sign_in("nadia")
    return browser


@pytest.mark.parametrize(("seconds", "code"), [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
])  # fmt: skip
def test_the_digits_are_those_of_the_norm(seconds: int, code: str) -> None:
    """RFC 6238, appendix B (SHA-1), last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert factor._step_of(secret, code, seconds * 1000, after=-1) == seconds // 30
    assert factor._step_of(secret, f"{code[:3]} {code[3:]}", seconds * 1000, after=-1) == seconds // 30


@both
def test_a_national_account_does_nothing_before_it(app: Flask, nadia: Browser, clock: StoppedClock) -> None:
    """The first sign-in leads to it and nowhere else; a reader is not asked."""
    for path in ("/", "/accounts", "/export/cafes.csv", "/account"):
        assert nadia.get(path).location == "/account/second-factor", path
    assert nadia.post("/accounts/ines/disable").location == "/account/second-factor"
    page = nadia.read("/account/second-factor")
    assert "data:image/svg+xml;base64," in page
    assert page == nadia.read("/account/second-factor")
    assert nadia.post("/account/second-factor", code="000000").status_code == 422
    take(nadia, clock)
    assert nadia.get("/accounts").status_code == 200
    paul = Browser(app)
    paul.sign_in("paul")
    assert paul.get("/impact").status_code == 200


@both
def test_after_the_password_comes_the_code(app: Flask, nadia: Browser, clock: StoppedClock, office: Office) -> None:
    """A half session opens nothing, gives way to a new one, and dies in five minutes."""
    totp, _codes = take(nadia, clock)
    clock.tick(MINUTE)
    again = Browser(app)
    again.sign_in("nadia")
    half = again.client.get_cookie("zinc_hq_door")
    assert half is not None
    assert again.get("/impact").location == "/sign-in/code?next=/impact"
    assert again.post("/accounts/ines/disable").location == "/sign-in/code"
    assert "Nadia" not in again.read("/sign-in/code")
    assert again.post("/sign-in/code", code="000000").status_code == 403
    assert again.post("/sign-in/code", code=code_of(totp, clock), next="/impact").location == "/impact"
    assert again.get("/impact").status_code == 200
    whole = again.client.get_cookie("zinc_hq_door")
    assert whole is not None
    assert whole.value != half.value
    stolen = Browser(app)
    stolen.client.set_cookie("zinc_hq_door", half.value)
    assert stolen.get("/").location == "/sign-in"
    late = Browser(app)
    late.sign_in("nadia")
    clock.tick(6 * MINUTE)
    assert late.post("/sign-in/code", code=code_of(totp, clock)).location == "/sign-in"


def test_a_code_is_good_once(app: Flask, nadia: Browser, clock: StoppedClock) -> None:
    """Whoever saw it cannot use it again, nor an older one; a phone may be half a minute early or late, not more."""
    totp, _codes = take(nadia, clock)

    def tried(steps: int) -> int:
        browser = Browser(app)
        browser.sign_in("nadia")
        return browser.post("/sign-in/code", code=code_of(totp, clock, steps=steps)).status_code

    assert tried(0) == 403
    clock.tick(10 * MINUTE)
    assert [tried(2), tried(-2)] == [403, 403]
    assert [tried(0), tried(0), tried(-1)] == [303, 403, 403]
    assert [tried(1), tried(1)] == [303, 403]


def test_wrong_codes_are_slowed_down(app: Flask, nadia: Browser, clock: StoppedClock, office: Office) -> None:
    """Six digits are not guessed: after four tries each waits twice as long, signing in again changes nothing."""
    totp, _codes = take(nadia, clock)
    clock.tick(MINUTE)
    said = []
    for _ in range(6):
        browser = Browser(app)
        browser.sign_in("nadia")
        said.append(browser.post("/sign-in/code", code="123456").status_code)
    assert said == [403, 403, 403, 403, 429, 429]
    assert browser.post("/sign-in/code", code=code_of(totp, clock)).status_code == 429
    with office.db.reading() as conn:
        assert "factor.wrong_codes" in conn.execute(select(hq_act.c.act)).scalars().all()


@both
def test_codes_tried_at_once_are_counted_one_by_one(
    app: Flask, nadia: Browser, clock: StoppedClock, office: Office
) -> None:
    """Twelve at the same moment: four are looked at, the others wait."""
    take(nadia, clock)
    with office.db.writing() as conn:
        token = access.open_session(conn, "nadia", clock.now_ms(), half=True)

    def refused(n: int) -> str:
        with office.db.writing() as conn:
            _token, why = factor.pass_door(conn, office.secret, token=token, code=f"1111{n:02}", now_ms=clock.now_ms())
        return type(why).__name__

    assert Counter(at_once(12, refused)) == {"WrongCode": 4, "TooManyTries": 8}


def test_wrong_codes_for_new_recovery_codes_are_slowed_down(
    app: Flask, nadia: Browser, clock: StoppedClock, office: Office
) -> None:
    """Who finds a session open guesses no code there either: the same count as at the door, the right one waits too."""
    totp, _codes = take(nadia, clock)
    clock.tick(MINUTE)
    path = "/account/second-factor/codes"
    assert [nadia.post(path, code="123456").status_code for _ in range(5)] == [422, 422, 422, 422, 429]
    assert nadia.post(path, code=code_of(totp, clock)).status_code == 429
    browser = Browser(app)
    browser.sign_in("nadia")
    assert browser.post("/sign-in/code", code=code_of(totp, clock)).status_code == 429
    with office.db.reading() as conn:
        assert "factor.wrong_codes" in conn.execute(select(hq_act.c.act)).scalars().all()
    clock.tick(2 * MINUTE)
    assert nadia.post(path, code=code_of(totp, clock)).status_code == 200


@both
def test_a_recovery_code_opens_once(app: Flask, nadia: Browser, clock: StoppedClock, office: Office) -> None:
    """Ten codes, each good once whatever its case and dashes; only hashes are kept, as the secret is only kept sealed."""
    totp, codes = take(nadia, clock)
    assert len(set(codes)) == 10
    with office.db.reading() as conn:
        kept = str(conn.execute(select(recovery_code)).all()) + str(conn.execute(select(hq_user)).all())
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert totp.secret not in kept
    for expected in (303, 403):
        browser = Browser(app)
        browser.sign_in("nadia")
        typed = codes[0].replace("-", " ").upper()
        assert browser.post("/sign-in/code", code=typed).status_code == expected
    assert "9 codes de secours" in nadia.read("/account/second-factor")
    clock.tick(MINUTE)
    fresh = nadia.post("/account/second-factor/codes", code=code_of(totp, clock))
    assert fresh.status_code == 200
    browser = Browser(app)
    browser.sign_in("nadia")
    assert browser.post("/sign-in/code", code=codes[1]).status_code == 403
    assert nadia.post("/account/second-factor/codes", code="111111").status_code == 422


def test_a_lost_phone_is_taken_off_by_another_national_account(
    app: Flask, nadia: Browser, clock: StoppedClock, office: Office
) -> None:
    """Its sessions end at once, and the next sign-in asks for a new phone."""
    take(nadia, clock)
    with office.db.writing() as conn:
        access.create_user(
            conn,
            by="t",
            now_ms=clock.now_ms(),
            username="omar",
            name="Omar",
            role="national",
            password=made_up.PASSWORD,
        )
    omar = Browser(app)
    omar.sign_in("omar")
    take(omar, clock)
    assert nadia.post("/accounts/omar/factor").status_code == 303
    assert omar.get("/").location == "/sign-in"
    omar.sign_in("omar")
    assert omar.get("/").location == "/account/second-factor"


def test_a_password_reset_is_one_time_and_ends_every_session(app: Flask, nadia: Browser, clock: StoppedClock) -> None:
    """Shown once to who gives it, changed at once by who gets it, dead after seven days; the old one opens nothing."""
    take(nadia, clock)
    ines = Browser(app)
    ines.sign_in("ines")
    given = re.search(r"<code>([\w-]{14})</code>", nadia.post("/accounts/ines/password").text)
    assert given is not None
    assert given.group(1) not in nadia.read("/accounts") + nadia.read("/acts")
    assert ines.get("/").location == "/sign-in"
    assert ines.sign_in("ines").status_code == 403
    ines.sign_in("ines", given.group(1))
    assert ines.get("/impact").location == "/account"
    clock.tick(8 * DAY)
    assert "7 jours" in ines.sign_in("ines", given.group(1)).text


def test_there_is_a_dated_grace_and_no_longer(app: Flask, nadia: Browser, clock: StoppedClock) -> None:
    """A national account may leave the others up to thirty days; they are told, then held."""
    take(nadia, clock)
    assert nadia.post("/accounts/second-factor-day", day="2026-12-25").status_code == 303
    assert "30 jours" in nadia.read("/accounts")
    nadia.post("/accounts/second-factor-day", day="2026-11-27")
    nadia.post("/accounts", username="omar", name="Omar", role="national", password="un-premier-mot")
    omar = Browser(app)
    omar.sign_in("omar", "un-premier-mot")
    omar.post("/account", old="un-premier-mot", password=made_up.PASSWORD, again=made_up.PASSWORD)
    omar.sign_in("omar", made_up.PASSWORD)
    assert "/account/second-factor" in omar.read("/")
    # Nobody puts off what they have not done themselves.
    omar.post("/accounts/second-factor-day", day="2026-12-20")
    assert "Prenez d’abord le vôtre" in omar.read("/accounts")
    omar.post("/accounts/second-factor-day", day="2026-11-26")
    clock.tick(8 * DAY)
    omar.sign_in("omar", made_up.PASSWORD)
    assert omar.get("/").location == "/account/second-factor"


def test_only_the_demonstration_goes_without(app: Flask, nadia: Browser, clock: StoppedClock, office: Office) -> None:
    """The flag alone lifts the duty, and only from who has no second factor: one taken is still asked for."""
    assert nadia.get("/").location == "/account/second-factor"
    with office.db.writing() as conn:
        register.mark_demo(conn)
    assert nadia.get("/").status_code == 200
    totp, _codes = take(nadia, clock)
    clock.tick(MINUTE)
    nadia.sign_in("nadia")
    assert nadia.get("/").location == "/sign-in/code"
    with office.db.writing() as conn:
        conn.execute(delete(hq_setting))
        conn.execute(insert(hq_setting).values(name="demo", value="no"))
    omar = Browser(app)
    nadia.post("/sign-in/code", code=code_of(totp, clock))
    with office.db.writing() as conn:
        factor.reset(conn, by="t", now_ms=clock.now_ms(), username="nadia")
    omar.sign_in("nadia")
    assert omar.get("/").location == "/account/second-factor"


def test_the_trail_holds_what_people_did_and_finds_it(app: Flask, nadia: Browser, clock: StoppedClock) -> None:
    """Signing in and out, exports and resets are lines, found by person, act, café and day; for national accounts only."""
    take(nadia, clock)
    ines = Browser(app)
    ines.sign_in("ines")
    ines.get("/export/cafes.csv")
    ines.post("/sign-out")
    nadia.post("/accounts/ines/password")
    lines = re.findall(r"<tr><td class=\"nowrap\">.*?</tr>", nadia.read("/acts"), flags=re.DOTALL)
    assert len(lines) >= 6
    for asked, expected in (
        ("by=ines", 3), ("by=ines&act=table.exported", 1), ("act=user.signed_out", 1), ("act=user.password_set", 1),
        ("cafe=8", 0), ("first=2026-11-21", 0), ("last=2026-11-19", 0), ("by=ines&first=2026-11-20&last=2026-11-20", 3),
        ("before=0", 0),
    ):  # fmt: skip
        found = nadia.read(f"/acts?{asked}").count('<tr><td class="nowrap">')
        assert found == expected, asked
    assert nadia.get("/acts?first=hier").status_code == 422
    ines.sign_in("ines")
    assert ines.get("/acts").status_code in (303, 403)


def test_every_session_ends_when_the_second_factor_is_taken(app: Flask, clock: StoppedClock, office: Office) -> None:
    """A browser left open elsewhere under the password alone is out."""
    here, there = Browser(app), Browser(app)
    here.sign_in("nadia")
    there.sign_in("nadia")
    take(here, clock)
    assert there.get("/").location == "/sign-in"
    with office.db.reading() as conn:
        assert len(conn.execute(select(hq_session)).all()) == 1
