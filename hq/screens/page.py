"""What every page of the office shares: who is asking, the office behind it, the words in templates."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import Flask, Response, current_app, flash, g, redirect, render_template, request
from sqlalchemy import Connection

from hq import eyes, factor, impact, register, wording
from hq.access import NotAllowed, User
from hq.act_details import act_detail
from hq.acts import NAMES as ACT_NAMES
from hq.acts import note_act
from hq.antennas import ANTENNAS, MODELS
from hq.drawing import day_mark, day_marks, nice_top, share, spark_points, spark_range, spark_y, use_bar
from hq.facilities import KIND_NAMES, Proposal
from hq.wiring import Office
from pos.clock import business_day
from pos.errors import Refusal
from pos.feature import ServiceCode
from pos.house import service_codes
from pos.i18n import _
from pos.kind_words import said

FILTERS = (
    wording.whole, wording.euros, wording.euros_cents, wording.km, wording.km_tenths, wording.day_long,
    wording.day_full, wording.day_short, wording.day_month, wording.weekday, wording.month, wording.month_short,
    wording.clock_time, wording.moment, act_detail,
)  # fmt: skip


def office() -> Office:
    """Return the office this application serves."""
    found: Office = current_app.extensions["office"]
    return found


def now_ms() -> int:
    """Return the time of this request: one for the whole page."""
    if "now_ms" not in g:
        g.now_ms = office().clock.now_ms()
    return int(g.now_ms)


def today() -> str:
    """Return the business day it is."""
    return business_day(now_ms())


def me() -> User:
    """Return who is signed in; the door let nobody else in."""
    user: User = g.user
    return user


def must_write() -> User:
    """Return who is signed in; raise NotAllowed for a reader."""
    if not me().writes:
        raise NotAllowed
    return me()


def must_be_national() -> User:
    """Return who is signed in; raise NotAllowed unless they manage the network."""
    if not me().national:
        raise NotAllowed
    return me()


@contextmanager
def reading() -> Iterator[Connection]:
    """Give a connection to look. A page that is only looked at has one, and one view of the data, from door to foot."""
    if request.method not in ("GET", "HEAD"):
        with office().db.reading() as conn:
            yield conn
        return
    if "look" not in g:
        g.look = ExitStack()
        g.looks = g.look.enter_context(office().db.reading())
    try:
        yield g.looks
    except BaseException:
        # A connection that met a trouble draws no page of what happened.
        _look_away(None)
        raise


def _look_away(_problem: BaseException | None) -> None:
    if look := g.pop("look", None):
        look.close()


@contextmanager
def writing() -> Iterator[Connection]:
    """Give a connection to change something, all or nothing."""
    with office().db.writing() as conn:
        yield conn


def note_export(name: str, cafe_id: int | None = None) -> None:
    """Keep in the trail that a table left the office."""
    with writing() as conn:
        note_act(conn, now_ms(), me().username, "table.exported", cafe_id, name=name)


def draw(template: str, status: int = 200, **context: Any) -> tuple[str, int]:
    """Draw a page."""
    return render_template(f"hq/{template}", **context), status


def back_to(url: str, said: str = "", trouble: Refusal | None = None) -> Response:
    """Go to a page with one sentence at its top."""
    if trouble is not None:
        flash(f"{trouble.what()} {trouble.how()}", "bad")
    elif said:
        flash(said, "good")
    return redirect(url, 303)  # type: ignore[return-value]


def asked_antenna() -> int | None:
    """Return the antenne the address asks for, never one beyond the user's own."""
    text = request.args.get("antenna", "")
    asked = int(text) if text.isdecimal() and int(text) in ANTENNAS else None
    return me().antenna if me().antenna is not None else asked


def service_of(code: str) -> ServiceCode:
    """Return a service by its code; one this release does not know is drawn by its code."""
    return service_codes().get(code) or ServiceCode(code, code, headline=False, alternatives=())


def label_of(code: str) -> str:
    """Return the French name of a service."""
    return _(service_of(code).label)


def tonnes(kilograms: int) -> str:
    """Return tonnes: whole from ten on, with a decimal below."""
    tenths = (kilograms + 50) // 100
    return wording.whole((kilograms + 500) // 1000) if tenths >= 100 else f"{tenths // 10},{tenths % 10}"


def grams(milligrams: int) -> str:
    """Return grams with a decimal."""
    tenths = (milligrams + 50) // 100
    return f"{tenths // 10},{tenths % 10}"


def short_km(metres: int) -> str:
    """Return kilometres short enough to stand over a bar: thousands as `48 k` from ten thousand on."""
    km = metres // 1000
    return f"{wording.whole((km + 500) // 1000)}{wording.THIN}k" if km >= 10_000 else wording.whole(km)


def facility_kinds(proposal: Proposal) -> str:
    """Return what a commune had, in words."""
    return ", ".join(_(KIND_NAMES.get(kind, kind)) for kind in proposal.kinds)


def gigabytes(size: int) -> str:
    """Return bytes as gigabytes, or megabytes below one."""
    return f"{wording.whole(size // 10**9)}{wording.NBSP}Go" if size >= 10**9 else f"{size // 10**6}{wording.NBSP}Mo"


def act_why(detail: str) -> str:
    """Return the reason that somebody gave for an act, if any."""
    told = json.loads(detail) if detail else {}
    return str(told.get("why", ""))


def furnish(app: Flask) -> None:
    """Give templates their words and numbers."""
    for function in FILTERS:
        app.jinja_env.filters.setdefault(function.__name__, function)
    app.jinja_env.filters["kind_words"] = said
    app.jinja_env.globals.update(
        antennas=ANTENNAS, models=MODELS, service_of=service_of, label_of=label_of, share=share,
        spark_points=spark_points, spark_y=spark_y, spark_range=spark_range, nice_top=nice_top, day_mark=day_mark, day_marks=day_marks, use_bar=use_bar, heard_at=wording.heard_at,
        days_ago=wording.days_ago, ngettext=wording.counted, turns=impact.earth_turns, tonnes=tonnes, grams=grams,
        short_km=short_km, facility_kinds=facility_kinds, gigabytes=gigabytes, act_why=act_why, act_names=ACT_NAMES, day_names=[wording.weekday(f"2026-06-0{n}") for n in range(1, 8)],
    )  # fmt: skip

    app.teardown_request(_look_away)

    @app.context_processor
    def around() -> dict[str, Any]:
        with reading() as conn:
            demo, user = register.is_demo(conn), g.get("user")
            # Said until it is done: before the day, nothing else is asked.
            soon = factor.from_day(conn) if user and user.national and not (user.factor or user.proved or demo) else ""
            asked = eyes.count(conn, user, now_ms()) if user and user.writes and not g.get("factor_due") else 0
        return {"me": user, "eyes_wait": asked, "factor_soon": soon, "demo": demo, "now_ms": now_ms(), "today": today()}
