"""Why the till says no, and what to do: one class per situation."""

from typing import ClassVar

from pos.errors import Refusal
from pos.i18n import N_


class DayNotOpen(Refusal):
    """No sale before the day is opened."""

    sentence = N_("The day is not open.")
    remedy = N_("Open it: count the float, then Open.")


class TillLocked(Refusal):
    """Another box has the café, or HQ has withdrawn this one: two tills would number the same tickets (ZJP/1 §2.9)."""

    sentence = N_("This till has been replaced: it sells no more.")
    remedy = N_("Use the new till, or call your coordinator for a repair code; what is here is kept.")


class DayIsOver(Refusal):
    """The open day belongs to the past (R33, R34)."""

    sentence = N_("The day of %(day)s is still open.")
    remedy = N_("Close it, or open today: it is then closed by itself, drawer not counted.")


class PeriodIsClosed(Refusal):
    """Nothing enters a closed month (R34)."""

    sentence = N_("The month of %(day)s is closed: it was sealed up to %(last)s.")
    remedy = N_("Check date and time in Menu; what happened then is noted on today's day.")


class NothingToCorrect(Refusal):
    """Nothing of the ticket was paid that way, or it hangs on an account or a cash withdrawal."""

    sentence = N_("Ticket %(no)s has nothing to correct there.")
    remedy = N_("Refund it and ring it up again.")


class BadMenu(Refusal):
    """A set menu is shared over plain products with a price (R80)."""

    sentence = N_("“%(label)s” cannot be a set menu of these products.")
    remedy = N_("Name at least two products of the café that have a price of their own.")


class NoSuchLicence(Refusal):
    """Neither a licence nor a group of the law (R115)."""

    sentence = N_("“%(licence)s” is no licence and no group of drinks.")
    remedy = N_("Choose one of the list.")


class AgeUnknown(Refusal):
    """Alcohol is not sold to minors (R113)."""

    sentence = N_("Alcohol on the bill: is the customer %(age)s or over?")
    remedy = N_("Ask for proof of age, then say it.")
    act: ClassVar[str] = N_("Proof of age")

    @property
    def url(self) -> str:
        """Where it is said in one tap."""
        return f"/limits/age/{self.params['tab']}"


class NoSuchMonth(Refusal):
    """Months go from 1 to 12."""

    sentence = N_("%(month)s is no month.")
    remedy = N_("Choose a month from January to December.")


class DayAlreadyOpen(Refusal):
    """A day opens once."""

    sentence = N_("Today is already open.")
    remedy = N_("Go on selling.")


class EmptyBill(Refusal):
    """There is nothing to pay."""

    sentence = N_("The bill is empty.")
    remedy = N_("Touch a product or scan one.")


class NoSuchBill(Refusal):
    """The bill is not open any more."""

    sentence = N_("This bill is no longer open.")
    remedy = N_("Start a new one, or look in Tickets.")


class AlreadyPaid(Refusal):
    """Another screen was quicker."""

    sentence = N_("This bill is already paid: ticket %(no)s.")
    remedy = N_("Nothing to do. The ticket is in Tickets.")


class NoSuchLine(Refusal):
    """The line left the bill meanwhile."""

    sentence = N_("This line is no longer on the bill.")
    remedy = N_("Look at the bill again.")


class NoSuchProduct(Refusal):
    """The product is not on the menu."""

    sentence = N_("“%(product)s” is not on the menu.")
    remedy = N_("Add it in Catalogue, or sell it under “Divers”.")


class ProductGone(Refusal):
    """The product is sold out or retired."""

    sentence = N_("%(label)s is sold out.")
    remedy = N_("Put it back on sale with a long press on its tile.")


class PriceMissing(Refusal):
    """An open-price product needs a price."""

    sentence = N_("%(label)s has no fixed price.")
    remedy = N_("Type its price.")


class DiscountTooLarge(Refusal):
    """A discount cannot pass the price of its line."""

    sentence = N_("The discount is more than the line.")
    remedy = N_("Type at most %(most)s, or offer the line.")


class NoDiscountForOthers(Refusal):
    """Prices of third parties' goods are theirs (R87)."""

    sentence = N_("%(label)s is sold for someone else: its price is theirs.")
    remedy = N_("Sell it at its price.")


class NotEnoughGiven(Refusal):
    """A part payment must be positive and at most what is due."""

    sentence = N_("%(amount)s cannot be taken: %(due)s is due.")
    remedy = N_("Type the amount given, or take the exact amount.")


class TooMuchCash(Refusal):
    """Cash above the legal limit (R107)."""

    sentence = N_("Cash is limited to %(limit)s.")
    remedy = N_("Take the rest by card or cheque.")


class NoMealOnBill(Refusal):
    """Meal vouchers pay neither alcohol, sweets nor goods (R100)."""

    sentence = N_("Nothing is left on this bill that a meal voucher may pay.")
    remedy = N_("Alcohol, sweets and goods are paid another way.")


class TooMuchByVoucher(Refusal):
    """More than one person's meal vouchers may pay (R100)."""

    sentence = N_("One person’s meal vouchers pay at most %(most)s here.")
    remedy = N_("Take the rest another way, or the next person’s vouchers after these.")


class VouchersBeyondMeals(Refusal):
    """Lines changed after meal vouchers had paid a part: they would pay what they may not (R100)."""

    sentence = N_("Meal vouchers paid %(paid)s, and only %(most)s of this bill are left that they may pay.")
    remedy = N_("Give the vouchers back with Undo, then take the payment again.")


class NoSuchMeans(Refusal):
    """The means of payment is unknown."""

    sentence = N_("“%(means)s” is not a means of payment here.")
    remedy = N_("Choose cash, card, cheque or voucher.")


class CardPending(Refusal):
    """A card payment of this bill waits for its outcome."""

    sentence = N_("%(amount)s is on the card terminal.")
    remedy = N_("Say first whether it was accepted or refused.")


class RefundPending(Refusal):
    """Money of this ticket is going back on a card."""

    sentence = N_("%(amount)s of this ticket is going back on a card.")
    remedy = N_("Say first whether it went back.")
    url = "/cards"
    act = N_("Card payments")


class NoSuchCardPayment(Refusal):
    """The card payment is unknown or settled."""

    sentence = N_("This card payment is already settled.")
    remedy = N_("Nothing to do.")


class PaidTooMuch(Refusal):
    """The bill became less than its part payments: money goes back before anything else."""

    sentence = N_("%(paid)s was already taken on this bill, %(over)s more than it comes to.")
    remedy = N_("Give the last part back with Undo, then take what is due.")


class PartPaid(Refusal):
    """A bill with part payments cannot just be thrown away."""

    sentence = N_("%(amount)s was already taken on this bill.")
    remedy = N_("Give it back first with Undo, or finish the payment.")


class TooManyParts(Refusal):
    """A ticket with all its payments must fit in one journal entry."""

    sentence = N_("The bill has too many part payments.")
    remedy = N_("Take all that is left at once.")


class TooManyLines(Refusal):
    """A ticket must fit in one journal entry."""

    sentence = N_("The bill has too many lines.")
    remedy = N_("Pay it in two bills.")


class TicketNumberMissing(Refusal):
    """Nothing was typed to look for."""

    sentence = N_("The number of the ticket is missing.")
    remedy = N_("It is at the top of the paper.")


class NoSuchTicket(Refusal):
    """The number is nobody's."""

    sentence = N_("There is no ticket %(no)s.")
    remedy = N_("Look for it in Tickets.")


class NothingToRefund(Refusal):
    """All of it was refunded before, or it is a refund itself."""

    sentence = N_("Ticket %(no)s has nothing left to refund.")
    remedy = N_("Look at its refunds in Tickets.")


class ReasonMissing(Refusal):
    """An act that corrects or takes money needs a reason."""

    sentence = N_("A reason is missing.")
    remedy = N_("Touch one of the reasons.")


class ManagerNeeded(Refusal):
    """Only the manager may (R28, R50)."""

    sentence = N_("This needs the manager.")
    remedy = N_("Ask the manager to sign in with their PIN.")


class DrawerTooLow(Refusal):
    """The drawer does not hold that much."""

    sentence = N_("The drawer holds %(held)s: %(amount)s cannot leave it.")
    remedy = N_("Take less, or count the drawer.")


class KeptElsewhere(Refusal):
    """Prepaid accounts, slates, vouchers, deposits of cups: each service keeps its own, one by one."""

    sentence = N_("This money is kept one by one, each under a name or a number.")
    remedy = N_("Do it on the screen of the service that keeps it.")


class NotOwed(Refusal):
    """A settlement cannot pass what is owed."""

    sentence = N_("%(owner)s is owed %(owed)s, not %(amount)s.")
    remedy = N_("Settle at most what is owed.")


class BillsOpen(Refusal):
    """Bills are still open at closing time."""

    sentence = N_("Bills are still open: %(n)s.")
    remedy = N_("Have them paid or cancel them, then close.")


class CardsUnsettled(Refusal):
    """Card payments without outcome at closing time."""

    sentence = N_("A card payment of %(amount)s has no outcome yet.")
    remedy = N_("Say whether it was accepted or refused, then close.")
