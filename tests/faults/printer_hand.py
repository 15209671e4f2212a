"""A hand that prints what waits as fast as it can, until somebody pulls the plug: `python -m tests.faults.printer_hand FILE ADDRESS FIRST LAST`.

Queues its tickets first, those that are not there yet; says a line when it begins to print.
"""

import sys
import time
from pathlib import Path

from pos.clock import SystemClock
from pos.hardware import open_devices, queue
from pos.hardware.printer import render
from pos.slips import Columns, Slip, Text
from tests.conftest import open_test_store


def ticket(number: int) -> Slip:
    """A ticket that says its number at both ends, so that half of one is seen."""
    return Slip("", (Text(f"Billet {number}"), *[Columns("Café crème", "2,20 €")] * 8, Text(f"Fin {number}")))


def main(path: str, address: str, first: int, last: int) -> None:
    """Print until killed."""
    store = open_test_store(Path(path), SystemClock())  # type: ignore[arg-type]
    devices = open_devices({"kind": "network", "address": address, "confirm": "process_id"})
    queue.recover(store)
    with store.reading() as conn:
        known = {job.what for job in queue.jobs(conn, 100_000)}
    with store.writing(by="v1") as tx:
        for number in range(first, last):
            if str(number) not in known:
                queue.enqueue(tx.conn, str(number), render(ticket(number), devices.printer.model), at=tx.now)
    print("printing", flush=True)
    while queue.work(store, devices).again_ms is not None:
        time.sleep(0.05)
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
