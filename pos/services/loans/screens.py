"""Loans on the screen: read a thing, say who takes it; read it again, it is back. Boxes, the open shelf, the month."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, request, url_for
from werkzeug.wrappers import Response

from pos import private, screens
from pos.engines import counting
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.loans import desk, reading, slips, words
from pos.services.loans.reading import Item, Loan
from pos.services.loans.tables import GONE, LENT, LOAN
from pos.till import sell
from pos.till.screens import bill, months, paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, whole

bp = Blueprint(
    "loans",
    __name__,
    url_prefix="/loans",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


def around(conn: Any) -> dict[str, Any]:
    """Return what is lent, at the right of every screen: the soonest due first, late ones marked."""
    day = screens.today()
    lent = [
        (one, reading.item(conn, one.item), private.name_of(conn, one.person), one.late(day))
        for one in reading.open_loans(conn)
    ]
    late_only = bool(request.args.get("late"))
    tab = sell.current_tab(conn, bill.held()) if bill.held() else None
    return {
        "lent": [row for row in lent if row[3] or not late_only][:60], "now": reading.standing(conn, day), "day": day,
        "tab": tab if tab is not None and tab.lines else None, "late_only": late_only, "state": words.state, "long_day": words.long_day,
    }  # fmt: skip


def _item(conn: Any, code: str) -> Item:
    found = reading.item(conn, code)
    return found if found is not None else abort(404)


@bp.get("")
def home() -> str:
    """Show things to lend; with a borrower, what is read is lent at once."""
    text, sort = request.args.get("q", ""), request.args.get("sort", "")
    person, visit = request.args.get("person", ""), request.args.get("visit", "")
    with screens.store().reading() as conn:
        return screens.draw(
            "loans/home.html", items=reading.items(conn, text, sort), sorts=[(c, _(w)) for c, w in desk.SORTS.items()], sort=sort, text=text,
            person=person, visit=visit, name=private.name_of(conn, person), counted=counting.total_of(conn, screens.today(), LOAN), **around(conn),
        )  # fmt: skip


@bp.post("/read")
def read() -> Response:
    """Go to the thing that bears a code; with a borrower on the screen, lend it at once."""
    form = request.form
    code, person = form.get("code", ""), form.get("person", "")
    with screens.store().reading() as conn:
        found = reading.item(conn, code)
    if found is None or found.state == GONE:
        return screens.go(url_for("loans.home", q=code.strip()[:40]))
    if person and found.state != LENT:
        with suppress(AlreadyDone):
            lent = desk.lend(screens.store(), found.item, person=person, visit=form.get("visit", ""), **act())
            screens.say(_("%(label)s lent until %(day)s", label=found.label, day=words.long_day(lent.due_on)))
        return screens.go(url_for("loans.home", person=person, visit=form.get("visit", "")))
    return screens.go(url_for("loans.item", code=found.item))


@bp.get("/item/<code>")
def item(code: str) -> str:
    """Show a thing: lend it, or take it back."""
    with screens.store().reading() as conn:
        found = _item(conn, code)
        loan = reading.loan(conn, found.loan) if found.loan else None
        recent = list(dict.fromkeys(one.person for one in reversed(reading.open_loans(conn))))
        return screens.draw(
            "loans/item.html", it=found, loan=loan, name=private.name_of(conn, loan.person) if loan else "",
            phone=private.recall(conn, loan.person).get("phone", "") if loan else "", late=loan.late(screens.today()) if loan else False,
            sort=_(desk.SORTS[found.sort]), box=reading.box(conn, found.box) if found.box else None,
            recent=[(one, private.name_of(conn, one)) for one in recent if private.name_of(conn, one)][:6],
            sorts=[(c, _(w)) for c, w in desk.SORTS.items()], reasons=[(c, _(w)) for c, w in desk.REASONS.items()],
            past=len(reading.history(conn, found.item)), **around(conn),
        )  # fmt: skip


@bp.post("/item/<code>/lend")
def lend(code: str) -> Response:
    """Lend it; the next things of the same person are then only read."""
    form = request.form
    with screens.store().reading() as conn:
        tab = around(conn)["tab"]
    visit = str(tab.visit) if tab is not None and form.get("same") else ""
    with suppress(AlreadyDone):
        lent = desk.lend(
            screens.store(), code, name=form.get("name", ""), person=form.get("person", ""), phone=form.get("phone", ""),
            due_on=form.get("due_on", ""), visit=visit, **act(),
        )  # fmt: skip
        screens.say(_("Lent until %(day)s", day=words.long_day(lent.due_on)))
        return screens.go(url_for("loans.home", person=lent.person, visit=visit or lent.loan))
    return screens.go(url_for("loans.home"))


@bp.post("/item/<code>/back")
def take_back(code: str) -> Response:
    """It is back."""
    with suppress(AlreadyDone):
        loan = desk.take_back(screens.store(), code, **act())
        with screens.store().reading() as conn:
            late, found = loan.ended_on > loan.due_on, _item(conn, code)
        screens.say(
            _("%(label)s is back", label=found.label) if not late else _("%(label)s is back, late", label=found.label)
        )
    return screens.go(url_for("loans.home"))


@bp.post("/item/<code>/extend")
def extend(code: str) -> Response:
    """Keep it longer."""
    with suppress(AlreadyDone):
        loan = desk.extend(screens.store(), code, due_on=request.form.get("due_on", ""), **act())
        screens.say(_("Lent until %(day)s", day=words.long_day(loan.due_on)))
    return screens.go(url_for("loans.item", code=code))


@bp.post("/item/<code>/lost")
def lose(code: str) -> Response:
    """It will not come back."""
    with suppress(AlreadyDone):
        desk.lose(screens.store(), code, **act())
        screens.say(_("Noted as lost. If it turns up, take it back."), tone="wait")
    return screens.go(url_for("loans.home"))


@bp.post("/item/<code>/retire/<reason>")
def retire(code: str, reason: str) -> Response:
    """It is no longer lent."""
    with suppress(AlreadyDone):
        desk.retire_item(screens.store(), code, reason, **act())
        screens.say(_("No longer lent"))
    return screens.go(url_for("loans.home"))


@bp.post("/item/<code>/label")
def label(code: str) -> str:
    """Print its label."""
    with screens.store().reading() as conn:
        slip = slips.label_slip(_item(conn, code), paper.cafe_of(conn, screens.today()).sign)
    print_slip(slip, _("Label printed"))
    return screens.draw("loans/_said.html")


@bp.post("/person/<person>/slip")
def due_slip(person: str) -> str:
    """Print what a borrower has, and until when."""
    with screens.store().reading() as conn:
        lent: list[tuple[Item, Loan]] = [(_item(conn, one.item), one) for one in reading.open_loans(conn, person)]
        slip = slips.due_slip(cafe=paper.cafe_of(conn, screens.today()).sign, lent=lent)
    print_slip(slip, _("Days printed"))
    return screens.draw("loans/_said.html")


@bp.get("/new")
def new() -> str:
    """Show where a thing is added."""
    with screens.store().reading() as conn:
        return screens.draw(
            "loans/new.html",
            sorts=[(c, _(w)) for c, w in desk.SORTS.items()],
            code=request.args.get("code", ""),
            **around(conn),
        )


@bp.post("/new")
def add() -> Response:
    """Add a thing, or correct it; one without a barcode gets a label."""
    form = request.form
    with suppress(AlreadyDone):
        kept = desk.list_item(
            screens.store(), label=form.get("label", ""), sort=form.get("sort", ""), code=form.get("code", ""), loan_days=whole("loan_days"),
            item=form.get("item", ""), **act(),
        )  # fmt: skip
        screens.say(_("%(number)s, %(label)s: ready to lend", number=kept.number, label=kept.label))
        if not kept.code and not form.get("item"):
            with screens.store().reading() as conn:
                slip = slips.label_slip(kept, paper.cafe_of(conn, screens.today()).sign)
            print_slip(slip, _("%(number)s added; its label is printed", number=kept.number))
        if form.get("item"):
            return screens.go(url_for("loans.item", code=kept.item))
    return screens.go(url_for("loans.new"))


# Boxes of the library, the open shelf, the month


@bp.get("/boxes")
def boxes() -> str:
    """Show the library's boxes and what is missing of each."""
    with screens.store().reading() as conn:
        every = [(box, reading.of_box(conn, box.box)) for box in reading.boxes(conn)]
        return screens.draw(
            "loans/boxes.html",
            boxes=every,
            owed=reading.owed_to_library(conn),
            sorts=[(c, _(w)) for c, w in desk.SORTS.items()],
            **around(conn),
        )


@bp.post("/boxes")
def receive_box() -> Response:
    """A box came, with its list."""
    form = request.form
    with suppress(AlreadyDone):
        desk.receive_box(
            screens.store(),
            due_on=form.get("due_on", ""),
            labels=form.get("labels", "").splitlines(),
            sort=form.get("sort", "book"),
            **act(),
        )
        screens.say(_("Box noted"))
    return screens.go(url_for("loans.boxes"))


@bp.post("/boxes/<box>/return")
def return_box(box: str) -> Response:
    """The library takes its box back, with its list."""
    with suppress(AlreadyDone):
        told = desk.return_box(screens.store(), box, incomplete=bool(request.form.get("incomplete")), **act())
        with screens.store().reading() as conn:
            found = reading.box(conn, box)
            assert found is not None
            slip = slips.box_slip(
                cafe=paper.cafe_of(conn, screens.today()).sign, box=found, items=reading.of_box(conn, box)
            )
        print_slip(
            slip,
            ngettext(
                "%(n)s thing goes back; the list is printed", "%(n)s things go back; the list is printed", told.returned
            ),
        )
    return screens.go(url_for("loans.boxes"))


@bp.post("/count")
def count() -> Response:
    """Type how many took a book from the open shelf today."""
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), LOAN, whole("total", -1), **act())
        screens.say(_("Total noted"))
    return screens.go(url_for("loans.home"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: loans by sort, borrowers, what came back, what was lost."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        told = reading.sheet(conn, shown.first, shown.last)
        return screens.draw(
            "loans/month.html", told=told, sorts={c: _(w) for c, w in desk.SORTS.items()}, **shown.drawn(), **around(conn),
        )  # fmt: skip
