"""Why an act on a gathering is refused, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NoSuchGathering(Refusal):
    """The gathering is not known."""

    sentence = N_("This gathering is not known here.")
    remedy = N_("Choose one of the calendar.")


class BadPlan(Refusal):
    """A gathering needs a title, a kind, a date and an hour."""

    sentence = N_("A gathering needs a title, a kind, a date and an hour like 20:30.")
    remedy = N_("Complete the plan.")


class WrongMoment(Refusal):
    """The act does not fit where the gathering stands."""

    sentence = N_("This gathering is %(state)s: this cannot be done now.")
    remedy = N_("Look at it; something may have been done on another screen.")


class TooSoon(Refusal):
    """Nobody can have come to what is still to come."""

    sentence = N_("This gathering is on %(day)s: nobody came yet.")
    remedy = N_("Change its date if it was moved forward.")


class CancelReasonMissing(Refusal):
    """Calling off needs a reason."""

    sentence = N_("Why it is called off is missing.")
    remedy = N_("Touch one of the reasons.")


class Full(Refusal):
    """No place is left."""

    sentence = N_("Only %(left)s places are left.")
    remedy = N_("Register fewer people, or change how many places there are.")


class NoSuchRegistration(Refusal):
    """The registration is not known, or was dropped."""

    sentence = N_("This registration is not on the list any more.")
    remedy = N_("Enter the name again.")


class NobodyCounted(Refusal):
    """A number of people is missing or out of range."""

    sentence = N_("This is not a number of people.")
    remedy = N_("Type how many came, by age; an estimate is better than nothing.")


class NothingToUndo(Refusal):
    """No tap is left to take back."""

    sentence = N_("No entry is left to take back.")
    remedy = N_("The count is at its beginning.")


class BadHours(Refusal):
    """Hours given are out of range."""

    sentence = N_("Volunteers' hours need how many gave them, and how long.")
    remedy = N_("Type the number of people and the hours of each.")


class BadReview(Refusal):
    """A review is one of three faces."""

    sentence = N_("How it went is missing.")
    remedy = N_("Touch one of the three.")


class NoMusic(Refusal):
    """No music is planned."""

    sentence = N_("No music is planned: nothing is to be declared.")
    remedy = N_("Say in the plan that music is played.")
