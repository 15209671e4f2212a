"""Archives made at HQ from the batches as they came: whole for the stand-alone verifier, within what one may see."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from hq import archives
from hq.access import OFFICE
from hq.app import create_app
from hq.local import LocalHq
from hq.tables import cafe as cafes
from hq.tables import hq_act
from hq.wiring import Office
from pos.archive import make as box
from pos.archive import verifier
from pos.archive.period import NothingClosed, PeriodNotOver
from pos.clock import StoppedClock
from pos.store import Store
from sync import agent
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe
from tests.pos.archive.played import play

CAFE = 8


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with its accounts and its made-up cafés."""
    made_up.people(office)
    return create_app(office)


def joined(join: JoinCafe, line: LocalHq, clock: StoppedClock, cafe: int = 42) -> Store:
    """A café that sold from 29 September to 3 November 2026 and sent everything, in several batches."""
    store = join(cafe)
    for first, days in (("2026-11-21", 2), ("2026-11-29", 4), ("2026-12-29", 2)):
        play(store, clock, first, days)
        agent.push(store, line)
    clock.set("2027-01-02T09:00:00")
    return store


def shared(office: Office, cafe: int = 42) -> None:
    """Register the café, sharing its money side."""
    made_up.network(office)
    with office.db.writing() as conn:
        conn.execute(update(cafes).where(cafes.c.id == CAFE).values(id=cafe, consent_on="2026-01-01"))


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_hqs_archive_is_whole_and_signed_by_hq(
    office: Office, join: JoinCafe, line: LocalHq, clock: StoppedClock, tmp_path: Path
) -> None:
    """R59: the same entries and tables as the till's own archive; the heads the box signed stand for the seals."""
    store = joined(join, line, clock)
    shared(office)
    name, data = archives.make(office, OFFICE, 42, "2026-11")
    (tmp_path / name).write_bytes(data)
    book, checks = verifier.check(verifier.open_source(tmp_path / name))
    assert book.closures >= 4
    assert checks.heads >= 1
    mine = box.make_archive(store, asked="2026-11", folder=tmp_path / "box", by="g1")
    with zipfile.ZipFile(io.BytesIO(data)) as theirs, zipfile.ZipFile(mine.path) as ours:
        for sheet in ("tickets.csv", "lignes.csv", "clotures.csv", "paiements.csv"):
            assert theirs.read(f"tableaux/{sheet}") == ours.read(f"tableaux/{sheet}")
        manifest = json.loads(theirs.read("MANIFESTE.json"))
        assert (manifest["signer"], manifest["key"]) == ("hq", office.keyring.public.hex())
    with office.db.reading() as conn:
        assert conn.execute(select(hq_act.c.cafe_id).where(hq_act.c.act == "archive.made")).scalars().all() == [42]


def test_a_changed_batch_gives_no_whole_archive(
    office: Office, join: JoinCafe, line: LocalHq, clock: StoppedClock, tmp_path: Path
) -> None:
    """A head signed by another key, an entry changed: the verifier says so."""
    joined(join, line, clock)
    shared(office)
    name, data = archives.make(office, OFFICE, 42, "2026-12")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        packed.extractall(tmp_path / "x")
    heads = tmp_path / "x" / "tetes.ndjson"
    told = json.loads(heads.read_text().splitlines()[-1])
    told["sig"] = "00" * 64
    heads.write_text(json.dumps(told) + "\n")
    from tests.pos.archive.test_verifier import resigned

    resigned(tmp_path / "x", "hq")
    with pytest.raises(verifier.Fault) as found:
        verifier.check(verifier.open_source(tmp_path / "x"))
    assert found.value.code == "head"
    assert name


def test_what_is_not_closed_or_not_there_is_refused(
    office: Office, join: JoinCafe, line: LocalHq, clock: StoppedClock
) -> None:
    """The month under way, a month without a closing."""
    joined(join, line, clock)
    shared(office)
    with pytest.raises(PeriodNotOver):
        archives.make(office, OFFICE, 42, "2027-01")
    with pytest.raises(NothingClosed):
        archives.make(office, OFFICE, 42, "2026-08")


def test_the_page_follows_rights_and_consent(
    app: Flask, office: Office, join: JoinCafe, line: LocalHq, clock: StoppedClock
) -> None:
    """A coordinator downloads; a reader looks; without the café's consent there is nothing to hand over."""
    joined(join, line, clock)
    shared(office)
    nadia, reader = Browser(app), Browser(app)
    nadia.sign_in("nadia")
    assert "/cafes/42/archives" in nadia.read("/cafes/42")
    assert "décembre 2026" in nadia.read("/cafes/42/archives")
    answer = nadia.post("/cafes/42/archives", period="2026-12")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    reader.sign_in("paul")
    assert "Télécharger" not in reader.read("/cafes/42/archives")
    assert reader.post("/cafes/42/archives", period="2026-12").status_code != 200
    with office.db.writing() as conn:
        conn.execute(update(cafes).where(cafes.c.id == 42).values(consent_on="", model="associatif"))
    assert "ne partage pas" in nadia.read("/cafes/42/archives")
    assert nadia.post("/cafes/42/archives", period="2026-12").status_code != 200


def test_hqs_countersignatures_in_the_journal_are_checked(
    join: JoinCafe, line: LocalHq, clock: StoppedClock, tmp_path: Path
) -> None:
    """R23: each acknowledgement noted in the chain bears HQ's signature over our own hash; a forged one is found."""
    store = joined(join, line, clock)
    source = verifier.open_source(store.path)
    _book, checks = verifier.check(source)
    assert checks.acks >= 2
    part, noted = source.parts[0], [row for row in source.parts[0].rows() if b'"kind":"sync.acked"' in row[1]]
    entry = json.loads(noted[-1][1])
    verifier._check_noted(entry, part, checks)
    for change in ({"t": entry["data"]["t"] + 1}, {"sig": "00" * 64}, {"head": "00" * 32}):
        with pytest.raises(verifier.Fault):
            verifier._check_noted({**entry, "data": {**entry["data"], **change}}, part, checks)
