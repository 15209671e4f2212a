"""The boxes' door: `/v1/…` over HTTP. Only carries bytes to `hq.desk` and back."""

import gzip
from typing import Any

import msgspec
from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from hq import db, desk, enrolment, servers, shaping
from hq.desk import Ask, Reply
from hq.wiring import Office
from sync import wire

# What a herd begins with: answered at once or put off at once.
GREETINGS = ("/v1/challenge", "/v1/hello")
blueprint = Blueprint("inbox", __name__, url_prefix="/v1")
ROUTES = (
    ("challenge", "GET"), ("hello", "POST"), ("batch", "POST"), ("hashes", "GET"), ("balances", "POST"), ("attestation", "POST"), ("rotate", "POST"), ("enrol", "POST"), ("grant", "POST"),
    ("restore", "GET"), ("restore/<jid>", "GET"), ("manifest", "GET"), ("blob/<sha256>", "GET"), ("release/<sha256>", "GET"),
)  # fmt: skip


_door = shaping.Door()


def _answer(**_named: str) -> Response:
    office: Office = current_app.extensions["office"]
    asked = request.headers.get("Zinc-Protocol", "")
    if asked != wire.PROTOCOL:
        return _bytes(Reply(426, {"code": "upgrade_required", "supported": [wire.PROTOCOL]}))
    if (request.content_length or 0) > wire.PACKED_MAX:
        return _bytes(Reply(413, {"code": "too_large"}))
    ask = Ask(
        method=request.method, path=request.path, body=request.get_data(cache=False),
        enc=request.headers.get("Content-Encoding", ""), query=request.query_string.decode("latin-1"),
        token=request.headers.get("Authorization", "").removeprefix("Bearer "), load=_door.load(),
    )  # fmt: skip
    if request.path not in GREETINGS:
        return _bytes(desk.answer(office, ask))
    try:
        with _door.greeting(office.db.engine):
            return _bytes(desk.answer(office, ask))
    except shaping.Wait as wait:
        return _bytes(Reply(wait.status, {"code": "busy"}, wait.seconds))


def _bytes(reply: Reply) -> Response:
    body = msgspec.json.encode(reply.message)
    response = Response(body, status=reply.status, mimetype="application/json")
    if reply.raw:
        # Packed already, and to be kept as it is.
        response = Response(reply.raw, status=reply.status, mimetype="application/gzip")
    elif len(body) > 1024 and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(body, 6))
        response.headers["Content-Encoding"] = "gzip"
    if reply.retry_after:
        response.headers["Retry-After"] = str(reply.retry_after)
    response.headers["Zinc-Protocol"] = wire.PROTOCOL
    response.headers["Cache-Control"] = "no-store"
    return response


for _name, _method in ROUTES:
    blueprint.add_url_rule(
        f"/{_name}", _name.replace("/<jid>", "_piece").replace("/<sha256>", ""), _answer, methods=[_method]
    )


def heartbeat(conn: Connection) -> dict[str, Any]:
    """Return what `/healthz` says: how many cafés have joined, when the last one called."""
    try:
        last = conn.execute(select(func.max(db.cafe_health.c.last_contact_at))).scalar_one()
        return {"cafes": enrolment.cafes_with_box(conn), "last_contact_at": last}
    except DBAPIError as trouble:
        if not servers.is_away(trouble):
            raise
        # HQ itself lives: the proxy goes on sending it the cafés of the other servers.
        return {"cafes": None, "last_contact_at": None}
