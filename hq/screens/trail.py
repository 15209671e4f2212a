"""The trail of what people did at HQ, for who answers for the accounts: newest first, by person, act, café and day."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from hq import acts, register, trail_seals
from hq.days import back
from hq.screens import page
from pos.clock import to_ms

blueprint = Blueprint("trail", __name__)
SHOWN = 100


@blueprint.get("/acts")
def show() -> ResponseReturnValue:
    """List the acts that were asked for."""
    page.must_be_national()
    asked = request.args
    first, last = (register.check_day(asked[name]) if asked.get(name) else "" for name in ("first", "last"))
    with page.reading() as conn:
        found = acts.acts(
            conn, by=asked.get("by", ""), act=asked.get("act", ""), cafe_id=asked.get("cafe", type=int),
            first_ms=_midnight(first) if first else 0, until_ms=_midnight(back(last, -1)) if last else 0,
            before=asked.get("before", "")[:40], limit=SHOWN + 1,
        )  # fmt: skip
        sealed = trail_seals.last(conn)
        people = [name for name in acts.people(conn) if name]
    older = found[SHOWN - 1]["id"] if len(found) > SHOWN else ""
    return page.draw(
        "trail.html", acts=found[:SHOWN], people=people, asked=asked, first=first, last=last, older=older, sealed=sealed,
        kept={k: v for k, v in asked.items() if k != "before" and v},
    )  # fmt: skip


def _midnight(day: str) -> int:
    return to_ms(f"{day}T00:00:00")
