"""What can be wrong with a machine, told with its remedy. The fact already recorded always stands."""

from pos.errors import DeviceTrouble, Refusal
from pos.i18n import N_, _

# Whatever else is wrong: a slip that may be out never comes out by itself.
AFTER_A_DOUBT = N_("Put that right, look at the paper and answer the question.")


class BadSettings(Refusal):
    """A printer setting cannot be used."""

    sentence = N_("The printer setting “%(name)s” cannot be “%(value)s”.")
    remedy = N_("Correct it in Menu, Machines, then print the test page.")


class BadTerminalSetting(Refusal):
    """A setting of the card terminal cannot be used."""

    sentence = N_("The terminal setting “%(name)s” cannot be “%(value)s”.")
    remedy = N_("Correct it in Menu, Machines, Card terminal.")


class BadScannerSetting(Refusal):
    """A setting of a scanner cannot be used."""

    sentence = N_("The scanner setting “%(name)s” cannot be “%(value)s”.")
    remedy = N_("Correct it in Menu, Machines, Scanners.")


class ScannerTrouble(DeviceTrouble):
    """A scanner cannot be heard; the till goes on, and takes it back by itself."""


class ScannerGone(ScannerTrouble):
    """Its cable is out."""

    sentence = N_("The scanner “%(name)s” is unplugged.")
    remedy = N_("Plug it in again: the till hears it by itself. Until then, touch the article or type its name.")


class ScannerShut(ScannerTrouble):
    """It is there, and its port cannot be opened."""

    sentence = N_("The scanner “%(name)s” cannot be opened at %(address)s.")
    remedy = N_("Another program holds it, or Zinc may not open it: unplug it, wait a moment, plug it in again.")


class BadDisplaySetting(Refusal):
    """A setting of the customer display cannot be used."""

    sentence = N_("The display setting “%(name)s” cannot be “%(value)s”.")
    remedy = N_("Correct it in Menu, Machines, Customer display.")


class DisplayTrouble(DeviceTrouble):
    """The customer display shows nothing; sales go on, and it is taken back by itself."""


class DisplayGone(DisplayTrouble):
    """Its cable is out, or it is off."""

    sentence = N_("The customer display is off or unplugged.")
    remedy = N_("Switch it on, check its cable: it then shows the bill by itself.")


class DisplayStuck(DisplayTrouble):
    """It is there and takes no letter."""

    sentence = N_("The customer display takes nothing more.")
    remedy = N_("Switch it off and on: it then shows the bill by itself.")


class PrinterTrouble(DeviceTrouble):
    """The printer did not print. `maybe_printed` says that paper may have come out all the same.

    A trouble that passes (`lasting` false) leaves the slip in the queue, which tries again by itself;
    a lasting one waits for a person.
    """

    maybe_printed = False
    lasting = False
    passes = True

    def how(self) -> str:
        """Return what to do; one whose slip is asked about does not promise that it comes by itself."""
        return _(AFTER_A_DOUBT) if self.maybe_printed else super().how()


class NoPrinter(PrinterTrouble):
    """The café has no printer."""

    lasting = True
    passes = False
    sentence = N_("No printer is set up.")
    remedy = N_("Show the ticket on the screen, or set up a printer in Menu, Machines.")


class PrinterUnreachable(PrinterTrouble):
    """Nobody answers at the printer's address."""

    sentence = N_("The printer does not answer at %(address)s.")
    remedy = N_("Check that it is on and its cable is in: the slip then comes out by itself.")


class PrinterOff(PrinterTrouble):
    """The printer's port is not there, or it says it is off line."""

    sentence = N_("The printer is off or unplugged.")
    remedy = N_("Switch it on, check its cable: the slip then comes out by itself.")


class PrinterBusy(PrinterTrouble):
    """Another slip has kept the printer for too long."""

    sentence = N_("The printer is busy with another slip.")
    remedy = N_("Wait for it to end: the slip comes out after it.")


class NotAPrinter(PrinterTrouble):
    """The address is something else than a printer's port."""

    lasting = True
    sentence = N_("“%(address)s” is not a printer's port.")
    remedy = N_("Choose the printer again in Menu, Machines.")


class PaperOut(PrinterTrouble):
    """No paper left."""

    sentence = N_("The printer has no paper left.")
    remedy = N_("Put in a new roll and close the cover: the slip then comes out by itself.")


class CoverOpen(PrinterTrouble):
    """The cover is open."""

    sentence = N_("The printer's cover is open.")
    remedy = N_("Close the cover: the slip then comes out by itself.")


class PrinterJammed(PrinterTrouble):
    """Cutter blocked, head too hot, or an error the printer cannot get out of."""

    sentence = N_("The printer reports an error: cutter blocked or head too hot.")
    remedy = N_("Open it, free the paper, switch it off and on: the slip then comes out by itself.")


class PrinterSilent(PrinterTrouble):
    """A printer known to answer says nothing: what it would do with a slip cannot be known."""

    sentence = N_("The printer takes no notice of the till.")
    remedy = N_("Switch it off and on, look at its lights: the slip then comes out by itself.")


class PrinterStopped(PrinterTrouble):
    """The printer stopped in the middle: nobody but a person can say what came out."""

    maybe_printed = True
    sentence = N_("The printer stopped while printing: the slip may be cut short.")
    remedy = N_("Look at the paper and answer the question at the bottom of the screen.")

    def how(self) -> str:
        """Return what to do: nothing is known to be wrong with it now."""
        return _(self.remedy)


class DrawerTrouble(DeviceTrouble):
    """The drawer did not open."""


class NoDrawer(DrawerTrouble):
    """The café's drawer has no cable."""

    sentence = N_("The drawer is not connected.")
    remedy = N_("Open it with its key.")


class DrawerLate(DrawerTrouble):
    """The drawer could not be opened at once; it will not open by itself later."""

    sentence = N_("The drawer did not open in time.")
    remedy = N_("Tap again, or open it with its key. It will not open by itself later.")
