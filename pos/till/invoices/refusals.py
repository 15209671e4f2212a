"""Why an invoice is not made, and what to do."""

from pos.errors import Refusal
from pos.i18n import N_


class NotASiret(Refusal):
    """Fourteen digits with their check."""

    sentence = N_("“%(text)s” is not a SIRET number.")
    remedy = N_("It has 14 digits; the last one checks the others. The customer has it on its letterhead.")


class BuyerMissing(Refusal):
    """An invoice names the customer (R68)."""

    sentence = N_("The customer's name and address are needed.")
    remedy = N_("Type the name, the street, the postcode and the town.")


class ServiceMissing(Refusal):
    """A public body says which of its services receives (R133)."""

    sentence = N_("%(entity)s needs a SIRET and a service code for Chorus Pro.")
    remedy = N_("Ask the town hall for them, or tick that it has no service code.")


class NoSuchBuyer(Refusal):
    """Nobody was noted under this name."""

    sentence = N_("This customer is not known.")
    remedy = N_("Choose one of the list, or type a new one.")


class AlreadyInvoiced(Refusal):
    """A ticket makes one invoice."""

    sentence = N_("Ticket %(no)s already made %(number)s.")
    remedy = N_("Give that one again: an invoice is never made twice.")


class NothingToInvoice(Refusal):
    """Nothing of the café's own was sold, or all of it was given back."""

    sentence = N_("There is nothing to invoice on ticket %(no)s.")
    remedy = N_("Money taken for others is invoiced by them.")


class NotForOthers(Refusal):
    """Others' money is no claim of the café: it is paid now (R91)."""

    sentence = N_("This bill holds money that is not the café's: %(label)s.")
    remedy = N_("Take it off and have it paid now; the rest may be paid later.")


class NoSuchInvoice(Refusal):
    """No document has this number."""

    sentence = N_("There is no invoice %(number)s.")
    remedy = N_("Look in the list of invoices.")


class NotDue(Refusal):
    """More than is left to pay."""

    sentence = N_("%(number)s has %(left)s left to pay, not %(amount)s.")
    remedy = N_("Type what was received, at most what is left.")
