"""What each channel of a café's manifest brings, as the bytes its blob is made of (ZJP/1 §2.11).

A channel that has nothing to say is not there: a box then keeps what it had.
"""

from typing import Any

from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.engine import RowMapping

from hq import catalogue, releases
from hq.network_tables import announcement, network_price
from hq.tables import cafe as cafe_table
from hq.tables import distance
from pos.house import service_codes
from pos.till import network_lists
from pos.till.network_lists import NONE, News, NewsList, Price, PriceList, Switches, Trip, TripList
from sync.manifest import ALTERNATIVES, ANNOUNCE, CATALOGUE, CONFIG, SOFTWARE

_CAFE = select(cafe_table.c.antenna, cafe_table.c.services).where(cafe_table.c.id == bindparam("cafe"))
_TRIPS = (
    select(distance)
    .where(distance.c.cafe_id == bindparam("cafe"))
    .order_by(distance.c.service, distance.c.valid_from.desc())
)


def of_cafe(conn: Connection, cafe: int, antenna: int | None, day: str) -> dict[str, bytes]:
    """Return the blobs of a café's own channels; the price list, which is everybody's, apart."""
    found: dict[str, Any] = {ANNOUNCE: announced(conn, cafe, antenna, day)}
    row = conn.execute(_CAFE, {"cafe": cafe}).first()
    if row is not None:
        found[CONFIG] = Switches(services=sorted(row.services.split()))
    trips = alternatives(conn, cafe, day)
    if trips.trips:
        found[ALTERNATIVES] = trips
    software = releases.for_cafe(conn, cafe, antenna)
    if software is not None:
        found[SOFTWARE] = software
    articles = catalogue.of_network(conn)
    if articles.products:
        found[CATALOGUE] = articles
    return {channel: network_lists.write(one) for channel, one in found.items()}


def announced(conn: Connection, cafe: int, antenna: int | None, day: str) -> NewsList:
    """Return the announcements of a café, those to come with those of today."""
    a = announcement.c
    rows = conn.execute(
        select(announcement)
        .where(
            a.ended_at.is_(None), or_(a.last_day == "", a.last_day >= day),
            or_(a.cafe_id == cafe, a.cafe_id.is_(None) & or_(a.antenna.is_(None), a.antenna == antenna)),
        )
        .order_by(a.id)
    ).mappings()  # fmt: skip
    return NewsList(news=[
        News(id=row["id"], title=row["title"], words=row["text"], first=row["first_day"], last=row["last_day"],
             urgent=row["urgent"], author=row["author"])
        for row in rows
    ])  # fmt: skip


def priced(conn: Connection, day: str) -> PriceList:
    """Return the network's prices: what holds on a day, and what is to come."""
    rows = conn.execute(select(network_price).order_by(network_price.c.ref, network_price.c.first_day)).mappings().all()
    listed = []
    for row, after in zip(rows, [*rows[1:], None], strict=False):
        replaced = after is not None and after["ref"] == row["ref"] and after["first_day"] <= day
        if not replaced and (row["first_day"] > day or row["price"] is not None or row["ceiling"] is not None):
            listed.append(Price(
                ref=row["ref"], first=row["first_day"], label=row["label"],
                price=NONE if row["price"] is None else row["price"],
                ceiling=NONE if row["ceiling"] is None else row["ceiling"],
            ))  # fmt: skip
    return PriceList(prices=listed)


def alternatives(conn: Connection, cafe: int, day: str) -> TripList:
    """Return the distances confirmed for a café: for each service the one that holds on a day, and those to come."""
    known, listed, settled = service_codes(), [], set()
    for row in conn.execute(_TRIPS, {"cafe": cafe}).mappings():
        if row["service"] in settled or row["service"] not in known:
            continue
        if row["valid_from"] <= day:
            settled.add(row["service"])
        listed.append(_trip(row))
    return TripList(trips=listed)


def _trip(row: RowMapping) -> Trip:
    return Trip(
        service=row["service"], first=row["valid_from"], metres=NONE if row["metres"] is None else row["metres"],
        town=row["town_name"], source=row["source"],
    )  # fmt: skip
