"""French on the screen and on paper, English in the code: one gettext catalogue for the whole house."""

import gettext
from functools import cache
from pathlib import Path

TRANSLATIONS = Path(__file__).parent / "translations"


@cache
def _french() -> gettext.NullTranslations:
    return gettext.translation("zinc", str(TRANSLATIONS), languages=["fr"], fallback=True)


def N_(msgid: str) -> str:
    """Mark a sentence for translation where it is written, to be translated where it is drawn."""
    return msgid


def _(msgid: str, **params: object) -> str:
    """Return the French of `msgid`, its `%(name)s` filled from `params`."""
    text = _french().gettext(msgid) if msgid else ""
    return text % params if params else text


def ngettext(singular: str, plural: str, n: int, **params: object) -> str:
    """Return the French of a counted sentence; `%(n)s` is always available."""
    return _french().ngettext(singular, plural, n) % {"n": n, **params}
