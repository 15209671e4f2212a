"""Names of the meals' tables, states, places and references."""

PURPOSE = "meals"
OFFERED, DELIVERED_USE = "meal_offered", "meal_delivered"
OWNER = "funder:"
MEANS = "funder"
# What a line of a bill settles here, and the articles of the menu.
BILL, CLAIM = "meals.bill:", "meals.claim:"
MEAL_PRODUCT, DELIVERY_PRODUCT, OFFERED_PRODUCT = "meals_meal", "meals_delivery", "meals_offered"

HOME, CAFE = "home", "cafe"
PLACES = (HOME, CAFE)
HOT, COLD = "hot", "cold"
CHAINS = (HOT, COLD)
PROPOSED, ACCEPTED, ENDED = "proposed", "accepted", "ended"

PLANNED, PREPARED, OUT, DELIVERED, SERVED = "planned", "prepared", "out", "delivered", "served"
ABSENT, DECLINED, DESTROYED, GIVEN, CANCELLED = "absent", "declined", "destroyed", "given", "cancelled"
# What a funder pays; what it may have to pay yet; what is not settled.
FUNDED = (DELIVERED, SERVED)
PROMISED = (PLANNED, PREPARED, OUT, ABSENT, *FUNDED)
OPEN = (PLANNED, PREPARED, OUT, ABSENT, DECLINED)

SCHEMA = """
CREATE TABLE meal_terms (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, meal_price INTEGER NOT NULL, delivery_price INTEGER NOT NULL,
  cut_off TEXT NOT NULL, PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE meal_funder (
  funder TEXT NOT NULL, month TEXT NOT NULL, label TEXT NOT NULL, quota INTEGER NOT NULL, price INTEGER NOT NULL,
  target INTEGER NOT NULL, PRIMARY KEY (funder, month)
) STRICT, WITHOUT ROWID;
CREATE TABLE meal_person (
  beneficiary TEXT PRIMARY KEY, number INTEGER NOT NULL, state TEXT NOT NULL, origin TEXT NOT NULL,
  accepted_on TEXT NOT NULL DEFAULT '', ended_on TEXT NOT NULL DEFAULT '', weekdays TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '', funder TEXT NOT NULL DEFAULT '', valid_from TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TABLE meal_pause (
  beneficiary TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (beneficiary, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE meal_meal (
  meal TEXT PRIMARY KEY, number INTEGER NOT NULL, beneficiary TEXT NOT NULL, for_day TEXT NOT NULL,
  place TEXT NOT NULL, funder TEXT NOT NULL, late INTEGER NOT NULL, standing INTEGER NOT NULL, state TEXT NOT NULL,
  was TEXT NOT NULL DEFAULT '', chain TEXT NOT NULL DEFAULT '', made_on TEXT NOT NULL DEFAULT '',
  made_at INTEGER NOT NULL DEFAULT 0, round TEXT NOT NULL DEFAULT '', left_at INTEGER NOT NULL DEFAULT 0,
  done_on TEXT NOT NULL DEFAULT '', done_at INTEGER NOT NULL DEFAULT 0, temperature INTEGER NOT NULL DEFAULT 9999,
  absent_at INTEGER NOT NULL DEFAULT 0, called_at INTEGER NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '',
  claim TEXT NOT NULL DEFAULT '', paid_no INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX meal_meal_by_day ON meal_meal (for_day);
CREATE INDEX meal_meal_by_person ON meal_meal (beneficiary, for_day);
CREATE INDEX meal_meal_by_funder ON meal_meal (funder, for_day);
CREATE INDEX meal_meal_open ON meal_meal (for_day) WHERE state IN ('planned', 'prepared', 'out', 'absent', 'declined');
CREATE TABLE meal_closed (for_day TEXT PRIMARY KEY, meals INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE meal_batch (
  batch TEXT PRIMARY KEY, number INTEGER NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, meals INTEGER NOT NULL,
  chain TEXT NOT NULL, witness INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE meal_round (
  round TEXT PRIMARY KEY, number INTEGER NOT NULL, day TEXT NOT NULL, left_at INTEGER NOT NULL, chain TEXT NOT NULL,
  temperature INTEGER NOT NULL, op TEXT NOT NULL, metres INTEGER NOT NULL DEFAULT -1, back_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX meal_round_by_day ON meal_round (day);
CREATE TABLE meal_probe (
  seq INTEGER PRIMARY KEY, day TEXT NOT NULL, at INTEGER NOT NULL, chain TEXT NOT NULL, temperature INTEGER NOT NULL,
  moment TEXT NOT NULL, good INTEGER NOT NULL
) STRICT;
CREATE INDEX meal_probe_by_day ON meal_probe (day);
CREATE TABLE meal_claim (
  claim TEXT PRIMARY KEY, number INTEGER NOT NULL, funder TEXT NOT NULL, month TEXT NOT NULL, meals INTEGER NOT NULL,
  price INTEGER NOT NULL, amount INTEGER NOT NULL, ticket INTEGER NOT NULL, day TEXT NOT NULL,
  taken_back INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE meal_paid (
  seq INTEGER PRIMARY KEY, funder TEXT NOT NULL, amount INTEGER NOT NULL, means TEXT NOT NULL, day TEXT NOT NULL,
  ref TEXT NOT NULL
) STRICT
"""
