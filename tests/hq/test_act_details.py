"""The details of an act in the trail are words and units, never a row's own JSON."""

import json

import pytest

from hq.act_details import act_detail


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"before": None, "metres": 5200, "note": "", "service": "bread"}, "distance : 5,2 km · service : Pain"),
        ({"before": 5200, "metres": 4700}, "avant : 5,2 km · distance : 4,7 km"),
        ({"ceiling": 200, "label": "Limonade", "price": None}, "plafond : 2,00 € · produit : Limonade"),
        ({"purpose": "replace", "why": "tombé"}, "pour : un autre boîtier à sa place · pourquoi : tombé"),
        ({"changed": {"name": ["Le Lavoir", "Le Zinc"]}}, "changé : nom Le Lavoir → Le Zinc"),
        ({"valid_from": "2026-08-01"}, "en vigueur depuis : 1er août 2026"),
        ({"title": "Rappel", "urgent": True}, "titre : Rappel · urgente : oui"),
        ({"something_new": 3, "jn": 2}, "something_new : 3 · boîtier : 2"),
    ],
)
def test_details_are_said_in_words(told: dict[str, object], said: str) -> None:
    """Metres are kilometres, cents are euros, codes are words; what is empty, or was never, is not said."""
    assert act_detail(json.dumps(told)).replace("\u00a0", " ").replace("\u202f", " ") == said


def test_an_act_without_details_says_nothing() -> None:
    """Many acts have a name only."""
    assert act_detail("") == ""
