"""Write the golden samples of events that have none: `python3 dev.py golden`.

A sample is the canonical bytes of one event, for ever: a release that cannot read it, or would write
other bytes for it, breaks journals that exist. Samples are never edited. Before a kind was ever
released, `--renew KIND…` writes its sample anew (`--renew all` for every kind).
"""

import sys
from pathlib import Path

from pos.events import encode
from tests.builders import an_event, every_event

GOLDEN = Path(__file__).parent / "golden" / "events"


def sample_path(kind: str, kv: int) -> Path:
    """Return where the sample of a kind and version is kept."""
    return GOLDEN / f"{kind}.{kv}.json"


def main(arguments: list[str]) -> int:
    """Write what is missing, or renew what is named."""
    renew = arguments[1:] if arguments[:1] == ["--renew"] else []
    for (kind, kv), cls in sorted(every_event().items()):
        path = sample_path(kind, kv)
        if path.exists() and kind not in renew and renew != ["all"]:
            continue
        content = encode(an_event(cls)) + b"\n"
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"wrote {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
