"""Everything gathered: the features of the house, in one explicit tuple."""

from pos.accounting import ACCOUNTING
from pos.archive import ARCHIVE
from pos.engines import ENGINES
from pos.feature import Feature, Indicator, ServiceCode
from pos.i18n import N_
from pos.services import SERVICES
from pos.till import CLOCK, CLOSURES, CORRECTIONS, LIMITS, NETWORK, SET_MENUS, TILL, TRAINING, uses
from pos.till.invoices import INVOICES

_PARTS: tuple[Feature, ...] = (
    TILL,
    CLOSURES,
    CLOCK,
    CORRECTIONS,
    LIMITS,
    NETWORK,
    SET_MENUS,
    TRAINING,
    INVOICES,
    ACCOUNTING,
    ARCHIVE,
    *ENGINES,
    *SERVICES,
)
# Uses are counted by the rules of all the others.
USES = Feature(slug="uses", title=N_("Uses"), projection=uses.projection(_PARTS))
FEATURES: tuple[Feature, ...] = (*_PARTS, USES)


def service_codes() -> dict[str, ServiceCode]:
    """Return every counted service by code."""
    return {code.code: code for feature in FEATURES for code in feature.services}


def indicators() -> list[tuple[Feature, Indicator]]:
    """Return every indicator with the feature it belongs to, in the order of the house."""
    return [(feature, indicator) for feature in FEATURES for indicator in feature.indicators]


def acts() -> dict[str, tuple[Feature, object]]:
    """Return every act by its name `slug.function`."""
    return {f"{f.slug}.{act.__name__}": (f, act) for f in FEATURES for act in f.acts}
