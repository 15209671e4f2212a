"""Four eyes: one asks, another agrees, who asked does it once; nobody agrees with themselves."""

import pytest
from flask import Flask
from sqlalchemy import select

from hq import access, enrolment, eyes
from hq.app import create_app
from hq.tables import hq_act
from hq.wiring import Office
from pos.clock import StoppedClock
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES

DAY_MS = 24 * 3600 * 1000
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
WHY = {"purpose": "replace", "why": "volée"}


@pytest.fixture
def app(office: Office) -> Flask:
    """The office, with a second national account and a coordinator of antenne 3; a second person is asked."""
    made_up.people(office)
    made_up.network(office, weeks=1)
    with office.db.writing() as conn:
        for username, role, antenna in (
            ("odile", access.NATIONAL, None),
            ("ivan", access.ANTENNA, 3),
            ("anna", access.ANTENNA, 1),
        ):
            access.create_user(
                conn, by="t", now_ms=office.clock.now_ms(), username=username, name=username.title(), role=role,
                password=made_up.PASSWORD, antenna=antenna,
            )  # fmt: skip
        eyes.set_on(conn, by="nadia", now_ms=office.clock.now_ms(), on=True)
    return create_app(office)


def person(app: Flask, username: str) -> Browser:
    """Somebody, signed in."""
    browser = Browser(app)
    browser.sign_in(username)
    return browser


def question(office: Office, key: str = "") -> str:
    """The id of what waits."""
    with office.db.reading() as conn:
        found = eyes.waiting(conn, access.OFFICE, office.clock.now_ms())
    return str(next(row["id"] for row in reversed(found) if key in row["key"]))


def boxes(office: Office) -> list[str]:
    """The states of café 8's boxes."""
    with office.db.reading() as conn:
        return [box.state for box in enrolment.boxes(conn, 8)]


def acts(office: Office) -> list[tuple[str, str]]:
    """Who did what about eyes and boxes."""
    with office.db.reading() as conn:
        rows = conn.execute(select(hq_act.c.by, hq_act.c.act)).all()
    return [(by, act) for by, act in rows if act.startswith(("eyes.", "box.", "code."))]


@both
def test_a_box_is_revoked_by_two(app: Flask, office: Office) -> None:
    """Asked by one: nothing happens; agreed by another: who asked does it, once; all three are in the trail."""
    ines, ivan = person(app, "ines"), person(app, "ivan")
    form = {"typed": "8", "why": "volée"}
    assert ines.post("/fleet/8/boxes/1/revoke", **form).location == "/second-look"
    assert ines.post("/fleet/8/boxes/1/revoke", **form).location == "/second-look"
    assert boxes(office) == ["open"]
    assert "Révoquer un boîtier" in ivan.read("/second-look")
    assert "1 demande attend une seconde personne" in ivan.read("/fleet")
    which = question(office)
    assert ines.post(f"/second-look/{which}/agree").status_code == 403
    assert ivan.post(f"/second-look/{which}/agree").status_code == 303
    assert ivan.post(f"/second-look/{which}/agree").status_code == 403
    assert boxes(office) == ["open"]
    ivan.post("/fleet/8/boxes/1/revoke", **form)
    assert boxes(office) == ["open"], "agreed to Inès, not to Ivan"
    assert ines.post("/fleet/8/boxes/1/revoke", **form).location == "/fleet/8"
    assert boxes(office) == ["revoked"]
    assert {("ines", "eyes.asked"), ("ivan", "eyes.agreed"), ("ines", "box.revoked")} <= set(acts(office))
    assert acts(office).count(("ines", "eyes.asked")) == 1


def test_an_agreement_is_to_one_thing_once_within_the_day(app: Flask, office: Office, clock: StoppedClock) -> None:
    """Another purpose, another café, a second time or a day later: asked again."""
    ines, ivan = person(app, "ines"), person(app, "ivan")
    ines.post("/fleet/8/code", **WHY)
    ivan.post(f"/second-look/{question(office)}/agree")
    assert ines.post("/fleet/8/code", purpose="repair", why="copie").location == "/second-look"
    assert ines.post("/fleet/8/code", **WHY).status_code == 200
    assert ines.post("/fleet/8/code", **WHY).location == "/second-look"
    ivan.post(f"/second-look/{question(office, 'replace')}/agree")
    clock.tick(DAY_MS)
    ines.sign_in("ines")
    assert ines.post("/fleet/8/code", **WHY).location == "/second-look"
    assert [act for _by, act in acts(office)].count("code.made") == 1


def test_who_may_not_see_a_cafe_may_not_agree(app: Flask, office: Office) -> None:
    """An antenne answers for its own cafés; a reader for none; a refused question is over; who asked takes theirs back."""
    ines, anna, paul = person(app, "ines"), person(app, "anna"), person(app, "paul")
    ines.post("/fleet/8/code", **WHY)
    which = question(office)
    assert "Rien ne vous attend" in anna.read("/second-look")
    for browser in (anna, paul):
        for say in ("agree", "refuse"):
            assert browser.post(f"/second-look/{which}/{say}").status_code == 403
    assert paul.get("/second-look").status_code == 403
    assert ines.post(f"/second-look/{which}/maybe").status_code == 404
    assert person(app, "odile").post(f"/second-look/{which}/refuse").status_code == 303
    assert ines.post("/fleet/8/code", **WHY).location == "/second-look"
    assert question(office) != which
    assert ines.post(f"/second-look/{question(office)}/refuse").status_code == 303
    assert "Rien ne vous attend" in ines.read("/second-look")


def test_nobody_enters_a_national_account_on_one_person_s_word(app: Flask, office: Office) -> None:
    """Its password, its phone, its identity elsewhere, a new one: two national accounts, never an antenne."""
    nadia, odile, ivan = person(app, "nadia"), person(app, "odile"), person(app, "ivan")
    for act in ("password", "factor", "enable"):
        assert nadia.post(f"/accounts/odile/{act}").location == "/second-look", act
    new = {"username": "zoe", "name": "Zoé", "role": "national", "password": "x" * 12}
    assert nadia.post("/accounts", **new).location == "/second-look"
    assert odile.get("/").status_code == 200, "nobody was signed out"
    assert "compte national" not in ivan.read("/second-look").split("<h2>")[0]
    which = question(office, "zoe")
    assert ivan.post(f"/second-look/{which}/agree").status_code == 403
    assert odile.post(f"/second-look/{which}/agree").status_code == 303
    assert nadia.post("/accounts", **new).location == "/accounts"
    # An account that only reads is one person's to give.
    assert nadia.post("/accounts/paul/password").status_code == 200


def test_nobody_makes_their_own_second_person(app: Flask, office: Office) -> None:
    """An account that may agree is opened, entered or opened again by two, for the role both have seen."""
    nadia, odile = person(app, "nadia"), person(app, "odile")
    new = {"username": "Sock ", "name": "Sock", "role": "antenna", "antenna": 3, "password": "x" * 12}
    assert nadia.post("/accounts", **new).location == "/second-look"
    assert "sock" in (page := odile.read("/second-look")) and "Antenne" in page and "Aquitaine sud" in page
    for act in ("password", "factor", "enable"):
        assert nadia.post(f"/accounts/ivan/{act}").location == "/second-look", act
    odile.post(f"/second-look/{question(office, 'sock')}/agree")
    assert nadia.post("/accounts", **new | {"antenna": 1}).location == "/second-look"
    assert nadia.post("/accounts", **new | {"role": "national", "antenna": ""}).location == "/second-look"
    with office.db.reading() as conn:
        assert "sock" not in {row["username"] for row in access.users(conn)}
    assert nadia.post("/accounts", **new).location == "/accounts"
    assert nadia.post("/accounts", **new | {"username": "zora", "role": "reader"}).location == "/accounts"


def test_it_is_stopped_by_two_and_begun_where_two_are(app: Flask, office: Office) -> None:
    """One alone neither stops it nor begins it with nobody to agree; the machine's own commands are whoever sits there."""
    nadia, odile = person(app, "nadia"), person(app, "odile")
    assert nadia.post("/second-look", on="").location == "/second-look"
    with office.db.reading() as conn:
        assert eyes.is_on(conn)
    odile.post(f"/second-look/{question(office)}/agree")
    nadia.post("/second-look", on="")
    with office.db.writing() as conn:
        assert not eyes.is_on(conn)
        access.disable_user(conn, by="t", now_ms=office.clock.now_ms(), username="odile", disabled=True)
    assert nadia.post("/fleet/8/code", **WHY).status_code == 200
    nadia.post("/second-look", on="1")
    assert "qu’un compte national" in nadia.read("/second-look")
    with office.db.writing() as conn:
        assert not eyes.is_on(conn)
        eyes.must_be_agreed(conn, eyes.REVOKE, "1", by=access.OFFICE.username, now_ms=1)
    assert person(app, "ines").post("/second-look", on="1").status_code == 403
