"""Times are exact to the nanosecond, whatever their size and sign."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.export.time_text import decimal, span, utc


@given(st.integers(-(1 << 62), 1 << 62))
def test_a_decimal_string_loses_nothing(ns: int) -> None:
    text = decimal(ns)
    seconds, _, rest = text.lstrip("-").partition(".")
    assert len(rest) == 9
    assert (int(seconds) * 10**9 + int(rest)) * (-1 if text.startswith("-") else 1) == ns


@pytest.mark.parametrize(
    ("ns", "digits", "text"),
    [(0, 9, "0.000000000"), (1_999_999_999, 6, "1.999999"), (-1, 9, "-0.000000001"), (-1_500_000_000, 3, "-1.500")],
)
def test_digits_are_cut_off_and_not_rounded(ns: int, digits: int, text: str) -> None:
    assert decimal(ns, digits) == text


def test_a_point_in_time_is_told_in_utc() -> None:
    assert utc(1795172722246769000) == "2026-11-20 11:05:22.246769"
    assert utc(-1) == "1969-12-31 23:59:59.999999"
    assert utc(1795172722246769000, 0) == "2026-11-20 11:05:22"


def test_a_time_beyond_the_calendar_is_told_in_seconds() -> None:
    assert utc(1 << 62) != ""
    assert utc(10**30) == "1000000000000000000000.000000"


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_500, "1.5 us"),
        (340_000, "340 us"),
        (12_500_000, "12.5 ms"),
        (3_200_000_000, "3.2 s"),
        (99_400_000_000, "99.4 s"),
        (125_000_000_000, "2 min 5 s"),
        (11_220_000_000_000, "3 h 7 min"),
        (260_000_000_000_000, "3 d 0 h"),
        (-1_500, "-1.5 us"),
    ],
)
def test_a_duration_has_about_three_digits_and_a_unit(ns: int, text: str) -> None:
    assert span(ns) == text
