"""Why the press counter says no, and what to do: one class per situation."""

from typing import ClassVar

from pos.errors import Refusal
from pos.i18n import N_


class NoDepot(Refusal):
    """Nothing is agreed with a press depot on this day."""

    sentence = N_("This café sells no press today.")
    remedy = N_("Enter the depot’s terms first: Press, Depot.")


class NotPressTerms(Refusal):
    """A term is out of its range."""

    sentence = N_("The depot’s terms do not hold: %(field)s.")
    remedy = N_("Correct it from the depot’s letter.")


class NotAPressCode(Refusal):
    """The code is not a press code, or was read wrong."""

    unknown_code = True
    sentence = N_("“%(code)s” is not a press code.")
    remedy = N_("Scan the barcode of the cover again: it begins with 977, 378 or 379.")


class NotATitle(Refusal):
    """The product is no press title."""

    sentence = N_("“%(product)s” is not a press title here.")
    remedy = N_("Enter the title first: Press, Titles.")


class SlipMissing(Refusal):
    """A delivery has its slip."""

    sentence = N_("The number of the delivery slip is missing.")
    remedy = N_("Type it from the top of the depot’s slip.")


class SlipTwice(Refusal):
    """The slip was entered before."""

    sentence = N_("Slip %(slip)s was already entered on %(day)s.")
    remedy = N_("Check the number; to change it, correct that delivery.")


class NotCopies(Refusal):
    """A number of copies or a date is wrong."""

    sentence = N_("%(title)s: the number of copies or the date does not fit.")
    remedy = N_("Type whole copies, and a recall date after the delivery.")


class NothingDelivered(Refusal):
    """No title has a number of copies."""

    sentence = N_("No copies are entered.")
    remedy = N_("Scan the covers, or type how many of each title came.")


class NoSuchIssue(Refusal):
    """The issue was not delivered here."""

    sentence = N_("This issue was not delivered here.")
    remedy = N_("Look for its delivery: Press, Deliveries.")


class AlreadyLeft(Refusal):
    """Fewer copies cannot have come than have left."""

    sentence = N_("%(n)s copies of %(title)s have already left.")
    remedy = N_("Count the delivery again.")


class MoreThanExpected(Refusal):
    """More copies are there than the books say."""

    sentence = N_("%(title)s: %(counted)s counted, only %(there)s should be there.")
    remedy = N_("Correct its delivery first, or count again.")


class NothingToReturn(Refusal):
    """No issue was counted."""

    sentence = N_("There is nothing to give back.")
    remedy = N_("Scan the covers of the recalled issues.")


class NothingToClaim(Refusal):
    """The delivery is as announced, or was claimed before."""

    sentence = N_("There is nothing to claim on this delivery.")
    remedy = N_("Only a difference with the slip is claimed, once.")


class ClaimTooLate(Refusal):
    """The depot takes claims within its delay."""

    sentence = N_("The delay to claim ended on %(day)s.")
    remedy = N_("Call the depot; the difference stays noted here.")


class NoSuchStatement(Refusal):
    """The statement was never closed, or is paid."""

    sentence = N_("Statement %(n)s is not waiting to be paid.")
    remedy = N_("Choose a statement that is not paid yet.")


class NoLicence(Refusal):
    """Only a licensed point may sell games or tobacco (R87)."""

    sentence = N_("This café has no licence for %(operator)s.")
    remedy = N_("Take it off the bill. A licence is entered by the manager: Press, Licences.")


class MinorRefused(Refusal):
    """Games and tobacco are for adults."""

    sentence = N_("Games and tobacco are refused to minors.")
    remedy = N_("Ask for proof of age; nothing was recorded.")


class AgeNotAsked(Refusal):
    """Proof of age must be asked before games or tobacco are paid (R113)."""

    sentence = N_("Games and tobacco: is the customer of age?")
    remedy = N_("Ask for proof of age, then say it.")
    act: ClassVar[str] = N_("Proof of age")

    @property
    def url(self) -> str:
        """Where it is said in one tap."""
        return f"/press/age/{self.params['tab']}"


class AboveWinLimit(Refusal):
    """The café pays wins up to its limit."""

    sentence = N_("A win of %(amount)s is more than this café pays: %(limit)s.")
    remedy = N_("Send the player to a payment centre of the operator.")


class KeepChange(Refusal):
    """The drawer keeps its change."""

    sentence = N_("%(reserve)s of change stay in the drawer: %(most)s can be paid out.")
    remedy = N_("Pay later in the day, or send the player elsewhere.")


class NotStakes(Refusal):
    """An amount is not above zero."""

    sentence = N_("%(amount)s cannot be entered.")
    remedy = N_("Type the amount as the terminal prints it.")


class DayDebited(Refusal):
    """The operator debited that day."""

    sentence = N_("The day of %(day)s was already debited.")
    remedy = N_("Tell the operator; enter the difference in today’s totals.")


class NothingToDebit(Refusal):
    """No day waits for its debit."""

    sentence = N_("Nothing waits to be debited by %(operator)s.")
    remedy = N_("Note the day’s totals first.")
