"""Why the postal relay says no, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NotARelay(Refusal):
    """Nothing is agreed with La Poste on this day."""

    sentence = N_("This café is no postal relay today.")
    remedy = N_("Enter the agreement first: Post, Agreement.")


class NotTerms(Refusal):
    """A term is out of its range."""

    sentence = N_("The agreement does not hold: %(field)s.")
    remedy = N_("Correct it from La Poste’s contract.")


class NotAPrice(Refusal):
    """A row of the price list is wrong."""

    sentence = N_("“%(value)s” does not fit the price list.")
    remedy = N_("Correct it from La Poste’s official list.")


class NumberMissing(Refusal):
    """Registered and tracked mail bears a number."""

    sentence = N_("The number of this mail was not read.")
    remedy = N_("Scan its label, or type the number under the bars.")


class ReadTwice(Refusal):
    """The check digit is wrong: read again once, then it is taken as it is."""

    sentence = N_("%(number)s: the check digit is wrong.")
    remedy = N_("Read it again; if it is the same, it is taken as it stands.")


class AlreadyTaken(Refusal):
    """This very number is here."""

    sentence = N_("This number is already here, …%(tail)s.")
    remedy = N_("Look at today’s list before taking it again.")


class NotASort(Refusal):
    """The sort of mail is none we know."""

    sentence = N_("“%(sort)s” is no sort of mail.")
    remedy = N_("Choose one of the keys shown.")


class MailGone(Refusal):
    """The mail is no longer here."""

    sentence = N_("This mail is no longer here: %(state)s.")
    remedy = N_("Look at today’s list.")


class MailPaid(Refusal):
    """What was to pay for it was paid."""

    sentence = N_("The postage of this mail is already paid: ticket %(no)s.")
    remedy = N_("Take the line off this bill.")


class NotForMail(Refusal):
    """The product is none of La Poste's."""

    sentence = N_("%(product)s is not sold for La Poste.")
    remedy = N_("Choose a product of La Poste’s list.")


class NothingToCollect(Refusal):
    """No mail waits."""

    sentence = N_("No mail waits for La Poste.")
    remedy = N_("Nothing to do.")


class RefMissing(Refusal):
    """La Poste's terminal prints a reference for each operation."""

    sentence = N_("The reference of La Poste’s terminal is missing.")
    remedy = N_("Do the operation on the terminal first, then type the reference it printed.")


class RefTwice(Refusal):
    """The same reference was typed before."""

    sentence = N_("The reference %(ref)s was already typed at %(hour)s.")
    remedy = N_("This operation is recorded: do not pay it twice.")


class AboveLimit(Refusal):
    """More than anybody may be given in a week."""

    sentence = N_("%(amount)s is more than %(limit)s, the most for seven days.")
    remedy = N_("La Poste’s terminal does not grant it: type the amount it granted.")


class WeekUsed(Refusal):
    """What this person was given in seven days leaves less: a warning, the terminal decides."""

    sentence = N_("Already %(given)s in seven days: %(left)s left.")
    remedy = N_("Type what La Poste’s terminal granted, or confirm that it granted this amount.")


class ReserveKept(Refusal):
    """The drawer keeps its change."""

    sentence = N_("The drawer keeps %(reserve)s of change: at most %(most)s can be paid out now.")
    remedy = N_("Give less, ask to come back later, or put notes in the drawer.")


class NotPayable(Refusal):
    """The amount or the kind of operation is none."""

    sentence = N_("%(amount)s cannot be paid out.")
    remedy = N_("Type the amount granted by La Poste’s terminal.")


class AgencyOnly(Refusal):
    """Money is paid in at an agency, never at a relay."""

    sentence = N_("A relay takes no money in for La Banque Postale.")
    remedy = N_("Send the customer to an agency or a post office.")


class ProofNeeded(Refusal):
    """An instance is handed over against a kind of proof."""

    sentence = N_("What the person showed is missing.")
    remedy = N_("Choose what you saw. No number is written down.")


class NotYetReturned(Refusal):
    """A notice is kept until its last day."""

    sentence = N_("It is kept until %(day)s.")
    remedy = N_("Keep it, or say that the person refused it.")


class DifferenceUnexplained(Refusal):
    """The terminal's slip says something else."""

    sentence = N_("The terminal’s slip differs by %(difference)s.")
    remedy = N_("Look for the operation that is missing; then choose a reason.")


class NothingOwed(Refusal):
    """Neither owes the other that much."""

    sentence = N_("%(amount)s cannot be settled: the account stands at %(owed)s.")
    remedy = N_("Settle what the account says, or less.")
