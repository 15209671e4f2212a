"""CSV of each table, within what the user may see."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from hq import access, acts, impact, morning, register, reports, visits
from hq.db import closure, rollup_day, rollup_use
from hq.distances import confirmed
from hq.exports import Cell, comma, csv_bytes
from hq.screens import page
from hq.screens.impact import asked_period
from hq.tables import cafe, distance
from pos import kind_words
from pos.clock import PARIS
from pos.house import service_codes
from pos.i18n import N_, _
from pos.journal import read_envelope
from sync.books import cursor
from sync.ingest import entry_body

blueprint = Blueprint("exports", __name__)
Table = tuple[list[str], list[list[Cell]]]
ACTS_MOST = 20_000
# The newest entries: reading one opens its segment.
JOURNAL_MOST = 1_000


@blueprint.get("/export/<name>.csv")
def table(name: str) -> ResponseReturnValue:
    """Send a table as CSV."""
    make = TABLES.get(name)
    if make is None:
        abort(404)
    with page.reading() as conn:
        header, rows = make(conn)
        of = _one_cafe(conn) if request.args.get("cafe") else None
    page.note_export(name, of)
    answer = Response(csv_bytes([_(title) for title in header], rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="zinc-{name}-{page.today()}.csv"'
    return answer


def _network(conn: Connection) -> Table:
    lines = morning.network(conn, page.me(), page.now_ms(), antenna=page.asked_antenna())
    codes = list(service_codes())
    header = [N_("number"), N_("café"), N_("commune"), N_("département"), N_("antenne"), N_("level"), N_("why"), N_("next step"),
              N_("days open of 14"), N_("days planned of 14"), N_("days unknown of 14"), N_("takings, 7 days (€)"),
              N_("habit per week (€)")]  # fmt: skip
    rows: list[list[Cell]] = []
    for ln in lines:
        first, hidden = (ln.alerts[0] if ln.alerts else None), not ln.shares_money or bool(ln.takings.unknown_since)
        rows.append([
            ln.cafe["id"], ln.cafe["name"], ln.cafe["delegated"] or ln.cafe["commune"], ln.cafe["department"], ln.cafe["antenna"],
            ln.level, first.why if first else "", first.next if first else "", ln.days_open, ln.days_planned,
            ln.days_unknown, None if hidden else comma(ln.takings.week, 2), None if hidden else comma(ln.takings.habit, 2),
            *(None if ln.takings.unknown_since or code not in ln.uses else ln.uses[code].now for code in codes),
        ])  # fmt: skip
    return header + [service_codes()[code].label for code in codes], rows


def _impact(conn: Connection) -> Table:
    report = reports.impact_report(conn, asked_period(), page.me(), today=page.today(), antenna=page.asked_antenna())
    header = [N_("first day"), N_("last day"), N_("method"), N_("number"), N_("café"), N_("commune"), N_("INSEE code"), N_("antenne"),
              N_("service"), N_("2023 perimeter"), N_("uses"), N_("uses without distance"), N_("km, gross, one way"),
              N_("days received (%)"), N_("added up")]  # fmt: skip
    rows: list[list[Cell]] = []
    for mine in report.cafes:
        for code, part in mine.by_service.items():
            rows.append([
                report.period.first, report.period.last, f"{impact.METHOD}, {impact.METHOD_VERSION}", mine.cafe["id"],
                mine.cafe["name"], mine.cafe["commune"], mine.cafe["insee"], mine.cafe["antenna"], page.label_of(code),
                _("yes") if page.service_of(code).headline else _("no"), part.uses, part.without,
                None if part.without == part.uses else comma(part.metres, 3), mine.coverage.percent,
                _("yes") if mine.counted else _("no"),
            ])  # fmt: skip
    return header, rows


def _one_cafe(conn: Connection) -> int:
    return int(register.find_cafe(conn, request.args.get("cafe", 0, type=int), page.me())["id"])


def _days(conn: Connection) -> Table:
    number = _one_cafe(conn)
    shared = register.shares_money(register.find_cafe(conn, number, page.me()))
    uses = {(r.day, r.service): r.uses for r in conn.execute(select(rollup_use).where(rollup_use.c.cafe_id == number))}
    codes = list(service_codes())
    header = [N_("day"), N_("tickets"), N_("refunds"), N_("own takings (€)"), N_("cash difference (€)")]
    query = select(rollup_day).where(rollup_day.c.cafe_id == number).order_by(rollup_day.c.day)
    rows: list[list[Cell]] = [
        [r["day"], r["tickets"], r["refunds"], comma(r["turnover_cents"], 2) if shared else None,
         comma(r["cash_difference"], 2) if shared else None, *(uses.get((r["day"], code), 0) for code in codes)]
        for r in conn.execute(query).mappings()
    ]  # fmt: skip
    return header + [service_codes()[code].label for code in codes], rows


def _closings(conn: Connection) -> Table:
    number = _one_cafe(conn)
    if not register.shares_money(register.find_cafe(conn, number, page.me())):
        rows = conn.execute(select(closure).where(closure.c.cafe_id == number).order_by(closure.c.day)).mappings()
        return [N_("day"), N_("Z"), N_("tickets")], [[r["day"], r["z"], r["tickets"]] for r in rows]
    header = [
        N_("day"),
        N_("Z"),
        N_("tickets"),
        N_("own takings (€)"),
        N_("expected (€)"),
        N_("counted (€)"),
        N_("difference (€)"),
    ]
    query = select(closure).where(closure.c.cafe_id == number).order_by(closure.c.day)
    return header, [
        [r["day"], r["z"], r["tickets"], comma(r["turnover_cents"], 2), comma(r["cash_expected"], 2),
         comma(r["cash_counted"], 2), comma(r["cash_difference"], 2)]
        for r in conn.execute(query).mappings()
    ]  # fmt: skip


def _entries(conn: Connection) -> Table:
    number, service = _one_cafe(conn), request.args.get("service", "")
    first, last = register.check_day(request.args.get("first", "")), register.check_day(request.args.get("last", ""))
    distances = confirmed(conn, [number])
    rows: list[list[Cell]] = []
    for use in visits.said_of(conn, number, service, first, last):
        found = distances.at(number, service, use.day)
        rows.append([use.jn, use.seq, use.day, use.visit, use.count, comma(found.metres, 3) if found else None])
    return [N_("box"), N_("entry"), N_("day"), N_("visit"), N_("uses"), N_("distance in force (km)")], rows


def _cafes(conn: Connection) -> Table:
    header = [N_("number"), N_("café"), N_("commune"), N_("delegated commune"), N_("INSEE code"), N_("population"), N_("antenne"),
              N_("model"), N_("status"), N_("services"), N_("latitude (millionths)"), N_("longitude (millionths)"),
              N_("open since"), N_("shares its money side")]  # fmt: skip
    from hq.antennas import MODELS

    return header, [
        [r["id"], r["name"], r["commune"], r["delegated"], r["insee"], r["population"], r["antenna"], _(MODELS[r["model"]]),
         r["status"], r["services"], round(r["latitude"] * 10**6), round(r["longitude"] * 10**6), r["opened_on"],
         _("yes") if register.shares_money(r) else _("no")]
        for r in register.cafes(conn, page.me())
    ]  # fmt: skip


def _distances(conn: Connection) -> Table:
    query = page.me().within(select(distance, cafe.c.name).join(cafe, cafe.c.id == distance.c.cafe_id))
    header = [N_("number"), N_("café"), N_("service"), N_("in force from"), N_("km, one way"), N_("to"), N_("source"), N_("vintage"),
              N_("confirmed by"), N_("note")]  # fmt: skip
    order = query.order_by(distance.c.cafe_id, distance.c.service, distance.c.valid_from)
    return header, [
        [r["cafe_id"], r["name"], page.label_of(r["service"]), r["valid_from"], comma(r["metres"], 3), r["town_name"],
         r["source"], r["vintage"], r["confirmed_by"], r["note"]]
        for r in conn.execute(order).mappings()
    ]  # fmt: skip


def _accounts(conn: Connection) -> Table:
    page.must_be_national()
    # Column by column: a password, even hashed, never leaves the office.
    header = [N_("name"), N_("user name"), N_("role"), N_("antenne"), N_("opened on"), N_("opened by"), N_("closed on"),
              N_("password to be changed")]  # fmt: skip
    return header, [
        [u["name"], u["username"], _(access.ROLE_NAMES[u["role"]]), u["antenna"], _stamp(u["created_at"]), u["created_by"],
         _stamp(u["disabled_at"]), _("yes") if u["must_change"] else _("no")]
        for u in access.users(conn)
    ]  # fmt: skip


def _acts(conn: Connection) -> Table:
    """One café's trail for who sees the café; everybody's for a national account, as on the pages."""
    number = _one_cafe(conn) if "cafe" in request.args else None
    if number is None:
        page.must_be_national()
    return [N_("when"), N_("who"), N_("what"), N_("café"), N_("detail")], [
        [_stamp(a["at"]), a["by"], _(acts.NAMES.get(a["act"], a["act"])), a["cafe_id"], a["detail"]]
        for a in acts.acts(conn, cafe_id=number, limit=ACTS_MOST)
    ]


def _journal(conn: Connection) -> Table:
    """The journal's list of a café, newest first: what was written and when, without what it says."""
    number, jn = _one_cafe(conn), request.args.get("jn", 0, type=int)
    last = conn.execute(select(cursor.c.seq).where(cursor.c.cafe_id == number, cursor.c.jn == jn)).scalar()
    last = -1 if last is None else last
    start = min(request.args.get("from", default=last, type=int), last)
    rows: list[list[Cell]] = []
    for seq in range(start, max(-1, start - JOURNAL_MOST), -1):
        body = entry_body(conn, number, jn, seq)
        if body is not None:
            e = read_envelope(body)
            rows.append([e.seq, _stamp(e.t), e.kind, e.op[-8:], kind_words.said(e.kind)])
    return [N_("entry"), N_("written at"), N_("what"), N_("by"), N_("what, in words")], rows


def _stamp(at_ms: int | None) -> str:
    return datetime.fromtimestamp(at_ms / 1000, PARIS).strftime("%Y-%m-%d %H:%M:%S") if at_ms else ""


TABLES: dict[str, Callable[[Connection], Table]] = {
    "network": _network, "impact": _impact, "days": _days, "closings": _closings, "entries": _entries, "cafes": _cafes,
    "distances": _distances, "accounts": _accounts, "acts": _acts, "journal": _journal,
}  # fmt: skip
