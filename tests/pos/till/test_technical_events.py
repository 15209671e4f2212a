"""What happens besides selling is in the chain too, each thing once (R41–R44, R5, R18, R51, R110)."""

import pytest

from pos import box, drafts
from pos.clock import StoppedClock
from pos.release import FISCAL_VERSION, VERSION
from pos.store import Store
from pos.system import BoxBooted, SoftwareUpdated
from pos.till import cash, catalogue, clockset, people, sell
from pos.till import refusals as no
from pos.till.events import CafeDescribed, LineRepriced, ProductListed, SaleCompleted, TabVoided
from pos.till.nf_codes import CODES, NONE, nf_code
from tests.builders import every_event
from tests.cast import BEA, CAFE, VICTOR, of, open_cafe, product, ring, sold


def last(store: Store, kind: type) -> object:
    """Return the last event of a kind."""
    with store.reading() as conn:
        events = [store.event(conn, seq).event for seq in range(store.tip().seq + 1)]
    return [event for event in events if isinstance(event, kind)][-1]


def counted(store: Store, kind: str) -> int:
    """Return how many entries of a kind there are."""
    with store.reading() as conn:
        return sum(store.event(conn, seq).event.kind == kind for seq in range(store.tip().seq + 1))


@pytest.mark.parametrize("key", sorted(every_event()), ids=lambda key: f"{key[0]}.{key[1]}")
def test_every_fact_has_a_code_of_the_published_log_or_says_none(key: tuple[str, int]) -> None:
    """R41: one journal for sales and technical events; the codes named exist as kinds."""
    assert nf_code(key[0]) == NONE or nf_code(key[0]).replace("/", "").isdigit()


def test_no_code_is_given_to_a_fact_that_does_not_exist() -> None:
    """R41: a kind renamed would leave its code behind."""
    assert set(CODES) <= {kind for kind, _kv in every_event()}


def test_another_release_is_an_entry_and_numbers_go_on(store: Store) -> None:
    """R5, R4: started with another version than last time: recorded once; the boot entry says the fiscal version."""
    open_cafe(store)
    before = of(sold(store, "cafe"))
    box.start(store)
    assert counted(store, "box.software_updated") == 0
    with store.writing(by="box") as tx:
        drafts.put(tx.conn, "software", "0.0.9/F0.0")
    box.start(store)
    box.start(store)
    assert counted(store, "box.software_updated") == 1
    assert last(store, SoftwareUpdated) == SoftwareUpdated(old="0.0.9/F0.0", new=f"{VERSION}/{FISCAL_VERSION}")
    assert last(store, BoxBooted).fiscal == FISCAL_VERSION  # type: ignore[attr-defined]
    assert of(sold(store, "cafe")).no == before.no + 1


def test_a_power_cut_is_known_at_the_next_start(store: Store) -> None:
    """R42: a run that did not end by itself says so; one that did says so too."""
    box.start(store)
    assert box.start(store) is False
    assert last(store, BoxBooted).clean is False  # type: ignore[attr-defined]
    box.stop(store)
    assert box.start(store) is True


def test_a_price_changed_at_the_counter_leaves_a_trace(store: Store) -> None:
    """R42, R18: price typed over, discount, on the house: each one entry with before and after; the sale keeps the rest."""
    open_cafe(store)
    line = ring(store, "t", "croque").lines[0].line_id
    sell.set_price(store, "t", line, 700, by=VICTOR)
    assert last(store, LineRepriced) == LineRepriced(
        tab="t", label="Croque-monsieur", what="price", was=750, now=700, day="2026-11-20"
    )
    sell.discount_line(store, "t", line, 100, by=VICTOR)
    assert (last(store, LineRepriced).was, last(store, LineRepriced).now) == (700, 600)  # type: ignore[attr-defined]
    sell.offer_line(store, "t", line, "staff", by=VICTOR)
    assert counted(store, "till.line_repriced") == 3
    ring(store, "t", "cafe")
    sell.take_payment(store, "t", "cash", by=VICTOR)
    sale = last(store, SaleCompleted)
    given = next(one for one in sale.lines if one.offered)  # type: ignore[attr-defined]
    assert (given.offered, given.gross, given.normal_price) == ("staff", 0, 700)


def test_a_typed_open_price_is_no_override(store: Store) -> None:
    """R42: « Divers » has no price of the menu to change."""
    open_cafe(store)
    sell.add_product(store, "t", "divers", price=500, by=VICTOR)
    with store.reading() as conn:
        tab = sell.current_tab(conn, "t")
    assert tab is not None
    sell.set_price(store, "t", tab.lines[0].line_id, 300, by=VICTOR)
    assert counted(store, "till.line_repriced") == 0


def test_an_abandoned_bill_says_what_was_on_it_and_takes_no_number(store: Store) -> None:
    """R51: lines, rates and total in the entry; the next ticket has the number it would have had."""
    open_cafe(store)
    ring(store, "t", "demi", "progres")
    sell.void_tab(store, "t", "left", by=VICTOR)
    gone = last(store, TabVoided)
    assert [(one.label, one.gross, one.vat) for one in gone.left] == [  # type: ignore[attr-defined]
        ("Demi pression 25 cl", 350, 2000), ("Le Progrès", 140, 0),
    ]  # fmt: skip
    assert (gone.lines, gone.total, gone.reason) == (2, 490, "left")  # type: ignore[attr-defined]
    assert of(sold(store, "cafe")).no == 1


def test_coming_and_going_is_recorded(store: Store) -> None:
    """R42: who takes the counter, who leaves it, wrong PINs in a row, a new PIN, rights given and taken."""
    open_cafe(store)
    op = people.add_operator(store, role="seller", name="Maëlle", pin="2580", by=BEA)
    people.sign_in(store, op, "2580")
    people.sign_out(store, op)
    for _try in range(4):
        with pytest.raises((people.WrongPin, people.TooManyTries)):
            people.sign_in(store, op, "1471")
    people.reset_pin(store, op, "1470", by=BEA)
    people.remove_operator(store, op, by=BEA)
    for kind, times in (
        ("till.signed_in", 1),
        ("till.signed_out", 1),
        ("till.pin_reset", 1),
        ("till.operator_removed", 1),
    ):
        assert counted(store, kind) == times, kind
    assert counted(store, "till.pin_refused") >= 1


def test_a_price_or_class_changed_keeps_what_it_was(store: Store) -> None:
    """R43: the entry says old and new, so that any past ticket can be explained; so does the café's description."""
    open_cafe(store)
    catalogue.list_product(store, product("cafe", "Café", 170, "meal"), by=BEA)
    changed = last(store, ProductListed)
    assert (changed.was_price, changed.price, changed.was_vat_class) == (160, 170, "hot_drink")  # type: ignore[attr-defined]
    people.describe_cafe(store, CAFE, by=BEA)
    assert last(store, CafeDescribed) == CAFE


def test_opening_the_drawer_without_a_reason_is_refused(store: Store) -> None:
    """R110: a reason from the list, an entry, and the Z counts it."""
    open_cafe(store)
    with pytest.raises(no.ReasonMissing):
        cash.open_drawer(store, "", by=BEA)
    with pytest.raises(no.ReasonMissing):
        cash.open_drawer(store, "because", by=BEA)
    cash.open_drawer(store, "check", by=BEA)
    assert counted(store, "till.drawer_opened") == 1


def test_the_clock_set_says_before_and_after(store: Store, clock: StoppedClock) -> None:
    """R13: three days behind: no sale until the date is confirmed; the entry has both times, order stays."""
    open_cafe(store)
    sold(store, "cafe")
    true = clock.now_ms()
    clock.set(true - 3 * 86_400_000)
    with pytest.raises(Exception, match="ClockBehind"):
        sold(store, "cafe")
    event = clockset.confirm_clock(store, true + 60_000, by=BEA)
    assert (event.old, event.new, event.source) == (true - 3 * 86_400_000, true + 60_000, "operator")
    assert of(sold(store, "cafe")).no == 2


@pytest.mark.parametrize("quantity", [0, -1000])
def test_no_negative_sale_by_hand(store: Store, quantity: int) -> None:
    """R52: a quantity or a price below zero is refused by the act itself, not by a screen."""
    from pos.money import NotAQuantity

    open_cafe(store)
    with pytest.raises(NotAQuantity):
        sell.add_product(store, "t", "cafe", quantity=quantity, by=BEA)
    with pytest.raises(no.PriceMissing):
        sell.add_product(store, "t", "divers", price=-100, by=BEA)
