"""Everything gathered: the features of the house, in one explicit tuple."""

from pos.feature import Feature, ServiceCode
from pos.services import SERVICES
from pos.till import TILL

FEATURES: tuple[Feature, ...] = (TILL, *SERVICES)


def service_codes() -> dict[str, ServiceCode]:
    """Return every counted service by code."""
    return {code.code: code for feature in FEATURES for code in feature.services}


def acts() -> dict[str, tuple[Feature, object]]:
    """Return every act by its name `slug.function`."""
    return {f"{f.slug}.{act.__name__}": (f, act) for f in FEATURES for act in f.acts}
