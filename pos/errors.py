"""The tree of troubles, told apart by who can act.

ZincError
├── AlreadyDone     this tap was recorded before: draw the thing as it stands
├── Refusal         the café says no: one sentence and its remedy, nothing written
├── DeviceTrouble   a machine did not answer: banner and retry, the fact stands
├── SyncTrouble     the line or HQ did not answer: a small mark, the cursor unmoved
└── Broken          our own promise is broken: full page, a technical event
"""

from typing import ClassVar

from pos.i18n import N_, _


class ZincError(Exception):
    """Base of everything Zinc raises on purpose."""


class AlreadyDone(ZincError):
    """The attempt was recorded before; `first` and `last` are the entries it made."""

    def __init__(self, attempt: str, first: int, last: int) -> None:
        super().__init__(f"attempt {attempt} is entries {first}..{last}")
        self.attempt, self.first, self.last = attempt, first, last


class Told(ZincError):
    """A trouble told to a person: a sentence and a remedy, msgids with `%(name)s` parameters."""

    sentence: ClassVar[str] = ""
    remedy: ClassVar[str] = ""

    def __init__(self, **params: object) -> None:
        super().__init__(f"{type(self).__name__} {params}" if params else type(self).__name__)
        self.params = params

    def what(self) -> str:
        """Return what is not so, in French."""
        return _(self.sentence, **self.params) if self.sentence else type(self).__name__

    def how(self) -> str:
        """Return what to do about it, in French."""
        return _(self.remedy, **self.params) if self.remedy else ""


class Refusal(Told):
    """The café says no. Nothing was written."""

    # A desk that reads codes does not know this one: the rest of the house is asked.
    unknown_code: ClassVar[bool] = False


class Because(Refusal):
    """A refusal whose reason `why` is a msgid too."""

    def what(self) -> str:
        """Return what is wrong, the reason in French too."""
        return _(self.sentence, why=_(str(self.params["why"])))


class DeviceTrouble(Told):
    """A machine did not do its part. The fact already recorded stands."""

    # Its sentence leaves the screen when the status line has nothing more to say of the machine.
    passes: ClassVar[bool] = False


class SyncTrouble(Told):
    """The line or HQ did not answer as promised. The cursor did not move."""


class Broken(Told):
    """A promise of ours is broken: a person must be called."""


class DiskFull(Broken):
    """No room left to write an entry."""

    sentence = N_("The disk of the box is full: nothing was recorded.")
    remedy = N_("Note the sale on paper and call HQ: space must be freed on the box.")


class DiskStuck(Broken):
    """The disk takes nothing more: worn out, or made read-only by the kernel after an error."""

    sentence = N_("The disk of the box takes nothing more: what was just tapped is probably not recorded.")
    remedy = N_(
        "Note the sales on paper. Switch the box off and on, then look at the last tickets before doing it again."
        " If it comes back, call HQ: the card of the box must be replaced."
    )


class StoreUnreadable(Broken):
    """SQLite says the file is damaged."""

    sentence = N_("The till's file is damaged and cannot be read.")
    remedy = N_("Do not switch off. Call HQ: the journal is rebuilt from the copy there.")
