"""Where HQ keeps its things and on which port it answers, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_PORT = 8090
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class OpenId:
    """Another organisation whose accounts may sign in here (docs/hq.md). Its addresses come from `issuer` alone."""

    issuer: str
    client: str
    secret: str
    # Where it sends people back to, to the letter.
    back: str
    # What the button calls it.
    name: str
    # What it says (`acr`, `amr`) when it has seen a second factor itself; empty: Zinc asks for its own.
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """HQ's settings. `database` is an SQLAlchemy URL."""

    data: Path
    database: str
    port: int = DEFAULT_PORT
    # The name of HQ's log; empty: from its key. It is fixed by the first checkpoint.
    log_origin: str = ""
    # HQ's own address as browsers and boxes know it, like https://siege.example.org; empty: any name is answered.
    address: str = ""
    openid: OpenId | None = None
    # The file with the passphrase that backups are locked with; None: they are not.
    backup_phrase: Path | None = None
    # The short name of HQ's key, once it is lost for good: HQ goes on under another, every box needs a new code.
    lost_key: str = ""

    @property
    def key_file(self) -> Path:
        """HQ's private key: signs grants and acknowledgements."""
        return self.data / "hq.key"


def read_config(environ: Mapping[str, str] | None = None) -> Config:
    """Return the settings of `ZINC_DATA` and `ZINC_HQ_…` (deploy/hq/environment lists them)."""
    env = os.environ if environ is None else environ
    address = env.get("ZINC_HQ_ADDRESS", "").rstrip("/")
    if address and not is_address(address):
        raise SystemExit(f"ZINC_HQ_ADDRESS is {address!r}: it must be like https://siege.example.org")
    data = Path(env.get("ZINC_DATA") or ".zinc").expanduser().resolve() / "hq"
    return Config(
        data=data,
        database=database_url(env.get("ZINC_HQ_DATABASE", ""), data),
        port=_port(env.get("ZINC_HQ_PORT", "")),
        log_origin=env.get("ZINC_HQ_LOG_ORIGIN", ""),
        address=address,
        openid=_openid(env, address),
        backup_phrase=Path(env["ZINC_HQ_BACKUP_PHRASE"]) if env.get("ZINC_HQ_BACKUP_PHRASE") else None,
        lost_key=env.get("ZINC_HQ_KEY_LOST", ""),
    )


def is_address(text: str) -> bool:
    """Tell whether `text` is an https address, or one of this very machine."""
    parts = urlsplit(text)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _openid(env: Mapping[str, str], address: str) -> OpenId | None:
    """Return the other organisation, if one is named; what is half said stops HQ rather than open a door halfway."""
    issuer, client = env.get("ZINC_HQ_OPENID_ISSUER", ""), env.get("ZINC_HQ_OPENID_CLIENT", "")
    if not issuer:
        return None
    if not is_address(issuer):
        raise SystemExit(f"ZINC_HQ_OPENID_ISSUER is {issuer!r}: it must begin with https://")
    if not (client and address):
        raise SystemExit("ZINC_HQ_OPENID_ISSUER needs ZINC_HQ_OPENID_CLIENT and ZINC_HQ_ADDRESS beside it")
    if find_spec("authlib") is None:
        raise SystemExit("ZINC_HQ_OPENID_ISSUER needs what deps/openid.lock lists: install it first (docs/hq.md)")
    return OpenId(
        issuer, client, env.get("ZINC_HQ_OPENID_SECRET", ""), f"{address}/sign-in/openid/back",
        env.get("ZINC_HQ_OPENID_NAME", "") or str(urlsplit(issuer).hostname),
        acr=tuple(env.get("ZINC_HQ_OPENID_ACR", "").split()), amr=tuple(env.get("ZINC_HQ_OPENID_AMR", "").split()),
    )  # fmt: skip


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
