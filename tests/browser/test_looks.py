"""What a tired person sees: keys large enough, no text cut, no page that scrolls, no serious fault for axe."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from kiosk.wiring import Kiosk
from pos.till import catalogue
from pos.till.menu_events import ProductListed
from tests.browser.conftest import SMALL, USUAL, Screen, Windows
from tests.kiosk import cafe

pytestmark = pytest.mark.browser

# 20 mm of a 10.1-inch screen: 1280 px wide, and 1024 px wide.
FREQUENT = {USUAL: 117, SMALL: 89}
PAGES = (
    "/", "/menu/", "/tickets/", "/tickets/1", "/tickets/1/refund", "/drawer/", "/drawer/open", "/drawer/count", "/day/open",
    "/day/close", "/catalogue/", "/catalogue/cafe", "/catalogue/rows", "/catalogue/file", "/team/", "/team/new",
    "/settings/cafe", "/settings/machines", "/settings/hq", "/settings/clock", "/settings/backups", "/demo/paper", "/lock?leave=1",
)  # fmt: skip

CUT = """() => [...document.querySelectorAll('body *')].filter(e => {
  if (e.closest('.unseen, [hidden], svg, .scrolls, .lines, .list, select')) return false;
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) return false;
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height) return false;
  const style = getComputedStyle(e);
  if (style.textOverflow === 'ellipsis') return false;
  const parent = e.parentElement.getBoundingClientRect();
  return (style.display !== 'inline' && e.scrollWidth > e.clientWidth + 2) || box.right > innerWidth + 1 || box.bottom > innerHeight + 1
    || (style.display === 'inline' && box.right > parent.right + 3);
}).map(e => e.className + ': ' + e.textContent.trim().slice(0, 50))"""


@pytest.fixture(params=[USUAL, SMALL], ids=["1280x800", "1024x600"])
def sized(request: pytest.FixtureRequest, windows: Windows, address: str) -> Iterator[Screen]:
    """The counter on the usual and on the smallest screen, with one ticket sold and a bill under way."""
    with windows("counter", request.param) as page, Screen(page, address) as screen:
        yield at_work(screen.sign_in(), request.param)


def at_work(screen: Screen, size: tuple[int, int]) -> Screen:
    """Sell one ticket, begin another."""
    screen.size = size  # type: ignore[attr-defined]
    screen.tap("#tile-cafe").tap("#pay-1000").sees("#bill.done").rest()
    for product in ("cafe", "plat_du_jour", "croissant"):
        screen.tap(f"#tile-{product}")
    return screen.settle()


def test_frequent_keys_are_twenty_millimetres(sized: Screen) -> None:
    """Tiles, exact cash, card, the likely notes and the services: 20 × 20 mm on a 10-inch screen."""
    least = FREQUENT[sized.size]  # type: ignore[attr-defined]
    for selector in (".tile", "#pay-exact", "#pay-card", "#pay-500", "#pay-1000", "#pay-2000", ".service"):
        for box in (
            sized.page.locator(selector).nth(i).bounding_box()
            for i in range(min(3, sized.page.locator(selector).count()))
        ):
            assert box is not None
            assert min(box["width"], box["height"]) >= least, (selector, box)


def test_no_text_is_cut_and_no_page_scrolls(sized: Screen) -> None:
    """At both sizes, on every page, every word is whole and the frame fits the screen."""
    faults = {}
    for path in PAGES:
        sized.open(path)
        over = sized.page.evaluate("() => document.documentElement.scrollHeight - innerHeight")
        faults[path] = sized.page.evaluate(CUT) + ([f"{over} px too tall"] if over > 1 else [])
    assert {path: found for path, found in faults.items() if found} == {}


def test_what_is_counted_is_a_finger_high(sized: Screen) -> None:
    """Each note and coin has a field of 12 mm on the small screen, and nothing of the count is out of sight."""
    least = 44 if sized.size == SMALL else 36  # type: ignore[attr-defined]
    for path in ("/drawer/count", "/day/close"):
        sized.open(path)
        boxes = [field.bounding_box() for field in sized.page.locator(".pieces input").all()]
        assert len(boxes) == 13
        for box in boxes:
            assert box is not None and box["height"] >= least and box["width"] >= least, (path, box)
        assert sized.page.evaluate(
            "() => { const e = document.querySelector('.pieces'); return e.scrollHeight <= e.clientHeight + 1; }"
        )


def test_what_lies_over_the_tiles_leaves_the_total_and_is_whole(sized: Screen) -> None:
    """Pads and reasons cover the tiles, never the total or the money keys."""
    before = sized.page.locator("#bill .due").bounding_box()
    for key in ("#other-way", ".line.lit .acts button >> nth=2", "#cancel", ".tab.find"):
        sized.open().tap(key).settle()
        sized.page.wait_for_timeout(150)
        sized.page.locator("#bill .due").wait_for()
        assert sized.page.locator("#bill .due").bounding_box() == before, key
        assert sized.page.evaluate(CUT) == [], key


def test_a_refusal_does_not_move_a_key(sized: Screen) -> None:
    """The message line is always there: a long refusal changes its words, not the layout."""
    before = sized.page.locator("#pay-exact").bounding_box()
    for path, tone in (("/bill/add/nothing_like_this", "bad"), ("/scan", "wait")):
        asks = f"htmx.ajax('POST', '{path}', {{values: {{code: '99999999999'}}, source: '#frame', target: '#say', swap: 'outerHTML'}})"
        sized.page.evaluate(f"() => {asks}")
        sized.sees(f"#say.{tone}")
        assert sized.page.locator("#pay-exact").bounding_box() == before
        say, demo = sized.page.locator(f"#say.{tone}").bounding_box(), sized.page.locator(".demo").bounding_box()
        assert say is not None
        assert demo is not None
        assert say["x"] + say["width"] <= demo["x"] + 1
        assert sized.page.locator("#say > span").evaluate("e => e.scrollHeight <= e.clientHeight + 1")


def test_many_rows_leave_the_search_in_reach(sized: Screen, kiosk: Kiosk) -> None:
    """With ten rows of tiles, as in a café of many services, each row and the search lie beside the bill, not under it."""
    for name in ("Presse", "La Poste", "Dépôt de linge"):
        row = ProductListed(product=f"one_{len(name)}", label=name, category=name, price=100, vat_class="hot_drink")
        catalogue.list_category(kiosk.store, name, label=name, by=cafe.MANAGER)
        catalogue.list_product(kiosk.store, row, by=cafe.MANAGER)
    bill = sized.open().page.locator("#bill").bounding_box()
    boxes = [tab.bounding_box() for tab in sized.page.locator(".tabs .tab").all()]
    assert len(boxes) >= 11
    assert bill is not None
    assert all(box is not None and box["x"] + box["width"] <= bill["x"] for box in boxes)
    sized.tap(".tab.find").sees(".find-field")


def test_words_of_machines_that_are_well_give_way_to_what_is_said(sized: Screen) -> None:
    """After a sale only the machines' signs stay: the message has the room to be said whole."""
    sized.rest().tap("#pay-exact").sees("#bill.done").settle()
    assert sized.page.locator("#machines .words:visible").count() == 0
    assert sized.page.locator("#say > span").evaluate("e => e.scrollWidth <= e.clientWidth + 1")


def test_axe_finds_no_serious_fault(screen: Screen) -> None:
    """No critical or serious fault on any page."""
    screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done").rest().tap("#tile-cafe").settle()
    faults = {path: serious_faults(screen.open(path)) for path in PAGES}
    assert {path: found for path, found in faults.items() if found} == {}


def serious_faults(screen: Screen) -> list[str]:
    """What axe finds grave on the page."""
    found = Axe().run(screen.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{v['id']}: {n['html'][:110]}" for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"][:4]
    ]
