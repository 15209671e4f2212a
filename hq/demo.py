"""HQ's end of the demonstration: thirteen cafés registered, distances, accounts, one-time codes.

`python -m hq.demo prepare` is run by `dev.py run` before HQ is served; the codes go to a file that
the café's end reads (kiosk/demo.py), as a coordinator would read them on the telephone. `confirm`
is the end of that telephone call.
"""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hq import access, demo_network, distances, enrolment, register
from hq.config import read_config
from hq.tables import cafe as cafe_table
from hq.wiring import Office, open_office
from pos import demo
from pos.clock import business_day
from pos.house import FEATURES

BY = "siege-demo"


def prepare(office: Office, codes: Path) -> int:
    """Fill an empty database; return how many cafés wait for their box. A filled one is left as it is."""
    with office.db.writing() as conn:
        if conn.execute(select(cafe_table.c.id)).first():
            return 0
        now = office.clock.now_ms()
        register.mark_demo(conn)
        for username, name, role, antenna in demo.HQ_USERS:
            access.create_user(
                conn,
                by=BY,
                now_ms=now,
                username=username,
                name=name,
                role=role,
                password=demo.HQ_PASSWORD,
                antenna=antenna,
            )
        made = {}
        for one in demo.CAFES:
            _register(conn, one, now)
            made[one.number] = str(enrolment.make_code(conn, one.number, by=BY, at=now))
        national = access.User(BY, demo.HQ_USERS[0][1], access.NATIONAL)
        demo_network.say(conn, national, date.fromisoformat(business_day(now)), now_ms=now)
    codes.parent.mkdir(parents=True, exist_ok=True)
    codes.write_text(json.dumps(made))
    return len(made)


def _register(conn: Any, one: demo.DemoCafe, now: int) -> None:
    week = tuple("" if day == one.rest else "7:00-13:30 16:30-19:30" for day in range(7))
    if one.itinerant:
        week = ("", "", "", *["18:00-22:00"] * 3, "")
    offered = tuple(code.code for feature in FEATURES if feature.slug in one.services for code in feature.services)
    sheet = register.Sheet(
        name=one.sign, insee=one.insee, antenna=one.antenna, model=one.model, services=offered, week=week,
        status="open", opened_on=(date.today() - timedelta(days=demo.DAYS + 20)).isoformat(),
    )  # fmt: skip
    register.add_cafe(conn, sheet, by=BY, now_ms=now, cafe_id=one.number)
    if one.trouble != "missing":
        _confirm_distances(conn, one, now)


def _confirm_distances(conn: Any, one: demo.DemoCafe, now: int) -> None:
    """Take HQ's own proposals as confirmed, as a coordinator would after a telephone call."""
    row = conn.execute(select(cafe_table).where(cafe_table.c.id == one.number)).mappings().one()
    since = (date.today() - timedelta(days=demo.DAYS + 20)).isoformat()
    for line in distances.lines(conn, row, date.today().isoformat()):
        if one.trouble == "to_confirm" and line.service.code == "bread":
            continue
        proposal = line.elsewhere or line.here
        if proposal is None:
            continue
        distances.confirm(
            conn, row, line.service.code, proposal.road_m, by=BY, now_ms=now, valid_from=since,
            town=proposal.commune.insee, town_name=proposal.commune.name, source="Proposition INSEE 2013 (démo)",
            vintage="2013", crow_m=proposal.crow_m,
        )  # fmt: skip


def confirm_boxes(office: Office) -> int:
    """Confirm the check numbers of boxes that joined, as after the telephone call; return how many."""
    with office.db.writing() as conn:
        waiting = enrolment.pending(conn)
        for box in waiting:
            enrolment.confirm(conn, box.cafe_id, box.jn, by=BY, at=office.clock.now_ms())
        return len(waiting)


def main() -> None:
    """Prepare HQ's database for the demonstration."""
    if sys.argv[1:2] not in (["prepare"], ["confirm"]):
        raise SystemExit("usage: python -m hq.demo prepare | confirm")
    office = open_office(read_config())
    try:
        if sys.argv[1] == "prepare":
            n = prepare(office, office.config.data / "demo-codes.json")
            sys.stdout.write(f"HQ: {n} demo cafés registered\n" if n else "HQ: the demo is already there\n")
        else:
            n = confirm_boxes(office)
            sys.stdout.write(f"HQ: {n} {'box' if n == 1 else 'boxes'} confirmed\n")
    finally:
        office.close()


if __name__ == "__main__":
    main()
