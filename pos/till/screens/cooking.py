"""A bill on its way to the kitchen: by its key, or by itself when it is paid before."""

import sqlite3
from collections.abc import Collection

import msgspec

from pos import screens
from pos.clock import local
from pos.hardware import KITCHEN
from pos.till import kitchen, sell
from pos.till.screens import paper, staff
from pos.till.tab import Tab


def families() -> Collection[str]:
    """Return what goes to the kitchen; nothing when it has no printer."""
    return kitchen.routes(screens.kiosk().box_settings()) if screens.devices().has_kitchen else ()


def waiting(conn: sqlite3.Connection, tab: Tab) -> int:
    """Return how many lines the kitchen does not know yet."""
    chosen = families()
    return len(kitchen.to_tell(conn, tab, chosen)) if chosen else 0


def tell(tab_id: str) -> bool:
    """Queue the slip for what the kitchen does not know of a bill; tell whether there was any."""
    chosen = families()
    if not chosen:
        return False
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
    return tab is not None and _tell(tab, chosen)


def told(tab_id: str) -> Tab | None:
    """Return a bill about to be abandoned, as the kitchen must then hear of it; None when it knows nothing of it."""
    chosen = families()
    if not chosen:
        return None
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        if tab is None:
            return None
        without = msgspec.structs.replace(tab, lines=[])
        return without if kitchen.to_tell(conn, without, chosen) else None


def call_off(tab: Tab | None) -> None:
    """Tell the kitchen that a bill it knew was abandoned."""
    if tab is not None:
        _tell(tab, families())


def _tell(tab: Tab, chosen: Collection[str]) -> bool:
    store = screens.store()
    with store.reading() as conn:
        if not kitchen.to_tell(conn, tab, chosen):
            return False
    by = staff.name_of(screens.clerk())
    with store.writing(by=screens.clerk()) as tx:
        changes = kitchen.to_tell(tx.conn, tab, chosen)
        if not changes:
            return False
        slip = kitchen.slip(tab, changes, at=local(tx.now).strftime("%H:%M"), by=by)
        paper.enqueue(tx, slip.title, slip, printer=KITCHEN)
        kitchen.note_told(tx.conn, tab, chosen)
    screens.print_waiting(KITCHEN)
    return True
