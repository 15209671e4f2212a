"""A café comes back from HQ onto this box: asked once, then by itself, through cut lines and power cuts, to the end.

What was asked is a draft of the new box; what came lies beside its file. Nothing takes the café's place
before everything is there, checked, and somebody can sign in.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from kiosk import copies, restoring
from kiosk.copies import Held
from kiosk.wiring import Kiosk
from pos import backup, box, drafts, private
from pos.errors import DiskFull, Refusal, Told
from pos.i18n import N_, _
from pos.store import Store
from pos.till import people

log = logging.getLogger(__name__)

BESIDE, MADE, COPY = "coming.db", "brought.db", "copy.db"
# What came back and what did not, for the to-do list, until somebody has seen it.
CAME_BACK = "came_back"
CONFIRM, READY = "confirm", "ready"
PAUSE_S, PAUSE_MOST_S = 5.0, 60.0
# Somebody is on the telephone: asked often at first, then no more often than HQ lets a café call for hours.
ASKED_OFTEN, SELDOM = 12, 12


class NotNew(Refusal):
    """A café's journal is here already: nothing takes its place."""

    sentence = N_("This box has a café already.")
    remedy = N_("For a box whose history differs from HQ’s, type a repair code: Settings, Line to HQ.")


class Coming:
    """One café on its way back. `step`: confirm, fetch, check, tell, ready."""

    def __init__(self, kiosk: Kiosk, told: Any, url: str) -> None:
        self.kiosk, self.told, self.url = kiosk, told, url
        self.step, self.done, self.total = CONFIRM, 0, 0
        self.trouble: Told | None = None
        # Called at each step on the way, by whoever measures.
        self.watch: Callable[[str], None] | None = None
        self.brought: Any = None
        self.store: Store | None = None
        self.copy: Path | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def remedy(self) -> str:
        """What to do about the trouble; nothing when the line itself is the trouble."""
        from sync import trouble

        ours = isinstance(self.trouble, trouble.HqUnreachable | trouble.HqBusy | trouble.HqFailed)
        return "" if ours or self.trouble is None else self.trouble.how()

    @property
    def check_number(self) -> str:
        """The number to say on the telephone."""
        return str(self.told.check_number)

    def _at(self, step: str, done: int, total: int) -> None:
        self.step, self.done, self.total, self.trouble = step, done, total, None
        if self.watch is not None:
            self.watch(step)

    def once(self) -> None:
        """Bring what is still missing, put it together, open the journal that goes on. Raises SyncTrouble."""
        from sync import rebuild, repair, restore
        from sync.line import HttpHq

        data, line = self.kiosk.data, HttpHq(self.url) if self.url else self.kiosk.line
        self._drop()
        brought = restore.fetch(self.kiosk.store, line, self.told, data / BESIDE, progress=self._at)
        made = rebuild.build(
            data / BESIDE, brought, self.told, data / MADE, self.kiosk.store, copy=self.copy, progress=self._at
        )
        try:
            repair.follow(made, line, self.told)
        except BaseException:
            made.close()
            raise
        if len(made.journals()) == 1:
            # What HQ has cannot be had as the last box had it: only numbers and totals go on.
            brought = replace(brought, entries=0)
        self.brought, self.store, self.step = brought, made, READY

    def _drop(self) -> None:
        if self.store is not None:
            self.store.close()
            self.store = None

    def run(self, pause: float) -> None:
        """Go on until the café is there or somebody gives up; whatever fails is tried again."""
        from sync import trouble

        wait, asked = pause, 0
        while not self._stop.is_set():
            try:
                self.once()
            except trouble.NotConfirmed:
                asked += 1
                self.step, self.trouble, wait = CONFIRM, None, pause * (1 if asked < ASKED_OFTEN else SELDOM)
            except trouble.HqBusy as problem:
                # Two calls are needed: what HQ lets through is left to gather.
                self.trouble, wait = problem, max(problem.seconds, min(PAUSE_MOST_S * 4, wait * 2))
            except Told as problem:
                self.trouble, wait = problem, min(PAUSE_MOST_S, wait * 2)
                log.info("not yet back from HQ: %s", type(problem).__name__)
            except (OSError, sqlite3.DatabaseError) as problem:
                self.trouble, wait = DiskFull(), PAUSE_MOST_S
                log.warning("not yet back from HQ: %s", problem)
            else:
                return
            self._stop.wait(wait)

    def start(self, pause: float = 0) -> None:
        """Go on in a thread of its own, if none does."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self.run, args=(pause or PAUSE_S,), name="coming", daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait a moment, or for the end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def in_words(self) -> str:
        """Say how far it is."""
        if self.trouble is not None:
            return f"{self.trouble.what()} {self.trouble.how()}"
        if self.step == CONFIRM:
            return _("Once HQ has confirmed it, the café comes back by itself.")
        return _("%(done)s of %(total)s entries", done=self.done, total=self.total)

    def stop(self) -> None:
        """Let go, at the next pause."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(PAUSE_MOST_S)
        self._drop()

    def add_stick(self, held: Held, secret: str) -> None:
        """Open a stick's copy, and put everything together again with what only it holds. Raises Refusal."""
        path = self.kiosk.data / COPY
        with copies.telling():
            backup.lay(held.path, secret, path, held.tail or b"")
        self.copy = path
        self.step, self.done, self.total = "check", 0, 0
        self.start()

    def managers(self) -> list[dict[str, Any]]:
        """Return who may take the café up again: managers, the one who signed in last first."""
        assert self.store is not None
        with self.store.reading() as conn:
            found = [row for row in people.operators(conn) if row["role"] == "manager"]
            last = {row[0]: row[1] for row in conn.execute(_LAST)}
        return sorted(found, key=lambda row: -last.get(row["op"], 0))

    def has_names(self) -> bool:
        """Tell whether some manager can sign in already: a stick brought names and PINs."""
        assert self.store is not None
        with self.store.reading() as conn:
            return any(private.recall(conn, f"op-{row['op']}") for row in self.managers())

    def not_back(self) -> list[str]:
        """Say what did not come back."""
        from kiosk.drawing import date_fr

        assert self.brought is not None
        out = [_("Bills that were open, and the settings of machines: printer, terminal, scanner.")]
        if self.copy is None:
            out = [
                _("What was recorded since %(when)s: type it again from paper, under today’s date.",
                  when=date_fr(self.brought.heard_at)),
                _("Names and telephone numbers: parcels, orders and accounts are there, without the names."),
                _("The names and PINs of those who serve: give them again under Team."), *out,
            ]  # fmt: skip
        if not self.brought.entries:
            out.insert(0, _(
                "The menu, stock and accounts: after several repairs only ticket numbers and totals could go on. Type the menu again."
            ))  # fmt: skip
        return out

    def finish(self, op: str = "", *, name: str = "", hashed: str = "") -> None:
        """Put the café in place; `op` takes it up again with a name and a PIN. The box is the café's from here on."""
        assert self.store is not None
        made, kiosk = self.store, self.kiosk
        if hashed and op:
            people.take_up(made, op, name=name, hashed=hashed)
        elif hashed:
            people.add_operator(made, role="manager", name=name, hashed=hashed, by="")
        with made.writing(by="box") as tx:
            if self.url:
                drafts.put(tx.conn, "settings", {**drafts.get(tx.conn, "settings", {}), "hq_url": self.url})
            drafts.put(tx.conn, CAME_BACK, {
                "heard_at": self.brought.heard_at, "entries": self.brought.entries, "stick": self.copy is not None,
            })  # fmt: skip
        self._drop()
        line = kiosk.line
        restoring.take_place(kiosk, kiosk.data / MADE, by="box")
        kiosk.line = kiosk.line or line
        box.start(kiosk.store)
        kiosk.coming = None
        clear(kiosk.data)


_LAST = "SELECT op, max(t) FROM till_ticket GROUP BY op"


def clear(data: Path) -> None:
    """Take away what lay beside the file."""
    for name in (BESIDE, MADE, COPY):
        for suffix in ("", "-wal", "-shm", "-journal"):
            (data / (name + suffix)).unlink(missing_ok=True)


def ask(kiosk: Kiosk, code: str, url: str) -> Coming:
    """Let this box in with a replacement code, and remember it. Raises SyncTrouble; nothing is kept then."""
    from sync import code_card, enrol, trouble
    from sync.line import HttpHq

    url = code_card.read(code).url or url
    if not url and kiosk.line is None:
        raise trouble.AddressMissing
    told = enrol.enrol(kiosk.store, HttpHq(url) if url else kiosk.line, code, hw=box.hardware_name())
    return keep(kiosk, told, url)


def keep(kiosk: Kiosk, told: Any, url: str) -> Coming:
    """Remember HQ's word that this box takes a café over: the café comes from now on, after a start too."""
    from sync import restore

    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, restore.STATE, {"told": msgspec.to_builtins(told), "url": url})
    kiosk.coming = Coming(kiosk, told, url)
    return kiosk.coming


def resume(kiosk: Kiosk) -> Coming | None:
    """Return the café that is on its way, after a start too; None when none is."""
    from sync import restore
    from sync.line import Enrolled

    if kiosk.coming is None and kiosk.store.journal is None:
        with kiosk.store.reading() as conn:
            kept = drafts.get(conn, restore.STATE)
        if kept:
            kiosk.coming = Coming(kiosk, msgspec.convert(kept["told"], Enrolled), kept["url"])
    found: Coming | None = kiosk.coming
    return found


def give_up(kiosk: Kiosk) -> None:
    """Forget the code and what came: the box is as new."""
    from sync import restore

    if kiosk.coming is not None:
        kiosk.coming.stop()
        kiosk.coming = None
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, restore.STATE, None)
    clear(kiosk.data)
