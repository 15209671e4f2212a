"""The acts of the meals: what a person at the counter, or a day file, can do.

They are written where they belong: `people` (beneficiaries and subscriptions), `orders` (the plan, the
kitchen), `rounds` (portage, doors, what is destroyed), `funding` (prices, partners, claims, bills).
"""

from pos.services.meals.funding import bill, claim_month, receive_payment, set_funder, set_terms
from pos.services.meals.orders import cancel, change_funder, close_orders, order, prepare
from pos.services.meals.people import change, end, enter, pause, resume, subscribe
from pos.services.meals.rounds import (
    close_round,
    decline,
    deliver,
    dispose,
    leave,
    note_absent,
    record_call,
    serve,
    undo,
)

ACTS = (
    set_terms, set_funder, enter, change, end, subscribe, pause, resume, order, cancel, change_funder, close_orders,
    prepare, leave, deliver, serve, note_absent, record_call, decline, dispose, undo, close_round, claim_month,
    receive_payment, bill,
)  # fmt: skip

__all__ = [
    "ACTS", "bill", "cancel", "change", "change_funder", "claim_month", "close_orders", "close_round", "decline",
    "deliver", "dispose", "end", "enter", "leave", "note_absent", "order", "pause", "prepare", "receive_payment",
    "record_call", "resume", "serve", "set_funder", "set_terms", "subscribe", "undo",
]  # fmt: skip
