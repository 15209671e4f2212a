"""Information point: a tap per question, leaflets, tickets of others. For whoever asks at the counter.

Partners: town hall, tourist office, whoever prints the leaflets or has tickets sold. One use is one tap
(`tourism` for tourism, `info` for the rest), or a visit in which others' tickets were bought; counted only,
never turned into kilometres. A ticket's money is its owner's (services.md B.9, C.2).
"""

import sqlite3
from collections.abc import Iterable

from pos.feature import Feature, Notice, ServiceCode, Use, uses_of_lines
from pos.i18n import N_, ngettext
from pos.services.info import desk, events, indicators, reading, tables
from pos.till.events import SaleCompleted, SaleRefunded

HOME = "/info"


def _code(theme: str) -> str:
    return tables.TOURISM if theme == tables.TOURISM else tables.INFO


def _tapped(event: events.QuestionAnswered | events.LeafletGiven) -> Iterable[Use]:
    return (Use(_code(event.theme), event.visit),)


def _undone(event: events.AnswerUndone) -> Iterable[Use]:
    return (Use(_code(event.theme), event.visit, -1),)


def _sold(sale: SaleCompleted) -> Iterable[Use]:
    return uses_of_lines(sale, tables.TOURISM)


def _refunded(refund: SaleRefunded) -> Iterable[Use]:
    return (Use(tables.TOURISM, refund.visit, -1),) if tables.TOURISM in refund.cancels else ()


def _badge(conn: sqlite3.Connection, day: str) -> str:
    n = sum(reading.by_theme(conn, day[:10], day[:10]).values())
    return ngettext("%(n)s told", "%(n)s told", n) if n else ""


def _low(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [
        Notice(
            ngettext(
                "%(label)s: %(n)s copy left, ask for more",
                "%(label)s: %(n)s copies left, ask for more",
                max(0, row["copies"]),
                label=row["label"],
            ),
            f"{HOME}/stand",
        )
        for row in reading.low(conn)
    ]


def _owed(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = []
    for owner in reading.owners(conn):
        found = reading.account(conn, owner)
        if found.pieces and day[8:10] <= "05":
            said = ngettext(
                "%(n)s ticket sold for %(owner)s: hand the money over",
                "%(n)s tickets sold for %(owner)s: hand the money over",
                found.pieces,
                owner=reading.called(owner),
            )
            out.append(Notice(said, f"{HOME}/stand"))
    return out


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [*_low(conn, day), *_owed(conn, day)]


def _owners(conn: sqlite3.Connection) -> dict[str, str]:
    return {owner: reading.called(owner) for owner in reading.owners(conn)}


SERVICE = Feature(
    slug="info",
    title=N_("Information point"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(
        ServiceCode(tables.INFO, N_("Information"), headline=False, alternatives=(), accent="press"),
        ServiceCode(tables.TOURISM, N_("Tourism"), headline=False, alternatives=(), accent="press"),
    ),
    uses={
        events.QuestionAnswered: _tapped, events.LeafletGiven: _tapped, events.AnswerUndone: _undone,
        SaleCompleted: _sold, SaleRefunded: _refunded,
    },
    todo=(_todo,),
    badge=_badge,
    figures=reading.figures,
    owners=_owners,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    icon="info",
    home=HOME,
)  # fmt: skip
