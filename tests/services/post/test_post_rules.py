"""The relay's acts: what is recorded, what is refused and why, what stays in the café."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.replay import begin_menu
from pos import private
from pos.clock import StoppedClock
from pos.engines import consignment, consignment_tables, counting, shelf
from pos.engines.consignment import Line
from pos.engines.labels import INVALID, UNCHECKED, VALID, read_postal
from pos.errors import Refusal
from pos.services import post
from pos.services.post import desk, prices, reading, refusals, terms
from pos.services.post.prices import OWNER
from pos.store import Store
from pos.till import close, refund, sell, uses
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.sell import SoldLine
from tests.conftest import open_test_store
from tests.services.post.conftest import BY, MORNING, at

DAY = "2026-02-07"


def stamps(store: Store, product: str = "carnet_vert_12", quantity: int = 1000, **more: object) -> None:
    """Sell goods of La Poste at once, in cash."""
    sell.sell(store, lines=[SoldLine(product=product, quantity=quantity)], **BY, **more)  # type: ignore[arg-type]


def used(store: Store, day: str = DAY) -> int:
    """Uses of the post on a day."""
    with store.reading() as conn:
        return uses.of_day(conn, day).get("post", 0)


def owed(store: Store) -> int:
    """What the café owes La Poste."""
    with store.reading() as conn:
        return reading.owed(conn)


# Numbers


@pytest.mark.parametrize(
    ("code", "sort", "check"),
    [
        ("RK123456785FR", "registered", VALID), ("]C1RR 4731 2482 9GB", "registered", VALID), ("RR000000005FR", "registered", VALID),
        ("RR000000080FR", "registered", VALID), ("RB123456786US", "registered", INVALID), ("XY123456789FR", "other", INVALID),
        ("LL572405406US", "tracked", VALID), ("6A15602676300", "parcel", VALID), ("6A15602676301", "parcel", INVALID),
        ("6A15602667300", "parcel", INVALID), ("9V00000000017", "parcel", VALID), ("12345678", "other", UNCHECKED),
    ],
)  # fmt: skip
def test_a_number_says_its_sort_and_its_check(code: str, sort: str, check: str) -> None:
    """S10 and Colissimo as in the vectors; another shape is kept without a check."""
    found = read_postal(code)
    assert (found.sort, found.check) == (sort, check)
    assert len(found.tail) == 4


# Agreement and prices


def test_terms_and_prices_are_dated(relay: Store) -> None:
    """The published limit holds until the café sets its own; a price of a later day waits for its day."""
    with relay.reading() as conn:
        now = terms.in_force(conn, DAY)
        assert now is not None and (now.weekly_limit, now.hold_days, now.agency) == (15_000, 15, False)
        assert terms.in_force(conn, "2026-02-06") is None
    desk.set_terms(relay, mode="agency", weekly_limit=0, valid_from="2026-03-01", **BY)
    desk.set_price(
        relay, "timbre_vert_20g", label="Timbre lettre verte 20 g", price=160, goods=True, valid_from="2026-03-01", **BY
    )
    with relay.reading() as conn:
        later = terms.in_force(conn, "2026-03-01")
        assert later is not None and (later.weekly_limit, later.agency) == (50_000, True)
        assert till.product(conn, "timbre_vert_20g")["price"] == 152  # type: ignore[index]
        assert prices.stale(conn, DAY) == []
        assert [p.product for p in prices.stale(conn, "2026-03-01")] == ["timbre_vert_20g"]
        assert any(
            "/post/terms" in notice.url
            for check in post.SERVICE.day_open_checks
            for notice in check(conn, "2026-03-01")
        )
    at(relay, "2026-03-01T09:00:00+01:00")
    assert desk.apply_prices(relay, **BY) == 1
    with relay.reading() as conn:
        assert till.product(conn, "timbre_vert_20g")["price"] == 160  # type: ignore[index]
    assert desk.apply_prices(relay, **BY) == 0
    assert terms.published("agency", "2019-12-31") == 35_000


def test_what_la_poste_sells_is_a_third_partys_and_a_use(relay: Store) -> None:
    """A stamp moves La Poste's account and cash, no turnover, no VAT (R88)."""
    stamps(relay)
    with relay.reading() as conn:
        assert till.third_parties(conn) == {OWNER: 1824}
        assert (till.total(conn, DAY, "turnover", "own"), till.totals(conn, DAY, "vat")) == (0, {})
        assert till.drawer_expected(conn, DAY) == 26_824
    assert used(relay) == 1


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"mode": "bank"}, refusals.NotTerms), ({"hold_days": 0}, refusals.NotTerms), ({"reserve": -1}, refusals.NotTerms),
        ({"valid_from": "tomorrow"}, refusals.NotTerms), ({"by": "v1"}, till_no.ManagerNeeded),
    ],
)  # fmt: skip
def test_an_agreement_that_does_not_hold_is_refused(
    relay: Store, wrong: dict[str, object], error: type[Refusal]
) -> None:
    """Terms stay in their range, and only a manager signs."""
    with pytest.raises(error):
        desk.set_terms(relay, **{**BY, **wrong})  # type: ignore[arg-type]


def test_a_price_row_must_be_whole(relay: Store) -> None:
    """A code, a label, a price in range."""
    with pytest.raises(refusals.NotAPrice):
        desk.set_price(relay, "Timbre !", label="Timbre", price=100, goods=True, **BY)
    with pytest.raises(refusals.NotAPrice):
        desk.set_price(relay, "timbre_x", label=" ", price=100, goods=True, **BY)
    with pytest.raises(refusals.NotAPrice):
        desk.set_price(relay, "timbre_x", label="Timbre", price=-1, goods=True, **BY)


def test_without_an_agreement_nothing_is_done(relay: Store) -> None:
    """A café that gave the relay up takes no mail and pays nothing out."""
    desk.set_terms(relay, in_use=False, **BY)
    for act in (
        lambda: desk.take_deposit(relay, code="6A15602676300", **BY), lambda: desk.keep_instance(relay, name="M. Essai", **BY),
        lambda: desk.pay_out(relay, 1000, ref="RET-1", **BY),
    ):  # fmt: skip
        with pytest.raises(refusals.NotARelay):
            act()


# Mail


def test_mail_is_taken_bagged_and_collected_with_the_time(relay: Store) -> None:
    """Taken in, put on a numbered list, gone when La Poste says; what came later waits for the next time."""
    item = desk.take_deposit(relay, code="6A15602676300", **BY).item
    assert desk.close_bag(relay, **BY).number == 1
    with pytest.raises(refusals.NothingToCollect):
        desk.close_bag(relay, **BY)
    letters = desk.take_deposit(relay, pieces=12, **BY).item
    at(relay, "2026-02-07T12:00:00+01:00")
    gone = desk.collect(relay, happened_at=relay.clock.now_ms() - 60_000, **BY)
    assert (len(gone.bags), gone.pieces) == (2, 13)
    with relay.reading() as conn:
        for one in (item, letters):
            found = reading.item(conn, one)
            assert found is not None and (found.state, found.left_at) == ("gone", relay.clock.now_ms() - 60_000)
    with pytest.raises(refusals.NothingToCollect):
        desk.collect(relay, **BY)
    with pytest.raises(refusals.MailGone):
        desk.give_back(relay, item, **BY)
    with pytest.raises(refusals.MailGone):
        desk.give_back(relay, "nothing", **BY)
    assert relay.tables_that_differ() == []


def test_a_wrong_key_is_asked_once_then_taken(relay: Store) -> None:
    """The letter is on the counter: reading it again is enough, whatever the key says."""
    with pytest.raises(refusals.ReadTwice):
        desk.take_deposit(relay, code="RK123456786FR", **BY)
    assert desk.take_deposit(relay, code="RK123456786FR", asked="RK 1234 5678 6 FR", **BY).check == INVALID
    with pytest.raises(refusals.ReadTwice):
        desk.keep_instance(relay, code="6A15602676301", **BY)
    with pytest.raises(refusals.AlreadyTaken):
        desk.take_deposit(relay, code="RK123456786FR", asked="RK123456786FR", **BY)


def test_mail_without_what_it_needs_is_refused(relay: Store) -> None:
    """A registered letter has a number, a sort is one of ours, postage is La Poste's and has a price."""
    with pytest.raises(refusals.NumberMissing):
        desk.take_deposit(relay, sort="registered", **BY)
    with pytest.raises(refusals.NotASort):
        desk.take_deposit(relay, sort="pigeon", **BY)
    with pytest.raises(refusals.NotASort):
        desk.take_deposit(relay, pieces=0, **BY)
    with pytest.raises(refusals.NotForMail):
        desk.take_deposit(relay, code="RK123456785FR", product="cafe", **BY)
    with pytest.raises(till_no.PriceMissing):
        desk.take_deposit(relay, code="6A15602676300", product="colissimo_depart", **BY)
    with pytest.raises(refusals.NumberMissing):
        desk.keep_instance(relay, **BY)


def test_postage_is_paid_with_the_rest_of_the_bill_in_one_visit(relay: Store) -> None:
    """A letter and a booklet on one bill: one ticket, one use, and not for stamps alone."""
    taken = desk.take_deposit(relay, code="RK123456785FR", product="recommande_20g", **BY)
    sell.add_product(relay, taken.tab, "carnet_vert_12", **BY)
    with relay.reading() as conn:
        notices = [n for check in post.SERVICE.day_close_checks for n in check(conn, DAY)]
        assert any(n.grave for n in notices)
    sell.take_payment(relay, taken.tab, "cash", **BY)
    with relay.reading() as conn:
        assert reading.unpaid(conn, DAY) == []
        assert reading.visits(conn, DAY) == (1, 0)
    assert (used(relay), owed(relay)) == (1, 2435)


def test_postage_is_neither_paid_twice_nor_for_mail_given_back(relay: Store) -> None:
    """The rule of every sale: the mail is still here, and unpaid."""
    taken = desk.take_deposit(relay, code="RK123456785FR", product="recommande_20g", **BY)
    with relay.reading() as conn:
        tab = sell.current_tab(conn, taken.tab)
    assert tab is not None
    desk.give_back(relay, taken.item, **BY)
    with pytest.raises(refusals.MailGone):
        sell.take_payment(relay, taken.tab, "cash", **BY)
    again = desk.take_deposit(relay, code="RK123456785FR", product="recommande_20g", tab_id="other", **BY)
    sell.take_payment(relay, again.tab, "cash", **BY)
    with relay.writing(by="g1") as tx:
        twin = sell.new_tab(tx, "twin")
        tab.lines[0].ref = f"post.deposit:{again.item}"
        twin.lines = tab.lines
        sell.keep(tx, twin)
    with pytest.raises(refusals.MailPaid):
        sell.take_payment(relay, "twin", "cash", **BY)


def test_postage_of_an_abandoned_bill_is_charged_again(relay: Store) -> None:
    """The bill was voided: the letter is still to pay, on another bill, in the visit it came in; never twice."""
    taken = desk.take_deposit(relay, code="RK123456785FR", product="recommande_20g", **BY)
    assert desk.charge_postage(relay, taken.item, **BY).tab_id == taken.tab
    sell.void_tab(relay, taken.tab, "mistake", **BY)
    desk.collect(relay, **BY)
    with relay.reading() as conn:
        assert [one.item for one in reading.unpaid(conn, DAY)] == [taken.item]
    tab = desk.charge_postage(relay, taken.item, **BY)
    assert (tab.total, tab.visit) == (611, taken.visit)
    sell.take_payment(relay, tab.tab_id, "cash", **BY)
    assert used(relay) == 1
    with pytest.raises(refusals.MailPaid):
        desk.charge_postage(relay, taken.item, **BY)
    with pytest.raises(refusals.MailGone):
        desk.charge_postage(relay, "nothing", **BY)


def test_a_refund_takes_the_use_and_the_money_back(relay: Store) -> None:
    """Nothing is left of the sale: La Poste is owed nothing, nobody came for it."""
    stamps(relay)
    refund.refund_sale(relay, 1, reason="mistake", **BY)
    with relay.reading() as conn:
        assert reading.visits(conn, DAY) == (0, 0)
        assert reading.money(conn, DAY).collected == 0
    assert (used(relay), owed(relay)) == (0, 0)
    assert relay.tables_that_differ() == []


def test_stamps_alone_are_said_apart_in_the_journal(relay: Store) -> None:
    """The choice to count them may be reversed from the events alone (services.md B.3)."""
    stamps(relay)
    desk.take_deposit(relay, code="6A15602676300", **BY)
    with relay.reading() as conn:
        assert reading.visits(conn, DAY) == (2, 1)
        seq = till.ticket(conn, 1)["seq"]  # type: ignore[index]
        sale = relay.event(conn, seq).event
    assert [use.service for use in post.uses_of(stamps_count=True)[type(sale)](sale)] == ["post"]
    assert list(post.uses_of(stamps_count=False)[type(sale)](sale)) == []


# Notices


def test_an_instance_waits_fifteen_days_then_goes_back(relay: Store) -> None:
    """Kept through the fifteenth day; not returned before, unless refused; returned with the next collection after."""
    thing = desk.keep_instance(relay, code="RR473124829GB", name="Mme Essai", place="b2", **BY)
    other = desk.keep_instance(relay, name="M. Modèle", sort="parcel", **BY)
    assert (thing.number, thing.place, thing.due_on) == ("P-1", "B2", "2026-02-22")
    with pytest.raises(refusals.AlreadyTaken):
        desk.keep_instance(relay, code="RR473124829GB", **BY)
    with pytest.raises(refusals.NotYetReturned):
        desk.return_instance(relay, "P-1", **BY)
    desk.return_instance(relay, "P-2", reason="refused", **BY)
    with pytest.raises(shelf.NotOnShelf):
        desk.hand_instance(relay, other.thing, proof="id_seen", **BY)
    with pytest.raises(shelf.NoSuchThing):
        desk.hand_instance(relay, "P-9", proof="id_seen", **BY)
    at(relay, "2026-02-22T18:00:00+01:00")
    with pytest.raises(refusals.NothingToCollect):
        desk.collect(relay, **BY)
    at(relay, "2026-02-23T09:00:00+01:00")
    with relay.reading() as conn:
        assert next(n.url for told in post.SERVICE.todo for n in told(conn, "2026-02-23")).startswith("/post")
    assert desk.collect(relay, **BY).returned == [thing.thing]
    assert used(relay, "2026-02-23") == 0


def test_an_instance_is_handed_over_against_a_kind_of_proof(relay: Store) -> None:
    """What was seen is recorded, never its number; one use."""
    desk.keep_instance(relay, code="RR473124829GB", name="Mme Essai", **BY)
    with pytest.raises(refusals.ProofNeeded):
        desk.hand_instance(relay, "P-1", proof="880692310285", **BY)
    gone = desk.hand_instance(relay, "RR 473124829 GB", proof="proxy", notice=False, **BY)
    assert gone.state == shelf.COLLECTED
    assert used(relay) == 1
    assert relay.tables_that_differ() == []


def test_a_scan_finds_what_waits(relay: Store) -> None:
    """The short number, the label of an instance, mail for La Poste: nothing else is ours."""
    thing = desk.keep_instance(relay, code="RR473124829GB", **BY)
    item = desk.take_deposit(relay, code="6A15602676300", **BY).item
    assert post.SERVICE.scan is not None
    with relay.reading() as conn:
        found = {
            code: post.SERVICE.scan(conn, DAY, code)
            for code in ("p-1", "RR473124829GB", "6A15602676300", "3250390000426")
        }
    assert {code: hit.url if hit else "" for code, hit in found.items()} == {
        "p-1": f"/post/instance/{thing.thing}", "RR473124829GB": f"/post/instance/{thing.thing}",
        "6A15602676300": f"/post/mail/{item}", "3250390000426": "",
    }  # fmt: skip


# Money


def test_a_week_rolls_and_only_warns_for_who_is_known(relay: Store) -> None:
    """150 € in seven rolling days: warned once, granted by the terminal all the same; strangers are not followed."""
    first = desk.pay_out(relay, 10_000, ref="RET-1", name="Mme P.", **BY)
    with pytest.raises(refusals.WeekUsed) as told:
        desk.pay_out(relay, 6_000, ref="RET-2", name="mme p.", **BY)
    assert (str(told.value.params["given"])[:3], str(told.value.params["left"])[:2]) == ("100", "50")
    assert desk.pay_out(relay, 5_000, ref="RET-2", person=first.person, **BY).warned is False
    desk.pay_out(relay, 1_000, ref="RET-3", **BY)
    assert desk.pay_out(relay, 1_000, ref="RET-4", person=first.person, granted=True, **BY).warned is True
    with relay.reading() as conn:
        assert reading.given_in_week(conn, first.person, "2026-02-13") == 16_000
        assert reading.given_in_week(conn, first.person, "2026-02-14") == 0


def test_money_leaves_only_as_the_terminal_and_the_drawer_allow(relay: Store) -> None:
    """A reference, once; no more than the limit; the change stays; nothing below one cent."""
    for ref in ("", "é"):
        with pytest.raises(refusals.RefMissing):
            desk.pay_out(relay, 1_000, ref=ref, **BY)
    with pytest.raises(refusals.AboveLimit):
        desk.pay_out(relay, 15_001, ref="RET-1", **BY)
    with pytest.raises(refusals.NotPayable):
        desk.pay_out(relay, 0, ref="RET-1", **BY)
    with pytest.raises(refusals.NotPayable):
        desk.pay_out(relay, 100, ref="RET-1", what="loan", **BY)
    desk.pay_out(relay, 15_000, ref="RET-1", **BY)
    with pytest.raises(refusals.RefTwice):
        desk.pay_out(relay, 1_000, ref="RET-1", **BY)
    with pytest.raises(refusals.ReserveKept) as told:
        desk.pay_out(relay, 6_000, ref="RET-2", **BY)
    assert str(told.value.params["most"]).startswith("50")
    # A mandat cash has no weekly limit.
    assert desk.pay_out(relay, 5_000, ref="MAN-1", what="mandate", **BY).what == "mandate"
    assert (owed(relay), used(relay)) == (-20_000, 2)


def test_an_agency_takes_money_in_and_a_relay_does_not(relay: Store) -> None:
    """Deposits are an agency's; its limit of seven days is its own."""
    with pytest.raises(refusals.AgencyOnly):
        desk.pay_in(relay, 5_000, ref="VER-1", **BY)
    desk.set_terms(relay, mode="agency", **BY)
    desk.pay_in(relay, 60_000, ref="VER-1", **BY)
    with pytest.raises(refusals.NotPayable):
        desk.pay_in(relay, 0, ref="VER-2", **BY)
    desk.pay_out(relay, 50_000, ref="RET-1", **BY)
    assert owed(relay) == 10_000
    with relay.reading() as conn:
        assert reading.money(conn, DAY).balance == 10_000


def test_a_difference_with_the_slip_has_a_reason(relay: Store) -> None:
    """Ours and theirs side by side; a difference is recorded, and moves no money."""
    stamps(relay)
    with pytest.raises(refusals.DifferenceUnexplained):
        desk.close_balance(relay, slip_collected=1_800, slip_paid_out=0, **BY)
    with pytest.raises(refusals.NotPayable):
        desk.close_balance(relay, slip_collected=-1, slip_paid_out=0, **BY)
    told = desk.close_balance(relay, slip_collected=1_800, slip_paid_out=0, reason="typing", **BY)
    assert (told.difference, told.reason, owed(relay)) == (-24, "typing", 1_824)
    with relay.reading() as conn:
        assert not reading.to_balance(conn, DAY)
    stamps(relay)
    with relay.reading() as conn:
        assert reading.to_balance(conn, DAY)
    assert desk.close_balance(relay, slip_collected=3_648, slip_paid_out=0, reason="typing", **BY).reason == ""


def test_the_account_is_settled_either_way(relay: Store) -> None:
    """What we owe is paid, what La Poste owes comes in; never more than the account says."""
    with pytest.raises(refusals.NothingOwed):
        desk.settle(relay, **BY)
    stamps(relay)
    with pytest.raises(refusals.NothingOwed):
        desk.settle(relay, amount=1_825, **BY)
    with pytest.raises(refusals.NothingOwed):
        desk.settle(relay, means="shells", **BY)
    assert desk.settle(relay, amount=824, ref="VIR-1", **BY).amount == -824
    desk.settle(relay, means="cash", **BY)
    assert owed(relay) == 0
    desk.pay_out(relay, 4_000, ref="RET-1", **BY)
    desk.settle(relay, **BY)
    with relay.reading() as conn:
        assert till.drawer_expected(conn, DAY) == 25_000 + 1_824 - 1_000 - 4_000
        assert reading.money(conn, DAY).settled == 1_824 - 4_000
    assert owed(relay) == 0


def test_stamps_are_received_sold_lost_and_stated(relay: Store) -> None:
    """Consigned at face value: nothing is kept as commission, a missing booklet is the café's to pay."""
    consignment.receive(relay, OWNER, [Line(product="carnet_vert_12", quantity=10_000)], **BY)
    stamps(relay, quantity=3_000)
    consignment.lose(relay, OWNER, [Line(product="carnet_vert_12")], "missing", **BY)
    consignment.give_back(relay, OWNER, [Line(product="carnet_vert_12", quantity=2_000)], **BY)
    told = consignment.close_statement(relay, OWNER, **BY)
    assert (told.revenue, told.commission, told.charged, told.due) == (5_472, 0, 1_824, 7_296)
    with relay.reading() as conn:
        assert consignment_tables.stock(conn, OWNER)["carnet_vert_12"].on_sale == 4_000
        assert reading.money(conn, DAY).charged == 1_824
    assert owed(relay) == 7_296


# The month, the count, the names


def test_a_month_is_told_in_one_sheet(relay: Store) -> None:
    """Visits, mail by sort, notices, operations, money."""
    stamps(relay)
    desk.take_deposit(relay, code="6A15602676300", **BY)
    desk.keep_instance(relay, code="RR473124829GB", **BY)
    desk.hand_instance(relay, "P-1", proof="id_seen", **BY)
    desk.pay_out(relay, 5_000, ref="RET-1", **BY)
    desk.pay_out(relay, 2_000, ref="MAN-1", what="mandate", **BY)
    with relay.reading() as conn:
        told = reading.sheet(conn, "2026-02-01", "2026-02-28")
    assert (told.visits, told.stamps_only, told.mail, told.handed, told.returned) == (5, 1, {"parcel": 1}, 1, 0)
    assert (told.withdrawals, told.withdrawn, told.mandates, told.mandated) == (1, 5_000, 1, 2_000)
    assert (told.money.stamps, told.money.paid_out) == (1_824, 7_000)


def test_the_same_customer_is_one_visit(relay: Store) -> None:
    """Mail, a withdrawal and a notice joined to one visit are one use."""
    visit = desk.take_deposit(relay, code="6A15602676300", **BY).visit
    desk.pay_out(relay, 1_000, ref="RET-1", visit=visit, **BY)
    desk.keep_instance(relay, code="RR473124829GB", **BY)
    desk.hand_instance(relay, "P-1", proof="code", visit=visit, **BY)
    assert used(relay) == 1
    counting.count_day(relay, "post", 4, **BY)
    assert used(relay) == 5


def test_no_name_and_no_number_leaves_the_café(relay: Store) -> None:
    """The journal holds opaque ids and four digits; names and numbers are forgotten thirty days after."""
    desk.keep_instance(relay, code="RR473124829GB", name="Mme Secrète", **BY)
    desk.take_deposit(relay, code="RK123456785FR", **BY)
    desk.pay_out(relay, 1_000, ref="RET-1", name="Mme Secrète", **BY)
    desk.hand_instance(relay, "P-1", proof="id_seen", **BY)
    with relay.reading() as conn:
        bodies = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
        kept = conn.execute("SELECT count(*) FROM private_person").fetchone()[0]
    for secret in ("Secr", "RR473124829GB", "473124829", "RK123456785FR"):
        assert secret.encode() not in bodies
    assert kept == 3
    with relay.writing(by="") as tx:
        assert private.forget_due(tx.conn, "2026-03-10") == 3


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ("stamp", "letter", "withdrawal", "mandate", "settle", "refund", "keep", "hand", "collect")
            ),
            st.integers(1, 9),
        ),
        min_size=1,
        max_size=14,
    )
)
def test_la_postes_account_is_what_went_through_the_café(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    """After any acts: account = collected − paid out − settled; drawer = float + cash of La Poste; tables retell."""
    store = open_test_store(tmp_path_factory.mktemp("relay") / "cafe.db", StoppedClock(MORNING))
    begin_menu(store)
    desk.set_terms(store, **BY)
    close.open_day(store, 50_000, **BY)
    for i, (what, n) in enumerate(acts):
        try:
            if what == "stamp":
                stamps(store, quantity=n * 1000)
            elif what == "letter":
                taken = desk.take_deposit(store, product="affranchissement", price=n * 100, **BY)
                sell.take_payment(store, taken.tab, "cash", **BY)
            elif what in ("withdrawal", "mandate"):
                desk.pay_out(store, n * 1000, ref=f"REF-{i}", what=what, **BY)
            elif what == "settle":
                desk.settle(store, means="cash", **BY)
            elif what == "refund":
                refund.refund_sale(store, 1, reason="mistake", **BY)
            elif what == "keep":
                desk.keep_instance(store, name=f"M. {n}", **BY)
            elif what == "hand":
                desk.hand_instance(store, f"P-{n}", proof="id_seen", **BY)
            else:
                desk.collect(store, **BY)
        except Refusal:
            continue
    with store.reading() as conn:
        money = reading.money(conn, DAY)
        assert reading.owed(conn) == money.balance - money.settled
        assert till.drawer_expected(conn, DAY) == 50_000 + reading.owed(conn)
        assert till.total(conn, DAY, "turnover", "own") == 0
        came, stamps_only = reading.visits(conn, DAY)
        assert (came, stamps_only <= came) == (uses.of_day(conn, DAY).get("post", 0), True)
    assert store.tables_that_differ() == []
    store.close()
