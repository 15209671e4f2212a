"""The five antennes, the café models, and which antenne a département belongs to.

The north/south cut of Nouvelle-Aquitaine is not published: it is ours, by département (services.md A.11).
"""

from pos import models
from pos.i18n import N_

ANTENNAS = {
    1: N_("Auvergne-Rhône-Alpes, South-East"),
    2: N_("Brittany, Normandy"),
    3: N_("Occitanie, south Aquitaine"),
    4: N_("Loire, Centre, north Aquitaine"),
    5: N_("Grand Est, North, Île-de-France"),
}

_DEPARTMENTS = {
    1: "01 03 07 15 26 38 42 43 63 69 73 74 04 05 06 13 83 84 21 25 39 58 70 71 89 90 2A 2B",
    2: "22 29 35 56 14 27 50 61 76",
    3: "09 11 12 30 31 32 34 46 48 65 66 81 82 24 33 40 47 64",
    4: "44 49 53 72 85 18 28 36 37 41 45 16 17 19 23 79 86 87",
    5: "08 10 51 52 54 55 57 67 68 88 02 59 60 62 80 75 77 78 91 92 93 94 95",
}
_OF = {code: antenna for antenna, codes in _DEPARTMENTS.items() for code in codes.split()}

# Who runs the place decides what it shares (services.md A.3, D.1).
MODELS = {code: model.label for code, model in models.MODELS.items()}
# The network bears these cafés' risk: their money side is shared by contract.
SHARING_MODELS = frozenset(code for code, model in models.MODELS.items() if model.shares_money)


def antenna_of(department: str) -> int:
    """Return the antenne of a département; the fifth when it is not in the list (overseas)."""
    return _OF.get(department, 5)
