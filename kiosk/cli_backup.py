"""The command line's part about backups: `zinc backup`, `zinc restore`, `zinc drill`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pos.i18n import _, ngettext


def _kiosk(context: click.Context) -> Any:
    from kiosk.wiring import open_kiosk
    from pos.config import load_settings

    config = context.obj["config"]
    return open_kiosk(context.obj["data"], settings=load_settings(Path(config) if config else None), alone=True)


def _do(context: click.Context, act: Callable[[Any], str]) -> None:
    """Open the café alone, act, say the sentence."""
    kiosk = _kiosk(context)
    try:
        click.echo(act(kiosk))
    finally:
        kiosk.close()


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


@click.command(help="Bring a café back: from HQ with the coordinator's CODE, from a stick (--from), or both at once.")
@click.argument("code", default="")
@click.option("--from", "source", default=None, type=click.Path(exists=True), help="A stick's folder, or a .zinc file.")
@click.option("--code", "named", default="", hidden=True)
@click.option("--hq", "url", envvar="ZINC_HQ_URL", default="", help="Address of HQ, when the copy does not say it.")
@click.option("--name", default="", help="From HQ: first name of the manager who signs in first; asked when left out.")
@click.pass_context
def restore(context: click.Context, code: str, source: str | None, named: str, url: str, name: str) -> None:
    """Bring everything back, checked, and put it in place; what is there now is kept beside it."""
    code = code or named

    def act(kiosk: Any) -> str:
        if source is None:
            return _from_hq(kiosk, code, url, name)
        return _from_stick(kiosk, Path(source), code, url)

    if not (code or source):
        raise click.UsageError("give a code, --from, or both")
    _do(context, act)


def _from_stick(kiosk: Any, path: Path, code: str, url: str) -> str:
    from kiosk import copies, restoring

    secret = click.prompt(_("Phrase of the recovery sheet, or its passphrase"), hide_input=True)
    asked = {"by": "box", "code": code, "url": url}
    if path.is_file():
        last = restoring.put_back(kiosk, path, secret, **asked)
    else:
        found = copies.held(copies.place_of(path, kiosk.store)) or copies.everywhere([path])
        if not found:
            raise copies.NothingOnStick
        last = restoring.from_stick(kiosk, found[-1], secret, **asked)
    return _("The backup is back in place, to its entry %(n)s", n=last)


def _from_hq(kiosk: Any, code: str, url: str, name: str) -> str:
    """Ask once, wait for the telephone, bring everything; typed again after Ctrl-C or a power cut, go on."""
    from kiosk import coming
    from pos.till.people import hash_pin

    if kiosk.store.journal is not None:
        raise coming.NotNew
    found = coming.resume(kiosk) or coming.ask(kiosk, code, url or kiosk.box_settings().get("hq_url", ""))
    click.echo(_("Check number to read to your coordinator: %(number)s", number=found.check_number))
    found.start(pause=1.0)
    said = ""
    while found.step != coming.READY:
        now = found.in_words()
        if now != said:
            click.echo(now)
            said = now
        found.wait(0.5)
    op = next((one["op"] for one in found.managers()), "")
    hashed = ""
    if not found.has_names():
        name = name or click.prompt(_("First name"))
        hashed = hash_pin(click.prompt(_("New PIN"), hide_input=True, confirmation_prompt=True))
    n, missing = found.brought.entries, found.not_back()
    found.finish(op, name=name, hashed=hashed)
    said = ngettext(
        "The café is here again: %(n)s entry came back.", "The café is here again: %(n)s entries came back.", n
    )
    return "\n- ".join([f"{said} {_('Sell at once. What did not come back:')}", *missing])


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
