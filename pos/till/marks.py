"""What is written across a slip that is not an original, or not true: DUPLICATA, FACTICE. Pure."""

from dataclasses import replace

from pos.i18n import _
from pos.slips import Part, Rule, Slip, Text
from pos.till.slip_parts import when


def factice(slip: Slip) -> Slip:
    """Return a slip of practice: the word at both ends and under its title, impossible to take for a ticket (R45)."""
    name = _("FACTICE (training)")
    banner: list[Part] = [
        Text(_("FACTICE"), bold=True, wide=True, align="center"),
        Text(name, align="center"),
        Rule("="),
    ]
    middle = len(slip.parts) // 2
    cross = Text(_("FACTICE"), bold=True, tall=True, align="center")
    parts = (*banner, *slip.parts[:middle], cross, *slip.parts[middle:], Rule("="), *banner[:2])
    return replace(slip, title=f"{_('FACTICE')} {slip.title}", parts=parts)


def duplicate(slip: Slip, copy: int, at_ms: int) -> Slip:
    """Return a slip printed again, with its number and hour; `copy` 0 is the original (R46)."""
    if not copy:
        return slip
    told: tuple[Part, ...] = (
        Text(_("DUPLICATE no. %(copy)s", copy=copy), bold=True, tall=True, align="center"),
        Text(_("Printed again on %(when)s", when=when(at_ms)), align="center"),
    )
    name = _("%(slip)s, duplicate no. %(copy)s", slip=slip.title, copy=copy)
    return replace(slip, title=name, parts=(*told, *slip.parts))
