"""The simulator is worth what it finds: mistakes planted in the product, one at a time, each found within some seeds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hq import desk, late, projections
from pos import box, drafts, durable
from pos import store as stores
from sync import agent, former, imports, ingest, manifest, repair
from tests.faults import counts
from tests.faults.counts import Keep
from tests.sync.sim.play import play, workshop

SEEDS = 3000
Plant = Callable[[pytest.MonkeyPatch], None]


def no_nonces(patch: pytest.MonkeyPatch) -> None:
    """Two copies of a card write the same bytes."""
    patch.setattr(agent, "secrets", _SameNonce)
    patch.setattr(box, "secrets", _SameNonce)


class _SameNonce:
    @staticmethod
    def token_hex(n: int) -> str:
        return "00" * n


def imports_always_count(patch: pytest.MonkeyPatch) -> None:
    """HQ does not look whether it holds the imported entry already."""
    patch.setattr(imports, "_JOURNAL", imports._JOURNAL.where(imports.books.journal.c.jid == "none"))


def late_tails_count(patch: pytest.MonkeyPatch) -> None:
    """HQ tells every entry as it comes, imported meanwhile or not."""

    def with_origin(_conn: Any, _cafe: int, _jn: int, entries: Any, hashes: Any) -> list[imports.Told]:
        return [imports.Told(e, e.j, e.seq, h) for e, h in zip(entries, hashes, strict=True)]

    patch.setattr(imports, "with_origin", with_origin)


def former_journals_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A box sends its open journal only."""
    patch.setattr(former, "bring", lambda *_args: False)


def late_tails_are_told_last(patch: pytest.MonkeyPatch) -> None:
    """Figures depend on the order of arrival."""
    patch.setattr(late, "teller", lambda projections: projections.tell)


def locked_boxes_sell(patch: pytest.MonkeyPatch) -> None:
    """A replaced till goes on."""
    patch.setattr(drafts, "is_locked", lambda _conn: False)


def revoked_boxes_are_heard(patch: pytest.MonkeyPatch) -> None:
    """HQ forgets to look whether a journal was revoked."""
    patch.setattr(ingest, "REVOKED", "never")


def any_pass_will_do(patch: pytest.MonkeyPatch) -> None:
    """A batch is taken whoever sends it."""
    known = ingest.known_journal
    patch.setattr(ingest, "known_journal", lambda conn, head, sig, _caller=None: known(conn, head, sig))


def signatures_are_not_checked(patch: pytest.MonkeyPatch) -> None:
    """HQ believes every head."""
    patch.setattr(ingest.seal, "verify", lambda *_args: True)


def orphans_stay_behind(patch: pytest.MonkeyPatch) -> None:
    """A repair does not take along what HQ does not hold."""
    patch.setattr(repair.orphans, "after", lambda *_args: [])


def acks_are_believed(patch: pytest.MonkeyPatch) -> None:
    """A box takes an ack for what it is not."""
    patch.setattr(agent.Session, "_believe", lambda *_args: None)


def forks_are_welcome(patch: pytest.MonkeyPatch) -> None:
    """Neither end compares histories at the hello."""
    patch.setattr(desk, "_compare", lambda *_args: "")
    patch.setattr(agent.Session, "_compare", lambda *_args: None)


def commits_are_not_synced(patch: pytest.MonkeyPatch) -> None:
    """The card is told to write when it likes."""
    patch.setattr(stores, "_PRAGMAS", (*stores._PRAGMAS, "PRAGMA synchronous=NORMAL"))


def keys_are_written_in_place(patch: pytest.MonkeyPatch) -> None:
    """A key, or HQ's last word, is written as any file is."""

    def write(path: Path, data: bytes, **_how: Any) -> None:
        path.write_bytes(data)

    patch.setattr(durable, "write", write)


def old_manifests_are_believed(patch: pytest.MonkeyPatch) -> None:
    """A box takes whatever HQ once signed."""
    read = manifest.read
    patch.setattr(manifest, "read", lambda key, cafe, signed, *, have: read(key, cafe, signed, have=0 * have))


def a_number_is_believed_twice(patch: pytest.MonkeyPatch) -> None:
    """An HQ put back gives a number again, and the box thinks that it has that list."""
    patch.setattr(manifest, "mark", lambda _text: "")


def unknown_kinds_are_dropped(patch: pytest.MonkeyPatch) -> None:
    """HQ does not note what it cannot tell yet."""
    patch.setattr(projections, "write", _without_opaque(projections.write))


def _without_opaque(write: Callable[..., None]) -> Callable[..., None]:
    def forgetful(conn: Any, fresh: Any, told: Any) -> None:
        told.opaque.clear()
        write(conn, fresh, told)

    return forgetful


PLANTS: tuple[Plant, ...] = (
    no_nonces, imports_always_count, late_tails_count, former_journals_are_forgotten, late_tails_are_told_last,
    locked_boxes_sell, revoked_boxes_are_heard, any_pass_will_do, signatures_are_not_checked, orphans_stay_behind,
    acks_are_believed, forks_are_welcome, commits_are_not_synced, keys_are_written_in_place, old_manifests_are_believed,
    a_number_is_believed_twice, unknown_kinds_are_dropped,
)  # fmt: skip


@pytest.mark.faults
@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_mistake_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch, record_property: Keep) -> None:
    """Some seed breaks an invariant; without the mistake it holds."""
    shop = workshop("planted")
    try:
        with monkeypatch.context() as patch:
            plant(patch)
            found = next((run for seed in range(SEEDS) if (run := play(shop, seed)).broken), None)
        assert found is not None
        assert not play(shop, found.seed).broken
    finally:
        shop.shut()
    name = f"planted: {plant.__name__.replace('_', ' ')}"
    counts.campaign(record_property, name, trials=found.seed + 1, unit="schedules until found")
    print(found.broken[:100])
