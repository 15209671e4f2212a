"""Names of the bread depot's tables, states and references.

The bread itself lies in the consignment engine's lots: owner `baker:b1`, lot the day, product the article.
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
CREATE TABLE bread_terms (
  baker TEXT NOT NULL, valid_from TEXT NOT NULL, cut_off TEXT NOT NULL, release TEXT NOT NULL,
  unclaimed TEXT NOT NULL, weekdays TEXT NOT NULL, PRIMARY KEY (baker, valid_from)
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
CREATE TABLE bread_ticket (no INTEGER PRIMARY KEY, day TEXT NOT NULL) STRICT;
CREATE TABLE bread_allowed (tab TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bread_customers (day TEXT PRIMARY KEY, customers INTEGER NOT NULL) STRICT, WITHOUT ROWID
"""
