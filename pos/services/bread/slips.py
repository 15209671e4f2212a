"""The depot's papers: what to tell the baker, labels for the bags, a statement. Pure."""

from collections.abc import Sequence

from pos.engines.consignment_events import StatedLine, StatementClosed
from pos.i18n import _
from pos.money import format_euros
from pos.services.bread.pictures import Bag, Telling
from pos.services.bread.reading import said_quantity
from pos.services.bread.words import date_words
from pos.slips import Barcode, Columns, Cut, Feed, Part, Rule, Slip, Text

# What is printed on a bag's label, followed by the order's number.
CODE_PREFIX = "ZB-"


def request_slip(told: Telling, cafe: str) -> Slip:
    """Return what to read to the baker on the telephone, large."""
    parts: list[Part] = [
        Text(cafe, align="center"),
        Text(_("For %(day)s", day=date_words(told.day)), bold=True, align="center"),
        Rule(),
        *(Columns(line.label, said_quantity(line.total), tall=True, bold=True) for line in told.lines if line.total),
        Rule(),
    ]
    if told.cut_off:
        parts.append(Text(_("To tell before %(hour)s the day before", hour=told.cut_off)))
    if told.phone:
        parts.append(Text(_("Telephone: %(number)s", number=told.phone)))
    return Slip(_("Order to %(baker)s", baker=told.name), tuple(parts))


def labels(bags: Sequence[Bag]) -> Slip:
    """Return one label per bag: name, what is in it, what is to pay, the code that finds it again."""
    parts: list[Part] = []
    for place, bag in enumerate(bags):
        if place:
            parts.append(Cut())
        parts += [
            Text(bag.name, wide=True, bold=True),
            Text(bag.what, tall=True),
            Text(_("paid") if bag.paid else _("to pay: %(amount)s", amount=format_euros(bag.due)), bold=True),
            Barcode("CODE128", f"{CODE_PREFIX}{bag.order}"),
        ]
    return Slip(_("Bags of bread"), tuple(parts), titled=False)


def statement_slip(stated: StatementClosed, baker: str, cafe: str) -> Slip:
    """Return the account with a baker, to sign and file."""
    parts: list[Part] = [
        Text(cafe, align="center"),
        Text(
            _("Statement %(no)s with %(baker)s", no=stated.number, baker=baker),
            bold=True,
            align="center",
        ),
        Text(_span(stated), align="center"),
        Rule(),
        *_articles(articles(stated)),
    ]
    corrections = articles(stated, correction=True)
    if corrections:
        parts += [Text(_("Corrections of days stated before"), bold=True), *_articles(corrections)]
    parts += [
        Rule(),
        *_sums(stated),
        Rule("="),
        Columns(_("Due to the baker"), format_euros(stated.due), bold=True, tall=True),
    ]
    parts += [Feed(), Text(_("Signatures:")), Feed(3)]
    return Slip(_("Bread statement"), tuple(parts))


def _span(stated: StatementClosed) -> str:
    if stated.first == stated.last:
        return date_words(stated.last)
    return _("From %(first)s to %(last)s", first=date_words(stated.first), last=date_words(stated.last))


def articles(stated: StatementClosed, *, correction: bool = False) -> list[StatedLine]:
    """Return the lines of a statement by name: those of its days, or the corrections of days stated before."""
    return sorted((line for line in stated.lines if line.correction == correction), key=lambda line: line.label)


def _articles(lines: Sequence[StatedLine]) -> list[Part]:
    out: list[Part] = []
    for line in lines:
        out.append(
            Columns(
                line.label,
                format_euros(line.revenue),
                middle=f"{said_signed(line.sold)} × {format_euros(line.price)}",
            )
        )
        out.append(
            Text(
                _("  came %(came)s, unsold %(unsold)s, lost %(lost)s", came=said_signed(line.received),
                  unsold=said_signed(line.returned), lost=said_signed(line.lost))
            )
        )  # fmt: skip
    return out


def said_signed(quantity: int) -> str:
    """Return a quantity that may be negative."""
    return f"−{said_quantity(-quantity)}" if quantity < 0 else said_quantity(quantity)


def _sums(stated: StatementClosed) -> list[Part]:
    rows = [
        (_("Sold"), stated.revenue), (_("Charged bags and refunds"), stated.adjusted),
        (_("Lost or withdrawn"), stated.lost_value), (_("Unsold not credited"), stated.uncredited),
        (_("Commission %(rate)s", rate=said_rate(stated.commission_bp)), -stated.commission),
        (_("Deduction agreed"), -stated.deduction),
    ]  # fmt: skip
    return [Columns(label, format_euros(cents)) for label, cents in rows if cents]


def said_rate(basis_points: int) -> str:
    """Return `18 %` or `8,68 %`."""
    whole, part = divmod(basis_points, 100)
    digits = f",{part:02d}".rstrip("0") if part else ""
    return f"{whole}{digits} %"
