"""The frequent acts of the services, from the counter: as many taps as `docs/taps.md` says, never more than three."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest

from kiosk import demo_evenings as evenings
from kiosk import demo_people as people
from kiosk import demo_shelf as shelf
from kiosk import demo_village as village
from kiosk.demo_village import BY, Village
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.services.accounts import desk as accounts
from pos.services.bikes import desk as bikes
from pos.services.cashback import shop
from pos.services.digital import desk as digital
from pos.services.gatherings import desk as gatherings
from pos.services.grocery import desk as grocery
from pos.services.loans import desk as loans
from pos.services.meals import desk as meals
from pos.services.post import agreement
from pos.services.press import deliveries
from pos.services.relays import keeping
from pos.services.tour import desk as tour
from pos.till import people as team
from tests.browser.conftest import Screen
from tests.house.tree import ROOT
from tests.kiosk import cafe

pytestmark = pytest.mark.browser

LINE = re.compile(r"^\| `(\w+)` \| [^|]+ \| (\d+) \|$", re.MULTILINE)
SAID = {act: int(taps) for act, taps in LINE.findall((ROOT / "docs" / "taps.md").read_text())}
MOST = 3
ON_THE_BILL = "#bill .line.lit"
DONE = "#say.good b"


@dataclass(frozen=True)
class Act:
    """A frequent act: whose key it begins with, what was there before, what is touched, or typed as `field=text`, and seen last."""

    service: str
    before: Callable[[Village], object]
    touched: tuple[str, ...]
    seen: str = DONE


def post(v: Village) -> None:
    """Prices of the Poste on the menu."""
    village.begin_post(v)
    agreement.apply_prices(v.store, by=BY)


def press(v: Village) -> None:
    """A newspaper came this morning."""
    village.begin_press(v)
    deliveries.receive_delivery(
        v.store, "BL1", [deliveries.Copies(product=title, received=5000) for title in v.kept["titles"]], by=BY
    )


def potatoes(v: Village) -> None:
    """Potatoes by weight."""
    shelf.begin_grocery(v)
    grocery.set_item(v.store, "pommes_de_terre_le_kilo", by_weight=True, by=BY)


def on_the_road(v: Village) -> None:
    """A meal ordered, cooked, and gone with the round."""
    meals.set_terms(v.store, meal_price=980, delivery_price=150, by=BY)
    who = meals.enter(v.store, name="Mme Essai", consent=True, origin="ccas", address="1 rue de l’Exemple", by=BY)
    meals.order(v.store, beneficiary=who.beneficiary, for_day=v.day.isoformat(), late=True, by=BY)
    meals.prepare(v.store, by=BY)
    meals.leave(v.store, temperature=690, by=BY)


def hired(v: Village) -> None:
    """Bike 1 is out."""
    people.begin_bikes(v)
    with v.store.reading() as conn:
        bike = conn.execute("SELECT bike FROM bike_fleet WHERE number = 1").fetchone()[0]
    bikes.hire(v.store, bikes=[bike], rule="day", deposit="cheque", by=BY)


def seated(v: Village) -> None:
    """Somebody sits at the first post."""
    evenings.begin_digital(v)
    digital.start(v.store, v.kept["posts"][0], cleared=True, by=BY)


def left(v: Village) -> None:
    """A neighbour left something."""
    village.begin_relays(v)
    keeping.leave(v.store, "left", name="Mme Démo", by=BY)


def tonight(v: Village) -> None:
    """An evening today."""
    planned = gatherings.plan(
        v.store, title="Soirée jeux", sort="games", on_day=v.day.isoformat(), begins="10:00", by=BY
    )
    gatherings.announce(v.store, planned.gathering, by=BY)


def a_book(v: Village) -> None:
    """Two books; one was lent before, to somebody who comes back."""
    mine, other = (loans.list_item(v.store, label=label, sort="book", by=BY).item for label in ("Le Lavoir", "Le Pont"))
    loans.lend(v.store, other, name="M. Modèle", by=BY)
    v.kept["book"] = mine


def an_account(v: Village) -> None:
    """An account with money on it, and a coffee on the bill for those who pay with it."""
    person = accounts.open_account(v.store, name="Mme Fictive", by=BY).person
    v.pay(accounts.top_up(v.store, "", person, 2000, by=BY).tab_id)


def at_a_stop(v: Village) -> None:
    """The van stands in a village, its stop open."""
    people.begin_tour(v)
    stop = tour.plan_stop(
        v.store, on_day=v.day.isoformat(), commune="53195", town="Sacé", place="Place de l’Église", by=BY
    ).stop
    tour.note_authorisation(v.store, stop, "2026-12", by=BY)
    tour.open_stop(v.store, stop, by=BY)


ACTS: dict[str, Act] = {
    "post": Act("post", post, (".tiles button.tile.post >> nth=0",), ON_THE_BILL),
    "post_cash": Act("post", post, (".post-acts .key >> nth=0", "#f-ref=R123456789", "#f-amount=20,00", ".pad .go")),
    "press": Act("press", press, (".tiles .tile.press >> nth=0",), ON_THE_BILL),
    "grocery": Act("grocery", potatoes, (".tiles .tile.grocery >> nth=0", "#f-grams=1250", ".pad .go"), ON_THE_BILL),
    "meals": Act("meals", on_the_road, (".meals-keys .go >> nth=0",)),
    "bikes_out": Act("bikes", people.begin_bikes, ("#bike-1", ".bikes-lengths .key >> nth=-1")),
    "bikes_back": Act("bikes", hired, ("#bike-1", "#back-now")),
    "digital_start": Act("digital", evenings.begin_digital, ("#start-1",), "#stop-1"),
    "digital_stop": Act("digital", seated, ("#stop-1",), "#clear-1"),
    "info": Act("info", evenings.begin_info, ("#theme-townhall",), "#theme-townhall small"),
    "relays": Act("relays", left, (".relays-side .list a >> nth=0", ".relays-acts .go")),
    "gatherings": Act("gatherings", tonight, (".gath-today .main", ".gath-ages .main"), ".gath-ages .main .n:text('1')"),
    "loans_out": Act("loans", a_book, (".row:has(.good)", ".loans-recent .key >> nth=0")),
    "loans_back": Act("loans", a_book, (".loans-desk .row:not(:has(.good))", ".loans-acts .main")),
    "members": Act("members", people.begin_members, ("#found .row:has(.good) >> nth=0", ".one-person .main"), "#bill"),
    "accounts": Act("accounts", an_account, ("#found .row >> nth=0", ".one-person .keys .key >> nth=0"), ON_THE_BILL),
    "accounts_pay": Act("", an_account, ("#other-way", "#means-account", "#account-keys .row .key >> nth=0"), "#bill.done"),
    "cash_in_shop": Act(
        "cashback", lambda v: shop.set_mandate(v.store, "banque", label="Banque du Bourg", by=BY),
        (".cash-bank", "#f-ref=CA-0042", "#amount-5000"),
    ),
    "tour": Act("tour", at_a_stop, (".tour-count .one-more",), ".tour-count .big-n:text('1')"),
}  # fmt: skip


def test_the_table_and_the_acts_are_the_same() -> None:
    """Each line of the page is walked, each act walked is on the page, and none takes more than three taps."""
    assert set(SAID) == set(ACTS)
    assert max(SAID.values()) <= MOST


@pytest.fixture
def lives(kiosk: Kiosk, clock: StoppedClock) -> Village:
    """The café whose services are made ready."""
    return Village(kiosk.store, clock, random.Random("zinc-taps"))


@pytest.mark.parametrize("act", sorted(ACTS))
def test_a_frequent_act_takes_the_taps_that_are_said(screen: Screen, lives: Village, act: str) -> None:
    """From the counter, the service’s key among the first; typing apart."""
    told = ACTS[act]
    told.before(lives)
    if told.service:
        chosen = msgspec.structs.replace(cafe.CAFE, services=[told.service], valid_from="2026-06-01")
        team.describe_cafe(lives.store, chosen, by=BY)
    screen.open().sees("#tile-cafe")
    if not told.service:
        screen.tap("#tile-cafe").settle()
    screen.taps = 0
    for touched in ((".services .service:not(.menu)",) if told.service else ()) + told.touched:
        field, typed, text = touched.partition("=") if re.match(r"#[\w-]+=", touched) else (touched, "", "")
        if typed:
            screen.page.fill(field, text)
        else:
            screen.tap(touched).settle()
    screen.sees(told.seen)
    assert screen.taps == SAID[act]
