"""Why somebody is not served, or an act of the association is not possible, and what to do."""

from typing import ClassVar

from pos.errors import Refusal
from pos.i18n import N_


class AccessRefusal(Refusal):
    """Base of what the gate says; each one is counted, without a name, and leads to joining at once."""

    reason: ClassVar[str] = ""
    act: ClassVar[str] = N_("Join now")

    @property
    def url(self) -> str:
        """Where dues are taken: the member's own page, or the newcomer's."""
        member = self.params.get("member")
        return f"/members/{member}" if member else "/members/join"


class NotAMember(AccessRefusal):
    """Only members are served here."""

    reason = "non_member"
    sentence = N_("Here only members are served: nobody’s card is on this bill.")
    remedy = N_("Scan a card or choose the member. A newcomer can join now: dues and coffee on one ticket.")


class DuesExpired(AccessRefusal):
    """Membership ended, the days of grace too."""

    reason = "expired"
    sentence = N_("Membership no. %(number)s ended on %(until)s.")
    remedy = N_("Take the dues now: they go on the same bill, and the member is served at once.")


class GuestNotServed(AccessRefusal):
    """A guest who drinks breaks the private circle."""

    reason = "guest"
    sentence = N_("Guests are not served here: the circle is for members only.")
    remedy = N_("The friend can join now, or have a glass of water.")


class TooManyGuests(AccessRefusal):
    """The member brought as many guests as the year allows."""

    reason = "guest"
    sentence = N_("This member already brought %(n)s guests this year.")
    remedy = N_("The friend can join now, or have a glass of water.")


class DrinkGroupForbidden(Refusal):
    """The private circle serves some groups of drinks only (CGI 1655)."""

    sentence = N_("%(label)s is a drink of group %(group)s: this café serves groups %(allowed)s only.")
    remedy = N_("Take it off. The association’s rules say which groups are served.")


class DrinkWithoutGroup(Refusal):
    """A drink with alcohol must say its group before a members’ café serves it."""

    sentence = N_("%(label)s has alcohol, and nobody said its group yet.")
    remedy = N_("Members, Rules: touch its group, then take the payment.")


class NotAGroup(Refusal):
    """The groups of the public health code."""

    sentence = N_("There is no group %(group)s of drinks.")
    remedy = N_("1: without alcohol; 3: beer, wine, cider; 4: rum and eaux-de-vie; 5: the others.")


class NoSuchMember(Refusal):
    """No member has this number or card."""

    sentence = N_("No member has this number or card.")
    remedy = N_("Look for the name, or enter the person: Members, Join now.")


class NotJoinedYet(AccessRefusal):
    """The person applied and has not paid dues."""

    reason = "non_member"
    sentence = N_("Member no. %(number)s has not paid dues yet.")
    remedy = N_("Take the dues now: they go on the same bill, and the member is served at once.")


class LeftTheAssociation(AccessRefusal):
    """Resigned or excluded."""

    reason = "non_member"
    sentence = N_("No. %(number)s left the association.")
    remedy = N_("To come back, take the dues again.")


class NoDuesSet(Refusal):
    """The association said no dues yet."""

    sentence = N_("The dues of this association are not set.")
    remedy = N_("Members, Rules: type the dues, then take them.")


class DuesWithoutMember(Refusal):
    """Dues are somebody’s."""

    sentence = N_("Dues are on this bill without a member.")
    remedy = N_("Take the line off, then Members: choose who pays dues.")


class DuesAlreadyThere(Refusal):
    """One line of dues per member and bill."""

    sentence = N_("Dues of this member are already on a bill.")
    remedy = N_("Take the payment of that bill, or take the line off.")


class DuesGivenBackTwice(Refusal):
    """Dues paid later stand on these."""

    sentence = N_("Dues were paid again since: these cannot be given back.")
    remedy = N_("Give back the latest dues first.")


class BadRules(Refusal):
    """The rules contradict one another."""

    sentence = N_("These rules do not fit together.")
    remedy = N_("Dues, days and hours are not negative; a members’ café serves groups 1 and 3 only.")


class NoSuchShift(Refusal):
    """The shift is not known, or was called off."""

    sentence = N_("This shift no longer exists.")
    remedy = N_("Choose another one in the list.")


class ShiftFull(Refusal):
    """All places are taken."""

    sentence = N_("All %(n)s places of this shift are taken.")
    remedy = N_("Choose another shift, or free a place first.")


class NotOnShift(Refusal):
    """The member did not take this shift, or it is settled."""

    sentence = N_("This member has no place to settle on this shift.")
    remedy = N_("Write the member down for the shift first.")


class AlreadyOnShift(Refusal):
    """Once per shift."""

    sentence = N_("This member is already written down for this shift.")
    remedy = N_("Nothing more to do.")


class BadShift(Refusal):
    """A shift needs a day, an hour, a length and places."""

    sentence = N_("This shift cannot be: check day, hour, length and places.")
    remedy = N_("An hour like 14:00, at most 12 hours, 1 to 20 places.")
