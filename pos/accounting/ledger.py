"""The entries of a café's journal, told event by event: one per Z, one per movement of cash, one per invoice.

Pure: events in, entries out, on the box and at HQ alike (R29, R120). The drawer's account follows the
drawer to the cent, and each Z is compared with what its closing says before its entry is numbered.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pos import vat
from pos.accounting.entries import Differs, Entry, Sheet
from pos.accounting.nature import GOODS, category
from pos.accounting.plan import OWN_CODE, Account, Plan, aux_of, uses_of_owner
from pos.clock import business_day
from pos.events import Event, EventTypes
from pos.i18n import N_, _
from pos.journal import Envelope
from pos.money import format_euros
from pos.till.correction_events import PaymentCorrected
from pos.till.events import (
    CashCounted,
    CashMoved,
    CommissionKept,
    DayClosed,
    DayOpened,
    Payment,
    PaymentTaken,
    PaymentUndone,
    SaleCompleted,
    SaleLine,
    SaleRefunded,
    ThirdPartyMoved,
    ThirdPartySettled,
)  # fmt: skip
from pos.till.invoices.events import Credited, Invoiced, Party
from pos.till.tab import CASH

Sale = SaleCompleted | SaleRefunded
MEANS, SALES, VAT, THIRD, OTHER = range(5)
MOVES_SAID = {
    "bank_deposit": N_("Cash taken to the bank"), "safe_drop": N_("Cash put in the safe"),
    "float_added": N_("Cash added to the drawer"), "change_bought": N_("Change bought"),
    "purchase": N_("Purchase paid in cash"), "correction": N_("Correction of the drawer"),
    "other": N_("Other movement of cash"),
}  # fmt: skip


@dataclass
class _Day:
    """What a business day gathers until its Z."""

    sales: list[Sale] = field(default_factory=list)
    others: list[tuple[str, str, Sheet]] = field(default_factory=list)
    early: Sheet = field(default_factory=Sheet)


class Ledger:
    """Hears a journal in order and keeps the entries dated from `first` on, numbered from `number`.

    `names` are what third parties are called where the file is made; their codes stand without.
    """

    def __init__(self, plan: Plan, *, first: str = "", number: int = 1, names: Mapping[str, str] | None = None) -> None:
        self.entries: list[Entry] = []
        self.held = 0
        self._plan, self._first, self._next, self._names = plan, first, number, names or {}
        self._days: dict[str, _Day] = {}
        self._posted: dict[str, int] = {}
        self._z: dict[str, str] = {}
        self._invoices: dict[int, Invoiced | Credited] = {}

    def hear(self, entry: Envelope, event: Event) -> None:
        """Hear one event; kinds without money are passed over."""
        teller = self.TELLERS.get(type(event))
        if teller is not None:
            teller(self, entry, event)

    # What happens in a day

    def _opened(self, entry: Envelope, e: DayOpened) -> None:
        for cut in list(self._days):
            # A repair put an end to this day: no closing will come, its takings are takings all the same.
            self._post(cut, _("%(day)s, no closing", day=cut), _("Takings of a day cut by a repair"), entry)
            self._posted.pop(cut, None)
        moved = e.float_cents - self.held
        if moved:
            sheet = self._against_cash(e.day, moved, self._find(e.day, "move.opening"))
            self._day(e.day).others.append((_("Float at the opening"), "", sheet))

    def _sold(self, entry: Envelope, e: Sale) -> None:
        self._day(e.day).sales.append(e)
        cash = sum(p.amount for p in e.payments if p.means == CASH and not p.before)
        self.held += cash - (e.cashback if isinstance(e, SaleCompleted) else 0)

    def _part_paid(self, entry: Envelope, e: PaymentTaken | PaymentUndone) -> None:
        if e.means == CASH:
            cents = e.amount if isinstance(e, PaymentTaken) else -e.amount
            self.held += cents
            day = self._day(e.day)
            day.early.add(MEANS, self._find(e.day, "means.cash"), cents)
            day.early.add(THIRD, self._find(e.day, "open_bills"), -cents)

    def _cash_moved(self, entry: Envelope, e: CashMoved) -> None:
        said = MOVES_SAID.get(e.reason, MOVES_SAID["other"])
        sheet = self._against_cash(e.day, e.amount, self._find(e.day, f"move.{e.reason}", "move"))
        self._day(e.day).others.append((_(said), "", sheet))

    def _counted(self, entry: Envelope, e: CashCounted) -> None:
        found = e.difference - self._posted.get(e.day, 0)
        self._posted[e.day] = e.difference
        if not found:
            return
        sheet = self._against_cash(e.day, found, self._find(e.day, "over" if found > 0 else "short"))
        label = _("Difference found in the drawer")
        if e.day in self._days:
            self._days[e.day].others.append((label, "", sheet))
        else:
            # Counted after its Z: the closing stands, the difference is a fact of today (R40).
            self._write(business_day(entry.t), self._z.get(e.day, ""), label, sheet, entry)

    def _against_cash(self, day: str, cents: int, other: Account) -> Sheet:
        self.held += cents
        sheet = Sheet()
        sheet.add(MEANS, self._find(day, "means.cash"), cents)
        sheet.add(OTHER, other, -cents)
        return sheet

    def _third_moved(self, entry: Envelope, e: ThirdPartyMoved | ThirdPartySettled) -> None:
        cents = e.amount if isinstance(e, ThirdPartyMoved) else -e.amount
        sheet = Sheet()
        sheet.add(MEANS, self._find(e.day, f"means.{e.means}", "means"), cents)
        self._owner(sheet, e.day, e.owner, -cents)
        if e.means == CASH:
            self.held += cents
        label = _("Settled with a third party") if isinstance(e, ThirdPartySettled) else _("Third party’s money moved")
        self._day(e.day).others.append((label, e.ref, sheet))

    def _corrected(self, entry: Envelope, e: PaymentCorrected) -> None:
        """A means typed wrong: the day that bears the correction moves it from one account to the other (R25)."""
        sheet = Sheet()
        sheet.add(MEANS, self._find(e.day, f"means.{e.now}", "means"), e.amount)
        sheet.add(MEANS, self._find(e.day, f"means.{e.was}", "means"), -e.amount)
        self.held += e.amount * ((e.now == CASH) - (e.was == CASH))
        self._day(e.day).others.append((_("Means of payment corrected"), "", sheet))

    def _commission(self, entry: Envelope, e: CommissionKept) -> None:
        sheet = Sheet()
        self._owner(sheet, e.day, e.owner, e.amount)
        sheet.add(SALES, self._find(e.day, "commission"), -e.amount)
        self._day(e.day).others.append((_("Commission kept"), e.ref, sheet))

    def _invoiced(self, entry: Envelope, e: Invoiced | Credited) -> None:
        self._invoices[e.ticket] = e

    # The Z

    def _closed(self, entry: Envelope, e: DayClosed) -> None:
        self._agree(e, self._day(e.day).sales)
        z = self._z[e.day] = f"Z-{e.z:06d}"
        self._post(e.day, z, _("Takings, Z %(z)s", z=e.z), entry)

    def _post(self, label: str, z: str, takings: str, entry: Envelope) -> None:
        """Write what a day gathered: its takings, what moved apart, its invoices."""
        day = self._days.pop(label)
        sheet, apart = Sheet(), []
        for sale in day.sales:
            document = self._invoices.pop(sale.no, None)
            if document is None:
                self._own(sheet, label, sale)
                self._paid(sheet, label, sale)
            else:
                apart.append(self._apart(sheet, label, sale, document))
        self._write(label, z, takings, sheet, entry)
        early = day.early.lines()
        if early:
            self._write(label, z, _("Paid on bills still open"), day.early, entry)
        for said, ref, other in day.others:
            self._write(label, ref or z, said, other, entry)
        for number, name, own in apart:
            self._write(label, number, name, own, entry)

    def _agree(self, e: DayClosed, sales: Iterable[Sale]) -> None:
        """Raise Differs when the closing says anything else than the sales heard, or the drawer."""
        turnover = sum(sale.turnover for sale in sales)
        if turnover != e.turnover:
            raise _differs(e, _("turnover"), turnover, e.turnover)
        rates: dict[int, int] = {}
        for sale in sales:
            for part in sale.vat:
                rates[part.bp] = rates.get(part.bp, 0) + part.gross - part.net
        said = {part.bp: part.gross - part.net for part in e.vat}
        for bp in sorted({*rates, *said}):
            if rates.get(bp, 0) != said.get(bp, 0):
                raise _differs(e, _("VAT"), rates.get(bp, 0), said.get(bp, 0))
        expected = self.held - self._posted.get(e.day, 0)
        if expected != e.expected:
            raise _differs(e, _("drawer"), expected, e.expected)

    def _own(self, sheet: Sheet, day: str, sale: Sale) -> None:
        """Credit the café's own sales and their VAT."""
        nets = 0
        for line in sale.lines:
            if line.vat_code in vat.OFF_TURNOVER:
                continue
            sheet.add(SALES, self._sales_account(day, line), -line.net)
            nets += line.net if not line.vat_code else 0
        for part in sale.vat:
            if part.gross != part.net:
                sheet.add(VAT, self._find(day, f"vat.{part.bp}", "vat"), part.net - part.gross)
        # Lines share their group's HT to the cent (R77); what an older ticket lacks is told, never lost.
        stray = sum(part.net for part in sale.vat) - nets
        if stray:
            use = "rounding.credit" if stray > 0 else "rounding.debit"
            sheet.add(OTHER, self._find(day, use), -stray)

    def _sales_account(self, day: str, line: SaleLine) -> Account:
        if line.vat_code == vat.DEPOSIT_KEPT:
            return self._find(day, "sales.kept")
        where = "goods" if category(line) == GOODS else "onsite"
        return self._find(day, f"sales.{line.family}.{line.vat}", f"sales.{line.family}", f"sales.{where}.{line.vat}",
                          f"sales.{where}")  # fmt: skip

    def _off(self, sheet: Sheet, day: str, sale: Sale) -> None:
        """Credit what is no sale: others' money, advances, dues."""
        for part in sale.off:
            if part.owner:
                self._owner(sheet, day, part.owner, -part.amount)
            else:
                sheet.add(THIRD, self._find(day, *(["dues"] if part.code == vat.DUES else ["owner"])), -part.amount)

    def _paid(self, sheet: Sheet, day: str, sale: Sale, *, direct: bool = True) -> int:
        """Debit what was paid, credit what is no sale; return what was put on a customer's account apart."""
        self._off(sheet, day, sale)
        on_account = 0
        for payment in sale.payments:
            account, aux = self._payment_account(day, payment)
            if not direct and payment.owner and account.account.startswith("411"):
                on_account += payment.amount
                continue
            sheet.add(MEANS if not payment.owner else THIRD, account, payment.amount, *aux)
        if isinstance(sale, SaleCompleted) and sale.cashback:
            sheet.add(MEANS, self._find(day, "means.card", "means"), sale.cashback)
            sheet.add(MEANS, self._find(day, "means.cash"), -sale.cashback)
        return on_account

    def _payment_account(self, day: str, payment: Payment) -> tuple[Account, tuple[str, str]]:
        if payment.owner:
            account = self._find(day, *uses_of_owner(payment.owner, used=True))
            return account, self._aux(account, payment.owner)
        if payment.before and payment.means == CASH:
            return self._find(day, "open_bills"), ("", "")
        return self._find(day, f"means.{payment.means}", "means"), ("", "")

    def _apart(self, sheet: Sheet, day: str, sale: Sale, document: Invoiced | Credited) -> tuple[str, str, Sheet]:
        """Return the entry of an invoiced ticket; the Z keeps what was paid for it, against the customer."""
        own = Sheet()
        self._own(own, day, sale)
        on_account = self._paid(sheet, day, sale, direct=False)
        for payment in sale.payments:
            account, aux = self._payment_account(day, payment)
            if payment.owner and account.account.startswith("411"):
                own.add(THIRD, account, payment.amount, *aux)
        rest = sale.turnover - on_account
        if rest:
            account = self._find(day, "client")
            aux = (aux_of(account, f"client:{document.party.siret or document.buyer}"), _called(document.party))
            own.add(THIRD, account, rest, *aux)
            sheet.add(THIRD, account, -rest, *aux)
        label = _("Invoice %(number)s", number=document.number)
        if isinstance(document, Credited):
            label = _("Credit note %(number)s", number=document.number)
        return document.number, label, own

    # Writing

    def _write(self, day: str, ref: str, label: str, sheet: Sheet, entry: Envelope) -> None:
        lines = sheet.lines()
        if not lines or day[:10] < self._first:
            return
        number, self._next = self._next, self._next + 1
        valid = max(business_day(entry.t), day[:10])
        self.entries.append(Entry(number, day[:10], ref or day, label, valid, lines))

    def _day(self, day: str) -> _Day:
        return self._days.setdefault(day, _Day())

    def _find(self, day: str, *uses: str) -> Account:
        return self._plan.find(day[:10], uses)

    def _owner(self, sheet: Sheet, day: str, owner: str, cents: int) -> None:
        account = self._find(day, *uses_of_owner(owner))
        sheet.add(THIRD, account, cents, *self._aux(account, owner))

    def _aux(self, account: Account, owner: str) -> tuple[str, str]:
        aux = aux_of(account, owner)
        if account.aux != OWN_CODE:
            return aux, account.label if aux else ""
        return aux, self._names.get(owner) or account.label

    TELLERS: ClassVar[dict[type[Event], Callable[[Any, Envelope, Any], None]]] = {
        DayOpened: _opened, SaleCompleted: _sold, SaleRefunded: _sold,
        PaymentTaken: _part_paid, PaymentUndone: _part_paid, CashMoved: _cash_moved,
        CashCounted: _counted, ThirdPartyMoved: _third_moved, ThirdPartySettled: _third_moved,
        CommissionKept: _commission, PaymentCorrected: _corrected, Invoiced: _invoiced, Credited: _invoiced, DayClosed: _closed,
    }  # fmt: skip


def _called(party: Party) -> str:
    return party.entity or _("Customer")


def _differs(e: DayClosed, what: str, entries: int, closing: int) -> Differs:
    return Differs(z=e.z, what=what, entries=format_euros(entries), closing=format_euros(closing))


# The kinds worth reading: everything else in a journal is passed over unread.
MONEY = EventTypes(Ledger.TELLERS)


def tell(ledger: Ledger, entries: Iterable[Envelope]) -> None:
    """Have a ledger hear stored entries, in order."""
    for entry in entries:
        event = MONEY.decode(entry.kind, entry.kv, entry.data)
        if event is not None:
            ledger.hear(entry, event)
