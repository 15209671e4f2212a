"""Each branch of the tree of troubles on the screen: one sentence, its remedy, always the same place."""

import logging

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from kiosk import guard
from pos import screens
from pos.errors import AlreadyDone, Broken, DeviceTrouble, Refusal, SyncTrouble, Told
from pos.i18n import N_, _
from pos.till.refusals import ManagerNeeded
from pos.till.screens import staff

log = logging.getLogger(__name__)

# What an act of the counter draws anew; any other act leads to a page.
SWAPPED = ("bill", "work", "say")
PAGES = {
    400: (N_("The till did not understand this request."), N_("Go back to the counter and do it again.")),
    403: (N_("This request did not come from the till’s own screen."), N_("Go back to the counter and do it again.")),
    404: (N_("There is nothing at this address."), N_("Go back to the counter: everything is reached from there.")),
    405: (N_("The till did not understand this request."), N_("Go back to the counter and do it again.")),
    413: (N_("This file is too large for the till."), N_("Choose a smaller file.")),
    421: (N_("This is not the address of the till."), N_("Open the till by its own address, on this box.")),
    500: (
        N_("Something broke in the till; what was paid before is safe."),
        N_("Go back to the counter and look at the last tickets before doing it again. If it comes back, call HQ."),
    ),
}


def install(app: Flask) -> None:
    """Answer every trouble in French; nothing reaches a person as a stack of code."""
    app.register_error_handler(AlreadyDone, _already_done)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(DeviceTrouble, _device)
    app.register_error_handler(SyncTrouble, _device)
    app.register_error_handler(Broken, _broken)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _already_done(_trouble: AlreadyDone) -> Response:
    """Draw the thing as it stands: the second tap of an impatient finger is no news."""
    if screens.is_htmx():
        return Response("", 200, {"HX-Refresh": "true"})
    return make_response(screens.go("/"))


def _refusal(trouble: Refusal) -> Response:
    if isinstance(trouble, ManagerNeeded) and screens.is_htmx() and not guard.lent():
        return _ask_manager()
    return screens.refused(trouble)


def _ask_manager() -> Response:
    """Ask for a manager's PIN over the page; what was tapped is sent again with it."""
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in guard.LENDING]
    target = request.headers.get("HX-Target", "")
    managers = [one for one in staff.everyone() if one["role"] == "manager"]
    answer = make_response(
        screens.render(
            "_manager.html", url=request.full_path.rstrip("?"), fields=fields, managers=managers,
            target=target if target in SWAPPED else "",
        ),
        422,
    )  # fmt: skip
    answer.headers["HX-Retarget"] = "body"
    answer.headers["HX-Reswap"] = "beforeend"
    return answer


def _device(trouble: Told) -> Response:
    """Say which machine did not do its part; the fact stands, so the answer is not an error."""
    log.warning("trouble %s", type(trouble).__name__)
    return screens.refused(trouble, tone="wait")


def _broken(trouble: Broken) -> Response:
    log.error("broken %s", type(trouble).__name__)
    return _full_page(trouble.what(), trouble.how(), 500)


def _http(problem: HTTPException) -> Response:
    code = problem.code or 500
    if code < 400:
        return make_response(problem.get_response())
    what, how = PAGES.get(code, PAGES[400] if code < 500 else PAGES[500])
    return _full_page(_(what), _(how), code)


def _unforeseen(problem: Exception) -> Response:
    log.error("unforeseen at %s", request.endpoint, exc_info=problem)
    what, how = PAGES[500]
    return _full_page(_(what), _(how), 500)


def _full_page(what: str, how: str, code: int) -> Response:
    answer = make_response(_page(what, how, grave=code >= 500), code)
    if screens.is_htmx():
        # htmx would put it in a corner of the page: it takes the whole of it.
        answer.headers["HX-Retarget"] = "body"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _page(what: str, how: str, *, grave: bool) -> str:
    return render_template("trouble.html", what=what, how=how, grave=grave)
