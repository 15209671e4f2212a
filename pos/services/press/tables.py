"""Titles, issues on the shelf, bundles, and the games' days; told from their facts and from tickets.

A ticket does not say which issue was sold: the newest with copies left is, and when copies come back
the newest that sold some. Copies sold before their delivery was entered wait in `press_early`.
"""

import sqlite3

from pos.engines.consignment_events import GoodsLost, StatementClosed
from pos.journal import Envelope
from pos.projections import Projection
from pos.services.press import events as ev
from pos.till.events import SaleCompleted, SaleLine, SaleRefunded

Conn = sqlite3.Connection
OWNER, PRESS = "presse", "press"
FDJ, PMU, TOBACCO = "fdj", "pmu", "tabac"
GAMES = (FDJ, PMU)
# Reason of a loss told by the recall itself, issue by issue.
AT_RECALL = "missing"

SCHEMA = """
CREATE TABLE press_terms (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, claim_days INTEGER NOT NULL, in_use INTEGER NOT NULL,
  PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE press_title (
  product TEXT PRIMARY KEY, periodicity TEXT NOT NULL, recall_days INTEGER NOT NULL, title_key TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX press_title_by_key ON press_title (title_key) WHERE title_key <> '';
CREATE TABLE press_delivery (
  delivery TEXT PRIMARY KEY, slip TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, claimed_on TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX press_delivery_by_slip ON press_delivery (slip);
CREATE TABLE press_issue (
  product TEXT NOT NULL, delivery TEXT NOT NULL, seq INTEGER NOT NULL, label TEXT NOT NULL, issue TEXT NOT NULL,
  day TEXT NOT NULL, recall_on TEXT NOT NULL, price INTEGER NOT NULL, announced INTEGER NOT NULL,
  received INTEGER NOT NULL, sold INTEGER NOT NULL DEFAULT 0, returned INTEGER NOT NULL DEFAULT 0,
  missing INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (product, delivery)
) STRICT, WITHOUT ROWID;
CREATE TABLE press_early (product TEXT PRIMARY KEY, quantity INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE press_return (
  number INTEGER PRIMARY KEY, slip TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, returned INTEGER NOT NULL,
  missing INTEGER NOT NULL, returned_cents INTEGER NOT NULL, charged INTEGER NOT NULL
) STRICT;
CREATE TABLE press_statement (
  number INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, revenue INTEGER NOT NULL,
  commission INTEGER NOT NULL, charged INTEGER NOT NULL, due INTEGER NOT NULL, paid INTEGER NOT NULL DEFAULT 0,
  paid_on TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE press_day (
  day TEXT PRIMARY KEY, tickets INTEGER NOT NULL, copies INTEGER NOT NULL, cents INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE press_licence (
  operator TEXT NOT NULL, valid_from TEXT NOT NULL, seq INTEGER NOT NULL, licensed INTEGER NOT NULL,
  commission_bp INTEGER NOT NULL, win_limit INTEGER NOT NULL, reserve INTEGER NOT NULL,
  PRIMARY KEY (operator, valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE press_game_day (
  operator TEXT NOT NULL, day TEXT NOT NULL, stakes INTEGER NOT NULL, wins INTEGER NOT NULL,
  commission INTEGER NOT NULL DEFAULT 0, noted_stakes INTEGER NOT NULL DEFAULT -1, noted_wins INTEGER NOT NULL DEFAULT -1,
  debit INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (operator, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE press_game_debit (
  operator TEXT NOT NULL, number INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, due INTEGER NOT NULL,
  amount INTEGER NOT NULL, day TEXT NOT NULL, PRIMARY KEY (operator, number)
) STRICT, WITHOUT ROWID
"""

_LEFT = "received - sold - returned - missing"
_NEWEST = f"SELECT delivery, {_LEFT} AS room FROM press_issue WHERE product = ? AND {_LEFT} > 0 ORDER BY seq DESC, delivery DESC"
_OLDEST = f"SELECT delivery, {_LEFT} AS room FROM press_issue WHERE product = ? AND {_LEFT} > 0 ORDER BY seq, delivery"
_SOLD_LAST = (
    "SELECT delivery, sold AS room FROM press_issue WHERE product = ? AND sold > 0 ORDER BY seq DESC, delivery DESC"
)
_SELL = "UPDATE press_issue SET sold = sold + ? WHERE product = ? AND delivery = ?"
_EARLY = """INSERT INTO press_early (product, quantity) VALUES (?, ?)
ON CONFLICT (product) DO UPDATE SET quantity = quantity + excluded.quantity"""
_DAY = """INSERT INTO press_day (day, tickets, copies, cents) VALUES (?, ?, ?, ?)
ON CONFLICT (day) DO UPDATE SET tickets = tickets + excluded.tickets, copies = copies + excluded.copies, cents = cents + excluded.cents"""
_GAME = """INSERT INTO press_game_day (operator, day, stakes, wins) VALUES (?, ?, ?, ?)
ON CONFLICT (operator, day) DO UPDATE SET stakes = stakes + excluded.stakes, wins = wins + excluded.wins"""


def _terms(conn: Conn, entry: Envelope, e: ev.TermsSet) -> None:
    conn.execute("INSERT INTO press_terms VALUES (?, ?, ?, ?)", (e.valid_from, entry.seq, e.claim_days, int(e.in_use)))


def _title(conn: Conn, entry: Envelope, e: ev.TitleListed) -> None:
    conn.execute(
        "INSERT OR REPLACE INTO press_title VALUES (?, ?, ?, ?)", (e.product, e.periodicity, e.recall_days, e.title_key)
    )


def _received(conn: Conn, entry: Envelope, e: ev.DeliveryReceived) -> None:
    conn.execute(
        "INSERT OR IGNORE INTO press_delivery (delivery, slip, day, at) VALUES (?, ?, ?, ?)",
        (e.delivery, e.slip, e.day, entry.t),
    )
    for line in e.lines:
        conn.execute(
            "INSERT INTO press_issue (product, delivery, seq, label, issue, day, recall_on, price, announced, received)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                line.product,
                e.delivery,
                entry.seq,
                line.label,
                line.issue,
                e.day,
                line.recall_on,
                line.price,
                line.announced,
                line.received,
            ),
        )
        _settle_early(conn, line.product, e.delivery, line.received)


def _corrected(conn: Conn, entry: Envelope, e: ev.DeliveryCorrected) -> None:
    conn.execute(
        "UPDATE press_issue SET received = ? WHERE product = ? AND delivery = ?", (e.received, e.product, e.delivery)
    )
    _settle_early(conn, e.product, e.delivery, e.received - e.was)


def _settle_early(conn: Conn, product: str, delivery: str, room: int) -> None:
    """Copies sold before they were entered are of the issue that comes."""
    row = conn.execute("SELECT quantity FROM press_early WHERE product = ?", (product,)).fetchone()
    take = min(row[0], room) if row else 0
    if take > 0:
        conn.execute(_EARLY, (product, -take))
        conn.execute(_SELL, (take, product, delivery))


def _claimed(conn: Conn, entry: Envelope, e: ev.DiscrepancyClaimed) -> None:
    conn.execute("UPDATE press_delivery SET claimed_on = ? WHERE delivery = ?", (e.day, e.delivery))


def _returned(conn: Conn, entry: Envelope, e: ev.UnsoldReturned) -> None:
    for line in e.lines:
        conn.execute(
            "UPDATE press_issue SET returned = returned + ?, missing = missing + ? WHERE product = ? AND delivery = ?",
            (line.returned, line.missing, line.product, line.delivery),
        )
    conn.execute(
        "INSERT INTO press_return VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
        " returned = returned + excluded.returned, missing = missing + excluded.missing,"
        " returned_cents = returned_cents + excluded.returned_cents, charged = charged + excluded.charged",
        (e.number, e.slip, e.day, entry.t, sum(line.returned for line in e.lines), sum(line.missing for line in e.lines),
         e.returned_cents, e.charged),
    )  # fmt: skip


def _lost(conn: Conn, entry: Envelope, e: GoodsLost) -> None:
    """Copies damaged or stolen come off the oldest issue."""
    if e.owner != OWNER or e.reason == AT_RECALL:
        return
    for line in e.lines:
        _spread(
            conn,
            _OLDEST,
            "UPDATE press_issue SET missing = missing + ? WHERE product = ? AND delivery = ?",
            line.product,
            line.quantity,
        )


def _spread(conn: Conn, among: str, update: str, product: str, quantity: int) -> int:
    """Share a quantity over issues in order; return what found no room."""
    for delivery, room in conn.execute(among, (product,)).fetchall():
        take = min(quantity, room)
        conn.execute(update, (take, product, delivery))
        quantity -= take
        if not quantity:
            break
    return quantity


def _sold_copies(conn: Conn, line: SaleLine) -> None:
    if line.quantity > 0:
        left = _spread(conn, _NEWEST, _SELL, line.product, line.quantity)
        if left:
            conn.execute(_EARLY, (line.product, left))
        return
    back = -line.quantity
    row = conn.execute("SELECT quantity FROM press_early WHERE product = ?", (line.product,)).fetchone()
    early = min(back, row[0]) if row else 0
    if early:
        conn.execute(_EARLY, (line.product, -early))
    left = _spread(
        conn,
        _SOLD_LAST,
        "UPDATE press_issue SET sold = sold - ? WHERE product = ? AND delivery = ?",
        line.product,
        back - early,
    )
    if left:
        conn.execute(_EARLY, (line.product, -left))


def _ticket(conn: Conn, entry: Envelope, e: SaleCompleted | SaleRefunded) -> None:
    ours = [line for line in e.lines if line.owner == OWNER]
    for line in ours:
        _sold_copies(conn, line)
    if ours:
        came = int(isinstance(e, SaleCompleted)) if any(line.service == PRESS for line in ours) else 0
        if isinstance(e, SaleRefunded):
            came = -int(PRESS in e.cancels)
        conn.execute(_DAY, (e.day[:10], came, sum(line.quantity for line in ours), sum(line.gross for line in ours)))
    for line in e.lines:
        if line.owner in GAMES:
            conn.execute(_GAME, (line.owner, e.day[:10], line.gross, 0))


def _stated(conn: Conn, entry: Envelope, e: StatementClosed) -> None:
    if e.owner == OWNER:
        conn.execute(
            "INSERT INTO press_statement (number, first, last, revenue, commission, charged, due) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (e.number, e.first, e.last, e.revenue, e.commission, e.charged, e.due),
        )


def _paid(conn: Conn, entry: Envelope, e: ev.StatementPaid) -> None:
    conn.execute("UPDATE press_statement SET paid = ?, paid_on = ? WHERE number = ?", (e.amount, e.day[:10], e.number))


def _licence(conn: Conn, entry: Envelope, e: ev.LicenceSet) -> None:
    conn.execute(
        "INSERT INTO press_licence VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.operator, e.valid_from, entry.seq, int(e.licensed), e.commission_bp, e.win_limit, e.reserve),
    )


def _stakes(conn: Conn, entry: Envelope, e: ev.StakesTaken) -> None:
    conn.execute(_GAME, (e.operator, e.day[:10], e.amount, 0))


def _win(conn: Conn, entry: Envelope, e: ev.WinPaid) -> None:
    conn.execute(_GAME, (e.operator, e.day[:10], 0, e.amount))


def _noted(conn: Conn, entry: Envelope, e: ev.GamesNoted) -> None:
    conn.execute(_GAME, (e.operator, e.day, 0, 0))
    conn.execute(
        "UPDATE press_game_day SET stakes = ?, wins = ?, commission = ?, noted_stakes = ?, noted_wins = ? WHERE operator = ? AND day = ?",
        (e.stakes, e.wins, e.commission, e.stakes, e.wins, e.operator, e.day),
    )


def _debited(conn: Conn, entry: Envelope, e: ev.GamesDebited) -> None:
    conn.execute(
        "UPDATE press_game_day SET debit = ? WHERE operator = ? AND day <= ? AND debit = 0",
        (e.number, e.operator, e.last),
    )
    conn.execute(
        "INSERT INTO press_game_debit VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.operator, e.number, e.first, e.last, e.due, e.amount, e.day),
    )


def _age(conn: Conn, entry: Envelope, e: ev.AgeAsked) -> None:
    """Nothing is kept of it but the fact in the journal."""


PROJECTION = Projection(
    "press",
    SCHEMA,
    {
        ev.TermsSet: _terms, ev.TitleListed: _title, ev.DeliveryReceived: _received, ev.DeliveryCorrected: _corrected,
        ev.DiscrepancyClaimed: _claimed, ev.UnsoldReturned: _returned, ev.StatementPaid: _paid, ev.LicenceSet: _licence,
        ev.StakesTaken: _stakes, ev.WinPaid: _win, ev.GamesNoted: _noted, ev.GamesDebited: _debited, ev.AgeAsked: _age,
        GoodsLost: _lost, StatementClosed: _stated, SaleCompleted: _ticket, SaleRefunded: _ticket,
    },
)  # fmt: skip
