"""Examples of the press counter's facts: one delivery, one bundle, one week of games."""

from pos.events import Event
from pos.services.press import events as e

DAY = "2026-11-16"
DELIVERY = "019c36d2f4100a1b2c3d"

_ALL: tuple[Event, ...] = (
    e.TermsSet(valid_from=DAY, claim_days=2, in_use=True),
    e.TitleListed(product="presse_hebdo", periodicity="weekly", recall_days=7, title_key="37819111"),
    e.DeliveryReceived(
        delivery=DELIVERY, slip="4411", day=DAY,
        lines=[e.Issue(product="presse_hebdo", label="Hebdo", issue="1204", announced=8_000, received=6_000, recall_on="2026-11-23", price=320)],
    ),
    e.DeliveryCorrected(delivery=DELIVERY, product="presse_hebdo", was=6_000, received=7_000, day=DAY),
    e.DiscrepancyClaimed(delivery=DELIVERY, day=DAY, ref="TEL-1"),
    e.UnsoldReturned(
        number=3, slip="R-3", day="2026-11-23", returned_cents=960, charged=320,
        lines=[e.Unsold(delivery=DELIVERY, product="presse_hebdo", label="Hebdo", expected=4_000, returned=3_000, missing=1_000, price=320)],
    ),
    e.StatementPaid(number=2, amount=2_030, difference=10, means="debit", day=DAY, ref="PRLV-1"),
    e.LicenceSet(operator="fdj", valid_from=DAY, licensed=True, commission_bp=500, win_limit=30_000, reserve=5_000),
    e.StakesTaken(operator="fdj", amount=2_000, day=DAY, adult=True),
    e.WinPaid(operator="fdj", amount=1_200, day=DAY, adult=True, ref="G-77"),
    e.GamesNoted(operator="fdj", day=DAY, stakes=4_500, wins=1_200, commission=225),
    e.GamesDebited(
        operator="fdj", number=1, first=DAY, last="2026-11-22", stakes=4_500, wins=1_200, commission=225, due=3_075, amount=3_075,
        day="2026-11-23", ref="FDJ-1",
    ),
    e.AgeAsked(tab=DELIVERY, adult=True, day=DAY),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
