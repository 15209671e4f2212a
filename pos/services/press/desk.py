"""The acts of the press counter: what a person at the counter, or a day file, can do.

They are written where they belong: `titles` (the depot's terms, titles), `deliveries`, `unsold` (recalls),
`statements` (the depot's account), `games` (licences, stakes, wins, debits). Copies are sold by the till.
"""

from pos.services.press.deliveries import claim, correct_delivery, receive_delivery
from pos.services.press.games import check_age, debit_games, list_game, note_games, pay_win, set_licence, take_stakes
from pos.services.press.statements import close_statement, pay_statement
from pos.services.press.titles import list_title, set_depot
from pos.services.press.unsold import return_unsold, write_off

ACTS = (
    set_depot, list_title, receive_delivery, correct_delivery, claim, return_unsold, write_off, close_statement, pay_statement,
    set_licence, list_game, take_stakes, pay_win, note_games, debit_games, check_age,
)  # fmt: skip

__all__ = [
    "ACTS", "check_age", "claim", "close_statement", "correct_delivery", "debit_games", "list_game", "list_title", "note_games",
    "pay_statement", "pay_win", "receive_delivery", "return_unsold", "set_depot", "set_licence", "take_stakes", "write_off",
]  # fmt: skip
