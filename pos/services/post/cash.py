"""Money of La Poste: paid out as its terminal granted, paid in at an agency, compared each day, settled.

It is La Poste's account that moves, never turnover; the weekly limit is the terminal's business, and we
warn about a person we know. The drawer keeps its change.
"""

import re

from pos.clock import local
from pos.engines import persons
from pos.i18n import N_
from pos.ids import new_id
from pos.money import format_euros
from pos.services.post import events, reading
from pos.services.post import refusals as no
from pos.services.post.mail import in_use
from pos.services.post.tables import OWNER, POST, SETTLEMENT
from pos.services.post.terms import Terms
from pos.store import Store, Writing
from pos.till import sell
from pos.till import tables as till
from pos.till.cash import third_party_move
from pos.till.events import ThirdPartyMoved

WITHDRAWAL, MANDATE, PAY_IN = "withdrawal", "mandate", "pay_in"
PAYOUTS = (WITHDRAWAL, MANDATE)
REASONS = {
    "missing_here": N_("An operation was not entered here"), "missing_there": N_("The terminal has not all of it"),
    "typing": N_("Wrong amount typed"), "unknown": N_("Not found"),
}  # fmt: skip
MEANS = ("transfer", "cash", "cheque")
_REF = re.compile(r"[0-9A-Za-z-]{2,24}")


def pay_out(
    store: Store, amount: int, *, ref: str, what: str = WITHDRAWAL, name: str = "", person: str = "", granted: bool = False,
    visit: str = "", by: str, attempt: str = "",
) -> events.PaidOut:  # fmt: skip
    """Hand over money that La Poste's terminal granted, under the reference it printed.

    `granted` confirms an amount beyond what is left of a known person's week. Raises NotARelay, RefMissing,
    RefTwice, NotPayable, AboveLimit, WeekUsed, ReserveKept, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        agreed = in_use(tx)
        ref = _ref(tx, ref)
        if amount <= 0 or what not in PAYOUTS:
            raise no.NotPayable(amount=format_euros(amount))
        if name.strip() or person:
            person = persons.known(tx, POST, name, person=person) if name.strip() else person
            persons.still_needed(tx, person, POST)
        warned = what == WITHDRAWAL and _over_week(tx, agreed, person, amount, granted=granted)
        most = max(0, till.drawer_expected(tx.conn, sell.require_day(tx)) - agreed.reserve)
        if amount > most:
            raise no.ReserveKept(reserve=format_euros(agreed.reserve), most=format_euros(most))
        payout = new_id(tx.now)
        event = events.PaidOut(
            payout=payout, what=what, amount=amount, ref=ref, day=tx.today, visit=visit or payout, person=person,
            warned=warned, visit_by="tap" if visit else "",
        )  # fmt: skip
        third_party_move(tx, OWNER, -amount, reason=what, ref=ref, visit=event.visit, keep=agreed.reserve)
        tx.record(event)
        return event


def _ref(tx: Writing, ref: str) -> str:
    ref = ref.strip()
    if not _REF.fullmatch(ref):
        raise no.RefMissing
    before = reading.by_ref(tx.conn, ref, tx.today)
    if before is not None:
        raise no.RefTwice(ref=ref, hour=local(before["at"]).strftime("%H:%M"))
    return ref


def _over_week(tx: Writing, agreed: Terms, person: str, amount: int, *, granted: bool) -> bool:
    """Tell whether a known person's week is passed; raise when nobody said that the terminal granted it."""
    if amount > agreed.weekly_limit:
        raise no.AboveLimit(amount=format_euros(amount), limit=format_euros(agreed.weekly_limit))
    given = reading.given_in_week(tx.conn, person, tx.today)
    over = given + amount > agreed.weekly_limit
    if over and not granted:
        left = max(0, agreed.weekly_limit - given)
        raise no.WeekUsed(given=format_euros(given), left=format_euros(left))
    return over


def pay_in(store: Store, amount: int, *, ref: str, visit: str = "", by: str, attempt: str = "") -> events.PaidIn:
    """Take money in for an account of La Banque Postale: at an agency only.

    Raises NotARelay, AgencyOnly, RefMissing, RefTwice, NotPayable.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if not in_use(tx).agency:
            raise no.AgencyOnly
        ref = _ref(tx, ref)
        if amount <= 0:
            raise no.NotPayable(amount=format_euros(amount))
        payin = new_id(tx.now)
        event = events.PaidIn(
            payin=payin, amount=amount, ref=ref, day=tx.today, visit=visit or payin, visit_by="tap" if visit else ""
        )
        third_party_move(tx, OWNER, amount, reason=PAY_IN, ref=ref, visit=event.visit)
        tx.record(event)
        return event


def close_balance(
    store: Store,
    *,
    slip_collected: int,
    slip_paid_out: int,
    reason: str = "",
    day: str = "",
    by: str,
    attempt: str = "",
) -> events.BalanceClosed:
    """Compare a day with the slip of La Poste's terminal; a difference needs a reason and is recorded.

    Raises NotPayable, DifferenceUnexplained.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = day or tx.today
        if slip_collected < 0 or slip_paid_out < 0:
            raise no.NotPayable(amount=format_euros(min(slip_collected, slip_paid_out)))
        ours = reading.money(tx.conn, day)
        difference = slip_collected - slip_paid_out - ours.balance
        if difference and reason not in REASONS:
            raise no.DifferenceUnexplained(difference=format_euros(difference))
        event = events.BalanceClosed(
            day=day, collected=ours.collected, paid_out=ours.paid_out, slip_collected=slip_collected,
            slip_paid_out=slip_paid_out, difference=difference, owed=reading.owed(tx.conn), reason=reason if difference else "",
        )  # fmt: skip
        tx.record(event)
        return event


def settle(
    store: Store, *, amount: int = 0, means: str = "transfer", ref: str = "", by: str, attempt: str = ""
) -> ThirdPartyMoved:
    """Settle the account, all of it when no amount is given: what the café owes is paid, what La Poste owes came in.

    Raises NothingOwed, DrawerTooLow.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        owed = reading.owed(tx.conn)
        amount = amount or abs(owed)
        if not 0 < amount <= abs(owed) or means not in MEANS:
            raise no.NothingOwed(amount=format_euros(amount), owed=format_euros(owed))
        moved = -amount if owed > 0 else amount
        return third_party_move(tx, OWNER, moved, reason=SETTLEMENT, means=means, ref=ref.strip())
