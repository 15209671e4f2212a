"""Examples of the till's facts whose parts must agree with one another."""

from pos.events import Event

EXAMPLES: dict[str, Event] = {}
