"""Somebody between the box and HQ who speaks TLS: a stranger's certificate, and a proxy that decrypts, changes and says again."""

import datetime as dt
import ipaddress
import random
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hq import audit, enrolment
from hq.app import create_app
from hq.wiring import Office
from pos.clock import StoppedClock
from pos.store import Store
from sync import ackfile, agent, ingest, trouble
from sync.line import HttpHq
from tests.hq.conftest import JoinCafe
from tests.serving import served

QUICK = urllib3.Timeout(connect=2, read=2)
# What the proxy does to one message: (outward?, the body) to another body; None drops it.
Change = Callable[[bool, bytes], bytes | None]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that is its own authority, with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "siege")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "siege.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@contextmanager
def between(address: str, pem: Path, change: Change) -> Iterator[tuple[str, list[str]]]:
    """A proxy that ends TLS before HQ and does what it likes with what passes; its address, and the paths it saw."""
    seen: list[str] = []
    pool = urllib3.PoolManager()

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            seen.append(self.path)
            body = change(True, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            headers = {name: value for name, value in self.headers.items() if name not in ("Host", "Content-Length")}
            answer = (
                pool.request(self.command, address + self.path, body=body, headers=headers, decode_content=False)
                if body is not None
                else None
            )
            said = change(False, answer.data) if answer is not None else None
            if answer is None or said is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name in ("Zinc-Protocol", "Content-Encoding", "Content-Type"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    # A caller who hangs up at the certificate is no trouble of the proxy's.
    server.handle_error = lambda *_of: None  # type: ignore[method-assign]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
        pool.clear()


def honest(_outward: bool, body: bytes) -> bytes:
    """Pass on."""
    return body


@pytest.fixture
def trusted(authority: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate, trusted by this machine: the worst case, or the office's own proxy."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    return authority


def test_a_stranger_s_certificate_hears_nothing(office: Office, join: JoinCafe, authority: Path) -> None:
    """Not signed by anybody this machine knows: the box says nothing at all, and keeps its entries."""
    store = join()
    with served(create_app(office)) as address, between(address, authority, honest) as (url, seen):
        with pytest.raises(trouble.HqUnreachable):
            agent.push(store, HttpHq(url, timeout=QUICK))
        assert seen == []
    assert agent.backlog(store) == 2


def test_a_night_through_the_office_s_proxy(office: Office, join: JoinCafe, trusted: Path) -> None:
    """TLS ends before HQ, as in deploy/hq: the night is the same."""
    store = join()
    with served(create_app(office)) as address, between(address, trusted, honest) as (url, seen):
        agent.push(store, HttpHq(url, timeout=QUICK))
    assert agent.backlog(store) == 0
    assert "/v1/batch" in seen


def broken(chance: random.Random, kept: list[bytes]) -> Change:
    """Drop, cut, flip a bit, or put what passed before in its place: every third message."""

    def change(_outward: bool, body: bytes) -> bytes | None:
        kept.append(body)
        what = chance.randrange(12)
        if what == 0:
            return None
        if what == 1 and body:
            return body[: chance.randrange(len(body))]
        if what == 2 and body:
            spoilt = bytearray(body)
            spoilt[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
            return bytes(spoilt)
        return chance.choice(kept) if what == 3 else body

    return change


def nights(office: Office, store: Store, clock: StoppedClock, trusted: Path, many: int) -> set[str]:
    """That many nights through a trusted and hostile proxy, then an honest one; return what the box was told."""
    told = set()
    with served(create_app(office)) as address:
        for seed in range(many):
            # A café's calls are counted by the hour.
            clock.tick(24 * 3_600_000)
            with between(address, trusted, broken(random.Random(seed), [])) as (url, _seen):
                for _ in range(2):
                    try:
                        agent.push(store, HttpHq(url, timeout=QUICK))
                    except trouble.LineTrouble as said:
                        told.add(type(said).__name__)
                    assert believed(store) <= held(office), seed
        with between(address, trusted, honest) as (url, _seen):
            agent.push(store, HttpHq(url, timeout=QUICK))
    assert agent.backlog(store) == 0
    assert believed(store) == held(office)
    assert audit.check(office).faults == []
    return told


def test_whoever_decrypts_and_changes_adds_and_takes_nothing(
    office: Office, join: JoinCafe, clock: StoppedClock, trusted: Path
) -> None:
    """Ten nights: what HQ holds is what the box signed, what the box believes is what HQ has."""
    assert len(nights(office, join(), clock, trusted, 10)) > 1


@pytest.mark.faults
def test_a_thousand_nights_with_somebody_between(
    office: Office, join: JoinCafe, clock: StoppedClock, trusted: Path, record_property: Callable[[str, object], None]
) -> None:
    """The same, a thousand nights."""
    nights(office, join(), clock, trusted, 1_000)
    record_property("nights with somebody between", 1_000)


def believed(store: Store) -> int:
    """The last entry the box believes HQ has acknowledged."""
    ack = ackfile.last(store)
    return ack.seq if ack is not None else -1


def held(office: Office) -> int:
    """The last entry HQ holds."""
    with office.db.reading() as conn:
        return ingest.cursor_of(conn, enrolment.boxes(conn, 17)[-1])[0]
