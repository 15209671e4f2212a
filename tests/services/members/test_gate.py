"""The gate of a members' café: who is served, who is not and is counted, joining at once."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.services.members import SERVICE, desk, reading, rules, tables
from pos.services.members import refusals as no
from pos.store import Store
from pos.till import card, refund, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import LineRepriced
from pos.till.lines import offer_line
from pos.till.refusals import ManagerNeeded
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import Tab
from tests.services.members.conftest import BY, TODAY, enter

COFFEE = [SoldLine(product="cafe")]


def refused(store: Store) -> dict[str, int]:
    """How many were not served today, by reason."""
    with store.reading() as conn:
        return reading.refused(conn, TODAY, TODAY)


def test_nobody_is_served_without_a_card(circle: Store) -> None:
    """A bill without a member is refused, leaves no ticket, and is counted without a name."""
    with pytest.raises(no.NotAMember):
        sell.sell(circle, lines=COFFEE, by=BY)
    with circle.reading() as conn:
        assert till.tickets(conn, TODAY) == []
    assert refused(circle) == {"non_member": 1}


def test_a_bill_refused_twice_counts_once(circle: Store) -> None:
    """The same bill tapped again is the same person at the counter."""
    tab = sell.add_product(circle, "bill-0001", "cafe", by=BY)
    for _tap in range(3):
        with pytest.raises(no.NotAMember):
            sell.take_payment(circle, tab.tab_id, "cash", by=BY)
    with pytest.raises(no.NotAMember):
        card.start_card(circle, tab.tab_id, by=BY)
    assert refused(circle) == {"non_member": 1}


def test_an_active_member_is_served_and_the_ticket_bears_only_an_id(circle: Store) -> None:
    """The ticket is linked to the opaque id; no name is in the journal."""
    member = enter(circle)
    desk.put_on_bill(circle, "bill-0001", member, by=BY)
    sell.add_product(circle, "bill-0001", "cafe", by=BY)
    sale = sell.take_payment(circle, "bill-0001", "cash", by=BY).sale
    assert sale is not None
    assert sale.member == member
    with circle.reading() as conn:
        assert reading.tickets_without_member(conn, TODAY) == 0
        bodies = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
    assert b"Odile" not in bodies
    assert b"Perrin" not in bodies


@pytest.mark.parametrize(
    ("until", "state"),
    [("2026-11-20", "active"), ("2026-11-19", "grace"), ("2026-10-21", "grace"), ("2026-10-20", "lapsed")],
)
def test_dates_say_where_a_member_stands(circle: Store, until: str, state: str) -> None:
    """Active to the last day, then the days of grace, then lapsed."""
    member = enter(circle, until=until)
    with circle.reading() as conn:
        row = tables.member(conn, member)
        assert row is not None
        assert rules.state_of(row, TODAY, rules.in_force(conn, TODAY)) == state


def test_expired_dues_are_refused_then_paid_with_the_coffee(circle: Store) -> None:
    """Forty-five days late: refused and counted; dues and coffee then are one ticket."""
    member = enter(circle, until="2026-10-06")
    with pytest.raises(no.DuesExpired):
        desk.put_on_bill(circle, "bill-0001", member, by=BY)
    assert refused(circle) == {"expired": 1}
    desk.renew(circle, "bill-0001", member, by=BY)
    sell.add_product(circle, "bill-0001", "cafe", by=BY)
    sale = sell.take_payment(circle, "bill-0001", "cash", by=BY).sale
    assert sale is not None
    assert sale.lines[0].gross == 1000
    with circle.reading() as conn:
        row = tables.member(conn, member)
        assert row is not None
        assert row["until"] == "2027-11-19"


def test_a_newcomer_joins_and_drinks_on_one_ticket(circle: Store) -> None:
    """Two lines, 11.20 € with the starter menu's coffee at 1.20: dues carry no VAT and are no turnover."""
    joined = desk.join(circle, "bill-0001", name="Anne Roux", by=BY)
    sell.add_product(circle, "bill-0001", "cafe", price=120, by=BY)
    sale = sell.take_payment(circle, "bill-0001", "cash", by=BY).sale
    assert sale is not None
    assert (sale.total, sale.turnover, len(sale.lines)) == (1120, 120, 2)
    assert [(line.vat_code, line.owner) for line in sale.lines] == [("HC_COTISATION", ""), ("", "")]
    assert [(off.code, off.amount) for off in sale.off] == [("HC_COTISATION", 1000)]
    with circle.reading() as conn:
        assert till.third_parties(conn) == {}
        assert till.total(conn, TODAY, "turnover", "own") == 120
        row = tables.member(conn, joined.member)
        assert row is not None
        assert row["until"] == "2027-11-19"
    assert circle.tables_that_differ() == []


def test_who_applied_is_not_a_member_yet(circle: Store) -> None:
    """Without dues nobody is served; who left neither."""
    member = enter(circle, until="")
    with pytest.raises(no.NotJoinedYet):
        desk.put_on_bill(circle, "bill-0001", member, by=BY)
    other = enter(circle, "Guy Morel")
    desk.leave(circle, other, "resigned", by=BY)
    with pytest.raises(no.LeftTheAssociation):
        desk.put_on_bill(circle, "bill-0001", other, by=BY)
    assert refused(circle) == {"non_member": 2}


def test_members_of_a_support_association_are_not_the_circle(circle: Store) -> None:
    """« Les Amis du Café » are a separate legal person: their dues are their money, and open no gate."""
    desk.set_association(circle, association="amis", label="Les Amis du Café", dues=500, by=BY)
    joined = desk.join(circle, "bill-0001", name="Anne Roux", association="amis", by=BY)
    sale = sell.take_payment(circle, "bill-0001", "cash", by=BY).sale
    assert sale is not None
    with circle.reading() as conn:
        assert till.third_parties(conn) == {"assoc:amis": 500}
    with pytest.raises(no.NotAMember):
        desk.put_on_bill(circle, "bill-0002", joined.member, by=BY)


def test_a_guest_is_not_served_where_there_are_none(circle: Store) -> None:
    """Guest policy none: one sentence, counted, nobody named."""
    member = enter(circle)
    desk.put_on_bill(circle, "bill-0001", member, by=BY)
    with pytest.raises(no.GuestNotServed):
        desk.invite_guest(circle, "bill-0001", by=BY)
    assert refused(circle) == {"guest": 1}
    with circle.reading() as conn:
        body = conn.execute("SELECT body FROM journal_entry ORDER BY seq DESC LIMIT 1").fetchone()[0]
    assert member.encode() not in bytes(body)


def test_guests_are_counted_by_year(circle: Store) -> None:
    """As many as the rules allow, then no more."""
    desk.set_rules(circle, access="members_only", guests_per_year=2, by=BY)
    desk.put_on_bill(circle, "bill-0001", enter(circle), by=BY)
    assert [desk.invite_guest(circle, "bill-0001", by=BY) for _guest in range(2)] == [1, 2]
    with pytest.raises(no.TooManyGuests):
        desk.invite_guest(circle, "bill-0001", by=BY)


def test_whisky_cannot_be_listed(circle: Store) -> None:
    """Groups 1 and 3 only; a drink whose group nobody said is not served either."""
    with pytest.raises(no.DrinkGroupForbidden):
        desk.list_drink(circle, label="Whisky", price=500, group=5, by=BY)
    with pytest.raises(no.NotAGroup):
        desk.list_drink(circle, label="Whisky", price=500, group=2, by=BY)
    with circle.reading() as conn:
        beer = next(row for row in till.products(conn) if row["vat_class"] == "alcohol")
        assert till.product(conn, "whisky") is None
    member = enter(circle)
    with pytest.raises(no.DrinkWithoutGroup):
        sell.sell(circle, lines=[SoldLine(product=beer["product"])], member=member, by=BY)
    desk.set_drink_group(circle, beer["product"], 3, by=BY)
    assert sell.sell(circle, lines=[SoldLine(product=beer["product"])], member=member, by=BY).sale is not None
    assert desk.list_drink(circle, label="Cidre fermier", price=300, group=3, by=BY) == "cidre_fermier"


def test_the_same_café_opened_to_all_sells_without_a_gate(circle: Store) -> None:
    """Switched to open, the walker is served."""
    desk.set_rules(circle, access="open", drink_groups=[1, 3, 4, 5], by=BY)
    sale = sell.sell(circle, lines=COFFEE, by=BY).sale
    assert sale is not None
    assert sale.member == ""


def test_members_pay_their_price(open_cafe: Store) -> None:
    """Ten per cent less for a member, on lines typed before and after the card; the listed price for the others."""
    desk.set_rules(open_cafe, access="members_price", member_discount_bp=1000, by=BY)
    member = enter(open_cafe)
    with open_cafe.reading() as conn:
        listed = till.product(conn, "cafe")["price"]  # type: ignore[index]
    sell.add_product(open_cafe, "bill-0001", "cafe", by=BY)
    tab = desk.put_on_bill(open_cafe, "bill-0001", member, by=BY)
    assert tab.total == rules.discounted(listed, 1000) < listed
    tab = sell.add_product(open_cafe, "bill-0001", "cafe", by=BY)
    assert tab.total == 2 * rules.discounted(listed, 1000)
    assert len(tab.lines) == 1
    assert desk.take_off_bill(open_cafe, "bill-0001", by=BY).total == 2 * listed


def test_dues_need_their_member(open_cafe: Store) -> None:
    """Dues typed like an article are nobody's and cannot be paid; once is enough on open bills."""
    with pytest.raises(no.DuesWithoutMember):
        sell.sell(open_cafe, lines=[SoldLine(product="dues_own")], by=BY)
    member = enter(open_cafe)
    desk.renew(open_cafe, "bill-0001", member, by=BY)
    with pytest.raises(no.DuesAlreadyThere):
        desk.renew(open_cafe, "bill-0002", member, by=BY)
    with pytest.raises(no.NoDuesSet):
        desk.join(open_cafe, "bill-0003", name="Anne", association="amis", by=BY)
    with pytest.raises(no.NoSuchMember):
        desk.renew(open_cafe, "bill-0003", "nobody", by=BY)


def test_dues_given_back_end_where_they_began(open_cafe: Store) -> None:
    """A refund takes the year back; dues on which later ones stand stay."""
    member = enter(open_cafe, until="2026-12-31")
    for _year in range(2):
        desk.renew(open_cafe, f"bill-{_year}", member, by=BY)
        sell.take_payment(open_cafe, f"bill-{_year}", "cash", by=BY)
    with open_cafe.reading() as conn:
        assert tables.member(conn, member)["until"] == "2028-12-31"  # type: ignore[index]
    with pytest.raises(no.DuesGivenBackTwice):
        refund.refund_sale(open_cafe, 1, reason="mistake", by=BY)
    refund.refund_sale(open_cafe, 2, reason="mistake", by=BY)
    with open_cafe.reading() as conn:
        assert tables.member(conn, member)["until"] == "2027-12-31"  # type: ignore[index]
        assert reading.dues(conn, TODAY, TODAY) == (2, 1000)
    assert open_cafe.tables_that_differ() == []


def test_one_year_of_two_given_back_leaves_the_other(open_cafe: Store) -> None:
    """Two years on one line: each refund takes one year off the end; what the ticket said stays said."""
    member = enter(open_cafe, until="2026-12-31")
    line = desk.renew(open_cafe, "bill-1", member, by=BY).lines[0].line_id
    sell.change_quantity(open_cafe, "bill-1", line, 2000, by=BY)
    sell.take_payment(open_cafe, "bill-1", "cash", by=BY)
    ends = []
    for _year in range(2):
        refund.refund_sale(open_cafe, 1, lines=[(0, 1000)], reason="mistake", by=BY)
        with open_cafe.reading() as conn:
            ends.append(tables.member(conn, member)["until"])  # type: ignore[index]
    assert ends == ["2027-12-31", "2026-12-31"]
    with open_cafe.reading() as conn:
        assert conn.execute("SELECT after, back FROM members_dues").fetchone()[:] == ("2028-12-31", 2000)
    assert open_cafe.tables_that_differ() == []


@pytest.mark.parametrize(
    ("period", "day", "before", "until"),
    [
        ("rolling", "2026-11-20", "", "2027-11-19"), ("rolling", "2026-11-20", "2026-11-19", "2027-11-19"),
        ("rolling", "2026-11-20", "2026-11-20", "2027-11-20"), ("rolling", "2028-02-29", "", "2029-02-28"),
        ("civil", "2026-11-20", "", "2026-12-31"), ("civil", "2026-11-20", "2026-12-31", "2027-12-31"),
    ],
)  # fmt: skip
def test_dues_hold_a_year(period: str, day: str, before: str, until: str) -> None:
    """A rolling year from the day paid, or from the end of the last one; a civil year to 31 December."""
    assert tables.until_after(period, day, before) == until


def test_rules_must_agree(open_cafe: Store) -> None:
    """A members' café serves groups 1 and 3; only the manager sets rules."""
    with pytest.raises(no.BadRules):
        desk.set_rules(open_cafe, access="members_only", drink_groups=[1, 3, 4], by=BY)
    with pytest.raises(no.BadRules):
        desk.set_association(open_cafe, label="", dues=1000, by=BY)
    with pytest.raises(ManagerNeeded):
        desk.set_rules(open_cafe, access="open", by="v1")


def test_a_new_card_ends_the_one_before(circle: Store) -> None:
    """A card found in the street opens nothing once a new one was printed."""
    member = enter(circle)
    first = desk.issue_card(circle, member, by=BY)
    second = desk.issue_card(circle, member, by=BY)
    with circle.reading() as conn:
        assert tables.by_card(conn, second)["member"] == member  # type: ignore[index]
        assert first == second or tables.by_card(conn, first) is None


def test_a_forgotten_member_is_a_number(circle: Store) -> None:
    """Erased on request: the name is gone, counts and amounts stay."""
    member = enter(circle)
    desk.leave(circle, member, "forgotten", by=BY)
    with circle.reading() as conn:
        assert conn.execute("SELECT count(*) FROM private_person").fetchone()[0] == 0
        row = tables.member(conn, member)
        assert row is not None
        assert "1" in reading.name_of(conn, row)
    with pytest.raises(ManagerNeeded):
        desk.leave(circle, enter(circle, "Guy Morel"), "excluded", by="v1")


def test_a_payment_names_its_means(circle: Store) -> None:
    """A sale in parts is gated like another."""
    member = enter(circle)
    paid = sell.sell(circle, lines=COFFEE, payments=[TakenPayment(amount=50), TakenPayment()], member=member, by=BY)
    assert paid.sale is not None


def test_another_association_is_named_where_its_money_is_handed_over(open_cafe: Store) -> None:
    """The drawer and the Z say « Les Amis du Café », never a code."""
    desk.set_association(open_cafe, association="amis", label="Les Amis du Café", dues=500, by=BY)
    with open_cafe.reading() as conn:
        assert SERVICE.owners is not None
        assert SERVICE.owners(conn) == {"assoc:amis": "Les Amis du Café"}


@given(steps=st.lists(st.sampled_from(["on", "off", "add", "less", "remove", "offer"]), min_size=1, max_size=8))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_printed_bill_becomes_no_less_by_a_seller(open_cafe: Store, steps: list[str]) -> None:
    """R28, R42, R47: the member’s price too is the manager’s then; whatever changes the sum is an entry."""
    if rules_of(open_cafe).access != "members_price":
        desk.set_rules(open_cafe, access="members_price", member_discount_bp=1000, by=BY)
    member, tab_id = enter(open_cafe, f"M{open_cafe.last_place()}"), f"bill-{open_cafe.last_place()}"
    tab = sell.add_product(open_cafe, tab_id, "cafe", by="v1")
    with open_cafe.writing(by="v1") as tx:
        tab.printed = True
        sell.keep(tx, tab)
    before = tab.total
    for step in steps:
        place = open_cafe.last_place()
        with suppress(ManagerNeeded, till_no.NoSuchLine):
            tab = one_step(open_cafe, tab_id, member, step)
        assert tab.total >= before
        assert tab.total == before or step == "add" or open_cafe.last_place() > place
        before = tab.total
    with open_cafe.reading() as conn:
        listed = sell.current_tab(conn, tab_id)
    assert listed is not None
    was = listed.total
    now = desk.put_on_bill(open_cafe, tab_id, member, by=BY)
    with open_cafe.reading() as conn:
        last = open_cafe.event(conn, open_cafe.last_place()).event
    assert now.total == was or (isinstance(last, LineRepriced) and last.what == "member")


def rules_of(store: Store) -> rules.Rules:
    """The rules in force."""
    with store.reading() as conn:
        return rules.in_force(conn, TODAY)


def one_step(store: Store, tab_id: str, member: str, step: str) -> Tab:
    """Do one thing to a bill, as a seller."""
    with store.reading() as conn:
        held = sell.current_tab(conn, tab_id)
    assert held is not None
    line = held.lines[0].line_id
    if step == "on":
        return desk.put_on_bill(store, tab_id, member, by="v1")
    if step == "off":
        return desk.take_off_bill(store, tab_id, by="v1")
    if step == "add":
        return sell.add_product(store, tab_id, "cafe", by="v1")
    if step == "less":
        return sell.discount_line(store, tab_id, line, 10, by="v1")
    if step == "remove":
        return sell.remove_line(store, tab_id, line, by="v1")
    return offer_line(store, tab_id, line, "courtesy", by="v1")
