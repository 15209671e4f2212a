"""How a café is run: six models of the network, and what follows for money, doors and services (services.md A.3, D.1).

The same codes serve the till and HQ; a model is a setting of the café, never a different program.
"""

from dataclasses import dataclass

from pos.i18n import N_

EVERYONE, MEMBERS_ONLY = "open", "members_only"


@dataclass(frozen=True, slots=True)
class CafeModel:
    """A way to run a café: who bears the money, who is served, which services it usually starts with."""

    code: str
    label: str
    # HQ sees amounts without asking: the network bears this café's risk.
    shares_money: bool
    access: str
    # Sales belong to stops on a tour.
    itinerant: bool
    services: tuple[str, ...]


_SHOP = ("bread", "parcels", "cashback", "post", "press", "grocery")
_CLUB = ("members", "accounts", "gatherings", "loans")

MODELS: dict[str, CafeModel] = {
    model.code: model
    for model in (
        CafeModel("managed", N_("Managed (gérance)"), True, EVERYONE, False, (*_SHOP, "meals", "gatherings", "bikes")),
        CafeModel("leased", N_("Leased (location-gérance)"), False, EVERYONE, False, (*_SHOP, "gatherings")),
        CafeModel(
            "volunteer", N_("Association, volunteers only"), False, EVERYONE, False, ("bread", "parcels", *_CLUB)
        ),
        CafeModel("employee", N_("Association with an employee"), False, EVERYONE, False, (*_SHOP, *_CLUB)),
        CafeModel("participatory", N_("Participatory: members only"), False, MEMBERS_ONLY, False, ("bread", *_CLUB)),
        CafeModel("itinerant", N_("Itinerant or seasonal"), False, EVERYONE, True, ("tour", "gatherings")),
    )
}
