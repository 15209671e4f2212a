"""Archives: everything a closed period wrote, in one signed file that anyone can check without Zinc."""

from pos.archive import events, tables
from pos.feature import Feature
from pos.i18n import N_

ARCHIVE = Feature(slug="archive", title=N_("Archives"), events=events.EVENTS, projection=tables.PROJECTION)
