"""What is done at the information point: a tap per question, a leaflet, tickets of others on the menu."""

from pos.clock import parse_day
from pos.ids import new_id
from pos.services.info import events as ev
from pos.services.info import reading, words
from pos.services.info import refusals as no
from pos.services.info.tables import OWNER, TOURISM
from pos.store import Store, Writing
from pos.till import cash, catalogue
from pos.till import refusals as till_no
from pos.till.events import CommissionKept, ProductListed, ThirdPartySettled
from pos.till.people import need_manager
from pos.till.sell import require_day

COPIES_MAX = 5_000
MEANS = ("cash", "transfer", "cheque")


def answer(store: Store, theme: str, *, visit: str = "", by: str, attempt: str = "") -> ev.QuestionAnswered:
    """Count somebody who asked about a theme; `visit` joins an open bill (« même client »). Raises NotATopic."""
    with store.writing(by=by, attempt=attempt) as tx:
        if theme not in words.THEMES:
            raise no.NotATopic(code=theme[:16])
        tap = new_id(tx.now)
        event = ev.QuestionAnswered(answer=tap, theme=theme, day=tx.today, visit=visit or tap)
        tx.record(event)
        return event


def undo(store: Store, answer: str = "", *, by: str, attempt: str = "") -> ev.AnswerUndone:
    """Take a tap of today back, the last one unless said. Raises NothingToUndo."""
    with store.writing(by=by, attempt=attempt) as tx:
        taps = reading.last_taps(tx.conn, tx.today, 500)
        row = next((one for one in taps if not answer or one["answer"] == answer), None)
        if row is None:
            raise no.NothingToUndo
        event = ev.AnswerUndone(answer=row["answer"], theme=row["theme"], day=row["day"], visit=row["visit"])
        tx.record(event)
        return event


def list_leaflet(
    store: Store, *, label: str, theme: str = TOURISM, low: int = 0, copies: int = -1, leaflet: str = "", in_use: bool = True,
    by: str, attempt: str = "",
) -> str:  # fmt: skip
    """Put a leaflet on the stand, change or remove it; return its id. Raises NotALeaflet, NoSuchLeaflet."""
    with store.writing(by=by, attempt=attempt) as tx:
        label = " ".join(label.split())[:40]
        if not label or theme not in words.THEMES or not 0 <= low <= COPIES_MAX or not -1 <= copies <= COPIES_MAX:
            raise no.NotALeaflet(value=label or "?")
        if leaflet:
            reading.leaflet(tx.conn, leaflet)
        leaflet = leaflet or new_id(tx.now)
        tx.record(ev.LeafletListed(leaflet=leaflet, label=label, theme=theme, low=low, in_use=in_use))
        if copies >= 0:
            tx.record(ev.LeafletReceived(leaflet=leaflet, copies=copies, day=tx.today))
        return leaflet


def count_leaflets(store: Store, leaflet: str, copies: int, *, by: str, attempt: str = "") -> ev.LeafletReceived:
    """Say how many copies are on the stand now. Raises NoSuchLeaflet, NotALeaflet."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.leaflet(tx.conn, leaflet)
        if not 0 <= copies <= COPIES_MAX:
            raise no.NotALeaflet(value=row["label"])
        event = ev.LeafletReceived(leaflet=leaflet, copies=copies, day=tx.today)
        tx.record(event)
        return event


def give_leaflet(store: Store, leaflet: str, *, visit: str = "", by: str, attempt: str = "") -> ev.LeafletGiven:
    """Hand a leaflet over: it counts as a question of its theme. Raises NoSuchLeaflet."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.leaflet(tx.conn, leaflet)
        if not row["in_use"]:
            raise no.NoSuchLeaflet
        tap = new_id(tx.now)
        event = ev.LeafletGiven(answer=tap, leaflet=leaflet, theme=row["theme"], day=tx.today, visit=visit or tap)
        tx.record(event)
        return event


# Tickets of others


def list_ticket(
    store: Store,
    *,
    label: str,
    price: int,
    owner: str,
    commission_bp: int = 0,
    valid_from: str = "",
    by: str,
    attempt: str = "",
) -> str:
    """Sell a ticket for somebody else: its price is theirs, a share of it agreed; return the article's code.

    Raises ManagerNeeded, NotATicket.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        label, whose = " ".join(label.split())[:60], catalogue.slug(owner)
        if not label or not owner.strip() or not 0 < price <= 100_000 or not 0 <= commission_bp <= 10_000:
            raise no.NotATicket(value=label or "?")
        product, account = f"ticket_{catalogue.slug(label)}"[:60], f"{OWNER}{whose}"[:40]
        catalogue.put_on_menu(
            tx,
            ProductListed(
                product=product, label=label, category="divers", price=price, vat_class="service", role="agent_disclosed",
                owner=account, service=TOURISM, nature="third_party", takeaway=True, icon="ticket",
            ),
        )  # fmt: skip
        tx.record(
            ev.TicketListed(
                product=product, owner=account, commission_bp=commission_bp, valid_from=_day(tx, valid_from)
            )
        )
        return product


def _day(tx: Writing, text: str) -> str:
    try:
        return parse_day(text).isoformat() if text else tx.today
    except ValueError:
        raise no.NotATicket(value=text[:12]) from None


def hand_over(
    store: Store, owner: str, *, means: str = "transfer", ref: str = "", by: str, attempt: str = ""
) -> ev.TicketsStated:
    """State what was sold for an owner: keep the commission, hand the rest over.

    Raises NothingToHand, NoSuchMeans, DrawerTooLow, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = require_day(tx)
        found = reading.account(tx.conn, owner)
        if found.sold <= 0 or found.due < 0 or found.held < found.sold:
            raise no.NothingToHand(owner=reading.called(owner))
        if means not in MEANS:
            raise till_no.NoSuchMeans(means=means)
        if found.commission:
            tx.record(CommissionKept(owner=owner, amount=found.commission, day=day, ref=ref[:24]))
        if found.due and means == "cash":
            # Cash leaves the drawer only when it is there.
            cash.third_party_move(tx, owner, -found.due, reason="tickets", ref=ref)
        elif found.due:
            tx.record(ThirdPartySettled(owner=owner, amount=found.due, means=means, day=day, ref=ref[:24]))
        upto = tx.recorded[-1].seq
        event = ev.TicketsStated(
            owner=owner,
            number=found.number,
            sold=found.sold,
            commission=found.commission,
            due=found.due,
            upto_seq=upto,
            day=tx.today,
        )
        tx.record(event)
        return event


ACTS = (answer, undo, list_leaflet, count_leaflets, give_leaflet, list_ticket, hand_over)
