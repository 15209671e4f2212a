"""What a third party is called wherever its money is shown: on the Z, in a replay, at HQ.

An owner is an id like `laposte`, `assoc:la_ruche` or `producer:<opaque>`. A name said to the till comes
first; without one the kind is said in words, so that nobody ever reads an id.
"""

import re
from collections.abc import Iterable, Mapping

from pos.feature import Feature
from pos.i18n import N_, _

# Whole ids.
OWNERS = {
    "laposte": N_("La Poste"), "presse": N_("Press depot"), "fdj": N_("FDJ"), "pmu": N_("PMU"),
    "prepaid": N_("Prepaid accounts"), "slate": N_("Slates"), "gift": N_("Gift vouchers"),
    "suspended": N_("Suspended coffees"), "local": N_("Local currency"),
    "deposit:bikes": N_("Bike deposits"), "deposit:cups": N_("Deposits of cups"),
}  # fmt: skip
# Kinds, before the colon.
KINDS = {
    "assoc": N_("Association"), "baker": N_("Baker"), "bank": N_("Bank"), "deposit": N_("Deposits"), "funder": N_("Funder"),
    "producer": N_("Producer"), "relay": N_("Relay"), "ticket": N_("Others’ tickets"),
}  # fmt: skip
# A code somebody typed (`la_ruche`), not an opaque id.
_WORDS = re.compile(r"[a-z]{2,}(_[a-z0-9]+)*")

# An opaque id that counts: the first producer is `p1`, the first baker `b1`.
_NUMBERED = re.compile(r"([a-z])(\d+)")


def owner_said(owner: str, named: Mapping[str, str] | None = None) -> str:
    """Return what an owner is called: its name if one was said, else its kind in words."""
    if named and named.get(owner):
        return named[owner]
    if owner in OWNERS:
        return _(OWNERS[owner])
    kind, _colon, code = owner.rpartition(":")
    if kind in KINDS and (numbered := _NUMBERED.fullmatch(code)) and kind.startswith(numbered[1]):
        return _("%(kind)s no. %(number)s", kind=_(KINDS[kind]), number=numbered[2])
    words = code.replace("_", " ").capitalize() if _WORDS.fullmatch(code) else code[-4:].upper()
    return f"{_(KINDS[kind])} {words}".strip() if kind in KINDS else words


def names_learnt(features: Iterable[Feature], conn: object) -> dict[str, str]:
    """Return the names the café knows, by owner id; private ones too: for its own screen and paper only."""
    return {owner: name for f in features if f.owners for owner, name in f.owners(conn).items()}  # type: ignore[arg-type]
