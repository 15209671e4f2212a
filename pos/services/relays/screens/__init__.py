"""The relays on the screen: taken in, sent, called for, handed over; keys, baskets, settings."""

from pos.services.relays.screens import counter, keys, settings
from pos.services.relays.screens.blueprint import bp

__all__ = ["bp", "counter", "keys", "settings"]
