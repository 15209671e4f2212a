"""The printers, at the counter and in the kitchen: how they are reached, what they can say, what waits for them."""

from typing import Any

from flask import g, request, url_for

from kiosk import machines as page
from kiosk import wiring
from kiosk.settings import bp, manager_only
from pos import drafts, screens
from pos.hardware import COUNTER, DEFAULTS, KITCHEN, logo, open_devices, queue
from pos.hardware.port_printer import CONFIRMS, PortPrinter
from pos.i18n import _
from pos.till import kitchen, tables
from pos.till.screens import paper

# Where the settings of each printer are kept, in the box's settings.
PLACES = {COUNTER: "printer", KITCHEN: "kitchen"}


def asked_place() -> str:
    """Return which printer is meant: the counter's unless the kitchen's is said."""
    return KITCHEN if request.values.get("place") == KITCHEN else COUNTER


def _told(place: str) -> dict[str, Any]:
    found: dict[str, Any] = screens.kiosk().box_settings().get(PLACES[place], {})
    return found


@bp.get("/machines")
def machines() -> str:
    """Show a printer, and the slips that wait for both."""
    place = asked_place()
    with screens.kiosk().store.reading() as conn:
        jobs = [job for job in queue.jobs(conn, 40) if job.state not in (queue.CONFIRMED, queue.DENIED)]
        lock_after = int(drafts.get(conn, "lock_after_s", screens.kiosk().settings.get("lock_after_s", 300)))
        families = [(row["category"], row["label"]) for row in tables.categories(conn)]
    return screens.draw(
        "settings/machines.html", printer={**DEFAULTS, **_told(place)}, jobs=jobs, lock_minutes=lock_after // 60,
        place=place, families=families, routes=kitchen.routes(screens.kiosk().box_settings()),
        paper=screens.devices().printer_of(place).paper_left,
    )  # fmt: skip


@bp.post("/machines")
def save_machines() -> Any:
    """Set a printer; it is opened anew at once."""
    manager_only()
    place, form = asked_place(), request.form
    told = {**_told(place), **read_printer(form.to_dict())}
    open_devices(told)
    if sent := request.files.get("logo"):
        if data := sent.read():
            told |= logo.from_picture(data)
    elif form.get("no_logo"):
        told |= {"logo": "", "logo_width": 0}
    changed: dict[str, Any] = {PLACES[place]: told}
    if place == KITCHEN:
        changed["routes"] = dict.fromkeys(form.getlist("family"), KITCHEN)
    keep(**changed)
    screens.say(_("Saved. Print the test page now."), icon="printer")
    return screens.go(url_for("settings.machines", place=place if place == KITCHEN else None))


def keep(**changed: Any) -> None:
    """Keep settings of the box and open its machines anew."""
    kiosk = screens.kiosk()
    with kiosk.store.writing(by=screens.clerk()) as tx:
        drafts.put(tx.conn, "settings", {**drafts.get(tx.conn, "settings", {}), **changed})
    wiring.connect_machines(kiosk)


def read_printer(form: dict[str, str]) -> dict[str, Any]:
    """Return the settings a form tells; what it does not ask for is left as it was."""
    told: dict[str, Any] = {
        "kind": form.get("kind", "none"), "address": form.get("address", "").strip(),
        "width": 58 if form.get("width") == "58" else 80,
    }  # fmt: skip
    if "code_page" in form:
        told["code_page"] = form["code_page"]
        slot = form.get("code_page_slot", "")
        told["code_page_slot"] = int(slot) if slot.isdecimal() else -1
        told["euro"] = "EUR" if form.get("euro") == "EUR" else "€"
        told["confirm"] = form.get("confirm") if form.get("confirm") in CONFIRMS else "auto"
    return told


@bp.post("/machines/test")
def test_page() -> str:
    """Print a page that shows accents, the euro and the width; learn what the printer says of a slip that is done."""
    place = asked_place()
    with screens.store().writing(by=screens.clerk()) as tx:
        paper.enqueue(tx, _("Test page"), page.test_slip(), printer=place)
    paper.print_now(_("Test page on paper"), place)
    return screens.render("_message.html", oob=False)


@bp.post("/machines/letters")
def letters() -> str:
    """Print every slot of letters: the installer types the number of the line that reads well."""
    from pos.hardware.trial import slots_page

    place = asked_place()
    data = slots_page(screens.devices().printer_of(place).model)
    with screens.kiosk().store.writing(by=screens.clerk()) as tx:
        queue.enqueue(tx.conn, _("Page of letters"), data, at=tx.now, printer=place)
    paper.print_now(_("Page of letters on paper"), place)
    return screens.render("_message.html", oob=False)


@bp.post("/machines/probe")
def probe() -> Any:
    """Ask a printer how it says that a slip is done, and keep it."""
    manager_only()
    place = asked_place()
    printer = screens.devices().printer_of(place)
    driver = printer if isinstance(printer, PortPrinter) else getattr(printer, "driver", None)
    if driver is not None:
        keep(**{PLACES[place]: {**_told(place), "confirm": driver.probe()}})
        screens.say(_("Saved: what this printer can say is known."), icon="printer")
    return screens.go(url_for("settings.machines", place=place if place == KITCHEN else None))


@bp.post("/machines/drawer")
def test_drawer() -> str:
    """Open the drawer to try it; recorded like every opening without a sale."""
    from pos.till import cash
    from pos.till.screens.machines import kick_for

    cash.open_drawer(screens.store(), "check", by=screens.clerk(), attempt=screens.fresh_attempt())
    kick_for(_("Drawer open, noted"), _("No drawer is set up"))
    return screens.render("_message.html", oob=False)


@bp.post("/slips/<int:job>/<act>")
def slip_act(job: int, act: str) -> Any:
    """Print a slip that never left again, say that it came out, or give it up."""
    with screens.kiosk().store.writing(by=screens.clerk()) as tx:
        if act == "retry":
            queue.retry(tx.conn, job, at=tx.now)
        else:
            {"settle": queue.settle, "drop": queue.drop}.get(act, queue.settle)(tx.conn, job)
    if act == "retry":
        paper.print_now(_("Slip on paper"), paper.place_of(job))
    return screens.go(url_for("settings.machines"))


@bp.post("/slips/<int:job>/out/<answer>")
def came_out(job: int, answer: str) -> str:
    """Take the answer to the one question: it is on paper, or it is printed again."""
    place = paper.place_of(job)
    if paper.settle_doubt(job, out=answer == "yes", attempt=screens.attempt()):
        paper.print_now(_("Slip on paper"), place)
    elif answer == "yes":
        screens.say(_("Noted: it is on paper"), icon="printer")
    g.machines_changed = True
    return screens.draw("_ask.html", oob=False)
