"""The coordinators' pages: one blueprint each, all behind the same door."""

from hq.screens import accounts, archives, attestations, cafe, door, exports, impact, indicators, network, overdue, register

BLUEPRINTS = (
    door.blueprint, network.blueprint, cafe.blueprint, impact.blueprint, indicators.blueprint, overdue.blueprint, register.blueprint, accounts.blueprint,
    exports.blueprint, archives.blueprint, attestations.blueprint,
)  # fmt: skip
