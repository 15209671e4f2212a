"""`zinc-hq rebuild`, `checksum` and `retry`: figures told again, compared, and what was set apart tried once more."""

import click

from hq import checksums, retelling
from hq.wiring import Office
from hq.wording import whole
from pos.i18n import _


@click.command(help="Tell every figure again from the stored journals, café by café.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, help="So many processes at once (PostgreSQL).")
@click.pass_obj
def rebuild(office: Office, jobs: int) -> None:
    """Tell all again; HQ may go on serving meanwhile."""
    n = retelling.rebuild(office, jobs=jobs)
    click.echo(_("%(n)s entries told again.", n=whole(n)))


@click.command(help="Print a checksum of all figures by café and month, and one of them all.")
@click.option("--cafe", type=int, default=None, help="Of one café only.")
@click.pass_obj
def checksum(office: Office, cafe: int | None) -> None:
    """Print lines that another HQ, a backup or a rebuild prints alike."""
    with office.db.reading() as conn:
        lines = [checksums.line(*one) for one in checksums.of_all(conn, cafe)]
    for line in (*lines, f"= {checksums.total(lines)}"):
        click.echo(line)


@click.command(help="Tell again the cafés of which entries were set apart, after an upgrade.")
@click.option("--cafe", type=int, default=None, help="One café only.")
@click.pass_obj
def retry(office: Office, cafe: int | None) -> None:
    """Say how many entries wait after it."""
    done = retelling.retry(office, only=cafe)
    click.echo(_(
        "%(cafes)s cafés told again: %(before)s entries were waiting, %(after)s still are.",
        cafes=whole(done.cafes), before=whole(done.before), after=whole(done.after),
    ))  # fmt: skip


COMMANDS = (rebuild, checksum, retry)
