"""What the grocery tells the network: money that went to local suppliers and producers, and to how many."""

from pos.engines.stock import GoodsReceived
from pos.feature import Figure, Indicator, Tells
from pos.i18n import N_
from pos.money import line_total
from pos.services.grocery import events
from pos.services.grocery.tables import OWNER


def _local(who: str, cents: int) -> tuple[Figure, ...]:
    return (Figure("local_spend", cents), Figure("local_suppliers", 1, who)) if cents > 0 else ()


def _bought(came: GoodsReceived) -> tuple[Figure, ...]:
    cents = sum(line_total(line.quantity, line.cost) for line in came.lines)
    return _local(came.supplier, cents) if came.local else ()


def _paid(paid: events.ProducerPaid) -> tuple[Figure, ...]:
    return _local(f"{OWNER}{paid.producer}", paid.amount) if paid.local else ()


INDICATORS = (
    Indicator("local_spend", N_("Paid to local suppliers and producers"), "cents"),
    Indicator("local_suppliers", N_("Local suppliers and producers paid"), "distinct"),
    Indicator("cap_exceeded", N_("Deliveries above the network’s price cap")),
)
TELLS: Tells = {
    GoodsReceived: _bought,
    events.ProducerPaid: _paid,
    events.CapExceeded: lambda _exceeded: (Figure("cap_exceeded", 1),),
}
