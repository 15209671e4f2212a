"""The trail is sealed night by night: whoever changes, takes out or slips in a row afterwards is found."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, delete, func, insert, select, update

from hq import keeping_commands, trail_seals
from hq.acts import note_act
from hq.tables import act_seal, hq_act
from hq.wiring import Office
from pos.clock import StoppedClock
from tests.conftest import key_of
from tests.hq.conftest import ENGINES

DAY_MS = 24 * 3_600_000
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def nights(office: Office, clock: StoppedClock, many: int = 3) -> None:
    """Some nights of acts, each sealed in the morning."""
    for night in range(many):
        with office.db.writing() as conn:
            for n in range(4):
                note_act(conn, clock.now_ms() + n, "nadia", "cafe.changed", n, night=night, é="à")
        clock.tick(DAY_MS)
        with office.db.writing() as conn:
            trail_seals.seal(conn, office)


def found(office: Office, *, forgotten_before: int = 0) -> list[str]:
    """What is wrong."""
    with office.db.reading() as conn:
        return trail_seals.faults(conn, office, forgotten_before=forgotten_before)


@both
def test_what_was_sealed_is_found_whole(office: Office, clock: StoppedClock) -> None:
    """Night after night upon the one before; acts of the last minutes wait for the next; a night of nothing seals nothing."""
    nights(office, clock)
    with office.db.writing() as conn:
        note_act(conn, clock.now_ms(), "nadia", "user.signed_in")
        sealed = trail_seals.seal(conn, office)
        assert sealed is not None
        assert (sealed["n"], sealed["acts"]) == (3, 4)
        assert conn.execute(select(func.count()).select_from(hq_act).where(hq_act.c.seal.is_(None))).scalar_one() == 1
    assert found(office) == []


@pytest.mark.parametrize("hq_db", [ENGINES[1]], indirect=True)
def test_a_night_of_tens_of_thousands_of_acts_is_sealed(office: Office, clock: StoppedClock) -> None:
    """Wrong passwords of a whole night, or an office that never sealed: more than a statement has parameters."""
    with office.db.writing() as conn:
        conn.exec_driver_sql(
            "INSERT INTO hq_act (id, at, by, act, detail)"
            " SELECT lpad(n::text, 20, '0'), 1, '', 'user.wrong_passwords', '' FROM generate_series(1, 70000) n"
        )
        sealed = trail_seals.seal(conn, office)
    assert sealed is not None
    assert sealed["acts"] == 70_000
    assert found(office) == []


def _any(conn: Connection) -> str:
    return str(conn.execute(select(hq_act.c.id).where(hq_act.c.seal == 2).limit(1)).scalar_one())


CHANGES: dict[str, Callable[[Connection], object]] = {
    "seal 2: its 4": lambda c: c.execute(update(hq_act).where(hq_act.c.id == _any(c)).values(by="ines")),
    "(3 there)": lambda c: c.execute(delete(hq_act).where(hq_act.c.id == _any(c))),
    "(5 there)": lambda c: c.execute(insert(hq_act).values(id="0", at=5, by="x", act="y", detail="", seal=2)),
    "slipped in": lambda c: c.execute(insert(hq_act).values(id="0", at=5, by="x", act="y", detail="")),
    "seal 2 is missing": lambda c: c.execute(delete(act_seal).where(act_seal.c.n == 2)),
    "under seal 3": lambda c: c.execute(delete(act_seal).where(act_seal.c.n == 3)),
    "not signed": lambda c: c.execute(update(act_seal).where(act_seal.c.n == 2).values(digest="00" * 32)),
}


@both
@pytest.mark.parametrize("said", CHANGES)
def test_whatever_is_changed_afterwards_is_found(office: Office, clock: StoppedClock, said: str) -> None:
    """A row changed, gone, added; a seal gone or made anew: named."""
    nights(office, clock)
    with office.db.writing() as conn:
        CHANGES[said](conn)
    assert said in " ".join(found(office))


def test_another_key_makes_no_seal_of_ours(office: Office, clock: StoppedClock) -> None:
    """Who has the database and not HQ's key cannot seal it anew."""
    nights(office, clock)
    mine, office.keyring = office.keyring, key_of("box9")
    with office.db.writing() as conn:
        note_act(conn, clock.now_ms(), "x", "y")
        clock.tick(DAY_MS)
        trail_seals.seal(conn, office)
    office.keyring = mine
    assert found(office) == ["seal 4 is not signed by this HQ"]


def test_what_retention_forgot_is_not_missed(office: Office, clock: StoppedClock) -> None:
    """Acts past their day are gone by right; what came after is still checked upon their seals."""
    nights(office, clock, 4)
    with office.db.writing() as conn:
        limit = conn.execute(select(func.max(hq_act.c.at)).where(hq_act.c.seal == 2)).scalar_one()
        conn.execute(delete(hq_act).where(hq_act.c.at < limit))
    assert found(office, forgotten_before=limit) == []
    assert len(found(office)) == 2
    with office.db.writing() as conn:
        conn.execute(update(hq_act).where(hq_act.c.seal == 4).values(by="x"))
    assert len(found(office, forgotten_before=limit)) == 1


def test_the_night_seals_before_it_forgets_and_a_command_checks(office: Office, clock: StoppedClock) -> None:
    """`zinc-hq forget` seals; `zinc-hq trail` prints the last seal, and exits with 1 once a row was changed."""
    with office.db.writing() as conn:
        note_act(conn, clock.now_ms(), "nadia", "user.signed_in")
    clock.tick(DAY_MS)
    run = CliRunner()
    assert run.invoke(keeping_commands.forget, obj=office).exit_code == 0
    told = run.invoke(keeping_commands.trail, obj=office)
    assert (told.exit_code, told.output.split()[0], len(told.output.split()[1])) == (0, "1", 64)
    with office.db.writing() as conn:
        conn.execute(update(hq_act).values(by="somebody else"))
    assert run.invoke(keeping_commands.trail, obj=office).exit_code == 1
