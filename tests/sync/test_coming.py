"""S13, a dead box on a Friday: the café comes back on a blank one, by its screens, from HQ alone or with the stick (§2.10)."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from hq import enrolment, shaping
from hq.app import create_app as create_hq
from hq.local import LocalHq
from hq.wiring import Office
from kiosk import coming, copies
from kiosk import found as found_again
from kiosk.app import create_app
from kiosk.cli import main
from kiosk.wiring import Kiosk
from pos.audit import check_everything
from pos.hardware import open_devices
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.till import people
from sync import agent, books, code_card, restore, trouble
from tests.cast import open_cafe
from tests.hq.conftest import JoinCafe
from tests.kiosk.conftest import Counter
from tests.serving import served
from tests.sync.test_repair import CAFE, PRICE, at_hq, sales, sold

PIN = "2580"


@pytest.fixture
def friday(join: JoinCafe, line: LocalHq, tmp_path: Path) -> Kiosk:
    """Le Moulin à Café: two managers and a seller, sales at HQ, others since, a stick with a copy and its tail."""
    stick = tmp_path / "STICK"
    stick.mkdir()
    store = join()
    open_cafe(store)
    people.reset_pin(store, "g1", PIN, by="g1", name="Béa")
    (tmp_path / "old").mkdir()
    dead = Kiosk(store=store, devices=None, data=tmp_path / "old", settings={"sticks": [str(stick)]}, line=line)
    copies.adopt(dead)
    sales(store, 3)
    agent.push(store, line)
    sales(store, 4)
    return dead


@pytest.fixture
def blank(friday: Kiosk, line: LocalHq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """The blank box that arrives on Saturday."""
    monkeypatch.setattr(coming, "PAUSE_S", 0.02)
    folder = tmp_path / "new"
    folder.mkdir()
    store = Store(
        folder / "cafe.db",
        clock=friday.store.clock,
        keyring=Keyring.load_or_make(folder / "box.key"),
        features=FEATURES,
    )
    return Kiosk(
        store=store, devices=open_devices({"kind": "simulated"}), data=folder, settings=dict(friday.settings), line=line
    )


def code_for(office: Office, purpose: str = enrolment.REPLACE) -> str:
    """A code for a new box, made at HQ."""
    with office.db.writing() as conn:
        return str(enrolment.make_code(conn, CAFE, purpose, by="test", at=office.clock.now_ms()))


def confirm(office: Office, number: str) -> None:
    """The coordinator heard the number."""
    with office.db.writing() as conn:
        assert enrolment.confirm_number(conn, CAFE, number, by="test", at=office.clock.now_ms())


def settled(kiosk: Kiosk) -> coming.Coming:
    """Wait for what goes on by itself."""
    found = coming.resume(kiosk)
    assert found is not None
    found.start(pause=0.02)
    for _ in range(400):
        if found.step == coming.READY:
            return found
        found.wait(0.05)
    raise AssertionError(found.in_words())


@pytest.mark.parametrize(("minutes", "used", "within"), [(2, 0, 2), (60, 0, 2), (2, 60, 6)])
def test_a_box_that_waits_to_be_confirmed_keeps_its_calls(
    friday: Kiosk, blank: Kiosk, office: Office, monkeypatch: pytest.MonkeyPatch,
    minutes: int, used: int, within: int,
) -> None:  # fmt: skip
    """HQ lets a café call so often and no more: however late the telephone, the café is there minutes after it."""
    monkeypatch.setattr(coming.Coming, "start", lambda _self, _pause=0: None)
    Counter(create_app(blank).test_client()).tap("/start/back/", code=code_for(office))
    found, began = coming.resume(blank), office.clock.now_ms()
    assert found is not None
    with office.db.writing() as conn:
        shaping.spend(conn, CAFE, now=began, calls=used)
    put_off: list[str] = []

    class Pauses:
        """Time goes by at both ends; after so many minutes somebody confirms."""

        def is_set(self) -> bool:
            return office.clock.now_ms() > began + 3 * 3_600_000

        def wait(self, seconds: float) -> None:
            if found.trouble is not None:
                put_off.append(type(found.trouble).__name__)
            for clock in {office.clock, blank.store.clock}:
                clock.tick(int(seconds * 1000))  # type: ignore[attr-defined]
            if office.clock.now_ms() >= began + minutes * 60_000 and found.step == coming.CONFIRM and not told:
                confirm(office, found.check_number)
                told.append(office.clock.now_ms())

    told: list[int] = []
    monkeypatch.setattr(found, "_stop", Pauses())
    found.run(5.0)
    assert found.step == coming.READY
    assert not put_off or used
    assert office.clock.now_ms() - told[0] < within * 60_000


def test_the_café_comes_back_from_hq_by_the_screens(friday: Kiosk, blank: Kiosk, office: Office) -> None:
    """S13 (b): code, telephone, everything HQ holds, a PIN anew, the first sale; what is missing is said and stays to do."""
    screen = Counter(create_app(blank).test_client())
    assert "/start/back/" in screen.page("/start/")
    assert "code-field" in screen.page("/start/back/")
    wrong = screen.tap("/start/back/", code="AAAA-AAAA-AAAA-AAAA")
    assert wrong.status_code >= 400
    assert coming.resume(blank) is None
    screen.tap("/start/back/", code=code_for(office))
    found = coming.resume(blank)
    assert found is not None
    assert found.check_number in screen.page("/start/back/")
    # After a start the first screen is the one that goes on.
    assert screen.client.get("/start/").headers["Location"].endswith("/start/back/")
    confirm(office, found.check_number)
    settled(blank)
    page = screen.page("/start/back/")
    assert 'name="pin"' in page
    assert screen.tap("/start/back/finish", op="g1", name="Béa", pin=PIN, again="1").status_code == 422
    done = screen.tap("/start/back/finish", op="g1", name="Béa", pin=PIN, again=PIN)
    assert "20/11/2026" in done.text
    assert sold(blank.store) == (3, 3 * PRICE)
    screen.sign_in("g1", PIN)
    assert "Béa" in screen.page("/team/")
    assert "/came-back" in screen.page("/todo/")
    screen.page("/came-back")
    sales(blank.store, 1)
    agent.push(blank.store, blank.line)
    assert at_hq(office) == (4, 4 * PRICE)
    assert check_everything(blank.store).findings == ()
    screen.tap("/came-back")
    assert "/came-back" not in screen.page("/todo/")
    assert screen.client.get("/came-back").headers["Location"].endswith("/todo/")
    # Whoever lost a name gets it again with the PIN.
    with blank.store.reading() as conn:
        nameless = people.nameless(conn)
    for op in nameless:
        screen.tap(f"/team/{op}/pin", name="Luc", pin="1470", again="1470", attempt=f"anew-{op}")
    with blank.store.reading() as conn:
        assert people.nameless(conn) == []
    # The old box comes back to life: what it still had is taken, once, and it locks.
    with pytest.raises(trouble.BoxReplaced):
        agent.push(friday.store, blank.line)
    assert at_hq(office) == (8, 8 * PRICE)


def test_a_blank_box_scans_where_hq_is(friday: Kiosk, blank: Kiosk, office: Office) -> None:
    """The drawing of the code says HQ's address and key: nobody types one, on the screen of a box that knows no HQ."""
    screen = Counter(create_app(blank).test_client())
    assert 'data-scan-into="f-code"' in screen.page("/start/back/")
    with served(create_hq(office)) as url:
        blank.line = None
        bare = screen.tap("/start/back/", code=code_for(office), url="")
        assert (bare.status_code, "Il manque l’adresse du siège" in bare.text) == (422, True)
        drawn = code_card.write(url, code_for(office), office.keyring.kid)
        screen.tap("/start/back/", code=drawn, url="")
        found = coming.resume(blank)
        assert found is not None
        assert found.url == url
        coming.give_up(blank)


def test_a_replacement_code_typed_among_the_first_screens_brings_the_café_back(
    friday: Kiosk, blank: Kiosk, office: Office
) -> None:
    """Whoever begins as a new café with the code of a replacement gets no empty till: the café comes from HQ."""
    with served(create_hq(office)) as address:
        screen = Counter(create_app(blank).test_client())
        screen.tap(
            "/start/cafe", sign="Le Moulin", legal_entity="SAS", siret="12345678200010", regime="reel", model="managed",
            street="1 rue", postcode="56320", town="Le Faouët", ape="56.30Z",
        )  # fmt: skip
        screen.tap("/start/team", name="Ana", role="manager", pin=PIN, again=PIN)
        screen.tap("/start/menu", menu="starter")
        answer = screen.tap("/start/hq", code=code_for(office), url=address)
        assert answer.headers["HX-Redirect"] == "/start/back/"
        assert blank.store.journal is None
        confirm(office, coming.resume(blank).check_number)  # type: ignore[union-attr]
        settled(blank)
        assert "de nouveau là" in screen.page("/start/back/")


def test_with_the_stick_nothing_is_missing(friday: Kiosk, blank: Kiosk, office: Office) -> None:
    """S13 (a): what the stick has beyond HQ is added before the first sale, names and PINs with it; each sale counts once."""
    sheet = copies.new_sheet(friday)
    copies.copy_now(friday, by="g1")
    sales(friday.store, 2)
    copies.write_tail(friday)
    screen = Counter(create_app(blank).test_client())
    screen.tap("/start/back/", code=code_for(office))
    confirm(office, coming.resume(blank).check_number)  # type: ignore[union-attr]
    settled(blank)
    page = screen.page("/start/back/")
    copy = page.split('name="copy" value="')[1].split('"')[0]
    assert screen.tap("/start/back/stick", copy=copy, passphrase="not the phrase").status_code == 422
    screen.tap("/start/back/stick", copy=copy, passphrase=sheet)
    assert settled(blank).has_names()
    screen.page("/start/back/")
    screen.tap("/start/back/finish")
    assert sold(blank.store) == (9, 9 * PRICE)
    sales(blank.store, 1)
    agent.push(blank.store, blank.line)
    agent.push(blank.store, blank.line)
    assert at_hq(office) == (10, 10 * PRICE)
    assert check_everything(blank.store).findings == ()
    assert not (blank.data / coming.BESIDE).exists()


def test_a_stick_found_after_the_first_sale_is_looked_at_told_and_taken_in(
    friday: Kiosk, blank: Kiosk, office: Office, tmp_path: Path
) -> None:
    """The café sells on from HQ alone; a week later the stick turns up: what it held is said, then counted once."""
    sheet = copies.new_sheet(friday)
    copies.copy_now(friday, by="g1")
    sales(friday.store, 2)
    copies.write_tail(friday)
    blank.settings["sticks"] = []
    screen = Counter(create_app(blank).test_client())
    screen.tap("/start/back/", code=code_for(office))
    confirm(office, coming.resume(blank).check_number)  # type: ignore[union-attr]
    op = settled(blank).managers()[0]["op"]
    screen.tap("/start/back/finish", op=op, name="Béa", pin=PIN, again=PIN)
    screen.sign_in(op, PIN)
    sales(blank.store, 1)
    assert "branchez-la" in screen.page("/settings/backups/found").lower()
    assert "/settings/backups/found" in screen.page("/settings/backups")
    assert "Si une clé de copies se retrouve" in screen.page("/came-back")
    assert "/settings/backups/found" not in screen.page("/came-back")
    assert screen.tap("/settings/backups/found/open", copy="x/y", passphrase=sheet).status_code == 422
    blank.settings["sticks"] = friday.settings["sticks"]
    assert "/settings/backups/found" in screen.page("/came-back")
    copy = screen.page("/settings/backups/found").split('<option value="')[1].split('"')[0]
    assert screen.tap("/settings/backups/found/open", copy=copy, passphrase="not the phrase").status_code == 422
    assert not (blank.data / found_again.COPY).exists()
    for _ in range(2):
        assert screen.tap("/settings/backups/found/open", copy=copy, passphrase=sheet).status_code == 204
        page = screen.page("/settings/backups/found")
        assert "6 ventes" in page
        assert "9,60" in page
        assert screen.tap("/settings/backups/found/leave").status_code == 204
        assert "6 ventes" not in screen.page("/settings/backups/found")
    assert sold(blank.store) == (4, 4 * PRICE)
    screen.tap("/settings/backups/found/open", copy=copy, passphrase=sheet)
    assert screen.tap("/settings/backups/found/take", attempt="one").status_code == 204
    assert screen.tap("/settings/backups/found/take", attempt="two").status_code == 204
    page = screen.page("/settings/backups/found")
    assert "6 ventes" in page
    assert "entrées sont reprises" in page
    assert not (blank.data / found_again.COPY).exists()
    assert screen.tap("/settings/backups/found/open", copy=copy, passphrase=sheet).status_code == 422
    screen.tap("/settings/backups/found/leave")
    # Taken in, it is offered no more, though it is still plugged in.
    assert "clé" not in screen.page("/came-back")
    agent.push(blank.store, blank.line)
    agent.push(blank.store, blank.line)
    assert at_hq(office) == (10, 10 * PRICE)
    assert sold(blank.store) == (9, 10 * PRICE)
    assert check_everything(blank.store).findings == ()
    (blank.data / found_again.COPY).write_bytes(friday.store.path.read_bytes()[:0])
    assert "abîmé" in screen.page("/settings/backups/found")
    assert not (blank.data / found_again.COPY).exists()


def test_a_power_cut_or_a_cut_line_only_costs_the_last_piece(
    friday: Kiosk, blank: Kiosk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came is on the disk: after a start the box remembers what it asked, and asks on from there."""
    for _ in range(3):
        sales(friday.store, 5)
        agent.push(friday.store, blank.line)
    found = coming.ask(blank, code_for(office), "")
    confirm(office, found.check_number)
    real, asked = LocalHq.piece, []

    def cut(self: LocalHq, jid: str, first: int, most: int, token: str) -> bytes:
        asked.append(first)
        if len(asked) > 2:
            raise trouble.HqUnreachable
        # One batch at a time.
        raw = real(self, jid, first, most, token)
        return next(packed for packed, _batch in restore.members(raw))

    monkeypatch.setattr(LocalHq, "piece", cut)
    with pytest.raises(trouble.HqUnreachable):
        found.once()
    blank.coming = None
    monkeypatch.setattr(LocalHq, "piece", real)
    first: list[int] = []

    def noted(self: LocalHq, jid: str, at: int, most: int, token: str) -> bytes:
        first.append(at)
        return real(self, jid, at, most, token)

    monkeypatch.setattr(LocalHq, "piece", noted)
    assert settled(blank).brought.entries > 0
    assert first[0] > 0 == asked[0]
    coming.give_up(blank)
    assert coming.resume(blank) is None
    assert sorted(path.name for path in blank.data.iterdir() if "coming" in path.name or "brought" in path.name) == []


@pytest.mark.parametrize("purpose", [enrolment.REPAIR, "superseded", "revoked"])
def test_hq_gives_nothing_to_any_other_box(friday: Kiosk, blank: Kiosk, office: Office, purpose: str) -> None:
    """Only the box of a replacement code, confirmed, and only while it is the café's."""
    found = coming.ask(blank, code_for(office, purpose if purpose == enrolment.REPAIR else enrolment.REPLACE), "")
    confirm(office, found.check_number)
    with office.db.writing() as conn:
        jn = conn.execute(select(books.journal.c.jn).order_by(books.journal.c.jn.desc())).scalars().first()
        if purpose == "revoked":
            enrolment.revoke(conn, CAFE, int(jn or 0))
    if purpose == "superseded":
        from sync import enrol

        other = Store(blank.data / "other.db", clock=blank.store.clock, keyring=Keyring(b"3" * 32), features=FEATURES)
        enrol.enrol(other, blank.line, code_for(office), hw="test")
        other.close()
    expected: Any = trouble.BoxRevoked if purpose == "revoked" else trouble.NotAReplacement
    with pytest.raises(expected):
        found.once()


@pytest.mark.parametrize("mistaken", [False, True])
def test_one_command_brings_it_back(friday: Kiosk, blank: Kiosk, office: Office, mistaken: bool) -> None:
    """`zinc restore CODE --hq ADDRESS`, over HTTP: typed again it goes on, and a box that has a café refuses it.

    Who typed `zinc enrol` with that code is told so, and nothing is opened.
    """
    blank.store.close()
    with served(create_hq(office)) as url:
        code = code_for(office)
        zinc = ["--data", str(blank.data), "restore", code, "--hq", url, "--name", "Béa"]
        if mistaken:
            told = CliRunner().invoke(main, [*zinc[:2], "enrol", code, "--hq", url])
            assert f"zinc restore {code}" in told.output
            with office.db.reading() as conn:
                (waiting,) = enrolment.pending(conn)
            confirm(office, waiting.check_number)
        early = coming.ask
        try:
            coming.ask = lambda *asked: _confirmed(office, early(*asked))
            done = CliRunner().invoke(main, zinc, input=f"{PIN}\n{PIN}\n")
        finally:
            coming.ask = early
        assert done.exit_code == 0, done.output
        assert "Ce qui n’est pas revenu" in done.output
        assert "à redonner dans Équipe" in done.output
        again = CliRunner().invoke(main, zinc)
        assert again.exit_code == 1
    back = Store(
        blank.data / "cafe.db",
        clock=blank.store.clock,
        keyring=Keyring.load_or_make(blank.data / "box.key"),
        features=FEATURES,
    )
    assert sold(back) == (3, 3 * PRICE)
    assert check_everything(back).findings == ()
    back.close()


def _confirmed(office: Office, found: coming.Coming) -> coming.Coming:
    confirm(office, found.check_number)
    return found
