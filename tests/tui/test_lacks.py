"""What a capture lacks is counted once, however often somebody looks, and nothing is said of whole captures."""

from __future__ import annotations

import pytest

from iscsi_analyzer.run import Analysis
from tests.tui.screen_text import sample
from tests.tui.stores import store
from tui.lacks import Lacks


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("k34", []),
        ("f41", ["1 gap"]),
        ("b01", ["1 run of bytes not framed"]),
        ("f02", ["frames were cut: "]),
        ("f10_mid", ["1 connection from mid-session"]),
    ],
)
def test_lacks_are_told_in_few_words(name: str, words: list[str]) -> None:
    found = Lacks(store(name)).words()
    assert len(found) == len(words)
    assert all(told.startswith(expected) for told, expected in zip(found, words, strict=True))


def test_looking_often_counts_nothing_twice() -> None:
    with Analysis([sample("k46")]) as analysis:
        lacks = Lacks(analysis.store)
        while analysis.step():
            lacks.words()
            lacks.words()
        analysis.finish()
        assert lacks.words() == lacks.words() == Lacks(analysis.store).words()
