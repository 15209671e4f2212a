"""Why cash cannot be given, with a card payment or for a bank, and what to do: one class per situation (R93, R98)."""

from pos.errors import Refusal
from pos.i18n import N_


class NotOffered(Refusal):
    """The café does not give cash, or the law did not allow it yet."""

    sentence = N_("This café does not give cash with a purchase.")
    remedy = N_("To offer it, set its limits in Cash-back.")


class PurchaseTooSmall(Refusal):
    """The part paid by card is under the minimum."""

    sentence = N_("Cash goes with a card purchase of %(least)s or more: this one is %(amount)s.")
    remedy = N_("Add an article, or pay more of it by card.")


class TooMuchCashBack(Refusal):
    """More than the law or the café allows in one operation."""

    sentence = N_("%(amount)s is more than %(most)s, the most that may be given at once.")
    remedy = N_("Give %(most)s or less.")


class WrongStep(Refusal):
    """Not a multiple of what the café gives."""

    sentence = N_("Cash is given by %(step)s: %(amount)s does not fit.")
    remedy = N_("Choose one of the amounts shown.")


class NotWithTheseMeans(Refusal):
    """A cheque or a voucher is part of the payment (R93.4)."""

    sentence = N_("No cash with a cheque, a meal voucher or a voucher: the law forbids it.")
    remedy = N_("Undo that payment, or take the cash off the bill.")


class ByCardOnly(Refusal):
    """The bill would be paid without the card that was to bear the cash (R93.4)."""

    sentence = N_("%(amount)s in cash is on this bill: it is given with a card payment only.")
    remedy = N_("Take the card, or take the cash off the bill.")


class DrawerCannot(Refusal):
    """The drawer keeps its change (R98)."""

    sentence = N_("The drawer keeps %(reserve)s of change: at most %(most)s can be given now.")
    remedy = N_("Give less, or put notes in the drawer first.")


class ProfessionalUse(Refusal):
    """Only for private needs (R93.3)."""

    sentence = N_("Cash is given for private needs only, never for a business.")
    remedy = N_("Take the payment without cash.")


class AfterPayment(Refusal):
    """The customer asked too late (R93.3)."""

    sentence = N_("Cash is asked for before the payment: this one is done.")
    remedy = N_("It can be given with the next purchase.")


class OutsideTheLaw(Refusal):
    """The café's own limits may only be tighter."""

    sentence = N_("The law asks a purchase of at least %(least)s and allows at most %(most)s in cash.")
    remedy = N_("Set limits within these.")


class BadLimits(Refusal):
    """The limits contradict one another."""

    sentence = N_("These limits do not fit together.")
    remedy = N_("The step divides the most that is given; the change kept is not negative.")


# Without purchase, for a bank


class NoMandate(Refusal):
    """No bank lets this café pay cash out today."""

    sentence = N_("No bank lets this café give cash without a purchase today.")
    remedy = N_("Give it with a card purchase, or enter the bank’s mandate in Cash, Banks.")


class NotAMandate(Refusal):
    """A term of a mandate is out of its range."""

    sentence = N_("The mandate does not hold: %(field)s.")
    remedy = N_("Correct it from the bank’s contract.")


class BankRefMissing(Refusal):
    """The bank's terminal prints a reference for each operation."""

    sentence = N_("The reference of the bank’s terminal is missing.")
    remedy = N_("Do the withdrawal on the bank’s terminal first, then type the reference it printed.")


class BankRefTwice(Refusal):
    """The same reference was typed before."""

    sentence = N_("The reference %(ref)s was already typed at %(hour)s.")
    remedy = N_("This withdrawal is recorded: do not pay it twice.")


class AboveMandate(Refusal):
    """More than the bank lets anybody have at once."""

    sentence = N_("%(amount)s is more than %(most)s, the most the bank allows at once.")
    remedy = N_("Give what its terminal granted: %(most)s or less.")


class DayCapReached(Refusal):
    """The café set how much it pays out in a day."""

    sentence = N_("%(given)s was paid out today for this bank: %(left)s left of the day’s %(most)s.")
    remedy = N_("Give less, or ask to come back tomorrow.")


class NothingToSettle(Refusal):
    """The bank owes less than that."""

    sentence = N_("%(amount)s cannot be settled: the bank owes %(owed)s.")
    remedy = N_("Type what its transfer says, up to what it owes.")
