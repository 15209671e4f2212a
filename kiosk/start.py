"""The first run: a few calm screens, kept as a draft until HQ opens the journal, then recorded in one go.

Café, people, printer, menu, HQ: each can be left and taken up again; nothing is a fact before the end.
"""

from typing import Any

from flask import Blueprint, request, url_for

from kiosk import backups, coming, joining, machines, restoring, settings, wiring
from pos import drafts, screens
from pos.errors import Refusal
from pos.hardware import open_devices
from pos.i18n import N_, _
from pos.till import catalogue, people
from pos.till.events import CafeDescribed
from pos.till.screens.paper import print_now
from pos.till.screens.team import NameMissing, PinsDiffer

bp = Blueprint("start", __name__, url_prefix="/start")

DRAFT = "first_run"
STEPS = ("welcome", "cafe", "team", "printer", "menu", "hq")
TITLES = (N_("Welcome"), N_("The café"), N_("Team"), N_("Printer"), N_("Menu of the café"), N_("HQ"))


class NobodyYet(Refusal):
    """A till needs a manager."""

    sentence = N_("There is no manager yet.")
    remedy = N_("Add at least one person with the role manager.")


class NotDescribed(Refusal):
    """The café has no name yet."""

    sentence = N_("The café is not described yet.")
    remedy = N_("Go back to the first step and fill it in.")


def kept() -> dict[str, Any]:
    """Return what was typed so far."""
    with screens.store().reading() as conn:
        found: dict[str, Any] = drafts.get(conn, DRAFT, {})
    return {"cafe": {}, "people": [], "printer": {"kind": "none"}, "menu": "starter", "url": "", **found}


def keep(**values: Any) -> None:
    """Keep what was typed."""
    with screens.store().writing(by="box") as tx:
        drafts.put(tx.conn, DRAFT, {**drafts.get(tx.conn, DRAFT, {}), **values})


def _draw(step: str, **context: Any) -> str:
    titles = [_(title) for title in TITLES]
    return screens.draw(
        f"start/{step}.html", steps=titles, at=STEPS.index(step) if step in STEPS else 0, kept=kept(), **context
    )


@bp.get("/")
def welcome() -> Any:
    """Say what comes, and how long it takes; a café that is on its way goes on after a power cut."""
    if coming.resume(screens.kiosk()) is not None:
        return screens.go(url_for("start_back.page"))
    return _draw("welcome")


@bp.get("/restore")
def restoring_page() -> str:
    """Ask for the backup of a till that lost its file, or of the box that this one replaces."""
    return _draw("restore", found=backups.on_sticks())


@bp.post("/restore")
def restore() -> Any:
    """Check a backup and put it back: the till is as it was."""
    kiosk, form = screens.kiosk(), request.form
    secret, code = form.get("passphrase", ""), form.get("code", "").strip()
    found = {f"{one.path.parent.name}/{one.path.name}": one for one in backups.on_sticks()}
    held = found.get(form.get("copy", ""))
    if held is not None:
        last = restoring.from_stick(kiosk, held, secret, by="box", code=code)
    else:
        last = restoring.put_back(kiosk, backups.sent_file(), secret, by="box", code=code)
    screens.say(_("The backup is back in place, to its entry %(n)s", n=last), icon="save")
    return screens.go("/")


@bp.get("/cafe")
def cafe() -> str:
    """Ask who the café is."""
    told = dict.fromkeys(
        ("sign", "legal_entity", "siret", "vat_number", "street", "postcode", "town", "delegated_commune", "ape"), ""
    )
    told |= {"regime": "reel", "model": "managed"} | kept()["cafe"]
    return _draw("cafe", cafe=told, regimes=settings.REGIMES, models=settings.MODELS)


@bp.post("/cafe")
def save_cafe() -> Any:
    """Keep who the café is; a wrong SIRET is told at once."""
    form = request.form.to_dict()
    keep(cafe={name: text[:80] for name, text in form.items() if name != "attempt"})
    settings.read_cafe(form)
    return screens.go(url_for("start.team"))


@bp.get("/team")
def team() -> str:
    """Ask who serves."""
    return _draw("team")


@bp.post("/team")
def add_person() -> Any:
    """Keep one more person; of the PIN only its hash."""
    name, pin = request.form.get("name", "").strip(), request.form.get("pin", "")
    if not name:
        raise NameMissing
    if pin != request.form.get("again", ""):
        raise PinsDiffer
    hashed = people.hash_pin(pin)
    found = kept()["people"]
    role = "manager" if request.form.get("role") == "manager" or not found else "seller"
    keep(people=[*found, {"name": name[:40], "role": role, "hashed": hashed}])
    return screens.go(url_for("start.team"))


@bp.post("/team/<int:place>/remove")
def remove_person(place: int) -> Any:
    """Take somebody off the draft."""
    found = kept()["people"]
    keep(people=[one for i, one in enumerate(found) if i != place])
    return screens.go(url_for("start.team"))


@bp.get("/printer")
def printer() -> str:
    """Ask how the printer is reached."""
    return _draw("printer", printer=kept()["printer"])


@bp.post("/printer")
def save_printer() -> Any:
    """Keep the printer's settings and open it."""
    form = request.form
    told = {
        "kind": form.get("kind", "none"),
        "address": form.get("address", "").strip(),
        "width": 58 if form.get("width") == "58" else 80,
    }
    open_devices(told)
    keep(printer=told)
    kiosk = screens.kiosk()
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, "settings", {**drafts.get(tx.conn, "settings", {}), "printer": told})
    wiring.connect_machines(kiosk)
    if form.get("test"):
        return try_printer()
    return screens.go(url_for("start.menu"))


def try_printer() -> str:
    """Print a few words, to see that it works."""
    from pos.hardware import queue
    from pos.hardware.printer import render

    slip = machines.test_slip()
    with screens.store().writing(by="box") as tx:
        queue.enqueue(tx.conn, _("Test page"), render(slip, screens.devices().printer.model), at=tx.now)
    print_now(_("Test page on paper"))
    return screens.render("_message.html", oob=False)


@bp.get("/menu")
def menu() -> str:
    """Ask which menu to begin with."""
    found, _faults = catalogue.read_csv(catalogue.STARTER.read_text(encoding="utf-8"))
    return _draw("menu", n=len(found))


@bp.post("/menu")
def save_menu() -> Any:
    """Keep the choice."""
    keep(menu="empty" if request.form.get("menu") == "empty" else "starter")
    return screens.go(url_for("start.hq"))


@bp.get("/hq")
def hq() -> str:
    """Ask for the code of the coordinator."""
    kiosk = screens.kiosk()
    return _draw(
        "hq", url=kept()["url"] or kiosk.box_settings().get("hq_url", ""), joined=kiosk.store.journal is not None
    )


@bp.post("/hq")
def join() -> Any:
    """Join HQ with the code; then everything typed becomes facts, and the till is ready.

    A box that was joined before anybody was named (`zinc enrol`, a power cut right here) needs no second code.
    """
    told = kept()
    cafe_told = settings.read_cafe(told["cafe"]) if told["cafe"] else None
    if cafe_told is None:
        raise NotDescribed
    if not any(one["role"] == "manager" for one in told["people"]):
        raise NobodyYet
    kiosk = screens.kiosk()
    if kiosk.store.journal is None:
        url = request.form.get("url", "").strip() or kiosk.box_settings().get("hq_url", "")
        keep(url=url)
        if not joining.join(kiosk, request.form.get("code", "").strip(), url, bring_back=True):
            # The code replaces a box: the café has a past, and is not to begin with an empty till.
            return screens.go(url_for("start_back.page"))
    record(told, cafe_told)
    number = joining.check_number(kiosk)
    return screens.draw("start/joined.html", check_number=number, steps=[_(t) for t in TITLES], at=len(STEPS) - 1)


def record(told: dict[str, Any], cafe_told: CafeDescribed) -> None:
    """Record what was typed as the journal's first facts, all or nothing, and erase the draft."""
    import msgspec

    store = screens.store()
    with store.bulk():
        first = ""
        for one in sorted(told["people"], key=lambda one: one["role"] != "manager"):
            op = people.add_operator(store, role=one["role"], name=one["name"], hashed=one["hashed"], by=first or "box")
            first = first or op
        people.describe_cafe(store, msgspec.structs.replace(cafe_told, valid_from=screens.today()), by=first)
        if told["menu"] == "starter":
            catalogue.load_starter(store, by=first)
        with store.writing(by=first) as tx:
            drafts.put(tx.conn, DRAFT, {})
