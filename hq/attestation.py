"""HQ writes and signs the attestations of its cafés' tills, and keeps each one (R2)."""

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from hq import enrolment
from hq.tables import hq_setting
from pos.clock import local
from pos.seal import Keyring
from sync import books, ingest, wire
from sync.attestation import DOMAIN, Asked, Attestation, Kept, Publisher, sample

_SETTING = "publisher."
_a = books.attestation.c
_LATEST = select(books.attestation).order_by(_a.cafe_id, _a.made_at.desc())
_OF_CAFE = _LATEST.where(_a.cafe_id == bindparam("cafe"))


def publisher(conn: Connection) -> Publisher:
    """Return who signs, as filled in at the office."""
    rows = conn.execute(select(hq_setting).where(hq_setting.c.name.startswith(_SETTING))).all()
    told = {row.name.removeprefix(_SETTING): row.value for row in rows}
    return Publisher(**{name: told.get(name, "") for name in Publisher.__struct_fields__})


def name_publisher(conn: Connection, values: dict[str, str]) -> Publisher:
    """Keep who signs from now on; attestations already made stay as they are."""
    conn.execute(delete(hq_setting).where(hq_setting.c.name.startswith(_SETTING)))
    for name in Publisher.__struct_fields__:
        conn.execute(
            insert(hq_setting).values(name=_SETTING + name, value=" ".join(values.get(name, "").split())[:160])
        )
    return publisher(conn)


def make(conn: Connection, keyring: Keyring, cafe: int, jid: str, asked: Asked, *, at: int) -> Kept:
    """Write, sign and keep the attestation of a café's till, the same words once a day; raise Refused."""
    if not (len(asked.siret) == 14 and asked.siret.isdecimal() and asked.name.strip(" ()")):
        raise ingest.Refused("no_siret", "name or SIRET missing")
    who = publisher(conn)
    if not who.complete:
        raise ingest.Refused("no_publisher")
    # The hour HQ signed the first grant: one learnt again, after HQ was put back, was not made that day.
    first = min(one.issued for one in enrolment.boxes(conn, cafe))
    told = Attestation(
        cafe=cafe, licence=f"{cafe:04d}-{jid}", siret=asked.siret, name=asked.name[:160], address=asked.address[:160],
        version=asked.version[:40], fiscal=asked.fiscal[:20], perimeter=asked.perimeter[:64],
        acquired=_day(first), issued=_day(at), publisher=who, sample=sample(),
    )  # fmt: skip
    body = wire.dump(told)
    before = conn.execute(_OF_CAFE, {"cafe": cafe}).first()
    if before is not None and bytes(before.body) == body:
        return Kept(body.decode(), bytes(before.sig).hex())
    signature = keyring.sign(DOMAIN, body)
    conn.execute(insert(books.attestation).values(
        cafe_id=cafe, made_at=max(at, before.made_at + 1) if before else at, fiscal=told.fiscal, body=body, sig=signature
    ))  # fmt: skip
    return Kept(body.decode(), signature.hex())


def _day(at: int) -> str:
    return local(at).strftime("%d/%m/%Y")


def latest(conn: Connection, cafe: int) -> Attestation | None:
    """Return the last attestation made for a café."""
    row: Any = conn.execute(_OF_CAFE, {"cafe": cafe}).first()
    return wire.parse(bytes(row.body), Attestation) if row else None


def all_latest(conn: Connection) -> dict[int, Attestation]:
    """Return the last attestation of every café that has one."""
    found: dict[int, Attestation] = {}
    for row in conn.execute(_LATEST):
        if row.cafe_id not in found:
            found[row.cafe_id] = wire.parse(bytes(row.body), Attestation)
    return found
