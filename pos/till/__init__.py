"""Selling, cash, closing: the part of the café that every other part leans on."""

from pos.feature import Feature
from pos.i18n import N_
from pos.till import events

TILL = Feature(slug="till", title=N_("Till"), events=events.EVENTS)
