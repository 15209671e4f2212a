"""Games of licensed points: stakes taken, wins paid from the drawer, the terminal's day, the weekly debit.

FDJ and PMU run on their own terminals; their money passes through our drawer and is never turnover.
"""

from pos.engines.consignment import half_up
from pos.i18n import _
from pos.ids import paper_number
from pos.money import format_euros
from pos.services.press import events, reading, terms
from pos.services.press import refusals as no
from pos.services.press.rules import ADULT, FOR_ADULTS
from pos.services.press.tables import GAMES, TOBACCO
from pos.services.press.terms import Licence
from pos.services.press.titles import CATEGORY, day_of
from pos.store import Store, Writing
from pos.till import catalogue, sell
from pos.till import tables as till
from pos.till.cash import third_party_move
from pos.till.events import CommissionKept, ProductListed
from pos.till.lines import take_off
from pos.till.people import need_manager
from pos.till.tab import Tab

AMOUNT_MAX = 10_000_000


def set_licence(
    store: Store, operator: str, *, licensed: bool = True, commission_bp: int = 0, win_limit: int = terms.WIN_LIMIT,
    reserve: int = terms.RESERVE, valid_from: str = "", by: str, attempt: str = "",
) -> events.LicenceSet:  # fmt: skip
    """Say from a day on whether the café may sell an operator's games (`fdj`, `pmu`) or tobacco (`tabac`).

    Raises ManagerNeeded, NotPressTerms.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        need_manager(tx)
        good = (
            operator in (*GAMES, TOBACCO)
            and 0 <= commission_bp <= 3_000
            and 0 <= win_limit <= 300_000
            and 0 <= reserve <= 200_000
        )
        if not good:
            raise no.NotPressTerms(field=_("licence"))
        event = events.LicenceSet(
            operator=operator, valid_from=day_of(valid_from or tx.today), licensed=licensed, commission_bp=commission_bp,
            win_limit=win_limit, reserve=reserve,
        )  # fmt: skip
        tx.record(event)
        return event


def list_game(
    store: Store, operator: str, *, label: str, price: int, product: str = "", by: str, attempt: str = ""
) -> str:
    """Put a scratch ticket on the menu: the operator's money, adults only. Raises NoLicence, BadProduct."""
    with store.writing(by=by, attempt=attempt) as tx:
        _licensed(tx, operator)
        product = product or catalogue.slug(f"{operator} {label}")
        catalogue.put_on_menu(tx, ProductListed(
            product=product, label=" ".join(label.split())[:40], category=CATEGORY, price=price, vat_class="", takeaway=True,
            role="game", owner=operator, nature="third_party", min_age=18, icon="star",
        ))  # fmt: skip
        return product


def _licensed(tx: Writing, operator: str) -> Licence:
    found = terms.licence(tx.conn, operator, tx.today) if operator in GAMES else None
    if found is None:
        raise no.NoLicence(operator=_(terms.OPERATORS.get(operator, operator)))
    return found


def take_stakes(
    store: Store, operator: str, amount: int, *, adult: bool, by: str, attempt: str = ""
) -> events.StakesTaken:
    """Take stakes in cash that the terminal registered. Raises NoLicence, MinorRefused, NotStakes, DayNotOpen."""
    with store.writing(by=by, attempt=attempt) as tx:
        _licensed(tx, operator)
        _above_zero(amount)
        if not adult:
            raise no.MinorRefused
        event = events.StakesTaken(operator=operator, amount=amount, day=tx.today, adult=adult)
        third_party_move(tx, operator, amount, reason="stakes")
        tx.record(event)
        return event


def _above_zero(amount: int) -> None:
    if not 0 < amount <= AMOUNT_MAX:
        raise no.NotStakes(amount=format_euros(amount))


def pay_win(
    store: Store, operator: str, amount: int, *, adult: bool, ref: str = "", by: str, attempt: str = ""
) -> events.WinPaid:
    """Pay a win from the drawer, up to the café's limit, keeping its change.

    Raises NoLicence, MinorRefused, NotStakes, AboveWinLimit, KeepChange, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        agreed = _licensed(tx, operator)
        _above_zero(amount)
        if not adult:
            raise no.MinorRefused
        if amount > agreed.win_limit:
            raise no.AboveWinLimit(amount=format_euros(amount), limit=format_euros(agreed.win_limit))
        most = max(0, till.drawer_expected(tx.conn, sell.require_day(tx)) - agreed.reserve)
        if amount > most:
            raise no.KeepChange(reserve=format_euros(agreed.reserve), most=format_euros(most))
        event = events.WinPaid(operator=operator, amount=amount, day=tx.today, adult=adult, ref=paper_number(ref))
        third_party_move(tx, operator, -amount, reason="win", ref=event.ref, keep=agreed.reserve)
        tx.record(event)
        return event


def note_games(
    store: Store,
    operator: str,
    *,
    stakes: int,
    wins: int,
    commission: int | None = None,
    day: str = "",
    by: str,
    attempt: str = "",
) -> events.GamesNoted:
    """Note a day's totals as the terminal reports them; what was not entered one by one moves now.

    The commission is computed from the licence's rate when the terminal does not say it. Typing again
    corrects. Raises NoLicence, NotStakes, DayDebited, DrawerTooLow.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        agreed = _licensed(tx, operator)
        day = day_of(day or tx.today)
        if (
            not (
                0 <= stakes <= AMOUNT_MAX
                and 0 <= wins <= AMOUNT_MAX
                and (commission is None or 0 <= commission <= stakes)
            )
            or day > tx.today
        ):
            raise no.NotStakes(amount=format_euros(min(stakes, wins)))
        row = reading.game_day(tx.conn, operator, day)
        if row.debit or day <= reading.debited_until(tx.conn, operator):
            raise no.DayDebited(day=day)
        for amount, reason in ((stakes - row.stakes, "stakes"), (row.wins - wins, "win")):
            if amount:
                third_party_move(tx, operator, amount, reason=reason, ref=day)
        event = events.GamesNoted(
            operator=operator, day=day, stakes=stakes, wins=wins,
            commission=half_up(stakes, agreed.commission_bp) if commission is None else commission,
        )  # fmt: skip
        tx.record(event)
        return event


def debit_games(
    store: Store, operator: str, *, last: str = "", amount: int | None = None, ref: str = "", by: str, attempt: str = ""
) -> events.GamesDebited:
    """Note the operator's debit of all days up to `last` (yesterday when left out): stakes − wins − commission.

    A difference between its amount and what is due stays on the account. Raises NothingToDebit.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        last = day_of(last or reading.day_before(tx.today))
        days = reading.undebited(tx.conn, operator, last)
        if not days:
            raise no.NothingToDebit(operator=_(terms.OPERATORS.get(operator, operator)))
        stakes, wins = sum(row.stakes for row in days), sum(row.wins for row in days)
        commission = sum(_commission(tx, row) for row in days)
        due = stakes - wins - commission
        event = events.GamesDebited(
            operator=operator, number=reading.next_debit(tx.conn, operator), first=days[0].day, last=last, stakes=stakes,
            wins=wins, commission=commission, due=due, amount=due if amount is None else amount, day=tx.today, ref=paper_number(ref),
        )  # fmt: skip
        if commission:
            tx.record(
                CommissionKept(owner=operator, amount=commission, day=sell.day_label(tx), ref=f"debit {event.number}")
            )
        if event.amount:
            third_party_move(tx, operator, -event.amount, reason="settlement", means="debit", ref=event.ref)
        tx.record(event)
        return event


def _commission(tx: Writing, row: reading.GameDay) -> int:
    """Return a day's commission: as noted, else at the rate of that day."""
    if row.noted:
        return row.commission
    agreed = terms.licence(tx.conn, row.operator, row.day)
    return half_up(row.stakes, agreed.commission_bp) if agreed else 0


def check_age(store: Store, tab_id: str, adult: bool, *, by: str, attempt: str = "") -> Tab:
    """Say whether the customer proved to be of age; if not, games and tobacco leave the bill. Raises NoSuchBill, CardPending."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = sell.free_bill(tx, tab_id)
        for line in tab.lines:
            if line.role in FOR_ADULTS and adult:
                line.ref = ADULT
        tx.record(events.AgeAsked(tab=tab_id, adult=adult, day=tx.today))
        take_off(tx, tab, [] if adult else [line.line_id for line in tab.lines if line.role in FOR_ADULTS])
        return tab
