"""What is written to a file is what the command line prints of the same PDUs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.stores import store
from tui.pdus.writing import write


@pytest.mark.parametrize(("suffix", "lines"), [(".jsonl", 3), (".csv", 4), (".txt", 3), (".json", 5)])
def test_the_suffix_decides_about_the_format(tmp_path: Path, suffix: str, lines: int) -> None:
    path = tmp_path / f"out{suffix}"
    write(store("k34"), [2, 5, 9], path)
    assert len(path.read_bytes().splitlines()) == lines


def test_json_has_the_chosen_pdus_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write(store("k34"), [9, 2], path)
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == [9, 2]


def test_nothing_is_overwritten_and_other_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        write(store("k34"), [1], path)
    with pytest.raises(ValueError, match=r"\.jsonl"):
        write(store("k34"), [1], tmp_path / "out.doc")
    assert path.read_text() == "mine"
    assert not (tmp_path / "out.doc").exists()
