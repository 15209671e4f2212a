"""The second screen, turned to the customer: the bill, its total, the change. No PIN, no keys, only on this box.

It asks for the next picture and is answered when there is one: a request sleeps meanwhile, the disk too.
"""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, request

from kiosk.guard import LOOPBACK
from pos import screens
from pos.hardware.display.board import Board
from pos.till.screens import customer

bp = Blueprint("customer", __name__, url_prefix="/customer")
# A browser that died is let go after this; one that lives asks again.
HOLD_SECONDS = 25.0
TAKEN = "Zinc-Taken"
_CAME_THROUGH = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


@bp.before_request
def only_here() -> None:
    """Refuse every screen but one of this box: what customers buy is not for the network."""
    host = urlsplit(f"//{request.host}").hostname
    if (
        request.remote_addr not in LOOPBACK
        or host not in LOOPBACK
        or any(name in request.headers for name in _CAME_THROUGH)
    ):
        abort(403)


@bp.get("/")
def page() -> str:
    """Show what the customer sees now, and go on showing it."""
    customer.describe(screens.kiosk())
    return screens.draw("customer/page.html", **_seen())


@bp.get("/now")
def now() -> Response:
    """Answer with the next picture, or with nothing when there is none for a while. Asked of memory."""
    board: Board = screens.kiosk().board
    seen = request.args.get("seen", "")
    number = int(seen) if seen.isdecimal() and len(seen) < 12 else -1
    kept = board.wait(number, HOLD_SECONDS if request.args.get("hold") == "1" else 0.0)
    if board.now()[0] == number:
        answer = Response(status=204)
    else:
        answer = make_response(screens.render("customer/_now.html", **_seen()))
    if not kept:
        # Another window has the line: this one looks now and then.
        answer.headers[TAKEN] = "1"
    return answer


def _seen() -> dict[str, object]:
    board: Board = screens.kiosk().board
    number, sight = board.now()
    return {"number": number, "sight": sight, "sign": board.sign, "message": board.message}
