"""What is done with members: rules, dues, joining, who is on the bill, cards, leaving.

enter --> APPLIED -- dues paid --> ACTIVE -- until passed --> GRACE -- days passed --> LAPSED
              ^ join (dues on the bill)        ^ renew <------------------+-------------+
                                               resigned, excluded, forgotten: until dues come again
"""

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from pos import money, private
from pos.clock import parse_day
from pos.engines import hosts, persons
from pos.errors import Refusal
from pos.ids import new_id
from pos.services.members import events as ev
from pos.services.members import refusals as no
from pos.services.members import rules, tables
from pos.services.members.rules import OWN
from pos.services.members.tables import DUES
from pos.store import Store, Writing
from pos.till import catalogue, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import ProductListed
from pos.till.lines import less_after_print, noted
from pos.till.people import need_manager
from pos.till.tab import Tab

PURPOSE = "members"
HOW_LEFT = ("resigned", "excluded", "forgotten")
# A card's code is its number and four signs nobody guesses; no letter that reads like a figure.
CARD_PREFIX, CARD_SIGNS = "ZM-", "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
DUES_MAX, GRACE_MAX, MINUTES_MAX = 50_000, 366, 100 * 60


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody entered: the opaque id, the member's number, and the bill their dues are on."""

    member: str
    number: int
    tab: Tab | None = None


# The association


def set_rules(
    store: Store, *, access: str, member_discount_bp: int = 0, guests_per_year: int = 0,
    drink_groups: Sequence[int] = rules.CIRCLE_GROUPS, grace_days: int = 30, minutes_per_month: int = 0,
    valid_from: str = "", by: str, attempt: str = "",
) -> ev.RulesSet:  # fmt: skip
    """Say whom the café serves from a day on (today when left out). Raises ManagerNeeded, BadRules."""
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        groups = sorted(set(drink_groups))
        circle = access != rules.MEMBERS_ONLY or set(groups) <= set(rules.CIRCLE_GROUPS)
        if (
            access not in rules.ACCESS or not set(groups) <= set(rules.GROUPS) or not circle
            or not 0 <= member_discount_bp <= 10_000 or not 0 <= guests_per_year <= 366
            or not 0 <= grace_days <= GRACE_MAX or not 0 <= minutes_per_month <= MINUTES_MAX
        ):  # fmt: skip
            raise no.BadRules
        event = ev.RulesSet(
            valid_from=_day(valid_from) if valid_from else tx.today, access=access, member_discount_bp=member_discount_bp,
            guests_per_year=guests_per_year, drink_groups=groups, grace_days=grace_days,
            minutes_per_month=minutes_per_month,
        )  # fmt: skip
        tx.record(event)
        return event


def set_association(
    store: Store,
    *,
    label: str,
    dues: int,
    association: str = OWN,
    period: str = tables.ROLLING,
    by: str,
    attempt: str = "",
) -> ev.AssociationSet:
    """Say which association takes dues, how much and for how long; its dues become an article of the menu.

    Dues of the café's own association are its income, outside VAT and turnover (`HC_COTISATION`); those
    of another one (« les Amis du Café ») are its money, kept until it is handed over. Raises
    ManagerNeeded, BadRules.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        label, code = " ".join(label.split())[:40], catalogue.slug(association)
        if not label or not 0 < dues <= DUES_MAX or period not in (tables.ROLLING, tables.CIVIL):
            raise no.BadRules
        own = code == OWN
        product = f"dues_{code}"
        owner = "" if own else f"{hosts.OWNER}{code}"
        catalogue.put_on_menu(
            tx,
            ProductListed(
                product=product, label=label, category="members", price=dues, vat_class="service", nature="service",
                role="dues" if own else "agent_disclosed", owner=owner, icon="id",
            ),
        )  # fmt: skip
        event = ev.AssociationSet(association=code, label=label, owner=owner, product=product, dues=dues, period=period)
        tx.record(event)
        return event


def set_drink_group(store: Store, product: str, group: int, *, by: str, attempt: str = "") -> None:
    """Say which group a drink of the menu belongs to. Raises NotAGroup, NoSuchProduct, DrinkGroupForbidden."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = till.product(tx.conn, product)
        if row is None:
            raise till_no.NoSuchProduct(product=product)
        _group_allowed(tx, group, row["label"])
        tx.record(ev.DrinkGrouped(product=product, group=group))


def list_drink(
    store: Store, *, label: str, price: int, group: int, category: str = "biere_vin", by: str, attempt: str = ""
) -> str:
    """Put a drink on the menu with its group; return its code. Raises NotAGroup, DrinkGroupForbidden, BadProduct."""
    with store.writing(by=by, attempt=attempt) as tx:
        _group_allowed(tx, group, label)
        code = catalogue.slug(label)
        catalogue.put_on_menu(
            tx,
            ProductListed(
                product=code, label=label.strip(), category=category, price=price,
                vat_class="open_drink" if group == 1 else "alcohol", nature="service", min_age=0 if group == 1 else 18,
            ),
        )  # fmt: skip
        tx.record(ev.DrinkGrouped(product=code, group=group))
        return code


def _group_allowed(tx: Writing, group: int, label: str) -> None:
    if group not in rules.GROUPS:
        raise no.NotAGroup(group=group)
    now = rules.in_force(tx.conn, tx.today)
    if group not in now.groups:
        raise no.DrinkGroupForbidden(label=label, group=group, allowed=rules.groups_said(now.groups))


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise no.BadRules from None


# Joining and renewing


def enter_member(
    store: Store, *, name: str, phone: str = "", association: str = OWN, until: str = "", number: int = 0, by: str,
    attempt: str = "",
) -> Joined:  # fmt: skip
    """Enter somebody of the association's own list, with the day their dues hold until. Raises NameMissing, NoDuesSet."""
    with store.writing(by=by, attempt=attempt) as tx:
        return _enter(tx, name, phone, association, _day(until) if until else "", number)


def join(
    store: Store, tab_id: str, *, name: str, phone: str = "", association: str = OWN, amount: int = 0, by: str,
    attempt: str = "",
) -> Joined:  # fmt: skip
    """Enter a newcomer and put their dues on the bill: with a coffee it is one ticket.

    Raises NameMissing, NoDuesSet, DayNotOpen, CardPending.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        entered = _enter(tx, name, phone, association, "", 0)
        tab = _bill(tx, tab_id)
        _put_dues(tx, tab, entered.member, amount)
        return Joined(entered.member, entered.number, tab)


def renew(store: Store, tab_id: str, member: str, *, amount: int = 0, by: str, attempt: str = "") -> Tab:
    """Put a member's dues on the bill. Raises NoSuchMember, NoDuesSet, DuesAlreadyThere, DayNotOpen."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = _bill(tx, tab_id)
        _put_dues(tx, tab, _known(tx.conn, member)["member"], amount)
        persons.still_needed(tx, member, PURPOSE)
        return tab


def _enter(tx: Writing, name: str, phone: str, association: str, until: str, number: int) -> Joined:
    if tables.association(tx.conn, association) is None:
        raise no.NoDuesSet
    # The same name may be two people: a newcomer never takes over somebody's id.
    member = persons.known(tx, PURPOSE, name, phone=phone, person=new_id(tx.now))
    taken = tx.conn.execute("SELECT coalesce(max(number), 0) FROM members_member").fetchone()[0]
    if number <= 0 or tables.by_number(tx.conn, number) is not None:
        number = taken + 1
    tx.record(ev.MemberEntered(member=member, number=number, association=association, day=tx.today, until=until))
    return Joined(member, number)


def _put_dues(tx: Writing, tab: Tab, member: str, amount: int) -> None:
    row = _known(tx.conn, member)
    terms = tables.association(tx.conn, row["association"])
    if terms is None:
        raise no.NoDuesSet
    ref = DUES + member
    if any(line.ref == ref for open_tab in [tab, *sell.open_tabs(tx.conn)] for line in open_tab.lines):
        raise no.DuesAlreadyThere
    line = sell.put_product(tx, tab, terms["product"], unit_price=amount or None)
    line.ref = ref
    if row["association"] == OWN:
        tab.member = member
    sell.keep(tx, tab)


def _bill(tx: Writing, tab_id: str) -> Tab:
    sell.require_day(tx)
    tab = sell.current_tab(tx.conn, tab_id)
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id) if tab_id else None
        if paid:
            raise till_no.AlreadyPaid(no=paid["no"])
        return sell.new_tab(tx, tab_id)
    if tab.card:
        raise till_no.CardPending(amount=money.format_euros(tab.card_amount))
    return tab


def _known(conn: sqlite3.Connection, member: str) -> sqlite3.Row:
    row = tables.member(conn, member)
    if row is None:
        raise no.NoSuchMember
    return row


# Who is on the bill


def put_on_bill(store: Store, tab_id: str, member: str, *, by: str, attempt: str = "") -> Tab:
    """Say whose bill it is; the gate opens, member's prices apply.

    In a café for members only, who is not one is refused, and the refusal is counted without a name.
    Raises NoSuchMember, DuesExpired, NotJoinedYet, LeftTheAssociation, NotAMember.
    """
    told: Refusal | None = None
    with store.writing(by=by, attempt=attempt) as tx:
        tab = _bill(tx, tab_id)
        row, now = _known(tx.conn, member), rules.in_force(tx.conn, tx.today)
        try:
            if now.access == rules.MEMBERS_ONLY:
                rules.require_served(row, tx.today, now)
            tab.member = member
            reprice(tx, tab)
            sell.keep(tx, tab)
        except no.AccessRefusal as refusal:
            tx.record(ev.AccessRefused(reason=refusal.reason, day=sell.day_label(tx)))
            told = refusal
    if told is not None:
        raise told
    return tab


def take_off_bill(store: Store, tab_id: str, *, by: str, attempt: str = "") -> Tab:
    """Say that the bill is nobody's any more; listed prices come back."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = _bill(tx, tab_id)
        tab.member = ""
        reprice(tx, tab)
        sell.keep(tx, tab)
        return tab


def reprice(tx: Writing, tab: Tab) -> None:
    """Give lines still at a listed or a member's price the one of who is on the bill.

    Of a bill that left on paper each change is recorded, and less is the manager's (R42, R47). Raises ManagerNeeded.
    """
    now, before = rules.in_force(tx.conn, tx.today), tab.total
    for line in tab.lines:
        row = till.product(tx.conn, line.product)
        if row is None or row["open_price"] or line.discount or line.offered or line.ref or row["role"] != "own":
            continue
        if line.unit_price in (row["price"], rules.discounted(row["price"], now.discount_bp)):
            mine, was = rules.price_for(tx.conn, tx.today, tab, row), line.gross
            line.unit_price = row["price"] if mine is None else mine
            if tab.printed:
                noted(tx, tab, line, "member", was)
    if tab.total < before:
        less_after_print(tx, tab)


def invite_guest(store: Store, tab_id: str, *, by: str, attempt: str = "") -> int:
    """Note that the member on the bill brings a guest; return how many this year.

    Raises NotAMember, GuestNotServed, TooManyGuests: counted as refusals, without a name.
    """
    told: no.AccessRefusal | None = None
    brought = 0
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        tab = sell.current_tab(tx.conn, tab_id)
        now = rules.in_force(tx.conn, tx.today)
        row = tables.member(tx.conn, tab.member) if tab is not None and tab.member else None
        brought = _guests(tx.conn, row["member"], tx.today[:4]) if row is not None else 0
        if row is None or not rules.is_served(tx.conn, row["member"], tx.today, now):
            told = no.NotAMember()
        elif not now.guests:
            told = no.GuestNotServed()
        elif brought >= now.guests:
            told = no.TooManyGuests(n=brought)
        else:
            tx.record(ev.GuestInvited(member=row["member"], day=day))
        if told is not None:
            tx.record(ev.AccessRefused(reason=told.reason, day=day))
    if told is not None:
        raise told
    return brought + 1


def _guests(conn: sqlite3.Connection, member: str, year: str) -> int:
    found = conn.execute(
        "SELECT coalesce(sum(n), 0) FROM members_guest WHERE member = ? AND substr(day, 1, 4) = ?", (member, year)
    )
    return int(found.fetchone()[0])


def note_refusal(store: Store, reason: str = "non_member", *, by: str, attempt: str = "") -> None:
    """Count somebody who was not served before anything was typed."""
    with store.writing(by=by, attempt=attempt) as tx:
        known = {cls.reason for cls in no.AccessRefusal.__subclasses__()}
        tx.record(ev.AccessRefused(reason=reason if reason in known else "non_member", day=sell.day_label(tx)))


def sale_refused(store: Store, refusal: Refusal, tab_id: str, by: str) -> None:
    """Count a sale the gate refused, once per bill and reason (`Feature.refused`): the sale itself left no trace."""
    if isinstance(refusal, no.AccessRefusal):
        once = f"members.refused:{tab_id}:{refusal.reason}" if tab_id else ""
        with store.writing(by=by, attempt=once) as tx:
            tx.record(ev.AccessRefused(reason=refusal.reason, day=sell.day_label(tx)))


# Cards, leaving


def issue_card(store: Store, member: str, *, by: str, attempt: str = "") -> str:
    """Give a member a new card and return its code; the one before opens nothing any more."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _known(tx.conn, member)
        signs = "".join(secrets.choice(CARD_SIGNS) for _sign in range(4))
        card = f"{CARD_PREFIX}{row['number']:04d}-{signs}"
        tx.record(ev.CardIssued(member=member, card=card, day=tx.today))
        return card


def leave(store: Store, member: str, how: str, *, by: str, attempt: str = "") -> None:
    """Note that a member resigned, was excluded, or asks to be forgotten: then the name is erased at once."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _known(tx.conn, member)
        if how not in HOW_LEFT:
            raise no.BadRules
        if how == "excluded":
            need_manager(tx)
        tx.record(ev.MemberLeft(member=member, how=how, day=tx.today))
        if how == "forgotten":
            private.forget(tx.conn, row["member"])
            tx.record(persons.PersonErased(person=member, purpose=PURPOSE))
