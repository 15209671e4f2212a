"""A backup of HQ's database, and the drill that proves it: put back beside, every checksum the same.

The dump and its checksums are of one moment: HQ goes on serving. HQ's key is not in it; it is kept apart, on paper
or a stick, because whoever holds both could be HQ.
"""

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.engine import URL, make_url

from hq import checksums, log_archive, servers
from hq.db import Database, open_database
from hq.wiring import Office
from pos import locked
from pos.clock import local
from pos.errors import Because, Refusal
from pos.i18n import N_
from pos.release import VERSION
from sync import books, ingest

LOCKED, PHRASE_LEAST = ".zinc", 20


class NoTool(Refusal):
    """PostgreSQL's own programs are missing."""

    sentence = N_("PostgreSQL's program %(name)s was not found.")
    remedy = N_("Install postgresql-client of the server's version, or name its folder in ZINC_PG_BIN.")


class BadBackup(Because):
    """What was put back is not what was put away."""

    sentence = N_("This backup is not whole: %(why)s.")
    remedy = N_("Take the one before it, and look for the cause.")


# What was counted when it was put away, and is another thing in what was put back.
_OTHERS = {
    "journals": N_("its journals are not those that were put away"),
    "places": N_("the journals in it end elsewhere than when they were put away"),
    "figures": N_("its figures are not those that were put away"),
}


class NotEmpty(Refusal):
    """There is already an HQ in this database."""

    sentence = N_("There is already something in this database: nothing was put back.")
    remedy = N_("Name an empty one in ZINC_HQ_DATABASE.")


class NoPhrase(Refusal):
    """The passphrase of backups is not where the settings say."""

    sentence = N_("The passphrase of the backups cannot be read: %(why)s.")
    remedy = N_("Write it, 20 signs at least, into the file that ZINC_HQ_BACKUP_PHRASE names.")


def make(office: Office, folder: Path, *, sums: bool = True) -> Path:
    """Write a backup into a folder; return its file. Beside it, `.json`: what must be found in it."""
    phrase = phrase_of(office.config.backup_phrase) if office.config.backup_phrase is not None else ""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    moment = local(office.clock.now_ms())
    dump = folder / f"zinc-hq-{moment:%Y-%m-%d-%H%M%S}.{'db' if office.db.is_sqlite else 'dump'}"
    try:
        told = _dump(office, dump, sums=sums)
        file = _locked(dump, phrase) if phrase else dump
    except BaseException:
        # Half a dump, or an open one whose lock failed, is not left lying.
        for left in (dump, _lock_of(dump)):
            left.unlink(missing_ok=True)
        raise
    about = {
        "version": VERSION, "shape": checksums.shape(), "made_at": office.clock.now_ms(), "sha256": _sha256(file), **told,
    }  # fmt: skip
    file.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n")
    file.with_suffix(".json").chmod(0o600)
    return file


def _dump(office: Office, file: Path, *, sums: bool) -> dict[str, Any]:
    """Write the database into a file; return what was in it at that moment."""
    with office.db.reading() as conn:
        if office.db.is_sqlite:
            told = contents(conn, sums=sums)
            # By the connection that has told: what it sees is copied, not what came meanwhile.
            _copy_sqlite(conn.connection.driver_connection, file)
        else:
            snapshot = conn.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            _run("pg_dump", office.db.engine.url, "--format=custom", f"--snapshot={snapshot}", f"--file={file}")
            told = contents(conn, sums=sums)
    file.chmod(0o600)
    return told


def contents(conn: Connection, *, sums: bool = True) -> dict[str, Any]:
    """Return what a database holds: where every journal stands, and the checksums of its figures."""
    places: list[tuple[int, int, int, str]] = []
    lines: list[tuple[int, str, str]] = []
    # Of parts that lie on another server nothing is in this dump: they have their own.
    for _part in servers.each_here(conn):
        places += [(row.cafe_id, row.jn, row.seq, bytes(row.head).hex()) for row in conn.execute(select(books.cursor))]
        lines += checksums.of_all(conn) if sums else ()
    return {
        "journals": len(places),
        "places": checksums.total([" ".join(map(str, place)) for place in sorted(places)]),
        "figures": checksums.total([checksums.line(*one) for one in sorted(lines)]) if sums else "",
    }


def drill(office: Office, file: Path) -> dict[str, Any]:
    """Put a backup back into a database of its own, check chain, signatures, figures and HQ's log, and take it away again."""
    about = _about(file)
    with (
        _open(file, office.config.backup_phrase) as plain,
        _beside(office.db.engine.url, plain) as db,
        db.reading() as conn,
    ):
        _compare(conn, about)
        # Doubts of boxes are the office's, not this file's: they stand on its pages.
        wrong = log_archive.verify(office, conn, doubts=False)
    if wrong:
        raise BadBackup(why=wrong[0])
    return about


def restore(office_url: str, file: Path, phrase: Path | None = None) -> dict[str, Any]:
    """Put a backup back into an empty database, and check it."""
    about = _about(file)
    with _open(file, phrase) as plain:
        _put_back(make_url(office_url), plain)
    db = open_database(office_url)
    try:
        with db.reading() as conn:
            _compare(conn, about)
    finally:
        db.close()
    return about


def _put_back(url: URL, file: Path) -> None:
    if url.get_backend_name() == "sqlite":
        target = Path(str(url.database))
        if target.exists():
            raise NotEmpty
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as put_away:
            _copy_sqlite(put_away, target)
    else:
        engine = create_engine(url)
        there = inspect(engine).get_table_names()
        engine.dispose()
        if there:
            raise NotEmpty
        _run("pg_restore", url, "--no-owner", "--no-comments", "--exit-on-error", "--single-transaction", str(file))


def phrase_of(path: Path | None) -> str:
    """Return the passphrase of the backups; raise NoPhrase."""
    try:
        phrase = path.read_text().strip() if path is not None else ""
    except OSError as fault:
        raise NoPhrase(why=str(fault.strerror)) from fault
    if len(phrase) < PHRASE_LEAST:
        raise NoPhrase(why=str(path or "ZINC_HQ_BACKUP_PHRASE"))
    return phrase


def _lock_of(file: Path) -> Path:
    return file.with_name(file.name + LOCKED)


def _locked(file: Path, phrase: str) -> Path:
    """Lock a dump as boxes lock their copies; the open one is gone."""
    target = _lock_of(file)
    with file.open("rb") as plain, target.open("wb") as out:
        target.chmod(0o600)
        locked.seal(iter(lambda: plain.read(locked.CHUNK), b""), phrase, out)
    file.unlink()
    return target


@contextmanager
def _open(file: Path, phrase: Path | None) -> Iterator[Path]:
    """Give a dump as it was before it was locked, for a while."""
    if file.suffix != LOCKED:
        yield file
        return
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        plain = Path(folder) / file.stem
        with plain.open("wb") as out:
            locked.unseal(file, phrase_of(phrase), out)
        yield plain


def _about(file: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads(file.with_suffix(".json").read_text())
    except (OSError, ValueError) as missing:
        raise BadBackup(why=str(missing)) from missing
    if not file.exists() or _sha256(file) != about["sha256"]:
        raise BadBackup(why=N_("the file is not the one its summary tells of (SHA-256)"))
    # Another release told its figures into other tables; they are told again after such a backup is put back.
    about["figures"] = about["figures"] if about.get("shape") == checksums.shape() else ""
    return about


def _compare(conn: Connection, about: dict[str, Any]) -> None:
    for _part in servers.each_here(conn):
        wrong = ingest.verify(conn)
        if wrong:
            raise BadBackup(why=wrong[0])
    found = contents(conn, sums=bool(about["figures"]))
    for name, why in _OTHERS.items():
        if found[name] != about[name]:
            raise BadBackup(why=why)


@contextmanager
def _beside(url: URL, file: Path) -> Iterator[Database]:
    """Give a database with the backup in it, gone afterwards: on PostgreSQL, on the same server."""
    if file.suffix == ".db":
        db = open_database(f"sqlite:///{file}")
        try:
            yield db
        finally:
            db.close()
            for extra in ("-wal", "-shm"):
                file.with_name(file.name + extra).unlink(missing_ok=True)
        return
    name = f"zinc_drill_{secrets.token_hex(4)}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        there = url.set(database=name)
        _run("pg_restore", there, "--no-owner", "--no-comments", "--exit-on-error", str(file))
        db = open_database(there.render_as_string(hide_password=False))
        try:
            yield db
        finally:
            db.close()
    finally:
        with server.connect() as conn:
            conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()


def _run(program: str, url: URL, *words: str) -> None:
    found = shutil.which(program, path=os.environ.get("ZINC_PG_BIN") or None)
    if found is None:
        raise NoTool(name=program)
    # The password is not for `ps` to show.
    env = {**os.environ, "PGPASSWORD": str(url.password or "")}
    # `URL.set` leaves what is set to None; a password shown as asterisks would be taken for one.
    there = url._replace(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run([found, f"--dbname={there}", *words], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadBackup(why=f"{program}: {done.stderr.strip()[-300:]}")


def _copy_sqlite(source: Any, target: Path) -> None:
    with closing(sqlite3.connect(target)) as to_db:
        source.backup(to_db)


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
