"""`zinc-hq release`: keep what the publisher signed, to be announced on the pages."""

from pathlib import Path

import click

from hq import releases
from hq.access import OFFICE
from hq.wiring import Office
from pos.errors import Refusal
from pos.i18n import _


@click.command("release", help="Keep a signed release of the till; the page « Versions » announces it.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def keep_release(office: Office, file: Path) -> None:
    """Check the publisher's signature and every file, and keep it."""
    try:
        with office.db.writing() as conn:
            version = releases.add(conn, office.config.data, file, by=OFFICE.username, now_ms=office.clock.now_ms())
    except Refusal as no:
        raise click.ClickException(f"{no.what()} {no.how()}") from no
    click.echo(
        _(
            "Version %(version)s is kept, and announced to nobody yet: Announcements, Versions of the till.",
            version=version,
        )
    )


COMMANDS = (keep_release,)
