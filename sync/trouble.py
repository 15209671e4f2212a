"""Everything that can go wrong on the line, each with its sentence and what to do about it.

`state` is what the box becomes: in "anomaly" it keeps selling and a person is asked to call;
"locked" means that HQ has given the café to another box.
"""

from typing import ClassVar

from pos.errors import SyncTrouble
from pos.i18n import N_


class LineTrouble(SyncTrouble):
    """Base: what HQ's word was, and what state it puts the box in ("" leaves it)."""

    code: ClassVar[str] = "trouble"
    state: ClassVar[str] = ""


class HqUnreachable(LineTrouble):
    """No line, no answer in time."""

    code = "unreachable"
    sentence = N_("HQ cannot be reached.")
    remedy = N_("Nothing is lost: everything goes out by itself when the line is back.")


class AddressWrong(LineTrouble):
    """The setting is not a web address."""

    code = "address"
    sentence = N_("“%(address)s” is not an address of HQ.")
    remedy = N_("Correct it in the settings: it begins with https://.")


class AddressMissing(LineTrouble):
    """A code was typed, and no address."""

    code = "address"
    sentence = N_("The address of HQ is missing.")
    remedy = N_("Type it, or scan the drawing of the code: it says the address too.")


class HqTalksRubbish(LineTrouble):
    """The answer is not one of HQ's: a captive portal, a wrong address, a broken proxy."""

    code = "rubbish"
    sentence = N_("The address of HQ answers something else than HQ.")
    remedy = N_("Check the internet box and the address of HQ in the settings; nothing is lost.")


class HqBusy(LineTrouble):
    """429 or 503: HQ asks to wait."""

    code = "busy"
    sentence = N_("HQ is busy.")
    remedy = N_("The till tries again by itself in %(minutes)s min.")

    @property
    def seconds(self) -> int:
        """How long HQ asks to wait; 0 when it does not say."""
        return int(str(self.params.get("seconds", 0)))


class HqFailed(LineTrouble):
    """HQ answered with a fault of its own."""

    code = "hq_failed"
    sentence = N_("HQ has a fault of its own.")
    remedy = N_("Nothing is lost: the till tries again by itself.")


class UpgradeNeeded(LineTrouble):
    """426."""

    code = "upgrade_required"
    sentence = N_("This till's software is too old for HQ.")
    remedy = N_("Keep selling; ask HQ for the update.")


class BoxUnknown(LineTrouble):
    """401 or 404: HQ does not know this box or its journal."""

    code = "unknown"
    state = "anomaly"
    sentence = N_("HQ does not recognise this till.")
    remedy = N_("Keep selling, and call your coordinator.")


class BoxRevoked(LineTrouble):
    """403."""

    code = "revoked"
    state = "locked"
    sentence = N_("HQ has withdrawn this till's permission.")
    remedy = N_("Call your coordinator.")


class BoxReplaced(LineTrouble):
    """410: another box has taken over; what this one still had was taken."""

    code = "superseded"
    state = "locked"
    sentence = N_("Another till has taken this one's place at HQ.")
    remedy = N_("Use the new till; what was still here has been sent.")


class HistoriesDiffer(LineTrouble):
    """409 fork or behind: a copied or restored card."""

    code = "fork"
    state = "anomaly"
    sentence = N_("This till and HQ do not have the same history.")
    remedy = N_(
        "Keep selling, and call your coordinator for a repair code: an old or second copy of the till is in use."
    )


class WentBack(LineTrouble):
    """The file beside the database remembers more than the database."""

    code = "rollback"
    state = "anomaly"
    sentence = N_(
        "This till’s file is older than what HQ has already received: an old copy was put back, or its end is cut."
    )
    remedy = N_("Keep selling, and call your coordinator for a repair code.")


class BatchRefused(LineTrouble):
    """413 or 422 that persists."""

    code = "refused"
    state = "anomaly"
    sentence = N_("HQ refuses entry %(seq)s of the journal.")
    remedy = N_("Keep selling, and call your coordinator.")


class JournalDamaged(LineTrouble):
    """The journal read back from disk is not the one that was written."""

    code = "damaged"
    state = "anomaly"
    sentence = N_("Entry %(seq)s of the till's journal is damaged.")
    remedy = N_("Keep selling, and call your coordinator; do not switch off.")


class AlreadySending(LineTrouble):
    """Two pushes at once."""

    code = "sending"
    sentence = N_("The till is already talking to HQ.")
    remedy = N_("Wait a moment.")


class CodeMistyped(LineTrouble):
    """The check sign does not fit: caught before it is sent."""

    code = "bad_code"
    sentence = N_("This code is not complete or has a typing mistake.")
    remedy = N_("Compare it sign by sign with the one at HQ: 4 times 4 letters and digits.")


class CodeUnknown(LineTrouble):
    """HQ never made this code."""

    code = "code_unknown"
    sentence = N_("HQ does not know this code.")
    remedy = N_("Check the code and the address of HQ, or ask your coordinator for a new code.")


class CodeWrong(LineTrouble):
    """The secret part is wrong."""

    code = "code_wrong"
    sentence = N_("This code is wrong; tries left: %(left)s.")
    remedy = N_("Compare it sign by sign with the one at HQ.")


class CodeDead(LineTrouble):
    """Five wrong tries."""

    code = "code_dead"
    sentence = N_("This code was tried wrongly too often and no longer works.")
    remedy = N_("Ask your coordinator for a new code.")


class CodeExpired(LineTrouble):
    """Seven days have passed."""

    code = "code_expired"
    sentence = N_("This code is more than seven days old.")
    remedy = N_("Ask your coordinator for a new code.")


class CodeUsed(LineTrouble):
    """Another box used it."""

    code = "code_used"
    sentence = N_("This code has already been used by another till.")
    remedy = N_("Ask your coordinator for a new code.")


class HqNotProven(LineTrouble):
    """The answer does not come from the HQ that made the code."""

    code = "hq_not_proven"
    sentence = N_("The answer does not come from the HQ that made this code.")
    remedy = N_("Check the address of HQ, and call your coordinator.")


class NotConfirmed(LineTrouble):
    """The coordinator has not confirmed the check number: HQ gives nothing back yet."""

    code = "pending"
    sentence = N_("HQ waits for the check number of this box.")
    remedy = N_("Call your coordinator and read it: the rest goes on by itself.")


class NotAReplacement(LineTrouble):
    """The code was not one that replaces a box, or the café has another box by now."""

    code = "not_a_replacement"
    sentence = N_("This code does not give the café’s journal back.")
    remedy = N_("Ask your coordinator for a code to replace the box.")


CODE_TROUBLES: dict[str, type[LineTrouble]] = {
    cls.code: cls for cls in (CodeUnknown, CodeWrong, CodeDead, CodeExpired, CodeUsed)
}
