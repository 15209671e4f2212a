"""What the public posts tell the network: minutes, pages, people helped with a form."""

from pos.feature import Figure, Indicator, Tells
from pos.i18n import N_
from pos.services.digital import events


def _closed(closed: events.SessionClosed) -> tuple[Figure, ...]:
    pages = closed.prints + closed.colour + closed.scans
    return (Figure("digital_minutes", closed.minutes), Figure("digital_pages", pages))


def _helped(help_: events.HelpGiven) -> tuple[Figure, ...]:
    solved = int(help_.outcome == "solved")
    return (
        Figure("digital_helped", 1),
        Figure("digital_help_minutes", help_.minutes),
        Figure("digital_solved", solved),
    )


INDICATORS = (
    Indicator("digital_minutes", N_("Minutes at the public posts"), "minutes"),
    Indicator("digital_pages", N_("Pages printed or scanned")),
    Indicator("digital_helped", N_("Forms people were helped with")),
    Indicator("digital_solved", N_("Forms solved on the spot")),
    Indicator("digital_help_minutes", N_("Minutes of help"), "minutes"),
)
TELLS: Tells = {events.SessionClosed: _closed, events.HelpGiven: _helped}
