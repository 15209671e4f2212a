"""The acts of the parcel relay: what a person at the counter, or a day file, can do.

They are written where they belong: `intake` (driver arrives), `handing` (recipient comes), `driver`
(senders, driver leaves, totals).
"""

from pos.services.parcels.driver import (
    count_only,
    driver_leaves,
    drop_off,
    give_to_driver,
    refuse_drop_off,
    return_to_driver,
    take_back,
)
from pos.services.parcels.handing import (
    declare_lost,
    hand_over,
    mark_found,
    mark_missing,
    refuse_by_recipient,
    undo_hand_over,
)
from pos.services.parcels.intake import (
    close_delivery,
    name_parcel,
    open_delivery,
    place,
    receive,
    refuse_at_intake,
    set_carrier,
    set_closed_weekdays,
)

__all__ = [
    "close_delivery", "count_only", "declare_lost", "driver_leaves", "drop_off", "give_to_driver", "hand_over",
    "mark_found", "mark_missing", "name_parcel", "open_delivery", "place", "receive", "refuse_at_intake",
    "refuse_by_recipient", "refuse_drop_off", "return_to_driver", "set_carrier", "set_closed_weekdays", "take_back",
    "undo_hand_over",
]  # fmt: skip

ACTS = (
    set_carrier, set_closed_weekdays, open_delivery, receive, place, name_parcel, refuse_at_intake, close_delivery,
    hand_over, undo_hand_over, refuse_by_recipient, mark_missing, mark_found, declare_lost, drop_off, refuse_drop_off,
    take_back, return_to_driver, give_to_driver, driver_leaves, count_only,
)  # fmt: skip
