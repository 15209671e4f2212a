"""Why the grocery says no, and what to do: one class per situation."""

from typing import ClassVar

from pos.errors import Refusal
from pos.i18n import N_


class PastUseBy(Refusal):
    """Goods past their use-by date must not be sold."""

    sentence = N_("%(label)s: use-by date of %(day)s passed, the sale is forbidden.")
    remedy = N_("Take it off the shelf and off the bill.")
    act: ClassVar[str] = N_("Dates")
    url: ClassVar[str] = "/grocery/dates"


class NothingExpired(Refusal):
    """Nothing of the article is past its date."""

    sentence = N_("Nothing of %(label)s is past its use-by date.")
    remedy = N_("For another loss, choose its reason in Stock.")


class DateMissing(Refusal):
    """Goods with a use-by date are received with it."""

    sentence = N_("%(label)s bears a use-by date: it is missing.")
    remedy = N_("Type the date printed on the pack.")


class AlreadyPast(Refusal):
    """Goods past their date are not received."""

    sentence = N_("%(label)s: the date of %(day)s has passed.")
    remedy = N_("Refuse these goods, or correct the date.")


class AboveCap(Refusal):
    """A purchase price is above the network's cap: asked once, then taken."""

    sentence = N_("%(label)s at %(cost)s is above the network’s price, %(cap)s.")
    remedy = N_("Call the supplier; or confirm, and the network will see it.")


class NotAnItem(Refusal):
    """What is said of an article does not fit."""

    sentence = N_("%(label)s: %(field)s does not fit.")
    remedy = N_("Correct it from the pack or the scale.")


class ScaleNumberTaken(Refusal):
    """Two articles cannot have one number on the scale."""

    sentence = N_("Number %(plu)s of the scale is already %(label)s.")
    remedy = N_("Choose another number, as set in the scale.")


class NotAPattern(Refusal):
    """A layout does not fill the label."""

    sentence = N_("This layout does not make thirteen digits.")
    remedy = N_("Prefix 02 or 20 to 29, article and value: twelve digits, then the check digit.")


class NoArticleOfLabel(Refusal):
    """A label that one of our layouts reads, with a number that no article bears."""

    sentence = N_("This label is of article %(plu)s of the scale, and no article bears that number.")
    remedy = N_("Give the number to its article, as set in the scale.")
    act = N_("Articles")
    url = "/grocery/articles"


class NotALabel(Refusal):
    """The code is no label of our scale, or its article is unknown."""

    unknown_code = True
    sentence = N_("The label %(code)s is not of an article known here.")
    remedy = N_("Enter the article’s number on the scale: Grocery, Article.")


class NotWeighed(Refusal):
    """The article is not sold by weight, or the weight is impossible."""

    sentence = N_("%(label)s: this weight does not fit.")
    remedy = N_("Type the grams that the scale shows.")


class NotAMarkdown(Refusal):
    """A marked-down price is below the price, and the café's to set."""

    sentence = N_("%(label)s cannot be marked down like that.")
    remedy = N_("Type less than its price; goods sold for someone else keep theirs.")


class NothingToOrder(Refusal):
    """Nothing runs low at this supplier."""

    sentence = N_("Nothing is to be ordered there.")
    remedy = N_("Set how many must stay on the shelf: Grocery, Article.")


class NoSuchProducer(Refusal):
    """The producer was never entered."""

    sentence = N_("This producer is not known.")
    remedy = N_("Enter the producer and the contract first.")


class NotAContract(Refusal):
    """A term is out of its range."""

    sentence = N_("The producer’s contract does not hold: %(field)s.")
    remedy = N_("Correct it from the paper that both signed.")


class NotADeposit(Refusal):
    """A deposit has goods of that producer."""

    sentence = N_("%(label)s is not under this producer’s contract.")
    remedy = N_("Put the article under the contract first.")


class NothingDue(Refusal):
    """Every statement is paid."""

    sentence = N_("Nothing is due to this producer.")
    remedy = N_("Close a statement first.")


class BelowMinimum(Refusal):
    """Small amounts wait for the next statement."""

    sentence = N_("%(due)s is due, the contract pays from %(minimum)s on.")
    remedy = N_("It is carried over to the next statement.")
