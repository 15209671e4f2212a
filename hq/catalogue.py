"""The network's catalogue: by barcode, the name, row of tiles and VAT class a till proposes for a new article."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.engine import RowMapping

from hq import revisions
from hq.access import NotAllowed, User
from hq.acts import note_act
from hq.db import Upsert
from hq.network_tables import network_product
from pos import barcodes
from pos.errors import Because
from pos.i18n import N_
from pos.till import network_lists
from pos.till.network_lists import Catalogue, Product
from pos.vat import VAT_CLASSES
from sync.manifest import BLOB_MAX

# The rows of tiles every till begins with; a café that has other ones chooses there.
CATEGORIES = {
    "chaud": N_("Hot"), "froid": N_("Cold"), "biere_vin": N_("Beer, wine"), "pain": N_("Bread"), "manger": N_("To eat"),
    "epicerie": N_("Grocery row"), "divers": N_("Sundries"),
}  # fmt: skip
_KEEP = Upsert(network_product, replace=("label", "category", "vat_class", "by", "at"))


class BadArticle(Because):
    """An article cannot be written as it is."""

    sentence = N_("This article cannot be saved: %(why)s.")
    remedy = N_("Correct it and save again.")


def keep(conn: Connection, user: User, *, ref: str, label: str, category: str, vat_class: str, now_ms: int) -> None:
    """Put an article into the catalogue, new or changed. Raises BadArticle, NotAllowed."""
    if not user.national:
        raise NotAllowed
    code, label = barcodes.read(ref.strip()).listed, label.strip()[:60]
    if not code:
        raise BadArticle(why=N_("the barcode is missing or misread"))
    if not label:
        raise BadArticle(why=N_("it has no name"))
    if category not in ("", *CATEGORIES) or vat_class not in {one.code for one in VAT_CLASSES}:
        raise BadArticle(why=N_("its row or VAT class is missing"))
    row = {"ref": code, "label": label, "category": category, "vat_class": vat_class}
    _KEEP.run(conn, [{**row, "by": user.username, "at": now_ms}])
    if len(network_lists.write(of_network(conn))) > BLOB_MAX:
        raise BadArticle(why=N_("the catalogue is longer than a till takes: some 2,500 articles"))
    note_act(conn, now_ms, user.username, "article.kept", **row)
    revisions.changed(conn)


def drop(conn: Connection, user: User, ref: str, *, now_ms: int) -> None:
    """Take an article out; cafés that have it on their menu keep it. Raises NotAllowed."""
    if not user.national:
        raise NotAllowed
    if conn.execute(delete(network_product).where(network_product.c.ref == ref)).rowcount:
        note_act(conn, now_ms, user.username, "article.dropped", ref=ref)
        revisions.changed(conn)


def listed(conn: Connection) -> list[RowMapping]:
    """Return the articles by name."""
    return list(
        conn.execute(select(network_product).order_by(network_product.c.label, network_product.c.ref)).mappings()
    )


def of_network(conn: Connection) -> Catalogue:
    """Return the catalogue as it goes down."""
    return Catalogue(products=[
        Product(ref=row["ref"], label=row["label"], category=row["category"], vat_class=row["vat_class"])
        for row in listed(conn)
    ])  # fmt: skip
