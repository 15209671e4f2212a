"""The command line's part about backups: `zinc backup`, `zinc restore`, `zinc drill`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pos.errors import Told
from pos.i18n import _, ngettext


def _kiosk(context: click.Context) -> Any:
    from kiosk.wiring import open_kiosk
    from pos.config import load_settings

    config = context.obj["config"]
    return open_kiosk(context.obj["data"], settings=load_settings(Path(config) if config else None), alone=True)


def _do(context: click.Context, act: Callable[[Any], str]) -> None:
    """Open the café alone, act, say the sentence; exit 1 with what went wrong and what to do."""
    try:
        kiosk = _kiosk(context)
        try:
            click.echo(act(kiosk))
        finally:
            kiosk.store.close()
            kiosk.lock.close()
    except Told as trouble:
        click.echo(f"{trouble.what()} {trouble.how()}", err=True)
        sys.exit(1)


@click.command(help="Copy everything, encrypted, to the café's stick (the kiosk is stopped: it does it by itself).")
@click.option("--to", "folder", type=click.Path(file_okay=False), help="A folder instead; asks for a passphrase.")
@click.pass_context
def backup(context: click.Context, folder: str | None) -> None:
    """Write a copy, read it back, and say where it is."""
    from kiosk import copies
    from pos import backup as backups
    from pos import durable

    def act(kiosk: Any) -> str:
        if folder is None:
            copies.copy_now(kiosk, by="box")
            return _("Copied on the stick, read back and found whole.")
        secret = click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=True)
        made = backups.make(kiosk.store, secret, by="box")
        durable.write(Path(folder) / made.name, made.data, mode=0o600)
        return str(Path(folder) / made.name)

    _do(context, act)


@click.command(help="Put a copy back: from a stick, or a file ending with .zinc.")
@click.option("--from", "source", required=True, type=click.Path(exists=True), help="The stick's folder, or the file.")
@click.option("--code", default="", help="On a new box: the coordinator's code that replaces the lost one.")
@click.option("--hq", "url", default="", help="Address of HQ, when the copy does not say it.")
@click.pass_context
def restore(context: click.Context, source: str, code: str, url: str) -> None:
    """Ask for the phrase, check everything, put it in place; what is there now is kept beside it."""
    from kiosk import copies, restoring

    def act(kiosk: Any) -> str:
        path, secret = Path(source), click.prompt(_("Phrase of the recovery sheet, or its passphrase"), hide_input=True)
        asked = {"by": "box", "code": code, "url": url}
        if path.is_file():
            last = restoring.put_back(kiosk, path, secret, **asked)
        else:
            found = copies.held(copies.place_of(path, kiosk.store)) or copies.everywhere([path])
            if not found:
                raise copies.NothingOnStick
            last = restoring.from_stick(kiosk, found[-1], secret, **asked)
        return _("The backup is back in place, to its entry %(n)s", n=last)

    _do(context, act)


@click.command(help="Restore the stick's last copy into a folder apart and check all of it; record what was found.")
@click.pass_context
def drill(context: click.Context) -> None:
    """Exit 1 when the copy does not hold."""
    from kiosk import copy_jobs

    def act(kiosk: Any) -> str:
        found = copy_jobs.drill(kiosk, by="box")
        if found.fault:
            raise click.ClickException(_("The copy does not hold: %(why)s", why=found.fault))
        return ngettext("The copy was restored apart: %(n)s entry, whole to the last.",
                        "The copy was restored apart: %(n)s entries, whole to the last.", found.entries)  # fmt: skip

    _do(context, act)


COMMANDS = (backup, restore, drill)
