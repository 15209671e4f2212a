"""Members on the screen: found, put on the bill, joining, cards, shifts, rules, the month.

The counter's bill shows whose it is (`members/_on_bill.html`, by `bill_member(tab_id)`).
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.money import parse_euros
from pos.services.members import desk, reading, rules, slips, tables, volunteers
from pos.services.members.rules import OWN
from pos.till import sell
from pos.till import tables as till_tables
from pos.till.period_slips import period_said
from pos.till.screens import bill, counter, months, paper
from pos.till.screens.typed import act

bp = Blueprint("members", __name__, url_prefix="/members", template_folder="templates")

STATES = {
    rules.ACTIVE: (N_("up to date"), "good"), rules.GRACE: (N_("to renew"), "warn"), rules.LAPSED: (N_("ended"), "warn"),
    rules.APPLIED: (N_("dues to pay"), "warn"), rules.GONE: (N_("left"), ""),
}  # fmt: skip
ACCESS = (
    (rules.OPEN, N_("Everyone"), "house"), (rules.MEMBERS_ONLY, N_("Members only"), "lock"),
    (rules.MEMBERS_PRICE, N_("Everyone, members’ price"), "percent"),
)  # fmt: skip
TASKS = {
    "bar": N_("Behind the bar"), "cleaning": N_("Cleaning"), "shopping": N_("Shopping"), "kitchen": N_("Kitchen"),
    "event": N_("Event"), "repairs": N_("Repairs"), "other": N_("Something else"),
}  # fmt: skip
PLACE_STATES = {"taken": N_("written down"), "done": N_("done"), "missed": N_("missed"), "excused": N_("excused")}
REASONS = {"non_member": N_("not members"), "expired": N_("dues ended"), "guest": N_("guests")}


@bp.app_context_processor
def on_bill() -> dict[str, Any]:
    """Give every template `bill_member(tab_id)`: whose bill it is, and whether it must be somebody's."""
    return {"bill_member": bill_member}


def bill_member(tab_id: str) -> dict[str, Any]:
    """Return whose bill it is: `who` is a picture or None, `needed` says that only members are served."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        now = rules.in_force(conn, screens.today())
        row = tables.member(conn, tab.member) if tab is not None and tab.member else None
        who = reading.picture(conn, row, screens.today()) if row is not None else None
        return {"who": who, "needed": now.access == rules.MEMBERS_ONLY, "has_members": bool(reading.associations(conn))}


def hours(minutes: int) -> str:
    """Return `2 h 30`, with its sign when behind."""
    sign = "−" if minutes < 0 else ""
    whole, rest = divmod(abs(minutes), 60)
    return f"{sign}{whole}\u00a0h" + (f"\u00a0{rest:02d}" if rest else "")


def _shared() -> dict[str, Any]:
    return {"states": STATES, "hours": hours, "tasks": TASKS, "place_states": PLACE_STATES, "reasons": REASONS}


def _side(conn: Any) -> dict[str, Any]:
    day = screens.today()
    return {
        "counts": reading.counts(conn, day), "refused": reading.refused(conn, day, day), "rules": rules.in_force(conn, day),
        "tab": sell.current_tab(conn, bill.held()) if bill.held() else None, "month": day[:7],
        "to_settle": len(reading.unsettled(conn, day)), "set_up": bool(reading.associations(conn)),
    }  # fmt: skip


@bp.get("/")
def home() -> Any:
    """Show members by name; an association that is not set up begins with its rules."""
    with screens.store().reading() as conn:
        if not reading.associations(conn):
            return screens.go(url_for("members.rules_page"))
        people = reading.find(conn, "", screens.today())
        return screens.draw("members/home.html", people=people, **_side(conn), **_shared())


@bp.get("/find")
def find() -> str:
    """Show what a typed name or number finds."""
    with screens.store().reading() as conn:
        people = reading.find(conn, request.args.get("q", ""), screens.today())
        return screens.draw("members/_found.html", people=people, **_side(conn), **_shared())


@bp.get("/<member>")
def one(member: str) -> str:
    """Show a member and what can be done."""
    with screens.store().reading() as conn:
        row = tables.member(conn, member)
        if row is None:
            abort(404)
        day = screens.today()
        open_shifts = [s for s in reading.shifts(conn, day, "9999-12-31") if s["taken"] < s["places"]]
        return screens.draw(
            "members/one.html", one=reading.picture(conn, row, day), shifts=reading.shifts_of(conn, member),
            open_shifts=open_shifts[:4], terms=tables.association(conn, row["association"]), **_side(conn), **_shared(),
        )  # fmt: skip


@bp.post("/<member>/bill")
def to_bill(member: str) -> Response:
    """Make the bill on the screen theirs, and go back to it."""
    with suppress(AlreadyDone):
        tab = desk.put_on_bill(screens.store(), bill.held() or bill.begin(), member, **act())
        with screens.store().reading() as conn:
            screens.say(reading.said_on_bill(conn, tab.member, screens.today()), icon="id")
    return screens.go("/")


@bp.post("/off/<tab_id>")
def off_bill(tab_id: str) -> str:
    """Make the bill nobody's again."""
    with suppress(AlreadyDone):
        desk.take_off_bill(screens.store(), tab_id, **act())
    return counter.answer(tab_id)


@bp.post("/<member>/renew")
def renew(member: str) -> Response:
    """Put a member's dues on the bill, and go to take the payment."""
    with suppress(AlreadyDone):
        desk.renew(screens.store(), bill.held() or bill.begin(), member, **act())
        screens.say(_("Dues are on the bill"), icon="id")
    return screens.go("/")


@bp.get("/join")
def joining() -> str:
    """Ask for a newcomer's name; dues go on the bill with what is already there."""
    with screens.store().reading() as conn:
        return screens.draw("members/join.html", associations=reading.associations(conn), **_side(conn), **_shared())


@bp.post("/join")
def join() -> Response:
    """Enter a newcomer and put their dues on the bill."""
    form = request.form
    with suppress(AlreadyDone):
        joined = desk.join(
            screens.store(), bill.held() or bill.begin(), name=form.get("name", ""), phone=form.get("phone", ""),
            association=form.get("association", OWN), **act(),
        )  # fmt: skip
        screens.say(_("Member no. %(number)s: dues are on the bill", number=joined.number), icon="id")
    return screens.go("/")


@bp.post("/enter")
def enter() -> Response:
    """Enter somebody of the association's own list."""
    form = request.form
    with suppress(AlreadyDone):
        done = desk.enter_member(
            screens.store(),
            name=form.get("name", ""),
            phone=form.get("phone", ""),
            until=form.get("until", ""),
            **act(),
        )
        screens.say(_("Entered: member no. %(number)s", number=done.number), icon="id")
    return screens.go(url_for("members.joining"))


@bp.post("/refused")
def note_refusal() -> Response:
    """Count somebody not served before anything was typed."""
    with suppress(AlreadyDone):
        desk.note_refusal(screens.store(), **act())
    screens.say(_("Counted, without a name. A glass of water is always possible."), tone="wait", icon="glass")
    return screens.go(url_for("members.joining"))


@bp.post("/guest")
def guest() -> Response:
    """Note that the member on the bill brings a guest."""
    with suppress(AlreadyDone):
        n = desk.invite_guest(screens.store(), bill.held(), **act())
        screens.say(_("Guest noted: %(n)s this year", n=n), icon="user")
    return screens.go("/")


@bp.post("/<member>/card")
def card(member: str) -> Response:
    """Print a new card."""
    with suppress(AlreadyDone):
        code = desk.issue_card(screens.store(), member, **act())
        with screens.store().reading() as conn:
            row = tables.member(conn, member)
            terms = tables.association(conn, row["association"]) if row is not None else None
            cafe = paper.cafe_of(conn, screens.today()).sign
        if row is not None:
            slip = slips.card_slip(
                cafe=cafe, association=terms["label"] if terms else "", number=row["number"], card=code,
                until=rules.day_said(row["until"]) if row["until"] else "",
            )  # fmt: skip
            with screens.store().writing(by=screens.clerk()) as tx:
                paper.enqueue(tx, slip.title, slip)
        paper.print_now(_("Card printed"))
    return screens.go(url_for("members.one", member=member))


@bp.post("/<member>/leave/<how>")
def leave(member: str, how: str) -> Response:
    """Note that a member left; forgotten erases the name."""
    with suppress(AlreadyDone):
        desk.leave(screens.store(), member, how, **act())
    screens.say(_("Noted: the name is erased") if how == "forgotten" else _("Noted: no longer a member"), icon="user")
    return screens.go(url_for("members.home"))


# Shifts


@bp.get("/shifts")
def shifts() -> str:
    """Show shifts to settle and shifts to come, with who is on them."""
    with screens.store().reading() as conn:
        day = screens.today()
        rows = [*reading.unsettled(conn, day), *(s for s in reading.shifts(conn, day, "9999-12-31"))]
        rows = list({row["shift"]: row for row in rows}.values())[:14]
        told = [(row, [(p, _name(conn, p["member"])) for p in reading.places(conn, row["shift"])]) for row in rows]
        return screens.draw("members/shifts.html", shifts=told, today=day, **_side(conn), **_shared())


def _name(conn: Any, member: str) -> str:
    row = tables.member(conn, member)
    return reading.name_of(conn, row) if row is not None else member


@bp.post("/shifts")
def open_shift() -> Response:
    """Ask for volunteers."""
    form = request.form
    length, places = form.get("hours", ""), form.get("places", "")
    with suppress(AlreadyDone):
        volunteers.open_shift(
            screens.store(), day=form.get("day", ""), begins=form.get("begins", ""), minutes=_minutes(length),
            places=int(places) if places.isdecimal() else 1, task=form.get("task", "bar"), **act(),
        )  # fmt: skip
        screens.say(_("Shift opened"))
    return screens.go(url_for("members.shifts"))


def _minutes(text: str) -> int:
    """Return the minutes of `2`, `2,5` or `2h30`."""
    whole, mark, rest = (
        text.strip().replace(",", ".").replace("h", ":").partition(":" if "h" in text or ":" in text else ".")
    )
    if not whole.isdecimal() or (rest and not rest.isdecimal()):
        return 0
    part = int(rest or 0)
    return int(whole) * 60 + (part if mark == ":" else part * 60 // 10 ** len(rest) if rest else 0)


_PLACES: dict[str, tuple[Callable[..., Any], str]] = {
    "take": (volunteers.take_shift, N_("Written down for the shift")), "done": (volunteers.finish_shift, N_("Hours noted")),
    "missed": (volunteers.miss_shift, N_("Noted as missed")), "excused": (volunteers.excuse_shift, N_("Noted as excused")),
    "free": (volunteers.give_back_shift, N_("The place is free again")),
}  # fmt: skip


@bp.post("/shifts/<shift>/<member>/<what>")
def place(shift: str, member: str, what: str) -> Response:
    """Write a member down, or say what became of it."""
    if what not in _PLACES:
        abort(404)
    doing, said = _PLACES[what]
    with suppress(AlreadyDone):
        doing(screens.store(), shift, member, **act())
    screens.say(_(said), icon="clock")
    return screens.go(url_for("members.one", member=member) if what == "take" else url_for("members.shifts"))


@bp.post("/shifts/<shift>/cancel")
def cancel_shift(shift: str) -> Response:
    """Call a shift off."""
    with suppress(AlreadyDone):
        volunteers.cancel_shift(screens.store(), shift, **act())
    screens.say(_("Shift called off"), tone="wait", icon="cross")
    return screens.go(url_for("members.shifts"))


@bp.post("/<member>/hours")
def credit(member: str) -> Response:
    """Note what a member gave today."""
    with suppress(AlreadyDone):
        volunteers.credit_hours(screens.store(), member, minutes=_minutes(request.form.get("hours", "")), **act())
        screens.say(_("Hours noted"), icon="clock")
    return screens.go(url_for("members.one", member=member))


# Rules


@bp.get("/rules")
def rules_page() -> str:
    """Show the rules, the dues, the drinks and their groups."""
    with screens.store().reading() as conn:
        found = {row["association"]: row for row in reading.associations(conn)}
        return screens.draw(
            "members/rules.html", access=ACCESS, own=found.get(OWN), others=[r for c, r in found.items() if c != OWN],
            drinks=reading.drinks(conn), groups=rules.GROUPS,
            manager=till_tables.role_of(conn, screens.clerk()) == "manager", **_side(conn), **_shared(),
        )  # fmt: skip


@bp.post("/rules")
def set_rules() -> Response:
    """Set the rules from today on."""
    form = request.form
    access = form.get("access", rules.OPEN)
    with suppress(AlreadyDone):
        desk.set_rules(
            screens.store(), access=access, member_discount_bp=_number("discount") * 100, guests_per_year=_number("guests"),
            drink_groups=rules.CIRCLE_GROUPS if access == rules.MEMBERS_ONLY else rules.GROUPS,
            grace_days=_number("grace"), minutes_per_month=_minutes(form.get("hours", "0")), **act(),
        )  # fmt: skip
        screens.say(_("Rules set from today on"))
    return screens.go(url_for("members.rules_page"))


@bp.post("/association")
def set_association() -> Response:
    """Set an association's dues."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_association(
            screens.store(), label=form.get("label", ""), dues=parse_euros(form.get("dues", "")),
            association=form.get("association", "") or form.get("label", ""), period=form.get("period", tables.ROLLING), **act(),
        )  # fmt: skip
        screens.say(_("Dues set"))
    return screens.go(url_for("members.rules_page"))


@bp.post("/drink/<product>/<int:group>")
def drink(product: str, group: int) -> Response:
    """Say a drink's group."""
    with suppress(AlreadyDone):
        desk.set_drink_group(screens.store(), product, group, **act())
    return screens.go(url_for("members.rules_page"))


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 5 else 0


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show the month's sheet."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        sheet = reading.month(conn, shown.name)
        return screens.draw("members/month.html", sheet=sheet, said=period_said(shown.name), **_side(conn), **_shared())
