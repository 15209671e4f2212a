"""« Données personnelles »: why the café knows people, how many, until when; give or erase what is known of one (R140–R148)."""

import contextlib
import json
from typing import Any

from flask import Blueprint, Response, request, url_for

from kiosk.drawing import day_short
from pos import screens
from pos.engines import persons
from pos.engines.persons import PURPOSES
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.till import refusals as no
from pos.till import tables

bp = Blueprint("personal", __name__, url_prefix="/personal")

# Shown beside what was typed: what each fact is called.
FACTS = {"name": N_("Name"), "phone": N_("Telephone"), "kept_until": N_("Kept until"), "purpose": N_("Purpose")}


def _manager_only() -> None:
    with screens.store().reading() as conn:
        if tables.role_of(conn, screens.clerk()) != "manager":
            raise no.ManagerNeeded


@bp.get("/")
def home() -> str:
    """List the purposes with counts and dates, and the persons a search finds."""
    _manager_only()
    text = request.args.get("q", "").strip()[:40]
    with screens.store().reading() as conn:
        told = persons.counts(conn)
        found = persons.search_all(conn, text) if text else []
    return screens.draw("personal/home.html", purposes=PURPOSES, told=told, found=found, text=text)


@bp.get("/<person>")
def one(person: str) -> str:
    """Show what is known of one person."""
    _manager_only()
    with screens.store().reading() as conn:
        known = persons.known_of(conn, person)
    return screens.draw("personal/one.html", person=person, known=known, facts=FACTS, purposes=PURPOSES)


@bp.post("/<person>/export")
def export(person: str) -> Response:
    """Hand over what is known of a person, as a file; recorded."""
    _manager_only()
    told = persons.export(screens.store(), person, by=screens.clerk(), attempt=screens.fresh_attempt())
    text = json.dumps(told, ensure_ascii=False, indent=2)
    return Response(
        text, mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="donnees-{person[-8:]}.json"'},
    )  # fmt: skip


@bp.post("/<person>/erase")
def erase(person: str) -> Any:
    """Forget a person now: counts and amounts stay, nobody's name does; recorded."""
    _manager_only()
    with contextlib.suppress(AlreadyDone):
        persons.erase(screens.store(), person, by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Forgotten. Counts and amounts stay, without a name."))
    return screens.go(url_for("personal.home"))


@bp.post("/register")
def register() -> Response:
    """Give the café's register of processing, as a text file (R140)."""
    _manager_only()
    with screens.store().reading() as conn:
        cafe, told = tables.cafe(conn), persons.counts(conn)
    name = f"{cafe.sign}, {cafe.legal_entity}, SIRET {cafe.siret}" if cafe else ""
    lines = [
        _("Register of processing of personal data"), name, day_short(screens.today()), "",
        _("Where: in the café’s box only; never sent to HQ, never in the journal. Who: the people who serve, by PIN."),
        _("Rights: to see, to take away, to be forgotten, at the counter: Menu, Personal data."), "",
        *(
            _("%(purpose)s: %(n)s persons today; kept %(days)s days after the last need", purpose=_(one.label),
              n=told[code].n, days=one.days)
            for code, one in PURPOSES.items()
        ),
        "",
        _("After its date a person is erased by the till, each day; counts and amounts stay, without a name (legal duty, VAT)."),
    ]  # fmt: skip
    return Response(
        "\n".join(lines) + "\n", mimetype="text/plain",
        headers={"Content-Disposition": 'attachment; filename="registre-des-traitements.txt"'},
    )  # fmt: skip
