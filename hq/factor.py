"""The second factor of an account: six digits of an application on a phone (RFC 6238), once each, or a recovery code.

The secret is kept sealed under HQ's key, recovery codes as hashes: a copy of the database opens no account.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable

import pyotp
import qrcode
from qrcode.image.svg import SvgPathImage
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from hq import access, register
from hq.access import User
from hq.acts import note_act
from hq.days import back
from hq.sealed import opened, seal
from hq.tables import hq_setting, hq_user, recovery_code
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_

ISSUER = "Zinc"
STEP_MS = 30_000
# A phone may be half a minute early or late.
STEPS_AROUND = (-1, 0, 1)
RECOVERY_CODES = 10
GRACE_MAX_DAYS = 30
FROM = "second_factor_from"
_USE = b"zinc/second-factor/1"
# No vowel and no look-alike: a code written down is read again without doubt, and is no word.
_SIGNS = "23456789bcdfghjkmnpqrstvwxz"


class WrongCode(Refusal):
    """The six digits are not those of now, or were used already."""

    sentence = N_("This code is not the one of now, or it was used already.")
    remedy = N_("Wait for the next one and type it; if it still fails, set the phone’s clock to automatic.")


class TooLate(Refusal):
    """The day from which the second factor is asked for is too far away."""

    sentence = N_("The second factor cannot wait that long.")
    remedy = N_("Choose a day within 30 days from today.")


class YoursFirst(Refusal):
    """Somebody without a second factor puts off the day it is asked of them."""

    sentence = N_("The day can be put off by who has a second factor already.")
    remedy = N_("Take yours first, on your phone.")


def from_day(conn: Connection) -> str:
    """Return the day from which national accounts need a second factor; empty is at once."""
    return str(conn.execute(select(hq_setting.c.value).where(hq_setting.c.name == FROM)).scalar() or "")


def set_from_day(conn: Connection, day: str, user: User, *, now_ms: int) -> None:
    """Leave national accounts some days to prepare, who has done it themselves; raise TooLate, YoursFirst."""
    register.check_day(day)
    if day > max(from_day(conn), business_day(now_ms)) and not (user.factor or user.proved):
        raise YoursFirst
    if day > back(business_day(now_ms), -GRACE_MAX_DAYS):
        raise TooLate
    conn.execute(delete(hq_setting).where(hq_setting.c.name == FROM))
    conn.execute(insert(hq_setting).values(name=FROM, value=day))
    note_act(conn, now_ms, user.username, "factor.day_set", day=day)


def is_due(conn: Connection, user: User, now_ms: int) -> bool:
    """Tell whether this account may do nothing before it has a second factor.

    Made-up figures under a printed password have nothing to protect: the demonstration asks for none.
    """
    if not user.national or user.factor or user.proved or register.is_demo(conn):
        return False
    return business_day(now_ms) >= from_day(conn)


def begin(conn: Connection, key: bytes, username: str) -> str:
    """Return the secret an account is about to take, the same until it is confirmed."""
    row = _row(conn, username)
    if row["factor_at"] is not None:
        raise access.NotAllowed
    secret = _opened(key, row["factor_secret"])
    if not secret:
        secret = pyotp.random_base32()
        conn.execute(update(hq_user).where(hq_user.c.username == username).values(factor_secret=_sealed(key, secret)))
    return secret


def address_of(secret: str, username: str) -> str:
    """Return what the phone reads in the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def drawn(address: str) -> bytes:
    """Return the QR code as a drawing."""
    code = qrcode.QRCode(image_factory=SvgPathImage, border=2)
    code.add_data(address)
    return bytes(code.make_image().to_string(encoding="utf-8"))


def confirm(conn: Connection, key: bytes, *, username: str, code: str, now_ms: int) -> list[str]:
    """Take the second factor once its first code is right; return the recovery codes, shown once. Raises WrongCode."""
    row = _row(conn, username)
    step = _step_of(_opened(key, row["factor_secret"]), code, now_ms, after=-1)
    if row["factor_at"] is not None or step is None:
        raise WrongCode
    conn.execute(
        update(hq_user).where(hq_user.c.username == username).values(factor_at=now_ms, factor_step=step)
    )  # fmt: skip
    note_act(conn, now_ms, username, "factor.taken")
    return _new_recovery(conn, username)


def renew_recovery(
    conn: Connection, key: bytes, *, username: str, code: str, now_ms: int
) -> tuple[list[str], Refusal | None]:  # fmt: skip
    """Return fresh recovery codes against a code of the phone, or why not; the former ones are dead."""
    why = _refusal(conn, username, now_ms, lambda: _spend(conn, key, username, code, now_ms))
    if why is not None:
        return [], why
    note_act(conn, now_ms, username, "factor.recovery_renewed")
    return _new_recovery(conn, username), None


def recovery_left(conn: Connection, username: str) -> int:
    """Return how many recovery codes were not used."""
    query = select(func.count()).select_from(recovery_code).where(recovery_code.c.username == username)
    return int(conn.execute(query).scalar_one())


def pass_door(conn: Connection, key: bytes, *, token: str, code: str, now_ms: int) -> tuple[str, Refusal | None]:
    """Return a fresh, whole session for a half one, or why not."""
    user, _refresh = access.who(conn, token, now_ms)
    if user is None or not user.half:
        return "", access.NotAllowed()
    name = user.username
    why = _refusal(
        conn, name, now_ms, lambda: _spend(conn, key, name, code, now_ms) or _recover(conn, name, code, now_ms)
    )
    if why is not None:
        return "", why
    access.sign_out(conn, token)
    return access.open_session(conn, name, now_ms, way=user.way), None


def _refusal(conn: Connection, username: str, now_ms: int, is_right: Callable[[], bool]) -> Refusal | None:
    """Return why a code is not taken, if so: wrong ones are counted, and slowed down, wherever they are typed."""
    counted = f"{username} code"
    wait = access.hold_tries(conn, counted, now_ms)
    if wait is not None:
        return wait
    if not is_right():
        access.count_failure(conn, counted, now_ms, by=username, act="factor.wrong_codes")
        return WrongCode()
    access.forget_failures(conn, counted)
    return None


def reset(conn: Connection, *, by: str, now_ms: int, username: str) -> None:
    """Take a lost phone off an account: signed out everywhere, asked to take a new one at the next sign-in."""
    conn.execute(
        update(hq_user).where(hq_user.c.username == username)
        .values(factor_secret="", factor_at=None, factor_step=0)
    )  # fmt: skip
    conn.execute(delete(recovery_code).where(recovery_code.c.username == username))
    access.sign_out_everywhere(conn, username)
    note_act(conn, now_ms, by, "factor.reset", username=username)


def _spend(conn: Connection, key: bytes, username: str, code: str, now_ms: int) -> bool:
    """Tell whether `code` is right and fresh; it is good once, whoever else saw it."""
    row = _row(conn, username)
    step = _step_of(_opened(key, row["factor_secret"]), code, now_ms, after=row["factor_step"])
    if row["factor_at"] is None or step is None:
        return False
    done = conn.execute(
        update(hq_user).where(hq_user.c.username == username, hq_user.c.factor_step < step).values(factor_step=step)
    )
    return done.rowcount == 1


def _step_of(secret: str, code: str, now_ms: int, *, after: int) -> int | None:
    """Return the half minute a code is of, among those around now and after the last one used."""
    typed, now = "".join(code.split()), now_ms // STEP_MS
    if not secret or len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    totp, found = pyotp.TOTP(secret), None
    for step in (now + around for around in STEPS_AROUND):
        # All are compared, so that the time taken tells nothing.
        if hmac.compare_digest(totp.generate_otp(step), typed) and step > after:
            found = step
    return found


def _recover(conn: Connection, username: str, code: str, now_ms: int) -> bool:
    """Use up a recovery code."""
    spent = conn.execute(
        delete(recovery_code).where(recovery_code.c.username == username, recovery_code.c.code_hash == _hash(code))
    )
    if spent.rowcount == 1:
        note_act(conn, now_ms, username, "factor.recovered", left=recovery_left(conn, username))
    return spent.rowcount == 1


def _new_recovery(conn: Connection, username: str) -> list[str]:
    codes = ["-".join(_chance() for _ in range(4)) for _ in range(RECOVERY_CODES)]
    conn.execute(delete(recovery_code).where(recovery_code.c.username == username))
    conn.execute(insert(recovery_code), [{"username": username, "code_hash": _hash(code)} for code in codes])
    return codes


def _chance() -> str:
    return "".join(secrets.choice(_SIGNS) for _ in range(4))


def _hash(code: str) -> str:
    # 76 bits of chance: nothing a slow hash would add.
    return hashlib.sha256(_plain(code.lower()).encode()).hexdigest()


def _plain(signs: Iterable[str]) -> str:
    return "".join(sign for sign in signs if sign.isalnum())


def _row(conn: Connection, username: str) -> RowMapping:
    return conn.execute(select(hq_user).where(hq_user.c.username == username)).mappings().one()


def _sealed(key: bytes, secret: str) -> str:
    return seal(key, _USE, secret)


def _opened(key: bytes, sealed: str) -> str:
    """Return a secret; empty when there is none, or when it was sealed under another key."""
    return opened(key, _USE, sealed)
