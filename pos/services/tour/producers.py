"""Producers whose goods are sold at the stops: the contract and an article of theirs, in one act.

Their names stay on this box; the journal knows `producer:t1`.
"""

from pos import private
from pos.engines import consignment, persons
from pos.engines import consignment_tables as consigned
from pos.engines.consignment_events import ContractSet
from pos.services.tour import refusals as no
from pos.services.tour.tables import PRODUCER, person_of
from pos.store import Store, Writing
from pos.till import catalogue
from pos.till.events import ProductListed

COMMISSION_MAX_BP = 6_000
PRICE_MAX = 100_000


def agree(
    store: Store, *, name: str, commission_bp: int, label: str, price: int, vat_class: str = "grocery", by: str, attempt: str = ""
) -> str:  # fmt: skip
    """Agree on a commission with a producer, from today on, and put an article of theirs on the menu; return the account.

    The goods are sold in the producer's name: their money is kept apart. The same name is the same producer.
    Raises BadContract, BadProduct.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        name, label = " ".join(name.split())[:60], " ".join(label.split())[:60]
        if not name or not label or not 0 < price <= PRICE_MAX or not 0 <= commission_bp <= COMMISSION_MAX_BP:
            raise no.BadContract
        owner = _owner_of(tx, name)
        persons.known(tx, "partners", name, person=person_of(owner))
        tx.record(ContractSet(
            owner=owner, valid_from=tx.today, commission_bp=commission_bp, tax_mode=consignment.ON_BEHALF, unsold=consigned.RETURNED,
            waste=consigned.OWNER, period="month",
        ))  # fmt: skip
        product = f"{owner.removeprefix(PRODUCER)}_{catalogue.slug(label)[:30]}"
        catalogue.put_on_menu(
            tx,
            ProductListed(
                product=product, label=label, category="divers", price=price, vat_class=vat_class or "grocery", nature="third_party",
                role="agent_disclosed", owner=owner, icon="basket",
            ),
        )  # fmt: skip
        return owner


def _owner_of(tx: Writing, name: str) -> str:
    """Return the account of the producer of this name, or the next free one."""
    mine = [owner for owner in consigned.owners(tx.conn) if owner.startswith(f"{PRODUCER}t")]
    for owner in mine:
        if private.fold(private.name_of(tx.conn, person_of(owner))) == private.fold(name):
            return owner
    return f"{PRODUCER}t{len(mine) + 1}"
