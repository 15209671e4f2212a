"""HQ put together: settings, database, key, clock and the features whose events it reads."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from hq import months, partitions, servers, tables, visits  # noqa: F401  (the register's tables join the same metadata)
from hq.config import Config
from hq.db import Database, open_database
from hq.migrate import migrate
from hq.projections import Projections
from pos.clock import Clock, SystemClock
from pos.house import FEATURES
from pos.seal import Keyring


@dataclass
class Office:
    """Everything a request at HQ needs; handed to `create_app` and to the commands."""

    config: Config
    db: Database
    keyring: Keyring
    clock: Clock = field(default_factory=SystemClock)
    projections: Projections = field(default_factory=lambda: Projections(FEATURES))

    @property
    def secret(self) -> bytes:
        """A secret for tokens and cookies that every worker derives alike from HQ's key."""
        # Ed25519 is deterministic; this signature is never published.
        return self.keyring.sign(b"zinc/hq-secret/1", b"")[:32]

    def close(self) -> None:
        """Let go of the database."""
        servers.close(self.db)
        self.db.close()


def open_office(config: Config, *, clock: Clock | None = None) -> Office:
    """Open HQ's database (making it when it is new) and key."""
    config.data.mkdir(parents=True, exist_ok=True)
    url = make_url(config.database)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    db = open_database(config.database)
    migrate(db)
    db.create()
    with db.writing() as conn:
        partitions.make_alone(conn)
        visits.bring_over(conn)
    months.sum_once(db)
    return Office(config, db, Keyring.load_or_make(config.key_file), clock or SystemClock())
