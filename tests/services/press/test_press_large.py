"""Long lists: a delivery of many titles, a statement of a large depot, an inventory; each entry stays within 16 KiB."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos import zcj
from pos.engines import consignment_accounts as accounts
from pos.engines import consignment_tables as consigned
from pos.engines import stock
from pos.engines.consignment_events import StatedLine, StatementClosed, StatementDetailed
from pos.events import LINES_MAX_BYTES, shared_out
from pos.journal import EntryTooLarge
from pos.services.press import SERVICE, desk
from pos.services.press.deliveries import Copies
from pos.services.press.events import DeliveryReceived, UnsoldReturned
from pos.services.press.tables import OWNER
from pos.services.press.unsold import Counted
from pos.store import Store
from pos.till import catalogue, sell
from pos.till import tables as till
from pos.till.events import LineVoided
from pos.till.sell import SoldLine
from tests.cast import product
from tests.services.press.conftest import BY, DAY, deliver

TITLES = 210


def titles(store: Store) -> list[str]:
    """List a large depot's titles."""
    return [
        desk.list_title(store, label=f"{n} Grand Hebdomadaire de la Vallée", price=320, **BY).product
        for n in range(TITLES)
    ]


def events_of(store: Store, kind: type) -> list[object]:
    """Return what the journal holds of a kind, in order."""
    with store.reading() as conn:
        last = store.last_place()
        return [e for at in range(1, last + 1) if isinstance(e := store.event(conn, at).event, kind)]


def test_a_large_depot_is_delivered_sold_and_stated(shop: Store) -> None:
    """210 titles on one slip, all sold: one delivery, one statement under one number; the sums are those of the lines."""
    with shop.bulk():
        every = titles(shop)
        told = desk.receive_delivery(shop, "900", [Copies(product=one, received=2000) for one in every], **BY)
        for at in range(0, TITLES, 30):
            sell.sell(shop, lines=[SoldLine(product=one) for one in every[at : at + 30]], **BY)
        stated = desk.close_statement(shop, last=DAY, **BY)
    parts = events_of(shop, DeliveryReceived)
    assert len(parts) > 1
    assert {part.delivery for part in parts} == {told.delivery}  # type: ignore[attr-defined]
    assert sum(len(part.lines) for part in parts) == len(told.lines) == TITLES  # type: ignore[attr-defined]
    copies = Counter[str]()
    for part in parts:
        for figure in SERVICE.tells[DeliveryReceived](part):
            copies[figure.code] += figure.amount
    assert copies == {"press_delivered": TITLES * 2000}
    assert (stated.revenue, len(stated.lines), stated.number) == (TITLES * 320, TITLES, 1)
    (closed,) = events_of(shop, StatementClosed)
    assert len(events_of(shop, StatementDetailed)) == closed.parts > 1  # type: ignore[attr-defined]
    with shop.reading() as conn:
        row = consigned.last_statement(conn, OWNER)
        assert row is not None
        assert accounts.statement_at(shop, conn, row["seq"]) == msgspec.structs.replace(stated, parts=closed.parts)  # type: ignore[attr-defined]
        assert conn.execute("SELECT count(*) FROM press_delivery").fetchone()[0] == 1
        assert till.third_parties(conn)[OWNER] == stated.due
    # Reads beside statements made before, in one entry.
    deliver(shop, "901")
    sell.sell(shop, lines=[SoldLine(product=every[0])], **BY)
    again = desk.close_statement(shop, last=DAY, **BY)
    assert (again.number, again.parts) == (2, 0)
    assert shop.tables_that_differ() == []


def test_a_large_bundle_goes_back_under_one_slip(shop: Store) -> None:
    """210 recalled titles, one copy of each missing: one bundle, its sums those of the entries, the network told once."""
    with shop.bulk():
        every = titles(shop)
        day = [Copies(product=one, received=2000, recall_on=DAY) for one in every]
        slip = desk.receive_delivery(shop, "900", day, **BY).delivery
        told = desk.return_unsold(shop, [Counted(delivery=slip, product=one, counted=1000) for one in every], **BY)
    parts = events_of(shop, UnsoldReturned)
    assert len(parts) > 1
    figures = Counter[str]()
    for part in parts:
        for figure in SERVICE.tells[UnsoldReturned](part):
            figures[figure.code] += figure.amount
    assert figures == {"press_returned": TITLES * 1000, "press_missing": TITLES * 1000}
    assert (told.charged, told.returned_cents, len(told.lines)) == (TITLES * 320, TITLES * 320, TITLES)
    with shop.reading() as conn:
        (row,) = conn.execute("SELECT returned, missing, returned_cents, charged FROM press_return").fetchall()
        assert tuple(row) == (TITLES * 1000, TITLES * 1000, told.returned_cents, told.charged)
        held = consigned.stock(conn, OWNER)
        assert {one.on_sale for one in held.values()} == {0}
    assert shop.tables_that_differ() == []


def test_a_long_shelf_is_counted_at_once(shop: Store) -> None:
    """300 articles: several entries, each difference kept, the stock as counted."""
    with shop.bulk():
        for n in range(300):
            catalogue.list_product(
                shop, product(f"article_de_la_grande_etagere_{n}", f"Article {n}", 100, "grocery"), **BY
            )
            stock.follow(shop, f"article_de_la_grande_etagere_{n}", **BY)
        counts = [stock.Count(product=f"article_de_la_grande_etagere_{n}", counted=n * 1000) for n in range(300)]
        told = stock.take_inventory(shop, counts, **BY)
    assert len(told.lines) == 300
    assert len(events_of(shop, stock.InventoryTaken)) > 1
    with shop.reading() as conn:
        assert {row["product"]: row["on_hand"] for row in stock.items(conn)} == {
            one.product: one.counted for one in counts
        }
    assert shop.tables_that_differ() == []


@settings(max_examples=30)
@given(sizes=st.lists(st.integers(0, 3000), max_size=40))
def test_lines_shared_out_are_the_same_lines(sizes: list[int]) -> None:
    """Nothing is lost nor moved, and no part weighs more than an entry has room for."""
    lines = [StatedLine(product="é" * size) for size in sizes]
    parts = shared_out(lines)
    assert [line for part in parts for line in part] == lines
    assert all(len(zcj.encode(part)) <= LINES_MAX_BYTES + 2 for part in parts if len(part) > 1)
    assert all(parts) or parts == [[]]


def test_what_is_too_large_all_the_same_is_a_refusal(shop: Store) -> None:
    """No page is ever a 500 for it: a sentence, and what to do."""
    with pytest.raises(EntryTooLarge) as told, shop.writing(**BY) as tx:
        tx.record(LineVoided(tab="t", label="x" * zcj.ENTRY_MAX_BYTES, quantity=1, gross=1, day=DAY))
    assert told.value.what()
    assert told.value.how()
