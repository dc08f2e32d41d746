"""Points in time mean the same however they are written."""

from __future__ import annotations

import pytest

from iscsi_analyzer.query.literals import Unreadable
from iscsi_analyzer.when import when

S = 1_000_000_000
FIRST = 1_795_174_333_804_008_000
"2026-11-20 11:32:13.804008 UTC."


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("0", 0),
        ("12.5", 12.5),
        (" 12.5 ", 12.5),
        ("12.5s", 12.5),
        ("500ms", 0.5),
        ("2min", 120),
        ("+30s", 30),
        ("1h", 3600),
    ],
)
def test_seconds_count_from_the_first_frame(text: str, after: float) -> None:
    assert when(text).at(FIRST) == FIRST + int(after * S)


def test_a_plus_sign_counts_from_another_point_if_there_is_one() -> None:
    assert when("+30s").at(FIRST, FIRST + 5 * S) == FIRST + 35 * S
    assert when("30s").at(FIRST, FIRST + 5 * S) == FIRST + 30 * S


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T11:32:20.5",
        "2026-11-20 11:32:20.5Z",
        "2026-11-20T12:32:20.5+01:00",
        "11:32:20.5",
        "1795174340.5",
        "Nov 20, 2026 11:32:20.5",
    ],
)
def test_points_on_the_calendar_do_not_depend_on_the_capture(text: str) -> None:
    assert when(text).at(FIRST, FIRST + S) == 1_795_174_340_500_000_000


def test_a_time_of_day_is_the_one_nearest_to_the_first_frame() -> None:
    midnight = FIRST - FIRST % (86_400 * S)
    late = midnight - 60 * S
    assert when("0:01").at(late) == midnight + 60 * S
    assert when("23:59").at(midnight) == midnight - 60 * S
    assert when("11:30").at(FIRST) == midnight + (11 * 60 + 30) * 60 * S


@pytest.mark.parametrize(
    "text", ["", "x", "12x", "-5", "-1min", "25:00", "11:60", "2026-13-01", "1e99", "+", "11:32:20:5"]
)
def test_what_is_no_point_in_time_is_said_so(text: str) -> None:
    with pytest.raises(Unreadable):
        when(text)
