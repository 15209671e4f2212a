"""The meals' papers: what to cook, the round's sheet, a funder's statement. Pure; names come in from the private store.

Names, addresses, diets and telephones are printed here and nowhere else: the sheet goes out with the
carrier, comes back and is destroyed with the day's papers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.meals import rules, words
from pos.services.meals.events import MonthClaimed
from pos.slips import Barcode, Columns, Feed, Part, Rule, Slip, Text

CODE_PREFIX = "ZT-"


@dataclass(frozen=True, slots=True)
class Eater:
    """A meal and whom it is for, for paper and screen: all but the number is private."""

    number: int
    name: str
    place: str
    diet: str = ""
    allergies: str = ""
    address: str = ""
    way: str = ""
    phone: str = ""
    contact: str = ""


def kitchen_slip(day: str, eaters: Sequence[Eater]) -> Slip:
    """Return what to cook: how many, then each diet and allergy by name."""
    home = sum(1 for one in eaters if one.place == "home")
    special = [one for one in eaters if one.diet or one.allergies]
    parts: list[Part] = [
        Text(words.long_day(day), bold=True, align="center"),
        Columns(ngettext("%(n)s meal", "%(n)s meals", len(eaters)), "", bold=True, tall=True),
        Columns(_("For the round"), str(home)), Columns(_("At the café"), str(len(eaters) - home)), Rule(),
    ]  # fmt: skip
    for one in special:
        parts.append(Text(f"{one.number}. {one.name}", bold=True))
        if one.allergies:
            parts.append(Text(_("ALLERGY: %(text)s", text=one.allergies), bold=True))
        if one.diet:
            parts.append(Text(one.diet))
    parts.append(Text(_("No diet, no allergy to mind.") if not special else _("The other meals are as on the menu.")))
    return Slip(_("To prepare"), tuple(parts))


def round_slip(*, number: int, day: str, left_at: int, temperature: int, chain: str, eaters: Sequence[Eater]) -> Slip:
    """Return the sheet of a round: each stop with room for time and temperature."""
    parts: list[Part] = [
        Text(words.long_day(day), align="center"),
        Columns(_("Left at %(hour)s", hour=rules.said_hour(left_at)), rules.said_degrees(temperature), bold=True),
        Text(_("At each door: %(limit)s", limit=_(words.CHAINS[chain]))), Rule(),
    ]  # fmt: skip
    for one in eaters:
        parts.append(Text(f"{one.number}. {one.name}", bold=True, tall=True))
        parts += [Text(text) for text in (one.address, one.way) if text]
        if one.allergies:
            parts.append(Text(_("ALLERGY: %(text)s", text=one.allergies), bold=True))
        parts += [
            Columns(said, text) for said, text in ((_("Telephone"), one.phone), (_("Contact"), one.contact)) if text
        ]
        parts += [Columns(_("Hour ______"), "______ °C"), Columns(_("Delivered [ ]"), _("Nobody [ ]")), Rule()]
    parts += [
        Text(_("Nobody opens: call the café at once. Do not leave the meal.")), Columns(_("Kilometres"), "______"),
        Barcode("CODE128", f"{CODE_PREFIX}{number}"), Text(_("Bring this sheet back: it holds names.")),
    ]  # fmt: skip
    return Slip(_("Round %(number)s", number=number), tuple(parts))


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who claims: the café as its papers say."""

    sign: str
    legal: str
    siret: str
    town: str


def claim_slip(claim: MonthClaimed, *, funder: str, cafe: Issuer, days: Sequence[tuple[str, int, int]]) -> Slip:
    """Return the statement to a funder: days, counts and amounts; nobody's name."""
    at = [(one.price, one.meals) for one in claim.at] or [(claim.price, len(claim.meals))]
    parts: list[Part] = [
        Text(cafe.sign, bold=True, align="center"), Text(f"{cafe.legal} {cafe.siret}".strip(), align="center"),
        Text(cafe.town, align="center"), Rule(), Columns(_("To"), funder, bold=True),
        Columns(_("Ticket no. %(no)s", no=claim.ticket), words.long_day(claim.day)), Rule(),
    ]  # fmt: skip
    for day, home, here in days:
        said = ", ".join(text for text in (
            ngettext("%(n)s delivered", "%(n)s delivered", home) if home else "", ngettext("%(n)s served", "%(n)s served", here) if here else "",
        ) if text)  # fmt: skip
        parts.append(Columns(words.long_day(day), said))
    parts += [
        Rule(), *(Columns(ngettext("%(n)s meal", "%(n)s meals", n), format_euros(price)) for price, n in at),
        Columns(_("Owed to the café"), format_euros(claim.amount), bold=True, tall=True),
        Text(_("Meals delivered or served only; the VAT is on the ticket.")), Feed(2),
    ]  # fmt: skip
    return Slip(_("Meals offered, %(month)s", month=words.month(claim.month)), tuple(parts))


def person_slip(kept: Mapping[str, object]) -> Slip:
    """Return all that is kept of somebody, to hand to them."""
    said = {
        "name": _("Name"), "phone": _("Telephone"), "address": _("Address"), "way": _("Way in"), "diet": _("Diet"),
        "allergies": _("Allergies"), "contact_name": _("Contact"), "contact_phone": _("Contact’s telephone"), "kept_until": _("Kept until"),
    }  # fmt: skip
    parts = [Columns(label, str(kept[key])) for key, label in said.items() if kept.get(key)]
    return Slip(_("What is kept about you"), (*parts, Text(_("For the meals. It leaves the café with nobody."))))
