"""Bikes on the screen: one blueprint, the counter, what lies behind."""

from pos.services.bikes.screens import counter, settings
from pos.services.bikes.screens.blueprint import bp

__all__ = ["bp", "counter", "settings"]
