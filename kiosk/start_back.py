"""« Get this café going again »: a new box takes a café over from HQ, screen by screen, or from a stick."""

import sqlite3
from typing import Any

from flask import Blueprint, request, url_for

from kiosk import backups, coming
from kiosk.coming import Coming
from pos import drafts, screens
from pos.feature import Notice
from pos.i18n import N_, _, ngettext
from pos.money import NBSP
from pos.till import people
from pos.till.screens.team import NameMissing, PinsDiffer

bp = Blueprint("start_back", __name__, url_prefix="/start/back")

TITLES = (N_("Code"), N_("Telephone"), N_("Back from HQ"), N_("Who serves"), N_("To the counter"))
_PLACES = {coming.CONFIRM: 1, "fetch": 2, "check": 2, "tell": 2, coming.READY: 3}


def _draw(template: str, at: int, **context: Any) -> str:
    return screens.draw(f"start/{template}.html", steps=[_(title) for title in TITLES], at=at, whole=_whole, **context)


def _whole(n: int) -> str:
    """Write a count as it is read: 146 000."""
    return f"{n:,}".replace(",", NBSP)


@bp.get("/")
def page() -> str:
    """Show where the café's return stands; ask for the code when nothing was asked yet."""
    kiosk = screens.kiosk()
    found = coming.resume(kiosk)
    if found is None:
        return _draw("back_code", 0, url=kiosk.box_settings().get("hq_url", ""))
    if found.step == coming.READY:
        return _people(found)
    found.start()
    return _draw("back", _PLACES[found.step], now=found)


def _people(found: Coming) -> str:
    return _draw(
        "back_people", 3, now=found, managers=found.managers(), named=found.has_names(),
        sticks=[] if found.copy else backups.on_sticks(),
    )  # fmt: skip


@bp.post("/")
def ask() -> Any:
    """Take the code to HQ."""
    kiosk = screens.kiosk()
    url = request.form.get("url", "").strip() or kiosk.box_settings().get("hq_url", "")
    coming.ask(kiosk, request.form.get("code", "").strip(), url).start()
    return screens.go(url_for("start_back.page"))


@bp.get("/now")
def now() -> Any:
    """Draw how far it is; leave for the next screen when there is one."""
    found = coming.resume(screens.kiosk())
    if found is None or _PLACES[found.step] != request.args.get("at", -1, int):
        return screens.go(url_for("start_back.page"))
    found.start()
    return screens.draw("start/_back_now.html", now=found, at=_PLACES[found.step], whole=_whole)


@bp.post("/stick")
def stick() -> Any:
    """Add what a stick's copy has beyond HQ, names included."""
    found = coming.resume(screens.kiosk())
    held = {f"{one.path.parent.name}/{one.path.name}": one for one in backups.on_sticks()}.get(
        request.form.get("copy", "")
    )
    if found is not None and held is not None:
        found.add_stick(held, request.form.get("passphrase", ""))
    return screens.go(url_for("start_back.page"))


@bp.post("/finish")
def finish() -> Any:
    """Give the manager a name and a PIN, put the café in place, and say what did not come back."""
    found, form = coming.resume(screens.kiosk()), request.form
    if found is None or found.step != coming.READY:
        return screens.go(url_for("start_back.page"))
    if found.has_names():
        found.finish()
    else:
        if not form.get("name", "").strip():
            raise NameMissing
        if form.get("pin", "") != form.get("again", ""):
            raise PinsDiffer
        found.finish(form.get("op", ""), name=form["name"], hashed=people.hash_pin(form["pin"]))
    return _draw("back_done", 4, came=kept(screens.kiosk()))


@bp.post("/give-up")
def give_up() -> Any:
    """Forget the code and what came."""
    coming.give_up(screens.kiosk())
    return screens.go(url_for("start.welcome"))


def kept(kiosk: Any) -> dict[str, Any]:
    """Return what is remembered of the return; empty once somebody has seen it."""
    with kiosk.store.reading() as conn:
        told = drafts.get(conn, coming.CAME_BACK)
        return {"heard_at": 0, "entries": 0, "stick": False, **told} if told else {}


def notices(conn: sqlite3.Connection) -> list[Notice]:
    """Return what is left to do on a box that took a café over."""
    told = drafts.get(conn, coming.CAME_BACK)
    if not told:
        return []
    out = []
    if not told["stick"]:
        from kiosk.drawing import date_fr

        out.append(Notice(
            _("What was recorded since %(when)s is not here: type it again from paper", when=date_fr(told["heard_at"])),
            url_for("village.came_back"),
        ))  # fmt: skip
    n = len(people.nameless(conn))
    if n:
        out.append(Notice(
            ngettext("%(n)s person has neither name nor PIN any more", "%(n)s people have neither name nor PIN any more", n),
            url_for("team.home"),
        ))  # fmt: skip
    if told["stick"]:
        out.append(Notice(_("What did not come back with the new box"), url_for("village.came_back")))
    return out
