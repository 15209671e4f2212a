"""Press counter: newspapers and magazines on consignment, recalls and *invendus*, and the games of licensed points.

For customers without a press shop; the partners are the press depot (its money, no VAT at the till: the
café keeps a commission) and, with a licence, FDJ and PMU, whose stakes and wins pass through the drawer.
One use is one ticket with press, however many copies; games are no counted service (services.md B.5, C.2).

Where to look: `codes` reads covers, `terms` is what is agreed on a day, `desk` lists the acts.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from pos.engines import consignment_tables as consigned
from pos.feature import Feature, Notice, ScanHit, ServiceCode, Use, uses_of_lines
from pos.i18n import N_, _, ngettext
from pos.services.press import codes, desk, events, indicators, reading, rules, tables, terms
from pos.services.press.statements import period_end
from pos.services.press.tables import GAMES, OWNER, PRESS
from pos.till import tables as till
from pos.till.events import SaleCompleted, SaleRefunded

HOME = "/press"


def _of_sale(sale: SaleCompleted) -> Iterable[Use]:
    return uses_of_lines(sale, PRESS)


def _of_refund(refund: SaleRefunded) -> Iterable[Use]:
    return [Use(PRESS, refund.visit, -1)] if PRESS in refund.cancels else []


def _recalled(conn: sqlite3.Connection, day: str) -> list[Notice]:
    n = len(reading.to_return(conn, day)) if terms.sells_press(conn, day) else 0
    return (
        [
            Notice(
                ngettext("Press: %(n)s title to give back today", "Press: %(n)s titles to give back today", n),
                f"{HOME}/returns",
            )
        ]
        if n
        else []
    )


def _claims(conn: sqlite3.Connection, day: str) -> list[Notice]:
    agreed = terms.in_force(conn, day)
    rows = reading.to_claim(conn, day, agreed["claim_days"]) if agreed is not None and agreed["in_use"] else []
    return [
        Notice(_("Press slip %(slip)s: a difference to claim", slip=row["slip"]), f"{HOME}/deliveries") for row in rows
    ]


def _on_opening(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = _recalled(conn, day)
    if reading.oversold(conn):
        out.append(Notice(_("Press: more sold than delivered, a delivery is not entered"), f"{HOME}/delivery"))
    return out


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = [
        Notice(
            _(
                "%(operator)s: the terminal’s totals of the day are not noted",
                operator=_(terms.OPERATORS[one.operator]),
            ),
            f"{HOME}/games",
            grave=True,
        )
        for one in reading.not_noted(conn, day)
    ]
    return [*out, *_recalled(conn, day)]


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [*_recalled(conn, day), *_claims(conn, day), *_accounts(conn, day)]


def _accounts(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = []
    agreed = consigned.contract(conn, OWNER, day)
    if agreed is not None and consigned.not_stated(conn, OWNER, period_end(agreed["period"], day)):
        out.append(Notice(_("Press: the depot’s statement can be closed"), f"{HOME}/account"))
    late = [op for op in GAMES if reading.undebited(conn, op, period_end("week", day))]
    out += [
        Notice(_("%(operator)s: last week’s debit is not noted", operator=_(terms.OPERATORS[op])), f"{HOME}/games")
        for op in late
    ]
    return out


def _badge(conn: sqlite3.Connection, day: str) -> str:
    n = len(reading.to_return(conn, day))
    return ngettext("%(n)s to give back", "%(n)s to give back", n) if n else ""


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find the title of a cover: by its exact code, then by its title part (the price is confirmed), else to enter."""
    read = codes.parse(code)
    if read is None or not terms.sells_press(conn, day):
        return None
    row = till.by_ean(conn, read.ean)
    if row is not None:
        return ScanHit(product_id=str(row["product"]))
    known = reading.title_of_key(conn, read.key)
    return ScanHit(
        url=f"{HOME}/title/{known}?code={read.ean}" if known else f"{HOME}/titles?code={read.ean}{read.addon}"
    )


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return a day in figures: copies by what became of them, the depot's account, the games' money."""
    held = consigned.stock(conn, OWNER)
    sold, back = reading.sales_of(conn, day, day), reading.returned_on(conn, day)
    games = {op: reading.game_day(conn, op, day) for op in GAMES}
    return {
        "received": {p: h.received for p, h in held.items()}, "sold": {p: h.sold for p, h in held.items()},
        "returned": {p: h.returned for p, h in held.items()}, "lost": {p: h.lost for p, h in held.items()},
        "on_sale": {p: h.on_sale for p, h in held.items()}, "tickets": sold["tickets"], "copies": sold["copies"],
        "cents": sold["cents"], "bundled": back["returned"], "missing": back["missing"], "charged": back["charged"],
        "owed": reading.owed(conn), "to_return": len(reading.to_return(conn, day)), "oversold": reading.oversold(conn),
        "stakes": {op: one.stakes for op, one in games.items()}, "wins": {op: one.wins for op, one in games.items()},
        "not_noted": len(reading.not_noted(conn, day)),
    }  # fmt: skip


SERVICE = Feature(
    slug="press",
    title=N_("Press"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(ServiceCode(PRESS, N_("Press"), headline=False, alternatives=("newsagent",), accent="press"),),
    uses={SaleCompleted: _of_sale, SaleRefunded: _of_refund},
    sale_rules=(rules.games_are_licensed,),
    day_open_checks=(_on_opening,),
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=_figures,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    icon="paper",
    home=HOME,
)  # fmt: skip
