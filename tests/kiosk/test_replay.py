"""Day files: every file of tests/days plays without a difference, and a bad file is told apart."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.replay import BadDayFile, describe_acts, play_file, summary

DAYS = Path(__file__).parent.parent / "days"


@pytest.mark.parametrize("file", sorted(DAYS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_day_ends_with_its_expected_amounts(file: Path, tmp_path: Path) -> None:
    """Each scenario's acts lead to its takings, drawer, uses and refusals; its tables are what its journal tells."""
    store, played = play_file(file, tmp_path)
    assert played.differences == []
    assert played.refused == []
    assert store.tables_that_differ() == []
    store.close()


def test_a_refusal_nobody_expected_is_printed(tmp_path: Path) -> None:
    """What the café refused is told with its line and its French sentence."""
    file = tmp_path / "day.jsonl"
    file.write_text('{"at":"2026-03-12T08:00:00+01:00","act":"till.sell","with":{"lines":[{"product":"cafe"}]}}\n')
    store, played = play_file(file, tmp_path / "cafe")
    assert [(line, name) for line, name, _what in played.refused] == [(1, "DayNotOpen")]
    assert any("DayNotOpen" in text for text in summary(store, played))
    store.close()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "truncated"),
        ('{"act":"till.fly"}', "aucun acte"),
        ('{"act":"till.open_day","with":{"float_cents":"plenty"}}', "till.open_day"),
        ('{"act":"till.open_day","with":{"colour":1}}', "n’a pas de paramètre colour"),
        ('{"act":"till.open_day","with":{}}', "float_cents"),
        ('{"act":"till.settle_card","with":{"payment":"$unknown","outcome":"accepted"}}', "rien ne s’appelle encore"),
        ('{"expect":{"weather":1}}', "rien ne s’appelle"),
        ('{"at":"yesterday","act":"till.open_day"}', "isoformat"),
        ('"hello"', "ni «\u00a0act\u00a0»"),
    ],
)
def test_a_line_that_cannot_be_played_is_named(line: str, said: str, tmp_path: Path) -> None:
    """A malformed line stops the file with its number and what is wrong; nothing of it is kept."""
    file = tmp_path / "day.jsonl"
    file.write_text('{"at":"2026-03-12T08:00:00+01:00","act":"till.open_day","with":{"float_cents":0}}\n' + line + "\n")
    with pytest.raises(BadDayFile) as caught:
        play_file(file, tmp_path / "cafe")
    assert caught.value.params["line"] == 2
    assert said in str(caught.value.params["problem"])


def test_an_expectation_that_fails_is_a_difference(tmp_path: Path) -> None:
    """Totals that differ are told as found and expected."""
    file = tmp_path / "day.jsonl"
    file.write_text(
        '{"at":"2026-03-12T08:00:00+01:00","act":"till.open_day","with":{"float_cents":100}}\n{"expect":{"drawer":99}}\n'
    )
    store, played = play_file(file, tmp_path / "cafe")
    assert played.differences == ["ligne 2\u00a0: drawer vaut 100, attendu 99"]
    store.close()


def test_the_totals_of_the_day_are_printed(tmp_path: Path) -> None:
    """Takings, VAT by rate, means, others' money, uses and drawer, figures in one column."""
    store, played = play_file(DAYS / "press_week.jsonl", tmp_path)
    lines = [line for line in summary(store, played) if line.startswith("  ")]
    assert lines[0].startswith("  Recette du ")
    assert lines[-1].startswith("  Dans le tiroir")
    assert len({len(line) for line in lines}) == 1
    store.close()


def test_third_parties_and_services_are_said_in_words(tmp_path: Path) -> None:
    """No id of an owner, no code of a service, and the last line in French."""
    store, played = play_file(DAYS / "press_week.jsonl", tmp_path)
    said = summary(store, played)
    assert not any("presse" in line.split("  ") or "fdj" in line for line in said)
    assert any("FDJ" in line or "Dépôt de presse" in line for line in said)
    assert said[-1].endswith("0 écart") and "actes faits" in said[-1]
    store.close()


def test_every_act_is_described() -> None:
    """`zinc replay --acts` names each act with its parameters and what it does."""
    told = "\n".join(describe_acts())
    assert "till.sell(lines" in told
    assert "parameter" not in told.split("\n")[0]
    assert all(line.strip() for line in told.split("\n"))


def test_verify_of_a_folder_without_a_cafe_is_no_proof(tmp_path: Path) -> None:
    """A mistyped folder must not look like a sound café: exit 1, nothing made there."""
    done = CliRunner().invoke(main, ["--data", str(tmp_path / "nowhere"), "verify"])
    assert done.exit_code == 1
    assert "pas de café" in done.output
    assert not (tmp_path / "nowhere").exists()
