"""Cash without a purchase (*cash-in-shop*): a bank's terminal grants, the café pays its till money, the bank owes it.

    (the bank's terminal says yes) --> pay_cash, under its reference --> the bank pays --> settle_bank

Only on a bank's mandate; the terminal holds the proof and the limit of each card. It is the bank's
account that moves, never turnover; the fee it pays for the service is billed apart.
"""

import re

from pos.clock import local, parse_day
from pos.i18n import _
from pos.ids import new_id
from pos.money import format_euros
from pos.services.cashback import mandates
from pos.services.cashback import refusals as no
from pos.services.cashback.events import BankSettled, CashPaidOut, MandateSet
from pos.services.cashback.mandates import Mandate
from pos.store import Store, Writing
from pos.till import refusals as till_no
from pos.till import sell, tables
from pos.till.cash import third_party_move

WITHDRAWAL, SETTLEMENT = "cash_in_shop", "settlement"
MEANS = ("transfer", "cash", "cheque")
_REF = re.compile(r"[0-9A-Za-z-]{2,24}")
_CODE = re.compile(r"[a-z0-9_]{2,20}")


def set_mandate(
    store: Store, mandate: str, *, label: str, max_cash: int = 0, day_max: int = 0, step: int = 0, reserve: int | None = None,
    fee_cents: int = 0, fee_bp: int | None = None, pay_days: int = mandates.PAY_DAYS, in_use: bool = True, valid_from: str = "",
    by: str, attempt: str = "",
) -> MandateSet:  # fmt: skip
    """Enter what a bank allows, from a day on; `max_cash` 0 is what is usual, 100 € in one operation.

    `fee_bp` left out stays as it was. Raises ManagerNeeded, NotAMandate.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.role_of(tx.conn, by) != "manager":
            raise till_no.ManagerNeeded
        day = _day(valid_from or tx.today)
        usual_step, usual_reserve = mandates.suggested()
        before = mandates.one(tx.conn, mandate, day)
        if fee_bp is None:
            fee_bp = before.fee_bp if before else 0
        event = MandateSet(
            mandate=mandate, label=" ".join(label.split())[:40], max_cash=max_cash or mandates.usual_max(day), day_max=day_max,
            step=step or usual_step, reserve=usual_reserve if reserve is None else reserve, fee_cents=fee_cents, fee_bp=fee_bp,
            pay_days=pay_days, valid_from=day, in_use=in_use,
        )  # fmt: skip
        _check(event)
        tx.record(event)
        return event


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise no.NotAMandate(field=_("From")) from None


def _check(event: MandateSet) -> None:
    fits = {
        _("its code"): bool(_CODE.fullmatch(event.mandate)),
        _("the bank’s name"): bool(event.label),
        _("cash at once"): 0 < event.max_cash <= mandates.MAX_EVER,
        _("cash in a day"): event.day_max == 0 or event.max_cash <= event.day_max <= 500_000,
        _("multiples"): 0 < event.step <= event.max_cash and event.max_cash % event.step == 0,
        _("change kept in the drawer"): 0 <= event.reserve <= 200_000,
        _("fee"): 0 <= event.fee_cents <= mandates.FEE_MAX and 0 <= event.fee_bp <= 500,
        _("days to pay"): 1 <= event.pay_days <= 60,
    }
    for field, good in fits.items():
        if not good:
            raise no.NotAMandate(field=field)


def pay_cash(
    store: Store, mandate: str, amount: int, *, ref: str, visit: str = "", by: str, attempt: str = ""
) -> CashPaidOut:
    """Hand over cash that a bank's terminal granted without purchase, under the reference it printed.

    Raises NoMandate, BankRefMissing, BankRefTwice, WrongStep, AboveMandate, DayCapReached, DrawerCannot, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        bank = mandates.one(tx.conn, mandate, tx.today)
        if bank is None or not bank.in_use:
            raise no.NoMandate
        day = sell.require_day(tx)
        ref = _ref(tx, bank, ref)
        _check_amount(tx, day, bank, amount)
        operation = new_id(tx.now)
        event = CashPaidOut(
            operation=operation, mandate=mandate, amount=amount, fee=bank.fee(amount), ref=ref, day=day, visit=visit or operation,
            visit_by="tap" if visit else "",
        )  # fmt: skip
        third_party_move(tx, bank.owner, -amount, reason=WITHDRAWAL, ref=ref, visit=event.visit, keep=bank.reserve)
        tx.record(event)
        return event


def _ref(tx: Writing, bank: Mandate, ref: str) -> str:
    ref = ref.strip().upper()
    if not _REF.fullmatch(ref):
        raise no.BankRefMissing
    before = mandates.by_ref(tx.conn, bank.mandate, ref, tx.today)
    if before is not None:
        raise no.BankRefTwice(ref=ref, hour=local(before["t"]).strftime("%H:%M"))
    return ref


def _check_amount(tx: Writing, day: str, bank: Mandate, amount: int) -> None:
    if amount > bank.max_cash:
        raise no.AboveMandate(amount=format_euros(amount), most=format_euros(bank.max_cash))
    if amount <= 0 or amount % bank.step:
        raise no.WrongStep(step=format_euros(bank.step), amount=format_euros(amount))
    given = sum(row["amount"] for row in mandates.paid_on(tx.conn, day, bank.mandate))
    if bank.day_max and given + amount > bank.day_max:
        left = max(0, bank.day_max - given)
        raise no.DayCapReached(given=format_euros(given), left=format_euros(left), most=format_euros(bank.day_max))
    most = max(0, tables.drawer_expected(tx.conn, day) - bank.reserve)
    if amount > most:
        raise no.DrawerCannot(reserve=format_euros(bank.reserve), most=format_euros(most - most % bank.step))


def settle_bank(
    store: Store, mandate: str, *, amount: int = 0, means: str = "transfer", ref: str = "", by: str, attempt: str = ""
) -> BankSettled:
    """A bank paid back what was paid out for it, all of it when no amount is given. Raises NoMandate, NothingToSettle."""
    with store.writing(by=by, attempt=attempt) as tx:
        bank = mandates.one(tx.conn, mandate, tx.today)
        if bank is None:
            raise no.NoMandate
        owed = mandates.owed(tx.conn, bank)
        amount = amount or owed
        if not 0 < amount <= owed or means not in MEANS:
            raise no.NothingToSettle(amount=format_euros(amount), owed=format_euros(owed))
        moved = third_party_move(tx, bank.owner, amount, reason=SETTLEMENT, means=means, ref=ref.strip())
        event = BankSettled(mandate=mandate, amount=amount, means=means, day=moved.day, ref=moved.ref)
        tx.record(event)
        return event
