"""What HQ holds of a café and a repaired box does not: the numbers and totals that its new journal continues.

Only sums leave here: a box whose check number nobody has heard yet learns no entry.
"""

from collections import Counter
from typing import Any

from sqlalchemy import Connection

from hq import enrolment
from pos.events import EventTypes, Unreadable
from pos.journal import Envelope
from pos.system import Carried
from pos.till.events import CommissionKept, DayClosed, SaleCompleted, SaleRefunded, ThirdPartyMoved, ThirdPartySettled
from sync import ingest, wire

# Only these are decoded: a café's whole history is read for a new box.
_HEARD = {
    cls.kind for cls in (SaleCompleted, SaleRefunded, DayClosed, ThirdPartySettled, CommissionKept, ThirdPartyMoved)
}


class Balances:
    """Sums over the entries a box has not."""

    def __init__(self, types: EventTypes) -> None:
        self.lost = self.no = self.z = self.turnover = self.absolute = 0
        self.spans: Counter[str] = Counter()
        self.owners: Counter[str] = Counter()
        self.upto: dict[str, int] = {}
        self._types = types

    def add(self, entry: Envelope) -> None:
        """Count one entry; one that cannot be read changes nothing."""
        if entry.kind not in _HEARD:
            return
        try:
            event = self._types.decode(entry.kind, entry.kv, entry.data)
        except Unreadable:
            return
        if isinstance(event, SaleCompleted | SaleRefunded):
            self.no = max(self.no, event.no)
            self.turnover += event.turnover
            self.absolute += abs(event.turnover)
            for span in (event.day[:7], event.day[:4]):
                self.spans[span] += event.turnover
            self._owe(event)
        elif isinstance(event, DayClosed):
            self.z = max(self.z, event.z)
        elif isinstance(event, ThirdPartySettled | CommissionKept):
            self.owners[event.owner] -= event.amount
        elif isinstance(event, ThirdPartyMoved):
            self.owners[event.owner] += event.amount

    def _owe(self, event: SaleCompleted | SaleRefunded) -> None:
        for part in event.off:
            if part.owner:
                self.owners[part.owner] += part.amount
        for payment in event.payments:
            if payment.owner:
                self.owners[payment.owner] -= payment.amount

    def told(self) -> dict[str, Any]:
        """Return the message to the box."""
        return {
            "upto": self.upto, "lost": self.lost, "no": self.no, "z": self.z, "turnover": self.turnover, "absolute": self.absolute,
            "spans": _carried(self.spans), "owners": _carried(self.owners),
        }  # fmt: skip


def _carried(sums: Counter[str]) -> list[Carried]:
    return [Carried(key=key, amount=n) for key, n in sorted(sums.items()) if n]


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
            # Sent again by another copy, and held where it was first written too: the box has it from there.
            moved = one.jid != told.jid and one.seq <= asked.have.get(one.jid, -1)
            if moved and ingest.hash_at(conn, journals[one.jid], one.seq) == one.first:
                continue
            sums.lost += 1
            sums.add(one.entry)
    return sums


__all__ = ["Balances", "missing"]
