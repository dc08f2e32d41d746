"""What is written to a file is what the command line prints of the same PDUs."""

from __future__ import annotations

import json

import pytest

from tests.tui.stores import store
from tui.pdus.writing import FORMATS, pieces


@pytest.mark.parametrize(("suffix", "lines"), [(".jsonl", 3), (".csv", 4), (".txt", 3), (".json", 5)])
def test_the_suffix_decides_about_the_format(suffix: str, lines: int) -> None:
    assert suffix in FORMATS
    assert len(b"".join(pieces(store("k34"), [2, 5, 9], suffix)).splitlines()) == lines


def test_json_has_the_chosen_pdus_in_their_order() -> None:
    text = b"".join(pieces(store("k34"), [9, 2], ".jsonl"))
    assert [json.loads(line)["number"] for line in text.splitlines()] == [9, 2]
