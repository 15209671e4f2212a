"""The relay's acts: what is recorded, what is refused and why, what is forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos import private
from pos.clock import StoppedClock
from pos.errors import AlreadyDone
from pos.feature import Use
from pos.services import parcels
from pos.services.parcels import desk, handing, names, reading, refusals, search, terms
from pos.store import Store
from pos.till import uses
from tests.conftest import open_test_store

MR = "mondial-relay"
BY = {"by": "g1"}


def label(n: int, carrier_run: str = "0662312345") -> str:
    """A Mondial Relay label of 26 digits with both keys right."""
    from pos.services.parcels.numbers import mondial_relay_digit as key

    head = f"12{n:08d}0101"
    return f"{head}{key(head)}{carrier_run}{key(carrier_run)}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Store]:
    """A café that relays for Mondial Relay, Pickup and UPS, on Tuesday 4 November 2025."""
    clock = StoppedClock("2025-11-04T09:00:00+01:00")
    store = open_test_store(tmp_path / "cafe.db", clock)
    for carrier in (MR, "pickup", "ups"):
        desk.set_carrier(store, **BY, carrier=carrier, valid_from="2025-01-01")
    yield store
    store.close()


def take_in(store: Store, code: str, **more: object) -> str:
    """Take a parcel in; return its id."""
    return desk.receive(store, **BY, code=code, **{"carrier": MR, **more}).parcel  # type: ignore[arg-type]


def at(store: Store, when: str) -> None:
    """Move the clock."""
    store.clock.set(when)  # type: ignore[attr-defined]


def row(store: Store, parcel: str) -> reading.Parcel:
    """A parcel as told."""
    with store.reading() as conn:
        found = reading.parcel(conn, parcel)
    assert found is not None
    return found


# Intake


def test_a_parcel_is_kept_five_calendar_days_and_overdue_the_next(house: Store) -> None:
    """Mondial Relay since 8 October 2025: taken in on Tuesday 4, kept until Sunday 9, overdue on Monday 10."""
    found = row(house, take_in(house, label(1)))
    assert (found.deadline_on, found.state, found.check_status) == ("2025-11-09", "stored", "valid")
    assert not found.overdue("2025-11-09")
    assert found.overdue("2025-11-10")


@pytest.mark.parametrize(
    ("came", "days", "mode", "closed", "last"),
    [
        ("2025-10-29", 5, "calendar", {6}, "2025-11-03"),
        ("2025-11-04", 10, "working", {6}, "2025-11-17"),  # Sunday 9, Tuesday 11 (armistice), Sunday 16 left out
        ("2025-11-04", 10, "working", {0, 6}, "2025-11-19"),
        ("2026-04-30", 5, "working", {6}, "2026-05-07"),  # 1 May
        ("2026-05-13", 3, "working", {6}, "2026-05-18"),  # Ascension on Thursday 14
        ("2026-05-22", 2, "working", {6}, "2026-05-26"),  # Whit Monday 25
        ("2026-04-03", 2, "working", {6}, "2026-04-07"),  # Easter Monday 6
        ("2024-02-28", 2, "calendar", set(), "2024-03-01"),
        ("2025-11-04", 3, "working", set(range(7)), "2025-11-07"),
    ],
)
def test_deadlines_count_as_the_carrier_counts(came: str, days: int, mode: str, closed: set[int], last: str) -> None:
    """Calendar days count Sundays and holidays; working days leave out closed days and public holidays."""
    assert terms.deadline_on(came, days, mode, frozenset(closed)) == last


def test_terms_are_dated(house: Store) -> None:
    """Eight days before 8 October 2025, five since; a contract replaces them from its date on."""
    assert terms.built_in(MR, "2025-10-07").hold_days == 8
    assert terms.built_in(MR, "2025-10-08").hold_days == 5
    desk.set_carrier(house, **BY, carrier=MR, valid_from="2025-12-01", hold_days=6, pay_handed=35)
    with house.reading() as conn:
        assert reading.terms_on(conn, MR, "2025-10-07").hold_days == 8
        assert reading.terms_on(conn, MR, "2025-11-30").hold_days == 5
        assert reading.terms_on(conn, MR, "2025-12-01").hold_days == 6
        assert [t.carrier for t in reading.carriers_in_use(conn, "2025-11-04")] == [MR, "pickup", "ups"]


def test_the_cafes_own_closed_days_are_known(house: Store) -> None:
    """Working days leave out the days the café said it is closed."""
    desk.set_closed_weekdays(house, **BY, weekdays=[0, 6])
    with house.reading() as conn:
        assert reading.closed_weekdays(conn) == {0, 6}
    desk.set_closed_weekdays(house, **BY, weekdays=[])
    with house.reading() as conn:
        assert reading.closed_weekdays(conn) == frozenset()
    with pytest.raises(refusals.NotTerms):
        desk.set_closed_weekdays(house, **BY, weekdays=[7])


@pytest.mark.parametrize(
    "wrong",
    [
        {"hold_days": 90}, {"mode": "lunar"}, {"proofs": ["smile"]}, {"third_proofs": ["smile"]},
        {"pay_handed": 5000}, {"source": "hearsay"}, {"valid_from": "soon"},
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_refused(house: Store, wrong: dict[str, object]) -> None:
    """A contract has days, a way to count them, known proofs and pay in cents."""
    with pytest.raises(refusals.NotTerms):
        desk.set_carrier(house, **BY, carrier=MR, **wrong)  # type: ignore[arg-type]


def test_a_carrier_must_be_known_and_chosen(house: Store) -> None:
    """A parcel of a network the café does not relay is not taken in."""
    with pytest.raises(refusals.NoSuchCarrier):
        take_in(house, label(1), carrier="pigeon")
    with pytest.raises(refusals.CarrierNotChosen):
        take_in(house, "TBA000000000000", carrier="amazon")


def test_the_label_tells_the_carrier_when_nobody_said(house: Store) -> None:
    """Without an open delivery the shape decides among the café's carriers, or it is asked."""
    taken = desk.receive(house, **BY, code="1Z999AA10123456784")
    assert row(house, taken.parcel).carrier == "ups"
    with pytest.raises(refusals.WhichCarrier):
        desk.receive(house, **BY, code="??AB")


def test_a_label_of_another_carrier_is_taken_and_said(house: Store) -> None:
    """The driver's carrier decides; the screen says whose label it looks like."""
    desk.open_delivery(house, **BY, carrier=MR, announced=1)
    taken = desk.receive(house, **BY, code="1Z999AA10123456784")
    assert (row(house, taken.parcel).carrier, taken.looks_like) == (MR, "ups")


def test_the_same_label_within_ten_seconds_is_one_parcel(house: Store) -> None:
    """A hand that trembles reads twice: the second time is ignored and told apart."""
    first = desk.receive(house, **BY, code=label(1), carrier=MR)
    house.clock.tick(9_000)  # type: ignore[attr-defined]
    again = desk.receive(house, **BY, code=label(1), carrier=MR)
    assert (first.outcome, again.outcome, again.parcel) == ("received", "repeated", first.parcel)
    house.clock.tick(10_000)  # type: ignore[attr-defined]
    with pytest.raises(refusals.AlreadyOnShelf):
        desk.receive(house, **BY, code=label(1), carrier=MR)
    twin = desk.receive(house, **BY, code=label(1), carrier=MR, twin=True)
    assert twin.parcel != first.parcel
    with pytest.raises(refusals.SeveralParcels):
        desk.hand_over(house, **BY, parcel=label(1))


def test_a_wrong_key_is_asked_once_then_taken(house: Store) -> None:
    """The parcel is on the counter: intake is never blocked. Another wrong code is asked again."""
    torn = label(1)[:-1] + str((int(label(1)[-1]) + 1) % 10)
    with pytest.raises(refusals.ReadAgain):
        desk.receive(house, **BY, code=torn, carrier=MR)
    with pytest.raises(refusals.ReadAgain):
        desk.receive(house, **BY, code=torn, carrier=MR, asked=label(2))
    taken = desk.receive(house, **BY, code=torn, carrier=MR, asked=torn)
    assert (taken.outcome, taken.check) == ("received", "invalid")


def test_a_parcel_without_label_is_known_by_its_name(house: Store) -> None:
    """No number can be read: a name is enough; neither is refused."""
    parcel = take_in(house, "", name="Atelier Roux")
    assert row(house, parcel).check_status == "no_check_known"
    with pytest.raises(refusals.NothingRead):
        take_in(house, "", name="  ")


def test_a_place_is_a_short_code(house: Store) -> None:
    """One to three letters and a number; moving is recorded, putting back at the same place is nothing."""
    parcel = take_in(house, label(1), place="b3")
    assert row(house, parcel).place == "B3"
    before = house.tip().seq
    desk.place(house, **BY, parcel=parcel, place="B 3")
    assert house.tip().seq == before
    desk.place(house, **BY, parcel=label(1), place="ESC")
    assert row(house, parcel).place == "ESC"
    for wrong in ("chez Mme Petit", "", "3B", "B333"):
        with pytest.raises(refusals.NotAPlace):
            desk.place(house, **BY, parcel=parcel, place=wrong)


def test_a_delivery_counts_accepted_and_refused(house: Store) -> None:
    """Announced 3: two read, one crushed; a difference is said before it is accepted."""
    desk.open_delivery(house, **BY, carrier=MR, announced=4)
    with pytest.raises(refusals.DeliveryAlreadyOpen):
        desk.open_delivery(house, **BY, carrier=MR, announced=1)
    for n in (1, 2):
        desk.receive(house, **BY, code=label(n))
    desk.refuse_at_intake(house, **BY, reason="damaged", code=label(3))
    with pytest.raises(refusals.NotAReason):
        desk.refuse_at_intake(house, **BY, reason="ugly")
    with pytest.raises(refusals.DeliveryDiffers):
        desk.close_delivery(house, **BY)
    desk.close_delivery(house, **BY, accept_difference=True)
    with pytest.raises(refusals.NoOpenDelivery):
        desk.close_delivery(house, **BY)
    with house.reading() as conn:
        assert reading.open_deliveries(conn) == []
        assert reading.tally(conn, "2025-11-04").arrived == 2


@pytest.mark.parametrize("announced", [-1, 501])
def test_a_delivery_announces_what_a_van_can_hold(house: Store, announced: int) -> None:
    """A scanned code typed as a number of parcels is refused."""
    with pytest.raises(refusals.NotACount):
        desk.open_delivery(house, **BY, carrier=MR, announced=announced)


# Handing over


def test_a_code_hands_a_parcel_over_once(house: Store) -> None:
    """The second tap of the same finger is the same act; a second act is refused with the hour."""
    parcel = take_in(house, label(1))
    desk.hand_over(house, **BY, parcel=label(1), attempt="tap-1")
    with pytest.raises(AlreadyDone):
        desk.hand_over(house, **BY, parcel=label(1), attempt="tap-1")
    with pytest.raises(refusals.AlreadyHandedOver) as told:
        desk.hand_over(house, **BY, parcel=label(1), attempt="tap-2")
    assert "09:00" in told.value.what()
    found = row(house, parcel)
    assert (found.state, found.proof, found.left_on) == ("handed", "code", "2025-11-04")


def test_an_unknown_number_is_refused(house: Store) -> None:
    """Nothing bears it; the whole number is not repeated."""
    with pytest.raises(refusals.NoSuchParcel):
        desk.hand_over(house, **BY, parcel="12345678")
    with pytest.raises(refusals.NoSuchParcel):
        desk.hand_over(house, **BY)


def test_a_neighbour_with_the_code_is_enough_for_mondial_relay(house: Store) -> None:
    """The code is the proof, whoever brings it; that it was somebody else is noted."""
    parcel = take_in(house, label(1))
    desk.hand_over(house, **BY, parcel=parcel, third_party=True)
    assert row(house, parcel).third_party == 1


def test_pickup_wants_the_documents_of_both(house: Store) -> None:
    """No written proxy, no code alone: original documents of the recipient and of who comes."""
    parcel = take_in(house, "6A15602676300", carrier="pickup")
    with pytest.raises(refusals.WrittenProxyRefused):
        desk.hand_over(house, **BY, parcel=parcel, proof="proxy", third_party=True)
    for proof in ("code", "id_seen"):
        with pytest.raises(refusals.ThirdPersonNeeds):
            desk.hand_over(house, **BY, parcel=parcel, proof=proof, third_party=True)
    assert row(house, parcel).state == "stored"
    desk.hand_over(house, **BY, parcel=parcel, proof="id_recipient_and_third", third_party=True)
    assert row(house, parcel).state == "handed"


def test_ups_takes_a_release_code_or_a_copy(house: Store) -> None:
    """A third person shows the recipient's copy, or the release code."""
    parcel = take_in(house, "1Z999AA10123456784", carrier="ups")
    with pytest.raises(refusals.ThirdPersonNeeds):
        desk.hand_over(house, **BY, parcel=parcel, proof="id_seen", third_party=True)
    desk.hand_over(house, **BY, parcel=parcel, proof="pin", third_party=True)


def test_a_proof_the_carrier_does_not_take_is_refused(house: Store) -> None:
    """Each carrier has its proofs; nobody has « proxy » for the recipient."""
    parcel = take_in(house, label(1))
    for proof in ("proxy", "smile"):
        with pytest.raises(refusals.ProofNotAccepted):
            desk.hand_over(house, **BY, parcel=parcel, proof=proof)


def test_three_parcels_for_one_person_are_one_visit(house: Store) -> None:
    """One use is one customer passage, not one parcel."""
    taken = [take_in(house, label(n)) for n in (1, 2, 3)]
    visit = desk.hand_over(house, **BY, parcels=taken)
    with house.reading() as conn:
        assert reading.parcels_of_visit(conn, visit) == 3
        assert uses.of_day(conn, "2025-11-04") == {"parcel": 1}
        assert reading.tally(conn, "2025-11-04").visits == 1


def test_all_or_none_of_several(house: Store) -> None:
    """One of them is gone: nothing is recorded for the others."""
    taken = [take_in(house, label(n)) for n in (1, 2)]
    desk.hand_over(house, **BY, parcel=taken[1])
    with pytest.raises(refusals.AlreadyHandedOver):
        desk.hand_over(house, **BY, parcels=taken)
    assert row(house, taken[0]).state == "stored"


def test_the_same_customer_as_the_bill_joins_its_visit(house: Store) -> None:
    """« même client »: the parcel bears the visit of the open bill, and says how it was joined."""
    taken = take_in(house, label(1))
    assert desk.hand_over(house, **BY, parcel=taken, visit="bill-visit-7") == "bill-visit-7"
    assert row(house, taken).visit == "bill-visit-7"
    with pytest.raises(refusals.NotAVisit):
        desk.hand_over(house, **BY, parcel=take_in(house, label(2)), visit="Mme Petit, 06 00")
    assert handing.a_visit("") == ""


def test_a_hand_over_is_undone_the_same_day_only(house: Store) -> None:
    """A wrong parcel given: back on the shelf by a new entry, its use cancelled; the next day it is too late."""
    taken = [take_in(house, label(n), place="B3") for n in (1, 2)]
    desk.hand_over(house, **BY, parcels=taken)
    desk.undo_hand_over(house, **BY, parcel=taken[0])
    with house.reading() as conn:
        assert uses.of_day(conn, "2025-11-04") == {"parcel": 1}
    desk.undo_hand_over(house, **BY, parcel=taken[1])
    with house.reading() as conn:
        assert uses.of_day(conn, "2025-11-04") == {}
    found = row(house, taken[0])
    assert (found.state, found.place, found.visit, found.left_on) == ("stored", "B3", "", "")
    with pytest.raises(refusals.NotHere):
        desk.undo_hand_over(house, **BY, parcel=taken[0])
    desk.hand_over(house, **BY, parcel=taken[0])
    at(house, "2025-11-05T09:00:00+01:00")
    with pytest.raises(refusals.TooLateToUndo):
        desk.undo_hand_over(house, **BY, parcel=taken[0])


def test_a_recipient_may_refuse(house: Store) -> None:
    """Opened or damaged: it waits for the driver at once, its deadline does not matter."""
    parcel = take_in(house, label(1))
    with pytest.raises(refusals.NotAReason):
        desk.refuse_by_recipient(house, **BY, parcel=parcel, reason="because")
    desk.refuse_by_recipient(house, **BY, parcel=parcel, reason="opened")
    with pytest.raises(refusals.NotHere):
        desk.hand_over(house, **BY, parcel=parcel)
    with house.reading() as conn:
        assert [p.parcel_id for p in reading.to_return(conn, "2025-11-04")] == [parcel]


def test_a_missing_parcel_is_found_handed_over_or_lost(house: Store) -> None:
    """Not at its place: the customer is told, the search goes on, the carrier hears of a loss."""
    one, two, three = (take_in(house, label(n), place="A1") for n in (1, 2, 3))
    for parcel in (one, two, three):
        desk.mark_missing(house, **BY, parcel=parcel)
    desk.mark_found(house, **BY, parcel=one, place="C2")
    assert (row(house, one).state, row(house, one).place) == ("stored", "C2")
    desk.declare_lost(house, **BY, parcel=two)
    assert row(house, two).state == "lost"
    desk.hand_over(house, **BY, parcel=three)
    for act in (desk.mark_found, desk.declare_lost):
        with pytest.raises(refusals.NotHere):
            act(house, **BY, parcel=one)
    with pytest.raises(refusals.NotHere):
        desk.mark_missing(house, **BY, parcel=two)
    with pytest.raises(refusals.NotHere):
        desk.place(house, **BY, parcel=two, place="A1")


# Senders and drivers


def test_a_sender_leaves_a_parcel_and_the_driver_takes_it(house: Store) -> None:
    """One use for the visit; another parcel of the same sender adds none."""
    first = desk.drop_off(house, **BY, carrier=MR, code=label(1))
    with house.reading() as conn:
        found = reading.parcel(conn, first.parcel)
    assert found is not None
    second = desk.drop_off(house, **BY, carrier=MR, code=label(2), visit=found.visit)
    assert desk.drop_off(house, **BY, carrier=MR, code=label(2)).outcome == "repeated"
    with house.reading() as conn:
        assert uses.of_day(conn, "2025-11-04") == {"parcel": 1}
    assert desk.give_to_driver(house, **BY, carrier=MR) == 2
    assert row(house, second.parcel).state == "given"
    with pytest.raises(refusals.NothingToGive):
        desk.give_to_driver(house, **BY, carrier=MR)
    with pytest.raises(refusals.NotHere):
        desk.give_to_driver(house, **BY, parcels=[first.parcel])


def test_a_drop_off_needs_a_label(house: Store) -> None:
    """No label, misread label, label already here: each its answer; a refusal to a sender is counted."""
    with pytest.raises(refusals.NothingRead):
        desk.drop_off(house, **BY, carrier=MR)
    wrong = label(1)[:-1] + str((int(label(1)[-1]) + 1) % 10)
    with pytest.raises(refusals.ReadAgain):
        desk.drop_off(house, **BY, carrier=MR, code=wrong)
    desk.drop_off(house, **BY, carrier=MR, code=wrong, asked=wrong)
    house.clock.tick(20_000)  # type: ignore[attr-defined]
    with pytest.raises(refusals.AlreadyOnShelf):
        desk.drop_off(house, **BY, carrier=MR, code=wrong, asked=wrong)
    desk.refuse_drop_off(house, **BY, carrier=MR, reason="no_label")
    with pytest.raises(refusals.NotAReason):
        desk.refuse_drop_off(house, **BY, carrier=MR, reason="late")


def test_a_sender_takes_a_parcel_back(house: Store) -> None:
    """The same day no service was given: the use is cancelled. Once gone, it is gone."""
    parcel = desk.drop_off(house, **BY, carrier=MR, code=label(1)).parcel
    desk.take_back(house, **BY, parcel=parcel)
    with house.reading() as conn:
        assert uses.of_day(conn, "2025-11-04") == {}
    with pytest.raises(refusals.NotHere):
        desk.take_back(house, **BY, parcel=parcel)


def test_the_driver_takes_what_is_overdue_and_nothing_else(house: Store) -> None:
    """A parcel still kept goes back only when the carrier asked for it."""
    old, new = take_in(house, label(1)), ""
    at(house, "2025-11-10T09:30:00+01:00")
    new = take_in(house, label(2))
    with pytest.raises(refusals.NotYetDue):
        desk.return_to_driver(house, **BY, parcels=[new])
    assert desk.return_to_driver(house, **BY, carrier=MR) == 1
    assert (row(house, old).state, row(house, old).reason) == ("returned", "overdue")
    desk.return_to_driver(house, **BY, parcels=[new], recalled=True)
    assert row(house, new).reason == "recalled"
    with pytest.raises(refusals.NothingToGive):
        desk.return_to_driver(house, **BY, carrier=MR)
    with pytest.raises(refusals.NotHere):
        desk.return_to_driver(house, **BY, parcels=[new])


def test_the_driver_leaves_with_everything_or_nothing(house: Store) -> None:
    """Returns and senders' parcels are one act."""
    old = take_in(house, label(1))
    at(house, "2025-11-10T09:30:00+01:00")
    sent = desk.drop_off(house, **BY, carrier=MR, code=label(2)).parcel
    with pytest.raises(refusals.NotHere):
        desk.driver_leaves(house, **BY, returned=[old], given=[old])
    assert row(house, old).state == "stored"
    desk.driver_leaves(house, **BY, returned=[old], given=[sent])
    assert (row(house, old).state, row(house, sent).state) == ("returned", "given")
    with pytest.raises(refusals.NothingToGive):
        desk.driver_leaves(house, **BY)


def test_totals_may_be_typed_instead_of_labels(house: Store) -> None:
    """« 14 arrivés, 11 remis, 2 déposés »: an aggregated use, replaced when typed again."""
    desk.count_only(house, **BY, carrier=MR, arrived=14, handed=11, dropped=2)
    with house.reading() as conn:
        assert uses.of_day(conn, "2025-11-04") == {"parcel": 13}
    desk.count_only(house, **BY, carrier=MR, arrived=14, handed=10, dropped=2, customers=9)
    with house.reading() as conn:
        assert uses.of_day(conn, "2025-11-04") == {"parcel": 9}
        told = reading.tally(conn, "2025-11-04")
    assert (told.arrived, told.handed, told.dropped, told.visits) == (14, 10, 2, 9)
    for wrong in ({"arrived": 501}, {"handed": -1}, {"customers": 99}):
        with pytest.raises(refusals.NotACount):
            desk.count_only(house, **BY, **{"carrier": MR, "arrived": 1, "handed": 1, "dropped": 1, **wrong})  # type: ignore[arg-type]
    for day in ("2025-11-05", "demain"):
        with pytest.raises(refusals.NotYet):
            desk.count_only(house, **BY, carrier=MR, arrived=1, handed=1, dropped=1, day=day)


def test_an_aggregated_use_bears_no_visit(house: Store) -> None:
    """HQ must not take typed totals for one customer."""
    event = parcels.events.Counted(carrier=MR, day="2025-11-04", arrived=2, handed=2, dropped=0, customers=2)
    assert list(parcels.SERVICE.uses[parcels.events.Counted](event)) == [
        Use("parcel", "counted:mondial-relay:2025-11-04", 2, aggregated=True)
    ]


def test_a_month_is_paid_by_the_terms_of_each_day(house: Store) -> None:
    """Pay changes on the 5th: acts before it are paid the old way; unknown pay is not zero."""
    desk.set_carrier(house, **BY, carrier=MR, valid_from="2025-11-01", pay_handed=35, pay_dropped=20)
    desk.set_carrier(house, **BY, carrier=MR, valid_from="2025-11-05", pay_handed=40, pay_dropped=20)
    for n in (1, 2):
        take_in(house, label(n))
    take_in(house, "1Z999AA10123456784", carrier="ups")
    desk.hand_over(house, **BY, parcel=label(1))
    desk.count_only(house, **BY, carrier=MR, arrived=2, handed=1, dropped=3)
    at(house, "2025-11-05T10:00:00+01:00")
    desk.hand_over(house, **BY, parcel=label(2))
    with house.reading() as conn:
        lines = {line.carrier: line for line in reading.sheet(conn, "2025-11-01", "2025-11-30")}
    assert lines[MR] == reading.SheetLine(MR, received=4, handed=3, given=3, returned=0, pay=35 + 35 + 3 * 20 + 40)
    assert lines["ups"].pay == terms.NOT_TYPED


# What is private


def test_names_and_numbers_have_a_date_to_forget_them(house: Store) -> None:
    """Thirty days after the parcel left, its name and number are gone; the journal never had them."""
    parcel = take_in(house, label(1), name="Mme Le Goff")
    desk.hand_over(house, **BY, parcel=parcel)
    with house.writing(by="system") as tx:
        assert private.forget_due(tx.conn, "2025-12-04") == 0
        assert names.name_of(tx.conn, parcel) == "Mme Le Goff"
        assert private.forget_due(tx.conn, "2025-12-05") == 2
        assert names.name_of(tx.conn, parcel) == ""
        assert names.number_of(tx.conn, parcel) == ""


def test_no_name_or_number_is_in_the_journal(house: Store) -> None:
    """Canary: what was typed and scanned is in no byte of any entry, nor the end of a number."""
    parcel = take_in(house, label(97531864), name="Zéphyrine Canari")
    desk.name_parcel(house, **BY, parcel=parcel, name="Zéphyrine Canarie")
    desk.drop_off(house, **BY, carrier=MR, code=label(86429753), name="Théodule Serin")
    desk.hand_over(house, **BY, parcel=parcel)
    with house.reading() as conn:
        bodies = b"".join(r[0] for r in conn.execute("SELECT body FROM journal_entry"))
    for canary in ("phyrine", "Canari", "odule", "Serin", "97531864", "86429753", "1864", label(97531864)):
        assert canary.encode() not in bodies
        assert canary.lower().encode() not in bodies.lower()


def test_a_name_is_corrected_or_wiped(house: Store) -> None:
    """Typed wrong, typed again; an empty name is no name."""
    parcel = take_in(house, label(1), name="Mme Legof")
    desk.name_parcel(house, **BY, parcel=parcel, name="  Mme   Le Goff ")
    with house.reading() as conn:
        assert names.name_of(conn, parcel) == "Mme Le Goff"
    desk.name_parcel(house, **BY, parcel=parcel, name="")
    with house.reading() as conn:
        assert names.name_of(conn, parcel) == ""


# Search


def test_a_parcel_is_found_by_end_of_number_name_or_place(house: Store) -> None:
    """Four characters, three letters without accents, or the place; those that are here come first."""
    here = take_in(house, label(12341864), name="Mme Ké́rhervé Le Goff", place="B3")
    gone = take_in(house, label(55551864), name="M. Legoff")
    desk.hand_over(house, **BY, parcel=gone)
    with house.reading() as conn:
        assert [f.parcel.parcel_id for f in search.find(conn, "1864")] == [here, gone]
        assert [f.parcel.parcel_id for f in search.find(conn, "kerh")] == [here]
        assert [f.parcel.parcel_id for f in search.find(conn, "b3")][:1] == [here]
        assert search.find(conn, label(12341864))[0].parcel.parcel_id == here
        assert search.find(conn, "g") == []
        assert search.find(conn, "zz") == []


def test_the_other_parcels_of_a_person_are_offered(house: Store) -> None:
    """Same name, still on the shelf: they leave together."""
    one = take_in(house, label(1), name="Mme Petit")
    two = take_in(house, label(2), name="MME PETIT")
    take_in(house, label(3), name="Mme Petitjean")
    with house.reading() as conn:
        assert [f.parcel.parcel_id for f in search.same_person(conn, row(house, one))] == [two]


def test_after_a_restore_a_parcel_is_known_by_place_and_carrier(house: Store) -> None:
    """Private rows and the key are lost with the box; the tables are told again without them."""
    parcel = take_in(house, label(1), name="Mme Petit", place="B3")
    with house.writing(by="system") as tx:
        tx.conn.execute("DELETE FROM private_person")
        tx.conn.execute("DELETE FROM draft_value WHERE name = 'parcels.ref_key'")
    house.retell()
    with house.reading() as conn:
        found = search.find(conn, "B3")
        assert [(f.parcel.parcel_id, f.name, f.number) for f in found] == [(parcel, "", "")]
        assert search.by_code(conn, label(1)) == []
    desk.hand_over(house, **BY, parcel=parcel)


# What the house asks


def test_the_counter_finds_a_parcel_by_its_label(house: Store) -> None:
    """A label scanned anywhere opens its parcel; an article's code is none of ours."""
    parcel = take_in(house, label(1))
    scan, badge = parcels.SERVICE.scan, parcels.SERVICE.badge
    assert scan is not None
    assert badge is not None
    with house.reading() as conn:
        hit = scan(conn, "2025-11-04", label(1))
        assert hit is not None
        assert hit.url == f"/parcels/{parcel}"
        assert scan(conn, "2025-11-04", "3017620422003") is None
        assert badge(conn, "2025-11-04").startswith("1 ")


def test_the_day_opens_and_closes_with_what_waits(house: Store) -> None:
    """Overdue parcels, an open delivery, parcels without a place: each one sentence."""
    take_in(house, label(1))
    at(house, "2025-11-10T08:00:00+01:00")
    desk.open_delivery(house, **BY, carrier=MR, announced=2)
    with house.reading() as conn:
        opening = [n for check in parcels.SERVICE.day_open_checks for n in check(conn, "2025-11-10")]
        closing = [n for check in parcels.SERVICE.day_close_checks for n in check(conn, "2025-11-10")]
    assert [n.url for n in opening] == ["/parcels/driver"]
    assert [n.url for n in closing] == ["/parcels/intake", "/parcels/", "/parcels/driver"]
