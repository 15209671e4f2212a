"""`zinc-hq`: run the office, make an enrolment code, print the kilometres, rebuild and verify the figures."""

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from sqlalchemy import select

from hq import access, audit, enrolment
from hq.config import read_config
from hq.wiring import Office, open_office
from pos.release import VERSION


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    args = _parser().parse_args(argv)
    office = open_office(read_config())
    try:
        command: Callable[[Office, argparse.Namespace], int] = args.command
        return command(office, args)
    finally:
        office.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="zinc-hq", description="HQ of the village cafés.")
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="serve the pages and the cafés' line on 127.0.0.1")
    run.add_argument("--port", type=int, default=0, help="instead of ZINC_HQ_PORT (8090)")
    run.set_defaults(command=_run)

    enrol = commands.add_parser("enrol", help="make a one-time code for a café's till")
    enrol.add_argument("cafe", type=int, help="number of the café in the register")
    enrol.add_argument("--purpose", choices=("new", "replace", "repair"), default="new")
    enrol.add_argument("--confirm", metavar="NUMBER", help="confirm the check number read over the telephone")
    enrol.set_defaults(command=_enrol)

    impact = commands.add_parser("impact", help="kilometres of a year")
    impact.add_argument("--year", type=int, required=True)
    impact.add_argument("--json", action="store_true", help="as JSON")
    impact.set_defaults(command=_impact)

    account = commands.add_parser("account", help="open a national account; its first password is printed once")
    account.add_argument("username", help="small letters, like ines.b")
    account.add_argument("--name", default="", help="the person's name")
    account.set_defaults(command=_account)

    commands.add_parser("rebuild", help="tell every figure again from the stored journals").set_defaults(
        command=_rebuild
    )
    commands.add_parser("verify", help="check stored journals, and figures against them").set_defaults(command=_verify)
    return parser


def _run(office: Office, args: argparse.Namespace) -> int:
    import waitress

    from hq.app import MAX_BODY, create_app

    port = args.port or office.config.port
    print(f"HQ: http://127.0.0.1:{port}", flush=True)
    waitress.serve(
        create_app(office), host="127.0.0.1", port=port, threads=6, channel_timeout=60, ident=None,
        max_request_body_size=MAX_BODY, clear_untrusted_proxy_headers=True, _quiet=True,
    )  # fmt: skip
    return 0


def _enrol(office: Office, args: argparse.Namespace) -> int:
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        if args.confirm:
            return _confirm(conn, args.cafe, args.confirm, now)
        register = import_module("hq.register")
        known = conn.execute(select(register.cafe.c.id).where(register.cafe.c.id == args.cafe)).first()
        if known is None:
            print(f"no café {args.cafe} in the register: add it on HQ's page « Registre » first", file=sys.stderr)
            return 2
        try:
            code = enrolment.make_code(conn, args.cafe, args.purpose, by="cli", at=now)
        except enrolment.CafeHasBox:
            print(f"café {args.cafe} already has a till: use --purpose replace for a new box", file=sys.stderr)
            return 2
    print(f"{code}\nfor café {args.cafe}, one use, {enrolment.CODE_DAYS} days; it is not shown again")
    return 0


def _confirm(conn: object, cafe: int, number: str, now: int) -> int:
    waiting = [row for row in enrolment.pending(conn) if row.cafe_id == cafe]  # type: ignore[arg-type]
    for row in waiting:
        if row.check_number == number.replace(" ", ""):
            enrolment.confirm(conn, cafe, row.jn, by="cli", at=now)  # type: ignore[arg-type]
            print(f"café {cafe}: the till is confirmed")
            return 0
    print(f"café {cafe}: no till is waiting with the number {number}; do not confirm it", file=sys.stderr)
    return 1


def _impact(office: Office, args: argparse.Namespace) -> int:
    reports = import_module("hq.reports")
    with office.db.reading() as conn:
        told = reports.impact_of_year(conn, args.year)
    print(json.dumps(told, ensure_ascii=False, indent=2) if args.json else reports.impact_as_text(told))
    return 0


def _account(office: Office, args: argparse.Namespace) -> int:
    password = secrets.token_urlsafe(9)
    with office.db.writing() as conn:
        try:
            access.create_user(
                conn, by="cli", now_ms=office.clock.now_ms(), username=args.username, name=args.name or args.username,
                role=access.NATIONAL, password=password, must_change=True,
            )  # fmt: skip
        except access.BadAccount as trouble:
            print(f"{trouble.what()} {trouble.how()}", file=sys.stderr)
            return 2
    print(f"{args.username}: {password}\nto be changed at the first sign-in; it is not shown again")
    return 0


def _rebuild(office: Office, _args: argparse.Namespace) -> int:
    with office.db.writing() as conn:
        n = office.projections.rebuild(conn)
    print(f"{n} entries told again")
    return 0


def _verify(office: Office, _args: argparse.Namespace) -> int:
    checked = audit.check(office)
    for fault in checked.faults:
        print(fault, file=sys.stderr)
    print(f"{checked.journals} journals, {checked.segments} segments, {checked.entries} entries, {len(checked.faults)} faults")
    return 1 if checked.faults else 0


if __name__ == "__main__":
    sys.exit(main())
