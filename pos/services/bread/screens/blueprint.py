"""The depot's blueprint and what its screens share: who taps, numbers typed, paper."""

import sqlite3

from flask import Blueprint, request

from pos import screens
from pos.money import parse_quantity
from pos.services.bread.contracts import Line
from pos.slips import Slip
from pos.till import tables as till
from pos.till.screens import bill

bp = Blueprint(
    "bread", "pos.services.bread.screens", url_prefix="/bread", template_folder="../templates",
    static_folder="../static", static_url_path="/static",
)  # fmt: skip

# A quantity's field is named after its article.
FIELD = "q-"
# …followed by this when it is to be sliced.
SLICED = "~"


def typed() -> dict[str, int]:
    """Return the quantities typed or counted on a sheet, in thousandths. Raises NotAQuantity."""
    return {
        name.removeprefix(FIELD): parse_quantity(value) if value.strip() else 0
        for name, value in request.values.items()
        if name.startswith(FIELD)
    }


def typed_lines() -> list[Line]:
    """Return what was typed on a sheet as the acts take it."""
    return [
        Line(article=name.removesuffix(SLICED), quantity=quantity, sliced=name.endswith(SLICED))
        for name, quantity in typed().items()
    ]


def bumped(found: dict[str, int]) -> dict[str, int]:
    """Return the quantities with the tap of a − or + key applied."""
    code, by = request.args.get("bump", ""), request.args.get("by", "0")
    if code:
        step = int(by) * 1000 if by.lstrip("-").isdecimal() else 0
        found[code] = min(999_000, max(0, found.get(code, 0) + step))
    return found


def bill_id() -> str:
    """Return the bill this screen holds, or a new one."""
    with screens.store().reading() as conn:
        return bill.current_id(conn)


def cafe_sign(conn: sqlite3.Connection) -> str:
    """Return the café's name for a slip."""
    found = till.cafe(conn, screens.today())
    return found.sign if found is not None else ""


def manager(conn: sqlite3.Connection) -> bool:
    """Tell whether a manager is at the counter."""
    return till.role_of(conn, screens.clerk()) == "manager"


def put_on_paper(slip: Slip, said: str) -> None:
    """Print a slip, and say so or what the printer's trouble is."""
    from pos.hardware import queue
    from pos.hardware.printer import render

    data = render(slip, screens.devices().printer.model)
    with screens.store().writing(by=screens.clerk()) as tx:
        queue.enqueue(tx.conn, slip.title, data, at=tx.now)
    trouble = screens.print_waiting()
    if trouble is not None:
        screens.say_trouble(trouble)
    else:
        screens.say(said, icon="printer")
