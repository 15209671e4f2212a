"""Who may see and do what at HQ: accounts, passwords, sessions kept on the server, and scope.

national: everything, accounts included. antenna: its own cafés. reader: looks, changes nothing.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping
from werkzeug.security import check_password_hash, generate_password_hash

from hq.acts import note_act
from hq.db import Database, Upsert
from hq.tables import cafe, hq_session, hq_user, sign_in_try
from pos.errors import Because, Refusal
from pos.i18n import N_

NATIONAL, ANTENNA, READER = "national", "antenna", "reader"
ROLES = (NATIONAL, ANTENNA, READER)
ROLE_NAMES = {
    NATIONAL: N_("National: everything, accounts too"), ANTENNA: N_("Antenne: its own cafés"),
    READER: N_("Read only"),
}  # fmt: skip
# By another organisation, with its second factor or without.
OPENID, OPENID_FACTOR = "openid", "openid_factor"
IDLE_MS = 30 * 60 * 1000
LIFE_MS = 12 * 3600 * 1000
PASSWORD_MIN = 10
PASSWORD_MOST = 200
# A password given by somebody else, until it is changed; a session that waits for its second factor.
GIVEN_MS, HALF_MS = 7 * 24 * 3600 * 1000, 5 * 60 * 1000
# Wrong passwords forgiven before each further one doubles the wait.
FREE_TRIES, WAIT_MAX_MS = 4, 15 * 60 * 1000
_SEEN_EVERY_MS = 60 * 1000
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
# Checked when the name is unknown, so that it takes as long as when it is known.
_NOBODY = generate_password_hash("nobody")
_TRIES = Upsert(sign_in_try, add=("failures",))


class WrongPassword(Refusal):
    """Name and password do not go together."""

    sentence = N_("This name and this password do not go together.")
    remedy = N_("Check both, or ask a national coordinator for a new password.")


class TooManyTries(Refusal):
    """Several wrong passwords in a row."""

    sentence = N_("Too many wrong passwords for this name.")
    remedy = N_("Wait %(seconds)s seconds, then try again.")


class PasswordExpired(Refusal):
    """A password given by somebody else was not used in time."""

    sentence = N_("This first password was good for 7 days.")
    remedy = N_("Ask a national coordinator for a new one.")


class NotAllowed(Refusal):
    """The role does not go that far."""

    sentence = N_("Your account does not allow this.")
    remedy = N_("Ask a national coordinator.")


class BadAccount(Because):
    """The account cannot be written as it is."""

    sentence = N_("This account cannot be saved: %(why)s.")
    remedy = N_("Correct it and save again.")


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in, and how far they see."""

    username: str
    name: str
    role: str
    antenna: int | None = None
    must_change: bool = False
    # Whether a second factor was taken, and whether its code is still to come.
    factor: bool = False
    half: bool = False
    # How they came in: by their password, or as another organisation says.
    way: str = ""

    @property
    def proved(self) -> bool:
        """Whether the other organisation saw a second factor of its own."""
        return self.way == OPENID_FACTOR

    @property
    def writes(self) -> bool:
        """Whether they may change anything at all."""
        return self.role != READER

    @property
    def national(self) -> bool:
        """Whether they manage the network and the accounts."""
        return self.role == NATIONAL

    def sees(self, antenna: int) -> bool:
        """Tell whether a café of `antenna` is theirs to see."""
        return self.antenna is None or self.antenna == antenna

    def within(self, query: Select) -> Select:  # type: ignore[type-arg]
        """Keep, of a query on cafés, those they may see: the one gate of every list."""
        return query if self.antenna is None else query.where(cafe.c.antenna == self.antenna)


# Commands run on the machine itself see everything.
OFFICE = User("office", "office", NATIONAL)


def create_user(
    conn: Connection, *, by: str, now_ms: int, username: str, name: str, role: str, password: str,
    antenna: int | None = None, must_change: bool = False,
) -> str:  # fmt: skip
    """Open an account and return its name, as it is kept; raise BadAccount."""
    username = username.strip().lower()
    _check_account(username, name, role, antenna)
    check_password(password)
    if conn.execute(select(hq_user.c.username).where(hq_user.c.username == username)).first():
        raise BadAccount(why=N_("the name is taken"))
    conn.execute(
        insert(hq_user).values(
            username=username, name=name.strip(), role=role, antenna=antenna, created_at=now_ms,
            password_hash=generate_password_hash(password), must_change=must_change, created_by=by,
            password_until=now_ms + GIVEN_MS if must_change else None,
        )
    )  # fmt: skip
    note_act(conn, now_ms, by, "user.created", username=username, role=role, antenna=antenna)
    return username


def _check_account(username: str, name: str, role: str, antenna: int | None) -> None:
    if not _USERNAME.fullmatch(username):
        raise BadAccount(why=N_("the user name is 2 to 32 small letters, digits, dots or dashes"))
    if not 0 < len(name.strip()) <= 60:
        raise BadAccount(why=N_("the person’s name is missing"))
    if role not in ROLES:
        raise BadAccount(why=N_("the role is unknown"))
    if role == NATIONAL and antenna is not None:
        raise BadAccount(why=N_("a national account has no antenne"))
    if (role == ANTENNA and antenna is None) or (antenna is not None and antenna not in range(1, 6)):
        raise BadAccount(why=N_("the antenne is missing"))


def check_password(password: str) -> None:
    """Raise BadAccount unless the password is long enough, and no novel."""
    if len(password) < PASSWORD_MIN:
        raise BadAccount(why=N_("the password has fewer than 10 characters"))
    if len(password) > PASSWORD_MOST:
        raise BadAccount(why=N_("the password has more than 200 characters"))


def set_password(conn: Connection, *, by: str, now_ms: int, username: str, password: str, must_change: bool) -> None:
    """Change a password and sign its owner out everywhere."""
    check_password(password)
    conn.execute(
        update(hq_user).where(hq_user.c.username == username)
        .values(
            password_hash=generate_password_hash(password), must_change=must_change,
            password_until=now_ms + GIVEN_MS if must_change else None,
        )
    )  # fmt: skip
    sign_out_everywhere(conn, username)
    forget_failures(conn, username)
    note_act(conn, now_ms, by, "user.password_set", username=username)


def disable_user(conn: Connection, *, by: str, now_ms: int, username: str, disabled: bool) -> None:
    """Close an account or open it again; the last national account stays open."""
    others = select(func.count()).select_from(hq_user).where(
        hq_user.c.role == NATIONAL, hq_user.c.disabled_at.is_(None), hq_user.c.username != username
    )  # fmt: skip
    if disabled and not conn.execute(others).scalar_one():
        raise BadAccount(why=N_("it is the last national account"))
    conn.execute(update(hq_user).where(hq_user.c.username == username).values(disabled_at=now_ms if disabled else None))
    if disabled:
        sign_out_everywhere(conn, username)
    note_act(conn, now_ms, by, "user.disabled" if disabled else "user.enabled", username=username)


def users(conn: Connection) -> list[RowMapping]:
    """Return every account, by name."""
    return list(conn.execute(select(hq_user).order_by(hq_user.c.name)).mappings())


def one_time_password() -> str:
    """Return a password to be said over the telephone and changed at the first sign-in."""
    return "-".join("".join(secrets.choice("23456789bcdfghjkmnpqrstvwxz") for _ in range(4)) for _ in range(3))


def sign_in(database: Database, *, now_ms: int, username: str, password: str) -> tuple[str, Refusal | None]:
    """Return a fresh session token, or why not. The count of wrong tries is kept either way.

    The password is looked at between two transactions: it takes long on purpose, and nobody else waits for it.
    """
    username = username.strip().lower()[:64]
    mine = select(hq_user).where(hq_user.c.username == username)
    with database.reading() as conn:
        wait, row = wait_of(conn, username, now_ms), conn.execute(mine).mappings().first()
    if wait is not None:
        return "", wait
    seen = row["password_hash"] if row else _NOBODY
    good = check_password_hash(seen, password)
    with database.writing() as conn:
        wait = hold_tries(conn, username, now_ms)
        if wait is not None:
            return "", wait
        row = conn.execute(mine).mappings().first()
        if not (good and row and row["password_hash"] == seen and row["disabled_at"] is None):
            count_failure(conn, username, now_ms, by="", act="user.wrong_passwords")
            return "", WrongPassword()
        forget_failures(conn, username)
        if row["password_until"] is not None and row["password_until"] < now_ms:
            return "", PasswordExpired()
        return open_session(conn, username, now_ms, half=row["factor_at"] is not None), None


def open_session(conn: Connection, username: str, now_ms: int, *, half: bool = False, way: str = "") -> str:
    """Return the token of a new session."""
    token = secrets.token_urlsafe(32)
    conn.execute(delete(hq_session).where(hq_session.c.made_at < now_ms - LIFE_MS))
    conn.execute(
        insert(hq_session).values(
            token_hash=_hash(token), username=username, made_at=now_ms, seen_at=now_ms, half=half, way=way
        )
    )
    if not half:
        note_act(conn, now_ms, username, "user.signed_in", **({"way": way} if way else {}))
    return token


def wait_of(conn: Connection, name: str, now_ms: int) -> TooManyTries | None:
    """Return how long `name` must wait before the next try, if at all."""
    until = conn.execute(select(sign_in_try.c.blocked_until).where(sign_in_try.c.username == name)).scalar() or 0
    # Longer than any wait is: HQ's clock was ahead when it was set.
    return TooManyTries(seconds=(until - now_ms) // 1000 + 1) if 0 < until - now_ms <= WAIT_MAX_MS else None


def hold_tries(conn: Connection, name: str, now_ms: int) -> TooManyTries | None:
    """Return how long `name` must wait, its row held until the transaction ends: who tries at once is counted in turn."""
    _TRIES.run(conn, [{"username": name, "failures": 0}])
    return wait_of(conn, name, now_ms)


def count_failure(conn: Connection, name: str, now_ms: int, *, by: str, act: str) -> None:
    """Count a wrong password or code; from the fourth on, each doubles the wait."""
    _TRIES.run(conn, [{"username": name, "failures": 1}])
    mine = sign_in_try.c.username == name
    failures = conn.execute(select(sign_in_try.c.failures).where(mine)).scalar_one()
    wait = min(WAIT_MAX_MS, 1000 * 2 ** min(failures - FREE_TRIES, 20)) if failures >= FREE_TRIES else 0
    conn.execute(update(sign_in_try).where(mine).values(blocked_until=now_ms + wait))
    if wait:
        note_act(conn, now_ms, by, act, username=name, failures=failures)


def forget_failures(conn: Connection, name: str) -> None:
    """Start the count anew."""
    conn.execute(delete(sign_in_try).where(sign_in_try.c.username == name))


def who(conn: Connection, token: str, now_ms: int) -> tuple[User | None, bool]:
    """Return who holds `token`, and whether the session's last sight should be written."""
    query = (
        select(hq_user, hq_session.c.made_at, hq_session.c.seen_at, hq_session.c.half, hq_session.c.way)
        .join(hq_session, hq_session.c.username == hq_user.c.username)
        .where(hq_session.c.token_hash == _hash(token))
    )
    row = conn.execute(query).mappings().first() if token else None
    if row is None or row["disabled_at"] is not None:
        return None, False
    if now_ms - row["seen_at"] > IDLE_MS or now_ms - row["made_at"] > LIFE_MS:
        return None, False
    if row["half"] and now_ms - row["made_at"] > HALF_MS:
        return None, False
    user = User(
        row["username"], row["name"], row["role"], row["antenna"],
        # A password they did not come in by can wait.
        must_change=row["must_change"] and not row["way"],
        factor=row["factor_at"] is not None, half=row["half"], way=row["way"],
    )  # fmt: skip
    return user, now_ms - row["seen_at"] > _SEEN_EVERY_MS


def seen(conn: Connection, token: str, now_ms: int) -> None:
    """Note that a session is in use."""
    conn.execute(update(hq_session).where(hq_session.c.token_hash == _hash(token)).values(seen_at=now_ms))


def sign_out(conn: Connection, token: str) -> None:
    """End one session, on the server too."""
    conn.execute(delete(hq_session).where(hq_session.c.token_hash == _hash(token)))


def sign_out_everywhere(conn: Connection, username: str) -> None:
    """End every session of an account."""
    conn.execute(delete(hq_session).where(hq_session.c.username == username))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
