"""The depot's screens: the day's board, orders and customers, counting sheets, bakers and accounts."""

from pos.services.bread.screens import accounts, bakers, board, editing, sheets
from pos.services.bread.screens.blueprint import bp

__all__ = ["accounts", "bakers", "board", "bp", "editing", "sheets"]
