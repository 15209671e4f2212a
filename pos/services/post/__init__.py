"""Postal relay (*relais poste commerçant*) or municipal agency: stamps, letters, parcels, notices, cash of La Poste.

For customers without a post office; the partner is La Poste, whose money it is: never turnover. One use
is one visit with at least one postal act (services.md B.3, C.2). A visit in which only stamps or
packaging were bought counts too, because it spared the way to the post office; the journal says it
apart (`SaleLine.service` is `post_stamp`), so that counting without them is one word here (`STAMPS_COUNT`)
and a rebuild at HQ. It is no second service code: the same visit would be counted twice there.

Where to look: `terms` and `prices` are what La Poste says, `desk` lists the acts, `reading` what is asked.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pos.engines.shelf import COLLECTED, ThingMoved, overdue
from pos.events import Event
from pos.feature import Feature, Notice, ScanHit, ServiceCode, Use, uses_of_lines
from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.services.post import desk, events, indicators, prices, reading, rules, tables, terms
from pos.services.post.prices import POST, STAMP
from pos.till.events import SaleCompleted, SaleRefunded

HOME = "/post"
# Whether a visit for stamps alone is a use of the post (services.md B.3: yes).
STAMPS_COUNT = True


def uses_of(stamps_count: bool = STAMPS_COUNT) -> Mapping[type[Event], Callable[[Any], Iterable[Use]]]:
    """Return the rules of use, with visits for stamps alone or without."""
    counted = (POST, STAMP) if stamps_count else (POST,)

    def of_sale(sale: SaleCompleted) -> list[Use]:
        return [Use(POST, use.visit) for use in uses_of_lines(sale, *counted)]

    def of_refund(refund: SaleRefunded) -> list[Use]:
        return [Use(POST, refund.visit, -1) for code in counted if code in refund.cancels]

    return {
        SaleCompleted: of_sale, SaleRefunded: of_refund, events.MailTaken: _one, events.MailGivenBack: _of_given_back,
        events.PaidOut: _one, events.PaidIn: _one, ThingMoved: _of_instance,
    }  # fmt: skip


def _one(event: Any) -> list[Use]:
    return [Use(POST, event.visit)]


def _of_given_back(back: events.MailGivenBack) -> list[Use]:
    return [Use(POST, back.visit, -1)] if back.cancels else []


def _of_instance(moved: ThingMoved) -> list[Use]:
    return [Use(POST, moved.visit)] if moved.service == POST and moved.state == COLLECTED else []


def _relay(conn: sqlite3.Connection, day: str) -> bool:
    agreed = terms.in_force(conn, day)
    return agreed is not None and agreed.in_use


def _badge(conn: sqlite3.Connection, day: str) -> str:
    waiting = len(reading.instances(conn))
    return ngettext("%(n)s waiting", "%(n)s waiting", waiting) if waiting else ""


def _on_opening(conn: sqlite3.Connection, day: str) -> list[Notice]:
    if not _relay(conn, day):
        return []
    out = []
    changed = len(prices.stale(conn, day))
    if changed:
        text = ngettext(
            "La Poste: %(n)s price of the menu to bring up to date",
            "La Poste: %(n)s prices of the menu to bring up to date",
            changed,
        )
        out.append(Notice(text, f"{HOME}/terms"))
    return [*out, *_late(conn, day)]


def _late(conn: sqlite3.Connection, day: str) -> list[Notice]:
    late = len(overdue(conn, POST, day))
    text = ngettext(
        "%(n)s notice past its term: give it back to La Poste",
        "%(n)s notices past their term: give them back to La Poste",
        late,
    )
    return [Notice(text, f"{HOME}?late=1")] if late else []


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = []
    unpaid = reading.unpaid(conn, day)
    if unpaid:
        due = format_euros(sum(one.due for one in unpaid))
        out.append(Notice(_("Postage of %(amount)s was not paid", amount=due), HOME, grave=True))
    if reading.to_balance(conn, day):
        out.append(Notice(_("La Poste: compare the day with the terminal’s slip"), f"{HOME}/balance"))
    return out


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    out = _late(conn, day)
    waiting = sum(one.pieces for one in reading.to_collect(conn))
    if waiting:
        out.append(
            Notice(ngettext("%(n)s piece of mail for La Poste", "%(n)s pieces of mail for La Poste", waiting), HOME)
        )
    return [*out, *_on_closing(conn, day)]


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find an instance by its short number (`P-12`) or its label, or mail that waits for La Poste."""
    thing = reading.instance_by_number(conn, code)
    if thing is not None and thing.here:
        return ScanHit(url=f"{HOME}/instance/{thing.thing}")
    mail = reading.mail_by_number(conn, code)
    return ScanHit(url=f"{HOME}/mail/{mail.item}") if mail is not None else None


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return a day in figures: La Poste's money, mail, instances, visits and those for stamps alone."""
    money, (came, stamps_only) = reading.money(conn, day), reading.visits(conn, day)
    told = reading.balance_of(conn, day)
    mail = reading.taken_on(conn, day)
    return {
        "collected": money.collected, "paid_out": money.paid_out, "balance": money.balance, "owed": reading.owed(conn),
        "settled": money.settled, "difference": told["difference"] if told else 0, "balanced": told is not None,
        "visits": came, "stamps_only": stamps_only, "instances": len(reading.instances(conn)),
        "overdue": len(overdue(conn, POST, day)), "to_collect": len(reading.to_collect(conn)),
        "taken": len(mail), "gone": sum(one.state == tables.GONE for one in mail), "unpaid": len(reading.unpaid(conn, day)),
    }  # fmt: skip


def _owners(_conn: sqlite3.Connection) -> dict[str, str]:
    return {tables.OWNER: "La Poste"}


SERVICE = Feature(
    slug="post",
    title=N_("Post"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(
        ServiceCode(
            POST, N_("Post"), headline=True, alternatives=("post_office", "postal_agency", "postal_relay"), accent="post"
        ),
    ),
    uses=uses_of(),
    sale_rules=(rules.postage_is_due,),
    day_open_checks=(_on_opening,),
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=_figures,
    owners=_owners,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    waiting=indicators.WAITING,
    waits=indicators.WAITS,
    icon="letter",
    home=HOME,
)  # fmt: skip
