"""The acts of the postal relay: what a person at the counter, or a day file, can do.

They are written where they belong: `agreement` (La Poste's terms and prices), `mail` (letters and
parcels handed in), `instances` (what waits for somebody), `cash` (withdrawals, balance, settlement).
Stamps are sold by the till; deliveries, losses and statements are acts of the consignment engine.
"""

from pos.services.post.agreement import apply_prices, set_price, set_terms
from pos.services.post.cash import close_balance, pay_in, pay_out, settle
from pos.services.post.instances import hand_instance, keep_instance, return_instance
from pos.services.post.mail import charge_postage, close_bag, collect, give_back, take_deposit

ACTS = (
    set_terms, set_price, apply_prices, take_deposit, charge_postage, give_back, close_bag, collect, keep_instance, hand_instance,
    return_instance, pay_out, pay_in, close_balance, settle,
)  # fmt: skip

__all__ = [
    "ACTS", "apply_prices", "charge_postage", "close_bag", "close_balance", "collect", "give_back", "hand_instance", "keep_instance", "pay_in",
    "pay_out", "return_instance", "set_price", "set_terms", "settle", "take_deposit",
]  # fmt: skip
