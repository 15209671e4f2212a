"""Distances of the register: proposed from public data, confirmed by a person, in force from a day on."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.engine import RowMapping

from hq import facilities, revisions
from hq.acts import note_act
from hq.days import back
from hq.db import rollup_use
from hq.impact import Distance, Distances
from hq.kept import among, kept
from hq.register import check_day, services_of
from hq.tables import distance
from pos.errors import Refusal
from pos.feature import ServiceCode
from pos.house import service_codes
from pos.i18n import N_

FARTHEST_M = 200_000
# A change beyond this share of the former distance is explained by somebody.
EXPLAIN_OVER_PERCENT = 30
# A service used within these days needs its distance, on the sheet or not.
USED_WITHIN_DAYS = 365


class NotADistance(Refusal):
    """The text is not a distance."""

    sentence = N_("“%(text)s” is not a distance.")
    remedy = N_("Type kilometres between 0 and 200, like 7,5.")


class SourceMissing(Refusal):
    """A corrected distance without the place it comes from."""

    sentence = N_("Who says so? A distance needs its source.")
    remedy = N_("Write where the figure comes from: odometer, map, town hall…")


class ChangeUnexplained(Refusal):
    """A distance that moves by more than 30 % needs a word."""

    sentence = N_("This distance changes by more than 30 %%: from %(old)s km to %(new)s km.")
    remedy = N_("Say in the approval note what changed, and confirm again.")


@dataclass(frozen=True)
class Line:
    """A service of a café in its distances form: what is proposed, and what is confirmed."""

    service: ServiceCode
    here: facilities.Proposal | None
    elsewhere: facilities.Proposal | None
    confirmed: RowMapping | None
    history: tuple[RowMapping, ...] = ()

    @property
    def proposal(self) -> facilities.Proposal | None:
        """What the form starts from: the commune itself when it had one."""
        return self.here or self.elsewhere


def lines(conn: Connection, cafe: RowMapping, today: str) -> list[Line]:
    """Return the distances form of a café: one line per service offered or used that stands for a trip."""
    codes = service_codes()
    rows = list(
        conn.execute(
            select(distance).where(distance.c.cafe_id == cafe["id"]).order_by(distance.c.valid_from.desc())
        ).mappings()
    )
    result = []
    used = set(conn.execute(select(rollup_use.c.service).where(
        rollup_use.c.cafe_id == cafe["id"], rollup_use.c.day >= back(today, USED_WITHIN_DAYS)).distinct()).scalars())  # fmt: skip
    for code, service in codes.items():
        own = tuple(r for r in rows if r["service"] == code)
        if code not in used and code not in services_of(cafe):
            continue
        # Nothing else to drive to, nothing to confirm; a distance once confirmed still shows.
        if not service.alternatives and not own:
            continue
        here, elsewhere = proposals(service, cafe)
        result.append(Line(service, here, elsewhere, next((r for r in own if r["valid_from"] <= today), None), own))
    return result


def proposals(service: ServiceCode, cafe: RowMapping) -> tuple[facilities.Proposal | None, facilities.Proposal | None]:
    """Return what the commune itself had, and the nearest other commune."""
    return facilities.nearest(service, cafe["insee"], cafe["latitude"], cafe["longitude"])


def parse_km(text: str) -> int:
    """Return metres for a text like `7,5`; raise NotADistance."""
    cleaned = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(",", ".").removesuffix("km").strip()
    whole, dot, part = cleaned.partition(".")
    if not whole.isdecimal() or (dot and not part.isdecimal()) or len(whole) > 4:
        raise NotADistance(text=text[:20])
    metres = int(whole) * 1000 + int((part + "000")[:3])
    if metres > FARTHEST_M:
        raise NotADistance(text=text[:20])
    return metres


def confirm(
    conn: Connection, cafe: RowMapping, service: str, metres: int | None, *, by: str, now_ms: int,
    valid_from: str, town: str, town_name: str, source: str, vintage: str = "", note: str = "", crow_m: int | None = None,
    name: str = "",
) -> None:  # fmt: skip
    """Put a distance in force from `valid_from`; nothing before that day changes. Its page says `name`, the trail `by`."""
    if service not in service_codes():
        raise NotADistance(text=service)
    if not source.strip():
        raise SourceMissing
    old = in_force(conn, cafe["id"], service, check_day(valid_from))
    if old is not None and old["metres"] and metres is not None and not note.strip():
        change = abs(metres - old["metres"]) * 100
        if change > EXPLAIN_OVER_PERCENT * old["metres"]:
            raise ChangeUnexplained(old=format_km(old["metres"]), new=format_km(metres))
    key = (distance.c.cafe_id == cafe["id"], distance.c.service == service, distance.c.valid_from == valid_from)
    conn.execute(delete(distance).where(*key))
    conn.execute(
        insert(distance).values(
            cafe_id=cafe["id"], service=service, valid_from=valid_from, metres=metres, crow_m=crow_m, town=town,
            town_name=town_name, source=source.strip()[:200], vintage=vintage, note=note.strip()[:300],
            confirmed_by=name or by, confirmed_at=now_ms,
        )
    )  # fmt: skip
    revisions.changed_for(conn, cafe["id"], now_ms)
    note_act(
        conn, now_ms, by, "distance.confirmed", cafe["id"], service=service, valid_from=valid_from, metres=metres,
        before=old["metres"] if old else None, source=source.strip()[:200], note=note.strip()[:300],
    )  # fmt: skip


def in_force(conn: Connection, cafe_id: int, service: str, day: str) -> RowMapping | None:
    """Return the distance of a service in force on `day`."""
    query = (
        select(distance)
        .where(distance.c.cafe_id == cafe_id, distance.c.service == service, distance.c.valid_from <= day)
        .order_by(distance.c.valid_from.desc())
        .limit(1)
    )
    return conn.execute(query).mappings().first()


def confirmed(conn: Connection, cafe_ids: Iterable[int] | None = None) -> Distances:
    """Return the confirmed distances of some cafés, or of all, ready to multiply."""
    query = select(distance.c.cafe_id, distance.c.service, distance.c.valid_from, distance.c.metres, distance.c.town)
    if cafe_ids is not None:
        query = query.where(distance.c.cafe_id.in_(list(cafe_ids)))
    return Distances(Distance(*row) for row in conn.execute(query))


def kept_of(conn: Connection, rows: Iterable[RowMapping]) -> Distances:
    """Return the confirmed distances of cafés of the register; those of a café that did not change are not read again."""

    def read(stale: list[int]) -> dict[int, Distances]:
        query = select(
            distance.c.cafe_id, distance.c.service, distance.c.valid_from, distance.c.metres, distance.c.town
        )
        found = Distances(Distance(*row) for row in conn.execute(query.where(among(conn, distance.c.cafe_id, stale))))
        return {number: found.of(number) for number in stale}

    return Distances.joined(kept(conn, "distances", {row["id"]: row["changed_at"] for row in rows}, read).values())


def format_km(metres: int) -> str:
    """Return `7,5` for 7 500 metres: one decimal, half up."""
    tenths = (metres + 50) // 100
    return f"{tenths // 10},{tenths % 10}"
