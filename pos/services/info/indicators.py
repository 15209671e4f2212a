"""What the information point tells the network: questions answered, leaflets given, tickets of others sold."""

from pos.feature import Figure, Indicator, Tells
from pos.i18n import N_
from pos.services.info import events
from pos.services.info.tables import OWNER, TOURISM
from pos.till.events import SaleCompleted, SaleRefunded


def _told(event: events.QuestionAnswered | events.LeafletGiven) -> list[Figure]:
    codes = ["info_told", *(["tourism_told"] if event.theme == TOURISM else [])]
    codes += ["leaflets_given"] if isinstance(event, events.LeafletGiven) else []
    return [Figure(code, 1) for code in codes]


def _undone(event: events.AnswerUndone) -> list[Figure]:
    return [Figure(code, -1) for code in ("info_told", *(["tourism_told"] if event.theme == TOURISM else []))]


def _sold(sale: SaleCompleted | SaleRefunded) -> list[Figure]:
    return [Figure("tickets_sold", line.quantity) for line in sale.lines if line.owner.startswith(OWNER)]


INDICATORS = (
    Indicator("info_told", N_("Questions answered")), Indicator("tourism_told", N_("of which visitors’ questions")),
    Indicator("leaflets_given", N_("Leaflets given")), Indicator("tickets_sold", N_("Tickets sold for others"), "thousandths"),
)  # fmt: skip
TELLS: Tells = {
    events.QuestionAnswered: _told, events.LeafletGiven: _told, events.AnswerUndone: _undone,
    SaleCompleted: _sold, SaleRefunded: _sold,
}  # fmt: skip
