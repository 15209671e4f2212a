"""Facts of membership: who belongs, until when; what volunteers gave; who was not served, without a name."""

from pos.events import Event


class RulesSet(Event, frozen=True, kw_only=True):
    """The association said, from a day on, whom the café serves and what members give in return."""

    kind = "members.rules_set"
    valid_from: str
    # `open`, `members_only` or `members_price`
    access: str
    member_discount_bp: int
    # Guests a member may bring in a year; 0 none: a guest who drinks breaks the private circle.
    guests_per_year: int
    drink_groups: list[int]
    grace_days: int
    minutes_per_month: int


class AssociationSet(Event, frozen=True, kw_only=True):
    """An association takes dues here: the café's own (no owner), or one whose money the till only keeps."""

    kind = "members.association_set"
    association: str
    label: str
    owner: str
    product: str
    dues: int
    # `rolling`: a year from the day paid; `civil`: until 31 December.
    period: str


class MemberEntered(Event, frozen=True, kw_only=True):
    """Somebody applied, or was carried over from the association's own list with what they had paid until."""

    kind = "members.member_entered"
    member: str
    number: int
    association: str
    day: str
    until: str = ""


class CardIssued(Event, frozen=True, kw_only=True):
    """A card was printed for a member; the one before is no longer known."""

    kind = "members.card_issued"
    member: str
    card: str
    day: str


class MemberLeft(Event, frozen=True, kw_only=True):
    """A member resigned, was excluded, or asked to be forgotten."""

    kind = "members.member_left"
    member: str
    how: str
    day: str


class GuestInvited(Event, frozen=True, kw_only=True):
    """A member brought a guest, within what the association allows."""

    kind = "members.guest_invited"
    member: str
    day: str


class AccessRefused(Event, frozen=True, kw_only=True):
    """Somebody was not served, and why; never who."""

    kind = "members.access_refused"
    reason: str
    day: str


class DrinkGrouped(Event, frozen=True, kw_only=True):
    """A drink of the menu belongs to a group of the public health code: 1, 3, 4 or 5."""

    kind = "members.drink_grouped"
    product: str
    group: int


class ShiftOpened(Event, frozen=True, kw_only=True):
    """The association asks for volunteers: when, how long, how many, for what."""

    kind = "members.shift_opened"
    shift: str
    day: str
    begins: str
    minutes: int
    places: int
    task: str


class ShiftCancelled(Event, frozen=True, kw_only=True):
    """A shift will not take place."""

    kind = "members.shift_cancelled"
    shift: str


class ShiftTaken(Event, frozen=True, kw_only=True):
    """A member will do a shift."""

    kind = "members.shift_taken"
    shift: str
    member: str


class ShiftGivenBack(Event, frozen=True, kw_only=True):
    """A member will not do a shift after all; the place is free again."""

    kind = "members.shift_given_back"
    shift: str
    member: str


class ShiftDone(Event, frozen=True, kw_only=True):
    """A member did a shift: the minutes count on their balance."""

    kind = "members.shift_done"
    shift: str
    member: str
    minutes: int


class ShiftMissed(Event, frozen=True, kw_only=True):
    """A member did not come."""

    kind = "members.shift_missed"
    shift: str
    member: str


class ShiftExcused(Event, frozen=True, kw_only=True):
    """A member could not come and said so: the shift counts as if done."""

    kind = "members.shift_excused"
    shift: str
    member: str


EVENTS: tuple[type[Event], ...] = (
    RulesSet, AssociationSet, MemberEntered, CardIssued, MemberLeft, GuestInvited, AccessRefused, DrinkGrouped,
    ShiftOpened, ShiftCancelled, ShiftTaken, ShiftGivenBack, ShiftDone, ShiftMissed, ShiftExcused,
)  # fmt: skip
