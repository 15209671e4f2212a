"""*Invendus*: recalled issues counted, bundled with a slip, missing copies charged; copies written off."""

from collections.abc import Sequence

import msgspec

from pos.engines import consignment
from pos.engines.consignment import Line
from pos.events import shared_out
from pos.ids import paper_number
from pos.money import format_quantity, line_total
from pos.services.press import events, reading
from pos.services.press import refusals as no
from pos.services.press.tables import AT_RECALL, OWNER
from pos.services.press.titles import require_depot
from pos.store import Store, Writing
from pos.till import tables as till

WRITE_OFFS = ("damaged", "stolen", "other")


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Copies of an issue found on the shelf (thousandths)."""

    delivery: str
    product: str
    counted: int


def return_unsold(
    store: Store, lines: Sequence[Counted], *, slip: str = "", by: str, attempt: str = ""
) -> events.UnsoldReturned:
    """Give issues back in one bundle. Of a recalled issue, what should be there and is not is charged.

    An issue given back before its recall stays on sale for the rest. Raises NoDepot, NothingToReturn,
    NoSuchIssue, NotCopies, MoreThanExpected.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        require_depot(tx)
        rows = [row for row in (_unsold(tx, line) for line in lines) if row.returned or row.missing]
        if not rows:
            raise no.NothingToReturn
        number = reading.next_return(tx.conn)
        event = _bundle(tx, number, paper_number(slip) or f"R-{number}", rows)
        back = [Line(product=row.product, quantity=row.returned) for row in rows if row.returned]
        gone = [Line(product=row.product, quantity=row.missing) for row in rows if row.missing]
        if back:
            consignment.give_back_in(tx, OWNER, back, slip=event.slip)
        if gone:
            consignment.lose_in(tx, OWNER, gone, AT_RECALL)
        for part in shared_out(rows):
            tx.record(_bundle(tx, number, event.slip, part))
        return event


def _bundle(tx: Writing, number: int, slip: str, rows: list[events.Unsold]) -> events.UnsoldReturned:
    return events.UnsoldReturned(
        number=number, slip=slip, day=tx.today, lines=rows,
        returned_cents=sum(line_total(row.returned, row.price) for row in rows),
        charged=sum(line_total(row.missing, row.price) for row in rows),
    )  # fmt: skip


def _unsold(tx: Writing, line: Counted) -> events.Unsold:
    issue, row = reading.issue(tx.conn, line.delivery, line.product), till.product(tx.conn, line.product)
    if issue is None or row is None:
        raise no.NoSuchIssue
    if line.counted < 0 or line.counted % 1000:
        raise no.NotCopies(title=issue.label)
    if line.counted > issue.left:
        raise no.MoreThanExpected(
            title=issue.label, counted=format_quantity(line.counted), there=format_quantity(max(0, issue.left))
        )
    return events.Unsold(
        delivery=line.delivery, product=line.product, label=issue.label, expected=issue.left, returned=line.counted,
        missing=issue.left - line.counted if issue.recall_on <= tx.today else 0, price=row["price"],
    )  # fmt: skip


def write_off(
    store: Store, product: str, quantity: int, reason: str = "damaged", *, by: str, attempt: str = ""
) -> None:
    """Write copies off that nobody can buy any more; the café answers for them. Raises NoDepot, NotCopies, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        require_depot(tx)
        if quantity <= 0 or quantity % 1000 or reading.title(tx.conn, product) is None:
            raise no.NotCopies(title=product)
        consignment.lose_in(
            tx, OWNER, [Line(product=product, quantity=quantity)], reason if reason in WRITE_OFFS else "other"
        )
