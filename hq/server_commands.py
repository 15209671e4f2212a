"""`zinc-hq servers …`: cafés spread over several PostgreSQL servers (docs/hq.md, A second server)."""

from collections.abc import Callable
from typing import TypeVar

import click
from sqlalchemy.exc import DBAPIError

from hq import parting
from hq import servers as known
from hq.wiring import Office
from hq.wording import whole
from pos.errors import Refusal
from pos.i18n import _
from sync import books

T = TypeVar("T")
FIRST = "first"


@click.group(help="Cafés on several PostgreSQL servers.")
def servers() -> None:
    """Hold the commands together."""


@servers.command(help="Give each part its own tables, with HQ stopped; after an upgrade, those the release brings.")
@click.pass_obj
def part(office: Office) -> None:
    """Do it in one transaction; again changes nothing."""
    made = _tried(lambda: parting.part(office.db))
    click.echo(_("%(n)s tables were given to the parts.", n=len(made)))


@servers.command(help="Make another server known, and give it HQ's tables; again, when its address changed.")
@click.argument("name")
@click.pass_obj
def add(office: Office, name: str) -> None:
    """Nothing is moved yet. The address holds a password: it is asked for, and shown to no other account of the machine."""
    url = click.prompt(_("Its address (postgresql://…)"), hide_input=True)
    _tried(lambda: parting.add(office.db, name, url))
    click.echo(_("Server %(name)s is ready for parts.", name=name))


@servers.command("list", help="Tell where each part lies, with its cafés.")
@click.pass_obj
def list_parts(office: Office) -> None:
    """Print a line a part; exit with 1 when a server does not answer."""
    with office.db.reading() as conn:
        places = known.places(conn)
    if not places:
        raise click.ClickException(_tell(parting.NotParted()))
    away = False
    for number, server in places.items():
        try:
            with office.db.reading() as conn:
                table = f"{known.schema(number)}.{books.cursor.name}"
                cafes = conn.exec_driver_sql(f"SELECT count(DISTINCT cafe_id) FROM {table}").scalar_one()
            said = _("%(n)s cafés", n=whole(cafes))
        except DBAPIError as trouble:
            if not known.is_away(trouble):
                raise
            said, away = _("does not answer"), True
        click.echo(f"{number:02d} {server or FIRST} {said}")
    if away:
        raise click.exceptions.Exit(1)


@servers.command(help="Move a part with all its cafés to another server, or back to the first one; HQ goes on serving.")
@click.argument("number", type=click.IntRange(0, parting.PARTS - 1), metavar="PART")
@click.argument("to", metavar="NAME")
@click.pass_obj
def move(office: Office, number: int, to: str) -> None:
    """Print what was moved, and the checksum found on both sides."""
    moved = _tried(lambda: parting.move(office.db, number, "" if to == FIRST else to))
    click.echo(_(
        "Part %(part)s: %(cafes)s cafés, %(rows)s rows, the same on both sides (%(checksum)s).",
        part=number, cafes=whole(moved.cafes), rows=whole(moved.rows), checksum=moved.checksum[:16] or "-",
    ))  # fmt: skip


def _tell(no: Refusal) -> str:
    return f"{no.what()} {no.how()}"


def _tried(act: Callable[[], T]) -> T:
    try:
        return act()
    except Refusal as no:
        raise click.ClickException(_tell(no)) from no
    except DBAPIError as trouble:
        if not known.is_away(trouble):
            raise
        raise click.ClickException(_("A server does not answer: nothing was changed.")) from trouble
