"""What the network sends the café: its news, and its prices beside the café's own."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import NBSP, format_euros
from pos.till import network, network_apply, network_lists, people, tables

bp = Blueprint("network", __name__, url_prefix="/network", template_folder="../templates")


@bp.get("/")
def home() -> str:
    """Show the news; shown, they are read."""
    store = screens.store()
    with store.reading() as conn:
        shown = network.news(conn, screens.today())
        fresh = {one.id for one in network.unread(conn, screens.today())}
        over, priced = sum(line.differs for line in network.lines(conn, screens.today())), network.priced(conn)
    if fresh:
        network_apply.mark_read(store, by=screens.clerk())
    return screens.draw("till/network_news.html", news=shown, fresh=fresh, over=over, priced=priced)


@bp.get("/sent")
def sent() -> str:
    """Show what HQ has sent, list by list, and the distances it has confirmed for this café."""
    store = screens.store()
    with store.reading() as conn:
        lists, trips = network.sent(conn), network.trips(conn, screens.today())
        told = network.held(conn, network.SOFTWARE, network_lists.Software)
    names = {code.code: code.label for feature in store.features for code in feature.services}
    return screens.draw(
        "till/network_sent.html", lists=lists, trips=trips, names=names, channels=network.CHANNEL_NAMES, told=told,
        km=_km,
    )  # fmt: skip


def _km(metres: int) -> str:
    """Return `7,5 km` for 7 500 metres: one decimal, half up."""
    tenths = (metres + 50) // 100
    return f"{tenths // 10},{tenths % 10}{NBSP}km"


@bp.get("/prices")
def prices() -> str:
    """Show the products the network has a word on."""
    with screens.store().reading() as conn:
        lines = network.lines(conn, screens.today())
        names = {line.aside["op"]: people.name_of(conn, line.aside["op"]) for line in lines if line.aside}
        row = conn.execute("SELECT n, t FROM network_applied WHERE channel = ?", (network.PRICES,)).fetchone()
        # A box that took the café over knows that a list was in force, and not what it said.
        applied = row if network.priced(conn) else None
    return screens.draw("till/network_prices.html", lines=lines, names=names, applied=applied, reasons=network.REASONS)


@bp.post("/prices/<product>/take")
def take(product: str) -> Any:
    """Take the network's price again: one tap."""
    store = screens.store()
    with store.reading() as conn:
        row = tables.product(conn, product)
    if row is None:
        raise network.NoNetworkPrice
    with suppress(AlreadyDone):
        price = network_apply.take_network_price(store, product, by=screens.clerk(), attempt=screens.attempt())
        screens.say(_("%(label)s is on the menu at %(sum)s", label=row["label"], sum=format_euros(price)))
    return screens.go(url_for("network.prices"))
