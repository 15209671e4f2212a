"""Where HQ keeps its things and on which port it answers, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8090


@dataclass(frozen=True, slots=True)
class Config:
    """HQ's settings. `database` is an SQLAlchemy URL."""

    data: Path
    database: str
    port: int = DEFAULT_PORT
    # The name of HQ's log; empty: from its key. It is fixed by the first checkpoint.
    log_origin: str = ""

    @property
    def key_file(self) -> Path:
        """HQ's private key: signs grants and acknowledgements."""
        return self.data / "hq.key"


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Return the settings of `ZINC_DATA`, `ZINC_HQ_DATABASE`, `ZINC_HQ_PORT` and `ZINC_HQ_LOG_ORIGIN`."""
    env = os.environ if environ is None else environ
    data = Path(env.get("ZINC_DATA") or ".zinc").expanduser().resolve() / "hq"
    return Config(
        data=data,
        database=database_url(env.get("ZINC_HQ_DATABASE", ""), data),
        port=_port(env.get("ZINC_HQ_PORT", "")),
        log_origin=env.get("ZINC_HQ_LOG_ORIGIN", ""),
    )


def database_url(setting: str, data: Path) -> str:
    """Return the SQLAlchemy URL of a setting: empty, a SQLite path, or a PostgreSQL URL."""
    if not setting:
        return f"sqlite:///{data / 'hq.db'}"
    for prefix in ("postgresql://", "postgres://"):
        if setting.startswith(prefix):
            return "postgresql+psycopg://" + setting.removeprefix(prefix)
    if "://" in setting:
        return setting
    return f"sqlite:///{Path(setting).expanduser().resolve()}"


def _port(setting: str) -> int:
    if not setting:
        return DEFAULT_PORT
    if not setting.isdigit() or not 0 < int(setting) < 65536:
        raise SystemExit(f"ZINC_HQ_PORT is {setting!r}: it must be a port number, like {DEFAULT_PORT}")
    return int(setting)
