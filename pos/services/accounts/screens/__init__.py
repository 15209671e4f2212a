"""Accounts on the screen: people, purses of nobody in particular, one blueprint."""

from pos.services.accounts.screens import people, purses
from pos.services.accounts.screens.blueprint import bp

__all__ = ["bp", "people", "purses"]
