"""What the café offers beside the till: one folder per service, the same files in each."""

from pos.feature import Feature
from pos.services import bread, cashback, members, parcels, post

SERVICES: tuple[Feature, ...] = (bread.SERVICE, cashback.SERVICE, members.SERVICE, parcels.SERVICE, post.SERVICE)
