"""The tables of an archive as CSV (`;`, UTF-8 with BOM, decimal comma), written as entries go by.

Files and columns are described in `colonnes.json`, from which the notice is made too. Rows are told
from the entries alone.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from pos.clock import local
from pos.i18n import _

Row = list[Any]
Told = Iterator[tuple[str, Row]]
LAYOUT: dict[str, tuple[str, list[tuple[str, str]]]] = msgspec.json.decode(
    Path(__file__).with_name("colonnes.json").read_bytes()
)
FOLDER = "tableaux"
# A spreadsheet takes a cell beginning with one of these for a formula (full-width forms too).
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


class Number(int):
    """An integer with a decimal comma before its last `digits`: cents as euros, thousandths as kilos."""

    digits = 2

    def __str__(self) -> str:
        sign, n = ("-", -int(self)) if self < 0 else ("", int(self))
        whole, part = divmod(n, 10**self.digits)
        return f"{sign}{whole},{part:0{self.digits}d}"

    __repr__ = __str__


class Thousandths(Number):
    """A quantity."""

    digits = 3


def safe(text: str) -> str:
    """Return `text` as a spreadsheet will show it: never as a formula."""
    text = text.replace("\x00", "")
    return f"'{text}" if text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA else text


class Sheets:
    """The open CSV files of an archive."""

    def __init__(self, folder: Path) -> None:
        self._files: list[IO[str]] = []
        self._writers = {}
        (folder / FOLDER).mkdir()
        for name, (_what, columns) in LAYOUT.items():
            file = (folder / FOLDER / name).open("w", encoding="utf-8-sig", newline="")
            writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
            writer.writerow([title for title, _meaning in columns])
            self._files.append(file)
            self._writers[name] = writer

    def tell(self, jid: str, body: bytes, digest: bytes) -> None:
        """Write the rows of one entry."""
        entry = msgspec.json.decode(body)
        for name, row in rows_of(jid, entry, digest):
            self._writers[name].writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])

    def close(self) -> None:
        """Close the files."""
        for file in self._files:
            file.close()


def rows_of(jid: str, entry: dict[str, Any], digest: bytes) -> Told:
    """Yield the rows of one entry: (file, cells)."""
    tell = _TOLD.get(entry["kind"])
    if tell is not None:
        yield from tell(jid, entry, entry["data"], digest)
    else:
        data = msgspec.json.encode(entry["data"]).decode()
        yield "evenements.csv", [
            jid, entry["seq"], stamp(entry["t"]), entry["tq"], entry["kind"], entry["op"], data, in_words(entry["kind"]),
        ]  # fmt: skip


def stamp(at_ms: int) -> str:
    """Return the Paris date and time, as a spreadsheet sorts it."""
    return local(at_ms).strftime("%Y-%m-%d %H:%M:%S") if at_ms else ""


def in_words(kind: str) -> str:
    """Return a kind of entry in French."""
    # Archives are rare, and this module is loaded with the till.
    from pos.kind_words import said

    return said(kind)


def euros(cents: int) -> Number:
    """Return cents as a cell in euros."""
    return Number(cents)


def percent(bp: int) -> Number:
    """Return basis points as a cell in per cent."""
    return Number(bp)


def _ticket(jid: str, entry: dict[str, Any], data: dict[str, Any], _digest: bytes) -> Told:
    no, day, vat, off = data["no"], data["day"], data.get("vat", []), data.get("off", [])
    net = sum(part["net"] for part in vat)
    yield "tickets.csv", [
        jid, entry["seq"], no, _("refund slip") if "original" in data else _("sale"), data.get("original", ""), day,
        stamp(entry["t"]), entry["op"], euros(data["total"]), euros(data["turnover"]), euros(net),
        euros(sum(part["gross"] for part in vat) - net), euros(sum(part["amount"] for part in off)),
        euros(data.get("cashback", 0)), data["regime"], data.get("reason", ""), stamp(data.get("happened_at", 0)),
        data.get("siret", ""), data["sw"], data.get("tab", ""),
    ]  # fmt: skip
    for i, line in enumerate(data["lines"], 1):
        yield "lignes.csv", _line(no, i, line)
    for part in vat:
        tax = part["gross"] - part["net"]
        yield "tva.csv", [no, day, percent(part["bp"]), euros(part["gross"]), euros(part["net"]), euros(tax)]
    for paid in data["payments"]:
        yield "paiements.csv", [
            no, day, paid["means"], euros(paid["amount"]), euros(paid.get("given", 0)), euros(paid.get("change", 0)),
            paid.get("ref", ""), _("yes") if paid.get("before") else _("no"), paid.get("owner", ""),
        ]  # fmt: skip
    for one in off:
        yield "tiers.csv", [
            entry["seq"], day, no, one["owner"], _("received"), one["code"], euros(one["amount"]), "", "",
        ]  # fmt: skip


def _line(no: int, rank: int, line: dict[str, Any]) -> Row:
    code = line.get("vat_code", "")
    return [
        no, rank, line["product"], line["label"], Thousandths(line["quantity"]), euros(line["unit_price"]),
        euros(line["gross"]), euros(line["net"]), euros(line["gross"] - line["net"]),
        "" if code else percent(line.get("vat", 0)), code, _("taken away") if line.get("takeaway") else _("on the spot"),
        line.get("nature", "goods"), line.get("family", ""), euros(line.get("discount", 0)), line.get("owner", ""),
        line.get("service", ""), line.get("ref", ""), line.get("offered", ""), euros(line.get("normal_price", 0)),
    ]  # fmt: skip


def _day_closed(jid: str, entry: dict[str, Any], data: dict[str, Any], digest: bytes) -> Told:
    counted = data.get("counted", -1)
    yield "clotures.csv", [
        jid, entry["seq"], _("day"), data["z"], data["day"], stamp(data["opened_at"]), stamp(data["closed_at"]),
        _("yes") if data["auto"] else _("no"), data["first_no"], data["last_no"], data["tickets"], data["refunds"],
        data["voids"], data["duplicates"], data["drawer_openings"], euros(data["turnover"]), euros(data["float_cents"]),
        euros(data["expected"]), "" if counted < 0 else euros(counted), euros(data.get("difference", 0)),
        euros(data.get("month_to_date", 0)), euros(data.get("year_to_date", 0)), euros(data["perpetual"]),
        euros(data["perpetual_absolute"]), data["head"], data.get("acked", ""), digest.hex(),
    ]  # fmt: skip
    yield from _details(_("day"), data["day"], data)


def _period_closed(jid: str, entry: dict[str, Any], data: dict[str, Any], digest: bytes) -> Told:
    what = _("month") if entry["kind"] == "till.month_closed" else _("year")
    yield "clotures.csv", [
        jid, entry["seq"], what, data["number"], data["period"], data["first_day"], stamp(data["closed_at"]),
        _("yes") if data["auto"] else _("no"), data["first_no"], data["last_no"], data["tickets"], data["refunds"],
        data["voids"], data["duplicates"], data["drawer_openings"], euros(data["turnover"]), "", "", "",
        euros(data["difference"]), "", euros(data["year_to_date"]), euros(data["perpetual"]),
        euros(data["perpetual_absolute"]), data["head"], data.get("acked", ""), digest.hex(),
    ]  # fmt: skip
    yield from _details(what, data["period"], data)


def _details(what: str, period: str, data: dict[str, Any]) -> Told:
    name = "clotures_detail.csv"
    for part in data.get("vat", []):
        yield name, [what, period, "vat", str(part["bp"]), euros(part["gross"]), euros(part["net"]), "", ""]
    for field in ("means", "families", "modes", "operators"):
        for one in data.get(field, []):
            yield name, [what, period, field, one["key"], euros(one["amount"]), "", "", one["n"]]
    for one in data.get("third_parties", []):
        cells = [euros(one["taken"]), euros(one["settled"]), euros(one["balance"])]
        yield name, [what, period, "third_parties", one["owner"], *cells, ""]
    for one in data.get("off", []):
        yield name, [what, period, "off", f"{one['code']}:{one['owner']}", euros(one["amount"]), "", "", ""]
    for one in data.get("uses", []):
        yield name, [what, period, "uses", one["service"], "", "", "", one["n"]]


def _cash(jid: str, entry: dict[str, Any], data: dict[str, Any], _digest: bytes) -> Told:
    amount = data.get("amount", data.get("float_cents", data.get("difference", 0)))
    counted = "counted" in data
    yield "caisse.csv", [
        entry["seq"], stamp(entry["t"]), data["day"], entry["op"], entry["kind"], euros(amount),
        euros(data["expected"]) if counted else "", euros(data["counted"]) if counted else "", data.get("reason", ""),
        in_words(entry["kind"]),
    ]  # fmt: skip


def _third_party(jid: str, entry: dict[str, Any], data: dict[str, Any], _digest: bytes) -> Told:
    names = {"till.third_party_settled": _("handed over"), "till.third_party_moved": _("moved")}
    what = names.get(entry["kind"], _("commission"))
    yield "tiers.csv", [
        entry["seq"], data["day"], "", data["owner"], what, data.get("reason", ""), euros(data["amount"]),
        data.get("means", ""), data.get("ref", ""),
    ]  # fmt: skip


def _printed(jid: str, entry: dict[str, Any], data: dict[str, Any], _digest: bytes) -> Told:
    row = [entry["seq"], stamp(entry["t"]), data["day"], entry["op"], data["no"], data["copy"]]
    yield "duplicatas.csv", row


def _voided(jid: str, entry: dict[str, Any], data: dict[str, Any], _digest: bytes) -> Told:
    amount = data.get("gross", data.get("total", 0))
    quantity = Thousandths(data["quantity"]) if "quantity" in data else ""
    yield "annulations.csv", [
        entry["seq"], stamp(entry["t"]), data["day"], entry["op"], entry["kind"], data["tab"], data.get("label", ""),
        quantity, euros(amount), data.get("reason", ""), in_words(entry["kind"]),
    ]  # fmt: skip


_TOLD: dict[str, Callable[[str, dict[str, Any], dict[str, Any], bytes], Told]] = {
    "till.sale_completed": _ticket, "till.sale_refunded": _ticket, "till.day_closed": _day_closed,
    "till.month_closed": _period_closed, "till.year_closed": _period_closed,
    "till.cash_moved": _cash, "till.cash_counted": _cash, "till.drawer_opened": _cash, "till.day_opened": _cash,
    "till.third_party_settled": _third_party, "till.third_party_moved": _third_party,
    "till.commission_kept": _third_party, "till.receipt_printed": _printed, "till.line_voided": _voided,
    "till.tab_voided": _voided, "till.bill_printed": _voided,
}  # fmt: skip
