"""Attestations: who signs them, which till has which, each as a page to print."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from hq import attestation, register
from hq.acts import note_act
from hq.screens import page
from pos import perimeter
from pos.i18n import N_, _
from pos.release import FISCAL_VERSION
from sync.attestation import Publisher, lines

blueprint = Blueprint("attestations", __name__)

FIELDS = (
    ("name", N_("Publisher (legal name)")), ("siren", N_("SIREN")), ("address", N_("Address")),
    ("signatory", N_("Who signs")), ("quality", N_("Quality")), ("place", N_("Done at")),
)  # fmt: skip


@blueprint.get("/attestations")
def index() -> ResponseReturnValue:
    """List the cafés with their attestation, and who signs."""
    page.must_be_national()
    with page.reading() as conn:
        made, who = attestation.all_latest(conn), attestation.publisher(conn)
    return page.draw(
        "attestations.html", made=made, who=who, form_fields=FIELDS, fiscal=FISCAL_VERSION,
        digest=perimeter.digest(perimeter.manifest()), files=len(perimeter.manifest().files),
    )  # fmt: skip


@blueprint.post("/attestations/publisher")
def name_publisher() -> ResponseReturnValue:
    """Say who signs from now on."""
    user = page.must_be_national()
    with page.writing() as conn:
        who = attestation.name_publisher(
            conn, {name: request.form.get(name, "") for name in Publisher.__struct_fields__}
        )
        note_act(conn, page.now_ms(), user.username, "publisher.named", None, name=who.name)
    return page.back_to(url_for("attestations.index"), _("Saved: tills ask for their attestation at the next contact."))


@blueprint.get("/attestations/<int:cafe_id>")
def one(cafe_id: int) -> ResponseReturnValue:
    """Show a café's attestation, to print and sign."""
    with page.reading() as conn:
        row = register.find_cafe(conn, cafe_id, page.me())
        made = attestation.latest(conn, cafe_id)
    return page.draw("attestation.html", cafe=row, made=made, lines=lines(made) if made else [])
