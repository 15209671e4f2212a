"""What several services share, built once: persons, calendar, day's totals, consignment, stock, shelf.

An engine knows the till and no service; a service leans on engines and on the till.
"""

from pos.engines import calendar, consignment, counting, hosts, persons, shelf, stock
from pos.feature import Feature

ENGINES: tuple[Feature, ...] = (
    persons.FEATURE, calendar.FEATURE, counting.FEATURE, consignment.FEATURE, stock.FEATURE, shelf.FEATURE, hosts.FEATURE,
)  # fmt: skip
