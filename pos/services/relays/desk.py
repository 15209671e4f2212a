"""The acts of the small relays: what a person at the counter, or a day file, can do.

They are written where they belong: `settings` (what is taken in, for whom; settling), `keeping` (things
left for a provider), `keys` (envelopes and their register), `baskets` (lists with a day and two times).
"""

from pos.services.relays.baskets import announce_batch, end_batch
from pos.services.relays.keeping import call, give_up, hand_over, leave, send, take_back, tell_price
from pos.services.relays.keys import allow, bring_key, end_right, keep_key, take_key
from pos.services.relays.settings import set_relay, settle_provider

ACTS = (
    set_relay, settle_provider, leave, send, take_back, call, tell_price, hand_over, give_up, keep_key, allow, end_right, take_key,
    bring_key, announce_batch, end_batch,
)  # fmt: skip

__all__ = [
    "ACTS", "allow", "announce_batch", "bring_key", "call", "end_batch", "end_right", "give_up", "hand_over", "keep_key", "leave",
    "send", "set_relay", "settle_provider", "take_back", "take_key", "tell_price",
]  # fmt: skip
