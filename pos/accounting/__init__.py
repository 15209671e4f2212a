"""The café's books: entries per closing for the accountant, declarations for the platform."""

from pos.accounting import desk, events, tables
from pos.feature import Feature
from pos.i18n import N_

ACCOUNTING = Feature(
    slug="accounting",
    title=N_("Accounting"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=(desk.make_file, desk.set_account, desk.set_rules),
)
