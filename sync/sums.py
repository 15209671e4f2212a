"""What entries that a box cannot tell come to: the numbers and totals that its journal continues (§2.9, §2.10)."""

from collections import Counter
from typing import Any

from pos.events import EventTypes, Unreadable
from pos.journal import Envelope
from pos.system import Carried
from pos.till.events import CommissionKept, DayClosed, SaleCompleted, SaleRefunded, ThirdPartyMoved, ThirdPartySettled

# Only these are decoded: a café's whole history is read for a new box.
_HEARD = {
    cls.kind for cls in (SaleCompleted, SaleRefunded, DayClosed, ThirdPartySettled, CommissionKept, ThirdPartyMoved)
}


class Sums:
    """Sums over entries that a box has not: numbers that go on, totals."""

    def __init__(self, types: EventTypes) -> None:
        self.no = self.z = self.turnover = self.absolute = 0
        self.spans: Counter[str] = Counter()
        self.owners: Counter[str] = Counter()
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
        """Return the sums by their names in `JournalContinued` and `JournalTailFound`."""
        return {
            "no": self.no, "z": self.z, "turnover": self.turnover, "absolute": self.absolute,
            "spans": _carried(self.spans), "owners": _carried(self.owners),
        }  # fmt: skip


def _carried(sums: Counter[str]) -> list[Carried]:
    return [Carried(key=key, amount=n) for key, n in sorted(sums.items()) if n]
