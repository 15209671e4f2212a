"""Who serves, who the café is: pseudonyms and roles in the journal, names and PINs apart (R17, R28)."""

import sqlite3
from typing import Any

from werkzeug.security import check_password_hash, generate_password_hash

from pos import drafts, private
from pos.errors import Refusal
from pos.i18n import N_
from pos.store import Store, Writing
from pos.till import refusals as no
from pos.till import tables
from pos.till.events import CafeDescribed, OperatorAdded, OperatorRemoved, PinRefused, PinReset, SignedIn, SignedOut

ROLES = ("manager", "seller")
# After this many wrong PINs in a row each further try waits longer.
FREE_TRIES = 3
WAIT_MS_MAX = 5 * 60 * 1000
STAFF = "staff"
# Names of people who served are kept while they serve, and a year after.
STAFF_KEPT = "9999-12-31"


class PinTooShort(Refusal):
    """A PIN is 4 to 8 digits."""

    sentence = N_("A PIN has 4 to 8 digits.")
    remedy = N_("Choose one that is not a date or 1234.")


class PinTooEasy(Refusal):
    """Everybody's first guess."""

    sentence = N_("This PIN is too easy to guess.")
    remedy = N_("Choose another one.")


class WrongPin(Refusal):
    """The PIN is not this operator's."""

    sentence = N_("The PIN is wrong.")
    remedy = N_("Try again. Forgotten? The manager gives a new one.")


class TooManyTries(Refusal):
    """Wrong PINs are slowed down."""

    sentence = N_("Too many wrong PINs.")
    remedy = N_("Wait %(seconds)s seconds, or ask the manager.")


class LastManager(Refusal):
    """A café keeps one manager."""

    sentence = N_("This is the last manager.")
    remedy = N_("Name another manager first.")


def add_operator(
    store: Store, *, role: str, name: str, pin: str = "", hashed: str = "", by: str, attempt: str = ""
) -> str:  # fmt: skip
    """Let somebody serve; return the pseudonym (g1, g2… for managers, v1, v2… for sellers).

    `hashed` is what `hash_pin` made of a PIN typed before, instead of the PIN. Raises PinTooShort,
    PinTooEasy, ManagerNeeded.
    """
    hashed = hashed or hash_pin(pin)
    with store.writing(by=by, attempt=attempt) as tx:
        known = tables.operators(tx.conn)
        # The installation names the first; from then on only a manager lets people in.
        if by and any(row["role"] == "manager" for row in known) and tables.role_of(tx.conn, by) != "manager":
            raise no.ManagerNeeded
        letter = "g" if role == "manager" else "v"
        used = [row[0] for row in tx.conn.execute("SELECT op FROM till_operator WHERE op LIKE ?", (letter + "%",))]
        op = f"{letter}{1 + max((int(o[1:]) for o in used if o[1:].isdigit()), default=0)}"
        tx.record(OperatorAdded(op=op, role=role if role in ROLES else "seller"))
        private.remember(
            tx.conn, purpose=STAFF, purge_after=STAFF_KEPT, now_ms=tx.now, person_id=f"op-{op}",
            name=name.strip()[:40], pin=hashed,
        )  # fmt: skip
        return op


def need_manager(tx: Writing) -> None:
    """Refuse an act of whoever is not a manager. Raises ManagerNeeded."""
    if tables.role_of(tx.conn, tx.by) != "manager":
        raise no.ManagerNeeded


def hash_pin(pin: str) -> str:
    """Return a PIN as it is kept. Raises PinTooShort, PinTooEasy."""
    check_pin_shape(pin)
    return _hash(pin)


def _hash(pin: str) -> str:
    # scrypt, one step below the library's default: a Pi answers in under half a second.
    return generate_password_hash(pin, method="scrypt:16384:8:1")


def check_pin_shape(pin: str) -> None:
    """Raise PinTooShort or PinTooEasy for a PIN that protects nothing."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise PinTooShort
    if len(set(pin)) == 1 or pin in "0123456789876543210":
        raise PinTooEasy


def name_of(conn: sqlite3.Connection, op: str) -> str:
    """Return an operator's name for the screen, or the pseudonym."""
    return private.name_of(conn, f"op-{op}") or op


def operators(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return who may serve: op, role, name."""
    return [{"op": row["op"], "role": row["role"], "name": name_of(conn, row["op"])} for row in tables.operators(conn)]


def sign_in(store: Store, op: str, pin: str, *, attempt: str = "") -> None:
    """Check a PIN and record who takes the counter. Raises WrongPin, TooManyTries."""
    now = store.clock.now_ms()
    with store.reading() as conn:
        tries = drafts.get(conn, f"pin_tries:{op}", [0, 0])
        known = private.recall(conn, f"op-{op}") if tables.role_of(conn, op) else {}
    wait = _wait_ms(tries[0]) - (now - tries[1])
    if tries[0] >= FREE_TRIES and 0 < wait <= WAIT_MS_MAX:
        raise TooManyTries(seconds=wait // 1000 + 1)
    # Hashed outside the transaction: a slow hash must not hold up a sale.
    good = bool(known) and check_password_hash(str(known.get("pin", "")), pin)
    if not good:
        with store.writing(by=op) as tx:
            drafts.put(tx.conn, f"pin_tries:{op}", [tries[0] + 1, now])
            if known and (tries[0] + 1) % FREE_TRIES == 0:
                tx.trust_clock()
                tx.record(PinRefused(op=op, tries=tries[0] + 1))
        raise WrongPin
    with store.writing(by=op, attempt=attempt) as tx:
        drafts.put(tx.conn, f"pin_tries:{op}", [0, 0])
        tx.trust_clock()
        tx.record(SignedIn(op=op))


def sign_out(store: Store, op: str) -> None:
    """Record that an operator left the counter (R42)."""
    with store.writing(by=op) as tx:
        tx.trust_clock()
        tx.record(SignedOut(op=op))


def _wait_ms(tries: int) -> int:
    doubled: int = 5000 << min(20, max(0, tries - FREE_TRIES))
    return min(WAIT_MS_MAX, doubled)


def take_up(store: Store, op: str, *, name: str, hashed: str) -> None:
    """Give a manager a name and a PIN again, on a box that came back without any: the first to sign in."""
    with store.writing(by=op) as tx:
        tx.trust_clock()
        tx.record(PinReset(op=op))
        private.remember(
            tx.conn, purpose=STAFF, purge_after=STAFF_KEPT, now_ms=tx.now, person_id=f"op-{op}",
            name=name.strip()[:40], pin=hashed,
        )  # fmt: skip


def nameless(conn: sqlite3.Connection) -> list[str]:
    """Return the pseudonyms of those who may serve and have neither name nor PIN."""
    return [row["op"] for row in tables.operators(conn) if not private.recall(conn, f"op-{row['op']}")]


def reset_pin(store: Store, op: str, pin: str, *, by: str, name: str = "", attempt: str = "") -> None:
    """Give an operator a new PIN, and a name to whoever has lost it. Raises ManagerNeeded unless `by` is a manager (or oneself)."""
    check_pin_shape(pin)
    with store.writing(by=by, attempt=attempt) as tx:
        if by != op and tables.role_of(tx.conn, by) != "manager":
            raise no.ManagerNeeded
        known = private.recall(tx.conn, f"op-{op}")
        tx.record(PinReset(op=op))
        drafts.put(tx.conn, f"pin_tries:{op}", [0, 0])
        private.remember(
            tx.conn, purpose=STAFF, purge_after=STAFF_KEPT, now_ms=tx.now, person_id=f"op-{op}",
            name=known.get("name", "") or name.strip()[:40], pin=_hash(pin),
        )  # fmt: skip


def remove_operator(store: Store, op: str, *, by: str, attempt: str = "") -> None:
    """Let somebody no longer serve; the name and PIN are erased."""
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.role_of(tx.conn, by) != "manager":
            raise no.ManagerNeeded
        managers = [row["op"] for row in tables.operators(tx.conn) if row["role"] == "manager"]
        if managers == [op]:
            raise LastManager
        tx.record(OperatorRemoved(op=op))
        private.forget(tx.conn, f"op-{op}")


def describe_cafe(store: Store, cafe: CafeDescribed, *, by: str, attempt: str = "") -> None:
    """Record who the café is from `cafe.valid_from` on (R1, R43)."""
    with store.writing(by=by, attempt=attempt) as tx:
        tx.record(cafe)
