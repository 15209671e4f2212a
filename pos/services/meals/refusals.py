"""Why an act of the meals is not possible, and what to do instead."""

from pos.errors import Refusal
from pos.i18n import N_


class BadTerms(Refusal):
    """A price, an hour, a month or a quota cannot be right."""

    sentence = N_("“%(value)s” does not fit.")
    remedy = N_("Correct it and note again.")


class PricesMissing(Refusal):
    """Nobody said what a meal costs."""

    sentence = N_("The price of a meal is not set yet.")
    remedy = N_("Set it under Meals, Funders and prices.")


class ConsentMissing(Refusal):
    """Diet, allergies and address are kept only with the person's consent."""

    sentence = N_("The person has not agreed to this being kept.")
    remedy = N_("Ask, then tick the consent; without it only the name is kept.")


class NoSuchBeneficiary(Refusal):
    """Nobody has this id."""

    sentence = N_("This person is not on the list of meals.")
    remedy = N_("Choose somebody on the list, or enter the person.")


class NotAccepted(Refusal):
    """The person did not agree yet, or no longer has meals."""

    sentence = N_("This person has not agreed to the meals, or has ended them.")
    remedy = N_("Open the person’s page and note the consent first.")


class NoWeekday(Refusal):
    """A subscription has weekdays, and a place."""

    sentence = N_("These are not weekdays of a subscription.")
    remedy = N_("Touch the days, at home or at the café, then note again.")


class NotTheseDays(Refusal):
    """A pause ends before it begins, or lies in the past."""

    sentence = N_("From %(first)s to %(last)s is no pause.")
    remedy = N_("Choose a first and a last day, today or later.")


class NotThatDay(Refusal):
    """The day is past, or no day."""

    sentence = N_("No meal can be ordered for “%(day)s”.")
    remedy = N_("Choose today or a later day.")


class CafeClosedThatDay(Refusal):
    """The café does not cook on that day."""

    sentence = N_("The café is closed on %(day)s.")
    remedy = N_("Choose another day, or change the café’s calendar.")


class CutOffPassed(Refusal):
    """It is too late to order, unless the cook agrees."""

    sentence = N_("Orders for %(day)s ended at %(hour)s the day before.")
    remedy = N_("Ask the cook; if there is enough, order again as a late meal.")


class AlreadyOrdered(Refusal):
    """One meal a day."""

    sentence = N_("This person already has a meal on %(day)s.")
    remedy = N_("Look at the plan of that day.")


class NoSuchFunder(Refusal):
    """The partner funds nothing in that month."""

    sentence = N_("“%(funder)s” funds no meal in %(month)s.")
    remedy = N_("Choose another funder, or enter this one under Funders and prices.")


class QuotaReached(Refusal):
    """The partner's month is full."""

    sentence = N_("%(funder)s: quota of %(quota)s meals reached in %(month)s.")
    remedy = N_("Choose another funder.")


class QuotaBelowUsed(Refusal):
    """A quota may not fall below what is already promised."""

    sentence = N_("%(n)s meals are already promised in %(month)s.")
    remedy = N_("Choose a quota of at least %(n)s, or a later month.")


class NoSuchMeal(Refusal):
    """No meal has this id."""

    sentence = N_("This meal is not known.")
    remedy = N_("Look for it in the plan of the day.")


class NotNow(Refusal):
    """The meal is not where this act begins."""

    sentence = N_("This meal is already “%(state)s”.")
    remedy = N_("Look at the meal’s page; a mistake of today can be undone there.")


class NothingToPrepare(Refusal):
    """No meal is planned."""

    sentence = N_("No meal waits to be made for %(day)s.")
    remedy = N_("Order meals in the plan first.")


class NothingToCarry(Refusal):
    """No prepared meal goes to a home."""

    sentence = N_("No prepared meal waits for the round.")
    remedy = N_("Note the meals as prepared first.")


class NotATemperature(Refusal):
    """The text is not a temperature of food."""

    sentence = N_("“%(text)s” is not a temperature.")
    remedy = N_("Type degrees, like 68 or 2,5.")


class TooCool(Refusal):
    """Hot meals leave at 63 °C or more."""

    sentence = N_("%(measured)s: a hot meal leaves at %(limit)s or more.")
    remedy = N_("Heat it again and measure again; if that cannot be done, destroy the meals.")


class TooWarm(Refusal):
    """Chilled meals leave at 3 °C or less."""

    sentence = N_("%(measured)s: a chilled meal leaves at %(limit)s or less.")
    remedy = N_("Chill it again and measure again; if that cannot be done, destroy the meals.")


class OutOfLimitAtDoor(Refusal):
    """At the door too, the chain must hold."""

    sentence = N_("%(measured)s at the door: the limit is %(limit)s.")
    remedy = N_("Bring the meal back and destroy it. If it was left and eaten at once, touch again.")


class KeptTooLong(Refusal):
    """Two hours after departure a hot meal is given to nobody."""

    sentence = N_("This hot meal left at %(left)s, more than two hours ago.")
    remedy = N_("Type the hour of the round’s sheet if it was delivered earlier; otherwise destroy it.")


class NotATime(Refusal):
    """A declared hour lies after now, or before the departure."""

    sentence = N_("%(hour)s is not possible.")
    remedy = N_("Type the hour between departure and now.")


class NotAbsent(Refusal):
    """There is nobody to call for."""

    sentence = N_("The door of this meal was answered.")
    remedy = N_("Note first that nobody opened.")


class NotAnOutcome(Refusal):
    """A choice that does not exist."""

    sentence = N_("“%(value)s” is no choice here.")
    remedy = N_("Touch one of the keys.")


class TooLateToUndo(Refusal):
    """Only today's words are taken back, before they are claimed."""

    sentence = N_("This can no longer be undone.")
    remedy = N_("Only what was noted today and not yet claimed can; note the difference on the statement.")


class NoSuchRound(Refusal):
    """No round has this number, or it is back already."""

    sentence = N_("This round is not out.")
    remedy = N_("Look at today’s meals.")


class RoundNotDone(Refusal):
    """Meals of the round are still on their way."""

    sentence = N_("%(n)s meals of this round are not settled.")
    remedy = N_("Say for each: delivered, nobody opened, or refused.")


class ContactNotCalled(Refusal):
    """A closed door is an incident until somebody was called."""

    sentence = N_("Nobody opened, and nobody was called yet.")
    remedy = N_("Call the contact person and note the call; then close the round.")


class NotADistance(Refusal):
    """The kilometres cannot be right."""

    sentence = N_("“%(text)s” is not the length of a round.")
    remedy = N_("Type the kilometres of the car, like 11,5.")


class NothingToClaim(Refusal):
    """No meal of that month waits to be claimed."""

    sentence = N_("Nothing is left to claim for %(month)s.")
    remedy = N_("Only meals delivered or served are claimed, once.")


class MonthNotOver(Refusal):
    """A month is claimed from its last day on."""

    sentence = N_("%(month)s is not over.")
    remedy = N_("Claim it on its last day or after.")


class ClaimIsWhole(Refusal):
    """A claim is taken back whole, and never in cash."""

    sentence = N_("A claim is taken back whole, the way it was made.")
    remedy = N_("Give back the whole ticket without choosing a means; then claim the month again.")


class NotOwedByFunder(Refusal):
    """More than the funder owes."""

    sentence = N_("%(funder)s owes %(owed)s, not %(amount)s.")
    remedy = N_("Check the amount on the bank statement.")


class NothingToPay(Refusal):
    """Nothing is left for the person to pay."""

    sentence = N_("No meal waits to be paid.")
    remedy = N_("It may be on an open bill already.")


class MealsNotDue(Refusal):
    """A line of a person's meals was made larger than what they owe."""

    sentence = N_("Only this many meals wait to be paid: %(n)s.")
    remedy = N_("Put the quantity of the line right; order further meals first.")
