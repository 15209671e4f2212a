"""The relays' acts: a thing's way, the money of providers, keys, baskets; what is refused and what stays private."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.replay import begin_menu
from pos import private
from pos.clock import StoppedClock
from pos.engines import shelf
from pos.errors import AlreadyDone, Refusal
from pos.services import relays
from pos.services.relays import desk, kinds, names, reading, slips
from pos.services.relays import refusals as no
from pos.services.relays.keeping import Handed
from pos.services.relays.settings import half_up
from pos.slips import as_text
from pos.store import Store
from pos.till import card, close, refund, sell, uses
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import OperatorAdded
from tests.conftest import open_test_store
from tests.services.relays.conftest import BY, DAY, MORNING, at, choose, new_day


def used(store: Store, day: str = DAY) -> dict[str, int]:
    """Uses of the day."""
    with store.reading() as conn:
        return {code: n for code, n in uses.of_day(conn, day).items() if code in ("laundry", "relay")}


def owed(store: Store, relay: str = "pressing") -> int:
    """What the café holds for a provider."""
    with store.reading() as conn:
        return till.third_parties(conn).get(f"relay:{relay}", 0)


def state(store: Store, number: str) -> str:
    """Where a thing stands."""
    with store.reading() as conn:
        found = reading.by_code(conn, number)
        assert found is not None
        return found.state


def ready(store: Store, due: int = 1_250) -> str:
    """A suit back from the laundry."""
    thing = desk.leave(store, "pressing", name="M. Essai", **BY)
    desk.send(store, "pressing", **BY)
    desk.take_back(store, thing.thing, due=due, **BY)
    return thing.thing


# Settings


def test_a_relay_is_chosen_dated_and_on_the_menu(cafe: Store) -> None:
    """Its product is the provider's money; its terms hold from their day on; its sort never changes."""
    with cafe.reading() as conn:
        row = till.product(conn, "relay_pressing")
        assert row is not None and (row["role"], row["owner"], row["service"]) == (
            "agent_disclosed",
            "relay:pressing",
            "laundry",
        )
        assert kinds.one(conn, "pressing", "2026-03-12") is None
    desk.set_relay(
        cafe, "pressing", sort="laundry", label="Pressing", commission_bp=2_000, valid_from="2026-04-01", **BY
    )
    with cafe.reading() as conn:
        now, then = kinds.one(conn, "pressing", DAY), kinds.one(conn, "pressing", "2026-04-01")
        assert now is not None and then is not None and (now.commission_bp, then.commission_bp) == (1_500, 2_000)
        assert now.hold_days == 60
        assert names.provider(conn, "pressing")["name"] == "Pressing du Bourg"
        assert relays.SERVICE.owners is not None and relays.SERVICE.owners(conn)["relay:pressing"] == "Pressing"
    with pytest.raises(no.NotARelayRow):
        desk.set_relay(cafe, "pressing", sort="keys", label="Pressing", **BY)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"sort": "horses"}, no.NotARelayRow), ({"label": " "}, no.NotARelayRow), ({"commission_bp": 5_001}, no.NotARelayRow),
        ({"hold_days": 2_000}, no.NotARelayRow), ({"relay": "Bad code"}, no.NotARelayRow), ({"valid_from": "soon"}, no.NotARelayRow),
        ({"by": "v1"}, till_no.ManagerNeeded),
    ],
)  # fmt: skip
def test_a_relay_that_does_not_hold_is_refused(cafe: Store, wrong: dict[str, object], error: type[Refusal]) -> None:
    """Terms stay in their range, and only a manager chooses."""
    with pytest.raises(error) as told:
        desk.set_relay(cafe, **{"relay": "photo", "sort": "photo", "label": "Photos", **BY, **wrong})  # type: ignore[arg-type]
    assert told.value.what() and told.value.how()


def test_a_relay_given_up_takes_nothing_in(cafe: Store) -> None:
    """What is here may still be fetched; nothing new comes."""
    thing = desk.leave(cafe, "cordonnier", **BY)
    desk.set_relay(cafe, "cordonnier", sort="repair", label="Cordonnier", in_use=False, **BY)
    with pytest.raises(no.NoSuchRelay):
        desk.leave(cafe, "cordonnier", **BY)
    desk.hand_over(cafe, thing.thing, **BY)
    assert state(cafe, thing.number) == shelf.COLLECTED


# A thing's way


def test_a_suit_goes_to_the_laundry_and_is_paid_when_fetched(cafe: Store) -> None:
    """The money is the provider's to the cent; the sale hands the suit over; no turnover, no VAT."""
    thing = ready(cafe)
    done = desk.hand_over(cafe, thing, **BY)
    assert state(cafe, done.number) == shelf.BACK
    sale = sell.take_payment(cafe, done.tab, "cash", given=2_000, **BY).sale
    assert sale is not None and (sale.total, sale.turnover, sale.vat) == (1_250, 0, [])
    assert (state(cafe, done.number), owed(cafe)) == (shelf.COLLECTED, 1_250)
    assert cafe.tables_that_differ() == []


def test_a_laundry_visit_is_one_use_whatever_the_pieces(cafe: Store) -> None:
    """Two things left in one visit are one use, and so are two things fetched on one bill."""
    first = desk.leave(cafe, "pressing", due=500, **BY)
    second = desk.leave(cafe, "pressing", due=700, pieces=3, visit=first.thing, **BY)
    assert used(cafe) == {"laundry": 1}
    done = desk.hand_over(cafe, first.thing, **BY)
    desk.hand_over(cafe, second.thing, tab_id=done.tab, **BY)
    sell.take_payment(cafe, done.tab, "cash", **BY)
    assert used(cafe) == {"laundry": 2}
    desk.leave(cafe, "cordonnier", **BY)
    assert used(cafe) == {"laundry": 2, "relay": 1}
    (code, other) = relays.SERVICE.services
    assert [(one.code, one.headline, one.alternatives) for one in (code, other)] == [
        ("laundry", False, ()),
        ("relay", False, ()),
    ]


def test_a_thing_is_neither_handed_over_twice_nor_while_away(cafe: Store) -> None:
    """On a second bill, twice on one bill, or at the provider's: refused."""
    thing = desk.leave(cafe, "pressing", due=500, **BY)
    done = desk.hand_over(cafe, thing.thing, **BY)
    assert desk.hand_over(cafe, thing.thing, tab_id="other", **BY).tab == done.tab
    with cafe.writing(by="g1") as tx:
        tab = sell.current_tab(tx.conn, done.tab)
        assert tab is not None
        tab.lines.append(tab.lines[0])
        sell.keep(tx, tab)
    with pytest.raises(shelf.NotOnShelf):
        sell.take_payment(cafe, done.tab, "cash", **BY)
    away = desk.leave(cafe, "cordonnier", **BY)
    desk.send(cafe, "cordonnier", **BY)
    with pytest.raises(shelf.NotOnShelf):
        desk.hand_over(cafe, away.thing, **BY)
    with pytest.raises(shelf.NoSuchThing):
        desk.call(cafe, "N-99", **BY)


def test_a_refund_gives_the_money_back_and_a_mistake_the_thing_too(cafe: Store) -> None:
    """Rung up by mistake, the suit is on its shelf again and nobody came for it; for quality, it left."""
    for reason, left in (("mistake", shelf.BACK), ("quality", shelf.COLLECTED)):
        done = desk.hand_over(cafe, ready(cafe), **BY)
        sale = sell.take_payment(cafe, done.tab, "cash", **BY).sale
        assert sale is not None
        before = used(cafe)["laundry"]
        refund.refund_sale(cafe, sale.no, reason=reason, **BY)
        assert (state(cafe, done.number), owed(cafe), used(cafe)["laundry"]) == (left, 0, before - 1)
    assert cafe.tables_that_differ() == []


def test_only_what_waits_is_sent(cafe: Store) -> None:
    """All of a relay, or what was chosen; of another relay, or twice, nothing."""
    first, second = desk.leave(cafe, "pressing", **BY), desk.leave(cafe, "pressing", **BY)
    shoes = desk.leave(cafe, "cordonnier", **BY)
    assert [thing.number for thing in desk.send(cafe, "pressing", [first.number], **BY)] == [first.number]
    assert [thing.number for thing in desk.send(cafe, "pressing", **BY)] == [second.number]
    with pytest.raises(no.NothingToSend):
        desk.send(cafe, "pressing", **BY)
    with pytest.raises(no.NothingToSend):
        desk.send(cafe, "pressing", [shoes.thing], **BY)


def test_to_do_says_whom_to_call_and_what_waits_too_long(cafe: Store) -> None:
    """Back: call; called: nothing; beyond its days: overdue, and only then unclaimed."""
    thing = ready(cafe)
    (todo,) = relays.SERVICE.todo
    with cafe.reading() as conn:
        assert [notice.url for notice in todo(conn, DAY)] == ["/relays?show=call"]
    desk.call(cafe, thing, **BY)
    with cafe.reading() as conn:
        assert todo(conn, DAY) == []
        assert [notice.url for notice in todo(conn, "2026-05-13")] == ["/relays?show=late"]
        assert todo(conn, "2026-05-12") == []
    with pytest.raises(no.NotYetUnclaimed):
        desk.give_up(cafe, thing, **BY)
    at(cafe, "2026-04-15T09:00:00+02:00")
    desk.leave(cafe, "pressing", **BY)
    at(cafe, "2026-05-13T09:00:00+02:00")
    assert desk.give_up(cafe, thing, **BY).state == shelf.GIVEN_UP


def test_what_is_at_the_workshop_or_never_sent_is_never_overdue(cafe: Store) -> None:
    """The days count from the day it can be fetched; things left for somebody count from the start."""
    desk.leave(cafe, "pressing", **BY)
    desk.leave(cafe, "depot", **BY)
    with cafe.reading() as conn:
        assert (reading.standing(conn, "2026-03-20").overdue, reading.standing(conn, "2026-03-21").overdue) == (0, 1)
        assert reading.standing(conn, "2027-03-21").overdue == 1


def test_a_price_is_told_when_it_is_known(cafe: Store) -> None:
    """At the start, when it comes back, or at the counter: the last one holds; never below nothing."""
    thing = desk.leave(cafe, "pressing", due=500, **BY)
    desk.tell_price(cafe, thing.thing, 800, **BY)
    with pytest.raises(no.NotAPayment):
        desk.tell_price(cafe, thing.thing, -1, **BY)
    with pytest.raises(no.NotAPayment):
        desk.leave(cafe, "pressing", due=100_001, **BY)
    assert desk.hand_over(cafe, thing.thing, price=0, **BY).tab == ""
    with pytest.raises(shelf.NotOnShelf):
        desk.tell_price(cafe, thing.thing, 900, **BY)


def test_a_price_told_at_the_counter_is_the_bill_s(cafe: Store) -> None:
    """A thing on a bill already: its line follows; less than a printed bill says is the manager's, nothing with a card."""
    thing = desk.leave(cafe, "pressing", due=500, **BY)
    done = desk.hand_over(cafe, thing.thing, **BY)
    assert desk.hand_over(cafe, thing.thing, price=800, **BY) == Handed(thing.thing, thing.number, done.tab, 800)
    with cafe.writing(by="g1") as tx:
        tab = sell.current_tab(tx.conn, done.tab)
        assert tab is not None and tab.total == 800
        tab.printed = True
        sell.keep(tx, tab)
        tx.record(OperatorAdded(op="v1", role="seller"))
    with pytest.raises(till_no.ManagerNeeded):
        desk.tell_price(cafe, thing.thing, 700, by="v1")
    desk.tell_price(cafe, thing.thing, 700, **BY)
    payment = card.start_card(cafe, done.tab, **BY).card
    with pytest.raises(till_no.CardPending):
        desk.tell_price(cafe, thing.thing, 900, **BY)
    card.settle_card(cafe, payment, "refused", **BY)
    assert desk.hand_over(cafe, thing.thing, price=0, **BY).tab == done.tab
    sell.take_payment(cafe, done.tab, "cash", **BY)
    assert (state(cafe, thing.number), owed(cafe)) == (shelf.COLLECTED, 0)


def test_an_impatient_finger_leaves_one_thing(cafe: Store) -> None:
    """The same tap twice is one thing."""
    desk.leave(cafe, "pressing", attempt="tap-1", **BY)
    with pytest.raises(AlreadyDone):
        desk.leave(cafe, "pressing", attempt="tap-1", **BY)
    assert used(cafe) == {"laundry": 1}


def test_a_provider_is_paid_what_was_collected_less_the_share(cafe: Store) -> None:
    """15 % of 12.50 is 1.88, half up; the rest leaves the drawer; then nothing is owed."""
    done = desk.hand_over(cafe, ready(cafe), **BY)
    sell.take_payment(cafe, done.tab, "cash", **BY)
    told = desk.settle_provider(cafe, "pressing", **BY)
    assert (told.collected, told.commission, told.paid) == (1_250, 188, 1_062)
    with cafe.reading() as conn:
        assert till.drawer_expected(conn, DAY) == 10_000 + 188
        (row, *_others) = [one for one in reading.sheet(conn, DAY, DAY) if one.relay.relay == "pressing"]
        assert (row.left, row.collected, row.money, row.commission, row.paid) == (1, 1, 1_250, 188, 1_062)
    with pytest.raises(no.NothingOwedThere):
        desk.settle_provider(cafe, "pressing", **BY)
    with pytest.raises(no.NoSuchRelay):
        desk.settle_provider(cafe, "nobody", **BY)


# Keys


def test_a_key_goes_out_and_comes_in_with_who_may_take_it(cafe: Store) -> None:
    """Its register says when and by what it was recognised; each way is one use; the owner is always allowed."""
    key = desk.keep_key(cafe, "cles", name="M. Exemple", code="Mésange", allowed=["Mme Ménage", ""], **BY)
    with cafe.reading() as conn:
        people = {names.of(conn, person): person for person in reading.allowed(conn, key.thing)}
    assert set(people) == {"M. Exemple", "Mme Ménage"}
    desk.take_key(cafe, key.number, person=people["Mme Ménage"], proof="known", due_on="2026-03-14", **BY)
    with pytest.raises(no.KeyIsOut):
        desk.take_key(cafe, key.number, person=people["M. Exemple"], proof="known", **BY)
    with pytest.raises(no.KeyIsOut):
        desk.hand_over(cafe, key.number, **BY)
    with cafe.reading() as conn:
        assert reading.standing(conn, "2026-03-15").keys_late == 1
    desk.bring_key(cafe, key.number, **BY)
    desk.take_key(cafe, key.number, person=people["M. Exemple"], proof="id_seen", **BY)
    desk.bring_key(cafe, key.number, **BY)
    assert used(cafe) == {"relay": 5}
    with cafe.reading() as conn:
        assert [row["what"] for row in reading.register(conn, key.thing)] == ["in", "out", "in", "out"]
    desk.hand_over(cafe, key.number, **BY)
    with pytest.raises(shelf.NotOnShelf):
        desk.allow(cafe, key.number, "Mme Autre", **BY)
    assert cafe.tables_that_differ() == []


@pytest.mark.parametrize(
    "code", ["12 rue du Lavoir", "3 bis, chemin vert", "Route de Tours", "Lieu-dit les Aulnes", "49440 Congrier"]
)
def test_an_address_never_goes_on_a_key(cafe: Store, code: str) -> None:
    """What looks like one is refused, whatever its case; a bird's name is not."""
    with pytest.raises(no.AddressOnKey):
        desk.keep_key(cafe, "cles", name="M. Exemple", code=code, **BY)
    with pytest.raises(no.CodeNameMissing):
        desk.keep_key(cafe, "cles", name="M. Exemple", code=" ", **BY)
    with pytest.raises(no.NoSuchRelay):
        desk.keep_key(cafe, "pressing", name="M. Exemple", code="Mésange", **BY)


def test_a_right_that_ended_opens_no_envelope(cafe: Store) -> None:
    """Off the list, somebody may not take the key; without being recognised nobody may; a suit is no key."""
    key = desk.keep_key(cafe, "cles", name="M. Exemple", code="Mésange", **BY)
    person = desk.allow(cafe, key.thing, "Mme Ménage", **BY)
    with pytest.raises(no.ProofOfKeyNeeded):
        desk.take_key(cafe, key.thing, person=person, proof="880692310285", **BY)
    desk.end_right(cafe, key.thing, person, **BY)
    with pytest.raises(no.NotAuthorised):
        desk.take_key(cafe, key.thing, person=person, proof="known", **BY)
    with pytest.raises(no.NotAuthorised):
        desk.end_right(cafe, key.thing, person, **BY)
    with pytest.raises(no.NotThisDesk):
        desk.leave(cafe, "cles", **BY)
    with pytest.raises(shelf.NoSuchThing):
        desk.take_key(cafe, desk.leave(cafe, "pressing", **BY).number, person=person, proof="known", **BY)


# Baskets


def test_baskets_are_ticked_on_their_day_and_the_rest_is_left(cafe: Store) -> None:
    """Not before; one use for each fetched; the hand-over ends once."""
    batch = desk.announce_batch(cafe, "amap", on="2026-03-14", people=["Mme Une", "M. Deux", "", "Mme Trois"], **BY)
    assert used(cafe) == {}
    with pytest.raises(no.NotDeliveredYet):
        desk.hand_over(cafe, batch.things[0], **BY)
    with pytest.raises(no.NotDeliveredYet):
        desk.end_batch(cafe, batch.batch, **BY)
    new_day(cafe, "2026-03-14")
    desk.hand_over(cafe, batch.things[0], **BY)
    desk.hand_over(cafe, batch.things[1], **BY)
    with cafe.reading() as conn:
        assert [notice.url for check in relays.SERVICE.day_close_checks for notice in check(conn, "2026-03-14")] == [
            "/relays?show=baskets"
        ]
        assert [names.of(conn, person) for person in reading.last_people(conn, "amap")] == [
            "Mme Une",
            "M. Deux",
            "Mme Trois",
        ]
    ended = desk.end_batch(cafe, batch.batch, **BY)
    assert (ended.collected, ended.left, used(cafe, "2026-03-14")) == (2, 1, {"relay": 2})
    with pytest.raises(no.BatchOver):
        desk.end_batch(cafe, batch.batch, **BY)
    assert cafe.tables_that_differ() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"on": "2026-03-12"},
        {"on": "tomorrow"},
        {"first": "19:00", "last": "17:00"},
        {"first": "17h"},
        {"people": [" "]},
        {"due": -1},
        {"relay": "pressing"},
    ],
)
def test_a_hand_over_needs_a_day_two_times_and_people(cafe: Store, wrong: dict[str, object]) -> None:
    """Each of them is refused by name."""
    with pytest.raises(no.NotABatch):
        desk.announce_batch(cafe, **{"relay": "amap", "on": "2026-03-14", "people": ["Mme Une"], **BY, **wrong})  # type: ignore[arg-type]


# What stays private, and paper


def test_no_name_and_no_code_name_enter_the_journal(cafe: Store) -> None:
    """Nor a phone, nor what the thing is; erasing a person leaves number and counts."""
    thing = desk.leave(cafe, "pressing", name="M. Discret", phone="0799887766", what="costume gris", **BY)
    desk.keep_key(cafe, "cles", name="Mme Cachée", code="Alouette", allowed=["M. Tiers"], **BY)
    desk.announce_batch(cafe, "amap", on=DAY, people=["Mme Panier"], **BY)
    with cafe.reading() as conn:
        body = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
        assert names.note_of(conn, thing.thing) == "costume gris"
    for word in ("Discret", "0799887766", "costume", "Cachée", "Alouette", "Tiers", 'Panier"', "du Bourg"):
        assert word.encode() not in body
    with cafe.writing(by="g1") as tx:
        private.forget(tx.conn, thing.person)
    assert state(cafe, thing.number) == shelf.KEPT


def test_a_name_is_kept_as_long_as_the_thing_may_wait(cafe: Store) -> None:
    """Sixty days once ready and ninety after, never less; then it is forgotten."""
    thing = desk.leave(cafe, "pressing", name="M. Essai", what="manteau", **BY)
    with cafe.writing(by="g1") as tx:
        assert private.forget_due(tx.conn, "2026-08-09") == 0
        assert names.of(tx.conn, thing.person) == "M. Essai"
        assert private.forget_due(tx.conn, "2026-08-11") == 2


def test_papers_say_the_number_and_never_too_much(cafe: Store) -> None:
    """A ticket in two halves, a provider's list without customers, a key's label without its owner; narrow paper too."""
    thing = desk.leave(cafe, "pressing", name="M. Essai", what="manteau", due=900, place="p4", **BY)
    with cafe.reading() as conn:
        relay = kinds.one(conn, "pressing", DAY)
        assert relay is not None
    ticket = slips.ticket_slip(cafe="Le Café", relay=relay, thing=thing, what="manteau", name="M. Essai", due=900)
    listed = slips.sent_slip(
        cafe="Le Café", relay=relay, provider="Pressing du Bourg", things=[(thing, "manteau")], day=DAY
    )
    label = slips.key_slip(number="C-2", code="Mésange")
    for width in (48, 32):
        told = as_text(ticket, width)
        assert told.count("N-1") >= 3 and "9,00" in told and "P4" in told
        assert "Essai" not in as_text(listed, width) and "manteau" in as_text(listed, width)
        assert "C-2" in as_text(label, width)
        assert max(len(row) for slip in (ticket, listed, label) for row in as_text(slip, width).splitlines()) <= width


def test_a_scan_finds_a_ticket(cafe: Store) -> None:
    """Its number, in any case; a product's code is none of ours."""
    thing = desk.leave(cafe, "pressing", **BY)
    scan = relays.SERVICE.scan
    assert scan is not None
    with cafe.reading() as conn:
        hit = scan(conn, DAY, "n-1")
        assert hit is not None and hit.url == f"/relays/thing/{thing.thing}"
        assert scan(conn, DAY, "3250390000426") is None and scan(conn, DAY, "P-1") is None


# What always holds

ACTS = st.lists(
    st.tuples(st.sampled_from(["leave", "send", "back", "call", "hand", "pay", "give_up", "settle"]), st.integers(0, 5), st.integers(0, 3_000)),
    max_size=25,
)  # fmt: skip


def tap(store: Store, act: str, thing: str, cents: int, things: list[str]) -> tuple[int, int]:
    """Do one act; return what a customer paid, and what was settled."""
    if act == "leave":
        things.append(desk.leave(store, "pressing", due=cents, **BY).thing)
    elif act in ("send", "call", "give_up", "back"):
        {
            "send": lambda: desk.send(store, "pressing", **BY), "call": lambda: desk.call(store, thing, **BY),
            "give_up": lambda: desk.give_up(store, thing, reason="returned", **BY),
            "back": lambda: desk.take_back(store, thing, due=cents, **BY),
        }[act]()  # fmt: skip
    elif act == "settle":
        done = desk.settle_provider(store, "pressing", **BY)
        assert done.commission == half_up(done.collected, 1_500)
        return 0, done.collected
    else:
        handed = desk.hand_over(store, thing, **BY)
        sale = sell.take_payment(store, handed.tab, "cash", **BY).sale if act == "pay" and handed.tab else None
        return (sale.total if sale else 0), 0
    return 0, 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_a_thing_only_goes_its_way_and_the_account_is_paid_less_settled(
    acts: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is tapped: states follow the engine's ways, the account is what was paid less what was settled."""
    store = open_test_store(tmp_path_factory.mktemp("relays") / "cafe.db", StoppedClock(MORNING))
    begin_menu(store)
    choose(store)
    close.open_day(store, 10_000, **BY)
    things: list[str] = []
    seen: dict[str, str] = {}
    balance = 0
    for act, which, cents in acts:
        with suppress(Refusal):
            paid, settled = tap(store, act, things[which % len(things)] if things else "none", cents, things)
            balance += paid - settled
        with store.reading() as conn:
            for one in things:
                now, before = shelf.one(conn, one).state, seen.get(one, shelf.KEPT)
                assert now == before or now in shelf.MOVES[before]
                seen[one] = now
            assert till.third_parties(conn).get("relay:pressing", 0) == balance
    assert store.tables_that_differ() == []
    store.close()
