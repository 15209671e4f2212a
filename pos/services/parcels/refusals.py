"""When the relay says no: each with what is not so, and what to do about it."""

from pos.errors import Refusal
from pos.i18n import N_


class NoSuchCarrier(Refusal):
    """The carrier is none of the list."""

    sentence = N_("No carrier is called “%(carrier)s”.")
    remedy = N_("Choose one of the list, or “Other carrier”.")


class CarrierNotChosen(Refusal):
    """The café does not work with this carrier."""

    sentence = N_("The café does not relay for %(carrier)s.")
    remedy = N_("Add the carrier in Parcels, Carriers, or choose another.")


class WhichCarrier(Refusal):
    """Nothing says whose parcel this is."""

    sentence = N_("This label does not say which carrier it belongs to.")
    remedy = N_("Touch the carrier, then read the label again.")


class NotTerms(Refusal):
    """Terms outside what can be."""

    sentence = N_("“%(value)s” is not possible for “%(field)s”.")
    remedy = N_("Correct the value as the contract says.")


class ReadAgain(Refusal):
    """The check digit is wrong, or the shape unknown: asked once."""

    sentence = N_("The number %(number)s was misread: its check digit is wrong.")
    remedy = N_("Read the label again. If it says the same, the parcel is taken in all the same.")


class NothingRead(Refusal):
    """No label and nothing to know the parcel by."""

    sentence = N_("There is neither a number nor a name.")
    remedy = N_("Read the label, or type the name on the parcel.")


class AlreadyOnShelf(Refusal):
    """A parcel with this number is here."""

    sentence = N_("This number is already here, at %(place)s.")
    remedy = N_("If it is a second parcel of the same number, touch “Another parcel”.")


class NotAPlace(Refusal):
    """A place is a short code."""

    sentence = N_("“%(place)s” is not a place.")
    remedy = N_("Type one to three letters and a number, like B3.")


class NotAReason(Refusal):
    """The reason is none of the list."""

    sentence = N_("This reason is not in the list.")
    remedy = N_("Touch one of the reasons shown.")


class DeliveryAlreadyOpen(Refusal):
    """This carrier's delivery is being read."""

    sentence = N_("A delivery of %(carrier)s is already open.")
    remedy = N_("Go on reading its labels, or close it first.")


class NoOpenDelivery(Refusal):
    """No such delivery is open."""

    sentence = N_("This delivery is not open.")
    remedy = N_("Open one when the driver is here: carrier and number of parcels.")


class DeliveryDiffers(Refusal):
    """Announced is not accepted plus refused."""

    sentence = N_("The driver announced %(announced)s parcels, %(read)s were read.")
    remedy = N_("Count the parcels again with the driver, or close with the difference.")


class NotACount(Refusal):
    """A number of parcels that cannot be."""

    sentence = N_("“%(count)s” is not a number of parcels.")
    remedy = N_("Type a number between 0 and 500.")


class NotYet(Refusal):
    """A day that has not come."""

    sentence = N_("The day %(day)s has not come yet.")
    remedy = N_("Type the totals of today or of a day before.")


class NoSuchParcel(Refusal):
    """Nothing bears this number."""

    unknown_code = True
    sentence = N_("No parcel here bears “%(code)s”.")
    remedy = N_("Look for the name or the last four characters; ask for the carrier’s message.")


class NotHereYet(Refusal):
    """A carrier's label, of no parcel that is or was here."""

    sentence = N_("This is a label of %(carrier)s (…%(tail)s): that parcel is not here.")
    remedy = N_("If the driver brings it, take it in; if a customer asks for it, it has not come yet.")
    act = N_("Take the parcel in")
    url = "/parcels/intake"


class SeveralParcels(Refusal):
    """Two waiting parcels bear the same number."""

    sentence = N_("Several parcels bear this number.")
    remedy = N_("Choose by place or by name.")


class AlreadyHandedOver(Refusal):
    """The parcel left with somebody."""

    sentence = N_("This parcel was handed over on %(day)s at %(hour)s.")
    remedy = N_("If that was a mistake of today, undo it on the parcel’s page.")


class NotHere(Refusal):
    """The parcel is in a state that does not allow the act."""

    sentence = N_("This parcel cannot be: it is marked “%(state)s”.")
    remedy = N_("Open its page: what can be done is shown there.")


class ProofNotAccepted(Refusal):
    """This carrier does not take this proof."""

    sentence = N_("%(carrier)s does not accept this proof: %(proof)s.")
    remedy = N_("Accepted: %(accepted)s.")


class ThirdPersonNeeds(Refusal):
    """Somebody else came, without what the carrier asks for."""

    sentence = N_("%(carrier)s: who comes for somebody else must show more than this (%(proof)s).")
    remedy = N_("Ask for: %(accepted)s. Otherwise the recipient must come.")


class WrittenProxyRefused(Refusal):
    """A written proxy is worth nothing for this carrier."""

    sentence = N_("%(carrier)s does not accept a written proxy.")
    remedy = N_("Ask for: %(accepted)s. Otherwise the recipient must come.")


class TooLateToUndo(Refusal):
    """The hand-over is of another day."""

    sentence = N_("This hand-over is of %(day)s: it can only be undone the same day.")
    remedy = N_("Call the carrier; if the parcel is really here, take it in again.")


class NotYetDue(Refusal):
    """The parcel is kept for some days more."""

    sentence = N_("This parcel is kept until %(day)s.")
    remedy = N_("If the driver’s list asks for it, touch “Asked back by the carrier”.")


class NothingToGive(Refusal):
    """Nothing waits for this driver."""

    sentence = N_("Nothing waits for this driver.")
    remedy = N_("Check the carrier; senders’ parcels and parcels to return are listed there.")


class NotAVisit(Refusal):
    """The visit to join is unreadable."""

    sentence = N_("This customer’s visit is no longer known.")
    remedy = N_("Do it again without “same customer”.")
