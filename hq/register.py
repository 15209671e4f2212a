"""The register: which cafés there are, where, run how, offering what. Ordinary data, every change noted."""

import re
from dataclasses import dataclass, fields
from datetime import date
from operator import itemgetter

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from hq import revisions
from hq.access import User
from hq.acts import note_act
from hq.antennas import ANTENNAS, MODELS, SHARING_MODELS
from hq.communes import commune_of, plain
from hq.days import weekday, within
from hq.tables import REGISTER_TABLES, cafe, hq_setting, planned_closure
from pos.errors import Because, Refusal
from pos.house import service_codes
from pos.i18n import N_

__all__ = ["REGISTER_TABLES", "Sheet", "add_cafe", "change_cafe", "find_cafe"]

STATUSES = ("pending", "open", "closed")
_HOURS = re.compile(r"\d{1,2}[:h]\d{2}\s*-\s*\d{1,2}[:h]\d{2}(\s+\d{1,2}[:h]\d{2}\s*-\s*\d{1,2}[:h]\d{2})?")


class BadSheet(Because):
    """A café's sheet cannot be saved as it is."""

    sentence = N_("This sheet cannot be saved: %(why)s.")
    remedy = N_("Correct the field and save again.")


class NoSuchCafe(Refusal):
    """No café bears this number, or it is not yours to see."""

    sentence = N_("There is no café number %(cafe)s in your part of the network.")
    remedy = N_("Look for it by name in the register.")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What the register knows of a café, as typed in its form."""

    name: str
    insee: str
    antenna: int
    model: str
    delegated: str = ""
    latitude: float | None = None
    longitude: float | None = None
    services: tuple[str, ...] = ()
    # Seven texts, Monday first; empty: closed that day.
    week: tuple[str, ...] = ("",) * 7
    status: str = "pending"
    opened_on: str = ""
    closed_on: str = ""
    consent_on: str = ""
    consent_source: str = ""
    phone: str = ""


def add_cafe(conn: Connection, sheet: Sheet, *, by: str, now_ms: int, cafe_id: int | None = None) -> int:
    """Write a new café and return its number, which never changes nor serves again."""
    values = _values(sheet)
    if cafe_id is None:
        cafe_id = conn.execute(select(func.coalesce(func.max(cafe.c.id), 0))).scalar_one() + 1
    conn.execute(insert(cafe).values(id=cafe_id, created_at=now_ms, changed_at=now_ms, **values))
    note_act(conn, now_ms, by, "cafe.added", cafe_id, name=sheet.name, insee=values["insee"])
    return cafe_id


def change_cafe(conn: Connection, cafe_id: int, sheet: Sheet, *, by: str, now_ms: int) -> None:
    """Write a café's sheet anew; what changed is kept in the trail."""
    old = conn.execute(select(cafe).where(cafe.c.id == cafe_id)).mappings().one()
    values = _values(sheet)
    changed = {name: [old[name], new] for name, new in values.items() if old[name] != new}
    if changed:
        conn.execute(update(cafe).where(cafe.c.id == cafe_id).values(**values))
        note = revisions.changed_for if "services" in changed else revisions.touch
        note(conn, cafe_id, now_ms)
        note_act(conn, now_ms, by, "cafe.changed", cafe_id, changed=changed)


def _values(sheet: Sheet) -> dict[str, object]:
    commune = commune_of(sheet.insee)
    if commune is None:
        raise BadSheet(why=N_("the commune is not in INSEE’s list"))
    _check(sheet)
    values: dict[str, object] = {f.name: getattr(sheet, f.name) for f in fields(sheet)}
    values.update(
        name=sheet.name.strip(), insee=commune.insee, commune=commune.name, department=commune.department,
        population=commune.population, services=" ".join(sheet.services), week="|".join(map(_hours, sheet.week)),
        latitude=commune.latitude if sheet.latitude is None else sheet.latitude,
        longitude=commune.longitude if sheet.longitude is None else sheet.longitude,
    )  # fmt: skip
    return values


def _check(sheet: Sheet) -> None:
    if not 0 < len(sheet.name.strip()) <= 80:
        raise BadSheet(why=N_("the café has no name"))
    if sheet.antenna not in ANTENNAS or sheet.model not in MODELS or sheet.status not in STATUSES:
        raise BadSheet(why=N_("antenne, model or status is unknown"))
    if len(sheet.week) != 7 or any(day.strip() and not _HOURS.fullmatch(day.strip()) for day in sheet.week):
        raise BadSheet(why=N_("opening hours are written like 7:00-13:00 17:00-20:00"))
    if set(sheet.services) - set(service_codes()):
        raise BadSheet(why=N_("a service is unknown"))
    if not (-90 <= (sheet.latitude or 0) <= 90 and -180 <= (sheet.longitude or 0) <= 180):
        raise BadSheet(why=N_("latitude and longitude are degrees, like 43.1637 and 1.4858"))
    for day in (sheet.opened_on, sheet.closed_on, sheet.consent_on):
        if day:
            check_day(day)


def check_day(day: str) -> str:
    """Return a `YYYY-MM-DD` text; raise BadSheet."""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        raise BadSheet(why=N_("a date is written like 2026-11-20")) from None


def _hours(text: str) -> str:
    return re.sub(r"\s*-\s*", "-", text.strip().replace("h", ":"))


def find_cafe(conn: Connection, cafe_id: int, user: User) -> RowMapping:
    """Return a café that `user` may see; raise NoSuchCafe, the same for one of another antenne."""
    row = conn.execute(user.within(select(cafe).where(cafe.c.id == cafe_id))).mappings().first()
    if row is None:
        raise NoSuchCafe(cafe=cafe_id)
    return row


def cafes(
    conn: Connection, user: User, *, antenna: int | None = None, text: str = "", cafe_id: int | None = None
) -> list[RowMapping]:
    """Return the cafés `user` may see, by name."""
    query = user.within(select(cafe).order_by(cafe.c.name, cafe.c.id))
    if antenna is not None:
        query = query.where(cafe.c.antenna == antenna)
    if cafe_id is not None:
        query = query.where(cafe.c.id == cafe_id)
    asked = plain(text)
    rows = list(conn.execute(query).mappings())
    return [r for r in rows if asked in plain(f"{r['name']} {r['commune']} {r['delegated']}")] if asked else rows


# All that a café's row says, as a key.
row_key = itemgetter(*cafe.c.keys())


def shares_money(row: RowMapping) -> bool:
    """Tell whether a café's money side may be shown: by its model, or by signed consent."""
    return row["model"] in SHARING_MODELS or bool(row["consent_on"])


def services_of(row: RowMapping) -> tuple[str, ...]:
    """Return the codes of the services a café offers."""
    return tuple(str(row["services"]).split())


def week_of(row: RowMapping) -> tuple[str, ...]:
    """Return the opening hours of the seven days, Monday first; empty when nothing was typed."""
    week = tuple(str(row["week"]).split("|"))
    return week if len(week) == 7 and any(week) else ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a café is expected to be open."""

    week: tuple[str, ...]
    closures: tuple[tuple[str, str], ...] = ()

    def plan(self, day: str) -> str:
        """Return `open`, `rest`, `away` (declared closure), or `unknown` without a calendar."""
        if within(day, self.closures):
            return "away"
        if not self.week:
            return "unknown"
        return "open" if self.week[weekday(day)] else "rest"


def calendars(conn: Connection, rows: list[RowMapping]) -> dict[int, Calendar]:
    """Return the calendar of each café."""
    closures: dict[int, list[tuple[str, str]]] = {}
    for c in conn.execute(select(planned_closure)).mappings():
        closures.setdefault(c["cafe_id"], []).append((c["first_day"], c["last_day"]))
    return {r["id"]: Calendar(week_of(r), tuple(closures.get(r["id"], ()))) for r in rows}


def declare_closure(
    conn: Connection, cafe_id: int, first: str, last: str, reason: str, *, by: str, now_ms: int
) -> None:
    """Note a rest the café announced: its days are neither silence nor unexpected closure."""
    first, last = check_day(first), check_day(last or first)
    if last < first:
        raise BadSheet(why=N_("the closure ends before it begins"))
    conn.execute(
        delete(planned_closure).where(planned_closure.c.cafe_id == cafe_id, planned_closure.c.first_day == first)
    )
    conn.execute(
        insert(planned_closure).values(
            cafe_id=cafe_id, first_day=first, last_day=last, reason=reason.strip()[:120], by=by, at=now_ms
        )
    )
    note_act(conn, now_ms, by, "cafe.closure_declared", cafe_id, first=first, last=last)


def is_demo(conn: Connection) -> bool:
    """Tell whether this database holds made-up figures."""
    return conn.execute(select(hq_setting.c.value).where(hq_setting.c.name == "demo")).scalar() == "yes"


def mark_demo(conn: Connection) -> None:
    """Say for ever that this database holds made-up figures."""
    if not is_demo(conn):
        conn.execute(insert(hq_setting).values(name="demo", value="yes"))
