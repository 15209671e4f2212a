"""`zinc-hq checkpoint` and `zinc-hq log …`: sign what was acknowledged, check it, hand it to an auditor, put it back."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from hq import log_archive, publishing
from hq.wiring import Office
from hq.wording import whole
from pos.errors import Refusal
from pos.i18n import _

T = TypeVar("T")
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(help="Sign a checkpoint of HQ's log now; done by itself once a night.")
@click.pass_obj
def make_checkpoint(office: Office) -> None:
    """Print the newest checkpoint as signed."""
    try:
        with office.db.writing() as conn:
            publishing.publish(office, conn)
            last = publishing.newest(conn)
    except publishing.OriginChanged as known:
        raise click.ClickException(
            _("The log is called %(name)s since its first checkpoint: set ZINC_HQ_LOG_ORIGIN to it.", name=str(known))
        ) from known
    click.echo(last.note if last else _("Nothing was acknowledged yet: there is nothing to sign."), nl=last is None)


@click.group(help="HQ's own log of what it has acknowledged.")
def log() -> None:
    """Hold the log's commands together."""


@log.command(help="Check leaves, checkpoints and stored journals against each other.")
@click.pass_obj
def verify(office: Office) -> None:
    """Exit with 1 and name what is wrong."""
    with office.db.reading() as conn:
        last = publishing.newest(conn)
        faults = log_archive.verify(office, conn)
    for fault in faults:
        click.echo(fault, err=True)
    size = last.size if last else 0
    click.echo(_("Leaves under the last checkpoint: %(n)s; faults: %(faults)s.", n=whole(size), faults=len(faults)))
    if faults:
        raise click.exceptions.Exit(1)


@log.command(help="Write the log to a folder for an outside auditor, with a verifier; again to add what came since.")
@click.option("--to", "folder", type=FOLDER, required=True)
@click.pass_obj
def export(office: Office, folder: Path) -> None:
    """Write leaves, checkpoints, key, notice and verifier."""
    with office.db.reading() as conn:
        leaves, notes = _tried(lambda: log_archive.export(office, conn, folder))
    click.echo(_("In %(folder)s: leaves, %(leaves)s; checkpoints, %(notes)s.",
                 leaves=whole(leaves), notes=whole(notes), folder=folder))  # fmt: skip


@log.command(help="After a backup was put back: bring the log up to an export of it, before HQ runs again.")
@click.option("--from", "folder", type=FOLDER, required=True)
@click.pass_obj
def restore(office: Office, folder: Path) -> None:
    """Take the leaves and checkpoints that the backup did not have."""
    with office.db.writing() as conn:
        n = _tried(lambda: log_archive.restore(office, conn, folder))
    click.echo(_("Leaves put back: %(n)s.", n=whole(n)))


def _tried(act: Callable[[], T]) -> T:
    try:
        return act()
    except Refusal as no:
        raise click.ClickException(f"{no.what()} {no.how()}") from no
