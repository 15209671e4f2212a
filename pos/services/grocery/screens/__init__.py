"""The grocery on the screen: one blueprint; the shelf, deliveries and dates, producers."""

from pos.services.grocery.screens import producers, shelf, stockroom
from pos.services.grocery.screens.blueprint import bp

__all__ = ["bp", "producers", "shelf", "stockroom"]
