"""One café: what changed, its closings, its journal down to the raw entries, what was said with it."""

import json
from datetime import datetime

import msgspec
from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import insert, select

from hq import indicators, moments, morning, overdue, register, reports, wording
from hq.acts import acts, note_act
from hq.box_alerts import CLOCK_WORTH
from hq.days import back
from hq.portrait import portrait, third_parties
from hq.screens import door, page
from hq.tables import follow_up
from pos.clock import PARIS
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.ids import new_id
from pos.journal import read_envelope
from sync.books import cursor, quarantine
from sync.ingest import entry_body

blueprint = Blueprint("cafe", __name__)
ENTRIES_SHOWN = 50
LATER_MAX_DAYS = 14


class NoSuchEntry(Refusal):
    """HQ does not hold this entry."""

    sentence = N_("HQ does not hold this entry.")
    remedy = N_("It may still be in the café: look again after the next upload.")


class BadFollowUp(Refusal):
    """A call cannot be noted like that."""

    sentence = N_("This could not be noted.")
    remedy = N_("Put an alert off by 14 days at most, and say why.")


@blueprint.get("/cafes/<int:cafe_id>")
def show(cafe_id: int) -> ResponseReturnValue:
    """Draw a café."""
    user = page.me()
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, user)
        found = morning.network(conn, user, page.now_ms(), cafe_id=cafe_id)
        calendar = register.calendars(conn, [row])[cafe_id]
        drawn = portrait(conn, user, found[0], calendar, page.now_ms()) if found else None
        period = reports.year_period(int(page.today()[:4]), page.today())
        km = reports.impact_report(conn, period, user, today=page.today(), cafe_id=cafe_id)
        towns = indicators.towns(conn, cafe_id, period.first, period.last)
        late = overdue.late_by_cafe(conn, page.today(), [cafe_id]).get(cafe_id, {})
        held = third_parties(conn, cafe_id) if register.shares_money(row) else None
    return page.draw(
        "cafe.html", held=held, towns=towns, columns=indicators.by_commune(), late=late, sorts=overdue.sorts(), cafe=row, p=drawn, km=km.cafes[0] if km.cafes else None, period=period,
        tomorrow=back(page.today(), -1), farthest=back(page.today(), -LATER_MAX_DAYS),
    )  # fmt: skip


@blueprint.post("/cafes/<int:cafe_id>/follow-up")
def follow(cafe_id: int) -> ResponseReturnValue:
    """Take a call, note it, or put the alert off."""
    user, kind = page.must_write(), request.form.get("kind", "")
    note, until = request.form.get("note", "").strip()[:500], request.form.get("until", "")
    target = door.inside(request.form.get("back", ""), url_for("cafe.show", cafe_id=cafe_id))
    try:
        if kind not in ("taken", "called", "later"):
            raise BadFollowUp
        if kind == "later" and not (
            note and page.today() < register.check_day(until) <= back(page.today(), -LATER_MAX_DAYS)
        ):
            raise BadFollowUp
        with page.writing() as conn:
            register.find_cafe(conn, cafe_id, user)
            conn.execute(insert(follow_up).values(
                cafe_id=cafe_id, id=new_id(page.now_ms()), at=page.now_ms(), by=user.name, kind=kind,
                until=until if kind == "later" else "", note=note,
            ))  # fmt: skip
            note_act(conn, page.now_ms(), user.username, f"follow_up.{kind}", cafe_id)
    except register.NoSuchCafe:
        raise
    except Refusal as trouble:
        return page.back_to(target, trouble=trouble)
    said = {"taken": _("Noted: you will call."), "called": _("Call noted."), "later": _("Put off.")}[kind]
    return page.back_to(target, said)


@blueprint.get("/cafes/<int:cafe_id>/journal")
def entries(cafe_id: int) -> ResponseReturnValue:
    """List a journal's entries as HQ holds them, newest first."""
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        heads = list(
            conn.execute(select(cursor).where(cursor.c.cafe_id == cafe_id).order_by(cursor.c.jn.desc())).mappings()
        )
        jn = request.args.get("jn", type=int) or (heads[0]["jn"] if heads else 0)
        head = next((h for h in heads if h["jn"] == jn), None)
        last = head["seq"] if head else -1
        start = min(request.args.get("from", default=last, type=int), last)
        apart = {
            r.seq
            for r in conn.execute(
                select(quarantine.c.seq).where(quarantine.c.cafe_id == cafe_id, quarantine.c.jn == jn)
            )
        }
        shown = []
        for seq in range(start, max(-1, start - ENTRIES_SHOWN), -1):
            body = entry_body(conn, cafe_id, jn, seq)
            if body is not None:
                shown.append((read_envelope(body), seq in apart))
    return page.draw(
        "journal.html", cafe=row, heads=heads, jn=jn, head=head, last=last, start=start, shown=shown,
        older=start - ENTRIES_SHOWN, newer=min(last, start + ENTRIES_SHOWN),
    )  # fmt: skip


@blueprint.get("/cafes/<int:cafe_id>/journal/<int:jn>/<int:seq>")
def entry(cafe_id: int, jn: int, seq: int) -> ResponseReturnValue:
    """Show one entry: the very bytes the box signed, and the same laid out for the eye."""
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        body = entry_body(conn, cafe_id, jn, seq)
        if body is None:
            raise NoSuchEntry
        last = conn.execute(select(cursor.c.seq).where(cursor.c.cafe_id == cafe_id, cursor.c.jn == jn)).scalar() or 0
        envelope = read_envelope(body)
        by_hq = moments.by_hq(conn, cafe_id, jn, envelope)
    if not register.shares_money(row):
        body = without_money(body)
    if request.args.get("raw") == "1":
        return Response(body, mimetype="application/json")
    data = json.loads(body)
    return page.draw(
        "entry.html", cafe=row, jn=jn, seq=seq, envelope=envelope, raw=body.decode(), last=last,
        laid_out=json.dumps(data.get("data", data), ensure_ascii=False, indent=2), shared=register.shares_money(row),
        at=datetime.fromtimestamp(data["t"] / 1000, PARIS).isoformat(timespec="seconds"), by_hq=by_hq,
        worth=CLOCK_WORTH, off=by_hq.off(envelope.t), moments=moments,
        between=wording.between,
    )  # fmt: skip


# Of the numbers in events, those that are no amounts: places, moments, counts. Whatever else there is stays hidden.
ACTIVITY = frozenset({
    "after", "base_seq", "common", "first_no", "first_seq", "first_z", "group", "head_seq", "last", "last_no", "last_seq",
    "last_z", "no", "number", "numbers", "original", "original_seq", "place", "places", "position", "seq", "serial", "ticket",
    "ticket_seq", "upto_seq", "z",
    "back_at", "cashback_asked_at", "closed_at", "due_at", "first_month", "happened_at", "opened_at", "out_at", "t", "weekday",
    "weekdays", "year",
    "accepted", "adults", "announced", "arrived", "attendance", "children", "colour", "copies", "copy", "customers",
    "customers_before", "days", "drawer_openings", "dropped", "duplicates", "entries", "handed", "kept", "late_minutes", "left",
    "lines", "lost", "meals", "metres", "minutes", "missing", "ordered", "people", "pieces", "prints", "quantity", "received",
    "refunds", "refused", "returned", "scans", "seniors", "size", "sold", "temperature", "tickets", "tries", "uses", "voids",
})  # fmt: skip


def without_money(body: bytes) -> bytes:
    """Return an entry with its amounts hidden: the café shares its activity only."""
    told = msgspec.json.decode(body)
    return msgspec.json.encode({**told, "data": _hidden(told["data"])}, order="sorted")


def _hidden(value: object, name: str = "") -> object:
    if isinstance(value, dict):
        return {key: _hidden(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_hidden(one, name) for one in value]
    if name in ("entry", "packed") and isinstance(value, str) and value:
        return _carried(value)
    return "…" if isinstance(value, int | float) and not isinstance(value, bool) and name not in ACTIVITY else value


def _carried(text: str) -> str:
    """Return what a repair carries, an entry in its turn; what cannot be read here is hidden whole."""
    try:
        return without_money(text.encode()).decode()
    except (msgspec.DecodeError, TypeError, KeyError):
        return "…"


@blueprint.get("/cafes/<int:cafe_id>/acts")
def trail(cafe_id: int) -> ResponseReturnValue:
    """Show what people changed about this café at HQ."""
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        found = acts(conn, cafe_id=cafe_id, limit=100)
    return page.draw("acts.html", cafe=row, acts=found) if found or row else abort(404)
