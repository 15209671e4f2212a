"""The grocery's papers: an order, a shelf label, a producer's statement. Pure."""

from collections.abc import Mapping, Sequence

from pos.engines.consignment_events import StatementClosed
from pos.i18n import _
from pos.money import format_euros, format_quantity
from pos.services.grocery import words
from pos.slips import Barcode, Columns, Feed, Part, Rule, Slip, Text
from pos.till.catalogue import ean_is_right


def order_slip(*, cafe: str, supplier: str, number: int, day: str, lines: Sequence[tuple[str, int]]) -> Slip:
    """Return an order to read on the telephone or to send: articles and quantities."""
    return Slip(
        _("Order %(n)s", n=number),
        (
            Text(cafe, align="center"),
            Columns(supplier, words.short(day)),
            Rule(),
            *(Columns(label, format_quantity(quantity)) for label, quantity in lines),
            Feed(2),
        ),
    )


def shelf_label(*, label: str, price: int, by_unit: int, unit: str, ean: str) -> Slip:
    """Return the label of the shelf: price, price per kilo or litre, barcode."""
    parts: list[Part] = [Text(label, bold=True), Text(format_euros(price), wide=True, align="right")]
    if by_unit:
        parts.append(Text(_("%(price)s per %(unit)s", price=format_euros(by_unit), unit=unit), align="right"))
    if len(ean) == 13 and ean_is_right(ean):
        parts.append(Barcode("EAN13", ean))
    elif ean:
        parts.append(Barcode("CODE128", ean))
    return Slip(label, tuple(parts), titled=False)


def statement_slip(
    *,
    cafe: str,
    siret: str,
    producer: str,
    code: str,
    told: StatementClosed,
    labels: Mapping[str, str],
    self_billing: bool,
) -> Slip:
    """Return a producer's statement with its number; under a self-billing agreement it stands for the producer's bill."""
    rows: list[Part] = []
    for line in told.lines:
        name = labels.get(line.product, line.product)
        if line.correction:
            name = _("%(label)s (correction)", label=name)
        rows.append(
            Columns(
                name,
                format_euros(line.revenue),
                middle=_(
                    "%(n)s sold", n=format_quantity(line.sold) if line.sold >= 0 else f"-{format_quantity(-line.sold)}"
                ),
            )
        )
        if line.returned or line.lost:
            rows.append(
                Text(
                    _(
                        "given back %(back)s, lost %(lost)s",
                        back=format_quantity(line.returned),
                        lost=format_quantity(line.lost),
                    )
                )
            )
    parts: list[Part] = [
        Text(cafe, align="center"),
        *([Text(f"SIRET {siret}", align="center")] if siret else []),
        Columns(producer, f"{code}-{told.number}", bold=True),
        Text(_("From %(first)s to %(last)s", first=words.short(told.first), last=words.short(told.last))),
        Rule(),
        *rows,
        Rule(),
        Columns(_("Sold at public price"), format_euros(told.revenue)),
        *(
            Columns(
                _("Commission %(rate)s of %(base)s", rate=_rate(rate.bp), base=format_euros(rate.base)),
                format_euros(-rate.commission),
            )
            for rate in told.rates
        ),
        *([Columns(_("Borne by the café"), format_euros(told.charged))] if told.charged else []),
        Columns(_("Due to the producer"), format_euros(told.due), bold=True),
    ]
    if self_billing:
        parts += [
            Rule(),
            Text(
                _(
                    "Self-billing: bill %(number)s, drawn by the café in the name and on behalf of %(producer)s.",
                    number=f"{code}-{told.number}",
                    producer=producer,
                )
            ),
        ]
    return Slip(_("Statement %(n)s", n=told.number), (*parts, Feed(2)))


def _rate(bp: int) -> str:
    whole, part = divmod(bp, 100)
    return f"{whole}{',' + f'{part:02d}'.rstrip('0') if part else ''}\u00a0%"
