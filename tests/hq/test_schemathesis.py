"""A stranger's tool reads `hq/openapi.json` and asks the real application whatever the description allows, and what it does not."""

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from hq import desk
from hq.app import create_app
from hq.local import LocalHq
from hq.wiring import Office
from pos.store import Store
from sync import agent, wire
from tests.hq.conftest import JoinCafe
from tests.hq.test_openapi import TOLD

CASES, CASES_LONG = 7, 1_000
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip
Keep = Callable[[str, object], None]


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    """What a batch is sent as: packed lines; what is no text goes as it is written."""
    return wire.pack(value.encode("utf-8", "surrogatepass") if isinstance(value, str) else repr(value).encode())


@pytest.fixture
def called(office: Office, join: JoinCafe) -> tuple[Flask, Office, Store]:
    """An HQ that a café's box has called."""
    store = join(cafe=17)
    agent.push(store, LocalHq(office))
    return create_app(office), office, store


def ask_all(called: tuple[Flask, Office, Store], cases: int) -> dict[str, int]:
    """Ask each operation, with a good token and without, as described and against the description; count the requests."""
    app, office, store = called
    assert store.journal is not None
    schema = schemathesis.openapi.from_dict(TOLD)
    schema.app = app
    token = desk.make_token(office, 17, store.journal.jid, office.clock.now_ms())
    sent: dict[str, int] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        drawn = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])

        @settings(
            max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )  # fmt: skip
        @given(case=drawn, good=st.booleans())
        def one(case: Any, good: bool) -> None:
            if good:
                case.headers["Authorization"] = f"Bearer {token}"
                case.headers["Zinc-Protocol"] = wire.PROTOCOL
            sent[case.operation.label] = sent.get(case.operation.label, 0) + 1
            case.call_and_validate(checks=CHECKS)

        one()
    return sent


def test_schemathesis_finds_nothing_to_say(called: tuple[Flask, Office, Store]) -> None:
    """Every operation, a few cases: no 5xx, no status, type or shape that the description does not know."""
    sent = ask_all(called, CASES)
    assert len(sent) == sum(len(ways) for ways in TOLD["paths"].values())


@pytest.mark.faults
def test_schemathesis_finds_nothing_in_a_thousand_cases_of_each(
    called: tuple[Flask, Office, Store], record_property: Keep
) -> None:
    """The same, a thousand times each."""
    cases = int(os.environ.get("ZINC_CASES", CASES_LONG))
    sent = ask_all(called, cases)
    assert min(sent.values()) >= cases
    record_property("requests by schemathesis", sum(sent.values()))
