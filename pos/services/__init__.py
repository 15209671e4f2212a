"""What the café offers beside the till: one folder per service, the same files in each."""

from pos.feature import Feature
from pos.services import (
    accounts,
    bikes,
    bread,
    cashback,
    digital,
    gatherings,
    grocery,
    info,
    loans,
    meals,
    members,
    parcels,
    post,
    press,
    relays,
    tour,
)

SERVICES: tuple[Feature, ...] = (
    accounts.SERVICE, bikes.SERVICE, bread.SERVICE, cashback.SERVICE, digital.SERVICE, gatherings.SERVICE, grocery.SERVICE,
    info.SERVICE, loans.SERVICE, meals.SERVICE, members.SERVICE, parcels.SERVICE, post.SERVICE, press.SERVICE, relays.SERVICE,
    tour.SERVICE,
)  # fmt: skip
