"""Every key of the till × a page of another site × another name for the box: refused before anything is looked at."""

import re

import pytest

from kiosk.wiring import Kiosk
from tests.kiosk.conftest import Counter

FOREIGN = (
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
)  # fmt: skip
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
           "Cross-Origin-Resource-Policy", "Permissions-Policy")  # fmt: skip


def addresses(screen: Counter, *, changing: bool) -> list[tuple[str, str]]:
    """Each method and address of the till, its blanks filled in."""
    return sorted(
        (method, re.sub(r"<(\w+:)?\w+>", lambda m: "1" if m.group(1) == "int:" else "x1", rule.rule))
        for rule in screen.client.application.url_map.iter_rules()
        for method in rule.methods or ()
        if (method in CHANGING if changing else method == "GET")
    )


def test_no_key_is_pressed_by_another_site(screen: Counter, kiosk: Kiosk) -> None:
    """Each changing address × each foreign sender: 403; under another name: 421. Not one entry is written."""
    before = kiosk.store.tip().seq
    keys = addresses(screen, changing=True)
    assert len(keys) > 150
    for method, path in keys:
        for headers in FOREIGN:
            assert screen.client.open(path, method=method, headers=headers).status_code == 403, (path, headers)
        for host in ("evil.example", "127.0.0.1.evil.example", "[::2]"):
            answer = screen.client.open(path, method=method, headers={"Host": host})
            assert answer.status_code == 421, (path, host)
    assert kiosk.store.tip().seq == before


def test_no_page_is_read_under_another_name(screen: Counter) -> None:
    """A site that points its own name at the till reads nothing, at no address (DNS rebinding)."""
    for _method, path in addresses(screen, changing=False):
        answer = screen.client.get(path, headers={"Host": "evil.example"}, buffered=True)
        assert answer.status_code == 421, path
        assert all(name in answer.headers for name in HEADERS), path


@pytest.mark.parametrize("path", ["/", "/lock", "/menu/", "/nowhere", "/static/kiosk.css", "/healthz", "/customer/"])
def test_every_answer_carries_its_guards(screen: Counter, path: str) -> None:
    """Pages, files and refusals alike."""
    answer = screen.client.get(path, buffered=True)
    assert all(name in answer.headers for name in HEADERS)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
