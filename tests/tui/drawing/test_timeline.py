"""A time line shows the worst that happened in each piece of time."""

from __future__ import annotations

from tui.drawing.timeline import LETTERS, WORDS, legend, timeline


def test_events_stand_where_they_happened() -> None:
    assert timeline([(0, "loss"), (55, "zero window"), (100, "gap")], 0, 100, 10) == "L····Z···g"


def test_the_worst_of_several_is_shown() -> None:
    assert timeline([(1, "retransmission"), (2, "gap"), (3, "out of order")], 0, 100, 4) == "R···"


def test_unknown_events_are_left_out() -> None:
    assert timeline([(1, "keep-alive")], 0, 100, 4) == "····"


def test_times_outside_stay_in_the_line() -> None:
    assert timeline([(-50, "loss"), (500, "loss")], 0, 100, 3) == "L·L"
    assert timeline([(5, "loss")], 7, 7, 2) == "L·"
    assert timeline([(5, "loss")], 0, 7, 0) == ""


def test_the_legend_explains_the_letters_that_are_used() -> None:
    assert legend(["·R·", "··Z"]) == "R retransmission  Z zero window"
    assert legend(["···"]) == ""
    assert set(LETTERS.values()) == set(WORDS)
