"""Habits from tshark lead to the right place here."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.mistakes import OPTIONS, of_command, of_format, of_words


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_of_others_is_answered(option: str) -> None:
    said = of_words("report", [option, "x"])
    assert said == f"report has no option {option}: {OPTIONS[option]}"
    assert len(said) < 200


def test_an_option_with_its_value_attached_is_known_too() -> None:
    assert of_words("pdus", ["-zscsi,srt"]).startswith("pdus has no option -z")


def test_other_words_are_repeated() -> None:
    assert "does not know --wrong 1" in of_words("pdus", ["--wrong", "1"])


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ek", "did you mean -T jsonl"),
        ("pdml", "did you mean -T json?"),
        ("tabs", "did you mean -T fields"),
        ("x", "text"),
    ],
)
def test_an_unknown_format_brings_the_nearest_one(name: str, hint: str) -> None:
    assert hint in of_format(name, ("text", "json", "jsonl", "csv", "fields"))


def test_a_format_that_the_command_lacks_is_not_proposed() -> None:
    assert "did you mean" not in of_format("ek", ("text", "json"))


def test_a_word_nearly_like_a_command_is_taken_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Stop, match="did you mean `report`"):
        of_command("reprot")
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("reprot").touch()
    for word in ("reprot", "capture.pcap", "./reprot", "-x", "something-else"):
        of_command(word)
