"""`zinc-hq`: run the office, make an enrolment code, print the kilometres, rebuild and verify the figures."""

import json
import secrets
from typing import Any

import click
from sqlalchemy import select

from hq import access, audit, downstream_commands, enrolment, fleet, impact, keeping_commands, reports
from hq.access import OFFICE
from hq.acts import note_act
from hq.config import read_config
from hq.log_commands import log, make_checkpoint
from hq.server_commands import servers
from hq.tables import cafe as cafe_table
from hq.wiring import Office, open_office
from hq.wording import NBSP, km, whole
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import _
from pos.release import VERSION


@click.group(help="HQ of the village cafés.")
@click.version_option(VERSION, prog_name="zinc-hq")
@click.pass_context
def main(context: click.Context) -> None:
    """Open the office for the command."""
    if not context.resilient_parsing and context.invoked_subcommand not in (None, *keeping_commands.WITHOUT_OFFICE):
        try:
            context.obj = open_office(read_config())
        except Refusal as no:
            raise click.ClickException(f"{no.what()} {no.how()}") from no
        context.call_on_close(context.obj.close)


@main.command(help="Serve the pages and the cafés' line on this machine.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Instead of ZINC_HQ_PORT (8090).")
@click.pass_obj
def run(office: Office, port: int | None) -> None:
    """Serve on 127.0.0.1 until told to stop; a proxy speaks TLS before it."""
    import waitress

    from hq.app import MAX_BODY, create_app

    port = port or office.config.port
    click.echo(f"HQ {VERSION}: http://127.0.0.1:{port}")
    waitress.serve(
        create_app(office), host="127.0.0.1", port=port, threads=6, channel_timeout=60, ident=None,
        max_request_body_size=MAX_BODY, clear_untrusted_proxy_headers=True, _quiet=True,
    )  # fmt: skip


@main.command(help="Make a one-time code for a café's till, or confirm the number read over the telephone.")
@click.argument("cafe", type=int)
@click.option(
    "--purpose", type=click.Choice([enrolment.NEW, enrolment.REPLACE, enrolment.REPAIR]), default=enrolment.NEW
)
@click.option("--confirm", "number", default="", help="The six digits the café reads on its screen.")
@click.pass_obj
def enrol(office: Office, cafe: int, purpose: str, number: str) -> None:
    """Print a code once; HQ does not keep it."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        if conn.execute(select(cafe_table.c.id).where(cafe_table.c.id == cafe)).first() is None:
            raise click.ClickException(_("There is no café %(cafe)s in the register: add it there first.", cafe=cafe))
        if number:
            if not enrolment.confirm_number(conn, cafe, number, by=OFFICE.username, at=now):
                raise click.ClickException(
                    _("No till of café %(cafe)s is waiting with this number: do not confirm it.", cafe=cafe)
                )
            note_act(conn, now, OFFICE.username, "box.confirmed", cafe)
            click.echo(_("The till of café %(cafe)s is confirmed.", cafe=cafe))
            return
        try:
            code = enrolment.make_code(conn, cafe, purpose, by=OFFICE.username, at=now)
        except enrolment.CafeHasBox as known:
            raise click.ClickException(
                _("Café %(cafe)s already has a till: for another box, add --purpose replace.", cafe=cafe)
            ) from known
        fleet.note_code(conn, cafe, purpose, by=OFFICE.username, now_ms=now)
    click.echo(str(code))
    click.echo(
        _("For café %(cafe)s, one use, %(days)s days. It is not shown again.", cafe=cafe, days=enrolment.CODE_DAYS)
    )


@main.command("rotate", help="Ask a café's till to take another key at its next call.")
@click.argument("cafe", type=int)
@click.pass_obj
def rotate(office: Office, cafe: int) -> None:
    """Ask for another key: in doubt about the old one, before its year is over."""
    with office.db.writing() as conn:
        if not enrolment.ask_rotation(conn, cafe):
            raise click.ClickException(_("Café %(cafe)s has no till.", cafe=cafe))
        note_act(conn, office.clock.now_ms(), OFFICE.username, "box.rotation_asked", cafe)
    click.echo(_("The till of café %(cafe)s will take another key at its next call.", cafe=cafe))


@main.command("impact", help="Print the kilometres of a year.")
@click.option("--year", type=click.IntRange(2000, 2200), required=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON, in metres.")
@click.pass_obj
def print_impact(office: Office, year: int, as_json: bool) -> None:
    """Print what HQ's impact page says."""
    today = business_day(office.clock.now_ms())
    with office.db.reading() as conn:
        report = reports.impact_report(conn, reports.year_period(year, today), OFFICE, today=today)
    told = report.as_json()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo("\n".join(_in_words(told)))


def _km(metres: int) -> str:
    return f"{km(metres)}{NBSP}km"


def _in_words(told: dict[str, Any]) -> list[str]:
    metres = told["km_gross_m"]
    return [
        _("From %(first)s to %(last)s, method %(method)s: %(km)s avoided one way (bread, cash, post), %(turns)s times round the Earth.",
          first=told["first"], last=told["last"], method=told["method"], km=_km(metres), turns=impact.earth_turns(metres)),
        _("Each trip counted once: %(km)s.", km=_km(told["km_dedup_m"])),
        _("Net: %(km)s by car, once the %(own)s the cafés drove themselves are taken off.",
          km=_km(told["km_net_m"]), own=_km(told["own_km_m"])),
        _("%(uses)s uses, of which %(without)s wait for a confirmed distance.",
          uses=whole(told["uses"]), without=whole(told["uses_without_distance"])),
        _("%(counted)s cafés counted of %(cafes)s.", counted=told["cafes_counted"], cafes=told["cafes"]),
    ]  # fmt: skip


@main.command(help="Open a national account; its first password is printed once.")
@click.argument("username")
@click.option("--name", default="", help="The person's name, as shown on the pages.")
@click.pass_obj
def account(office: Office, username: str, name: str) -> None:
    """Make the first account of an office, or one more when nobody can get in."""
    password = secrets.token_urlsafe(9)
    try:
        with office.db.writing() as conn:
            access.create_user(
                conn, by=OFFICE.username, now_ms=office.clock.now_ms(), username=username, name=name or username,
                role=access.NATIONAL, password=password, must_change=True,
            )  # fmt: skip
    except access.BadAccount as trouble:
        raise click.ClickException(f"{trouble.what()} {trouble.how()}") from trouble
    click.echo(password)
    click.echo(
        _("First password of %(name)s, to be changed at the first sign-in. It is not shown again.", name=username)
    )


@main.command(help="Check the stored journals, and the figures against them.")
@click.pass_obj
def verify(office: Office) -> None:
    """Exit with 1 and name what is wrong."""
    checked = audit.check(office)
    for fault in checked.faults:
        click.echo(fault, err=True)
    click.echo(_(
        "Journals: %(journals)s; segments: %(segments)s; entries: %(entries)s; faults: %(faults)s.",
        journals=whole(checked.journals), segments=whole(checked.segments), entries=whole(checked.entries),
        faults=len(checked.faults),
    ))  # fmt: skip
    if checked.faults:
        raise click.exceptions.Exit(1)


main.add_command(make_checkpoint, "checkpoint")
main.add_command(log)
main.add_command(servers)
for one in downstream_commands.COMMANDS:
    main.add_command(one)
for name, command in keeping_commands.COMMANDS.items():
    main.add_command(command, name)


if __name__ == "__main__":
    main()
