"""The closings' shelf: archives of closed months and years, made by one key and downloaded (R53, R58)."""

from typing import Any

from flask import Blueprint, request, send_file

from pos import screens
from pos.archive import make, tables
from pos.archive.bundle import FORMATS
from pos.till import refusals as no
from pos.till import tables as till
from pos.till.period_slips import period_said

bp = Blueprint("archives", __name__, url_prefix="/archives", template_folder="templates")


@bp.get("/")
def home() -> str:
    """Show the closed months and years, and the archives that were made."""
    with screens.store().reading() as conn:
        made = tables.made(conn)
        return screens.draw(
            "archive/archives.html", months=tables.closed(conn, "month"), years=tables.closed(conn, "year"), made=made,
            done={row["period"] for row in made}, formats=FORMATS, manager=_manager(conn), said=period_said,
        )  # fmt: skip


def _manager(conn: Any) -> bool:
    return till.role_of(conn, screens.clerk()) == "manager"


@bp.post("/make")
def make_one() -> Any:
    """Make an archive, record it, and give the file to the browser."""
    store = screens.store()
    with store.reading() as conn:
        if not _manager(conn):
            raise no.ManagerNeeded
    asked = request.form.get("period", "")
    if request.form.get("first"):
        asked = f"{request.form['first']}..{request.form.get('last') or request.form['first']}"
    shape = request.form.get("shape", "zip")
    made = make.make_archive(
        store, asked=asked, shape=shape, folder=screens.kiosk().data / "archives", by=screens.clerk(),
        attempt=screens.attempt(),
    )  # fmt: skip
    return send_file(made.path, mimetype=FORMATS[shape].mimetype, as_attachment=True, download_name=made.path.name)
