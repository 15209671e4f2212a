"""`zinc-hq rebuild`, `checksum`, `retry`: figures told again and compared; `backup`, `drill`, `restore`: kept safe."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy.exc import DBAPIError

from hq import backup, checksums, cited, register, reports, retelling, retention, safe, servers, trail_seals
from hq.access import OFFICE
from hq.acts import note_act
from hq.config import read_config
from hq.wiring import Office
from hq.wording import whole
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import _

T = TypeVar("T")


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
    with office.db.writing() as conn:
        note_act(
            conn, office.clock.now_ms(), OFFICE.username, "apart.retried", cafe, cafes=done.cafes, before=done.before,
            after=done.after,
        )  # fmt: skip
    click.echo(_(
        "%(cafes)s cafés told again: %(before)s entries were waiting, %(after)s still are.",
        cafes=whole(done.cafes), before=whole(done.before), after=whole(done.after),
    ))  # fmt: skip


@click.command(help="Write a backup into a folder, with what must be found in it beside.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--quick", is_flag=True, help="Without the checksums of the figures: they can be told again.")
@click.pass_obj
def make_backup(office: Office, folder: Path, quick: bool) -> None:
    """Print the file."""
    click.echo(_said(lambda: backup.make(office, folder, sums=not quick)))
    with office.db.writing() as conn:
        safe.note(conn, safe.BACKUP, office.clock.now_ms())


@click.command(help="Put a backup back beside, check all of it, and take it away again.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def drill(office: Office, file: Path) -> None:
    """Exit with 1 when it is not whole."""
    about = _said(lambda: backup.drill(office, file))
    with office.db.writing() as conn:
        safe.note(conn, safe.DRILL, office.clock.now_ms())
    n = whole(about["journals"])
    if about["figures"]:
        click.echo(
            _("This backup is whole: %(n)s journals with their chains and signatures, the figures, HQ’s log.", n=n)
        )
    else:
        click.echo(
            _(
                "This backup is whole: %(n)s journals with their chains and signatures, HQ’s log. Figures are not compared: it was made without their checksum, or by another release.",
                n=n,
            )
        )


@click.command(help="Put a backup back into the empty database that ZINC_HQ_DATABASE names.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """The boxes send again what it has not."""
    config = read_config()
    about = _said(lambda: backup.restore(config.database, file, config.backup_phrase))
    click.echo(_("This backup is whole: %(n)s journals.", n=whole(about["journals"])))


@click.command(help="Forget what is past its day: sessions, wrong passwords, used codes, old acts.")
@click.pass_obj
def forget(office: Office) -> None:
    """Done by a timer each night."""
    with office.db.writing() as conn:
        # The night's acts first: nothing is forgotten that was never sealed.
        trail_seals.seal(conn, office)
        gone = retention.forget(conn, by=OFFICE.username, now_ms=office.clock.now_ms())
    for name, n in gone.items():
        click.echo(f"{name}: {n}")


@click.command(help="Check that nobody changed the trail of what people did at HQ.")
@click.pass_obj
def trail(office: Office) -> None:
    """Seal what is not yet; print the last seal, to be noted elsewhere; exit with 1 when the trail is not what was sealed."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        sealed = trail_seals.seal(conn, office)
        kept = retention.days_kept(conn, business_day(now))["acts"]
        found = trail_seals.faults(conn, office, forgotten_before=now - kept * retention.DAY_MS)
    for fault in found:
        click.echo(fault, err=True)
    if sealed is not None:
        click.echo(f"{sealed['n']} {sealed['digest']}")
    if found:
        raise click.exceptions.Exit(1)


@click.command(help="Say for how many days something is kept; without a name, list it.")
@click.argument("name", default="")
@click.argument("days", type=int, default=0)
@click.option("--from", "since", default="", metavar="DAY", help="From a day on (YYYY-MM-DD); else from today.")
@click.pass_obj
def keep(office: Office, name: str, days: int, since: str) -> None:
    """The setting before stays known, with its day."""
    now = office.clock.now_ms()
    today = business_day(now)
    if name:
        since = register.check_day(since) if since else today
        with office.db.writing() as conn:
            _said(lambda: retention.keep(conn, name, days, since=since, by=OFFICE.username, now_ms=now))
    with office.db.reading() as conn:
        for kept, n in retention.days_kept(conn, today).items():
            click.echo(_("%(name)s: %(days)s days", name=kept, days=n))


@click.command(help="Publish the impact of a year or a month as it is said today.")
@click.argument("period", metavar="YYYY[-MM]")
@click.pass_obj
def publish(office: Office, period: str) -> None:
    """Keep the figure with the entries it stands on; print its number."""
    today = business_day(office.clock.now_ms())
    if not re.fullmatch(r"20\d\d(-(0[1-9]|1[0-2]))?", period) or period > today:
        raise click.BadParameter(period)
    asked = reports.month_period(period, today) if len(period) > 4 else reports.year_period(int(period), today)
    click.echo(cited.publish(office, asked, by=OFFICE.username))


@click.command(help="List what was published; with a number, find that figure again from its entries.")
@click.argument("number", default="")
@click.pass_obj
def published(office: Office, number: str) -> None:
    """Exit with 1 when the figure is not found again."""
    if not number:
        with office.db.reading() as conn:
            for row in cited.all_published(conn):
                metres = json.loads(row.told)["km_gross_m"]
                click.echo(f"{row.id} {row.first_day} {row.last_day} {metres} m, as_of {row.as_of}")
        return
    found = _said(lambda: cited.find_again(office, number))
    for fault in found.faults:
        click.echo(fault, err=True)
    click.echo(f"{found.said['km_gross_m']} m → {found.found['km_gross_m']} m")
    if not found.same:
        raise click.exceptions.Exit(1)


def _said(act: Callable[[], T]) -> T:
    """Do something; a refusal becomes the command's."""
    try:
        return act()
    except Refusal as trouble:
        raise click.ClickException(f"{trouble.what()} {trouble.how()}") from trouble
    except DBAPIError as trouble:
        if not servers.is_away(trouble):
            raise
        raise click.ClickException(_("A server does not answer: nothing was changed.")) from trouble


COMMANDS = {
    "rebuild": rebuild, "checksum": checksum, "retry": retry, "backup": make_backup, "drill": drill,
    "restore": restore, "forget": forget, "keep": keep, "publish": publish, "published": published, "trail": trail,
}  # fmt: skip
# These open no office: there is none yet.
WITHOUT_OFFICE = ("restore",)
