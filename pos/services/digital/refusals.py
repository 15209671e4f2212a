"""Why the public posts say no, and what to do: one class per situation."""

from pos.errors import Refusal
from pos.i18n import N_


class NotTariff(Refusal):
    """A price or a length is out of its range."""

    sentence = N_("“%(value)s” does not fit the prices of the posts.")
    remedy = N_("Correct it: a block has at least 5 minutes, no price is negative.")


class NotAPost(Refusal):
    """A post needs a short name."""

    sentence = N_("This post has no name.")
    remedy = N_("Give it a short one, like Computer 1.")


class NoSuchPost(Refusal):
    """No post bears this id."""

    sentence = N_("This post is not at people’s disposal.")
    remedy = N_("Choose one of the posts shown.")


class PostTaken(Refusal):
    """Somebody sits there."""

    sentence = N_("Somebody is already at %(label)s.")
    remedy = N_("Stop that session first, or choose another post.")


class NotCleared(Refusal):
    """The last person's history is still there."""

    sentence = N_("The history of %(label)s was not erased after the last person.")
    remedy = N_("Erase it, touch History erased, then begin.")


class NothingToClear(Refusal):
    """The post is clean, or somebody sits there."""

    sentence = N_("%(label)s has nothing to erase now.")
    remedy = N_("It is erased after each session.")


class NoSuchSession(Refusal):
    """The session has ended, or never was."""

    sentence = N_("This session is over.")
    remedy = N_("Look at the posts that are taken.")


class NotMinutes(Refusal):
    """Minutes or pages out of reason."""

    sentence = N_("“%(value)s” cannot be right.")
    remedy = N_("Type minutes or pages again, at most %(most)s.")


class NotATheme(Refusal):
    """A theme or an outcome is none of the list."""

    sentence = N_("“%(code)s” is none of the themes.")
    remedy = N_("Touch one of the themes shown.")


class AlreadyTicketed(Refusal):
    """The session was paid."""

    sentence = N_("This session is already paid: ticket %(no)s.")
    remedy = N_("Take its line off this bill.")


class NothingDue(Refusal):
    """The session was free, or is paid."""

    sentence = N_("Nothing is due for this session.")
    remedy = N_("It was free, or is on a bill already.")
