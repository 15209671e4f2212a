"""Members: dues, cards, volunteers' hours, and the gate of a café that serves its members only.

For associations that run a café, or that help one (« les Amis du Café »). Dues of the café's own
association are income outside VAT and turnover (off-turnover code `HC_COTISATION`); dues of another
association are its money. A card is scanned from any screen. When the café serves members only, no
sale is completed without an active member on the bill; who was refused is counted, never named.
Nothing here is a use counted in kilometres (services.md B.13, A.3).
"""

import sqlite3
from typing import Any

from pos.feature import Feature, Figure, Indicator, Notice, ScanHit
from pos.i18n import N_, _, ngettext
from pos.services.members import desk, events, reading, rules, tables, volunteers

HOME = "/members/"


def _badge(conn: sqlite3.Connection, day: str) -> str:
    n = reading.counts(conn, day)[rules.ACTIVE]
    return ngettext("%(n)s member", "%(n)s members", n) if n else ""


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = []
    waiting = reading.unsettled(conn, day)
    if waiting:
        out.append(Notice(ngettext("%(n)s shift to settle", "%(n)s shifts to settle", len(waiting)), f"{HOME}shifts"))
    empty = [row for row in reading.shifts(conn, day, day) if not row["taken"]]
    if empty:
        out.append(
            Notice(
                ngettext("%(n)s shift today without anybody", "%(n)s shifts today without anybody", len(empty)),
                f"{HOME}shifts",
            )
        )
    if rules.in_force(conn, day).access == rules.MEMBERS_ONLY:
        unsaid = reading.drinks_without_group(conn)
        if unsaid:
            said = ngettext(
                "%(n)s drink with alcohol without a group", "%(n)s drinks with alcohol without a group", len(unsaid)
            )
            out.append(Notice(said, f"{HOME}rules"))
    return out


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    waiting = reading.unsettled(conn, day[:10])
    return [Notice(_("Volunteers’ hours of today are not noted"), f"{HOME}shifts")] if waiting else []


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find the member of a card (`ZM-0042-K7QX`): the bill on the screen becomes theirs."""
    row = tables.by_card(conn, code.strip().upper())
    if row is None:
        return None

    def on_bill(store: Any, tab_id: str, *, by: str, attempt: str) -> str:
        tab = desk.put_on_bill(store, tab_id, row["member"], by=by, attempt=attempt)
        with store.reading() as reader:
            return reading.said_on_bill(reader, tab.member, day)

    return ScanHit(url=f"{HOME}{row['member']}", on_bill=on_bill)


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return the day's figures, for day files and reports."""
    refused = reading.refused(conn, day, day)
    return {
        **reading.counts(conn, day), "refused": sum(refused.values()), "refused_by": refused,
        "dues_cents": reading.dues(conn, day, day)[1], "tickets_without_member": reading.tickets_without_member(conn, day),
        "hours": {f"M-{row['number']:04d}": volunteers.balance(conn, row["member"], day) for row in reading.all_members(conn)},
    }  # fmt: skip


def _owners(conn: sqlite3.Connection) -> dict[str, str]:
    """Name the other associations whose dues the till holds."""
    return {row["owner"]: row["label"] for row in reading.associations(conn) if row["owner"]}


def _receipt(conn: sqlite3.Connection, no: int) -> list[str]:
    row = conn.execute("SELECT * FROM members_dues WHERE no = ? LIMIT 1", (no,)).fetchone()
    if row is None:
        return []
    member = tables.member(conn, row["member"])
    return (
        [_("Member no. %(number)s, until %(until)s", number=member["number"], until=rules.day_said(row["after"]))]
        if member
        else []
    )


def _told(event: events.MemberEntered | events.ShiftDone | events.AccessRefused) -> tuple[Figure, ...]:
    if isinstance(event, events.ShiftDone):
        return (Figure("shift_minutes", event.minutes),)
    return (Figure("members_entered" if isinstance(event, events.MemberEntered) else "access_refused", 1),)


SERVICE = Feature(
    slug="members",
    title=N_("Members"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(
        desk.set_rules, desk.set_association, desk.set_drink_group, desk.list_drink, desk.enter_member, desk.join,
        desk.renew, desk.put_on_bill, desk.take_off_bill, desk.invite_guest, desk.note_refusal, desk.issue_card,
        desk.leave, volunteers.open_shift, volunteers.cancel_shift, volunteers.take_shift, volunteers.give_back_shift,
        volunteers.finish_shift, volunteers.miss_shift, volunteers.excuse_shift, volunteers.credit_hours,
    ),
    sale_rules=(rules.gate,),
    refund_rules=(rules.dues_may_go_back,),
    price=rules.price_for,
    refused=desk.sale_refused,
    receipt=_receipt,
    owners=_owners,
    owner_names={events.AssociationSet: lambda said: (said.owner, said.label)},
    day_close_checks=(_on_closing,),
    indicators=(
        Indicator("members_entered", N_("Members entered")), Indicator("shift_minutes", N_("Minutes of shifts done"), "minutes"),
        Indicator("access_refused", N_("People not served: members only")),
    ),
    tells={events.MemberEntered: _told, events.ShiftDone: _told, events.AccessRefused: _told},
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=_figures,
    icon="id",
    home=HOME,
)  # fmt: skip
