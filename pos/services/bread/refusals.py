"""Why the bread depot says no, and what to do."""

from pos.errors import Refusal
from pos.i18n import N_


class BreadForbidden(Refusal):
    """The prefect closes bread one day a week (services.md B.1); everything else is sold."""

    sentence = N_("Bread may not be sold on %(weekday)s: prefect’s order %(order_no)s.")
    remedy = N_("Take the bread off the bill; the rest can be sold.")


class ReservedBread(Refusal):
    """What is left is in somebody's bag."""

    sentence = N_("%(label)s: %(free)s free, the %(reserved)s left are reserved.")
    remedy = N_("Take it off the bill, or let the manager allow it in Bread.")


class NoSuchBaker(Refusal):
    """The baker is unknown or no longer delivers."""

    sentence = N_("This baker does not deliver here.")
    remedy = N_("Choose a baker in Bread, Baker.")


class NameMissing(Refusal):
    """An order is somebody's."""

    sentence = N_("A name is missing.")
    remedy = N_("Type the name to write on the bag.")


class BadContract(Refusal):
    """A term of the contract does not fit."""

    sentence = N_("%(field)s: “%(value)s” does not fit.")
    remedy = N_("Correct it and save again.")


class NotBakersArticle(Refusal):
    """Only what a baker brings can be ordered of one."""

    sentence = N_("“%(article)s” comes from no baker.")
    remedy = N_("Add it to the baker’s articles first.")


class BadQuantity(Refusal):
    """So many loaves cannot be."""

    sentence = N_("%(label)s: this quantity cannot be.")
    remedy = N_("Type a number from 0 to 999.")


class NothingOrdered(Refusal):
    """An order holds at least one loaf."""

    sentence = N_("There is nothing in it.")
    remedy = N_("Touch + beside a bread.")


class DayGone(Refusal):
    """No order for the past."""

    sentence = N_("%(day)s is over.")
    remedy = N_("Choose today or a day to come.")


class NoDelivery(Refusal):
    """The baker does not come that day."""

    sentence = N_("The baker brings nothing on %(day)s.")
    remedy = N_("Choose another day.")


class CutOffPassed(Refusal):
    """The baker is baking already."""

    sentence = N_("The order for %(day)s had to be told before %(cut_off)s.")
    remedy = N_("Call the baker; if it is all right, touch “Add all the same”.")


class NotEnoughFree(Refusal):
    """There is less free bread than wanted."""

    sentence = N_("%(label)s: only %(free)s free today.")
    remedy = N_("Offer another bread, or order for tomorrow.")


class NoSuchOrder(Refusal):
    """The order is unknown."""

    sentence = N_("There is no such order.")
    remedy = N_("Look for it by name in Bread.")


class OrderGone(Refusal):
    """The bag has left, or the order was cancelled."""

    sentence = N_("This bag is no longer here: %(state)s.")
    remedy = N_("Look at the bags again.")


class OrderPaid(Refusal):
    """What is paid changes by a refund first."""

    sentence = N_("This order is already paid: ticket %(no)s.")
    remedy = N_("Hand it over; to change it, refund the ticket first.")


class OrderNotPaid(Refusal):
    """Only a paid bag leaves without a bill."""

    sentence = N_("This bag is not paid yet.")
    remedy = N_("Touch it in Bread: it goes on the bill.")


class OnAnotherBill(Refusal):
    """Two screens, one bag."""

    sentence = N_("This bag is already on another bill.")
    remedy = N_("Finish that bill, or take the bag off it.")


class NothingToSetAside(Refusal):
    """No bag can be filled."""

    sentence = N_("No bag can be filled now.")
    remedy = N_("Receive the delivery first, or shorten the orders.")


class BagNotFilled(Refusal):
    """There is not enough bread for this bag."""

    sentence = N_("%(label)s is missing for this bag.")
    remedy = N_("Shorten the order, or wait for the next delivery.")


class NothingToUndo(Refusal):
    """Only today's hand-over of a paid bag is undone here."""

    sentence = N_("This hand-over cannot be undone here.")
    remedy = N_("If it went through a ticket, refund the ticket.")


class NothingToRelease(Refusal):
    """No bag is past its hour."""

    sentence = N_("No bag is past its hour.")
    remedy = N_("Touch a bag to release that one.")


class NothingReserved(Refusal):
    """The bill needs no permission."""

    sentence = N_("Nothing on this bill is reserved.")
    remedy = N_("Take the payment.")


class NothingToTell(Refusal):
    """The baker would be told nothing."""

    sentence = N_("There is nothing to order for %(day)s.")
    remedy = N_("Say what the counter wants, or take orders first.")


class NothingCame(Refusal):
    """A delivery has at least one loaf."""

    sentence = N_("Nothing was counted.")
    remedy = N_("Type what came for each bread.")


class NoSuchDelivery(Refusal):
    """The delivery does not hold this article."""

    sentence = N_("This delivery does not hold that bread.")
    remedy = N_("Look at the day’s deliveries again.")


class NotThatMany(Refusal):
    """More than there is."""

    sentence = N_("%(label)s: there are only %(there)s.")
    remedy = N_("Count again, or correct the delivery.")


class NothingLeft(Refusal):
    """No bread is left to place."""

    sentence = N_("No bread is left of %(day)s.")
    remedy = N_("Nothing to do.")


class UnsoldNotSettled(Refusal):
    """A statement needs days that are finished."""

    sentence = N_("Bread of %(day)s is still on sale or was not counted.")
    remedy = N_("Count the unsold of that day and say where it went.")


class NothingToState(Refusal):
    """The account did not move."""

    sentence = N_("Nothing moved with this baker since the last statement.")
    remedy = N_("Nothing to do.")


class ContractChanged(Refusal):
    """A statement lies under one contract."""

    sentence = N_("The contract changed on %(day)s.")
    remedy = N_("Close the statement up to the day before, then another one.")


class StatementSettled(Refusal):
    """The baker has been paid."""

    sentence = N_("This statement is already paid.")
    remedy = N_("Nothing to do.")
