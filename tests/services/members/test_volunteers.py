"""Volunteers' shifts and the hours each member gave and owes."""

import pytest

from pos.clock import StoppedClock
from pos.services.members import desk, reading, tables, volunteers
from pos.services.members import refusals as no
from pos.store import Store
from tests.services.members.conftest import BY, TODAY, enter


def shift_of(store: Store, places: int = 1) -> str:
    """A shift of two hours this afternoon."""
    return volunteers.open_shift(store, day=TODAY, begins="14:00", minutes=120, places=places, by=BY)


def test_a_shift_done_counts_and_a_missed_one_does_not(circle: Store) -> None:
    """Done and excused count their minutes; missed counts none."""
    done, missed, excused = (enter(circle, name) for name in ("Anne", "Guy", "Zoé"))
    shift = shift_of(circle, places=3)
    for member in (done, missed, excused):
        volunteers.take_shift(circle, shift, member, by=BY)
    assert volunteers.finish_shift(circle, shift, done, by=BY) == 120
    volunteers.miss_shift(circle, shift, missed, by=BY)
    volunteers.excuse_shift(circle, shift, excused, by=BY)
    with circle.reading() as conn:
        assert [volunteers.balance(conn, member, TODAY) for member in (done, missed, excused)] == [120, 0, 120]
        assert reading.unsettled(conn, TODAY) == []
    assert circle.tables_that_differ() == []


def test_places_are_counted(circle: Store) -> None:
    """Full, twice the same, freed again."""
    anne, guy = enter(circle, "Anne"), enter(circle, "Guy")
    shift = shift_of(circle)
    volunteers.take_shift(circle, shift, anne, by=BY)
    with pytest.raises(no.ShiftFull):
        volunteers.take_shift(circle, shift, guy, by=BY)
    with pytest.raises(no.AlreadyOnShift):
        volunteers.take_shift(circle, shift, anne, by=BY)
    volunteers.give_back_shift(circle, shift, anne, by=BY)
    volunteers.take_shift(circle, shift, guy, by=BY)
    with pytest.raises(no.NotOnShift):
        volunteers.finish_shift(circle, shift, anne, by=BY)


def test_a_shift_called_off_is_gone(circle: Store) -> None:
    """Nobody takes it any more."""
    anne, shift = enter(circle), shift_of(circle)
    volunteers.take_shift(circle, shift, anne, by=BY)
    volunteers.cancel_shift(circle, shift, by=BY)
    with pytest.raises(no.NoSuchShift):
        volunteers.take_shift(circle, shift, anne, by=BY)
    with circle.reading() as conn:
        assert reading.unsettled(conn, TODAY) == []


@pytest.mark.parametrize(
    ("begins", "minutes", "places"), [("25:00", 60, 1), ("14:00", 0, 1), ("14:00", 60, 0), ("", 60, 1)]
)
def test_a_shift_must_be_possible(circle: Store, begins: str, minutes: int, places: int) -> None:
    """An hour, a length, places."""
    with pytest.raises(no.BadShift):
        volunteers.open_shift(circle, day=TODAY, begins=begins, minutes=minutes, places=places, by=BY)


def test_each_month_asks_its_hours(circle: Store, clock: StoppedClock) -> None:
    """Two hours a month from the month after joining; four hours given leave two ahead in the second month."""
    anne = enter(circle)
    volunteers.credit_hours(circle, anne, minutes=240, by=BY)
    with circle.reading() as conn:
        assert volunteers.balance(conn, anne, "2026-11-30") == 240
        assert volunteers.balance(conn, anne, "2026-12-01") == 120
        assert volunteers.balance(conn, anne, "2027-02-10") == -120
        # Dues ended in March: no more is asked.
        assert volunteers.balance(conn, anne, "2028-01-01") == volunteers.balance(conn, anne, "2027-03-01")


def test_the_month_sheet_counts(circle: Store) -> None:
    """Dues, hours, newcomers and refusals of a month."""
    anne = enter(circle)
    volunteers.credit_hours(circle, anne, minutes=90, by=BY)
    desk.note_refusal(circle, by=BY)
    with circle.reading() as conn:
        sheet = reading.month(conn, "2026-11")
        assert (sheet["minutes"], sheet["entered"], sheet["refused"]) == (90, 1, {"non_member": 1})
        assert tables.member(conn, anne) is not None
