"""At the counter of La Poste: stamps, mail handed in, notices handed over, bags taken away.

Two taps for each: a stamp and its money; a label read and its postage; a notice read and what was shown.
"""

from contextlib import suppress
from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import barcodes, screens
from pos.engines import shelf
from pos.engines.labels import INVALID, PostalLabel, read_postal
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.post import desk, mail, pictures, reading, slips, terms, words
from pos.services.post import refusals as no
from pos.services.post.screens.blueprint import around, bp, warn
from pos.slips import Slip
from pos.till import sell
from pos.till import tables as till
from pos.till.screens import bill, paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros, whole


@bp.get("")
def home() -> Any:
    """Show what is done for La Poste; a café that agreed nothing yet starts with the agreement."""
    with screens.store().reading() as conn:
        if terms.in_force(conn, screens.today()) is None:
            return screens.go(url_for("post.agreement"))
        return screens.draw("post/home.html", tiles=pictures.tiles(conn), price=None, **around(conn))


@bp.post("/sell/<product>")
def sell_goods(product: str) -> Response:
    """Put a stamp on the bill and go to it: its money is the next tap."""
    price = euros("price") or None
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        tab = sell.add_product(screens.store(), tab_id, product, price=price, **act())
        bill.hold(tab.tab_id)
    return screens.go("/")


# Mail handed in


@bp.get("/take")
def taking() -> str:
    """Show where mail is taken in, for the postage that was touched."""
    return _taking(product=request.args.get("product", ""), visit=request.args.get("visit", ""))


def _taking(code: str = "", **more: Any) -> str:
    with screens.store().reading() as conn:
        every, beside = pictures.tiles(conn), around(conn)
    product, visit = more.get("product", ""), more.get("visit", "")
    label = read_postal(code) if code else PostalLabel("", "", "", "")
    chosen = next((tile for tile in every if tile.product == product), None)
    shown = "post/_take.html" if screens.is_htmx() and request.method == "POST" else "post/take.html"
    return screens.draw(
        shown, label=label, wrong=label.check == INVALID, sorts=[(c, _(w)) for c, w in words.SORTS.items()], chosen=chosen,
        postage=[tile for tile in every if not tile.goods], visit=visit, **beside,
    )  # fmt: skip


@bp.post("/scan")
def scan() -> Any:
    """Go to the notice or the mail that bears the code; another number is mail to take in."""
    code = request.form.get("code", "")
    with screens.store().reading() as conn:
        thing, item = reading.instance_by_number(conn, code), reading.mail_by_number(conn, code)
    if thing is not None and thing.here:
        return screens.go(url_for("post.instance", thing=thing.thing))
    if item is not None:
        return screens.go(url_for("post.item", item_id=item.item))
    if request.form.get("product"):
        return take()
    if screens.scanned() and _is_article(code):
        return screens.not_ours()
    return _taking(code, visit=request.form.get("visit", ""))


def _is_article(code: str) -> bool:
    """Tell an article of the menu from mail: its number is no shape of La Poste's."""
    with screens.store().reading() as conn:
        return any(till.by_ean(conn, form) is not None for form in barcodes.read(code).forms)


@bp.post("/take")
def take() -> Any:
    """Take mail in: its postage goes on the bill, its proof of deposit on paper."""
    form = request.form
    code, product = form.get("code", ""), form.get("product", "")
    with screens.store().reading() as conn:
        beside, tab_id = around(conn), bill.current_id(conn)
    tab, visit = beside["tab"], form.get("visit", "")
    if not visit and tab is not None and form.get("same"):
        visit = tab.visit
    try:
        taken = desk.take_deposit(
            screens.store(), code=code, sort=form.get("sort", ""), product=product, price=euros("price") or None,
            tab_id=tab_id if product else "", asked=form.get("asked", ""), visit=visit, pieces=whole("pieces", 1), **act(),
        )  # fmt: skip
    except AlreadyDone:
        return screens.go(url_for("post.home"))
    except no.ReadTwice as told:
        warn(told)
        return _taking(code, product=product, visit=visit)
    if taken.tab:
        bill.hold(taken.tab)
    with screens.store().reading() as conn:
        slip, numbered = _proof(conn, taken.item)
    screens.say(_("Taken in for La Poste"))
    if numbered:
        print_slip(slip, _("Taken in; proof of deposit printed"))
    return screens.go(url_for("post.item", item_id=taken.item))


def _found(conn: Any, item_id: str) -> reading.Item:
    item = reading.item(conn, item_id)
    if item is None:
        abort(404)
    return item


def _proof(conn: Any, item_id: str) -> tuple[Slip, bool]:
    item = _found(conn, item_id)
    cafe = paper.cafe_of(conn, item.day).sign
    return slips.proof_slip(cafe=cafe, item=item, number=reading.number_of(conn, item_id)), item.sort in mail.NUMBERED


@bp.get("/mail/<item_id>")
def item(item_id: str) -> str:
    """Show a piece of mail taken in: paid or not, where it is."""
    with screens.store().reading() as conn:
        found = _found(conn, item_id)
        return screens.draw(
            "post/mail.html", it=found, number=reading.number_of(conn, item_id), sort=words.sort(found.sort),
            state=words.state(found.state), check=_(words.CHECKS[found.check_status]), here=found.state in ("taken", "bagged"),
            **around(conn),
        )  # fmt: skip


@bp.post("/mail/<item_id>/proof")
def proof(item_id: str) -> str:
    """Print the proof of deposit again."""
    with screens.store().reading() as conn:
        slip, _numbered = _proof(conn, item_id)
    print_slip(slip, _("Proof of deposit printed"))
    return screens.draw("post/_said.html")


@bp.post("/mail/<item_id>/charge")
def charge(item_id: str) -> Response:
    """Go to the bill that holds the postage of this mail; put it there when none does."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        bill.hold(desk.charge_postage(screens.store(), item_id, tab_id=tab_id, **act()).tab_id)
    return screens.go("/")


@bp.post("/mail/<item_id>/back")
def give_back(item_id: str) -> Response:
    """Give mail back to its sender."""
    with suppress(AlreadyDone):
        desk.give_back(screens.store(), item_id, **act())
    screens.say(_("Given back to the sender; take its postage off the bill"), tone="wait", icon="undo")
    return screens.go(url_for("post.home"))


@bp.post("/collect")
def collect() -> Response:
    """La Poste is here: the lists of its bags are printed, and the time is noted."""
    with suppress(AlreadyDone):
        gone = desk.collect(screens.store(), **act())
        for bag_id in gone.bags:
            with screens.store().reading() as conn:
                bag, items = reading.bag(conn, bag_id), reading.in_bag(conn, bag_id)
                numbers = [(one, reading.number_of(conn, one.item)) for one in items]
                cafe = paper.cafe_of(conn, gone.day).sign
            if bag is not None:
                slip = slips.bag_slip(
                    cafe=cafe,
                    number=bag["number"],
                    day=bag["day"],
                    at_ms=bag["at"],
                    items=numbers,
                    collected_ms=bag["collected_at"],
                )
                print_slip(slip, _("Bag list printed"))
        said = ngettext("%(n)s piece gone with La Poste", "%(n)s pieces gone with La Poste", gone.pieces)
        screens.say(said, icon="truck")
    return screens.go(url_for("post.home"))


# Notices


@bp.get("/instance/<thing>")
def instance(thing: str) -> str:
    """Show what waits for somebody, and the keys to hand it over."""
    with screens.store().reading() as conn:
        told = pictures.instance(conn, shelf.one(conn, thing), screens.today())
        return screens.draw("post/instance.html", **told, **around(conn))


@bp.post("/instance/<thing>/hand/<proof>")
def hand(thing: str, proof: str) -> Response:
    """Hand it over against what was shown."""
    with screens.store().reading() as conn:
        tab = around(conn)["tab"]
    visit = tab.visit if tab is not None and request.form.get("same") else ""
    with suppress(AlreadyDone):
        gone = desk.hand_instance(
            screens.store(), thing, proof=proof, notice=bool(request.form.get("notice")), visit=visit, **act()
        )
        screens.say(_("%(number)s handed over", number=gone.number))
    return screens.go(url_for("post.home"))


@bp.post("/instance/<thing>/return/<reason>")
def give_up(thing: str, reason: str) -> Response:
    """Put it back in La Poste's hands."""
    with suppress(AlreadyDone):
        gone = desk.return_instance(screens.store(), thing, reason=reason, **act())
        screens.say(_("%(number)s goes back to La Poste", number=gone.number), icon="truck")
    return screens.go(url_for("post.home"))


@bp.get("/keep")
def keeping() -> str:
    """Show where a notice is taken in."""
    return _keeping("")


def _keeping(asked: str) -> str:
    with screens.store().reading() as conn:
        agreed = terms.in_force(conn, screens.today())
        shown = "post/_keep.html" if asked else "post/keep.html"
        return screens.draw(shown, asked=asked, days=agreed.hold_days if agreed else terms.HOLD_DAYS, **around(conn))


@bp.post("/keep")
def keep() -> Any:
    """Keep a letter or a parcel for somebody, and print its label."""
    form = request.form
    try:
        thing = desk.keep_instance(
            screens.store(), code=form.get("code", ""), sort=form.get("sort", ""), name=form.get("name", ""),
            place=form.get("place", ""), asked=form.get("asked", ""), **act(),
        )  # fmt: skip
    except AlreadyDone:
        return screens.go(url_for("post.home"))
    except no.ReadTwice as told:
        warn(told)
        return _keeping(form.get("code", ""))
    slip = slips.instance_slip(number=thing.number, place=thing.place, sort=thing.sort, due_on=thing.due_on)
    print_slip(slip, _("%(number)s kept; its label is printed", number=thing.number))
    return screens.go(url_for("post.keeping"))
