"""The press on the screen: one blueprint; the counter, bundles, games, what lies behind."""

from pos.services.press.screens import bundles, counter, games, office
from pos.services.press.screens.blueprint import bp

__all__ = ["bp", "bundles", "counter", "games", "office"]
