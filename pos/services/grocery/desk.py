"""The acts of the grocery: what a person at the counter, or a day file, can do.

They are written where they belong: `shelf` (articles, deliveries, dates, orders, weights) and `producers`
(deposits, statements). Suppliers, inventories and other losses are acts of the stock engine.
"""

from pos.services.grocery.producers import (
    close_statement,
    give_back,
    lose,
    name_producer,
    pay_producer,
    set_producer,
    take_deposit,
)
from pos.services.grocery.shelf import (
    add_label,
    draw_order,
    lift_markdown,
    list_shelf,
    mark_down,
    receive_delivery,
    set_item,
    set_pattern,
    weigh,
    withdraw,
)

ACTS = (
    list_shelf, set_item, set_pattern, receive_delivery, withdraw, mark_down, lift_markdown, draw_order, weigh, add_label,
    set_producer, name_producer, take_deposit, give_back, lose, close_statement, pay_producer,
)  # fmt: skip

__all__ = [
    "ACTS", "add_label", "close_statement", "draw_order", "give_back", "lift_markdown", "list_shelf", "lose", "mark_down",
    "name_producer", "pay_producer", "receive_delivery", "set_item", "set_pattern", "set_producer", "take_deposit", "weigh", "withdraw",
]  # fmt: skip
