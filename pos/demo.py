"""The thirteen cafés of the demonstration: made-up names and figures in real communes of France.

Shared by the café's end and HQ's end of the demo, which never import each other.
"""

from dataclasses import dataclass

from pos.models import MODELS

# Long enough to be typed once, printed by `dev.py run`, and of no use anywhere else.
HQ_PASSWORD = "demonstration"
HQ_USERS = (
    # user name, name shown, role, antenne
    ("siege-demo", "Compte national (démo)", "national", None),
    ("antenne2-demo", "Compte antenne 2 (démo)", "antenna", 2),
    ("lecture-demo", "Compte lecture (démo)", "reader", None),
)
OPERATORS = (("manager", "Maëlle (démo)", "1407"), ("seller", "Léo (démo)", "2306"))
DAYS = 92


@dataclass(frozen=True, slots=True)
class DemoCafe:
    """A made-up café: who it is, how busy, and what is going wrong there."""

    number: int
    sign: str
    insee: str
    town: str
    postcode: str
    antenna: int
    model: str
    customers: int
    parcels: int = 6
    # "", silent, unclosed, falling, gaps, to_confirm, missing
    trouble: str = ""
    regime: str = "reel"
    # Weekday of rest, Monday is 0.
    rest: int = 0
    # Services beyond those its model usually starts with.
    more: tuple[str, ...] = ()

    @property
    def itinerant(self) -> bool:
        """Whether it goes from village to village."""
        return MODELS[self.model].itinerant

    @property
    def services(self) -> tuple[str, ...]:
        """What the café offers, in the order of its keys; parcels only where a carrier comes."""
        usual = (*MODELS[self.model].services, *self.more)
        return tuple(slug for slug in usual if slug != "parcels" or self.parcels)


# The counter's café shows all there is to try.
VILLAGE = ("relays", "digital", "info", "accounts", "members")

CAFES: tuple[DemoCafe, ...] = (
    DemoCafe(1, "Le Comptoir du Lavoir", "53195", "Sacé", "53470", 4, "managed", 62, 9, more=VILLAGE),
    DemoCafe(2, "Le Petit Perron", "22326", "Saint-Rieul", "22270", 2, "managed", 48),
    DemoCafe(
        3,
        "Café des Trois Chemins",
        "61288",
        "Montmerrei",
        "61570",
        2,
        "volunteer",
        31,
        4,
        regime="franchise",
        more=("digital", "info"),
    ),
    DemoCafe(4, "L’Auberge du Gué", "14355", "Ponts sur Seulles", "14480", 2, "leased", 57, 8, trouble="silent"),
    DemoCafe(5, "La Halte aux Tilleuls", "07099", "Gras", "07700", 1, "managed", 44, 5),
    DemoCafe(6, "La Table du Puits", "63073", "Chadeleuf", "63320", 1, "employee", 36, 3, more=("digital",)),
    DemoCafe(7, "Café de la Bascule", "21500", "Pouillenay", "21150", 1, "managed", 52, 7, trouble="unclosed"),
    DemoCafe(8, "Le Relais de la Treille", "30103", "Domazan", "30390", 3, "managed", 60, 8, trouble="falling"),
    DemoCafe(
        9, "Chez les Voisins", "81232", "Rouffiac", "81150", 3, "participatory", 27, 0, regime="franchise", rest=1
    ),
    DemoCafe(10, "Le Café du Bac", "40263", "Saint-Jean-de-Lier", "40380", 3, "managed", 41, 4, trouble="gaps"),
    DemoCafe(11, "La Cantine du Lin", "62212", "Capelle-lès-Hesdin", "62140", 5, "volunteer", 33, 3, trouble="missing"),
    DemoCafe(12, "Le Point du Jour", "67160", "Gœrsdorf", "67360", 5, "managed", 46, 6, trouble="to_confirm"),
    DemoCafe(13, "La Roulotte des Étangs", "52182", "Éclaron-Braucourt-Sainte-Livière", "52290", 5, "itinerant", 30, 0),
)


def cafe(number: int) -> DemoCafe:
    """Return a café of the demonstration by its number."""
    return next(one for one in CAFES if one.number == number)
