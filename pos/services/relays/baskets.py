"""Baskets of producers (AMAP and the like): a list of people, a day, two times, one tick each."""

import re
from collections.abc import Sequence

from pos.engines import shelf
from pos.engines.shelf import COLLECTED, GIVEN_UP
from pos.i18n import _
from pos.ids import new_id
from pos.services.relays import events, kinds, names, reading
from pos.services.relays import refusals as no
from pos.services.relays.keeping import DUE_MAX, UNCLAIMED
from pos.services.relays.settings import in_use
from pos.store import Store

# One journal entry holds so many ids.
BASKETS_MAX = 300
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def announce_batch(
    store: Store, relay: str, *, on: str, first: str = "17:00", last: str = "19:00", people: Sequence[str], due: int = 0,
    by: str, attempt: str = "",
) -> events.BatchAnnounced:  # fmt: skip
    """Announce a hand-over of baskets: one basket for each name, with what is to pay for it, if anything.

    Raises NoSuchRelay, NotABatch.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = in_use(tx, relay)
        chosen = [name for name in people if name.strip()]
        fits = {
            _("relay"): found.sort == kinds.BASKETS,
            _("day"): bool(_DAY.fullmatch(on)) and on >= tx.today,
            _("times"): bool(_TIME.fullmatch(first) and _TIME.fullmatch(last)) and first.zfill(5) < last.zfill(5),
            _("people"): 0 < len(chosen) <= BASKETS_MAX,
            _("amount"): 0 <= due <= DUE_MAX,
        }
        for field, good in fits.items():
            if not good:
                raise no.NotABatch(field=field)
        things = [
            shelf.keep(
                tx, found.service, prefix=found.form.prefix, sort=relay, owner=found.owner, due_cents=due, due_on=on, counts=False,
                until=shelf.days_after(on, found.hold_days),
                person=names.owner(tx, name=name, person="", phone="", days=found.hold_days + 30),
            ).thing
            for name in chosen
        ]  # fmt: skip
        event = events.BatchAnnounced(
            batch=new_id(tx.now),
            relay=relay,
            day=tx.today,
            on=on,
            first=first.zfill(5),
            last=last.zfill(5),
            things=things,
        )
        tx.record(event)
        return event


def end_batch(store: Store, batch: str, *, by: str, attempt: str = "") -> events.BatchEnded:
    """End a hand-over: baskets nobody came for leave as the producers said. Raises BatchOver, NotDeliveredYet."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = reading.batch(tx.conn, batch)
        if found is None or found.ended:
            raise no.BatchOver
        if tx.today < found.on:
            raise no.NotDeliveredYet(day=found.on)
        baskets = reading.baskets(tx.conn, batch)
        left = [thing for thing in baskets if GIVEN_UP in shelf.MOVES[thing.state]]
        for thing in left:
            shelf.move(tx, thing.thing, GIVEN_UP, reason=UNCLAIMED)
        collected = sum(thing.state == COLLECTED for thing in baskets)
        event = events.BatchEnded(batch=batch, day=tx.today, collected=collected, left=len(left))
        tx.record(event)
        return event
