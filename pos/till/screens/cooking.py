"""A bill on its way to the kitchen: by its key, or by itself when it is paid before."""

import sqlite3
from collections.abc import Collection

from pos import screens
from pos.clock import local
from pos.hardware import KITCHEN
from pos.till import kitchen, people, sell
from pos.till.screens import paper
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
    chosen, store = families(), screens.store()
    if not chosen:
        return False
    with store.reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        if tab is None or not kitchen.to_tell(conn, tab, chosen):
            return False
    with store.writing(by=screens.clerk()) as tx:
        tab = sell.current_tab(tx.conn, tab_id)
        changes = kitchen.to_tell(tx.conn, tab, chosen) if tab else []
        if tab is None or not changes:
            return False
        by = people.name_of(tx.conn, screens.clerk())
        slip = kitchen.slip(tab, changes, at=local(tx.now).strftime("%H:%M"), by=by)
        paper.enqueue(tx, slip.title, slip, printer=KITCHEN)
        kitchen.note_told(tx.conn, tab, chosen)
    screens.print_waiting(KITCHEN)
    return True
