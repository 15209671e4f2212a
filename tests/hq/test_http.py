"""The line over real HTTP: a real server, real sockets, real rubbish on the other end."""

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import urllib3

from hq.app import MAX_BODY, create_app
from hq.wiring import Office
from sync import agent, trouble, wire
from sync.line import HttpHq, Line
from tests.hq.conftest import ENGINES, JoinCafe
from tests.serving import served

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
QUICK = urllib3.Timeout(connect=0.5, read=0.5)


@pytest.fixture
def url(office: Office) -> Iterator[str]:
    """A served HQ."""
    with served(create_app(office), max_request_body_size=MAX_BODY) as address:
        yield address


@contextlib.contextmanager
def answering(reply: bytes, *, hold: float = 0) -> Iterator[str]:
    """Something that is not HQ: sends `reply` to whoever connects, whatever they ask."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                conn, _ = listener.accept()
                with conn:
                    conn.recv(65536)
                    time.sleep(hold)
                    conn.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(timeout=5)


@both
def test_a_night_over_http(join: JoinCafe, office: Office, url: str) -> None:
    """Hello, batch, signed ack, over a socket; HQ's health tells who called."""
    store = join()
    done = agent.push(store, HttpHq(url))
    assert (done.sent, agent.backlog(store)) == (3, 0)
    told = urllib3.request("GET", f"{url}/healthz").json()
    assert told["cafes"] == 1
    assert told["last_contact_at"] == office.clock.now_ms()
    assert told["version"]


def test_every_answer_carries_its_guards(url: str) -> None:
    """Security headers, no caching, the protocol's number; no server banner with a version."""
    answer = urllib3.request("GET", f"{url}/v1/challenge", headers={"Zinc-Protocol": "1"})
    assert answer.headers["Zinc-Protocol"] == "1"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_what_is_not_of_the_protocol_is_refused_in_json(url: str) -> None:
    """426 without the protocol's number, 404 elsewhere, 401 without a token, 413 beyond the limit: never 5xx."""
    v1 = {"Zinc-Protocol": "1"}
    assert urllib3.request("GET", f"{url}/v1/challenge").status == 426
    assert urllib3.request("GET", f"{url}/v1/nothing", headers=v1).status == 404
    assert urllib3.request("POST", f"{url}/v1/batch", headers=v1, body=b"x").status == 401
    assert urllib3.request("POST", f"{url}/v1/hello", headers=v1, body=b"\xff{").status == 422
    bomb = gzip.compress(b"0" * 10_000_000)
    packed = v1 | {"Content-Encoding": "gzip"}
    assert urllib3.request("POST", f"{url}/v1/hello", headers=packed, body=bomb).status == 413
    assert urllib3.request("POST", f"{url}/v1/enrol", headers=packed, body=b"not gzip").status == 422
    big = b"0" * (wire.PACKED_MAX + 10)
    assert urllib3.request("POST", f"{url}/v1/batch", headers=v1, body=big).status == 413


def test_hq_down_is_said_and_nothing_is_lost(join: JoinCafe) -> None:
    """Nobody listens there."""
    store = join()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(trouble.HqUnreachable):
        agent.push(store, HttpHq(f"http://127.0.0.1:{port}", timeout=QUICK))
    assert agent.backlog(store) == 2


@pytest.mark.parametrize("url_text", ["", "siege", "http://", "http://[", "ftp://127.0.0.1/", "http://nulle part/"])
def test_an_impossible_address_is_said_not_thrown(join: JoinCafe, url_text: str) -> None:
    """A mistyped address in the settings is a sentence."""
    store = join()
    with pytest.raises(trouble.LineTrouble):
        agent.push(store, HttpHq(url_text, timeout=QUICK))


@pytest.mark.parametrize("reply", [
    b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf",
    b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    b"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nZinc-Protocol: 1\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nrot!",
    b"HTTP/1.1 200 OK\r\nZinc-Protocol: 1\r\nContent-Length: 400000\r\n\r\n" + b" " * 400_000,
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
    b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n",
])  # fmt: skip
def test_whatever_answers_in_hqs_place_the_box_keeps_its_entries(join: JoinCafe, reply: bytes) -> None:
    """Another service, half an answer, a portal, a proxy's page: one trouble, one sentence."""
    store = join()
    with answering(reply) as url_text, pytest.raises(trouble.LineTrouble) as told:
        agent.push(store, HttpHq(url_text, timeout=QUICK))
    assert told.value.what()
    assert told.value.how()
    assert agent.backlog(store) == 2


def test_a_silent_hq_is_given_up_in_time(join: JoinCafe) -> None:
    """No answer within the timeout is no answer."""
    store = join()
    with answering(b"", hold=3) as url_text:
        started = time.monotonic()
        with pytest.raises(trouble.HqUnreachable):
            agent.push(store, HttpHq(url_text, timeout=QUICK))
        assert time.monotonic() - started < 2.9


def test_a_busy_hq_says_when_to_come_back() -> None:
    """Retry-After reaches the scheduler."""
    with answering(b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n") as url_text:
        line: Line = HttpHq(url_text, timeout=QUICK)
        with pytest.raises(trouble.HqBusy) as told:
            line.challenge()
    assert told.value.params == {"minutes": 2, "seconds": 120}
