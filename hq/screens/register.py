"""The register's pages: the list, a café's sheet, its distances, its enrolment code."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from hq import communes, distances, enrolment, facilities, geo, register
from hq.antennas import antenna_of
from hq.distances import Line
from hq.drawing import surroundings
from hq.kept import among
from hq.recent import recent
from hq.register import BadSheet, Sheet
from hq.screens import page, paging
from pos.errors import Refusal
from pos.house import service_codes
from pos.i18n import N_, _
from sync.books import journal
from sync.ingest import OPEN

blueprint = Blueprint("register", __name__)

# By café: services that stand for a trip, and those of them whose distance is to be confirmed.
Trips = dict[int, tuple[list[str], list[str]]]


@blueprint.get("/register")
def index() -> ResponseReturnValue:
    """List the cafés, with what their sheet lacks."""
    text, antenna, missing = request.args.get("q", "")[:60], page.asked_antenna(), "missing" in request.args
    with page.reading() as conn:
        rows = register.cafes(conn, page.me(), antenna=antenna, text=text)
        trips = _trips(conn, rows) if missing else {}
        listed = paging.sliced([row for row in rows if not missing or trips[row["id"]][1]])
        lines = _lines(conn, listed.rows, trips)
    return page.draw("register.html", rows=lines, listed=listed, text=text, antenna=antenna, missing=missing)


def _lines(conn: Connection, rows: Sequence[RowMapping], trips: Trips) -> list[tuple[object, ...]]:
    """Return what is drawn of some cafés: services used and not, trips, distances lacking, box to confirm, box there."""
    trips = trips or _trips(conn, rows)
    uses = recent(conn, [row["id"] for row in rows], page.today())
    pending = {box.cafe_id for box in enrolment.pending(conn)}
    j = journal.c
    enrolled = set(conn.execute(select(j.cafe_id).where(
        among(conn, j.cafe_id, [row["id"] for row in rows]), j.state == OPEN)).scalars())  # fmt: skip
    return [
        (row, *_services(row, uses[row["id"]][1].uses), *trips[row["id"]], row["id"] in pending, row["id"] in enrolled)
        for row in rows
    ]


def _trips(conn: Connection, rows: Sequence[RowMapping]) -> Trips:
    """Return the services of each café, offered or used, that stand for a trip; those whose distance is to be confirmed."""
    known, today = distances.kept_of(conn, rows), page.today()
    uses = recent(conn, [row["id"] for row in rows], today)
    standing = [code for code, service in service_codes().items() if service.alternatives]

    def told(row: RowMapping) -> tuple[list[str], list[str]]:
        here = {*register.services_of(row), *(code for code, sums in uses[row["id"]][1].uses.items() if any(sums[:2]))}
        trips = [code for code in standing if code in here]
        return trips, [code for code in trips if known.at(row["id"], code, today) is None]

    return {row["id"]: told(row) for row in rows}


def _services(row: RowMapping, uses: dict[str, tuple[int, int, int]]) -> tuple[list[str], list[str]]:
    """Return the services used these five weeks, then those offered that nobody took; all, before its first day."""
    used = {code for code, (now, before, _all) in uses.items() if now or before}
    known = [code for code in service_codes() if code in used or code in register.services_of(row)]
    if not used:
        return known, []
    return [code for code in known if code in used], [code for code in known if code not in used]


@blueprint.get("/register/new")
def new() -> ResponseReturnValue:
    """Look for the commune of a new café, then draw its empty sheet."""
    page.must_be_national()
    text, insee = request.args.get("commune", "")[:60], request.args.get("insee", "")
    commune = communes.commune_of(insee) if insee else None
    if commune is None:
        return page.draw("new_cafe.html", text=text, found=communes.search(text) if text else [])
    fresh = {
        "id": None, "name": "", "insee": commune.insee, "commune": commune.name, "department": commune.department,
        "delegated": request.args.get("delegated", "")[:80], "population": commune.population,
        "antenna": antenna_of(commune.department), "model": "managed", "latitude": commune.latitude,
        "longitude": commune.longitude, "services": " ".join(service_codes()), "week": "|" * 6, "status": "pending",
        "opened_on": "", "closed_on": "", "consent_on": "", "consent_source": "", "phone": "",
    }  # fmt: skip
    return page.draw("sheet.html", **_around(fresh, commune), trouble=None, lines=[], boxes=[])


@blueprint.post("/register/new")
def add() -> ResponseReturnValue:
    """Write a new café."""
    user = page.must_be_national()
    try:
        with page.writing() as conn:
            cafe_id = register.add_cafe(conn, typed_sheet(), by=user.username, now_ms=page.now_ms())
    except Refusal as trouble:
        return _sheet_again(trouble, None)
    return page.back_to(
        url_for("register.sheet", cafe_id=cafe_id), _("Café registered. Confirm its distances, then make its code.")
    )


@blueprint.get("/register/<int:cafe_id>")
def sheet(cafe_id: int) -> ResponseReturnValue:
    """Draw a café's sheet, its distances and its box."""
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        return page.draw("sheet.html", **_sheet_of(conn, row), trouble=None)


@blueprint.post("/register/<int:cafe_id>")
def change(cafe_id: int) -> ResponseReturnValue:
    """Write a café's sheet anew."""
    user = page.must_write()
    try:
        with page.writing() as conn:
            row = register.find_cafe(conn, cafe_id, user)
            sheet_typed = typed_sheet()
            if not user.national and sheet_typed.antenna != row["antenna"]:
                raise BadSheet(why=N_("only a national account moves a café to another antenne"))
            register.change_cafe(conn, cafe_id, sheet_typed, by=user.username, now_ms=page.now_ms())
    except register.NoSuchCafe:
        raise
    except Refusal as trouble:
        return _sheet_again(trouble, cafe_id)
    return page.back_to(url_for("register.sheet", cafe_id=cafe_id), _("Sheet saved."))


def typed_sheet() -> Sheet:
    """Return the sheet as typed in the form."""
    form = request.form
    return Sheet(
        name=form.get("name", ""), insee=form.get("insee", ""), delegated=form.get("delegated", "").strip()[:80],
        antenna=form.get("antenna", 0, type=int), model=form.get("model", ""), latitude=_degrees("latitude"),
        longitude=_degrees("longitude"), services=tuple(s for s in service_codes() if s in form.getlist("services")),
        week=tuple(form.get(f"day{i}", "")[:40] for i in range(7)), status=form.get("status", "pending"),
        opened_on=form.get("opened_on", ""), closed_on=form.get("closed_on", ""), phone=form.get("phone", "").strip()[:40],
        consent_on=form.get("consent_on", ""), consent_source=form.get("consent_source", "").strip()[:120],
    )  # fmt: skip


def _degrees(name: str) -> float | None:
    text = request.form.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise BadSheet(why=N_("latitude and longitude are degrees, like 43.1637 and 1.4858")) from None


def _sheet_again(trouble: Refusal, cafe_id: int | None) -> ResponseReturnValue:
    """Draw the sheet as it was typed, with what is wrong in it."""
    typed: dict[str, Any] = {
        "id": cafe_id, **{k: v for k, v in request.form.items() if k != "services"},
        "services": " ".join(request.form.getlist("services")),
        "week": "|".join(request.form.get(f"day{i}", "") for i in range(7)),
    }  # fmt: skip
    commune = communes.commune_of(str(typed.get("insee", "")))
    if commune is None:
        return page.back_to(url_for("register.new" if cafe_id is None else "register.index"), trouble=trouble)
    typed |= {"commune": commune.name, "department": commune.department, "population": commune.population,
              "antenna": request.form.get("antenna", 0, type=int)}  # fmt: skip
    if cafe_id is None:
        extra: dict[str, Any] = {**_around(typed, commune), "lines": [], "boxes": []}
    else:
        with page.reading() as conn:
            extra = _sheet_of(conn, register.find_cafe(conn, cafe_id, page.me()))
        cafe = {**extra["cafe"], **typed}
        extra |= {"cafe": cafe, "week": str(cafe["week"]).split("|"), "offered": str(cafe["services"]).split()}
    return page.draw("sheet.html", 422, **{**extra, "trouble": trouble})


def _sheet_of(conn: Connection, row: RowMapping) -> dict[str, Any]:
    lines = distances.lines(conn, row, page.today())
    commune = communes.commune_of(row["insee"])
    calendar = register.calendars(conn, [row])[row["id"]]
    return {
        **_around(dict(row), commune), "lines": lines, "boxes": enrolment.boxes(conn, row["id"]), "anomaly": enrolment.in_anomaly(conn, row["id"]),
        "closures": sorted(calendar.closures, reverse=True), "around": _drawn_around(row, lines),
    }  # fmt: skip


def _around(cafe: dict[str, Any], commune: communes.Commune | None) -> dict[str, Any]:
    week = str(cafe["week"]).split("|")
    return {
        "cafe": cafe, "commune": commune, "limit": communes.POPULATION_LIMIT, "week": (week + [""] * 7)[:7],
        "offered": str(cafe["services"]).split(), "codes_known": service_codes(), "vintage": facilities.VINTAGE,
        "detour": geo.DETOUR_PERCENT, "facility_names": facilities.KIND_NAMES, "closures": [], "around": None,
        "departments": communes.departments(), "statuses": {"pending": N_("Being prepared"), "open": N_("In activity"), "closed": N_("Closed for good")},
    }  # fmt: skip


def _drawn_around(cafe: RowMapping, lines: list[Line]) -> dict[str, Any] | None:
    """Return the communes proposed around the café, once each, and the circles that fit them."""
    places: dict[str, tuple[float, float, str]] = {}
    for line in lines:
        found = line.elsewhere
        if found is not None and found.crow_m <= 16_000:
            east = geo.great_circle_m(cafe["latitude"], cafe["longitude"], cafe["latitude"], found.commune.longitude)
            north = geo.great_circle_m(cafe["latitude"], cafe["longitude"], found.commune.latitude, cafe["longitude"])
            x = (east if found.commune.longitude >= cafe["longitude"] else -east) / 1000
            y = (north if found.commune.latitude >= cafe["latitude"] else -north) / 1000
            places[found.commune.insee] = (x, y, found.commune.name)
    return surroundings(list(places.values())) if places else None


@blueprint.post("/register/<int:cafe_id>/distances/<service>")
def confirm_distance(cafe_id: int, service: str) -> ResponseReturnValue:
    """Confirm or correct the distance of a service."""
    user, form, target = page.must_write(), request.form, url_for("register.sheet", cafe_id=cafe_id)
    try:
        with page.writing() as conn:
            row = register.find_cafe(conn, cafe_id, user)
            town = _town(form.get("town", ""), form.get("town_name", ""), row)
            line = next((ln for ln in distances.lines(conn, row, page.today()) if ln.service.code == service), None)
            crow = next(
                (p.crow_m for p in ((line.here, line.elsewhere) if line else ()) if p and p.commune.insee == town[0]),
                None,
            )
            distances.confirm(
                conn, row, service, None if form.get("gone") else distances.parse_km(form.get("km", "")),
                by=user.username, name=user.name, now_ms=page.now_ms(), valid_from=register.check_day(form.get("valid_from", "")),
                town=town[0], town_name=town[1], source=form.get("source", ""), note=form.get("note", ""),
                vintage=facilities.VINTAGE if crow is not None else "", crow_m=crow,
            )  # fmt: skip
    except register.NoSuchCafe:
        raise
    except Refusal as trouble:
        return page.back_to(f"{target}#d", trouble=trouble)
    return page.back_to(f"{target}#d", _("Distance in force: its kilometres count from that day on."))


def _town(insee: str, name: str, row: RowMapping) -> tuple[str, str]:
    """Return code and name of the town one would go to: as proposed, or as typed."""
    found = communes.commune_of(insee)
    if found is not None and (not name.strip() or communes.plain(name) == communes.plain(found.name)):
        return found.insee, found.name
    hits = communes.search(name, limit=40)
    near = min(
        (h.commune for h in hits),
        key=lambda c: geo.great_circle_m(row["latitude"], row["longitude"], c.latitude, c.longitude), default=None,
    )  # fmt: skip
    if near is None:
        raise TownUnknown(text=name[:40])
    return near.insee, near.name


class TownUnknown(Refusal):
    """The town of an alternative is not in INSEE's list."""

    sentence = N_("No commune is called “%(text)s”.")
    remedy = N_("Type the name of the commune where the other place is.")


@blueprint.post("/register/<int:cafe_id>/closures")
def close_for_a_while(cafe_id: int) -> ResponseReturnValue:
    """Note a closure the café announced."""
    user, form, target = page.must_write(), request.form, url_for("register.sheet", cafe_id=cafe_id)
    try:
        with page.writing() as conn:
            register.find_cafe(conn, cafe_id, user)
            register.declare_closure(
                conn, cafe_id, form.get("first", ""), form.get("last", ""), form.get("reason", ""),
                by=user.username, now_ms=page.now_ms(),
            )  # fmt: skip
    except register.NoSuchCafe:
        raise
    except Refusal as trouble:
        return page.back_to(target, trouble=trouble)
    return page.back_to(target, _("Closure noted."))
