"""Every page that a tap can reach: it opens, and each file, icon and style it names is there."""

import re
from collections import Counter as Tally

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from tests.kiosk.conftest import Counter

LINK = re.compile(r'<(?:a|button)\b[^>]*?\s(?:href|hx-get)="(/[^"#]*)"')
FILE = re.compile(r'<(?:link|script|img|use)\b[^>]*?\s(?:href|src)="([^"]+)"')
# Pages that differ only by a number, a code or a page of a list are looked at twice.
SAME = re.compile(r"\d[^/?=&]*|(?<=/)[0-9a-f]{20}")
ALIKE = 2


def crawl(screen: Counter, *begin: str) -> dict[str, str]:
    """Every page within reach of taps that only look, by address."""
    pages: dict[str, str] = {}
    alike: Tally[str] = Tally()
    waiting = list(begin)
    while waiting:
        url = waiting.pop(0).replace("&amp;", "&")
        kind = re.sub(r"=[^&]*", "=", SAME.sub("N", url))
        if url in pages or alike[kind] >= ALIKE or url.startswith(("/lock", "/demo")):
            continue
        alike[kind] += 1
        answer = screen.client.get(url, follow_redirects=True, buffered=True)
        # A question asked without what is typed into it is refused in words, never broken.
        assert answer.status_code in (200, 422), (url, answer.status)
        pages[url] = answer.text if "html" in answer.mimetype else ""
        waiting += LINK.findall(pages[url])
    return pages


def test_no_page_names_a_file_that_is_missing(screen: Counter) -> None:
    """Style sheets, scripts, letterforms, icons of the sprite: each address answers, each icon is drawn."""
    screen.tap("/bill/add/cafe", attempt="add-0001")
    pages = crawl(screen, "/", "/services/", "/menu/")
    assert len(pages) > 80
    asked = {(file, page) for page, text in pages.items() for file in FILE.findall(text)}
    sprite = set(re.findall(r'<symbol id="([a-z]+)"', screen.client.get("/static/icons.svg", buffered=True).text))
    missing = []
    for file, page in sorted(asked):
        path, _hash, icon = file.partition("#")
        if screen.client.get(path, buffered=True).status_code != 200 or (icon and icon not in sprite):
            missing.append((file, page))
    assert missing == []


def test_a_style_sheet_is_served_to_a_locked_screen_too(kiosk: Kiosk) -> None:
    """A screen that slept is drawn whole, and keeps the files of every service from page to page."""
    client = create_app(kiosk).test_client()
    for file in ("/static/rooms.css", "/bread/static/bread.css", "/gatherings/static/gatherings.css"):
        answer = client.get(file, buffered=True)
        assert answer.status_code == 200
        assert "no-store" not in answer.headers["Cache-Control"]


def test_a_sheet_of_styles_names_only_files_that_are_there(screen: Counter) -> None:
    """What a style sheet asks for (letterforms) is beside it."""
    for sheet in ("tokens", "counter", "kiosk", "rooms"):
        for file in re.findall(r'url\("([^")]+)"\)', screen.client.get(f"/static/{sheet}.css", buffered=True).text):
            assert screen.client.get(f"/static/{file}", buffered=True).status_code == 200, (sheet, file)
