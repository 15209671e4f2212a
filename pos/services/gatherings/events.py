"""Facts of gatherings: what is planned, announced, held or called off, who came as counts, hours given.

A title is public (it is on the poster) and so is a partner's name, a legal person's; who registered is
an opaque id. No reason or review is free text.
"""

from pos.events import Event


class IdeaNoted(Event, frozen=True, kw_only=True):
    """Somebody proposed a gathering; nothing is fixed."""

    kind = "gatherings.idea_noted"
    gathering: str
    title: str
    sort: str
    day: str


class GatheringPlanned(Event, frozen=True, kw_only=True):
    """A gathering has a date, or its plan changed. Several funders may be named: it counts once."""

    kind = "gatherings.planned"
    gathering: str
    title: str
    sort: str
    on_day: str
    begins: str
    place: str
    day: str
    # `assoc:<code>` of the partner, where there is one.
    partner: str = ""
    tags: list[str] = []
    # 0: as many as come.
    capacity: int = 0
    # Music is played: SACEM and SPRE want a declaration.
    music: bool = False


class GatheringAnnounced(Event, frozen=True, kw_only=True):
    """The poster is up."""

    kind = "gatherings.announced"
    gathering: str
    day: str


class Registered(Event, frozen=True, kw_only=True):
    """Somebody will come, with so many of each age; the name is in the private store."""

    kind = "gatherings.registered"
    registration: str
    gathering: str
    person: str
    day: str
    children: int = 0
    adults: int = 0
    seniors: int = 0


class RegistrationDropped(Event, frozen=True, kw_only=True):
    """Somebody will not come after all."""

    kind = "gatherings.registration_dropped"
    registration: str
    gathering: str
    day: str


class CameMarked(Event, frozen=True, kw_only=True):
    """A registration was ticked at the door, or unticked."""

    kind = "gatherings.came_marked"
    registration: str
    gathering: str
    came: bool
    day: str


class EntryCounted(Event, frozen=True, kw_only=True):
    """The clicker: people of an age came in; below zero the last tap is taken back."""

    kind = "gatherings.entry_counted"
    gathering: str
    bracket: str
    n: int
    day: str


class GatheringHeld(Event, frozen=True, kw_only=True):
    """It took place; so many came, counted so. Said again it corrects: `change` is the difference in all.

    `day` is the day of the gathering, whenever the count was typed.
    """

    kind = "gatherings.held"
    gathering: str
    children: int
    adults: int
    seniors: int
    change: int
    method: str
    day: str
    # It was counted before: the gathering itself is not one more.
    again: bool = False


class GatheringCancelled(Event, frozen=True, kw_only=True):
    """It does not take place."""

    kind = "gatherings.cancelled"
    gathering: str
    reason: str
    day: str


class GatheringReviewed(Event, frozen=True, kw_only=True):
    """Looked back at: from 1 (poor) to 3 (good), and whether to do it again."""

    kind = "gatherings.reviewed"
    gathering: str
    rating: int
    again: bool
    day: str


class HoursGiven(Event, frozen=True, kw_only=True):
    """Volunteers gave so many minutes in all."""

    kind = "gatherings.hours_given"
    gathering: str
    people: int
    minutes: int
    day: str


class MusicDeclared(Event, frozen=True, kw_only=True):
    """The music was declared to SACEM and SPRE."""

    kind = "gatherings.music_declared"
    gathering: str
    day: str


EVENTS: tuple[type[Event], ...] = (
    IdeaNoted, GatheringPlanned, GatheringAnnounced, Registered, RegistrationDropped, CameMarked, EntryCounted,
    GatheringHeld, GatheringCancelled, GatheringReviewed, HoursGiven, MusicDeclared,
)  # fmt: skip
