"""HQ's line as it is described: every route, the shapes both ends use, and whatever a stranger or a box sends by them."""

import json
import os
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hq import desk, inbox
from hq.app import create_app
from hq.local import LocalHq
from hq.wiring import Office
from pos import seal
from pos.store import Store
from sync import agent, wire
from tests.house.tree import ROOT
from tests.hq.conftest import JoinCafe
from tools import openapi

TOLD: dict[str, Any] = json.loads((ROOT / "hq" / "openapi.json").read_text())
OPERATIONS = [(method, path) for path, ways in TOLD["paths"].items() for method in ways]
CASES, CASES_LONG = 25, 1_000
Keep = Callable[[str, object], None]


def test_the_description_is_that_of_the_code() -> None:
    """Made anew it is the same: run `python -m tools.openapi` after a change of the line."""
    assert openapi.describe() == TOLD


def test_every_route_of_the_desk_is_described(office: Office) -> None:
    """No route without its description, none described that is not there."""
    described = {(method.upper(), re.sub(r"\{\w+\}", "", path)) for method, path in OPERATIONS}
    assert described == set(desk._HANDLERS)
    rules = {(way, re.sub(r"<[^>]+>", "", rule.rule)) for rule in create_app(office).url_map.iter_rules()
             if rule.endpoint.startswith(f"{inbox.blueprint.name}.") for way in (rule.methods or set()) & {"GET", "POST"}}  # fmt: skip
    assert rules == described


def shaped(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a schema, and now and then one that is not."""
    if "$ref" in schema:
        return shaped(TOLD["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return st.one_of([shaped(one) for one in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if "contentSchema" in schema:
        return shaped(schema["contentSchema"]).map(lambda value: msgspec.json.encode(value).decode()) | st.text(
            max_size=40
        )
    kind = schema.get("type")
    if kind == "object":
        if isinstance(schema.get("additionalProperties"), dict):
            return st.dictionaries(st.text(max_size=18), shaped(schema["additionalProperties"]), max_size=4)
        fields = {name: shaped(one) for name, one in schema["properties"].items()}
        needed = {name: one for name, one in fields.items() if name in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional={name: one for name, one in fields.items() if name not in needed})
    if kind == "array":
        return st.lists(shaped(schema["items"]), max_size=4)
    return {
        "integer": st.integers(-3, 40) | st.sampled_from([2**31, 2**53, 2**63 - 1, -(2**63)]), "boolean": st.booleans(),
        "null": st.none(),
    }.get(str(kind), st.sampled_from(["", "0" * 16, "f" * 32, "0" * 64, "ab" * 64, "\u0000", "é" * 9]) | st.text(max_size=30))  # fmt: skip


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Tell whether an answer is of its schema."""
    if "$ref" in schema:
        return fits(value, TOLD["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return value in (schema.get("enum") or [schema["const"]])
    if schema.get("type") == "object":
        extra = schema.get("additionalProperties")
        if not isinstance(value, dict) or not set(schema.get("required", ())) <= set(value):
            return False
        known = schema.get("properties", {})
        return all(
            fits(one, known[name] if name in known else extra if isinstance(extra, dict) else {})
            for name, one in value.items()
        )
    if schema.get("type") == "array":
        return isinstance(value, list) and all(fits(one, schema["items"]) for one in value)
    types: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
    return isinstance(value, types.get(str(schema.get("type")), object))


@pytest.fixture
def called(office: Office, join: JoinCafe) -> tuple[Flask, Office, Store]:
    """An HQ that a café's box has called."""
    store = join(cafe=17)
    agent.push(store, LocalHq(office))
    return create_app(office), office, store


def _ask(client: Any, office: Office, store: Store, operation: tuple[str, str, str], asked: tuple[Any, ...]) -> None:
    """Send one request; what is answered is what is described."""
    (method, path, media), (value, good, packed, token, first, second) = operation, asked
    told = TOLD["paths"][path][method]
    raw = b"" if value is None else value.encode() if media == openapi.NDJSON else msgspec.json.encode(value)
    names = [p["name"] for p in told["parameters"] if p["in"] == "query"]
    if good:
        assert store.journal is not None
        token = desk.make_token(office, 17, store.journal.jid, office.clock.now_ms())
    headers = {"Zinc-Protocol": "1", "Authorization": "Bearer " + re.sub(r"[^ -~]", "?", token)}
    answer = client.open(
        re.sub(r"\{\w+\}", re.sub(r"[^0-9a-f]", "0", second) or "0", path), method=method.upper(),
        query_string=dict(zip(names, (first, second), strict=False)), data=wire.pack(raw) if packed else raw,
        headers=headers | ({"Content-Encoding": "gzip"} if packed else {}),
    )  # fmt: skip
    assert answer.status_code < 500 or answer.status_code == 503, (path, raw)
    described = told["responses"].get(str(answer.status_code))
    assert described is not None, (path, answer.status_code, raw)
    content = described["content"].get(answer.mimetype)
    assert content is not None, (path, answer.mimetype)
    assert not content or fits(answer.json, content["schema"]), (path, answer.json)


def try_all(called: tuple[Flask, Office, Store], cases: int) -> int:
    """Send each operation what its schema allows, with and without a good token; return how many were sent."""
    app, office, store = called
    assert store.journal is not None
    client, sent = app.test_client(), 0
    for method, path in OPERATIONS:
        told = TOLD["paths"][path][method]
        media, body = next(iter(told.get("requestBody", {}).get("content", {"": {"schema": {"type": "null"}}}).items()))
        way = (method, path, media)
        text = st.text(max_size=20) | st.sampled_from([store.journal.jid, "0", "1,2", "9" * 15, "٣"])

        asked = st.tuples(shaped(body["schema"]), st.booleans(), st.booleans(), text, text, text)

        @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(asked=asked)
        def one(asked: tuple[Any, ...]) -> None:
            nonlocal sent
            sent += 1
            _ask(client, office, store, way, asked)  # noqa: B023

        one()
    return sent


def test_whatever_is_sent_by_the_description_is_answered_by_it(called: tuple[Flask, Office, Store]) -> None:
    """Every operation × values of its schema: no 5xx, no status and no shape that is not described."""
    assert try_all(called, CASES) > 200


@pytest.mark.faults
def test_a_thousand_cases_of_each(called: tuple[Flask, Office, Store], record_property: Keep) -> None:
    """The same, a thousand times each."""
    record_property("requests by the description", try_all(called, int(os.environ.get("ZINC_CASES", CASES_LONG))))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(hello=shaped({"$ref": "#/components/schemas/Hello"}))
def test_a_box_that_signs_nonsense_is_answered(called: tuple[Flask, Office, Store], hello: dict[str, Any]) -> None:
    """A good signature over any values of the shape: taken or refused, never an error of ours."""
    app, _office, store = called
    assert store.journal is not None
    client = app.test_client()
    challenge = client.get("/v1/challenge", headers={"Zinc-Protocol": "1"}).json
    assert challenge is not None
    hello["head"] |= {"cafe": 17, "j": store.journal.jid, "kid": store.keyring.kid}
    head = msgspec.json.encode(msgspec.convert(hello["head"], wire.Head), order="sorted")
    hello |= {"challenge": challenge["challenge"], "head_sig": store.keyring.sign(seal.HEAD, head).hex()}
    message = msgspec.json.encode(hello, order="sorted")
    signed = {"hello": message.decode(), "sig": store.keyring.sign(wire.HELLO, message).hex()}
    answer = client.post("/v1/hello", data=msgspec.json.encode(signed), headers={"Zinc-Protocol": "1"})
    assert answer.status_code in (200, 401, 409, 410, 422, 429, 503), answer.json


def test_a_signed_text_with_a_hidden_sign_is_refused(office: Office) -> None:
    """A message whose inner text spells U+0000 was once an error of ours."""
    body = msgspec.json.encode({"hello": '{"a":"\\u0000"}', "sig": ""})
    answer = create_app(office).test_client().post("/v1/hello", data=body, headers={"Zinc-Protocol": "1"})
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, "not_canonical")
