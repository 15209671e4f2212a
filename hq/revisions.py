"""What changed for the cafés since their manifests were signed: a number for all of them, a moment for one."""

from sqlalchemy import Connection, insert, select, update

from hq import tables

REVISION = "downstream_revision"


def changed(conn: Connection) -> None:
    """Note that something for the cafés changed, in the transaction that changes it."""
    setting = tables.hq_setting
    now = conn.execute(select(setting.c.value).where(setting.c.name == REVISION).with_for_update()).scalar()
    if now is None:
        conn.execute(insert(setting).values(name=REVISION, value="1"))
    else:
        conn.execute(update(setting).where(setting.c.name == REVISION).values(value=str(int(now) + 1)))


def changed_for(conn: Connection, cafe: int, now_ms: int) -> None:
    """Note that something for one café changed: the manifests of the others stand as they are."""
    touch(conn, cafe, now_ms)
    setting = tables.hq_setting
    if conn.execute(select(setting.c.value).where(setting.c.name == REVISION)).first() is None:
        changed(conn)


def touch(conn: Connection, cafe: int, now_ms: int) -> None:
    """Move the moment a café last changed at; two changes within one moment are two."""
    row = tables.cafe.c
    before = conn.execute(select(row.changed_at).where(row.id == cafe).with_for_update()).scalar_one()
    conn.execute(update(tables.cafe).where(row.id == cafe).values(changed_at=max(now_ms, before + 1)))
