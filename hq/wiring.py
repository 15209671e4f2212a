"""HQ put together: settings, database, key, clock and the features whose events it reads."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from hq import keys, months, parting, partitions, servers, tables, visits  # noqa: F401  (their tables join the same metadata)
from hq.config import Config
from hq.db import Database, open_database
from hq.migrate import migrate
from hq.projections import Projections
from pos import hq_keys
from pos.clock import Clock, SystemClock
from pos.house import FEATURES
from pos.hq_keys import Step
from pos.seal import Keyring


@dataclass
class Office:
    """Everything a request at HQ needs; handed to `create_app` and to the commands."""

    config: Config
    db: Database
    keyring: Keyring
    clock: Clock = field(default_factory=SystemClock)
    projections: Projections = field(default_factory=lambda: Projections(FEATURES))
    # How HQ came from its first key to the one it signs with.
    steps: tuple[Step, ...] = ()
    # Of the first key, kept when another took its place: what was sealed and signed in stays so.
    kept_secret: bytes = b""

    @property
    def former(self) -> list[bytes]:
        """HQ's public keys before this one, the oldest first: what they signed still stands."""
        return hq_keys.before(self.keyring.public, self.steps)[:-1]

    @property
    def secret(self) -> bytes:
        """A secret for tokens and cookies that every worker derives alike from HQ's key."""
        # Ed25519 is deterministic; this signature is never published.
        return self.kept_secret or self.keyring.sign(b"zinc/hq-secret/1", b"")[:32]

    def close(self) -> None:
        """Let go of the database."""
        servers.close(self.db)
        self.db.close()


def open_office(config: Config, *, clock: Clock | None = None) -> Office:
    """Open HQ's database (making it when it is new) and key; raise NotOurs."""
    config.data.mkdir(parents=True, exist_ok=True)
    url = make_url(config.database)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    db = open_database(config.database)
    migrate(db)
    db.create()
    if parting.is_parted(db):
        # Tables that the release brings join those of the parts.
        parting.part(db)
    with db.writing() as conn:
        partitions.make_alone(conn)
        visits.bring_over(conn)
    months.sum_once(db)
    try:
        with db.reading() as conn:
            keys.check(conn, config)
    except keys.NotOurs:
        db.close()
        raise
    clock = clock or SystemClock()
    keyring, steps = keys.load(config)
    if steps:
        with db.writing() as conn:
            keys.bring(conn, steps, by="office", now_ms=clock.now_ms())
    return Office(config, db, keyring, clock, steps=tuple(steps), kept_secret=keys.secret(config))
