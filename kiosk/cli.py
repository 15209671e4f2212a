"""The café's command line: `zinc run`, `demo`, `verify`, `retell`, `replay`, `enrol`, `push`, `machines`…

Each command is a few lines around a function that tests call directly.
"""

import os
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from kiosk import cli_backup
from pos.errors import Told
from pos.i18n import _
from pos.release import VERSION


def _settings(config: str | None) -> dict[str, Any]:
    from pos.config import load_settings

    return load_settings(Path(config) if config else None)


class _Plain(click.Group):
    """Commands whose troubles are a sentence and what to do, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 1 with what a person is told."""
        try:
            return super().invoke(ctx)
        except Told as trouble:
            click.echo(f"{trouble.what()} {trouble.how()}", err=True)
            sys.exit(1)


@click.group(cls=_Plain, help="Zinc, the till and counter of the village café.")
@click.version_option(VERSION, prog_name="zinc")
@click.option(
    "--data", default=None, help="Folder of the café's files (default: the folder cafe in ZINC_DATA, or .zinc)."
)
@click.option("--config", envvar="ZINC_CONFIG", default=None, help="Settings of the box (TOML).")
@click.pass_context
def main(context: click.Context, data: str | None, config: str | None) -> None:
    """Keep the options for the commands."""
    folder = Path(data) if data else Path(os.environ.get("ZINC_DATA") or ".zinc") / "cafe"
    context.obj = {"data": folder, "config": config}


def _open(context: click.Context, **options: Any) -> Any:
    from kiosk.wiring import open_kiosk

    return open_kiosk(context.obj["data"], settings=_settings(context.obj["config"]), **options)


@main.command(help="Serve the kiosk on this box.")
@click.option("--port", envvar="ZINC_KIOSK_PORT", default=8080, show_default=True)
@click.pass_context
def run(context: click.Context, port: int) -> None:
    """Start the box and serve until told to stop."""
    from kiosk import outage
    from kiosk.app import serve
    from pos import box
    from pos.logs import setup_logs

    setup_logs(as_json=bool(_settings(context.obj["config"]).get("log_json")))
    kiosk, ended_well = outage.until_open(lambda: _begin(context), context.obj["data"], port)
    click.echo(f"Zinc {VERSION}: http://127.0.0.1:{port}")
    try:
        serve(kiosk, port, cut=not ended_well)
    finally:
        box.stop(kiosk.store)
        kiosk.close()


def _begin(context: click.Context) -> tuple[Any, bool]:
    """Open the café and write that the box started; all of it, or nothing stays open."""
    from kiosk import joining
    from pos import backup, box

    kiosk = _open(context, alone=True)
    try:
        joining.look_back(kiosk)
        backup.finish(kiosk.store)
        return kiosk, box.start(kiosk.store)
    except BaseException:
        kiosk.close()
        raise


@main.command(help="Start HQ and the demo café, with made-up days.")
@click.option("--fresh", is_flag=True, help="Begin anew.")
def demo(fresh: bool) -> None:
    """Do what `dev.py run` does, from an installed Zinc."""
    from kiosk.demo import run_all

    run_all(fresh=fresh)


@main.command(help="Check chain, seals, tables and the head HQ knows; exit 1 at the first fault.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(context: click.Context, as_json: bool) -> None:
    """Print what was checked and the head; name the first bad entry."""
    from pos.audit import check_everything

    if not (context.obj["data"] / "cafe.db").exists():
        # An empty journal would pass: a mistyped folder must not look like a sound café.
        raise click.ClickException(_("There is no café in %(folder)s.", folder=context.obj["data"]))
    kiosk = _open(context, look=True)
    report = check_everything(kiosk.store, kiosk.data / "ack.json")
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        click.echo(f"{report.entries} entries, {report.journals} journals, {report.tables} tables checked")
        click.echo(f"head {report.head_seq} {report.head}; acknowledged by HQ: {report.acked_seq}")
        for found in report.findings:
            click.echo(f"FAULT entry {found.seq} ({found.code}): {found.sentence}")
    kiosk.close()
    sys.exit(1 if report.findings else 0)


@main.command(help="Try this version on a copy of a café's files: --data names the copy, never the café itself.")
@click.pass_context
def trial(context: click.Context) -> None:
    """Open it, tell every table again, check the end of the chain, draw a screen; exit 1 when anything is wrong."""
    from kiosk import trial as trials

    try:
        click.echo(trials.run(context.obj["data"]))
    except trials.TrialFailed as failed:
        click.echo(str(failed), err=True)
        sys.exit(1)


@main.command(help="Have a signed release put on when the counter is closed; go back by itself if it does not answer.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.pass_context
def update(context: click.Context, file: str) -> None:
    """Check the release and lay it where the box's updater looks; exit 1 with the reason when it would refuse it."""
    from kiosk import version

    here = version.box()
    if here is None:
        raise version.NotABox
    new = version.lay(Path(file), here, context.obj["data"] / version.WAITING)
    click.echo(_("Version %(new)s will be put on when the counter is closed.", new=new))


@main.command(help="Write the signed archive of a closed period, and record it in the journal.")
@click.option("--period", "asked", required=True, help="2026-10, 2026, 2026-10-05 or 2026-07-01..2026-09-30.")
@click.option("--to", "folder", default=".", type=click.Path(file_okay=False), help="Folder to write to.")
@click.option("--format", "shape", default="zip", show_default=True, help="zip (with tables and verifier) or ndjson.")
@click.pass_context
def archive(context: click.Context, asked: str, folder: str, shape: str) -> None:
    """Print the file, its hash and how to check it; exit 1 when the period cannot be archived."""
    from pos.archive.make import make_archive

    kiosk = _open(context, alone=True)
    try:
        made = make_archive(kiosk.store, asked=asked, folder=Path(folder), shape=shape, by="box")
    finally:
        kiosk.close()
    click.echo(_("%(path)s: %(n)s entries, %(size)s bytes", path=made.path, n=made.event.entries, size=made.event.size))
    click.echo(f"sha256 {made.event.sha256}")
    click.echo(_("Check it anywhere: python3 verifier.py %(name)s", name=made.path.name))


@main.command(help="Write the books of a closed period: entries for the accountant, sales for the platform.")
@click.option("--period", "asked", required=True, help="2026-10, 2026, 2026-10-05 or 2026-10-01..2026-10-10.")
@click.option(
    "--file", "what", default="fec", show_default=True, type=click.Choice(["fec", "csv", "ereport", "notice"])
)
@click.option("--to", "folder", default=".", type=click.Path(file_okay=False), help="Folder to write to.")
@click.pass_context
def accounts(context: click.Context, asked: str, what: str, folder: str) -> None:
    """Print the file and its hash; exit 1, nothing written, when an entry does not balance."""
    from pos import durable
    from pos.accounting.desk import make_file

    kiosk = _open(context, alone=True)
    try:
        made = make_file(kiosk.store, what, asked, by="box")
    finally:
        kiosk.close()
    path = Path(folder) / made.name
    durable.write(path, made.data)
    click.echo(f"{path}: sha256 {made.sha256}")


@main.command(help="Make every table anew from the journal.")
@click.pass_context
def retell(context: click.Context) -> None:
    """Drop and tell again; print how many entries were told."""
    kiosk = _open(context, alone=True)
    click.echo(f"{kiosk.store.retell()} entries told, {len(kiosk.store.projector.tables)} tables")
    kiosk.close()


@main.command(help="Play a day file (JSONL) on a café of its own, or list the acts.")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option("--acts", "list_acts", is_flag=True, help="List every act with its parameters.")
@click.option("--keep", type=click.Path(file_okay=False), help="Folder to keep the played café in.")
def replay(file: str | None, list_acts: bool, keep: str | None) -> None:
    """Print refusals, differences and the totals; exit 1 when an expectation is not met."""
    from kiosk.replay import describe_acts, play_file, summary

    if list_acts:
        click.echo("\n".join(describe_acts()))
        return
    if not file:
        raise click.UsageError("give a file, or --acts")
    try:
        store, played = play_file(Path(file), Path(keep) if keep else None)
    except Told as trouble:
        click.echo(f"{trouble.what()} {trouble.how()}", err=True)
        sys.exit(2)
    click.echo("\n".join(summary(store, played)))
    store.close()
    sys.exit(1 if played.differences else 0)


@main.command(help="Join HQ with the one-time code of your coordinator.")
@click.argument("code")
@click.option("--hq", envvar="ZINC_HQ_URL", required=True, help="Address of HQ.")
@click.pass_context
def enrol(context: click.Context, code: str, hq: str) -> None:
    """Open this box's journal under HQ's grant and print the check number to say on the telephone."""
    from kiosk.joining import join

    kiosk = _open(context, alone=True)
    try:
        number = join(kiosk, code, hq, bring_back=kiosk.store.journal is None)
        if number:
            click.echo(_("Joined. Check number to read to your coordinator: %(number)s", number=number))
        else:
            click.echo(
                _("This code takes over from another box. Bring its café back: zinc restore %(code)s", code=code)
            )
    finally:
        kiosk.close()


@main.command(help="Send what HQ does not have yet, now.")
@click.pass_context
def push(context: click.Context) -> None:
    """Push the backlog and say where HQ stands."""
    from kiosk.joining import push_now

    kiosk = _open(context, alone=True)
    try:
        click.echo(push_now(kiosk))
    finally:
        kiosk.close()


@main.command(help="Say what machines are set up, and print a test slip.")
@click.option("--print", "test_print", is_flag=True, help="Print a test slip.")
@click.option("--measure", is_flag=True, help="Measure the box: a loop, a hash, commits to its card, a page.")
@click.pass_context
def machines(context: click.Context, test_print: bool, measure: bool) -> None:
    """Show the machines of the settings and whether they answer, then what is plugged in."""
    from kiosk import calibrate
    from kiosk.machines import describe, print_test
    from pos.hardware.plugged import plugged

    kiosk = _open(context, look=True)
    for line in describe(kiosk):
        click.echo(line)
    for one in plugged(kiosk.root):
        click.echo(_("Plugged in: %(machine)s, %(where)s", machine=one.name, where=one.address))
    if measure:
        for line in calibrate.described(calibrate.measure(kiosk.data, at=kiosk.store.clock.now_ms())):
            click.echo(line)
    if test_print:
        print_test(kiosk)
    kiosk.close()


for _command in cli_backup.COMMANDS:
    main.add_command(_command)


if __name__ == "__main__":
    main()
