"""Examples of facts about the box itself."""

from pos import system
from pos.events import Event

AT, HASH = 1795154520000, "a98daafafbbc9272b21655c5f6c5cd78004db78de04695e05a887c9e0d64ff2d"
NONCE = "00112233445566778899aabbccddeeff"

_ALL: tuple[Event, ...] = (
    system.JournalOpened(grant=HASH, hw="rpi4-8g", sw="0.1.0"),
    system.JournalContinued(
        base="eda38038e1c332f8",
        base_seq=4711,
        base_head=HASH,
        common=4650,
        lost=61,
        kept=2,
        no=1049,
        z=217,
        turnover=131_65,
        absolute=145_65,
        taken=[system.Carried(key="eda38038e1c332f8", amount=4711)],
        spans=[system.Carried(key="2026-11", amount=131_65)],
        owners=[system.Carried(key="press", amount=1_40)],
    ),
    system.JournalImport(orig=HASH, prev=NONCE * 2, entry='{"boot":42}'),
    system.JournalTailFound(
        jid="eda38038e1c332f8",
        after=4711,
        last=4720,
        kept=9,
        no=1054,
        z=217,
        turnover=8_00,
        absolute=8_00,
        spans=[system.Carried(key="2026-11", amount=8_00)],
        owners=[system.Carried(key="press", amount=1_40)],
    ),
    system.BoxBooted(nonce=NONCE, hw="rpi4-8g", sw="0.1.0", clean=False),
    system.SyncOpened(nonce=NONCE),
    system.SyncAcked(seq=4711, head=HASH, kid="3fa2c1d05be97710", sig=HASH * 2),
    system.ClockSet(old=AT - 3 * 86_400_000, new=AT, source="operator", last=AT - 60_000),
    system.TroubleNoted(what="printer", detail="paper_out"),
    system.BackupDone(last=4711, size=1_048_576),
    system.BackupChecked(last=4711, entries=4712),
    system.BackupRestored(last=4711),
)
EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
