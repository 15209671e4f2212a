"""The hands that print: one per printer, woken when a slip is queued and, while one waits, after its back-off.

Nothing here polls: with an empty queue no thread wakes up.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from pos.hardware import COUNTER, KITCHEN, queue
from pos.hardware.queue import Worked

log = logging.getLogger("zinc.printing")


class Spooler:
    """Prints what `house.store` has queued on `house.devices`; both are looked up anew at each round."""

    def __init__(
        self, house: Any, counter_hand: ThreadPoolExecutor, changed: Callable[[], None] = lambda: None
    ) -> None:
        self._house = house
        # Called when a printer is in trouble, or no longer.
        self._changed = changed
        self._troubles: dict[str, type | None] = {}
        # The counter's printer shares its hand with the drawer it opens; a stuck kitchen printer holds neither.
        self._hands = {COUNTER: counter_hand, KITCHEN: ThreadPoolExecutor(1, thread_name_prefix="kitchen")}
        self._timers: dict[str, threading.Timer] = {}
        self._lock = threading.Lock()
        self._going = False

    def start(self) -> None:
        """Come back by itself for what waits, from now on."""
        self._going = True
        for printer in self._hands:
            self.soon(printer)

    def soon(self, printer: str = COUNTER) -> Future[Worked]:
        """Print on a printer as soon as its hand is free, back-off or not: a person is there."""
        return self._hands[printer].submit(self._round, printer, now=True)

    def _round(self, printer: str, *, now: bool) -> Worked:
        try:
            house = self._house
            done = queue.work(house.store, house.devices, printer, now=now, anew=lambda: house.devices)
        except Exception:
            # A full disk, a file being put back: what waits is tried again later all the same.
            log.exception("printing on %s", printer)
            self._come_back(printer, queue.BACK_OFF_MS[-1])
            raise
        if done.again_ms is not None:
            self._come_back(printer, done.again_ms)
        if done.trouble is None and not done.printed and done.again_ms is not None:
            # An alarm that rang early tried nothing: the printer stands as it stood.
            return done
        trouble = type(done.trouble) if done.trouble is not None else None
        if trouble is not self._troubles.get(printer):
            self._troubles[printer] = trouble
            self._changed()
        return done

    def _come_back(self, printer: str, wait_ms: int) -> None:
        """Set the one alarm of a printer."""
        with self._lock:
            if not self._going:
                return
            if printer in self._timers:
                self._timers[printer].cancel()
            # A little late rather than a little early: an alarm that finds nothing due must ring again.
            timer = threading.Timer(wait_ms / 1000 + 0.02, self._again, (printer,))
            timer.daemon = True
            self._timers[printer] = timer
            timer.start()

    def _again(self, printer: str) -> None:
        with suppress(RuntimeError):  # the hand was shut: the kiosk is stopping
            self._hands[printer].submit(self._round, printer, now=False)

    def stop(self) -> None:
        """Ring no more; what waits is on disk."""
        with self._lock:
            self._going = False
            for timer in self._timers.values():
                timer.cancel()
        self._hands[KITCHEN].shutdown(wait=True, cancel_futures=True)
