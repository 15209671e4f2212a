"""A stick of the box before, found late: looked at first, told plainly, then taken in or left."""

from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import request, url_for

from kiosk import backups, coming, copies
from kiosk.settings import bp, manager_only
from kiosk.wiring import Kiosk
from pos import backup, drafts, journal, screens
from pos.errors import AlreadyDone, Refusal
from pos.i18n import _
from pos.till.events import SaleCompleted, SaleRefunded

COPY = "found.db"
# What came in, until somebody has seen it.
CAME = "found_copy"
# What a till does by itself needs nobody's hand again.
_QUIET = frozenset(
    ("till", "journal", "box", "sync", "clock", "config", "network", "archive", "accounting", "invoices")
)


def others(kiosk: Kiosk) -> list[copies.Held]:
    """Return the latest copies of other boxes on the sticks, when this one took a café over."""
    if not backups.took_over(kiosk):
        return []
    return [one for one in backups.on_sticks() if one.path.parent.name != kiosk.store.keyring.kid]


def _told(kiosk: Kiosk, tail: Any) -> dict[str, Any]:
    """Return what a tail holds, for the screen: sales, their sum, and what each service must have typed again."""
    titles = {feature.slug: feature.title for feature in kiosk.store.features}
    by_hand = _settled(kiosk, tail)
    for kind, n in tail.kinds.items():
        slug = kind.partition(".")[0]
        if slug not in _QUIET:
            by_hand[slug] += n
    return {
        "sales": tail.kinds[SaleCompleted.kind], "refunds": tail.kinds[SaleRefunded.kind], "turnover": tail.sums.turnover,
        "entries": len(tail.imports), "first": tail.first_t, "last": tail.last_t,
        "by_hand": [{"title": titles.get(slug, slug), "n": n} for slug, n in sorted(by_hand.items())],
    }  # fmt: skip


def _settled(kiosk: Kiosk, tail: Any) -> Counter[str]:
    """Count by service the sales of a tail that settle what a service holds: a bag, a rental, an account, a shelf."""
    from sync import orphans

    slugs = {feature.slug for feature in kiosk.store.features}
    found: Counter[str] = Counter()
    for one in tail.imports:
        carried = orphans.carried_by(one)
        entry = journal.read_envelope(carried.body) if carried else None
        if entry is None or entry.kind not in (SaleCompleted.kind, SaleRefunded.kind):
            continue
        event = kiosk.store.types.decode(entry.kind, entry.kv, entry.data)
        if isinstance(event, SaleCompleted | SaleRefunded):
            touched = {line.ref.partition(".")[0] or line.service for line in event.lines}
            found.update((touched | {"accounts" for part in event.payments if part.owner}) & slugs)
    return found


@bp.get("/backups/found")
def found() -> str:
    """Ask for the phrase, show what the opened copy holds, or what came in."""
    from sync import found_copy

    kiosk = screens.kiosk()
    path, tail, why = kiosk.data / COPY, None, ""
    with kiosk.store.reading() as conn:
        came = drafts.get(conn, CAME)
    if path.exists():
        try:
            tail = _told(kiosk, found_copy.look(kiosk.store, path))
        except Refusal as no:
            # What was opened and holds nothing for this box is not kept in clear.
            why = f"{no.what()} {no.how()}"
            forget(kiosk)
    return screens.draw(
        "settings/found.html", held=others(kiosk), before=backups.took_over(kiosk), tail=tail, came=came, why=why
    )


@bp.post("/backups/found/open")
def open_found() -> Any:
    """Open a copy of the box before, and look at what it holds; nothing changes yet."""
    from sync import found_copy

    manager_only()
    kiosk = screens.kiosk()
    held = {f"{one.path.parent.name}/{one.path.name}": one for one in others(kiosk)}.get(request.form.get("copy", ""))
    if held is None:
        raise copies.NoStickAtAll
    path: Path = kiosk.data / COPY
    forget(kiosk)
    with copies.telling():
        backup.lay(held.path, request.form.get("passphrase", ""), path, held.tail or b"")
    try:
        found_copy.look(kiosk.store, path)
    except Refusal:
        forget(kiosk)
        raise
    return screens.go(url_for("settings.found"))


@bp.post("/backups/found/take")
def take_found() -> Any:
    """Take in what it holds, once."""
    from sync import found_copy

    manager_only()
    kiosk = screens.kiosk()
    path = kiosk.data / COPY
    if path.exists():
        with suppress(AlreadyDone):
            told = _told(kiosk, found_copy.take(kiosk.store, path, by=screens.clerk(), attempt=screens.attempt()))
            with kiosk.store.writing(by="box") as tx:
                drafts.put(tx.conn, CAME, told)
                if back := drafts.get(tx.conn, coming.CAME_BACK):
                    drafts.put(tx.conn, coming.CAME_BACK, {**back, "stick": True})
        forget(kiosk)
    return screens.go(url_for("settings.found"))


@bp.post("/backups/found/leave")
def leave_found() -> Any:
    """Take nothing; or no longer show what came in."""
    manager_only()
    kiosk = screens.kiosk()
    forget(kiosk)
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, CAME, None)
    screens.say(_("Nothing of the copy is left on this till."), icon="check")
    return screens.go(url_for("settings.backups"))


def forget(kiosk: Kiosk) -> None:
    """Take the opened copy away: it holds names in clear."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        (kiosk.data / (COPY + suffix)).unlink(missing_ok=True)
