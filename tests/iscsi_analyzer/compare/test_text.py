"""The comparison as text: 80 columns, nothing hidden, nothing said where there is nothing to say."""

from __future__ import annotations

from functools import cache
from random import Random

from iscsi_analyzer.compare.record import ComparisonRecord
from iscsi_analyzer.compare.text import comparison_text
from tests.support.mangle_loss import drop, flip
from tests.support.samples import sample
from tests.support.talk_load import mixture
from tests.support.two_sides import MS, compared, far, frames_of, shifted, slow


@cache
def busy() -> ComparisonRecord:
    frames = slow(mixture(seed=5, pdus=300).frames, 600)
    other = drop(frames, Random(1), share=0.05)
    for place in [at for at, frame in enumerate(other) if len(frame.data) > 500][::10]:
        other[place] = flip(other[place], 0.9, 1)
    return compared(frames, shifted(far(other, 2 * MS, 2 * MS), 5000 * MS), late_ns=2 * MS - 1)


def test_every_part_is_there_and_fits_a_terminal() -> None:
    lines = list(comparison_text(busy()))
    assert [line for line in lines if len(line) > 80] == []
    text = "\n".join(lines)
    for title in (
        "in short", "clocks", "connections  1 in both", "one-way delay between A and B", "where the time of",
        "in one capture only", "changed on the way", "late PDUs",
    ):  # fmt: skip
        assert f"\n{title}" in text
    assert "B is 5.000 s ahead of A, +- 2 ms" in text
    assert "A was made nearer to the initiator" in text


def test_lists_are_finished_on_request() -> None:
    short, full = list(comparison_text(busy())), list(comparison_text(busy(), everything=True))
    assert len(full) > len(short)
    assert any("--all lists" in line for line in short)
    assert not any("--all lists" in line for line in full)
    assert sum(line.startswith(("  A frame", "  B frame")) for line in full) == len(busy().missing)


def test_what_is_the_same_needs_few_words() -> None:
    frames = frames_of(sample("f12_dumpcap"))
    lines = list(comparison_text(compared(frames, frames)))
    assert "   nothing was lost or changed, or late, between A and B" in lines
    assert "network or target: captures of one place cannot tell" in lines
    assert "in one capture only" not in lines


def test_colour_changes_nothing_but_colour() -> None:
    import re

    plain, coloured = comparison_text(busy()), comparison_text(busy(), colour=True)
    assert [re.sub(r"\x1b\[\d*m", "", line) for line in coloured] == list(plain)
