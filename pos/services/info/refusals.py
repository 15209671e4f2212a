"""Why the information point says no, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NotATopic(Refusal):
    """A theme is none of the list."""

    sentence = N_("“%(code)s” is none of the themes of the information point.")
    remedy = N_("Touch one of the keys shown.")


class NothingToUndo(Refusal):
    """The tap was undone before, or is of another day."""

    sentence = N_("There is no tap of today to take back.")
    remedy = N_("Look at the list of today.")


class NotALeaflet(Refusal):
    """A leaflet's card is wrong."""

    sentence = N_("This leaflet does not hold: %(value)s.")
    remedy = N_("A leaflet has a title, a theme and at most 5 000 copies.")


class NoSuchLeaflet(Refusal):
    """No leaflet bears this id."""

    sentence = N_("This leaflet is not on the stand.")
    remedy = N_("Choose one of those shown.")


class NotATicket(Refusal):
    """A ticket sold for others is not described well."""

    sentence = N_("This ticket does not hold: %(value)s.")
    remedy = N_("Say its name, its price, who it is sold for and a commission of at most 100 %%.")


class NothingToHand(Refusal):
    """Nothing was sold for this owner since the last statement."""

    sentence = N_("Nothing was sold for %(owner)s since the last statement.")
    remedy = N_("Wait for the next sale.")
