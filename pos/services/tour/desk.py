"""What is done on a tour: plan, open, move, close and report a stop; count who comes.

    tour:  planned --> running (first stop open) --> ended
    stop:  planned --> setting up --> open (moved) --> closed --> reported
              |             |           ^ a stop nobody closed ends with its till day
              +-------------+--> cancelled

No sale without an open stop; a sale carries the commune of the stop that served when it was made,
whenever it is typed. One till day, so one Z, per stop.
"""

import re
import sqlite3

from pos.clock import parse_day
from pos.feature import Place
from pos.i18n import _
from pos.ids import new_id, paper_number
from pos.services.tour import cups, reading, tables, words
from pos.services.tour import events as ev
from pos.services.tour import refusals as no
from pos.services.tour.tables import CLOSED, OPEN, PLANNED, REPORTED, SETTING_UP
from pos.store import Store, Writing
from pos.till import refusals as till_no
from pos.till import sell
from pos.till import tables as till
from pos.till.tab import Tab

INSEE = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
CUP_MAX = 1_000
COUNT_MAX = 5_000
KEPT_VAT = ("", "service")
METRES_MAX = 2_000_000
MOVED = ("rain", "wind", "heat", "place_taken", "other")
CANCELLED_FOR = ("weather", "breakdown", "illness", "host", "other")


def set_up(
    store: Store, *, itinerant: bool, cup_price: int = 0, kept_vat: str = "", by: str, attempt: str = ""
) -> ev.SettingsSet:
    """Say whether the café travels, and what a cup is lent for (0: cups are not lent).

    Deposits nobody brought back are turnover; `kept_vat` is their VAT class from today on, as the café's
    accountant says (services.md B.16), empty while they are outside VAT (S4).
    Raises ManagerNeeded, BadSettings, CupsAreOut.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if till.role_of(tx.conn, by) != "manager":
            raise till_no.ManagerNeeded
        if not 0 <= cup_price <= CUP_MAX or kept_vat not in KEPT_VAT:
            raise no.BadSettings
        held = tables.cups_held(tx.conn)
        if held and cup_price != tables.cup_price(tx.conn):
            raise no.CupsAreOut(there=held)
        event = ev.SettingsSet(itinerant=itinerant, cup_price=cup_price, day=tx.today, kept_vat=kept_vat)
        tx.record(event)
        cups.list_on_menu(tx, cup_price, kept_vat)
        return event


# Tours


def plan_tour(store: Store, label: str, *, by: str, attempt: str = "") -> ev.TourPlanned:
    """Begin a tour under its public name. Raises NameMissing."""
    with store.writing(by=by, attempt=attempt) as tx:
        label = " ".join(label.split())[:40]
        if not label:
            raise no.NameMissing
        event = ev.TourPlanned(tour=new_id(tx.now), label=label, day=tx.today)
        tx.record(event)
        return event


def end_tour(store: Store, tour: str, *, by: str, attempt: str = "") -> None:
    """Say that a tour is over. Raises NoSuchTour."""
    with store.writing(by=by, attempt=attempt) as tx:
        _running(tx, tour)
        tx.record(ev.TourEnded(tour=tour, day=tx.today))


def _running(tx: Writing, tour: str) -> None:
    if not any(row["tour"] == tour and not row["ended"] for row in tables.tours(tx.conn)):
        raise no.NoSuchTour


# Stops


def plan_stop(
    store: Store, *, on_day: str, commune: str, town: str, place: str, delegated: str = "", host: str = "", tour: str = "",
    stop: str = "", by: str, attempt: str = "",
) -> ev.StopPlanned:  # fmt: skip
    """Plan a stop, or change the plan of one that is not open yet; return it with its id.

    Raises BadStop, NoSuchTour, NoSuchStop, WrongMoment.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if stop:
            _in_state(tx, stop, PLANNED, SETTING_UP)
        if tour:
            _running(tx, tour)
        town, place = " ".join(town.split())[:60], " ".join(place.split())[:60]
        codes = [code for code in (commune.strip().upper(), delegated.strip().upper()) if code]
        if not town or not place or not commune.strip() or not all(INSEE.fullmatch(code) for code in codes):
            raise no.BadStop
        event = ev.StopPlanned(
            stop=stop or new_id(tx.now), tour=tour, on_day=_day(on_day), commune=codes[0], town=town, place=place,
            delegated=codes[1] if len(codes) > 1 else "", host=host[:60], day=tx.today,
        )  # fmt: skip
        tx.record(event)
        return event


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise no.BadStop from None


def _in_state(tx: Writing, stop: str, *states: str) -> sqlite3.Row:
    row = tables.stop(tx.conn, stop)
    if row is None:
        raise no.NoSuchStop
    if row["state"] not in states:
        raise no.WrongMoment(state=words.state(row["state"]))
    return row


def begin_set_up(store: Store, stop: str, *, by: str, attempt: str = "") -> None:
    """Say that the van is there. Raises NoSuchStop, WrongMoment."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, stop, PLANNED)
        tx.record(ev.StopSetUp(stop=stop, commune=row["commune"], day=tx.today))


def note_authorisation(store: Store, stop: str, number: str, *, by: str, attempt: str = "") -> None:
    """Note the number of the mayor's order. Raises NoSuchStop, WrongMoment."""
    with store.writing(by=by, attempt=attempt) as tx:
        _in_state(tx, stop, PLANNED, SETTING_UP, OPEN)
        tx.record(ev.AuthorisationNoted(stop=stop, number=paper_number(number), day=tx.today))


def open_stop(
    store: Store, stop: str, *, authorisation: str = "", place: str = "", by: str, attempt: str = ""
) -> ev.StopOpened:
    """Open a stop in the open till day; a missing authorisation of the mayor is warned of, never in the way.

    Raises NoSuchStop, WrongMoment, ZFirst, DayNotOpen, DayIsOver.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, stop, PLANNED, SETTING_UP)
        label = sell.require_day(tx)
        other = tables.open_stop(tx.conn) or tables.stop_of_label(tx.conn, label)
        if other is not None:
            raise no.ZFirst(town=other["town"])
        event = ev.StopOpened(
            stop=stop, commune=row["commune"], delegated=row["delegated"], day=label,
            place=" ".join(place.split())[:60] or row["place"],
            authorisation=paper_number(authorisation) or row["authorisation"],
        )  # fmt: skip
        tx.record(event)
        return event


def move_stop(store: Store, stop: str, reason: str, place: str, *, by: str, attempt: str = "") -> ev.StopMoved:
    """Go elsewhere in the village: the same stop, the same Z. Raises NoSuchStop, WrongMoment, ReasonMissing, BadStop."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, stop, OPEN)
        place = " ".join(place.split())[:60]
        if reason not in MOVED:
            raise no.ReasonMissing
        if not place:
            raise no.BadStop
        event = ev.StopMoved(stop=stop, commune=row["commune"], reason=reason, place=place, day=row["label"])
        tx.record(event)
        return event


def close_stop(store: Store, stop: str, *, by: str, attempt: str = "") -> int:
    """Close a stop: deposits of cups nobody brought back become turnover, by a ticket of their own.

    Returns the cents kept. The Z of the stop is the till's closing, next. Raises NoSuchStop,
    WrongMoment, BillsOpen, DayNotOpen, DayIsOver.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, stop, OPEN)
        waiting = sum(bool(tab.lines) for tab in sell.open_tabs(tx.conn))
        if waiting:
            raise till_no.BillsOpen(n=waiting)
        kept = cups.keep(tx, row)
        tx.record(ev.StopClosed(stop=stop, commune=row["commune"], day=row["label"]))
        return kept


def settle_cups(store: Store, stop: str, *, by: str, attempt: str = "") -> int:
    """Keep the deposits of a stop that ended by itself; return the cents kept.

    Raises NoSuchStop, WrongMoment, NotThatManyCups, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, stop, CLOSED, REPORTED)
        kept = cups.keep(tx, row)
        if not kept:
            raise no.NotThatManyCups(there=0)
        return kept


def report_stop(store: Store, stop: str, *, metres: int = 0, by: str, attempt: str = "") -> ev.StopReported:
    """Seal what a stop came to, and how far the van drove for it; its Z is done.

    Raises NoSuchStop, WrongMoment, ZFirst, NotACount.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if not 0 <= metres <= METRES_MAX:
            raise no.NotACount(text=str(metres // 1000))
        row = _in_state(tx, stop, CLOSED)
        if not row["z"]:
            raise no.ZFirst(town=row["town"])
        told = reading.report(tx.conn, row)
        event = ev.StopReported(
            stop=stop, commune=row["commune"], takings=told.takings, card=told.means.get("card", 0),
            cash=told.means.get("cash", 0), turnover=told.turnover, attendance=row["attendance"], day=row["label"],
            metres=metres,
        )  # fmt: skip
        tx.record(event)
        return event


def cancel_stop(store: Store, stop: str, reason: str, *, by: str, attempt: str = "") -> None:
    """Call a stop off before it opens. Raises NoSuchStop, WrongMoment, ReasonMissing."""
    with store.writing(by=by, attempt=attempt) as tx:
        _in_state(tx, stop, PLANNED, SETTING_UP)
        if reason not in CANCELLED_FOR:
            raise no.ReasonMissing
        tx.record(ev.StopCancelled(stop=stop, reason=reason, day=tx.today))


# Who came


def count_entry(store: Store, stop: str, *, n: int = 1, by: str, attempt: str = "") -> ev.EntriesCounted:
    """Count people coming in, one tap each; −1 takes one back. Raises NoSuchStop, WrongMoment, NotACount."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, stop, OPEN, CLOSED)
        return _count(tx, row, row["attendance"] + n, "clicker", str(n))


def count_total(store: Store, stop: str, total: int, *, by: str, attempt: str = "") -> ev.EntriesCounted:
    """Type how many came in all: the change is noted. Raises NoSuchStop, WrongMoment, NotACount."""
    with store.writing(by=by, attempt=attempt) as tx:
        return _count(tx, _in_state(tx, stop, OPEN, CLOSED), total, "typed", str(total))


def _count(tx: Writing, row: sqlite3.Row, total: int, method: str, text: str) -> ev.EntriesCounted:
    change = total - row["attendance"]
    if not 0 <= total <= COUNT_MAX or not change:
        raise no.NotACount(text=text)
    event = ev.EntriesCounted(
        stop=row["stop"], commune=row["commune"], n=change, total=total, method=method, day=row["label"]
    )
    tx.record(event)
    return event


# Sales


def begin_late_sale(store: Store, stop: str, *, at: int = 0, by: str, attempt: str = "") -> Tab:
    """Open a bill for a sale forgotten at a stop: it will carry that stop's commune. Raises NoSuchStop, WrongMoment.

    `at` (UTC ms) is when it was sold; the end of the stop when left out.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        sell.require_day(tx)
        row = _in_state(tx, stop, OPEN, CLOSED, REPORTED)
        tab = sell.new_tab(tx)
        last = row["closed_at"] or tx.now
        tab.happened_at = min(max(at or last, row["opened_at"]), last)
        tab.label = _("Forgotten, %(town)s", town=row["town"])[:40]
        sell.keep(tx, tab)
        return tab


def serving(conn: sqlite3.Connection, tab: Tab) -> sqlite3.Row | None:
    """Return the stop a bill belongs to: the open one, or the one that served when a late sale happened."""
    return tables.stop_at(conn, tab.happened_at) if tab.happened_at else tables.open_stop(conn)


def place(conn: sqlite3.Connection, tab: Tab) -> Place | None:
    """Return where a bill belongs (`Feature.place`)."""
    row = serving(conn, tab)
    return Place(row["stop"], row["commune"]) if row is not None else None


def needs_a_stop(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse a sale of an itinerant café that no stop serves (`Feature.sale_rules`)."""
    if tables.itinerant(conn, day) and serving(conn, tab) is None:
        raise no.NoOpenStop
