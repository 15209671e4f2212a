"""Who may do what takes money back or hides it: the manager; whoever else serves asks for their PIN (R28, R50).

Selling, counting, closing, throwing away what is past its date: whoever serves. `docs/rights.md` has the whole table.
"""

from pos.store import Writing
from pos.till import refusals as no
from pos.till import tables

MANAGER, SELLER = "manager", "seller"
# A paid ticket given back; less on a bill already printed; the drawer without a sale; cash taken out of it.
REFUND, LESS_AFTER_PRINT, OPEN_DRAWER, TAKE_CASH_OUT = "refund", "less_after_print", "open_drawer", "take_cash_out"
RIGHTS: dict[str, tuple[str, ...]] = {
    REFUND: (MANAGER,),
    LESS_AFTER_PRINT: (MANAGER,),
    OPEN_DRAWER: (MANAGER,),
    TAKE_CASH_OUT: (MANAGER,),
}


def need(tx: Writing, right: str) -> None:
    """Raise ManagerNeeded unless whoever does this act has the right."""
    if tables.role_of(tx.conn, tx.by) not in RIGHTS[right]:
        raise no.ManagerNeeded
