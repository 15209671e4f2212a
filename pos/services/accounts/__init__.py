"""Customers' accounts: prepaid money, the slate (*ardoise*), suspended coffees, gift vouchers, a local currency.

For regulars and for whoever offers a coffee to a stranger; the partner is the issuer of the local
currency. Each is a means of payment (`prepaid`, `slate`, `suspended`, `gift`, `local`) with its account
in the third parties' ledger: money paid ahead is turnover once it is spent, a slate when it is charged
(services.md B.14, fiscal.md R102, R105). Nothing here is a use counted in kilometres.
"""

import sqlite3

from pos.feature import Feature, Notice, ScanHit
from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.services.accounts import desk, events, indicators, paying, reading, tables
from pos.services.accounts.tables import GIFT, PREPAID, SLATE

HOME = "/accounts/"


def _badge(conn: sqlite3.Connection, day: str) -> str:
    owed = tables.sum_of(conn, SLATE)
    return _("slates %(amount)s", amount=format_euros(owed)) if owed else ""


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = []
    days = paying.in_force(conn, day).alert_days
    for one in reading.late(conn, day)[:5]:
        said = _(
            "Slate of %(name)s: %(amount)s, more than %(days)s days old",
            name=one.name,
            amount=format_euros(one.slate),
            days=days,
        )
        out.append(Notice(said, f"{HOME}{one.person}"))
    held = reading.fund(conn, day)
    if held.asleep:
        said = ngettext(
            "%(n)s suspended coffee waits, none taken for a month",
            "%(n)s suspended coffees wait, none taken for a month",
            held.coffees,
        )
        out.append(Notice(said, f"{HOME}coffees"))
    return out


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    if reading.currency_to_count(conn, day):
        return [Notice(_("Local notes of today are not counted"), f"{HOME}currency")]
    return []


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find a gift voucher by its code (`ZV-K7QX-29MD`)."""
    row = tables.voucher(conn, code.strip().upper())
    return ScanHit(url=f"{HOME}voucher/{row['code']}") if row is not None else None


def _receipt(conn: sqlite3.Connection, no: int) -> list[str]:
    """Say what is left on each account the ticket moved, as it was right after it."""
    left: dict[tuple[str, str], sqlite3.Row] = {(row["what"], row["ref"]): row for row in reading.of_ticket(conn, no)}
    out = []
    for (what, ref), row in left.items():
        amount = format_euros(row["balance"])
        if what == PREPAID:
            out.append(_("Left on the prepaid account: %(amount)s", amount=amount))
        elif what == SLATE:
            out.append(_("On the slate: %(amount)s", amount=amount))
        elif what == GIFT:
            out.append(_("Left on voucher %(code)s: %(amount)s", code=ref, amount=amount))
    return out


SERVICE = Feature(
    slug="accounts",
    title=N_("Accounts"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(
        desk.set_limits, desk.open_account, desk.close_account, desk.top_up, desk.pay_back, desk.pay_out, desk.write_off,
        desk.give_coffees, desk.sell_voucher, desk.extend_voucher, desk.set_currency, desk.count_currency,
        desk.hand_over_currency,
    ),
    sale_rules=(paying.lines_fit,),
    refund_rules=(paying.may_go_back,),
    means=paying.MEANS,
    receipt=_receipt,
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=reading.figures,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    icon="pen",
    home=HOME,
)  # fmt: skip
