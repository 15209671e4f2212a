"""Settings of the box: the café's identity, machines, date and time, the line to HQ, backups."""

from contextlib import suppress
from typing import Any

import msgspec
from flask import Blueprint, request, url_for

from kiosk import joining, wiring
from pos import drafts, models, screens
from pos.clock import PARIS, local
from pos.errors import AlreadyDone, Refusal
from pos.i18n import N_, _
from pos.till import clockset, people, tables
from pos.till import refusals as no
from pos.till.events import CafeDescribed
from pos.till.screens import paper

bp = Blueprint("settings", __name__, url_prefix="/settings")

REGIMES = (
    ("reel", N_("Subject to VAT")),
    ("franchise", N_("Franchise: VAT not applicable, art. 293 B")),
    ("exonere", N_("Exempt")),
)
MODELS = tuple((model.code, model.label) for model in models.MODELS.values())


class NotSiret(Refusal):
    """Fourteen digits with their check."""

    sentence = N_("“%(text)s” is not a SIRET number.")
    remedy = N_("It has 14 digits; the last one checks the others. It is on the Kbis or the INSEE notice.")


class NotAnAddress(Refusal):
    """HQ's address begins with https://."""

    sentence = N_("“%(text)s” is not an address.")
    remedy = N_("Type it as your coordinator gave it, like https://siege.example.")


class NotADate(Refusal):
    """The date or time cannot be."""

    sentence = N_("This is not a date and time.")
    remedy = N_("Type them as on a telephone, like 20/11/2026 and 10:42.")


def siret_is_right(text: str) -> bool:
    """Tell whether a SIRET has 14 digits and its Luhn check (La Poste's own sum apart)."""
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 14 or not text.replace(" ", "").isdigit():
        return False
    doubled = [d if i % 2 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)]
    la_poste = text.replace(" ", "").startswith("356000000") and sum(digits) % 5 == 0
    return la_poste or sum(doubled) % 10 == 0


def manager_only() -> None:
    """Refuse whoever may not change how the box is set."""
    with screens.store().reading() as conn:
        if tables.role_of(conn, screens.clerk()) != "manager":
            raise no.ManagerNeeded


@bp.get("/cafe")
def cafe() -> str:
    """Show who the café is on its tickets."""
    with screens.store().reading() as conn:
        return screens.draw("settings/cafe.html", cafe=paper.cafe_of(conn), regimes=REGIMES, models=MODELS)


@bp.post("/cafe")
def save_cafe() -> Any:
    """Record who the café is from today on."""
    manager_only()
    with screens.store().reading() as conn:
        old = paper.cafe_of(conn)
    new = msgspec.structs.replace(
        read_cafe(request.form.to_dict()), valid_from=screens.today(), insee=old.insee, services=old.services
    )
    with suppress(AlreadyDone):
        people.describe_cafe(screens.store(), new, by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Saved: tickets say it from now on"))
    return screens.go(url_for("settings.cafe"))


def read_cafe(form: dict[str, str]) -> CafeDescribed:
    """Return the café a form describes; raise NotSiret."""
    siret = form.get("siret", "").replace(" ", "")
    if not siret_is_right(siret):
        raise NotSiret(text=form.get("siret", "")[:20])
    cut: dict[str, Any] = {
        name: form.get(name, "").strip()[:80]
        for name in ("sign", "legal_entity", "street", "postcode", "town", "delegated_commune", "vat_number", "ape")
    }
    regime = form.get("regime", "reel")
    model = form.get("model", "managed")
    return CafeDescribed(
        siret=siret, insee=form.get("insee", "")[:5], model=model if model in models.MODELS else "managed",
        regime=regime if regime in dict(REGIMES) else "reel", valid_from="2000-01-01", **cut,
    )  # fmt: skip


# The screen


@bp.post("/lock")
def save_lock() -> Any:
    """Set after how long the screen locks."""
    manager_only()
    minutes = request.form.get("minutes", "5")
    with screens.store().writing(by=screens.clerk()) as tx:
        drafts.put(tx.conn, "lock_after_s", 60 * max(1, min(60, int(minutes) if minutes.isdecimal() else 5)))
    screens.say(_("Saved"))
    return screens.go(url_for("settings.machines"))


# The line to HQ


@bp.get("/hq")
def hq() -> str:
    """Show what HQ has, what waits, and the trouble of the line."""
    from sync import agent

    kiosk, store = screens.kiosk(), screens.store()
    return screens.draw(
        "settings/hq.html", line=agent.status(store), url=kiosk.box_settings().get("hq_url", ""),
        check_number=joining.check_number(kiosk), tip=store.tip().seq, journal=store.journal,
    )  # fmt: skip


@bp.post("/hq")
def save_hq() -> Any:
    """Set the address of HQ; the line is opened anew."""
    manager_only()
    kiosk, url = screens.kiosk(), request.form.get("url", "").strip()[:120]
    if not url.startswith(("http://", "https://")):
        raise NotAnAddress(text=url[:40])
    with kiosk.store.writing(by=screens.clerk()) as tx:
        drafts.put(tx.conn, "settings", {**drafts.get(tx.conn, "settings", {}), "hq_url": url})
    wiring.connect_line(kiosk)
    screens.say(_("Saved"))
    return screens.go(url_for("settings.hq"))


@bp.post("/hq/push")
def push() -> Any:
    """Send now what HQ has not."""
    screens.say(joining.push_now(screens.kiosk()), icon="wire")
    return screens.go(url_for("settings.hq"))


# Date and time


@bp.get("/clock")
def clock() -> str:
    """Ask a person for the date and time; what is far from the last entry is typed anew, not agreed to."""
    store = screens.store()
    now, first = store.clock.now_ms(), request.args.get("first", "")
    return screens.draw(
        "settings/clock.html", now=now, quality=store.clock.quality(), first=first,
        blank=bool(first) or clockset.to_bear_out(store),
        last=store.believed(store.tip().t) if store.journal else 0,
    )  # fmt: skip


@bp.post("/clock")
def save_clock() -> Any:
    """Confirm the date and time typed."""
    from datetime import datetime

    day = request.form.get("day", "").strip()
    try:
        typed = datetime.strptime(f"{day} {request.form.get('time', '')}", "%d/%m/%Y %H:%M").replace(tzinfo=PARIS)
    except ValueError as problem:
        raise NotADate from problem
    now = local(screens.store().clock.now_ms())
    # The same minute as shown: keep its seconds, do not go back.
    same = (typed.date(), typed.hour, typed.minute) == (now.date(), now.hour, now.minute)
    at = screens.store().clock.now_ms() if same else int(typed.timestamp() * 1000)
    try:
        with suppress(AlreadyDone):
            clockset.confirm_clock(
                screens.store(), at, sure=day == request.form.get("first"), by=screens.clerk(),
                attempt=screens.attempt(),
            )  # fmt: skip
    except clockset.TypeItAgain as far:
        screens.say(far.what(), tone="wait", icon="clock")
        return screens.go(url_for("settings.clock", first=day))
    screens.say(_("Date and time confirmed"), icon="clock")
    return screens.go("/")
