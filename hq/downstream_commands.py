"""`zinc-hq release`: keep what the publisher signed, to be announced; `zinc-hq key`: show or renew HQ’s own key."""

from pathlib import Path

import click

from hq import keys, releases
from hq.access import OFFICE
from hq.wiring import Office
from pos import seal
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


@click.group("key", help="HQ's own key: the one in force, and its renewal.", invoke_without_command=True)
@click.pass_context
def key(context: click.Context) -> None:
    """Print the key in force and those before it."""
    office: Office = context.obj
    if context.invoked_subcommand is None:
        for former in office.former:
            click.echo(_("before: %(kid)s %(key)s", kid=seal.kid_of(former), key=former.hex()))
        click.echo(_("in force: %(kid)s %(key)s", kid=office.keyring.kid, key=office.keyring.public.hex()))


@key.command("rotate", help="Renew HQ's key, HQ being stopped: KID is the short name of the key in force.")
@click.argument("kid")
@click.option("--why", default="", help="The reason, kept in the trail.")
@click.pass_obj
def rotate_key(office: Office, kid: str, why: str) -> None:
    """The old key announces the new one; boxes follow at their next call."""
    try:
        new = keys.rotate(
            office.config, office.db, office.secret, typed=kid, why=why, by=OFFICE.username, now_ms=office.clock.now_ms()
        )  # fmt: skip
    except Refusal as no:
        raise click.ClickException(f"{no.what()} {no.how()}") from no
    click.echo(
        _(
            "HQ’s key is %(kid)s from now on. Start HQ again, and keep a copy of its folder’s key files: hq.key, hq-keys.json, hq.secret.",
            kid=new,
        )
    )


COMMANDS = (keep_release, key)
