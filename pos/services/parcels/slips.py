"""The relay's papers: what the driver took, and a sender's proof of deposit. Pure."""

from collections.abc import Sequence

from pos.i18n import _, ngettext
from pos.services.parcels import words
from pos.services.parcels.pictures import Row
from pos.slips import Columns, Feed, Part, Rule, Slip, Text


def driver_slip(
    *, cafe: str, carrier: str, day: str, at_ms: int, returns: Sequence[Row], sent: Sequence[Row], delivery: str = ""
) -> Slip:
    """Return the list the driver signs: returns and senders' parcels, by place and end of number."""
    parts: list[Part] = [
        Text(cafe, align="center"),
        Text(f"{carrier}, {words.long_day(day)}, {words.hour(at_ms)}", bold=True, align="center"),
        *([Text(delivery, align="center")] if delivery else []),
        Rule(),
    ]
    for title, rows in ((_("Returned to the carrier"), returns), (_("Senders’ parcels"), sent)):
        if rows:
            parts += [Text(title, bold=True), *(_line(r) for r in rows)]
            parts += [
                Columns(_("Parcels in all"), ngettext("%(n)s parcel", "%(n)s parcels", len(rows)), bold=True),
                Rule(),
            ]
    parts += [Text(_("Driver’s name and signature:")), Feed(4)]
    return Slip(_("Given to the driver"), tuple(parts))


def _line(row: Row) -> Columns:
    # The end of the number is enough for the driver; a name is none of his business.
    return Columns(f"{row.place}  …{row.end}" if row.end else row.place, row.state)


def deposit_slip(*, cafe: str, carrier: str, number: str, day: str, at_ms: int, tail: str = "") -> Slip:
    """Return the proof of deposit a sender goes home with; the carrier's own proof stays the one that counts."""
    return Slip(
        _("Proof of deposit"),
        (
            Text(cafe, align="center"),
            Rule(),
            Columns(_("Carrier"), carrier),
            Columns(_("Parcel"), number or tail),
            Columns(_("Dropped off here"), f"{words.long_day(day)}, {words.hour(at_ms)}"),
            Rule(),
            Text(_("Keep this paper until the parcel has arrived. The carrier’s tracking tells when it left.")),
        ),
    )
