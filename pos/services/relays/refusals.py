"""Why a relay says no, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NoSuchRelay(Refusal):
    """The café does not take such things in."""

    sentence = N_("This café does not take that in today.")
    remedy = N_("Choose one of the relays shown, or add it in Relays, Settings.")


class NotARelayRow(Refusal):
    """A setting is out of its range."""

    sentence = N_("The relay does not hold: %(field)s.")
    remedy = N_("Correct it from what was agreed with the provider.")


class NotThisDesk(Refusal):
    """Keys and baskets have their own way in."""

    sentence = N_("%(label)s have their own way in.")
    remedy = N_("Use the key drawn for them in Relays.")


class NotAPayment(Refusal):
    """The amount cannot be what is to pay."""

    sentence = N_("%(amount)s cannot be what is to pay.")
    remedy = N_("Type what the provider’s slip says.")


class NothingToSend(Refusal):
    """Nothing waits for the provider."""

    sentence = N_("Nothing waits for %(label)s.")
    remedy = N_("Nothing to do.")


class NotYetUnclaimed(Refusal):
    """It is kept until its term."""

    sentence = N_("%(number)s is kept until %(day)s.")
    remedy = N_("Call its owner, or say why it leaves before.")


class AddressOnKey(Refusal):
    """A key never bears an address."""

    sentence = N_("“%(code)s” looks like an address: it never goes on a key.")
    remedy = N_("Choose a code name that says nothing: a bird, a tree, a colour.")


class CodeNameMissing(Refusal):
    """An envelope is found by its code name."""

    sentence = N_("The code name of the envelope is missing.")
    remedy = N_("Choose a code name that says nothing: a bird, a tree, a colour.")


class NotAuthorised(Refusal):
    """This person may not take this key."""

    sentence = N_("This person is not among those who may take this key.")
    remedy = N_("Ask the owner; if they agree, add the person to the list first.")


class ProofOfKeyNeeded(Refusal):
    """A key leaves against a kind of proof."""

    sentence = N_("How the person was recognised is missing.")
    remedy = N_("Choose what you saw. No number is written down.")


class KeyIsOut(Refusal):
    """The key is not in its envelope."""

    sentence = N_("Key %(number)s is out.")
    remedy = N_("Look at the register: it says who took it.")


class NotABatch(Refusal):
    """A hand-over of baskets needs a day, two times, and people."""

    sentence = N_("The hand-over does not hold: %(field)s.")
    remedy = N_("Give a day, two times like 17:00 and 19:00, and one name a line.")


class NotDeliveredYet(Refusal):
    """The baskets come later."""

    sentence = N_("These baskets come on %(day)s.")
    remedy = N_("Ask to come back that day.")


class BatchOver(Refusal):
    """The hand-over was ended before."""

    sentence = N_("This hand-over is over.")
    remedy = N_("Look at the next one.")


class NothingOwedThere(Refusal):
    """The provider's account stands at nothing."""

    sentence = N_("Nothing is owed to %(label)s: its account stands at %(amount)s.")
    remedy = N_("Nothing to do.")
