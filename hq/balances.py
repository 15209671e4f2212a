"""What HQ holds of a café and a repaired box does not: the numbers and totals that its new journal continues.

Only sums leave here: a box whose check number nobody has heard yet learns no entry.
"""

from typing import Any

from sqlalchemy import Connection

from hq import enrolment
from pos.events import EventTypes
from sync import ingest, wire
from sync.sums import Sums


class Balances(Sums):
    """Sums over the entries a box has not."""

    def __init__(self, types: EventTypes) -> None:
        super().__init__(types)
        self.lost = 0
        self.upto: dict[str, int] = {}

    def told(self) -> dict[str, Any]:
        """Return the message to the box."""
        return {"upto": self.upto, "lost": self.lost} | super().told()


def missing(conn: Connection, types: EventTypes, cafe: int, jid: str, asked: wire.BalancesAsked) -> Balances:
    """Sum what HQ holds of a café and the box does not; its own new journal `jid` apart."""
    sums, mine = Balances(types), set(asked.mine)
    journals = {told.jid: told for told in enrolment.boxes(conn, cafe)}
    for told in journals.values():
        if told.jid == jid:
            continue
        sums.upto[told.jid] = ingest.cursor_of(conn, told)[0]
        for one in ingest.entries_after(conn, told, asked.have.get(told.jid, -1)):
            if one.first.hex()[:16] in mine:
                continue
            # Sent again by another copy, and held where it was first written too: the box has it from there. An HQ put back
            # may have forgotten that journal.
            moved = one.jid != told.jid and one.jid in journals and one.seq <= asked.have.get(one.jid, -1)
            if moved and ingest.hash_at(conn, journals[one.jid], one.seq) == one.first:
                continue
            sums.lost += 1
            sums.add(one.entry)
    return sums


__all__ = ["Balances", "missing"]
