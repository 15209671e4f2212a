"""Why an act on a tour is refused, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NoOpenStop(Refusal):
    """An itinerant café sells at a stop, nowhere else."""

    sentence = N_("No stop is open: nothing can be sold.")
    remedy = N_("Open the stop on the Tour screen; a forgotten sale is typed from its stop.")
    url = "/tour/"
    act = N_("To the tour")


class NoSuchStop(Refusal):
    """The stop is not known."""

    sentence = N_("This stop is not known here.")
    remedy = N_("Choose one of the list.")


class NoSuchTour(Refusal):
    """The tour is not known, or is over."""

    sentence = N_("This tour is not known here, or is over.")
    remedy = N_("Plan a new one.")


class BadStop(Refusal):
    """A stop needs a date, a commune by its INSEE code, its name and a place."""

    sentence = N_("A stop needs its date, its village, the five signs of its INSEE code and a place.")
    remedy = N_("Complete the plan: the town hall knows the code.")


class WrongMoment(Refusal):
    """The act does not fit where the stop stands."""

    sentence = N_("The stop is %(state)s: this cannot be done now.")
    remedy = N_("Look at the stop; something may have been done on another screen.")


class ReasonMissing(Refusal):
    """Moving and cancelling need a reason."""

    sentence = N_("The reason is missing.")
    remedy = N_("Touch one of the reasons.")


class ZFirst(Refusal):
    """One Z per stop: this till day already belongs to another one."""

    sentence = N_("This till day belongs to the stop of %(town)s.")
    remedy = N_("Close the till (Z) first, then open the new stop.")


class NotThatManyCups(Refusal):
    """More cups would come back than are out."""

    sentence = N_("Only %(there)s cups are out.")
    remedy = N_("Count again; a cup of another evening has no deposit here.")


class NoCups(Refusal):
    """Cups are not lent here."""

    sentence = N_("No deposit is set for cups.")
    remedy = N_("Set it on the Tour screen, in Settings.")


class CupLineWrong(Refusal):
    """A cup on a bill is one deposit, as set; a kept one is noted by the closing of its stop."""

    sentence = N_("A cup is lent for %(price)s, piece by piece; a deposit kept is noted when the stop closes.")
    remedy = N_("Take the line off, and touch the cup's key again.")


class CupsAreOut(Refusal):
    """The deposit stays the same while cups are out."""

    sentence = N_("%(there)s cups are out: the deposit cannot change now.")
    remedy = N_("Change it when all are back, or once the stop is closed.")


class CupsAreNoMeans(Refusal):
    """Deposits are not a way to pay."""

    sentence = N_("A deposit does not pay a bill.")
    remedy = N_("Take the cup back first: its money comes out of the drawer.")


class BadSettings(Refusal):
    """A setting is out of range."""

    sentence = N_("A deposit is between 0 and 10 €.")
    remedy = N_("Type the price of one cup.")


class NotACount(Refusal):
    """The number cannot be right."""

    sentence = N_("“%(text)s” cannot be a number of people.")
    remedy = N_("Type how many people came.")


class BadContract(Refusal):
    """A contract needs a producer, a commission and an article with its price."""

    sentence = N_("The contract needs the producer, the commission and an article with its price.")
    remedy = N_("Complete it from the paper that both signed.")


class NameMissing(Refusal):
    """A tour needs a name."""

    sentence = N_("The tour needs a name.")
    remedy = N_("Type one, like “Summer 2026”.")
