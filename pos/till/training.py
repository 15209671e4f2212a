"""Practising without touching a true total: a file, a key and a journal of their own (R45).

The training file has the same screens and the same acts; nothing of it is sent to HQ, and the café's
own file cannot be reached from it. Beginning and end are entries of the true journal, with the head
of the training one.
"""

from collections.abc import Iterable
from pathlib import Path

from pos import drafts, zcj
from pos.clock import Clock, business_day
from pos.errors import Refusal
from pos.events import Event
from pos.feature import Feature
from pos.i18n import N_
from pos.journal import Journal, entries, read_envelope
from pos.seal import GRANT, Keyring
from pos.store import NotEnrolled, Store
from pos.till import close, tables
from pos.till.menu_events import (
    CafeDescribed,
    CategoryListed,
    OperatorAdded,
    OperatorRemoved,
    ProductListed,
    ProductRetired,
    ServicesSwitched,
)  # fmt: skip
from pos.till.training_events import TrainingEnded, TrainingStarted

FILE, KEY = "training.db", "training.key"
FLOAT_CENTS = 15_000
# What the training journal is told of the true one: the menu, the café, who serves. Nothing that was sold.
COPIED: tuple[type[Event], ...] = (
    CafeDescribed, CategoryListed, ProductListed, ProductRetired, ServicesSwitched, OperatorAdded, OperatorRemoved,
)  # fmt: skip
COPIED_UP_TO = "training_copied"


class NotWhileTraining(Refusal):
    """Settings are the café's own: they are not practised on."""

    sentence = N_("This is not changed while training.")
    remedy = N_("Leave the training first: the key is at the top of the screen.")


def open_training(folder: Path, *, clock: Clock, features: Iterable[Feature], cafe: int) -> Store:
    """Open the training file of a box, made at the first use with a key of its own."""
    store = Store(folder / FILE, clock=clock, keyring=Keyring.load_or_make(folder / KEY), features=features)
    if store.journal is None:
        grant = zcj.encode(
            {"base": None, "cafe": cafe, "hq": store.keyring.kid, "issued": clock.now_ms(),
             "key": store.keyring.public.hex(), "n": 0, "type": "training", "v": 1}
        )  # fmt: skip
        signature = store.keyring.sign(GRANT, grant)
        store.open_journal(grant=grant, signature=signature, hq_key=store.keyring.public)
    return store


def start_training(store: Store, training: Store, *, by: str, attempt: str = "") -> TrainingStarted:
    """Begin to practise: recorded in the true journal first, then the menu is brought up to date."""
    practice = _journal_of(training)
    with store.writing(by=by, attempt=attempt) as tx:
        event = TrainingStarted(journal=practice.jid, head_seq=training.tip().seq)
        tx.record(event)
    # The true journal has just believed the clock.
    training.put_right = store.put_right
    _copy_menu(store, training)
    with training.writing(by=by) as tx:
        tx.trust_clock(leap=True)
        tx.record(event)
    with training.reading() as conn:
        state = close.day_state(conn, business_day(training.clock.now_ms()))
    if state.state != "open":
        close.open_day(training, FLOAT_CENTS, by=by)
    return event


def end_training(store: Store, training: Store, *, by: str) -> TrainingEnded:
    """End practice: the head of its journal enters the true one."""
    tip = training.tip()
    with training.reading() as conn:
        tickets = tables.next_no(conn) - 1
    with store.writing(by=by) as tx:
        event = TrainingEnded(journal=_journal_of(training).jid, head_seq=tip.seq, head=tip.hash.hex(), tickets=tickets)
        tx.trust_clock()
        tx.record(event)
        return event


def _journal_of(store: Store) -> Journal:
    if store.journal is None:
        raise NotEnrolled
    return store.journal


def _copy_menu(store: Store, training: Store) -> None:
    """Tell the training journal what changed on the true menu since the last time."""
    kinds = {cls.kind for cls in COPIED}
    with training.reading() as conn:
        done: dict[str, int] = drafts.get(conn, COPIED_UP_TO, {})
    news: list[Event] = []
    with store.reading() as conn:
        for told in store.journals():
            last = done.get(told.jid, -1)
            for stored in entries(conn, told, last + 1):
                entry = read_envelope(stored.body)
                event = store.types.decode(entry.kind, entry.kv, entry.data) if entry.kind in kinds else None
                news += [event] if event is not None else []
                last = stored.seq
            done[told.jid] = last
    with training.writing(by="box") as tx:
        tx.trust_clock(leap=True)
        for event in news:
            tx.record(event)
        drafts.put(tx.conn, COPIED_UP_TO, done)
