"""Names of the bread depot's tables, states and references.

`bread_stock` has one row per day and article; in each, at any time,
received = sold + returned + donated + day_old + lost + on_sale.
"""

SERVICE_CODE = "bread"
OWNER = "baker:"
# What a bill's line settles here: a bag fetched, a bag paid ahead, a bag that was charged.
ORDER, PREPAY, OWED = "bread.order:", "bread.prepay:", "bread.unclaimed:"
ORDERED, CONFIRMED, SET_ASIDE = "ordered", "confirmed", "set_aside"
COLLECTED, UNCLAIMED, CANCELLED = "collected", "unclaimed", "cancelled"
# States in which an order keeps bread back.
OPEN = (ORDERED, CONFIRMED, SET_ASIDE)

SCHEMA = """
CREATE TABLE bread_baker (baker TEXT PRIMARY KEY, active INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bread_contract (
  baker TEXT NOT NULL, valid_from TEXT NOT NULL, mode TEXT NOT NULL, commission_bp INTEGER NOT NULL,
  unsold TEXT NOT NULL, unsold_cap_bp INTEGER NOT NULL, period TEXT NOT NULL, cut_off TEXT NOT NULL,
  release TEXT NOT NULL, unclaimed TEXT NOT NULL, weekdays TEXT NOT NULL, PRIMARY KEY (baker, valid_from)
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_article (
  article TEXT PRIMARY KEY, baker TEXT NOT NULL, label TEXT NOT NULL, price INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_closing (
  valid_from TEXT PRIMARY KEY, weekday INTEGER NOT NULL, order_no TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_need (
  baker TEXT NOT NULL, moment TEXT NOT NULL, article TEXT NOT NULL, label TEXT NOT NULL, quantity INTEGER NOT NULL,
  PRIMARY KEY (baker, moment, article)
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_standing (
  standing TEXT PRIMARY KEY, no INTEGER NOT NULL, person TEXT NOT NULL, weekday INTEGER NOT NULL,
  valid_from TEXT NOT NULL, valid_until TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_standing_line (
  standing TEXT NOT NULL, place INTEGER NOT NULL, article TEXT NOT NULL, label TEXT NOT NULL,
  quantity INTEGER NOT NULL, sliced INTEGER NOT NULL, PRIMARY KEY (standing, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_pause (
  pause TEXT PRIMARY KEY, person TEXT NOT NULL, from_day TEXT NOT NULL, to_day TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_order (
  order_id TEXT PRIMARY KEY, no INTEGER NOT NULL, person TEXT NOT NULL, for_day TEXT NOT NULL, state TEXT NOT NULL,
  standing TEXT NOT NULL, late INTEGER NOT NULL, paid_no INTEGER NOT NULL DEFAULT 0, ticket INTEGER NOT NULL DEFAULT 0,
  charged INTEGER NOT NULL DEFAULT 0, owed INTEGER NOT NULL DEFAULT 0, kept_until TEXT NOT NULL DEFAULT '',
  done_at INTEGER NOT NULL DEFAULT 0, visit TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX bread_order_by_day ON bread_order (for_day, state);
CREATE INDEX bread_order_by_person ON bread_order (person, for_day);
CREATE TABLE bread_order_line (
  order_id TEXT NOT NULL, place INTEGER NOT NULL, article TEXT NOT NULL, label TEXT NOT NULL,
  quantity INTEGER NOT NULL, price INTEGER NOT NULL, sliced INTEGER NOT NULL, paid INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (order_id, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_request (
  baker TEXT NOT NULL, for_day TEXT NOT NULL, sent_at INTEGER NOT NULL, channel TEXT NOT NULL, article TEXT NOT NULL,
  label TEXT NOT NULL, counter INTEGER NOT NULL, ordered INTEGER NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY (baker, for_day, article)
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_delivery (
  delivery TEXT NOT NULL, no INTEGER NOT NULL, baker TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL,
  note_no TEXT NOT NULL, article TEXT NOT NULL, label TEXT NOT NULL, announced INTEGER NOT NULL,
  counted INTEGER NOT NULL, price INTEGER NOT NULL, PRIMARY KEY (delivery, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX bread_delivery_by_day ON bread_delivery (day);
CREATE TABLE bread_stock (
  day TEXT NOT NULL, article TEXT NOT NULL, baker TEXT NOT NULL, label TEXT NOT NULL, price INTEGER NOT NULL,
  received INTEGER NOT NULL DEFAULT 0, sold INTEGER NOT NULL DEFAULT 0, returned INTEGER NOT NULL DEFAULT 0,
  donated INTEGER NOT NULL DEFAULT 0, day_old INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0,
  on_sale INTEGER NOT NULL DEFAULT 0, announced INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT -1,
  last_sold_at INTEGER NOT NULL DEFAULT 0,
  received_value INTEGER NOT NULL DEFAULT 0, sold_value INTEGER NOT NULL DEFAULT 0,
  unsold_value INTEGER NOT NULL DEFAULT 0, lost_value INTEGER NOT NULL DEFAULT 0,
  adjusted_value INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, article)
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_stated (
  day TEXT NOT NULL, article TEXT NOT NULL, received INTEGER NOT NULL, sold INTEGER NOT NULL,
  unsold INTEGER NOT NULL, lost INTEGER NOT NULL, received_value INTEGER NOT NULL, sold_value INTEGER NOT NULL,
  unsold_value INTEGER NOT NULL, lost_value INTEGER NOT NULL, adjusted_value INTEGER NOT NULL,
  PRIMARY KEY (day, article)
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_ticket (no INTEGER PRIMARY KEY, day TEXT NOT NULL) STRICT;
CREATE TABLE bread_statement (
  statement TEXT PRIMARY KEY, no INTEGER NOT NULL, seq INTEGER NOT NULL, baker TEXT NOT NULL,
  from_day TEXT NOT NULL, to_day TEXT NOT NULL, due INTEGER NOT NULL, paid INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE bread_allowed (tab TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bread_customers (day TEXT PRIMARY KEY, customers INTEGER NOT NULL) STRICT, WITHOUT ROWID
"""
