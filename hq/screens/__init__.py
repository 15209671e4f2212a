"""The coordinators' pages: one blueprint each, all behind the same door."""

from hq.screens import (
    accounts,
    announcements,
    apart,
    archives,
    attestations,
    away,
    books,
    cafe,
    catalogue,
    door,
    exports,
    eyes,
    fleet,
    impact,
    indicators,
    network,
    openid,
    overdue,
    prices,
    register,
    releases,
    second_factor,
    trail,
)

BLUEPRINTS = (
    away.blueprint, apart.blueprint, door.blueprint, network.blueprint, cafe.blueprint, impact.blueprint, indicators.blueprint, overdue.blueprint, fleet.blueprint, register.blueprint, accounts.blueprint,
    exports.blueprint, archives.blueprint, books.blueprint, attestations.blueprint, announcements.blueprint, prices.blueprint, releases.blueprint, catalogue.blueprint,
    second_factor.blueprint, trail.blueprint, openid.blueprint, eyes.blueprint,
)  # fmt: skip
