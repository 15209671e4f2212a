"""Examples of members' facts: a participatory café's Sunday."""

from pos.events import Event
from pos.services.members import events as e

MEMBER, SHIFT, DAY = "019a4de14400d2e30beb", "019a4de1ba3f00c1d2e3", "2026-03-15"

_ALL: tuple[Event, ...] = (
    e.RulesSet(
        valid_from="2026-01-01", access="members_only", member_discount_bp=0, guests_per_year=0, drink_groups=[1, 3],
        grace_days=30, minutes_per_month=120,
    ),
    e.AssociationSet(association="own", label="Adhésion annuelle", owner="", product="dues_own", dues=1000, period="rolling"),
    e.MemberEntered(member=MEMBER, number=42, association="own", day=DAY, until="2026-12-31"),
    e.CardIssued(member=MEMBER, card="ZM-0042-K7QX", day=DAY),
    e.MemberLeft(member=MEMBER, how="resigned", day=DAY),
    e.GuestInvited(member=MEMBER, day=DAY),
    e.AccessRefused(reason="non_member", day=DAY),
    e.DrinkGrouped(product="biere_pression", group=3),
    e.ShiftOpened(shift=SHIFT, day=DAY, begins="14:00", minutes=240, places=2, task="bar"),
    e.ShiftCancelled(shift=SHIFT),
    e.ShiftTaken(shift=SHIFT, member=MEMBER),
    e.ShiftGivenBack(shift=SHIFT, member=MEMBER),
    e.ShiftDone(shift=SHIFT, member=MEMBER, minutes=240),
    e.ShiftMissed(shift=SHIFT, member=MEMBER),
    e.ShiftExcused(shift=SHIFT, member=MEMBER),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
