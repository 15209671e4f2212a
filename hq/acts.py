"""The trail of what people did at HQ: one row per act, never changed."""

import json
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import RowMapping

from hq.tables import hq_act
from pos.i18n import N_
from pos.ids import new_id

# What each act is called on the pages.
NAMES = {
    "user.created": N_("account opened"), "user.disabled": N_("account closed"), "user.enabled": N_("account opened again"),
    "user.password_set": N_("password given"), "user.signed_in": N_("signed in"),
    "user.wrong_passwords": N_("wrong passwords in a row"), "cafe.added": N_("café registered"),
    "cafe.changed": N_("sheet changed"), "cafe.closure_declared": N_("closure declared"),
    "distance.confirmed": N_("distance confirmed"), "code.made": N_("enrolment code made"),
    "box.confirmed": N_("box confirmed"), "follow_up.taken": N_("call taken"), "follow_up.called": N_("call noted"),
    "follow_up.later": N_("alert put off"), "archive.made": N_("archive handed over"), "books.made": N_("books handed over"), "repair.allowed": N_("repair allowed"),
    "user.signed_out": N_("signed out"), "table.exported": N_("table exported"), "factor.taken": N_("second factor taken"),
    "factor.reset": N_("second factor taken off"), "factor.wrong_codes": N_("wrong codes in a row"),
    "factor.recovered": N_("signed in with a recovery code"), "factor.recovery_renewed": N_("new recovery codes"),
    "factor.day_set": N_("day of the second factor set"),
    "openid.set": N_("identity elsewhere set"), "openid.taken_off": N_("identity elsewhere taken off"),
    "openid.known": N_("first sign-in from elsewhere"), "eyes.asked": N_("second person asked"), "eyes.agreed": N_("agreed as second person"),
    "eyes.refused": N_("refused or taken back"), "eyes.on": N_("second person asked from now on"), "eyes.off": N_("second person asked no more"),
    "box.revoked": N_("box revoked"), "fleet.limits_set": N_("thresholds of the boxes changed"),
    "announcement.sent": N_("announcement sent"), "announcement.ended": N_("announcement ended"), "price.set": N_("network price set"),
    "price.ended": N_("network price ended"), "price.imported": N_("network prices imported"),
    "retention.set": N_("retention changed"), "retention.forgot": N_("past their day, forgotten"),
    "figure.published": N_("figure published"), "apart.retried": N_("set apart, tried again"),
    "release.added": N_("release kept"), "release.announced": N_("release announced"), "release.withdrawn": N_("release withdrawn"),
    "article.kept": N_("article of the catalogue kept"), "article.dropped": N_("article of the catalogue taken out"),
    "box.rotation_asked": N_("another key asked of the box"), "hq_key.rotated": N_("HQ’s own key renewed"),
    "publisher.named": N_("publisher of the attestations named"),
}  # fmt: skip


def note_act(conn: Connection, now_ms: int, by: str, act: str, cafe_id: int | None = None, **detail: Any) -> None:
    """Keep that `by` did `act`, in the transaction that does it."""
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else ""
    conn.execute(insert(hq_act).values(id=new_id(now_ms), at=now_ms, by=by, act=act, cafe_id=cafe_id, detail=text))


def acts(
    conn: Connection, *, cafe_id: int | None = None, by: str = "", act: str = "", first_ms: int = 0, until_ms: int = 0,
    before: str = "", limit: int = 50,
) -> list[RowMapping]:  # fmt: skip
    """Return the latest acts, of one café or of everybody; `before` is the oldest one already seen."""
    query = select(hq_act).order_by(hq_act.c.id.desc()).limit(limit)
    if cafe_id is not None:
        query = query.where(hq_act.c.cafe_id == cafe_id)
    if by:
        query = query.where(hq_act.c.by == by)
    if act:
        query = query.where(hq_act.c.act == act)
    if first_ms:
        query = query.where(hq_act.c.at >= first_ms)
    if until_ms:
        query = query.where(hq_act.c.at < until_ms)
    if before:
        query = query.where(hq_act.c.id < before)
    return list(conn.execute(query).mappings())


def people(conn: Connection) -> list[str]:
    """Return everybody who ever did something, machines of the office too."""
    return sorted(conn.execute(select(hq_act.c.by).distinct()).scalars())
