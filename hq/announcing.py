"""Announcements to the cafés: to the network, an antenne or one café, from a day to a day."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import RowMapping

from hq import revisions
from hq.access import OFFICE, NotAllowed, User
from hq.acts import note_act
from hq.antennas import ANTENNAS
from hq.network_tables import announcement
from hq.register import check_day, find_cafe
from hq.tables import cafe
from pos.errors import Because
from pos.i18n import N_
from pos.ids import new_id
from sync.manifest import BLOB_MAX

TITLE_MOST, WORDS_MOST = 80, 2_000
# In the whole network at a time: a café's list goes down in one piece, and beyond this nobody reads.
LIVE_MOST, BYTES_MOST = 200, BLOB_MAX // 2


class BadAnnouncement(Because):
    """An announcement cannot go out as it is."""

    sentence = N_("This announcement cannot go out: %(why)s.")
    remedy = N_("Correct it and send again.")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An announcement as typed. Neither antenne nor café: for the whole network."""

    title: str
    words: str
    first: str
    last: str = ""
    antenna: int | None = None
    cafe_id: int | None = None
    urgent: bool = False


def announce(conn: Connection, user: User, draft: Draft, *, now_ms: int) -> str:
    """Send an announcement; return its id. An antenne speaks to its own cafés only. Raises BadAnnouncement, NotAllowed."""
    title, words = _check(draft)
    if draft.cafe_id is not None:
        find_cafe(conn, draft.cafe_id, user)
    elif draft.antenna is not None and draft.antenna not in ANTENNAS:
        raise BadAnnouncement(why=N_("the antenne is missing"))
    elif not user.writes or (user.antenna is not None and user.antenna != draft.antenna):
        raise NotAllowed
    if not user.writes:
        raise NotAllowed
    shown = listed(conn, OFFICE, today=draft.first, limit=LIVE_MOST)
    if len(shown) >= LIVE_MOST or sum(len(row["text"].encode()) for row in shown) > BYTES_MOST:
        raise BadAnnouncement(why=N_("too much is shown already: end some first"))
    made = new_id(now_ms)
    antenna = None if draft.cafe_id is not None else draft.antenna
    conn.execute(insert(announcement).values(
        id=made, antenna=antenna, cafe_id=draft.cafe_id, title=title, text=words, urgent=draft.urgent,
        first_day=draft.first, last_day=draft.last, by=user.username, author=user.name, at=now_ms,
    ))  # fmt: skip
    note_act(
        conn, now_ms, user.username, "announcement.sent", draft.cafe_id, id=made, title=title, antenna=antenna,
        first=draft.first, last=draft.last, urgent=draft.urgent,
    )  # fmt: skip
    revisions.changed(conn)
    return made


def _check(draft: Draft) -> tuple[str, str]:
    title, words = draft.title.strip(), draft.words.replace("\r\n", "\n").replace("\0", "").strip()
    if not 0 < len(title) <= TITLE_MOST or "\n" in title:
        raise BadAnnouncement(why=N_("its title has 1 to 80 signs"))
    if not 0 < len(words) <= WORDS_MOST:
        raise BadAnnouncement(why=N_("its text has 1 to 2,000 signs"))
    check_day(draft.first)
    if draft.last and check_day(draft.last) < draft.first:
        raise BadAnnouncement(why=N_("it ends before it begins"))
    return title, words


def end(conn: Connection, user: User, which: str, *, now_ms: int) -> None:
    """Take an announcement back: boxes drop it at their next call. Raises NotAllowed."""
    row = conn.execute(select(announcement).where(announcement.c.id == which)).mappings().first()
    if row is None or not user.writes or not _may_end(conn, user, row):
        raise NotAllowed
    if row["ended_at"] is None:
        conn.execute(
            update(announcement).where(announcement.c.id == which).values(ended_at=now_ms, ended_by=user.username)
        )
        note_act(conn, now_ms, user.username, "announcement.ended", row["cafe_id"], id=which, title=row["title"])
        revisions.changed(conn)


def _may_end(conn: Connection, user: User, row: RowMapping) -> bool:
    if user.antenna is None:
        return True
    if row["cafe_id"] is not None:
        home = conn.execute(select(cafe.c.antenna).where(cafe.c.id == row["cafe_id"])).scalar()
        return home is not None and user.sees(home)
    return bool(row["antenna"] == user.antenna)


def listed(conn: Connection, user: User, *, today: str, ended: bool = False, limit: int = 100) -> list[RowMapping]:
    """Return the announcements a user may see, the latest first: those still shown, or those that ended."""
    a = announcement.c
    over = a.ended_at.is_not(None) | ((a.last_day != "") & (a.last_day < today))
    query = (
        select(announcement, cafe.c.name.label("cafe_name"))
        .join_from(announcement, cafe, cafe.c.id == a.cafe_id, isouter=True)
        .where(over if ended else ~over)
        .order_by(a.id.desc())
        .limit(limit)
    )
    if user.antenna is not None:
        theirs = (a.cafe_id.is_(None) & (a.antenna.is_(None) | (a.antenna == user.antenna))) | (
            cafe.c.antenna == user.antenna
        )
        query = query.where(theirs)
    return list(conn.execute(query).mappings())
