"""The phase bar of a task divides its whole width by time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.analysis.phases import DATA_IN, FIRST_DATA, PHASES
from tui.drawing.phase_bar import glyph, legend, longest, phase_bar

MS = 1_000_000


def times(**phases: int) -> list[int]:
    """Nanoseconds in the order of the phases; underscores stand for blanks and hyphens."""
    known = {name.replace(" ", "_").replace("-", "_"): at for at, name in enumerate(PHASES)}
    found = [0] * len(PHASES)
    for name, value in phases.items():
        found[known[name]] = value
    return found


def test_a_read_that_waited_shows_who_it_waited_for() -> None:
    assert phase_bar(times(command=MS, first_data=6 * MS, Data_In=3 * MS), 10) == "▓░░░░░░███"


def test_no_time_makes_no_bar() -> None:
    assert phase_bar(times(), 10) == ""


@given(st.lists(st.integers(0, 10**12), min_size=len(PHASES), max_size=len(PHASES)), st.integers(1, 200))
def test_the_bar_fills_its_width(phases: list[int], width: int) -> None:
    assert len(phase_bar(phases, width)) == (width if sum(phases) else 0)


def test_the_longest_phase_is_found() -> None:
    assert longest(times(first_data=3 * MS, Data_In=MS)) == FIRST_DATA


def test_the_legend_knows_the_characters() -> None:
    assert glyph(DATA_IN) in legend()
