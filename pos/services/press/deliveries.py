"""What the depot brings: slips, issues, differences with the slip, claims within its delay."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from pos.engines import consignment
from pos.engines.consignment import Line
from pos.events import parted
from pos.ids import new_id, paper_number
from pos.money import format_quantity
from pos.services.press import events, reading, terms
from pos.services.press import refusals as no
from pos.services.press.tables import OWNER
from pos.services.press.titles import require_depot
from pos.store import Store, Writing
from pos.till import tables as till

COPIES_MAX = 999_000


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """So many copies of a title, as an act takes them (thousandths); `announced` when the slip says otherwise."""

    product: str
    received: int
    announced: int = -1
    issue: str = ""
    recall_on: str = ""


def receive_delivery(
    store: Store, slip: str, lines: Sequence[Copies], *, by: str, attempt: str = ""
) -> events.DeliveryReceived:
    """Take a delivery in under its slip, a long one in several entries; a difference with the slip is kept, to claim.

    Raises NoDepot, SlipMissing, SlipTwice, NothingDelivered, NotATitle, NotCopies.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        require_depot(tx)
        slip = paper_number(slip)
        if not slip:
            raise no.SlipMissing
        before = tx.conn.execute(
            "SELECT day FROM press_delivery WHERE slip = ? ORDER BY at DESC LIMIT 1", (slip,)
        ).fetchone()
        if before is not None and before[0][:4] == tx.today[:4]:
            raise no.SlipTwice(slip=slip, day=before[0])
        issues = [_issue(tx, line) for line in lines if line.received or line.announced > 0]
        if not issues:
            raise no.NothingDelivered
        if len({issue.product for issue in issues}) < len(issues):
            raise no.NotCopies(title=issues[0].label)
        event = events.DeliveryReceived(delivery=new_id(tx.now), slip=slip, day=tx.today, lines=issues)
        consignment.receive_in(
            tx,
            OWNER,
            [Line(product=i.product, quantity=i.received, ordered=i.announced) for i in issues if i.received],
            note_no=slip,
        )
        for part in parted(event):
            tx.record(part)
        return event


def _issue(tx: Writing, line: Copies) -> events.Issue:
    title, row = reading.title(tx.conn, line.product), till.product(tx.conn, line.product)
    if title is None or row is None:
        raise no.NotATitle(product=line.product)
    announced = line.received if line.announced < 0 else line.announced
    recall = line.recall_on or (date.fromisoformat(tx.today) + timedelta(days=title["recall_days"])).isoformat()
    whole = all(0 <= n <= COPIES_MAX and n % 1000 == 0 for n in (line.received, announced))
    if not whole or not _is_after(recall, tx.today):
        raise no.NotCopies(title=row["label"])
    return events.Issue(
        product=line.product, label=row["label"], issue=paper_number(line.issue, 12), announced=announced,
        received=line.received, recall_on=recall, price=row["price"],
    )  # fmt: skip


def _is_after(text: str, day: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() >= day
    except ValueError:
        return False


def correct_delivery(
    store: Store, delivery: str, product: str, received: int, *, by: str, attempt: str = ""
) -> events.DeliveryCorrected:
    """Say how many copies of an issue really came. Raises NoSuchIssue, NotCopies, AlreadyLeft."""
    with store.writing(by=by, attempt=attempt) as tx:
        issue = reading.issue(tx.conn, delivery, product)
        if issue is None:
            raise no.NoSuchIssue
        if not 0 <= received <= COPIES_MAX or received % 1000:
            raise no.NotCopies(title=issue.label)
        if received < issue.received - issue.left:
            raise no.AlreadyLeft(title=issue.label, n=format_quantity(issue.received - issue.left))
        event = events.DeliveryCorrected(
            delivery=delivery, product=product, was=issue.received, received=received, day=tx.today
        )
        if received != issue.received:
            consignment.receive_in(tx, OWNER, [Line(product=product, quantity=received - issue.received)])
        tx.record(event)
        return event


def claim(store: Store, delivery: str, *, ref: str = "", by: str, attempt: str = "") -> events.DiscrepancyClaimed:
    """Note that the depot was told of a difference. Raises NothingToClaim, ClaimTooLate."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.delivery(tx.conn, delivery)
        if row is None or row["claimed_on"] or not reading.differences(tx.conn, delivery):
            raise no.NothingToClaim
        until = claim_until(row["day"], terms.in_force(tx.conn, tx.today))
        if tx.today > until:
            raise no.ClaimTooLate(day=until)
        event = events.DiscrepancyClaimed(delivery=delivery, day=tx.today, ref=paper_number(ref))
        tx.record(event)
        return event


def claim_until(day: str, agreed: object) -> str:
    """Return the last day to claim on a delivery."""
    days = agreed["claim_days"] if agreed is not None else terms.CLAIM_DAYS  # type: ignore[index]
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
