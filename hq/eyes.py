"""Four eyes: what cannot be taken back is asked by one person and agreed to by another, where the office wants it so.

Asking changes nothing. Once somebody else has agreed, who asked does it, once, within the day; each step is an act.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.engine import RowMapping

from hq.access import NATIONAL, OFFICE, READER, NotAllowed, User, users
from hq.acts import note_act
from hq.db import Upsert
from hq.tables import cafe, hq_setting, hq_user, second_look
from pos.errors import Refusal
from pos.i18n import N_
from pos.ids import new_id

SETTING = "four_eyes"
LIVE_MS = 24 * 3600 * 1000
CODE, REVOKE, ARCHIVE, ACCOUNT, OFF = "code", "revoke", "archive", "account", "off"
WHAT = {
    CODE: N_("Make the code of a box"), REVOKE: N_("Revoke a box"), ARCHIVE: N_("Take out a café’s archive"),
    ACCOUNT: N_("Give somebody a way into an account that may write"), OFF: N_("Stop asking for a second person"),
}  # fmt: skip
# What exactly, in words, where the key alone says little.
KEYS = {
    (CODE, "new"): N_("first box"), (CODE, "replace"): N_("another box in its place"), (CODE, "repair"): N_("repair of its journal"),
}  # fmt: skip
# What only a national account may agree to.
NATIONAL_ONLY = (ACCOUNT, OFF)
_PUT = Upsert(hq_setting, replace=("value",))


class Unagreed(Refusal):
    """Somebody else must agree first."""

    sentence = N_("Somebody else must agree first.")
    remedy = N_("It was asked in your name: once they have agreed, do it again here within 24 hours.")

    def __init__(self, what: str, key: str, cafe_id: int | None, why: str) -> None:
        super().__init__()
        self.what_is_asked, self.key, self.cafe_id, self.why = what, key, cafe_id, why


class NobodyElse(Refusal):
    """There is nobody who could agree."""

    sentence = N_("Nobody else could agree: there is one national account only.")
    remedy = N_("Open a second one first.")


def is_on(conn: Connection) -> bool:
    """Tell whether the office asks for a second person."""
    return conn.execute(select(hq_setting.c.value).where(hq_setting.c.name == SETTING)).scalar() == "1"


def set_on(conn: Connection, *, by: str, now_ms: int, on: bool) -> None:
    """Ask for a second person from now on, or stop: to stop, a second person is asked too. Raises NobodyElse, Unagreed."""
    if on == is_on(conn):
        return
    others = [
        row for row in users(conn) if row["role"] == NATIONAL and row["disabled_at"] is None and row["username"] != by
    ]
    if on and not others:
        raise NobodyElse
    if not on:
        must_be_agreed(conn, OFF, "", by=by, now_ms=now_ms)
    _PUT.run(conn, [{"name": SETTING, "value": "1" if on else ""}])
    note_act(conn, now_ms, by, "eyes.on" if on else "eyes.off")


def must_be_agreed(
    conn: Connection, what: str, key: str, *, by: str, now_ms: int, cafe_id: int | None = None, why: str = ""
) -> None:
    """Use up somebody's agreement to exactly this, in the transaction that does it. Raises Unagreed."""
    if by == OFFICE.username or not is_on(conn):
        return
    used = conn.execute(
        update(second_look)
        .where(
            *_same(what, key, cafe_id, by), second_look.c.agreed_at > now_ms - LIVE_MS, second_look.c.ended_at.is_(None)
        )
        .values(ended_at=now_ms)
    )
    if not used.rowcount:
        raise Unagreed(what, key, cafe_id, why)


def account_of(conn: Connection, username: str, *, by: str, now_ms: int) -> None:
    """Ask for a second person before somebody gets a new way into an account of another, as it stands. Raises Unagreed.

    Any that writes: who holds two of them would be their own second person.
    """
    row = conn.execute(select(hq_user.c.role, hq_user.c.antenna).where(hq_user.c.username == username)).first()
    if row is not None and row.role != READER and username != by:
        must_be_agreed(conn, ACCOUNT, f"{username} {row.role} {row.antenna or ''}".strip(), by=by, now_ms=now_ms)


def ask(conn: Connection, asked: Unagreed, *, by: str, now_ms: int) -> None:
    """Keep that `by` asks for a second person; asked again while it waits, it is the same question."""
    waiting = select(second_look.c.id).where(
        *_same(asked.what_is_asked, asked.key, asked.cafe_id, by), *_open(now_ms), second_look.c.agreed_at.is_(None)
    )
    if conn.execute(waiting).first():
        return
    conn.execute(insert(second_look).values(
        id=new_id(now_ms), at=now_ms, by=by, what=asked.what_is_asked, key=asked.key, cafe_id=asked.cafe_id, why=asked.why,
    ))  # fmt: skip
    note_act(conn, now_ms, by, "eyes.asked", asked.cafe_id, what=asked.what_is_asked, key=asked.key, why=asked.why)


def answer(conn: Connection, user: User, which: str, *, now_ms: int, agreed: bool) -> None:
    """Agree to what somebody else asked, or refuse; who asked may take it back. Raises NotAllowed."""
    row = next((one for one in waiting(conn, user, now_ms) if one["id"] == which), None)
    if row is None or (agreed and row["by"] == user.username):
        raise NotAllowed
    values = {"agreed_by": user.username, "agreed_at": now_ms} if agreed else {"ended_at": now_ms}
    conn.execute(update(second_look).where(second_look.c.id == which).values(**values))
    note_act(
        conn, now_ms, user.username, "eyes.agreed" if agreed else "eyes.refused", row["cafe_id"], what=row["what"],
        key=row["key"], asked_by=row["by"],
    )  # fmt: skip


def waiting(conn: Connection, user: User, now_ms: int) -> Sequence[RowMapping]:
    """Return what waits for an answer, within what the user may see and answer, oldest first."""
    return conn.execute(
        select(second_look, cafe.c.name.label("cafe_name")).outerjoin(cafe, cafe.c.id == second_look.c.cafe_id)
        .where(*_for(user, now_ms)).order_by(second_look.c.id)
    ).mappings().all()  # fmt: skip


def count(conn: Connection, user: User, now_ms: int) -> int:
    """Return how many questions of others wait for this person."""
    query = select(func.count()).select_from(second_look).outerjoin(cafe, cafe.c.id == second_look.c.cafe_id)
    return int(conn.execute(query.where(*_for(user, now_ms), second_look.c.by != user.username)).scalar_one())


def _for(user: User, now_ms: int) -> list[ColumnElement[bool]]:
    mine = [] if user.national else [second_look.c.what.not_in(NATIONAL_ONLY)]
    if user.antenna is not None:
        mine.append(cafe.c.antenna == user.antenna)
    return [*_open(now_ms), second_look.c.agreed_at.is_(None), *mine]


def _open(now_ms: int) -> list[ColumnElement[bool]]:
    return [second_look.c.ended_at.is_(None), second_look.c.at > now_ms - LIVE_MS]


def _same(what: str, key: str, cafe_id: int | None, by: str) -> list[ColumnElement[bool]]:
    row = second_look.c
    return [
        row.what == what,
        row.key == key,
        row.by == by,
        row.cafe_id == cafe_id if cafe_id is not None else row.cafe_id.is_(None),
    ]
