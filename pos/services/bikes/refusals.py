"""Why the bike desk says no, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NotTerms(Refusal):
    """A rule or a price is out of its range."""

    sentence = N_("“%(value)s” does not fit the rules of hiring.")
    remedy = N_("Correct it: minutes and amounts are not negative, a length has at least 15 minutes.")


class NotABike(Refusal):
    """A bike's card is wrong."""

    sentence = N_("This card does not hold: %(value)s.")
    remedy = N_("A bike has a number of its own, a sort and a deposit of at most 2 000 €.")


class NoSuchBike(Refusal):
    """No bike of the fleet bears this id."""

    sentence = N_("This bike is not in the fleet.")
    remedy = N_("Choose one of the bikes shown.")


class NotAvailable(Refusal):
    """The bike is out, broken or gone."""

    sentence = N_("Bike %(number)s is not free: %(state)s.")
    remedy = N_("Choose another bike, or correct its state first.")


class StillOut(Refusal):
    """A bike that somebody has is moved by its return."""

    sentence = N_("Bike %(number)s is hired: its return says where it is.")
    remedy = N_("Open its hire, then enter the return.")


class NoPrice(Refusal):
    """Nothing says what this length costs."""

    sentence = N_("No price is set for this length.")
    remedy = N_("Enter it in Bikes, Fleet and prices.")


class NotAKind(Refusal):
    """A code is none of the list."""

    sentence = N_("“%(code)s” is none of the choices.")
    remedy = N_("Touch one of the keys shown.")


class DepositMissing(Refusal):
    """The bike asks for a guarantee."""

    sentence = N_("Bike %(number)s leaves against a deposit of %(amount)s.")
    remedy = N_("Take a cheque, a card imprint or cash; or put its deposit at 0 on its card.")


class NotOut(Refusal):
    """The hire has ended, or never was."""

    sentence = N_("This hire is no longer running.")
    remedy = N_("Look at the list of bikes that are out.")


class AlreadyPaidHire(Refusal):
    """A hire that was paid is given back by its ticket first."""

    sentence = N_("This hire was paid: %(amount)s.")
    remedy = N_("Refund its ticket first, then cancel the hire.")


class NoDepositHeld(Refusal):
    """Nothing is left of the deposit."""

    sentence = N_("No deposit is held for this hire.")
    remedy = N_("It was handed back or kept already.")


class NotBackYet(Refusal):
    """The deposit guarantees a bike that is still away."""

    sentence = N_("The bike is not back: its deposit stays.")
    remedy = N_("Enter the return first, or say that the bike is lost.")


class ChargesOpen(Refusal):
    """Late time or damage is not paid yet."""

    sentence = N_("%(amount)s are still to pay on this hire.")
    remedy = N_("Take the payment first, or keep it from the deposit.")


class NotFromDeposit(Refusal):
    """A deposit pays what its own hire owes, at once and no more than it holds."""

    sentence = N_("This cannot be paid from the deposit.")
    remedy = N_("A cash deposit pays the whole bill of its own hire, up to %(held)s.")


class ChequeIsWhole(Refusal):
    """A cheque cannot be kept in part."""

    sentence = N_("A cheque of %(amount)s is kept whole or handed back.")
    remedy = N_("To keep less, take the payment another way, then hand the cheque back.")


class NothingOwed(Refusal):
    """Every line of the hire is paid."""

    sentence = N_("Nothing is left to pay on this hire.")
    remedy = N_("Look at its tickets.")
