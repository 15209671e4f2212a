"""The loans' acts: a thing's way, days, boxes of the library; what is refused and what stays private."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos import private
from pos.clock import StoppedClock
from pos.engines import calendar
from pos.engines.persons import NameMissing
from pos.errors import AlreadyDone, Refusal
from pos.services import loans
from pos.services.loans import desk, reading, slips
from pos.services.loans import refusals as no
from pos.services.loans.tables import GONE, IN, LENT, LOST
from pos.slips import as_text
from pos.store import Store
from pos.till import uses
from tests.conftest import open_test_store
from tests.services.loans.conftest import BY, DAY, at

ISBN = "9782253005278"


def novel(store: Store, **more: object) -> reading.Item:
    """A novel with its barcode."""
    return desk.list_item(store, **{"label": "Le Grand Meaulnes", "code": ISBN, **BY, **more})  # type: ignore[arg-type]


def state(store: Store, code: str) -> str:
    """Where a thing stands."""
    with store.reading() as conn:
        found = reading.item(conn, code)
        assert found is not None
        return found.state


def test_a_book_is_lent_and_comes_back(cafe: Store) -> None:
    """Its barcode is enough; due in three weeks; no trace of the borrower in the journal."""
    novel(cafe)
    loan = desk.lend(cafe, ISBN, name="Mme Lectrice", phone="0799887766", **BY)
    assert (loan.due_on, state(cafe, ISBN)) == ("2026-04-03", LENT)
    with pytest.raises(no.AlreadyLent):
        desk.lend(cafe, "E-1", name="M. Autre", **BY)
    back = desk.take_back(cafe, "e-1", **BY)
    assert (back.state, back.ended_on, state(cafe, ISBN)) == ("back", DAY, IN)
    with pytest.raises(no.NotLent):
        desk.take_back(cafe, ISBN, **BY)
    with cafe.reading() as conn:
        body = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
    assert b"Lectrice" not in body and b"0799887766" not in body and b"Meaulnes" in body
    assert cafe.tables_that_differ() == []


def test_a_visit_is_one_use_however_many_things(cafe: Store) -> None:
    """Two books lent in one visit are one use; bringing back is the end of the same loan, none."""
    first = desk.lend(cafe, novel(cafe).item, name="Mme Lectrice", **BY)
    game = desk.list_item(cafe, label="Jeu de l’oie", sort="game", **BY)
    desk.lend(cafe, game.number, person=first.person, visit=first.loan, **BY)
    desk.take_back(cafe, game.number, **BY)
    with cafe.reading() as conn:
        assert uses.of_day(conn, DAY) == {"loan": 1}
    (code,) = loans.SERVICE.services
    assert (code.code, code.headline, code.alternatives) == ("loan", False, ())


def test_a_due_day_falls_on_a_day_the_cafe_is_open(cafe: Store) -> None:
    """Closed on 3 April: due on the 4th; a day asked for stands as it is."""
    calendar.declare_closure(cafe, "2026-04-03", "2026-04-03", "holidays", **BY)
    assert desk.lend(cafe, novel(cafe).item, name="Mme Lectrice", **BY).due_on == "2026-04-04"
    other = desk.list_item(cafe, label="Perceuse", sort="tool", **BY)
    assert desk.lend(cafe, other.item, name="Mme Lectrice", due_on="2026-04-03", **BY).due_on == "2026-04-03"


def test_late_things_are_to_do_and_may_be_kept_longer(cafe: Store) -> None:
    """Late from the day after; kept longer it no longer is; never shorter than it was."""
    novel(cafe)
    desk.lend(cafe, ISBN, name="Mme Lectrice", due_on="2026-03-20", **BY)
    (todo,) = loans.SERVICE.todo
    badge = loans.SERVICE.badge
    assert badge is not None
    with cafe.reading() as conn:
        assert todo(conn, "2026-03-20") == [] and badge(conn, "2026-03-20") == ""
        assert [notice.url for notice in todo(conn, "2026-03-21")] == ["/loans?late=1"]
        assert "1" in badge(conn, "2026-03-21")
    with pytest.raises(no.NoLongerThan):
        desk.extend(cafe, ISBN, due_on="2026-03-15", **BY)
    at(cafe, "2026-03-21T09:00:00+01:00")
    longer = desk.extend(cafe, ISBN, **BY)
    assert (longer.due_on, longer.extended) == ("2026-04-11", 1)
    with cafe.reading() as conn:
        assert todo(conn, "2026-03-22") == []


def test_what_is_lost_may_be_found_again(cafe: Store) -> None:
    """Lost, it is not lent any more; found, it is back on its shelf; retired, it is gone and its barcode free."""
    novel(cafe)
    with pytest.raises(no.NotLent):
        desk.lose(cafe, ISBN, **BY)
    desk.lend(cafe, ISBN, name="Mme Lectrice", **BY)
    with pytest.raises(no.AlreadyLent):
        desk.retire_item(cafe, ISBN, "worn", **BY)
    desk.lose(cafe, ISBN, **BY)
    assert state(cafe, ISBN) == LOST
    with pytest.raises(no.NotLent):
        desk.lose(cafe, ISBN, **BY)
    with pytest.raises(no.NotLendable):
        desk.lend(cafe, ISBN, name="M. Autre", **BY)
    desk.take_back(cafe, ISBN, **BY)
    desk.retire_item(cafe, ISBN, "worn", **BY)
    assert state(cafe, "E-1") == GONE
    with pytest.raises(no.NotLendable):
        desk.lend(cafe, "E-1", name="M. Autre", **BY)
    with pytest.raises(no.NotLendable):
        desk.take_back(cafe, "E-1", **BY)
    assert novel(cafe).number == "E-2"
    assert cafe.tables_that_differ() == []


@pytest.mark.parametrize("wrong", [{"label": " "}, {"sort": "car"}, {"loan_days": 91}, {"code": "n°!"}])
def test_a_thing_needs_a_name_a_sort_a_time(cafe: Store, wrong: dict[str, object]) -> None:
    """Each is refused by name; so is a reason nobody gave."""
    with pytest.raises(no.NotAnItem):
        novel(cafe, **wrong)
    item = novel(cafe)
    with pytest.raises(no.NotAnItem):
        desk.retire_item(cafe, item.item, "because", **BY)
    for due in ("2026-03-12", "tomorrow", "2026-02-30"):
        with pytest.raises(no.NotAnItem):
            desk.lend(cafe, item.item, name="Mme Lectrice", due_on=due, **BY)
    with pytest.raises(NameMissing):
        desk.lend(cafe, item.item, **BY)


def test_a_barcode_is_one_things(cafe: Store) -> None:
    """A second copy has its own number; a correction keeps it; an unknown code is nothing."""
    item = novel(cafe)
    with pytest.raises(no.CodeTaken):
        novel(cafe, label="Deuxième exemplaire")
    same = novel(cafe, item=item.item, label="Le grand Meaulnes", loan_days=28)
    assert (same.item, same.number, same.label, same.loan_days) == (item.item, "E-1", "Le grand Meaulnes", 28)
    for act in (lambda: desk.lend(cafe, "E-77", name="M. Essai", **BY), lambda: novel(cafe, item="nothing")):
        with pytest.raises(no.NoSuchItem):
            act()
    with pytest.raises(no.NoSuchBox):
        novel(cafe, code="", box="nothing")


def test_a_scan_finds_a_thing_anywhere(cafe: Store) -> None:
    """Its barcode or its number; nothing once it left."""
    item = novel(cafe)
    scan = loans.SERVICE.scan
    assert scan is not None
    with cafe.reading() as conn:
        for code in (ISBN, "978 2253 005278", "e-1"):
            hit = scan(conn, DAY, code)
            assert hit is not None and hit.url == f"/loans/item/{item.item}"
        assert scan(conn, DAY, "3250390000426") is None
    desk.retire_item(cafe, item.item, "donated", **BY)
    with cafe.reading() as conn:
        assert scan(conn, DAY, "E-1") is None


def test_a_box_of_the_library_goes_back_on_its_day(cafe: Store) -> None:
    """Nothing of it is lent beyond; what is out is asked for, or stays owed until it comes back."""
    box = desk.receive_box(
        cafe, due_on="2026-03-30", labels=["9782070360024 L’Étranger", "Contes du village", " "], **BY
    )
    assert desk.lend(cafe, "9782070360024", name="Mme Lectrice", **BY).due_on == "2026-03-30"
    with pytest.raises(no.NoLongerThan):
        desk.extend(cafe, "9782070360024", due_on="2026-04-15", **BY)
    with pytest.raises(no.NoLongerThan):
        desk.lend(cafe, "E-2", name="M. Autre", due_on="2026-04-15", **BY)
    (todo,) = loans.SERVICE.todo
    with cafe.reading() as conn:
        assert [notice.url for notice in todo(conn, "2026-03-26")] == []
        assert [notice.url for notice in todo(conn, "2026-03-27")] == ["/loans/boxes"]
    with pytest.raises(no.BoxNotWhole):
        desk.return_box(cafe, box.box, **BY)
    told = desk.return_box(cafe, box.box, incomplete=True, **BY)
    assert (told.returned, told.missing, state(cafe, "E-2"), state(cafe, "E-1")) == (1, 1, GONE, LENT)
    with pytest.raises(no.NoSuchBox):
        desk.return_box(cafe, box.box, **BY)
    desk.take_back(cafe, "E-1", **BY)
    with cafe.reading() as conn:
        assert [item.number for item in reading.owed_to_library(conn)] == ["E-1"]
        assert [notice.url for notice in todo(conn, DAY)] == ["/loans/boxes"]
    desk.retire_item(cafe, "E-1", "donated", **BY)
    with cafe.reading() as conn:
        assert todo(conn, DAY) == []
    assert cafe.tables_that_differ() == []


def test_a_box_needs_a_day_and_a_list(cafe: Store) -> None:
    """Not today, not nothing, not twice the same barcode."""
    for wrong in ({"due_on": DAY}, {"due_on": "soon"}, {"labels": [" "]}, {"sort": "car"}):
        with pytest.raises(no.NotAnItem):
            desk.receive_box(cafe, **{"due_on": "2026-06-15", "labels": ["Contes"], **BY, **wrong})  # type: ignore[arg-type]
    with pytest.raises(no.CodeTaken):
        desk.receive_box(cafe, due_on="2026-06-15", labels=[f"{ISBN} Le Grand Meaulnes", f"{ISBN} Encore"], **BY)
    with cafe.reading() as conn:
        assert reading.boxes(conn) == [] and reading.items(conn) == []


def test_a_borrower_is_forgotten_a_year_after_the_last_need(cafe: Store) -> None:
    """Counted from the day the thing is due, not from the day it was lent; the loan stays."""
    loan = desk.lend(cafe, novel(cafe).item, name="Mme Lectrice", **BY)
    with cafe.writing(by="g1") as tx:
        assert private.forget_due(tx.conn, "2027-04-03") == 0
        assert private.forget_due(tx.conn, "2027-04-04") == 1
    assert state(cafe, ISBN) == LENT
    assert loan.person


def test_an_impatient_finger_lends_once(cafe: Store) -> None:
    """The same tap twice is one loan."""
    item = novel(cafe)
    desk.lend(cafe, item.item, name="Mme Lectrice", attempt="tap-1", **BY)
    with pytest.raises(AlreadyDone):
        desk.lend(cafe, item.item, name="Mme Lectrice", attempt="tap-1", **BY)


def test_papers_hold_on_narrow_paper(cafe: Store) -> None:
    """A label, the days of a borrower without their name, a box's list."""
    item = novel(cafe)
    loan = desk.lend(cafe, item.item, name="Mme Lectrice", **BY)
    box = desk.receive_box(cafe, due_on="2026-06-15", labels=["Contes du village"], **BY)
    with cafe.reading() as conn:
        found = reading.box(conn, box.box)
        assert found is not None
        papers = (slips.label_slip(item, "Le Café"), slips.due_slip(cafe="Le Café", lent=[(item, loan)]),
                  slips.box_slip(cafe="Le Café", box=found, items=reading.of_box(conn, box.box)))  # fmt: skip
    for width in (48, 32):
        assert "E-1" in as_text(papers[0], width) and "Lectrice" not in as_text(papers[1], width)
        assert max(len(row) for slip in papers for row in as_text(slip, width).splitlines()) <= width


ACTS = st.lists(
    st.tuples(st.sampled_from(["list", "lend", "back", "lose", "extend", "retire"]), st.integers(0, 4)), max_size=25
)
WAYS = {IN: {LENT, GONE}, LENT: {IN, LOST}, LOST: {IN, GONE}, GONE: set()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_a_thing_only_goes_its_way_and_is_lent_once(
    acts: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is tapped: a thing lent has exactly one open loan, one not lent has none, states follow their ways."""
    store = open_test_store(tmp_path_factory.mktemp("loans") / "cafe.db", StoppedClock(f"{DAY}T09:00:00+01:00"))
    things: list[str] = []
    seen: dict[str, str] = {}
    taps = {
        "lend": lambda one: desk.lend(store, one, name="Mme Lectrice", **BY), "back": lambda one: desk.take_back(store, one, **BY),
        "lose": lambda one: desk.lose(store, one, **BY), "extend": lambda one: desk.extend(store, one, **BY),
        "retire": lambda one: desk.retire_item(store, one, "worn", **BY),
    }  # fmt: skip
    for act, which in acts:
        with suppress(Refusal):
            if act == "list":
                things.append(desk.list_item(store, label=f"Livre {len(things)}", **BY).item)
            else:
                taps[act](things[which % len(things)] if things else "nothing")
        with store.reading() as conn:
            opened = [one.item for one in reading.open_loans(conn)]
            for one in things:
                now = state(store, one)
                assert now == seen.get(one, IN) or now in WAYS[seen.get(one, IN)]
                assert opened.count(one) == (now == LENT)
                seen[one] = now
    assert store.tables_that_differ() == []
    store.close()
