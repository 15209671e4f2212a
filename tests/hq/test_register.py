"""The register: communes found as people name them, distances proposed and confirmed, sheets checked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq import communes, distances, facilities, geo, register
from hq.access import ANTENNA, OFFICE, READER, User
from hq.acts import acts
from hq.antennas import ANTENNAS, antenna_of
from hq.db import Database
from hq.distances import ChangeUnexplained, NotADistance, SourceMissing
from hq.exports import comma, csv_bytes, safe
from hq.register import BadSheet, Calendar, NoSuchCafe
from pos import demo
from pos.house import service_codes
from tests.hq.conftest import ENGINES
from tests.hq.made_up import confirm_all, find, sheet

NOW, TODAY = 1_795_160_000_000, "2026-11-20"
ONE = demo.CAFES[0]


@pytest.mark.parametrize(
    ("typed", "insee", "delegated"),
    [
        ("Pâlis", "10003", "Palis"), ("palis", "10003", "Palis"), ("Val d’Oingt", "69024", ""),
        ("val d oingt", "69024", ""), ("Saint-Laurent-d'Oingt", "69024", "Saint-Laurent-d'Oingt"),
        ("St Laurent d'Oingt", "69024", "Saint-Laurent-d'Oingt"), ("TIRANGES", "43246", ""), ("12320", "12268", ""),
        ("Aix-Villemaur-Pâlis", "10003", ""),
    ],
)  # fmt: skip
def test_a_commune_is_found_as_people_name_it(typed: str, insee: str, delegated: str) -> None:
    """No accent, no case, an old name, a postal code: today's commune, the old name kept."""
    found = {(f.commune.insee, f.delegated) for f in communes.search(typed)}
    assert (insee, delegated) in found


def test_the_best_answer_comes_first() -> None:
    """The exact name before its beginnings."""
    assert communes.search("Pâlis")[0].commune.name == "Aix-Villemaur-Pâlis"
    assert communes.search("Louin")[0].commune.insee == "79156"
    assert communes.search("x") == []
    assert communes.search("' OR 1=1 --") == []


def test_a_commune_of_3500_or_more_warns() -> None:
    """The limit of the programme is 3 500: 3 499 passes, 4 117 warns, neither blocks."""
    big = communes.commune_of("69024")
    assert big is not None
    assert (big.population, big.too_big) == (4117, True)
    small = communes.commune_of("43246")
    assert small is not None
    assert not small.too_big


def test_a_merged_commune_s_code_leads_to_the_new_one() -> None:
    """10277 (Pâlis) is 10003 now; facilities counted under old codes count for the new one."""
    found = communes.commune_of("10277")
    assert found is not None
    assert found.insee == "10003"
    assert communes.commune_of("99999") is None


def test_every_departement_of_france_has_an_antenne() -> None:
    """Each département of the metropolis belongs to one of the five."""
    codes = [c for c in communes.departments() if len(c) == 2]
    assert len(codes) == 96
    assert {antenna_of(c) for c in codes} == set(ANTENNAS)
    assert (antenna_of("15"), antenna_of("35"), antenna_of("12"), antenna_of("72"), antenna_of("55")) == (1, 2, 3, 4, 5)


def test_the_great_circle_is_right() -> None:
    """Paris to Lyon is 392 km as the crow flies; a degree of the meridian 111.195 km; zero is zero."""
    assert abs(geo.great_circle_m(48.8566, 2.3522, 45.7640, 4.8357) - 391_500) < 1_000
    assert geo.great_circle_m(45, 3, 46, 3) == 111_195
    assert geo.great_circle_m(45.1, 3.2, 45.1, 3.2) == 0
    assert geo.by_road_m(5_800) == 7_500


@given(st.floats(41, 51), st.floats(-5, 9), st.floats(41, 51), st.floats(-5, 9))
def test_the_great_circle_is_the_same_both_ways(a: float, b: float, c: float, d: float) -> None:
    """From here to there is from there to here, and never negative."""
    assert geo.great_circle_m(a, b, c, d) == geo.great_circle_m(c, d, a, b) >= 0


def test_facilities_columns_of_every_service_exist() -> None:
    """A service names its alternative by columns of the file; a misspelt one would never be found."""
    for service in service_codes().values():
        assert set(service.alternatives) <= facilities.columns(), service.code


def test_the_nearest_alternative_is_proposed_and_the_commune_itself_said() -> None:
    """Tiranges had a bakery in 2013 (distance 0, to be checked); the nearest other one is found too."""
    tiranges = communes.commune_of("43246")
    assert tiranges is not None
    here, elsewhere = facilities.nearest(
        service_codes()["bread"], tiranges.insee, tiranges.latitude, tiranges.longitude
    )
    assert here is not None
    assert here.road_m == 0
    assert elsewhere is not None
    everywhere = [
        geo.great_circle_m(tiranges.latitude, tiranges.longitude, c.latitude, c.longitude)
        for insee, has in facilities.facilities().items()
        if has.get("bakery") and insee != tiranges.insee
        for c in [communes.communes()[insee]]
    ]
    assert elsewhere.crow_m == min(everywhere)
    assert elsewhere.road_m == geo.by_road_m(elsewhere.crow_m)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_cafe_is_registered_with_its_commune(hq_db: Database) -> None:
    """The sheet takes name, population, département and centre from INSEE; the number never changes."""
    with hq_db.writing() as conn:
        first = register.add_cafe(conn, sheet(ONE, delegated="Le Bourg"), by="nadia", now_ms=NOW)
        second = register.add_cafe(conn, sheet(demo.CAFES[1]), by="nadia", now_ms=NOW)
    with hq_db.reading() as conn:
        row = find(conn, first)
        assert (first, second) == (1, 2)
        assert (row["commune"], row["department"], row["delegated"]) == ("Sacé", "53", "Le Bourg")
        assert 0 < row["population"] < 3500
        assert row["latitude"] == pytest.approx(48.18, abs=0.1)
        assert [a["act"] for a in acts(conn, cafe_id=first)] == ["cafe.added"]


@pytest.mark.parametrize(
    "changes",
    [
        {"insee": "00000"}, {"name": "  "}, {"name": "x" * 81}, {"antenna": 6}, {"model": "monarchy"},
        {"services": ("teleport",)}, {"week": ("7-9",) * 7}, {"opened_on": "32/13/2026"}, {"latitude": 91.0},
        {"status": "maybe"},
    ],
)  # fmt: skip
def test_a_sheet_that_makes_no_sense_is_refused(hq_db: Database, changes: dict[str, object]) -> None:
    """Each refusal says what is wrong in French, and nothing is written."""
    with pytest.raises(BadSheet) as refused, hq_db.writing() as conn:
        register.add_cafe(conn, sheet(ONE, **changes), by="t", now_ms=NOW)
    assert "«" not in refused.value.what()
    with hq_db.reading() as conn:
        assert register.cafes(conn, OFFICE) == []


def test_a_change_of_the_sheet_keeps_what_was_there(hq_db: Database) -> None:
    """The trail says each field before and after; saving the same sheet says nothing."""
    with hq_db.writing() as conn:
        number = register.add_cafe(conn, sheet(ONE), by="t", now_ms=NOW)
        register.change_cafe(conn, number, sheet(ONE), by="t", now_ms=NOW + 1)
        register.change_cafe(conn, number, sheet(ONE, name="Le Neuf"), by="ines", now_ms=NOW + 2)
        trail = acts(conn, cafe_id=number)
    assert [a["act"] for a in trail] == ["cafe.changed", "cafe.added"]
    assert ONE.sign in trail[0]["detail"]
    assert "Le Neuf" in trail[0]["detail"]


def test_a_cafe_of_another_antenne_does_not_exist(hq_db: Database) -> None:
    """The same refusal for a café elsewhere as for one that never was."""
    with hq_db.writing() as conn:
        number = register.add_cafe(conn, sheet(ONE), by="t", now_ms=NOW)
    elsewhere = User("x", "x", ANTENNA, 2)
    with hq_db.reading() as conn:
        for asked in (number, 999):
            with pytest.raises(NoSuchCafe):
                register.find_cafe(conn, asked, elsewhere)
        assert register.cafes(conn, elsewhere) == []
        assert len(register.cafes(conn, User("y", "y", READER))) == 1


@pytest.mark.parametrize(
    ("typed", "metres"), [("7,5", 7_500), ("7.5 km", 7_500), ("0", 0), ("200", 200_000), ("5,23", 5_230)]
)
def test_a_distance_is_read_as_it_is_typed(typed: str, metres: int) -> None:
    """Comma or dot, with or without km."""
    assert distances.parse_km(typed) == metres


@pytest.mark.parametrize("typed", ["", "-1", "sept", "200,1", "1e3", "99999", "7,5,2", "²", "NaN"])
def test_what_is_not_a_distance_is_refused(typed: str) -> None:
    """Letters, negatives and absurd lengths are refused in words."""
    with pytest.raises(NotADistance):
        distances.parse_km(typed)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_distances_are_dated_and_explained(hq_db: Database) -> None:
    """A source is asked always, a word beyond 30 %; the distance in force is the last before the day."""
    with hq_db.writing() as conn:
        number = register.add_cafe(conn, sheet(ONE), by="t", now_ms=NOW)
        row = find(conn, number)

        def put(metres: int, day: str, source: str = "compteur", note: str = "") -> None:
            distances.confirm(conn, row, "bread", metres, by="Inès", now_ms=NOW, valid_from=day, town="53130",
                              town_name="Laval", source=source, note=note)  # fmt: skip

        with pytest.raises(SourceMissing):
            put(7_500, "2026-01-01", source=" ")
        put(7_500, "2026-01-01")
        put(9_700, "2026-03-01")
        with pytest.raises(ChangeUnexplained):
            put(5_000, "2026-06-01")
        put(5_000, "2026-06-01", note="nouvelle route")
        known = distances.confirmed(conn)
        found = [
            known.at(number, "bread", day) for day in ("2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01", TODAY)
        ]
        assert [d.metres if d else None for d in found] == [None, 7_500, 7_500, 9_700, 5_000]


def test_until_confirmed_a_line_has_a_proposal_and_no_distance(hq_db: Database) -> None:
    """« distance à confirmer »: the form proposes, nothing is in force."""
    with hq_db.writing() as conn:
        number = register.add_cafe(conn, sheet(ONE), by="t", now_ms=NOW)
        lines = distances.lines(conn, find(conn, number), TODAY)
        asked = [line.service.code for line in lines]
        assert asked == [c for c, s in service_codes().items() if s.alternatives and c in sheet(ONE).services]
        assert asked
        assert all(line.confirmed is None for line in lines)
        assert all(line.elsewhere is not None for line in lines)
        confirm_all(conn, number, NOW)
        assert all(line.confirmed is not None for line in distances.lines(conn, find(conn, number), TODAY))


def test_money_is_shared_by_contract_or_by_consent() -> None:
    """A managed café shares; any other only with a signed consent (services.md D.1)."""
    assert register.shares_money({"model": "managed", "consent_on": ""})  # type: ignore[arg-type]
    assert not register.shares_money({"model": "volunteer", "consent_on": ""})  # type: ignore[arg-type]
    assert register.shares_money({"model": "volunteer", "consent_on": "2026-02-01"})  # type: ignore[arg-type]


def test_the_calendar_tells_rest_from_closure_from_nothing() -> None:
    """Open, rest, declared closure, and unknown without a calendar."""
    week = ("", *["7:00-13:00"] * 6)
    calendar = Calendar(week, (("2026-11-10", "2026-11-12"),))
    assert [calendar.plan(d) for d in ("2026-11-16", "2026-11-17", "2026-11-11")] == ["rest", "open", "away"]
    assert Calendar(()).plan("2026-11-17") == "unknown"


@given(st.text(max_size=30))
def test_no_cell_of_an_export_can_be_a_formula(text: str) -> None:
    """Whatever was typed, the cell that opens in a spreadsheet is a text."""
    shown = safe(text)
    assert shown[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert text.replace("\x00", "") in shown


def test_an_export_is_what_a_french_spreadsheet_opens() -> None:
    """BOM, semicolons, decimal comma, CRLF; negative amounts stay numbers."""
    made = csv_bytes(["café", "km"], [["=1+1", comma(-12_345, 3)], ["« L’Été »; ok", None]])
    assert made.decode() == '\ufeff"café";"km"\r\n"\'=1+1";-12,345\r\n"« L’Été »; ok";""\r\n'
