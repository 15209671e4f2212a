"""What is declared of sales to consumers: by day, category and rate; the file a platform takes."""

from xml.etree import ElementTree as ET

import msgspec

from pos.accounting import ereport, rules
from pos.accounting.ereport import Paid, Report, Taxed
from pos.accounting.rules import Rules
from pos.till.invoices.events import Party
from tests.pos.accounting.worked_day import DAY, invoice_of, line, pay, sale, stored, worked_day


def declared(events: list[object], given: Rules | None = None, at: str = f"{DAY}T18:42:00") -> Report:
    """The declaration of November."""
    return ereport.report(stored(events, at), "2026-11-01", "2026-11-30", given or Rules())  # type: ignore[arg-type]


def test_the_worked_day_gives_the_figures_of_the_reference() -> None:
    """Example 16.6, flux 10.3 and 10.4: others' money, cash-back and the mairie's invoice are out (R126–R129)."""
    told = declared(worked_day())
    assert told.sales == (
        Taxed(DAY, "TLB1", 550, 2488, 137, 2), Taxed(DAY, "TPS1", 2000, 2141, 429, 5), Taxed(DAY, "TPS1", 1000, 2927, 293, 2),
    )  # fmt: skip
    assert told.payments == (Paid(DAY, 2000, 2570), Paid(DAY, 1000, 3220))


def test_a_persons_invoice_stays_in_the_declaration() -> None:
    """Only what goes through a platform as an invoice is left out: a private customer is not (R129)."""
    sold = sale(1, [line("Café", 160, "hot_drink", "chaud")], pay("cash", 160))
    person = msgspec.structs.replace(invoice_of(sold), party=Party(sort="person"))
    assert [one.net + one.vat for one in declared([sold, person]).sales] == [160]
    assert declared([sold, invoice_of(sold)]).sales == ()


def test_with_the_option_for_debits_no_payment_is_declared() -> None:
    """Flux 10.4 is for services taxed when they are paid (R127)."""
    assert declared(worked_day(), Rules(debits=True)).payments == ()


def test_a_mixed_ticket_is_split_by_nature() -> None:
    """A coffee on site is a service, a jam from the shelf is goods (R131)."""
    told = declared(
        [
            sale(
                1,
                [line("Café", 160, "hot_drink", "chaud"), line("Confiture", 435, "grocery", "epicerie")],
                pay("cash", 595),
            )
        ]
    )
    assert [(one.category, one.bp, one.net + one.vat) for one in told.sales] == [
        ("TLB1", 550, 435),
        ("TPS1", 1000, 160),
    ]


def test_a_sale_after_midnight_goes_to_the_day_that_the_setting_says() -> None:
    """Both days are known; the parameter decides which one is sent (R130)."""
    night = [sale(1, [line("Café", 160, "hot_drink", "chaud")], pay("cash", 160))]
    at = "2026-11-21T01:30:00"
    assert [one.day for one in declared(night, Rules(civil_day=True), at).sales] == ["2026-11-21"]
    assert [one.day for one in declared(night, Rules(civil_day=False), at).sales] == [DAY]


def test_the_file_says_who_when_and_each_line() -> None:
    """SIREN under scheme 0002, the period, one block per day and category, rates inside (R126)."""
    told = declared(worked_day())
    made = ereport.xml(told, siren="123456789", name="SAS Exemple", number="Z-2026-11", made_at=1795154520000)
    root = ET.fromstring(made)  # noqa: S314  (our own)
    issuer = root.find("ReportDocument/Issuer/Id")
    assert issuer is not None and (issuer.get("schemeId"), issuer.text) == ("0002", "123456789")
    assert root.findtext("TransactionsReport/ReportPeriod/StartDate") == "20261101"
    blocks = root.findall("TransactionsReport/Transactions")
    assert [(b.findtext("Date"), b.findtext("CategoryCode"), b.findtext("TaxExclusiveAmount"), b.findtext("TaxTotal")) for b in blocks] == [
        ("20261120", "TLB1", "24.88", "1.37"), ("20261120", "TPS1", "50.68", "7.22"),
    ]  # fmt: skip
    assert [s.findtext("TaxPercent") for s in blocks[1].findall("TaxSubtotal")] == ["20.00", "10.00"]
    assert [s.findtext("Amount") for s in root.findall("PaymentsReport/Transactions/Payment/SubTotals")] == [
        "25.70",
        "32.20",
    ]


def test_each_regime_has_its_calendar() -> None:
    """By ten days, by month, by two months; a regime changed within the year takes over from its day (R128)."""
    assert len(ereport.periods(2027, rules.MONTHLY)) == 36
    assert ereport.periods(2027, rules.MONTHLY)[3:6] == [
        ("2027-02-01", "2027-02-10"), ("2027-02-11", "2027-02-20"), ("2027-02-21", "2027-02-28"),
    ]  # fmt: skip
    assert ereport.periods(2028, rules.QUARTERLY)[1] == ("2028-02-01", "2028-02-29")
    assert ereport.periods(2027, rules.FRANCHISE)[5] == ("2027-11-01", "2027-12-31")
    changed = [Rules("2027-01-01", rules.FRANCHISE), Rules("2027-07-01", rules.QUARTERLY)]
    assert rules.in_force(changed, "2027-06-30").cadence == rules.FRANCHISE
    assert rules.in_force(changed, "2027-07-01").cadence == rules.QUARTERLY
