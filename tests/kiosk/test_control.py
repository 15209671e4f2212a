"""« Contrôle fiscal »: the proofs in two taps, the control file on a stick, the repair of a journal (R2, R3, R58, R59)."""

import base64
import io
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from hq import attestation as at_hq
from hq import publishing
from hq.local import LocalHq
from hq.wiring import Office
from kiosk import control_file, joining, stick
from kiosk.wiring import Kiosk
from pos import drafts
from pos.clock import StoppedClock
from pos.till import close, sell
from pos.till.sell import SoldLine
from sync import agent, attestation, published
from sync.checkpoint import Published
from tests.hq.conftest import hq_db, line, office, postgres_url
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

__all__ = ["hq_db", "line", "office", "postgres_url"]

PUBLISHER = {
    "name": "Bouquet & Zinc SAS", "siren": "123456782", "address": "1 rue du Lavoir, 10000 Troyes",
    "signatory": "Camille Roux", "quality": "présidente", "place": "Troyes",
}  # fmt: skip


def two_days(kiosk: Kiosk, clock: StoppedClock) -> None:
    """Sell, close; sell the day after, close."""
    for _day in range(2):
        sell.sell(kiosk.store, lines=[SoldLine(product="cafe")], by=cafe.MANAGER)
        close.close_day(kiosk.store, counted=cafe.FLOAT, by=cafe.MANAGER)
        clock.tick(int(timedelta(days=1).total_seconds() * 1000))
        close.open_day(kiosk.store, cafe.FLOAT, by=cafe.MANAGER)


@pytest.fixture
def joined(kiosk: Kiosk, office: Office, line: LocalHq) -> Kiosk:
    """The café's journal is known at HQ, and the line is open."""
    from hq import enrolment

    with kiosk.store.reading() as conn:
        grant, sig = conn.execute("SELECT grant_bytes, grant_sig FROM journal").fetchone()
    with office.db.writing() as conn:
        told = enrolment.learn_grant(conn, office.keyring, bytes(grant), bytes(sig), at=office.clock.now_ms())
        enrolment.confirm(conn, told.cafe_id, told.jn, by="test", at=office.clock.now_ms())
    kiosk.line = line
    return kiosk


def test_control_is_two_taps_from_the_counter(screen: Counter) -> None:
    """Menu, then « Contrôle fiscal »: version, attestation, journal and button are on that page."""
    assert "/menu/" in screen.page("/")
    assert "/control/" in screen.page("/menu/")
    page = screen.page("/control/")
    for words in ("Contrôle fiscal", "version fiscale F0", "clé USB", "attestation"):
        assert words in page


def test_the_control_file_on_a_stick_proves_itself(
    kiosk: Kiosk, screen: Counter, clock: StoppedClock, tmp_path: Path
) -> None:
    """R58, R59: with no line to HQ, one button writes archives that a bare Python finds whole."""
    two_days(kiosk, clock)
    usb = tmp_path / "CLE"
    usb.mkdir()
    kiosk.settings["sticks"] = [str(usb)]
    kiosk.line = None
    screen.sign_in()
    answer = screen.tap("/control/stick")
    assert answer.status_code in (200, 204), answer.text
    (folder,) = usb.iterdir()
    names = {path.name for path in folder.iterdir()}
    assert {"LISEZ-MOI.txt", "perimetre.txt"} < names
    (archive,) = folder.glob("zinc-archive-*.zip")
    with zipfile.ZipFile(archive) as packed:
        packed.extract("verifier.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "verifier.py"), str(archive)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_stick_is_said_with_what_to_do(kiosk: Kiosk, screen: Counter) -> None:
    """Without a stick nothing is written, and the download remains."""
    kiosk.settings["sticks"] = ["/nowhere/at/all"]
    answer = screen.tap("/control/stick")
    assert answer.status_code == 422
    assert "clé USB" in answer.text


def test_a_seller_writes_no_control_file(other_screen: Counter) -> None:
    """R28: the control file is the manager's."""
    assert other_screen.tap("/control/stick").status_code == 422


def test_a_stick_is_a_place_mounted_and_writable(tmp_path: Path) -> None:
    """The stick is found by itself; a folder that is no mount is none."""
    (tmp_path / "x").mkdir()
    assert stick.sticks([str(tmp_path / "x")]) == [tmp_path / "x"]
    assert all(place.is_dir() for place in stick.sticks())


def test_hq_attests_the_version_that_runs(joined: Kiosk, office: Office, screen: Counter) -> None:
    """R2: name, SIRET, version and both lists; nothing without who signs, nothing of another version passes (R3)."""
    agent.push(joined.store, joined.line)
    assert "code=" not in screen.tap("/control/attestation").text
    assert attestation.state(joined.store) == attestation.MISSING
    with office.db.writing() as conn:
        at_hq.name_publisher(conn, PUBLISHER)
    joining.push_now(joined)
    assert attestation.state(joined.store) == attestation.GOOD
    page = screen.page("/control/attestation")
    for words in ("Camille Roux", "12345678200010", "F0.1", "colis", "encaissements"):
        assert words in page, words
    kept = attestation.kept(joined.store)
    assert kept is not None
    assert kept.read.sample
    with joined.store.writing(by="box") as tx:
        told = drafts.get(tx.conn, attestation.DRAFT, {})
        drafts.put(
            tx.conn, attestation.DRAFT, told | {"body": told["body"].replace("12345678200010", "12345678200011")}
        )
    assert attestation.state(joined.store) == attestation.MISSING


def test_another_root_of_the_version_asks_for_another_attestation(
    joined: Kiosk, office: Office, screen: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R3: bump the root of the fiscal version: the screen warns until a matching attestation is here."""
    with office.db.writing() as conn:
        at_hq.name_publisher(conn, PUBLISHER)
    agent.push(joined.store, joined.line)
    attestation.renew(joined.store, joined.line)
    monkeypatch.setattr(attestation, "FISCAL_VERSION", "F0.9.1")
    assert attestation.state(joined.store) == attestation.GOOD
    attestation.renew(joined.store, joined.line)
    assert attestation.state(joined.store) == attestation.GOOD
    monkeypatch.setattr(attestation, "FISCAL_VERSION", "F1.0")
    assert attestation.state(joined.store) == attestation.OTHER
    assert "autre version" in screen.page("/control/")
    attestation.renew(joined.store, joined.line)
    assert attestation.state(joined.store) == attestation.GOOD


def test_a_cut_tail_is_found_at_the_next_start_and_repaired_from_the_screen(
    joined: Kiosk, office: Office, screen: Counter, tmp_path: Path
) -> None:
    """R23: the file beside the database remembers; the banner says so, sales go on, the code heals."""
    from hq import enrolment

    store = joined.store
    old = tmp_path / "old.db"
    store._writer.execute("VACUUM INTO ?", (str(old),))
    sell.sell(store, lines=[SoldLine(product="cafe")], by=cafe.MANAGER)
    joining.push_now(joined)
    from pos.store import Store

    store.close()
    joined.store = Store(old, clock=office.clock, keyring=store.keyring, features=store.features)
    assert joining.look_back(joined)
    assert agent.status(joined.store).state == "anomaly"
    assert "Journal à réparer" in screen.page("/")
    sell.sell(joined.store, lines=[SoldLine(product="cafe")], by=cafe.MANAGER)
    assert "Code de réparation" in screen.page("/settings/hq")
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, 17, enrolment.REPAIR, by="test", at=office.clock.now_ms())
    answer = screen.tap("/control/repair", code=str(code))
    assert answer.status_code in (200, 204), answer.text
    assert agent.status(joined.store).state == "normal"
    assert not joining.look_back(joined)
    assert "Journal à réparer" not in screen.page("/")


def test_check_now_says_the_result_with_its_date(screen: Counter) -> None:
    """The last verification is shown with its day."""
    assert screen.tap("/control/check").status_code in (200, 204)
    assert "Dernière vérification complète le 20/11/2026" in screen.page("/control/").replace("\u00a0", " ")


def test_the_perimeter_is_listed(screen: Counter) -> None:
    """R4: every file of the perimeter and its fingerprint."""
    assert "pos/journal.py" in screen.page("/control/perimeter")


def test_no_page_and_no_file_shows_the_key(kiosk: Kiosk, screen: Counter, clock: StoppedClock) -> None:
    """R22: whoever uses the screens, manager included, never sees the key that signs, in no page and no file."""
    two_days(kiosk, clock)
    screen.sign_in()
    seed = bytes(kiosk.store.keyring._key)
    secrets = (seed, seed.hex().encode(), base64.b64encode(seed).rstrip(b"="))
    app = screen.client.application
    pages = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    seen = 0
    for url in pages:
        answer = screen.client.get(url)
        if answer.is_streamed and answer.mimetype == "text/event-stream":
            # A line that is held for what machines read: it has no end.
            answer.close()
            continue
        seen += answer.status_code == 200
        assert not any(secret in answer.data for secret in secrets), url
    assert seen > 40
    told = screen.client.post("/control/file", headers={"Origin": "http://localhost"}).data
    with zipfile.ZipFile(io.BytesIO(told)) as packed:
        for name in packed.namelist():
            assert not any(secret in packed.read(name) for secret in secrets), name


def test_the_page_and_the_control_file_say_what_hq_published(
    joined: Kiosk, office: Office, screen: Counter, clock: StoppedClock, tmp_path: Path
) -> None:
    """Up to when HQ has published the journal is on the page; the note goes out with the control file, as HQ signed it."""
    assert joined.line is not None
    two_days(joined, clock)
    agent.push(joined.store, joined.line)
    with office.db.writing() as conn:
        publishing.publish(office, conn)
        signed = publishing.newest(conn).note
    agent.push(joined.store, joined.line)
    screen.sign_in()
    assert "Le siège a publié votre journal jusqu’au" in screen.page("/control/")
    done = control_file.write(joined.store, tmp_path / "stick", by=cafe.MANAGER)
    assert "siege.txt" in done.names
    assert (tmp_path / "stick" / "siege.txt").read_text() == signed
    assert joined.store.journal is not None
    published.take(joined.store, joined.store.journal, Published(note="nobody signed this"), -1)
    assert "ne continue pas celui qu’il avait signé" in screen.page("/control/")
