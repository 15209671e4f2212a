"""« Contrôle fiscal »: what an inspector asks for, in two taps and in plain words (R3, R58); and the repair of a journal."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from kiosk import control_file, joining, scheduler, stick
from pos import perimeter, screens
from pos.archive import tables as archives
from pos.errors import Refusal
from pos.i18n import N_, _, ngettext
from pos.release import FISCAL_VERSION, VERSION
from pos.till import refusals as no
from pos.till import tables
from sync import ackfile, agent, attestation, published

bp = Blueprint("control", __name__, url_prefix="/control")

SAYS = {
    attestation.GOOD: N_("Attestation of this version, signed by the publisher"),
    attestation.MISSING: N_("No attestation on this till yet: ask HQ for it under Attestation"),
    attestation.OTHER: N_("The attestation here is of another version: ask HQ for the right one before an inspection"),
    attestation.FOREIGN: N_("The attestation here is of another café or SIRET: ask HQ for the right one"),
}


class NoStick(Refusal):
    """Nothing to write on."""

    sentence = N_("No USB stick is found.")
    remedy = N_("Plug one in, wait five seconds, and tap again; or take the download.")


class StickFull(Refusal):
    """Not enough room."""

    sentence = N_("The USB stick has no room left for the control file (%(need)s MB).")
    remedy = N_("Free some room on it or take another; or take the download.")


def _manager_only() -> None:
    with screens.store().reading() as conn:
        if tables.role_of(conn, screens.clerk()) != "manager":
            raise no.ManagerNeeded


@bp.get("/")
def home() -> str:
    """Show what proves this till: version, attestation, journal, last check; and the control file's button."""
    store = screens.store()
    with store.reading() as conn:
        made, closings = archives.made(conn, limit=3), archives.closings(conn)
        periods = control_file.periods(conn)
    kept = attestation.kept(store)
    return screens.draw(
        "control/home.html", version=VERSION, fiscal=FISCAL_VERSION, state=attestation.state(store), says=SAYS,
        attested=kept.read if kept else None, checked=scheduler.last_audit(screens.kiosk()), made=made,
        first_day=closings[0].last_day if closings else "", last_day=closings[-1].last_day if closings else "",
        changed=perimeter.changed(), files=len(perimeter.manifest().files), tip=store.tip() if store.journal else None,
        ack=ackfile.last(store) if store.journal else None, line=agent.status(store), periods=periods,
        sticks=stick.sticks(_places()), journals=len(store.journals()), published=published.told(store),
    )  # fmt: skip


def _places() -> tuple[str, ...]:
    return tuple(screens.kiosk().settings.get("sticks", ()))


@bp.post("/stick")
def to_stick() -> Any:
    """Write the control file on the USB stick that is plugged in."""
    _manager_only()
    store = screens.store()
    found = stick.sticks(_places())
    if not found:
        raise NoStick
    need = 2 * store.path.stat().st_size
    if stick.room(found[0]) < need:
        raise StickFull(need=1 + need // 1_000_000)
    folder = found[0] / control_file.name_of(store, screens.today())
    done = control_file.write(store, folder, by=screens.clerk())
    screens.say(_("Written on the stick %(stick)s: %(n)s files in %(folder)s. Wait for its light to stop before pulling it out.",
                  stick=found[0].name, n=len(done.names), folder=folder.name), icon="save")  # fmt: skip
    return screens.go(url_for("control.home"))


@bp.post("/file")
def to_browser() -> Response:
    """Give the control file as a download."""
    _manager_only()
    store = screens.store()
    name = control_file.name_of(store, screens.today())
    return Response(
        control_file.as_zip(store, by=screens.clerk()), mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}.zip"'},
    )  # fmt: skip


@bp.post("/check")
def check() -> Any:
    """Check everything now, entry by entry, and say the result."""
    _manager_only()
    whole = scheduler.audit(screens.kiosk())
    entries = screens.store().tip().seq + 1
    if whole:
        screens.say(
            ngettext(
                "%(n)s entry checked: the journal is whole", "%(n)s entries checked: the journal is whole", entries
            )
        )
    else:
        screens.say(
            _("The check found a fault: it is recorded and told to HQ. Keep selling, call your coordinator."),
            tone="bad",
        )
    return screens.go(url_for("control.home"))


@bp.get("/attestation")
def attested() -> str:
    """Show the attestation kept on this till."""
    kept = attestation.kept(screens.store())
    return screens.draw("control/attestation.html", lines=attestation.lines(kept.read) if kept else [],
                        state=attestation.state(screens.store()), says=SAYS)  # fmt: skip


@bp.post("/attestation")
def ask_attestation() -> Any:
    """Ask HQ for the attestation of what runs here."""
    kiosk = screens.kiosk()
    if kiosk.line is None:
        raise joining.NotJoined
    attestation.renew(kiosk.store, kiosk.line)
    screens.say(_("The attestation is here"), icon="paper")
    return screens.go(url_for("control.attested"))


@bp.get("/perimeter")
def files() -> str:
    """List the files of the fiscal perimeter and their fingerprints."""
    told = perimeter.manifest()
    return screens.draw(
        "control/perimeter.html", files=sorted(told.files.items()), changed=set(perimeter.changed(told)), fiscal=told.version,
        digest=perimeter.digest(told),
    )  # fmt: skip


@bp.post("/repair")
def repair() -> Any:
    """Open a new journal with the coordinator's repair code; the old one is kept whole."""
    _manager_only()
    done = joining.repair_now(screens.kiosk(), request.form.get("code", "").strip())
    screens.say(_("Repaired: tickets go on after no. %(no)s. Check number to say to your coordinator: %(number)s",
                  no=done.no, number=done.check_number), icon="wire")  # fmt: skip
    return screens.go(url_for("settings.hq"))
