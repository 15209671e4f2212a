"""The network's negotiated prices and ceilings: by barcode or product code, each from a day on; typed, or from a CSV."""

import csv
import io
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import RowMapping

from hq import channels, revisions
from hq.access import NotAllowed, User
from hq.acts import note_act
from hq.communes import plain
from hq.db import Upsert
from hq.network_tables import network_price
from hq.register import BadSheet, check_day
from pos import barcodes
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.money import NotAnAmount, parse_euros
from pos.till import network_lists
from sync.manifest import BLOB_MAX

PRICE_MOST = 1_000_000
HEADERS = {
    "ref": N_("reference"), "label": N_("product"), "price": N_("network price"), "ceiling": N_("ceiling"),
    "first": N_("from this day on"),
}  # fmt: skip
_KEEP = Upsert(network_price, replace=("label", "price", "ceiling", "by", "at"))
# Signs that a spreadsheet takes for a formula, and the apostrophe that hides them.
_HIDDEN = tuple("=+-@")


class BadPrice(Refusal):
    """A network price cannot be written as it is."""

    sentence = N_("This price cannot be saved: %(why)s.")
    remedy = N_("Correct it and save again.")

    def what(self) -> str:
        """Return what is wrong, the reason in French too."""
        return _(self.sentence, why=self.why())

    def why(self) -> str:
        """Return the reason alone, for a line of a file."""
        return _(str(self.params["why"]))


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A price as typed: euros as text, empty where there is none."""

    ref: str
    label: str = ""
    price: str = ""
    ceiling: str = ""
    first: str


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one line of a file."""

    row: int
    text: str


def set_price(conn: Connection, user: User, typed: Typed, *, now_ms: int) -> str:
    """Put a price or a ceiling in force from a day on; return its reference. Raises BadPrice, NotAllowed."""
    _may_write(user)
    row = _row(typed, ending=False)
    _keep(conn, user, [row], now_ms)
    note_act(conn, now_ms, user.username, "price.set", **_noted(row))
    return str(row["ref"])


def end_price(conn: Connection, user: User, ref: str, first: str, *, now_ms: int) -> None:
    """Say that from a day on the network has no price of a reference any more."""
    _may_write(user)
    row = _row(Typed(ref=ref, first=first), ending=True)
    row["label"] = (
        conn.execute(select(func.max(network_price.c.label)).where(network_price.c.ref == row["ref"])).scalar() or ""
    )
    _keep(conn, user, [row], now_ms)
    note_act(conn, now_ms, user.username, "price.ended", ref=row["ref"], first=first)


def import_csv(conn: Connection, user: User, text: str, *, now_ms: int, name: str = "") -> tuple[int, list[RowFault]]:
    """Take a whole file of prices, or nothing and what is wrong, line by line; return (prices, faults)."""
    _may_write(user)
    rows, faults = _read(text)
    if faults:
        return 0, faults
    _keep(conn, user, rows, now_ms)
    note_act(conn, now_ms, user.username, "price.imported", prices=len(rows), name=name[:60])
    return len(rows), []


def _may_write(user: User) -> None:
    if not user.national:
        raise NotAllowed


def _keep(conn: Connection, user: User, rows: list[dict[str, object]], now_ms: int) -> None:
    if not rows:
        raise BadPrice(why=N_("the file has no line"))
    _KEEP.run(conn, [{**row, "by": user.username, "at": now_ms} for row in rows])
    if len(network_lists.write(channels.priced(conn, business_day(now_ms)))) > BLOB_MAX:
        raise BadPrice(why=N_("the list is longer than a till takes: some 2,000 prices"))
    revisions.changed(conn)


def _noted(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in ("ref", "label", "price", "ceiling")} | {"first": row["first_day"]}


def _row(typed: Typed, *, ending: bool) -> dict[str, object]:
    ref = typed.ref.strip()
    ref = barcodes.read(ref).listed or ref
    if not 0 < len(ref) <= 60:
        raise BadPrice(why=N_("the barcode or product code is missing"))
    if ref.isdecimal() and len(ref) in (8, 12, 13, 14) and not barcodes.read(ref).listed:
        raise BadPrice(why=N_("the barcode is misread: its last digit does not fit"))
    price, ceiling = _cents(typed.price), _cents(typed.ceiling)
    if price is None and ceiling is None and not ending:
        raise BadPrice(why=N_("neither price nor ceiling"))
    if price is not None and ceiling is not None and price > ceiling:
        raise BadPrice(why=N_("the price is above its own ceiling"))
    try:
        first = check_day(typed.first.strip())
    except BadSheet:
        raise BadPrice(why=N_("a date is written like 2026-11-20")) from None
    return {"ref": ref, "label": typed.label.strip()[:60], "price": price, "ceiling": ceiling, "first_day": first}


def _cents(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        cents = parse_euros(text)
    except NotAnAmount:
        raise BadPrice(why=N_("an amount is written like 1,80")) from None
    if not 0 <= cents <= PRICE_MOST:
        raise BadPrice(why=N_("an amount is written like 1,80"))
    return cents


def _read(text: str) -> tuple[list[dict[str, object]], list[RowFault]]:
    """Return rows and faults of a CSV with `;` or `,`; headers in French or as codes."""
    text = text.lstrip("\ufeff")
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") >= first.count(",") else ",")
    names = {plain(_(said)): code for code, said in HEADERS.items()} | {code: code for code in HEADERS}
    rows: list[dict[str, object]] = []
    faults: list[RowFault] = []
    seen: dict[tuple[object, object], int] = {}
    try:
        columns = [names.get(plain(cell.strip()), "") for cell in next(reader, [])]
        missing = [_(HEADERS[code]) for code in ("ref", "first") if code not in columns]
        if missing:
            return [], [RowFault(1, _("Missing columns: %(names)s", names=", ".join(missing)))]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _take(dict(zip(columns, map(_plain, cells), strict=False)), reader.line_num, rows, faults, seen)
    except csv.Error as problem:
        faults.append(RowFault(reader.line_num, str(problem)))
    return rows, faults


def _take(
    cell: dict[str, str], place: int, rows: list[dict[str, object]], faults: list[RowFault],
    seen: dict[tuple[object, object], int],
) -> None:  # fmt: skip
    try:
        row = _row(
            Typed(ref=cell["ref"], label=cell.get("label", ""), price=cell.get("price", ""),
                  ceiling=cell.get("ceiling", ""), first=day_of(cell.get("first", ""))),
            ending=False,
        )  # fmt: skip
    except BadPrice as refusal:
        faults.append(RowFault(place, refusal.why()))
        return
    except KeyError:
        faults.append(RowFault(place, _("the barcode or product code is missing")))
        return
    key = (row["ref"], row["first_day"])
    if key in seen:
        faults.append(RowFault(place, _("the same reference and day as line %(row)s", row=seen[key])))
        return
    seen[key] = place
    rows.append(row)


def text_of(data: bytes) -> str:
    """Return the text of a file: UTF-8, or else Windows-1252, what a French spreadsheet writes. Raises BadPrice."""
    for encoding in ("utf-8-sig", "windows-1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip() and "\0" not in text:
            return text
        break
    raise BadPrice(why=N_("the file is no text: save it as CSV"))


def day_of(text: str) -> str:
    """Return `2026-11-20` for `20/11/2026`; other texts as they are."""
    parts = text.strip().split("/")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        return f"{parts[2]}-{parts[1]:0>2}-{parts[0]:0>2}"
    return text.strip()


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _HIDDEN else cell


def listed(conn: Connection, today: str, text: str = "") -> list[RowMapping]:
    """Return the prices in force and to come, by label; what was replaced is left out."""
    rows = conn.execute(select(network_price).order_by(network_price.c.ref, network_price.c.first_day)).mappings().all()
    shown = []
    for row, after in zip(rows, [*rows[1:], None], strict=False):
        replaced = after is not None and after["ref"] == row["ref"] and after["first_day"] <= today
        gone = row["price"] is None and row["ceiling"] is None and row["first_day"] <= today
        if not replaced and not gone and plain(text) in plain(f"{row['label']} {row['ref']}"):
            shown.append(row)
    return sorted(shown, key=lambda row: (plain(row["label"]), row["ref"], row["first_day"]))
