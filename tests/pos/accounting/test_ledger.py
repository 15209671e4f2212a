"""Entries of a day, to the cent; what does not add up is refused."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.accounting import files
from pos.accounting.entries import Differs, Entry, Line, Unbalanced
from pos.accounting.ledger import Ledger, tell
from pos.accounting.plan import Account, BadAccount, Plan
from pos.events import Event
from pos.till.correction_events import PaymentCorrected
from pos.till.events import (
    CashCounted,
    CashMoved,
    CommissionKept,
    DayClosed,
    DayOpened,
    SaleCompleted,
    SaleRefunded,
    ThirdPartyMoved,
    ThirdPartySettled,
)  # fmt: skip
from tests.pos.accounting.worked_day import DAY, beers, invoice_of, line, pay, sale, stored, worked_day, z_of

Row = tuple[str, str, int, int]


def ledger_of(events: list[Event], **options: object) -> Ledger:
    """A ledger that heard these events; the drawer held 150,00 before."""
    ledger = Ledger(options.pop("plan", Plan()), **options)  # type: ignore[arg-type]
    ledger.held = 15000
    tell(ledger, stored(events))
    return ledger


def rows(entry: Entry) -> set[Row]:
    """An entry's lines as account, auxiliary, debit, credit."""
    return {(one.account, one.aux, one.debit, one.credit) for one in entry.lines}


def test_the_worked_day_gives_the_entries_of_the_reference() -> None:
    """Example 16.4, to the cent: the Z, the bank deposit, the difference, the mairie's invoice (R118–R121)."""
    entries = ledger_of(worked_day(), number=217).entries
    assert [(e.number, e.ref, e.date, e.valid) for e in entries] == [
        (217, "Z-000217", DAY, DAY), (218, "Z-000217", DAY, DAY), (219, "Z-000217", DAY, DAY),
        (220, "F-2026-0031", DAY, DAY),
    ]  # fmt: skip
    assert rows(entries[0]) == {
        ("511500", "", 6457, 0), ("511800", "", 2310, 0), ("530000", "", 170, 0), ("419700", "", 2000, 0),
        ("706100", "", 0, 1141), ("706110", "", 0, 2927), ("706300", "", 0, 1000), ("707100", "", 0, 114),
        ("707200", "", 0, 2374), ("445711", "", 0, 429), ("445712", "", 0, 293), ("445713", "", 0, 137),
        ("467000", "PRESSE", 0, 140), ("467000", "LAPOSTE", 0, 152), ("467000", "DONS", 0, 30),
        ("419600", "", 0, 200), ("419700", "", 0, 2000),
    }  # fmt: skip
    assert sum(one.debit for one in entries[0].lines) == sum(one.credit for one in entries[0].lines) == 10937
    assert rows(entries[1]) == {("580000", "", 10000, 0), ("530000", "", 0, 10000)}
    assert rows(entries[2]) == {("658000", "", 50, 0), ("530000", "", 0, 50)}
    assert rows(entries[3]) == {("411000", "MAIRIE", 4750, 0), ("707300", "", 0, 4318), ("445712", "", 0, 432)}


def test_the_file_has_the_eighteen_fields_of_the_fec() -> None:
    """The rules of the administration's own checker: names, counts, dates, sides, order (R118, R122)."""
    text = files.fec(ledger_of(worked_day(), number=217).entries).decode("utf-8")
    lines = text.split("\r\n")
    assert lines.pop() == ""
    header = lines[0].split("\t")
    assert header == list(files.FEC_FIELDS) and len(header) == 18
    sums: dict[str, int] = {}
    for record in (one.split("\t") for one in lines[1:]):
        assert len(record) == 18
        assert record[0] == "CA" and record[1]
        assert all(re.fullmatch(r"(19|20)\d{6}", record[i]) for i in (3, 9, 15))
        assert re.fullmatch(r"\d{3}\w{0,5}", record[4])
        assert all(re.fullmatch(r"\d+,\d\d", record[i]) for i in (11, 12))
        debit, credit = (int(record[i].replace(",", "")) for i in (11, 12))
        assert not (debit and credit)
        assert record[13:15] == ["", ""] and record[16:] == ["", ""]
        assert "|" not in "".join(record)
        sums[record[2]] = sums.get(record[2], 0) + debit - credit
    assert set(sums.values()) == {0}
    assert list(sums) == ["217", "218", "219", "220"]
    assert (
        files.name("123456789", "2026-11-01", "2026-11-30", "txt") == "123456789_ecritures_caisse_20261101_20261130.txt"
    )


def test_the_accountants_csv_opens_in_a_french_spreadsheet() -> None:
    """`;`, a BOM, decimal commas, and no cell that starts a formula."""
    plan = Plan([Account("owner.presse", "467100", "=Presse", "PRESSE", "", "2026-01-01")])
    text = files.accountant_csv(ledger_of(worked_day(), plan=plan).entries).decode("utf-8-sig")
    assert ";467100;'=Presse;PRESSE;" in text
    assert ";706100;Bar 20 %;;;Z-000217;" in text and ";11,41;" in text


def test_the_same_range_makes_the_same_bytes() -> None:
    """An exported range is never exported again with other content (R124)."""
    assert files.fec(ledger_of(worked_day()).entries) == files.fec(ledger_of(worked_day()).entries)


def test_an_account_changes_from_its_day_on() -> None:
    """The café's own number wins from its date; the day before keeps the default (R121)."""
    later = Plan([Account("means.card", "512200", "Banque CB", "", "", "2026-11-21")])
    now = Plan([Account("means.card", "512200", "Banque CB", "", "", "2026-11-20")])
    assert ("511500", "", 6457, 0) in rows(ledger_of(worked_day(), plan=later).entries[0])
    assert ("512200", "", 6457, 0) in rows(ledger_of(worked_day(), plan=now).entries[0])


def test_a_wrong_mapping_names_the_account_and_writes_nothing() -> None:
    """A café's row that is no account stops the export, and says which use it is for (R119)."""
    with pytest.raises(BadAccount) as told:
        ledger_of(worked_day(), plan=Plan([Account("vat.1000", "TVA10", "TVA", "", "", "2026-01-01")]))
    assert told.value.params == {"account": "TVA10", "use": "vat.1000"}


def test_an_unbalanced_entry_is_never_written() -> None:
    """The file is refused; the account and the difference are named (R119)."""
    broken = Entry(
        9, DAY, "Z-000009", "x", DAY, (Line("530000", "Caisse", debit=1000), Line("707000", "V", credit=999))
    )
    for write in (files.fec, files.accountant_csv):
        with pytest.raises(Unbalanced) as told:
            write([broken])
        assert told.value.params["account"] == "530000 Caisse"
        assert "0,01" in str(told.value.params["difference"])


@pytest.mark.parametrize("what", ["turnover", "expected", "vat"])
def test_a_closing_that_says_otherwise_stops_the_export(what: str) -> None:
    """Entries are told from the sales and compared with the Z: turnover, VAT and drawer (R78, R120)."""
    told = worked_day()
    z = told[-1]
    assert isinstance(z, DayClosed)
    wrong = (
        [msgspec.structs.replace(z.vat[0], net=z.vat[0].net + 1), *z.vat[1:]] if what == "vat" else getattr(z, what) + 1
    )
    with pytest.raises(Differs):
        ledger_of([*told[:-1], msgspec.structs.replace(z, **{what: wrong})])


def test_a_franchise_café_has_no_vat_line() -> None:
    """Sales are credited TTC and nothing goes to 4457 (R123)."""
    sold = sale(1, [beers()], pay("cash", 700))
    lines = [msgspec.structs.replace(one, net=one.gross, vat=0, vat_code="FR_293B") for one in sold.lines]
    sold = msgspec.structs.replace(sold, lines=lines, vat=[], regime="franchise")
    entries = ledger_of([DayOpened(day=DAY, float_cents=15000), sold, z_of([sold], expected=15700)]).entries
    assert rows(entries[0]) == {("530000", "", 700, 0), ("706120", "", 0, 700)}


def test_a_difference_counted_later_leaves_the_closing_alone() -> None:
    """Closed uncounted, counted the next day: an entry of its own, on the Z's document (R40)."""
    opened, z = DayOpened(day=DAY, float_cents=15000), z_of([], z=3, expected=15000)
    ledger = ledger_of([opened, z])
    tell(ledger, stored([CashCounted(day=DAY, expected=15000, counted=15100, difference=100)], "2026-11-21T09:00:00"))
    (entry,) = ledger.entries
    assert (entry.date, entry.ref) == ("2026-11-21", "Z-000003")
    assert rows(entry) == {("530000", "", 100, 0), ("758000", "", 0, 100)}


def test_a_paid_invoice_goes_through_the_customers_account() -> None:
    """Ticket then invoice: turnover once, on the invoice's entry; the Z pays the customer's account back (R69)."""
    sold = sale(1, [beers(), line("Journal", 140, "service", "presse", role="press", owner="presse")], pay("card", 840))
    events = [DayOpened(day=DAY, float_cents=15000), sold, invoice_of(sold), z_of([sold], expected=15000)]
    z, invoice = ledger_of(events).entries
    assert rows(z) == {("511500", "", 840, 0), ("411000", "21000000100012", 0, 700), ("467000", "PRESSE", 0, 140)}
    assert rows(invoice) == {("411000", "21000000100012", 700, 0), ("706100", "", 0, 583), ("445711", "", 0, 117)}


def test_a_day_cut_by_a_repair_keeps_its_takings() -> None:
    """No closing came: its sales stand in an entry of their own, and the days after agree with theirs (R6)."""
    before, after = sale(1, [beers()], pay("card", 700)), sale(2, [beers()], pay("card", 700))
    opened = DayOpened(day=DAY, float_cents=15000)
    entries = ledger_of([opened, before, opened, after, z_of([after], z=2, expected=15000)]).entries
    assert [entry.ref for entry in entries] == [f"{DAY}, sans clôture", "Z-000002"]
    assert (
        rows(entries[0]) == rows(entries[1]) == {("511500", "", 700, 0), ("706100", "", 0, 583), ("445711", "", 0, 117)}
    )


def test_a_corrected_means_moves_from_one_account_to_the_other() -> None:
    """Typed in cash, paid by card: an entry of its own; the drawer's account follows (R25)."""
    sold = sale(1, [beers()], pay("cash", 700))
    wrong = PaymentCorrected(no=1, original_seq=2, was="cash", now="card", amount=700, reason="mistyped", day=DAY)
    entries = ledger_of([DayOpened(day=DAY, float_cents=15000), sold, wrong, z_of([sold], expected=15000)]).entries
    assert rows(entries[1]) == {("530000", "", 0, 700), ("511500", "", 700, 0)}


MEANS = ("cash", "card", "cheque", "meal_voucher", "unheard_of")
OWNERS = ("presse", "laposte", "baker:durand", "gift", "prepaid", "funder:mairie", "client:21000000100012")
goods = st.sampled_from([("alcohol", "biere_vin"), ("hot_drink", "chaud"), ("bread", "pain"), ("sweets", "epicerie"),
                         ("service", "bikes"), ("book", "divers"), ("press_resold", "divers")])  # fmt: skip


@st.composite
def random_days(draw: st.DrawFn) -> list[Event]:
    """Opening, sales of anything paid by anything, movements of cash and of others' money, a count, the Z."""
    told: list[Event] = []
    sales: list[SaleCompleted | SaleRefunded] = []
    held = 15000
    for no in range(1, draw(st.integers(0, 6)) + 1):
        lines = [line("x", draw(st.integers(0, 9000)), *draw(goods), quantity=draw(st.sampled_from([1000, 3000, 250])))
                 for _ in range(draw(st.integers(1, 4)))]  # fmt: skip
        if draw(st.booleans()):
            lines.append(
                line("y", draw(st.integers(1, 900)), "service", "z", role="press", owner=draw(st.sampled_from(OWNERS)))
            )
        total = sum(one.gross for one in lines)
        first = draw(st.integers(0, total))
        means, owner = draw(st.sampled_from(MEANS)), draw(st.sampled_from(OWNERS))
        back = draw(st.sampled_from([0, 2000]))
        sold = sale(no, lines, pay(means, first), pay("account", total - first, owner), cashback=back)
        held += (first if means == "cash" else 0) - back
        told.append(sold)
        sales.append(sold)
        if draw(st.booleans()):
            told.append(invoice_of(sold))
    for amount in draw(st.lists(st.integers(-4000, 4000).filter(bool), max_size=3)):
        kind = draw(st.integers(0, 3))
        owner, means = draw(st.sampled_from(OWNERS)), draw(st.sampled_from(MEANS))
        if kind == 0:
            told.append(
                CashMoved(amount=amount, reason=draw(st.sampled_from(["purchase", "other", "safe_drop"])), day=DAY)
            )
            held += amount
        elif kind == 1:
            told.append(ThirdPartyMoved(owner=owner, amount=amount, means=means, reason="r", day=DAY))
            held += amount if means == "cash" else 0
        elif kind == 2:
            told.append(ThirdPartySettled(owner=owner, amount=abs(amount), means=means, day=DAY))
            held -= abs(amount) if means == "cash" else 0
        else:
            told.append(CommissionKept(owner=owner, amount=abs(amount), day=DAY))
    gap = draw(st.sampled_from([0, -50, 100]))
    told.append(CashCounted(day=DAY, expected=held, counted=held + gap, difference=gap))
    return [DayOpened(day=DAY, float_cents=15000), *told, z_of(sales, expected=held)]


@given(random_days())
def test_entries_balance_whatever_happens(events: list[Event]) -> None:
    """Any day: every entry balances to the cent, numbers follow on, the drawer's account is the drawer (R119)."""
    ledger = ledger_of(events)
    assert [entry.number for entry in ledger.entries] == list(range(1, len(ledger.entries) + 1))
    assert all(entry.difference == 0 for entry in ledger.entries)
    files.fec(ledger.entries)
    cash = sum(one.debit - one.credit for e in ledger.entries for one in e.lines if one.account == "530000")
    assert 15000 + cash == ledger.held
