"""The meals on the screen: one blueprint; the day and its rounds, the plan and the people, the month and its partners."""

from pos.services.meals.screens import counter, month, plan
from pos.services.meals.screens.blueprint import bp

__all__ = ["bp", "counter", "month", "plan"]
