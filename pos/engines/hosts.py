"""Associations that sell on their own account at our till: the village committee's sandwiches, the school's cakes.

Their money is a third party's from the first cent: outside turnover and VAT, kept under `assoc:<code>`
until it is handed over (services.md B.0.2). An association is a legal person: its public name may be
in the journal; the people who answer for it are not.
"""

import sqlite3
from dataclasses import dataclass

from pos.errors import Refusal
from pos.events import Event
from pos.feature import Feature
from pos.i18n import N_
from pos.ids import paper_number
from pos.journal import Envelope
from pos.money import format_euros
from pos.projections import Projection
from pos.store import Store, Writing
from pos.till import catalogue, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.events import ProductListed, ProductRetired, ThirdPartySettled
from pos.till.tab import CASH

OWNER = "assoc:"
CATEGORY = "manger"
PRICE_MAX = 50_000
MEANS = (CASH, "transfer", "cheque")


class NoSuchAssociation(Refusal):
    """Nobody goes by this code."""

    sentence = N_("This association is not known here.")
    remedy = N_("Enter its name first.")


class BadArticle(Refusal):
    """An article of an association needs a name and a price."""

    sentence = N_("An article needs a name and a price.")
    remedy = N_("Type what is sold and its price, in euros.")


class NothingOwed(Refusal):
    """The association has no money here."""

    sentence = N_("Nothing is kept for %(name)s.")
    remedy = N_("Its money is handed over already, or nothing was sold.")


class AssociationListed(Event, frozen=True, kw_only=True):
    """An association may sell at our till, under its public name."""

    kind = "hosts.association_listed"
    owner: str
    label: str
    day: str


class ArticleListed(Event, frozen=True, kw_only=True):
    """An article of the menu is an association's."""

    kind = "hosts.article_listed"
    owner: str
    product: str
    day: str


EVENTS = (AssociationListed, ArticleListed)
SCHEMA = """
CREATE TABLE host_association (owner TEXT PRIMARY KEY, label TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE host_article (product TEXT PRIMARY KEY, owner TEXT NOT NULL) STRICT, WITHOUT ROWID
"""


def _listed(conn: sqlite3.Connection, entry: Envelope, e: AssociationListed) -> None:
    conn.execute("INSERT OR REPLACE INTO host_association (owner, label) VALUES (?, ?)", (e.owner, e.label))


def _article(conn: sqlite3.Connection, entry: Envelope, e: ArticleListed) -> None:
    conn.execute("INSERT OR REPLACE INTO host_article (product, owner) VALUES (?, ?)", (e.product, e.owner))


PROJECTION = Projection("hosts", SCHEMA, {AssociationListed: _listed, ArticleListed: _article})


@dataclass(frozen=True, slots=True)
class Association:
    """An association, the money kept for it, its articles on the menu."""

    owner: str
    label: str
    balance: int
    articles: list[sqlite3.Row]


def associations(conn: sqlite3.Connection) -> list[Association]:
    """Return every association by name."""
    balances = till.third_parties(conn)
    return [
        Association(row["owner"], row["label"], balances.get(row["owner"], 0), articles_of(conn, row["owner"]))
        for row in conn.execute("SELECT owner, label FROM host_association ORDER BY label")
    ]


def association(conn: sqlite3.Connection, owner: str) -> Association | None:
    """Return one association, or None."""
    return next((one for one in associations(conn) if one.owner == owner), None)


def name_of(conn: sqlite3.Connection, owner: str) -> str:
    """Return an association's name, or an empty text."""
    row = conn.execute("SELECT label FROM host_association WHERE owner = ?", (owner,)).fetchone()
    return str(row[0]) if row else ""


def articles_of(conn: sqlite3.Connection, owner: str) -> list[sqlite3.Row]:
    """Return what an association has on the menu."""
    mine = [
        row[0] for row in conn.execute("SELECT product FROM host_article WHERE owner = ? ORDER BY product", (owner,))
    ]
    rows = (till.product(conn, product) for product in mine)
    return [row for row in rows if row is not None and not row["retired"]]


def list_association(store: Store, label: str, *, by: str, attempt: str = "") -> AssociationListed:
    """Enter an association by its public name; the same name is the same association. Raises BadArticle."""
    with store.writing(by=by, attempt=attempt) as tx:
        label = " ".join(label.split())[:60]
        if not label:
            raise BadArticle
        event = AssociationListed(owner=f"{OWNER}{catalogue.slug(label)}", label=label, day=tx.today)
        if name_of(tx.conn, event.owner) != label:
            tx.record(event)
        return event


def sell_for(
    store: Store, owner: str, *, label: str, price: int, category: str = CATEGORY, by: str, attempt: str = ""
) -> ArticleListed:
    """Put an association's article on the menu: its price goes to its account, never to ours.

    Raises NoSuchAssociation, BadArticle.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        _known(tx, owner)
        label = " ".join(label.split())[:60]
        if not label or not 0 < price <= PRICE_MAX:
            raise BadArticle
        product = f"{catalogue.slug(owner.removeprefix(OWNER))[:20]}_{catalogue.slug(label)[:19]}"
        catalogue.put_on_menu(
            tx,
            ProductListed(
                product=product, label=label, category=category, price=price, vat_class="meal", nature="third_party",
                role="agent_disclosed", owner=owner, icon="gift",
            ),
        )  # fmt: skip
        event = ArticleListed(owner=owner, product=product, day=tx.today)
        tx.record(event)
        return event


def stop_selling(store: Store, owner: str, *, by: str, attempt: str = "") -> int:
    """Take all of an association's articles off the menu; return how many. Raises NoSuchAssociation."""
    with store.writing(by=by, attempt=attempt) as tx:
        _known(tx, owner)
        gone = articles_of(tx.conn, owner)
        for row in gone:
            tx.record(ProductRetired(product=row["product"]))
        return len(gone)


def hand_over(
    store: Store, owner: str, *, means: str = CASH, ref: str = "", by: str, attempt: str = ""
) -> ThirdPartySettled:
    """Hand an association all the money kept for it. Raises NoSuchAssociation, NothingOwed, DrawerTooLow, DayNotOpen."""
    with store.writing(by=by, attempt=attempt) as tx:
        label = _known(tx, owner)
        day = sell.require_day(tx)
        owed = till.third_parties(tx.conn).get(owner, 0)
        if owed <= 0:
            raise NothingOwed(name=label)
        held = till.drawer_expected(tx.conn, day)
        if means not in MEANS:
            raise till_no.NoSuchMeans(means=means)
        if means == CASH and owed > held:
            raise till_no.DrawerTooLow(held=format_euros(held), amount=format_euros(owed))
        event = ThirdPartySettled(owner=owner, amount=owed, means=means, day=day, ref=paper_number(ref))
        tx.record(event)
        return event


def _known(tx: Writing, owner: str) -> str:
    label = name_of(tx.conn, owner)
    if not label:
        raise NoSuchAssociation
    return label


FEATURE = Feature(
    slug="hosts", title=N_("Associations at our till"), events=EVENTS, projection=PROJECTION,
    acts=(list_association, sell_for, stop_selling, hand_over),
    owners=lambda conn: {one.owner: one.label for one in associations(conn)},
    owner_names={AssociationListed: lambda said: (said.owner, said.label)},
)  # fmt: skip
