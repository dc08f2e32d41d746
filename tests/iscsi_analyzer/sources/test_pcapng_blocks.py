"""Options and times of pcapng are read exactly, and nothing in them can do harm."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.sources.pcapng_blocks import (
    OPTIONS_MAX,
    TIME_MAX,
    fast_time,
    options,
    parse_interface,
    resolution_words,
    text,
    time_ns,
)
from tests.support import capturefiles

WORDS = st.integers(0, (1 << 32) - 1)


@given(st.lists(st.tuples(st.integers(1, 0xFFFF), st.binary(max_size=50)), max_size=20), st.sampled_from("<>"))
def test_options_are_what_was_written(found: list[tuple[int, bytes]], order: str) -> None:
    for end in (True, False):
        assert options(capturefiles.options(found, order, end=end), order == ">") == found


def test_options_end_at_the_mark_or_where_they_do_not_fit() -> None:
    data = capturefiles.options([(1, b"abc"), (2, b"de")])
    assert options(data + data, False) == [(1, b"abc"), (2, b"de")]
    for length in range(len(data)):
        assert options(data[:length], False) == [(1, b"abc"), (2, b"de")][: (length >= 7) + (length >= 14)]


def test_options_are_bounded_in_number() -> None:
    assert len(options(b"\1\0\0\0" * (OPTIONS_MAX + 5), False)) == OPTIONS_MAX


def test_texts_survive_what_is_no_text() -> None:
    assert text(b"eth0\0\0") == "eth0"
    assert text(b"\xffx") == "\ufffdx"


@given(WORDS, WORDS, st.integers(0, 255), st.integers(-(1 << 63), (1 << 63) - 1))
def test_times_are_exact_and_clamped(high: int, low: int, tsresol: int, offset: int) -> None:
    unit = Fraction(1, 2 ** (tsresol & 0x7F)) if tsresol & 0x80 else Fraction(1, 10**tsresol)
    ns = floor((high << 32 | low) * unit * 10**9) + offset * 10**9
    assert time_ns(high, low, tsresol, offset) == max(-TIME_MAX, min(TIME_MAX, ns))


@given(WORDS, WORDS, st.integers(0, 255), st.integers(-(1 << 34), 1 << 34))
def test_the_fast_way_gives_the_same_time_within_63_bits(high: int, low: int, tsresol: int, offset: int) -> None:
    multiplier, addend, limit = fast_time(tsresol, offset)
    if limit:
        high %= limit
        product = (high << 32 | low) * multiplier
        assert product < 1 << 62
        assert abs(product + addend) < 1 << 63
        assert product + addend == time_ns(high, low, tsresol, offset)


def test_times_of_our_days_take_the_fast_way() -> None:
    for tsresol in (0, 3, 6, 9):
        units = capturefiles.NOW // 10 ** (9 - tsresol)
        assert units >> 32 < fast_time(tsresol, 0)[2]


def test_units_have_words() -> None:
    words = [resolution_words(tsresol) for tsresol in (0, 3, 6, 9, 12, 0x80 | 20)]
    assert words == ["s", "ms", "us", "ns", "10^-12 s", "2^-20 s"]


@given(st.binary(max_size=100), st.booleans())
def test_no_bytes_make_an_interface_raise(body: bytes, big_endian: bool) -> None:
    facts, tsresol = parse_interface(body, big_endian)
    assert 0 <= tsresol <= 255
    assert facts.linktype >= -1


def test_a_filter_that_is_no_text_is_not_shown_as_one() -> None:
    facts, _ = parse_interface(bytes(8) + capturefiles.options([(11, b"\1abcd"), (9, b""), (14, b"x")]), False)
    assert (facts.filter, facts.offset_seconds) == ("(not a text: 4 bytes)", 0)
