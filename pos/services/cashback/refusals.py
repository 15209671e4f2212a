"""Why cash cannot be given with this card payment, and what to do: one class per situation (R93, R98)."""

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
