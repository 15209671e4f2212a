"""What the café offers beside the till: one folder per service, the same files in each."""

from pos.feature import Feature

SERVICES: tuple[Feature, ...] = ()
