"""Hostile content and hostile callers: what a box or a person sends is shown as text, opens nothing, costs little."""

import csv
import gzip
import io
import socket
import time
import tracemalloc
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import urllib3
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from hq import desk, enrolment, register
from hq.app import MAX_BODY, create_app
from hq.desk import Ask
from hq.exports import comma, csv_bytes
from hq.local import LocalHq, LocalTransport
from hq.tables import follow_up
from hq.wiring import Office
from pos import demo
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from sync import agent, enrol, ingest, wire
from sync.line import Answer, Line
from tests.conftest import key_of
from tests.hq import hostile, made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import JoinCafe
from tests.hq.test_inbox import state
from tests.hq.test_routes import path_of, ways
from tests.serving import served

CAFE = 8
ALERTS = ("<script", "<img", "<svg", "<iframe", "<base", "<style")


class Page(HTMLParser):
    """What a browser would make of a page: everything in it that runs, loads or leads elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in ("script", "iframe", "object", "embed", "base", "style", "link") and not told.get(
            "href", "//"
        ).startswith("/static/"):
            self.bad.append(f"<{tag} {told}>")
        for name, value in told.items():
            runs = name.startswith("on") or name in ("style", "srcdoc", "formaction", "xlink:href")
            leads = name in ("href", "action", "src") and not (
                value.startswith(("/", "#", "?", "data:image/svg+xml;base64,", "tel:"))
                and not value.startswith(("//", "/\\"))
            )
            if runs or leads:
                self.bad.append(f"<{tag} {name}={value!r}>")


@pytest.fixture
def trapped(office: Office, join: JoinCafe) -> Any:
    """An office whose café 8 sent every kind with payloads, and a trap that tells whether anybody fetched one's address."""
    trap = socket.create_server(("127.0.0.1", 0))
    trap.settimeout(0)
    made_up.people(office)
    with office.db.writing() as conn:
        register.add_cafe(conn, made_up.sheet(demo.cafe(CAFE)), by="t", now_ms=1, cafe_id=CAFE)
        conn.execute(
            insert(follow_up).values(cafe_id=CAFE, id="1", at=1, by="x", kind="called", note=hostile.PAYLOADS[0])
        )
    store = join(cafe=CAFE)
    agent.push(
        store, LocalHq(office), sw=hostile.PAYLOADS[0], about=wire.Stats(state="<b>", trouble=hostile.PAYLOADS[1])
    )
    told = hostile.entries(f"http://127.0.0.1:{trap.getsockname()[1]}/stolen")
    hostile.send(office, store, told)
    hostile.spoil_the_register(office, CAFE)
    yield create_app(office), held(office)
    with pytest.raises(BlockingIOError):
        trap.accept()
    trap.close()


def held(office: Office) -> int:
    """The last entry HQ holds."""
    with office.db.reading() as conn:
        return ingest.cursor_of(conn, enrolment.boxes(conn, CAFE)[-1])[0]


def test_no_text_of_a_cafe_runs_or_leads_anywhere(trapped: tuple[Flask, int]) -> None:
    """Every text of every kind × every page: characters to read, never markup; nobody's address is ever fetched."""
    app, last = trapped
    browser = Browser(app)
    browser.sign_in("nadia")
    pages = {
        path_of(rule, CAFE)
        for method, rule in ways(app)
        if method == "GET" and not rule.rule.startswith(("/v1", "/static"))
    }
    pages |= {f"/cafes/{CAFE}/journal?from={seq}" for seq in range(50, last + 50, 50)}
    pages |= {f"/cafes/{CAFE}/journal/1/{seq}" for seq in range(0, last + 1, 5)}
    pages |= {f"/register/new?commune={text}" for text in hostile.PAYLOADS[:2]} | {
        f"/?q={text}" for text in hostile.PAYLOADS
    }
    shown = 0
    for path in sorted(pages):
        answer = browser.get(path)
        assert answer.status_code < 500, path
        if answer.mimetype == "text/html":
            assert Page(answer.text).bad == [], path
            shown += "&lt;script&gt;alert(1)" in answer.text
        else:
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.mimetype in ("application/json", "text/csv"), path
    assert shown > 50


@pytest.mark.browser
def test_a_browser_shows_hostile_texts_quietly(trapped: tuple[Flask, int], office: Office) -> None:
    """Chromium: no dialog, no report of the policy, nothing asked of another address."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("Chromium is not installed")
    app, last = trapped
    heard: list[str] = []
    with served(app) as address, sync_api.sync_playwright() as p:
        chromium = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda said: heard.append(said.text) if said.type in ("error", "warning") else None)
        page.on(
            "request", lambda asked: heard.append(asked.url) if not asked.url.startswith((address, "data:")) else None
        )
        page.goto(f"{address}/sign-in")
        page.fill("#username", "nadia")
        page.fill("#password", made_up.PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(f"{address}/")
        for path in (
            "",
            f"cafes/{CAFE}",
            f"cafes/{CAFE}/journal?from={last}",
            f"cafes/{CAFE}/journal/1/{last}",
            f"register/{CAFE}",
            "accounts",
        ):
            page.goto(f"{address}/{path}")
        chromium.close()
    assert heard == []


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=30), st.from_regex(r"[\s\x00＝]*[=+\-@＋－＠\t\r\n].{0,12}", fullmatch=True)),
        min_size=1,
        max_size=4,
    )
)
@example(["\x00=1", " =1", "\t", "＝cmd", "\u00a0@x", "\r\n+1"])
def test_any_text_comes_back_from_a_spreadsheet_as_text(texts: list[str]) -> None:
    """Any string written, reopened: the same text, quoted, and never one a spreadsheet computes; numbers stay numbers."""
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    raw = csv_bytes(["x"], [[*texts, 12, comma(-1250, 2)]])
    row = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))[1]
    assert row[-2:] == ["12", "-12,50"]
    for cell, text in zip(row, texts, strict=False):
        assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠")
        assert cell in (text.replace("\x00", ""), "'" + text.replace("\x00", ""))
    assert raw.decode("utf-8-sig").split("\r\n", 1)[1].startswith('"')


@pytest.mark.parametrize("path", [
    "/static/../hq.key", "/static/..%2f..%2fetc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd",
    "/export/..%2fhq_user.csv", "/export/../../etc/passwd.csv", "/export/hq_user.csv", "/cafes/8/../../etc/passwd",
    "/cafes/8/journal/1/..%2f..%2f0", "/v1/../hq.key", "/static/..\\..\\hq.key", "/static/%00",
])  # fmt: skip
def test_no_address_leads_out_of_the_house(office: Office, path: str) -> None:
    """Path traversal: no file but ours, no table but those listed."""
    made_up.people(office)
    (office.config.data / "hq.key").write_text("secret-of-hq")
    browser = Browser(create_app(office))
    browser.sign_in("nadia")
    answer = browser.client.get(path, buffered=True)
    assert answer.status_code in (303, 308, 404, 400, 426), answer.status
    assert "secret-of-hq" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "period", ["../../../etc", "2026-10/../../x", "2026-10\x00", "/etc/passwd", "a" * 5000, "2026-10'; DROP TABLE cafe"]
)
def test_no_period_names_a_file(office: Office, period: str) -> None:
    """What is typed never becomes a path, nor a header, nor SQL."""
    made_up.people(office)
    made_up.network(office, weeks=6)
    browser = Browser(create_app(office))
    browser.sign_in("nadia")
    for what in ("archives", "books"):
        refused = 400 if "\0" in period else 422
        assert browser.post(f"/cafes/8/{what}", period=period, what="../x").status_code == refused


def test_a_bomb_costs_what_it_weighs(office: Office, join: JoinCafe) -> None:
    """64 MB in 64 kB, to each door that unpacks: refused, without the memory it asks for."""
    store = join(cafe=CAFE)
    assert store.journal is not None
    token = desk.make_token(office, CAFE, store.journal.jid, office.clock.now_ms())
    bomb = gzip.compress(b"0" * 64 * 1024 * 1024, 9)
    for _method, path in (way for way in desk._HANDLERS if way[0] == "POST"):
        tracemalloc.start()
        status = desk.answer(office, Ask("POST", path, bomb, "gzip", token)).status
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert 400 <= status < 500, (path, status)
        assert peak < (3 * wire.UNPACKED_MAX if path == "/v1/batch" else 6_000_000), (path, peak)


@pytest.mark.parametrize("body", [
    b"[" * 50_000, b'{"a":' * 20_000, b'{"have":{"x":' + b"9" * 5_000 + b"}}", b'{"hello":"' + b"\\ud800" * 50 + b'"}', b"\x00" * 70_000, b"1e999", b"",
])  # fmt: skip
def test_deep_and_odd_bodies_are_refused(office: Office, join: JoinCafe, body: bytes) -> None:
    """Nesting, endless numbers, half characters, nothing at all: 4xx at each door, and the next request is answered."""
    store = join(cafe=CAFE)
    assert store.journal is not None
    token = desk.make_token(office, CAFE, store.journal.jid, office.clock.now_ms())
    for method, path in desk._HANDLERS:
        if method == "POST":
            for enc, sent in (("", body), ("gzip", wire.pack(body))):
                assert 400 <= desk.answer(office, Ask(method, path, sent, enc, token)).status < 500, path
    assert desk.answer(office, Ask("GET", "/v1/challenge")).status == 200


def test_slow_callers_keep_nobody_waiting(office: Office) -> None:
    """Sixty calls that never end, heads and bodies a byte at a time: the next caller is answered at once."""
    with served(create_app(office), max_request_body_size=MAX_BODY) as url:
        port = int(url.rsplit(":", 1)[1])
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        for n, one in enumerate(slow):
            head = b"POST /v1/batch HTTP/1.1\r\nHost: x\r\n"
            one.sendall(head + (b"Content-Length: 100000\r\n\r\n{" if n % 2 else b"X-Slow: "))
        began = time.monotonic()
        assert urllib3.request("GET", f"{url}/v1/challenge", headers={"Zinc-Protocol": "1"}, timeout=5.0).status == 200
        assert time.monotonic() - began < 3
        for one in slow:
            one.close()


class Tape:
    """A transport that keeps what was said, to say it again."""

    def __init__(self, office: Office) -> None:
        self._real, self.said = LocalTransport(office), list[tuple[Any, ...]]()

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        self.said.append((method, path, body, packed, token))
        return self._real.send(method, path, body, packed=packed, token=token)


def test_what_was_said_once_changes_nothing_said_again(office: Office, clock: StoppedClock, tmp_path: Path) -> None:
    """Each message of an enrolment and of a night, replayed fifty times, now and a day later: HQ holds the same."""
    tape = Tape(office)
    store = Store(tmp_path / "box.db", clock=clock, keyring=key_of("box"), features=FEATURES)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, "new", by="t", at=clock.now_ms())
    line = Line(tape)
    enrol.open_first_journal(store, enrol.enrol(store, line, str(code), hw="t"))
    agent.push(store, line)
    store.close()
    before = state(office)
    # What a hello tells of a box's health is the box's to tell again; its journal is not.
    assert {path for _, path, *_ in tape.said} >= {"/v1/enrol", "/v1/hello", "/v1/batch"}
    for wait in (0, 24 * 3600 * 1000):
        clock.tick(wait)
        for method, path, body, packed, token in tape.said:
            for _ in range(50 if wait == 0 else 3):
                LocalTransport(office).send(method, path, body, packed=packed, token=token)
    after = state(office)
    assert {name for name in before if before[name] != after[name]} <= {"cafe_health"}
