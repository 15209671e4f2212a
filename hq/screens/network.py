"""The network page: who needs a call this morning, why, and what next."""

from collections import Counter

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from hq import geo, morning
from hq.alerts import REASONS
from hq.antennas import ANTENNAS
from hq.communes import plain
from hq.drawing import map_dot
from hq.morning import CafeMorning
from hq.screens import page, paging
from pos.house import service_codes

blueprint = Blueprint("network", __name__)
LEVELS = ("call", "watch", "usual", "soon")
# Columns of uses: the page stays readable at 1024 pixels.
SERVICES_SHOWN = 5


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Draw the network, the most pressing first."""
    user, text = page.me(), request.args.get("q", "").strip()[:60]
    antenna, reason = page.asked_antenna(), request.args.get("reason", "")[:4]
    with page.reading() as conn:
        every = morning.network(conn, user, page.now_ms())
    lines = [line for line in every if antenna in (None, line.cafe["antenna"])]
    if text:
        lines = [line for line in lines if _named(line, plain(text))]
    reasons = {alert.code for line in lines for alert in line.alerts}
    if reason:
        lines = [line for line in lines if any(alert.code == reason for alert in line.alerts)]
    groups: dict[str, list[CafeMorning]] = {level: [] for level in LEVELS}
    for line in lines:
        groups[line.level].append(line)
    services = _services(every)
    return page.draw(
        "network.html", groups=groups, every=every, counts=_counts(every), antenna=antenna, text=text, reason=reason,
        reasons=[code for code in REASONS if code in reasons], reason_names=REASONS, services=services,
        labels={code: page.label_of(code) for code in services},
        accents={code: page.service_of(code).accent for code in services},
        ask_level=request.args.get("level", ""), drawn=paging.by_level(groups, searched=bool(text or reason)),
        dots=_dots(every), latest=max((line.health["last_contact_at"] or 0 for line in every if line.health), default=0),
        here_url=url_for("network.show", antenna=antenna, q=text or None),
    )  # fmt: skip


def _named(line: CafeMorning, asked: str) -> bool:
    return asked in plain(f"{line.cafe['name']} {line.cafe['commune']} {line.cafe['delegated']}")


def _services(lines: list[CafeMorning]) -> list[str]:
    """Return the services drawn, in the house's order: those of the headline first, then the most used."""
    known, offered = service_codes(), set[str]().union(*(line.uses for line in lines))
    used = dict.fromkeys(known, 0)
    for line in lines:
        for code, n in line.taken:
            used[code] = used.get(code, 0) + n
    drawn = sorted(
        (code for code in known if code in offered), key=lambda code: (not known[code].headline, -used[code])
    )
    return [code for code in known if code in drawn[:SERVICES_SHOWN] and (used[code] or known[code].headline)]


def _counts(lines: list[CafeMorning]) -> dict[int | None, dict[str, int]]:
    """Return how many to call, to watch, equipped and known, for each antenne and for all."""
    found = Counter((line.cafe["antenna"], line.level) for line in lines)
    counts: dict[int | None, dict[str, int]] = {}
    for antenna in (None, *ANTENNAS):
        mine = {level: sum(found[at, level] for at in ANTENNAS if antenna in (None, at)) for level in LEVELS}
        known = sum(mine.values())
        counts[antenna] = {
            "call": mine["call"], "watch": mine["watch"], "equipped": known - mine["soon"], "known": known,
        }  # fmt: skip
    return counts


def _dots(lines: list[CafeMorning]) -> Markup:
    """Return where each café stands on the map; the pressing ones are drawn last, on top."""
    order = ("soon", "usual", "watch", "call")
    dots = []
    for line in sorted(lines, key=lambda ln: order.index(ln.level)):
        place = geo.on_map(line.cafe["latitude"], line.cafe["longitude"])
        if place is not None:
            dots.append(map_dot(*place, line.level, line.cafe["name"]))
    return Markup().join(dots)
