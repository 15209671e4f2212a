"""The postal relay on the screen: one blueprint, the counter, money, what lies behind."""

from pos.services.post.screens import counter, money, settings
from pos.services.post.screens.blueprint import bp

__all__ = ["bp", "counter", "money", "settings"]
