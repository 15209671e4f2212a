"""An archive of a closed period: what is in it, that it is recorded, that it is the same each time (R53–R55)."""

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from pos.archive import verifier
from pos.archive.bundle import FORMATS, JournalFaulty
from pos.archive.events import ArchiveMade
from pos.archive.make import Made, UnknownFormat, check, check_again, content_of, make_archive
from pos.archive.period import BadPeriod, NothingClosed, PeriodNotOver, parse
from pos.archive.sheets import LAYOUT
from pos.clock import StoppedClock
from pos.i18n import _
from pos.seal import kid_of
from pos.store import Store
from pos.till import close, tables
from tests.cast import BEA
from tests.conftest import key_of

Autumn = tuple[Store, StoppedClock]


def rows(packed: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """A table of an archive, as a French spreadsheet reads it."""
    text = packed.read(f"tableaux/{name}").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def cents(text: str) -> int:
    return int(text.replace(",", ""))


def test_an_archive_holds_the_entries_as_they_were_written(october: Made, autumn: Autumn) -> None:
    """Bytes, hash and seal of every entry of the period, and of the Z before it, are those of the journal."""
    store, _clock = autumn
    with zipfile.ZipFile(october.path) as packed, store.reading() as conn:
        manifest = json.loads(packed.read("MANIFESTE.json"))
        told = manifest["journals"][0]
        lines = packed.read(told["file"]).splitlines(keepends=True)
        stored = conn.execute(
            "SELECT body, hash, seal FROM journal_entry WHERE seq BETWEEN ? AND ? ORDER BY seq",
            (told["first"], told["last"]),
        ).fetchall()
    assert [verifier.read_line(line) for line in lines] == [tuple(row) for row in stored]
    assert len(stored) == october.event.entries
    first, last = json.loads(stored[0]["body"]), json.loads(stored[-1]["body"])
    assert (first["kind"], first["data"]["day"]) == ("till.day_closed", "2026-09-30")
    assert (last["kind"], last["data"]["period"]) == ("till.month_closed", "2026-10")


def test_an_archive_is_an_entry_of_the_journal(october: Made, autumn: Autumn) -> None:
    """R54: period, hash of the file and size are in the chain; the list of archives is told from it."""
    store, _clock = autumn
    data = october.path.read_bytes()
    recorded = store.event(store._writer, store.tip().seq).event
    assert recorded == october.event
    assert isinstance(recorded, ArchiveMade)
    assert (recorded.sha256, recorded.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (recorded.period, recorded.first_day, recorded.last_day) == ("2026-10", "2026-10-01", "2026-10-31")
    with store.reading() as conn:
        assert [row["sha256"] for row in conn.execute("SELECT sha256 FROM archive_made")] == [recorded.sha256]
    assert store.tables_that_differ() == []


def test_the_same_closed_period_gives_the_same_bytes(october: Made, autumn: Autumn, tmp_path: Path) -> None:
    """R54: made again a month later, the file is the same, to the byte."""
    store, clock = autumn
    clock.set("2026-11-30T09:00:00")
    again = make_archive(store, asked="2026-10", folder=tmp_path / "again", by=BEA)
    assert again.path.read_bytes() == october.path.read_bytes()
    assert again.event == october.event


def test_a_second_tap_records_nothing_more(autumn: Autumn, tmp_path: Path) -> None:
    """The same attempt gives the same file and one entry."""
    store, _clock = autumn
    one = make_archive(store, asked="2026-10", folder=tmp_path, by=BEA, attempt="tap-1")
    at = store.tip().seq
    two = make_archive(store, asked="2026-10", folder=tmp_path, by=BEA, attempt="tap-1")
    assert store.tip().seq == at
    assert two.event == one.event


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ("2026-11", PeriodNotOver), ("2026", PeriodNotOver), ("2026-08", NothingClosed), ("octobre", BadPeriod),
        ("2026-13", BadPeriod), ("2026-10-05..2026-10-01", BadPeriod), ("2024-01-01..2026-10-01", BadPeriod),
    ],
)  # fmt: skip
def test_a_period_that_is_not_closed_is_refused(
    autumn: Autumn, tmp_path: Path, asked: str, refusal: type[Exception]
) -> None:
    """Days to come, days nobody closed, and what is no period are refused, with a remedy."""
    store, _clock = autumn
    with pytest.raises(refusal) as said:
        make_archive(store, asked=asked, folder=tmp_path / "out", by=BEA)
    assert said.value.what()
    assert said.value.how()
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True


def test_an_open_day_holds_its_period_back(autumn: Autumn, tmp_path: Path) -> None:
    """Today is not over; an evening that was forgotten is closed first, under its own day (R35)."""
    store, clock = autumn
    clock.set("2026-11-04T07:00:00")
    close.open_day(store, 15_000, by=BEA)
    with pytest.raises(PeriodNotOver):
        make_archive(store, asked="2026-11-01..2026-11-04", folder=tmp_path, by=BEA)
    clock.set("2026-11-06T07:00:00")
    made = make_archive(store, asked="2026-11-01..2026-11-04", folder=tmp_path, by=BEA)
    with zipfile.ZipFile(made.path) as packed:
        last = [row for row in rows(packed, "clotures.csv") if row["genre"] == "jour"][-1]
    assert (last["periode"], last["automatique"]) == ("2026-11-04", "oui")


def test_a_month_and_its_year_are_closed_before_they_are_archived(autumn: Autumn, tmp_path: Path) -> None:
    """The closings of months and of the year are in the archive of the year, and their totals hold."""
    store, clock = autumn
    clock.set("2026-12-10T09:00:00")
    close.close_forgotten(store)
    clock.set("2027-01-04T09:00:00")
    made = make_archive(store, asked="2026", folder=tmp_path, by=BEA)
    with zipfile.ZipFile(made.path) as packed:
        told = rows(packed, "clotures.csv")
        assert [row["periode"] for row in told if row["genre"] == "mois"] == [
            "2026-09",
            "2026-10",
            "2026-11",
            "2026-12",
        ]
        year = next(row for row in told if row["genre"] == "année")
        assert cents(year["ca_ttc"]) == sum(cents(row["ca_ttc"]) for row in told if row["genre"] == "jour")
    for asked in ("2026-11", "2026-12-01..2026-12-31", "2026-10-30..2026-11-02"):
        assert check(make_archive(store, asked=asked, folder=tmp_path, by=BEA).path, all_seals=True) == ""


def test_periods_are_read_as_people_write_them() -> None:
    """A day, a month, a year, from..to."""
    assert (parse("2026-02").first, parse("2026-02").last) == ("2026-02-01", "2026-02-28")
    assert (parse("2024").first, parse("2024").last) == ("2024-01-01", "2024-12-31")
    assert (parse("2026-10-05").first, parse("2026-10-05").last) == ("2026-10-05", "2026-10-05")
    assert (parse("2026-07..2026-09").first, parse("2026-07..2026-09").last) == ("2026-07-01", "2026-09-30")


def test_tables_add_up_to_the_journal(october: Made, autumn: Autumn) -> None:
    """R55: counts and totals of the tables are those of the closures, which are those of the sales."""
    store, _clock = autumn
    with zipfile.ZipFile(october.path) as packed, store.reading() as conn:
        tickets = rows(packed, "tickets.csv")
        closures = [row for row in rows(packed, "clotures.csv") if row["genre"] == "jour"]
        taken = sum(cents(row["ca_ttc"]) for row in tickets)
        assert (
            taken == sum(cents(row["ca_ttc"]) for row in closures) == tables.total(conn, "2026-10", "turnover", "own")
        )
        assert sum(cents(row["total_ttc"]) for row in tickets) == sum(
            cents(r["montant"]) for r in rows(packed, "paiements.csv")
        )
        assert sum(cents(row["total_ttc"]) for row in tickets) == sum(
            cents(r["ttc"]) for r in rows(packed, "lignes.csv")
        )
        vat = sum(cents(row["tva"]) for row in rows(packed, "tva.csv"))
        assert (
            vat == sum(cents(row["tva"]) for row in tickets) == sum(cents(r["tva"]) for r in rows(packed, "lignes.csv"))
        )
        numbers = [int(row["numero"]) for row in tickets]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len(rows(packed, "annulations.csv")) == len(closures) == 4
        told = {
            (row["genre"], row["en_clair"])
            for name in ("caisse.csv", "annulations.csv", "evenements.csv")
            for row in rows(packed, name)
        }
        assert {("till.day_opened", "Journée ouverte"), ("till.tab_voided", "Note abandonnée")} <= told
        assert all(genre != words for genre, words in told)


def test_the_notice_explains_every_file_and_column(october: Made) -> None:
    """R53: in French, each file by name, each column with its meaning, the keys to compare."""
    with zipfile.ZipFile(october.path) as packed:
        notice = packed.read("LISEZ-MOI.txt").decode()
        for name in packed.namelist():
            known = name in notice or any(
                part in notice for part in ("journal/*.ndjson", "cles/*.pem", "cles/habilitation-*")
            )
            assert known, name
        for name, (_what, columns) in LAYOUT.items():
            header = packed.read(f"tableaux/{name}").decode("utf-8-sig").splitlines()[0]
            assert [title.strip('"') for title in header.split(";")] == [title for title, _meaning in columns]
            for title, meaning in columns:
                assert f"{title} " in notice
                assert meaning in notice
    assert kid_of(key_of("box").public) in notice
    assert kid_of(key_of("hq").public) in notice
    assert "@" not in notice


def test_no_formula_can_start_in_a_spreadsheet() -> None:
    """A product called « =1+1 » stays a text."""
    from pos.archive.sheets import Number, Thousandths, safe

    assert safe("=1+1") == "'=1+1"
    assert safe(" @x") == "' @x"
    assert safe("Café") == "Café"
    assert (str(Number(-5)), str(Number(123456)), str(Thousandths(1500))) == ("-0,05", "1234,56", "1,500")


def test_every_format_is_checked_by_the_verifier(autumn: Autumn, tmp_path: Path) -> None:
    """R55: each format of the register is written by its name and passes; an unknown one is refused."""
    store, _clock = autumn
    for shape, told in FORMATS.items():
        made = make_archive(store, asked="2026-10", folder=tmp_path / "out", shape=shape, by=BEA)
        assert made.path.suffix == f".{told.suffix}"
        assert check(made.path, all_seals=True) == ""
        assert _(told.label)
    with pytest.raises(UnknownFormat):
        make_archive(store, asked="2026-10", folder=tmp_path / "out", shape="fax", by=BEA)


def test_a_journal_that_was_changed_gives_no_archive(autumn: Autumn, tmp_path: Path) -> None:
    """An archive of false entries would look like a proof: it is refused, and the entry named."""
    store, _clock = autumn
    store._writer.execute("DROP TRIGGER journal_entry_is_final")
    row = store._writer.execute("SELECT seq FROM archive_closing WHERE last_day = '2026-10-30'").fetchone()
    store._writer.execute(
        "UPDATE journal_entry SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB) WHERE seq = ?", (row["seq"],)
    )
    with pytest.raises(JournalFaulty) as said:
        make_archive(store, asked="2026-10", folder=tmp_path / "out", by=BEA)
    assert said.value.params["seq"] == row["seq"]
    assert list((tmp_path / "out").glob("*")) == []


def test_an_archive_checked_again_is_an_entry(october: Made, autumn: Autumn) -> None:
    """R62: the check of an old archive is journalled, with what was found."""
    store, _clock = autumn
    assert check_again(store, october.path, "2026-10", by="box") == ""
    data = bytearray(october.path.read_bytes())
    data[len(data) // 2] ^= 1
    october.path.write_bytes(data)
    assert check_again(store, october.path, "2026-10", by="box")
    with store.reading() as conn:
        assert [row["fault"] for row in conn.execute("SELECT fault FROM archive_checked ORDER BY seq")] == ["", "found"]


def test_no_key_that_signs_is_in_an_archive(october: Made) -> None:
    """R22: public keys only."""
    seed = hashlib.sha256(b"box").digest()
    with zipfile.ZipFile(october.path) as packed:
        for name in packed.namelist():
            data = packed.read(name)
            assert seed not in data
            assert seed.hex().encode() not in data
            assert b"PRIVATE" not in data


def test_archives_of_periods_that_follow_each_other_leave_no_entry_out(autumn: Autumn) -> None:
    """Each entry up to the last closing is of exactly one period, whatever the periods are cut into."""
    store, clock = autumn
    clock.set("2026-11-04T09:00:00")
    for cut in (
        ("2026-09", "2026-10", "2026-11-01..2026-11-03"),
        ("2026-09-29", "2026-09-30..2026-10-29", "2026-10-30", "2026-10-31", "2026-11-01..2026-11-03"),
    ):
        end = -1
        for asked in cut:
            (only,) = content_of(store, parse(asked)).slices
            assert only.begin == end + 1
            assert only.first <= only.begin
            end = only.last
        with store.reading() as conn:
            assert end == conn.execute("SELECT max(seq) FROM archive_closing").fetchone()[0]
