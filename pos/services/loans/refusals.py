"""Why a loan says no, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NoSuchItem(Refusal):
    """Nobody knows this number or barcode."""

    unknown_code = True
    sentence = N_("Nothing to lend is under “%(code)s”.")
    remedy = N_("Check the number on the label, or add the thing first.")


class NotAnItem(Refusal):
    """A thing needs a name, a sort, a time."""

    sentence = N_("The thing does not hold: %(field)s.")
    remedy = N_("Correct it and save again.")


class CodeTaken(Refusal):
    """Two things cannot bear one barcode."""

    sentence = N_("This barcode is already on %(label)s, %(number)s.")
    remedy = N_("For a second copy leave the barcode empty: its own number is enough.")


class AlreadyLent(Refusal):
    """Somebody has it."""

    sentence = N_("%(label)s is already lent, until %(day)s.")
    remedy = N_("If it is here, take it back first.")


class NotLent(Refusal):
    """Nobody has it."""

    sentence = N_("%(label)s is not lent.")
    remedy = N_("Nothing to take back: put it on its shelf.")


class NotLendable(Refusal):
    """It left, or is lost."""

    sentence = N_("%(label)s is no longer lent.")
    remedy = N_("If it was found again, take it back first, or list it again.")


class NoLongerThan(Refusal):
    """A thing of the library goes back with its box."""

    sentence = N_("It goes back to the library on %(day)s: it cannot be kept longer.")
    remedy = N_("Lend it until then, or ask the library.")


class NoSuchBox(Refusal):
    """The box is not here."""

    sentence = N_("This box of the library is not here.")
    remedy = N_("Look at the list of boxes.")


class BoxNotWhole(Refusal):
    """Things of the box are still lent."""

    sentence = N_("%(n)s of this box are not here: lent or lost.")
    remedy = N_("Ask for them, or give the box back without them: they stay owed to the library.")
