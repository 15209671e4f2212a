"""What an act of the trail says beside its name, in words: a row keeps JSON, a coordinator reads a sentence."""

import json
import re
from typing import Any

from hq import wording
from hq.enrolment import NEW, REPAIR, REPLACE
from pos.house import service_codes
from pos.i18n import N_, _

# What is kept about an act, by its name in the row; a name that is not here is shown as it is.
WORDS = {
    "after": N_("left after"), "antenna": N_("antenna"), "before": N_("before"), "cafes": N_("cafés"),
    "category": N_("row of tiles"), "ceiling": N_("ceiling"), "changed": N_("changed"), "day": N_("day"),
    "days": N_("days kept"), "failures": N_("wrong tries"), "first": N_("first day"), "insee": N_("INSEE code"), "jn": N_("box"),
    "label": N_("product"), "last": N_("last day"), "left": N_("codes left"), "metres": N_("distance"),
    "name": N_("name"), "note": N_("note"), "period": N_("period"), "price": N_("price"), "prices": N_("prices"),
    "purpose": N_("what for"), "ref": N_("reference"), "role": N_("role"), "service": N_("service"), "since": N_("since"),
    "source": N_("source"), "title": N_("title"), "username": N_("account"), "valid_from": N_("in force from"),
    "version": N_("version"), "what": N_("what"), "why": N_("why"),
}  # fmt: skip
_DAY = re.compile(r"20\d\d-\d\d-\d\d")
_SAID = {
    "purpose": {NEW: N_("a first box"), REPLACE: N_("another box in its place"), REPAIR: N_("a repair")},
    "role": {"national": N_("national"), "antenna": N_("antenna"), "reader": N_("reads only")},
}


def act_detail(text: str) -> str:
    """Return the details of an act as people read them; what is empty is left out."""
    told = json.loads(text) if text else {}
    kept = ((name, _value(name, value, told)) for name, value in told.items() if value not in (None, "", [], {}))
    return " · ".join(_("%(name)s: %(value)s", name=_(WORDS.get(name, name)), value=value) for name, value in kept)


def _value(name: str, value: Any, told: dict[str, Any]) -> str:
    if name == "metres" or (name == "before" and "metres" in told and isinstance(value, int)):
        return f"{wording.km_tenths(value)}{wording.NBSP}km"
    if name in ("price", "ceiling") and isinstance(value, int):
        return wording.euros_cents(value)
    if name == "service":
        known = service_codes().get(value)
        return _(known.label) if known else str(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(", ".join(map(str, one)) if isinstance(one, list) else str(one or "–") for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{_(WORDS.get(key, key))} {_value(key, one, {})}" for key, one in value.items())
    if isinstance(value, str) and _DAY.fullmatch(value):
        return wording.day_full(value)
    return _(_SAID[name][value]) if value in _SAID.get(name, {}) else str(value)
