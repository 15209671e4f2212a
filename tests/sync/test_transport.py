"""HQ over a socket: what the box sends word for word, how much it takes, and what it makes of an answer's head."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pos.release import VERSION
from sync import trouble, wire
from sync.line import ANSWER_MAX, PIECE_MAX, Answer, HttpTransport, Line, Told, _checked
from tests.hq.test_http import QUICK

GOOD = {"Zinc-Protocol": wire.PROTOCOL}


class Listening(ThreadingHTTPServer):
    """Keeps what was asked, and answers what it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.headers, self.body = 200, dict(GOOD), b"{}"
        # So many times the body, until the other end has enough of it; how many were sent.
        self.times, self.sent = 1, 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Listening

    def do_GET(self) -> None:
        """Keep the request, give the answer."""
        here = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        here.asked.append((self.requestline, {name.lower(): word for name, word in self.headers.items()}, body))
        self.send_response(here.status)
        for name, word in {**here.headers, "Content-Length": str(here.times * len(here.body))}.items():
            self.send_header(name, word)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(here.times):
                self.wfile.write(here.body)
                here.sent += 1

    do_POST = do_GET  # noqa: N815 - the name http.server asks for

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def hq() -> Iterator[Listening]:
    """A server on a free port."""
    with Listening() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join(timeout=5)


def test_a_request_says_what_it_carries(hq: Listening) -> None:
    """Protocol and release with each; a type with a body, how it is packed, and the pass only where there is one."""
    line = HttpTransport(f"{hq.url}/", timeout=QUICK)
    hq.body = b'{"challenge":"c","t":1}'
    assert Line(line).challenge().challenge == "c"
    assert line.send("POST", "/v1/hello", b"{1}") == Answer(200, hq.body)
    line.send("POST", "/v1/batch", b"packed", packed=True, token="pass")
    always = {"zinc-protocol": "1", "user-agent": f"zinc/{VERSION}", "accept-encoding": "gzip"}
    about = ("content-type", "content-encoding", "authorization", *always)
    told = [(line, {n: w for n, w in head.items() if n in about}, body) for line, head, body in hq.asked]
    assert told == [
        ("GET /v1/challenge HTTP/1.1", always, b""),
        ("POST /v1/hello HTTP/1.1", always | {"content-type": "application/json"}, b"{1}"),
        ("POST /v1/batch HTTP/1.1", always | {
            "content-type": "application/x-ndjson", "content-encoding": "gzip", "authorization": "Bearer pass",
        }, b"packed"),
    ]  # fmt: skip


@pytest.mark.parametrize(("path", "most"), [("/v1/hello", ANSWER_MAX), ("/v1/restore/x?from=1", PIECE_MAX)])
def test_an_answer_is_taken_up_to_its_limit(hq: Listening, path: str, most: int) -> None:
    """Exactly that much is whole; one byte more is nothing of HQ's; packed, what comes out of it counts."""
    line = HttpTransport(hq.url, timeout=QUICK)
    hq.body = b"a" * most
    assert line.send("GET", path).body == hq.body
    hq.body += b"a"
    with pytest.raises(trouble.HqTalksRubbish) as told:
        line.send("GET", path)
    assert told.value.params == {"status": 200}
    hq.headers["Content-Encoding"] = "gzip"
    hq.body = wire.pack(b"b" * most)
    assert line.send("GET", path).body == b"b" * most
    hq.body = wire.pack(b"b" * (most + 1))
    with pytest.raises(trouble.HqTalksRubbish):
        line.send("GET", path)


def test_an_answer_without_end_is_left(hq: Listening) -> None:
    """It is not waited for, nor kept in memory: no more of it comes than the line holds anyway."""
    hq.body, hq.times = b"a" * 65_536, 1_000
    with pytest.raises(trouble.HqTalksRubbish):
        HttpTransport(hq.url, timeout=QUICK).send("GET", "/v1/hello")
    assert hq.sent < 500


def test_no_redirect_is_followed_and_nothing_is_asked_twice(hq: Listening) -> None:
    """Entries never go where somebody between points; a fault of HQ's is the caller's to try again."""
    line = HttpTransport(hq.url, timeout=QUICK)
    hq.status, hq.headers = 302, GOOD | {"Location": f"{hq.url}/elsewhere"}
    assert line.send("GET", "/v1/challenge") == Answer(302, b"{}")
    hq.status, hq.headers = 503, GOOD | {"Retry-After": "1"}
    assert line.send("GET", "/v1/challenge") == Answer(503, b"{}", 1)
    assert len(hq.asked) == 2


def test_an_address_that_is_none_is_named(hq: Listening) -> None:
    """As it was typed, as far as a page has room for it; in capital letters it is one."""
    with pytest.raises(trouble.AddressWrong) as told:
        HttpTransport("siege" * 20).send("GET", "/")
    assert told.value.params == {"address": "siege" * 12}
    assert HttpTransport(hq.url.replace("http", "HTTP"), timeout=QUICK).send("GET", "/").status == 200


@pytest.mark.parametrize("status", [200, 404, 428, 430, 499])
def test_what_does_not_speak_the_protocol_is_not_hq(status: int) -> None:
    """A portal, another site: whatever it says, its words count for nothing."""
    with pytest.raises(trouble.HqTalksRubbish) as told:
        _checked(status, b"{}", {"Zinc-Protocol": "2"})
    assert told.value.params == {"status": status}


@pytest.mark.parametrize("status", [429, 500, 501, 503])
def test_a_proxy_may_say_that_hq_is_away(status: int) -> None:
    """It knows nothing of the protocol: its status counts, its page does not."""
    assert _checked(status, b"<html>", {"Retry-After": "7"}) == Answer(status, b"", 7)
    assert _checked(status, b"{}", GOOD) == Answer(status, b"{}", 0)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("0", 0), ("120", 120), ("86400", 86_400), ("86401", 86_400), ("9999999", 86_400), ("10000000", 0), ("-5", 0),
     ("soon", 0), ("", 0), ("1.5", 0)],
)  # fmt: skip
def test_how_long_to_wait_is_a_number_of_seconds_up_to_a_day(said: str, seconds: int) -> None:
    """Anything else is no word about it."""
    assert _checked(503, b"", {"Retry-After": said}).retry_after == seconds


class Said:
    """A transport that brings one answer."""

    def __init__(self, status: int, body: bytes = b'{"code":"no","tries_left":3}', after: int = 0) -> None:
        self.answer = Answer(status, body, after)

    def send(self, *_asked: object, **_more: object) -> Answer:
        """Bring it."""
        return self.answer


@pytest.mark.parametrize(
    ("said", "meant", "params"),
    [
        (Said(429), trouble.HqBusy, {"minutes": 1, "seconds": 0}),
        (Said(503, after=90), trouble.HqBusy, {"minutes": 1, "seconds": 90}),
        (Said(503, after=150), trouble.HqBusy, {"minutes": 2, "seconds": 150}),
        (Said(500), trouble.HqFailed, {"status": 500}), (Said(501), trouble.HqFailed, {"status": 501}),
        (Said(426), trouble.UpgradeNeeded, {}), (Said(404, b"{}"), trouble.HqTalksRubbish, {"status": 404}),
        (Said(404, b"<html>"), trouble.HqTalksRubbish, {"status": 404}),
        (Said(200, b"<html>"), trouble.HqTalksRubbish, {"status": 200}),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_says_why(said: Said, meant: type[trouble.LineTrouble], params: object) -> None:
    """Waiting is told in whole minutes, one at least; what HQ or another said is named by its number."""
    with pytest.raises(meant) as told:
        Line(said).challenge()
    assert told.value.params == params


@pytest.mark.parametrize("status", [201, 203, 400, 403, 410, 411, 428, 430])
def test_hq_s_no_comes_in_its_own_words(status: int) -> None:
    """Whatever was asked: its status, its word, and the tries that are left."""
    with pytest.raises(Told, match=f"^{status} no$") as told:
        Line(Said(status)).hello(b"{}")
    assert (told.value.status, told.value.code, told.value.tries_left) == (status, "no", 3)


def test_hq_has_no_hash_where_it_says_none() -> None:
    """Each place that was asked is answered, whatever else HQ says."""
    told = Said(200, b'{"hashes":{"1":"aa","9":"bb"}}')
    assert Line(told).hashes("j", [1, 2], "pass") == {1: "aa", 2: ""}


@pytest.mark.parametrize("status", [200, 202, 410])
def test_an_ack_is_read_from_a_replaced_box_s_answer_too(status: int) -> None:
    """The tail that HQ took from it is acknowledged; elsewhere the same status is a no."""
    ack = {"cafe": 17, "head": "00" * 32, "j": "0" * 16, "kid": "1" * 16, "seq": 7, "t": 1, "type": "ack", "v": 1}
    body = json.dumps({"ack": wire.dump(ack).decode(), "sig": "00" * 64}).encode()
    assert Line(Said(status, body)).batch(b"x", "pass")[1].seq == 7
