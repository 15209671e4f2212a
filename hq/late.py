"""What comes after its time: the tail of a replaced box, heard when the journal after it was told already.

Sums do not mind the order; the last closing of a day, a name, a visit's day do. The café is then told again from
its segments, so that its figures are those of a rebuild whatever order they came in (H4).
"""

from sqlalchemy import Connection

from hq.projections import Projections
from sync.ingest import Fresh, Poison, Teller

# Kinds about the box and the line: nothing that is told of them depends on the order.
_TECHNICAL = ("sync.", "box.", "journal.")


def teller(projections: Projections) -> Teller:
    """Return a teller that tells a late tail in its place."""

    def tell(conn: Connection, fresh: Fresh) -> list[Poison]:
        poison = projections.tell(conn, fresh)
        told = any(not entry.kind.startswith(_TECHNICAL) for entry in fresh.entries)
        if fresh.late and told:
            projections.rebuild(conn, fresh.cafe)
        return poison

    return tell
