"""Personal data: one page, nothing in the journal nor at HQ, each category forgotten at its own date (R44, R140–R148)."""

import itertools
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from hq.local import LocalHq
from hq.wiring import Office
from kiosk import scheduler
from kiosk.replay import play_file
from kiosk.wiring import Kiosk
from pos import private
from pos.audit import check_everything
from pos.clock import StoppedClock, to_ms
from pos.engines import persons
from sync import agent
from tests.hq.conftest import hq_db, line, office, postgres_url
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

__all__ = ["hq_db", "line", "office", "postgres_url"]

DAYS = sorted((Path(__file__).parent.parent / "days").glob("*.jsonl"))
# Parameters of the acts in which a person is named or reached.
TYPED = re.compile(r"(^|_)(name|phone|email|address|allergies|note|contact|pseudonym)(_|$)")
PHONE = re.compile(rb'(?<![0-9a-f])"?0[1-9](?:[ .]\d\d){4}"?(?![0-9a-f])|"0[1-9]\d{8}"')


def typed_in(path: Path) -> set[str]:
    """Return what a day file types of persons."""
    found: set[str] = set()
    for text in path.read_text(encoding="utf-8").splitlines():
        if text.startswith("{"):
            given = json.loads(text).get("with", {})
            found |= {v for k, v in given.items() if isinstance(v, str) and TYPED.search(k) and not v.startswith("$")}
    return {one for one in found if len(one) >= 5}


@pytest.mark.parametrize("path", DAYS, ids=lambda path: path.stem)
def test_the_journal_of_a_played_day_names_nobody(path: Path) -> None:
    """R44, R141: none of the names, telephones, addresses typed in a day is in any byte of the journal."""
    store, _played = play_file(path)
    with store.reading() as conn:
        bodies = b"\n".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
        told = {str(value) for row in conn.execute("SELECT body FROM private_person")
                for value in json.loads(row[0]).values() if isinstance(value, str) and len(value) >= 5}  # fmt: skip
    for name in typed_in(path) & told | {one for one in told if " " in one}:
        assert name.encode() not in bodies, name
    assert not PHONE.search(bodies)
    store.close()


def test_what_hq_receives_names_nobody(kiosk: Kiosk, office: Office, line: LocalHq, tmp_path: Path) -> None:
    """R145: a canary for every purpose, written beside real acts, is in no file of HQ."""
    from hq import enrolment

    store = kiosk.store
    with store.writing(by=cafe.MANAGER) as tx:
        known = [persons.known(tx, code, f"Canari Zébulon {code}", phone="06 98 76 54 32") for code in persons.PURPOSES]
    persons.export(store, known[0], by=cafe.MANAGER)
    persons.erase(store, known[1], by=cafe.MANAGER)
    with store.reading() as conn:
        grant, sig = conn.execute("SELECT grant_bytes, grant_sig FROM journal").fetchone()
    with office.db.writing() as conn:
        enrolment.learn_grant(conn, office.keyring, bytes(grant), bytes(sig), at=office.clock.now_ms())
    sent: list[bytes] = []
    real = line._transport.send

    def listen(method: str, path: str, body: bytes = b"", **more: object) -> object:
        from sync import wire

        sent.append(wire.unpack(body) if more.get("packed") else body)
        return real(method, path, body, **more)  # type: ignore[arg-type]

    line._transport.send = listen  # type: ignore[method-assign, assignment]
    agent.push(store, line)
    everything = b"\n".join(sent)
    assert b"persons.erased" in everything
    for word in ("Canari", "Zébulon", "98 76 54"):
        assert word.encode() not in everything
    assert "Canari" in json.dumps(persons.export(store, known[2], by=cafe.MANAGER), ensure_ascii=False)


def test_each_category_is_forgotten_at_its_own_date(kiosk: Kiosk, clock: StoppedClock) -> None:
    """R143: the scheduler erases each purpose at its delay, by itself; the chain still verifies."""
    store = kiosk.store
    with store.writing(by=cafe.MANAGER) as tx:
        for code in persons.PURPOSES:
            persons.known(tx, code, f"Madame {code}")
        start = date.fromisoformat(tx.today)
    for days in sorted({purpose.days for purpose in persons.PURPOSES.values()}):
        last = start + timedelta(days=days)
        for day, n in ((last, 1), (last + timedelta(days=1), 0)):
            clock.set(to_ms(f"{day.isoformat()}T12:00:00"))
            assert scheduler.forget_due(kiosk)
            scheduler.forget(kiosk)
            with store.reading() as conn:
                told = persons.counts(conn)
            assert {told[one.code].n for one in persons.PURPOSES.values() if one.days == days} == {n}, (days, day)
    assert check_everything(store).findings == ()


def test_one_page_lists_finds_gives_and_forgets(kiosk: Kiosk, screen: Counter) -> None:
    """R148: purposes and counts, then one person: see, take away, be forgotten; a seller sees nothing."""
    with kiosk.store.writing(by=cafe.MANAGER) as tx:
        person = persons.known(tx, "bread", "Étienne Lefèvre", phone="06 00 00 00 00")
    page = screen.page("/personal/?q=lefev")
    assert "Étienne Lefèvre" in page
    assert "1 personne" in page
    assert "06 00 00 00 00" in screen.page(f"/personal/{person}")
    copy = screen.client.post(f"/personal/{person}/export", headers={"Origin": "http://localhost"})
    assert json.loads(copy.data)["name"] == "Étienne Lefèvre"
    assert screen.tap(f"/personal/{person}/erase", attempt="a1").status_code in (200, 204)
    with kiosk.store.reading() as conn:
        assert private.recall(conn, person) == {}
    assert "Étienne" not in screen.page("/personal/?q=lefev")
    register = screen.client.post("/personal/register", headers={"Origin": "http://localhost"})
    assert "Registre des traitements" in register.text
    assert register.text.count("gardées") == len(persons.PURPOSES)


def test_only_the_manager_sees_who_is_known(other_screen: Counter) -> None:
    """Personal data are not for every operator."""
    assert other_screen.client.get("/personal/").status_code == 422


def test_the_purposes_cover_every_service_that_knows_people() -> None:
    """R148: what a service remembers has a purpose of the register, with its delay."""
    found = set()
    for path in itertools.chain(Path("pos/services").rglob("*.py"), Path("pos/engines").glob("*.py")):
        found |= set(re.findall(r'^PURPOSE(?:, \w+)* = "(\w+)"', path.read_text(encoding="utf-8"), re.MULTILINE))
    assert found
    assert found <= persons.PURPOSES.keys()
