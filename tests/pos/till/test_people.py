"""Who serves: pseudonyms in the journal, PINs hashed and apart, wrong ones slowed down (R17, R28)."""

import pytest

from pos.clock import StoppedClock
from pos.store import Store
from pos.till import people
from pos.till import refusals as no
from pos.till.events import PinRefused, SignedIn
from pos.till.people import LastManager, PinTooEasy, PinTooShort, TooManyTries, WrongPin


@pytest.fixture
def team(store: Store) -> Store:
    """Béa manages with 4821, Victor serves with 7305."""
    people.add_operator(store, role="manager", name="Béa", pin="4821", by="")
    people.add_operator(store, role="seller", name="Victor", pin="7305", by="g1")
    return store


def last_event(store: Store) -> object:
    """Return the last fact."""
    with store.reading() as conn:
        return store.event(conn, store.tip().seq).event


def test_people_are_pseudonyms_with_names_apart(team: Store) -> None:
    """g1 and v1 in the journal; names and PIN hashes in the private store, never a PIN itself."""
    with team.reading() as conn:
        assert [(p["op"], p["role"], p["name"]) for p in people.operators(conn)] == [
            ("g1", "manager", "Béa"), ("v1", "seller", "Victor"),
        ]  # fmt: skip
        assert people.name_of(conn, "g1") == "Béa"
        assert people.name_of(conn, "x9") == "x9"
        kept = "".join(row[0] for row in conn.execute("SELECT body FROM private_person"))
        told = b"".join(row[0] for row in conn.execute("SELECT body FROM journal_entry"))
    assert "4821" not in kept
    assert "scrypt" in kept
    assert "Béa".encode() not in told


def test_signing_in_is_recorded(team: Store) -> None:
    """By the operator, after the right PIN."""
    people.sign_in(team, "v1", "7305")
    assert last_event(team) == SignedIn(op="v1")


@pytest.mark.parametrize("op", ["v1", "g1", "nobody", ""])
def test_a_wrong_pin_is_refused(team: Store, op: str) -> None:
    """Somebody else's PIN, an unknown operator: the same answer."""
    with pytest.raises(WrongPin):
        people.sign_in(team, op, "0000")


def test_wrong_pins_are_slowed_down(team: Store, clock: StoppedClock) -> None:
    """Three are free; then the wait doubles, up to five minutes, and the right PIN waits too."""
    for _n in range(3):
        with pytest.raises(WrongPin):
            people.sign_in(team, "v1", "0000")
    assert last_event(team) == PinRefused(op="v1", tries=3)
    with pytest.raises(TooManyTries) as told:
        people.sign_in(team, "v1", "7305")
    assert 1 <= int(str(told.value.params["seconds"])) <= 6
    people.sign_in(team, "g1", "4821")
    clock.tick(5_100)
    with pytest.raises(WrongPin):
        people.sign_in(team, "v1", "0000")
    clock.tick(5_100)
    with pytest.raises(TooManyTries):
        people.sign_in(team, "v1", "7305")
    clock.tick(5_100)
    people.sign_in(team, "v1", "7305")
    with pytest.raises(WrongPin):
        people.sign_in(team, "v1", "0000")


def test_many_wrong_pins_wait_five_minutes_and_no_more(team: Store, clock: StoppedClock) -> None:
    """A child with the keys does not lock the café for the day."""
    for _n in range(15):
        with pytest.raises(WrongPin):
            people.sign_in(team, "v1", "0000")
        clock.tick(300_001)
    people.sign_in(team, "v1", "7305")


@pytest.mark.parametrize(
    ("pin", "refusal"),
    [
        ("123", PinTooShort), ("123456789", PinTooShort), ("12a4", PinTooShort), ("", PinTooShort), ("²²²²", PinTooShort),
        ("1111", PinTooEasy), ("1234", PinTooEasy), ("6543", PinTooEasy),
    ],
)  # fmt: skip
def test_a_pin_is_four_to_eight_digits_and_not_the_first_guess(team: Store, pin: str, refusal: type[Exception]) -> None:
    """For a new operator and for a new PIN alike."""
    with pytest.raises(refusal):
        people.add_operator(team, role="seller", name="Zoé", pin=pin, by="g1")
    with pytest.raises(refusal):
        people.reset_pin(team, "v1", pin, by="g1")


def test_the_manager_gives_a_new_pin(team: Store) -> None:
    """Forgotten: the manager types another one; a seller may change their own, not a colleague's."""
    with pytest.raises(no.ManagerNeeded):
        people.reset_pin(team, "g1", "5190", by="v1")
    for _n in range(3):
        with pytest.raises(WrongPin):
            people.sign_in(team, "v1", "0000")
    people.reset_pin(team, "v1", "5190", by="g1")
    people.sign_in(team, "v1", "5190")
    people.reset_pin(team, "v1", "9317", by="v1")
    people.sign_in(team, "v1", "9317")
    with team.reading() as conn:
        assert people.name_of(conn, "v1") == "Victor"


def test_only_a_manager_lets_people_in_and_out(team: Store) -> None:
    """A seller cannot make themselves manager."""
    with pytest.raises(no.ManagerNeeded):
        people.add_operator(team, role="manager", name="Moi", pin="5190", by="v1")
    with pytest.raises(no.ManagerNeeded):
        people.remove_operator(team, "g1", by="v1")


def test_who_leaves_is_forgotten_by_name(team: Store) -> None:
    """The pseudonym stays on old tickets, the name and the PIN are erased, the number is not given again."""
    people.remove_operator(team, "v1", by="g1")
    with team.reading() as conn:
        assert people.name_of(conn, "v1") == "v1"
        assert [p["op"] for p in people.operators(conn)] == ["g1"]
    with pytest.raises(WrongPin):
        people.sign_in(team, "v1", "7305")
    assert people.add_operator(team, role="seller", name="Zoé", pin="5190", by="g1") == "v2"


def test_a_cafe_keeps_one_manager(team: Store) -> None:
    """The last one cannot leave before another is named."""
    with pytest.raises(LastManager):
        people.remove_operator(team, "g1", by="g1")
    people.add_operator(team, role="manager", name="Zoé", pin="5190", by="g1")
    people.remove_operator(team, "g1", by="g2")
