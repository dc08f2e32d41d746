"""Values as people write them, and what is none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.query import literals
from iscsi_analyzer.query.literals import Unreadable, duration, moment, number, octets, truth


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("37", 37), ("0x25", 37), ("0X2a", 42), ("045", 37), ("0o45", 37), ("0b101", 5), ("-5", -5), ("+7", 7)],
)
def test_numbers_have_four_bases(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "x", "1.5", "0x", "08", "1e3", "0b2", "--5", "1 ", "\u0661", "9" * 81])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Unreadable):
        number(text)


@given(st.integers(0, 1 << 64))
def test_every_number_is_read_in_every_base(value: int) -> None:
    assert {number(text) for text in (str(value), hex(value), oct(value), bin(value))} == {value}


@pytest.mark.parametrize(
    ("text", "value"), [("True", 1), ("false", 0), ("TRUE", 1), ("1", 1), ("0", 0), ("2", 1), ("0x0", 0)]
)
def test_truth_is_a_word_or_a_number(text: str, value: int) -> None:
    assert truth(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1_000_000_000),
        ("0.005", 5_000_000),
        (".5us", 500),
        ("5ms", 5_000_000),
        ("20us", 20_000),
        ("20µs", 20_000),
        ("100ns", 100),
        ("1.5min", 90_000_000_000),
        ("2h", 7_200_000_000_000),
        ("1e-3", 1_000_000),
        ("-1ms", -1_000_000),
        ("0.0000000019", 1),
    ],
)
def test_durations_are_seconds_or_have_a_unit(text: str, value: int) -> None:
    assert duration(text) == value


@pytest.mark.parametrize("text", ["", "ms", "5 ms", "5parsec", "1e99", "1:30", "0x5"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Unreadable):
        duration(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1795172722.246769001", 1795172722_246769001),
        ("2026-11-20 11:05:22.246769001", 1795172722_246769001),
        ("2026-11-20T11:05:22Z", 1795172722_000000000),
        ("2026-11-20 12:05:22+01:00", 1795172722_000000000),
        ("2026-11-20 09:35:22-0130", 1795172722_000000000),
        ("2026-11-20 11:05", 1795172700_000000000),
        ("2026-11-20", 1795132800_000000000),
        ("Nov 20, 2026 11:05:22.5", 1795172722_500000000),
    ],
)
def test_points_in_time_are_seconds_or_dates(text: str, value: int) -> None:
    assert moment(text) == value


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "2026-02-30", "Foo 1, 2026", "2026-11-20 25:00:00"])
def test_what_is_no_point_in_time(text: str) -> None:
    with pytest.raises(Unreadable):
        moment(text)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))
def test_a_date_is_the_time_that_it_says(when: datetime) -> None:
    assert moment(when.isoformat(" ")) == round(when.replace(tzinfo=UTC, microsecond=0).timestamp()) * 10**9 + (
        when.microsecond * 1000
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00:11:22", "001122"),
        ("00-11", "0011"),
        ("00.11", "0011"),
        ("001122", "001122"),
        ("0x0011", "0011"),
        ("ff", "ff"),
    ],
)
def test_bytes_are_hexadecimal(text: str, value: str) -> None:
    assert octets(text) == bytes.fromhex(value)


@pytest.mark.parametrize("text", ["", "0", "00:1", "00:11-22", "0g", "::1"])
def test_what_is_no_bytes(text: str) -> None:
    with pytest.raises(Unreadable):
        octets(text)


def test_networks_and_addresses_have_a_version() -> None:
    assert literals.network("10.1.2.3/8", 4) == ip_network("10.0.0.0/8")
    assert literals.network("fe80::1", 6) == ip_network("fe80::1/128")
    assert literals.address("10.1.2.3", 4) == ip_address("10.1.2.3")
    for text, version in (("::1", 4), ("10.0.0.1", 6), ("10.0.0.256", 4), ("host", 4), ("10.0.0.0/40", 4)):
        with pytest.raises(Unreadable):
            literals.network(text, version)
        with pytest.raises(Unreadable):
            literals.address(text, version)


READERS: list[Callable[[str], object]] = [
    number,
    truth,
    duration,
    moment,
    octets,
    lambda text: literals.network(text, 4),
    lambda text: literals.network(text, 6),
    lambda text: literals.address(text, 6),
]


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9a-fx:./%+-]{1,24}", fullmatch=True)))
def test_any_text_is_a_value_or_unreadable(text: str) -> None:
    for read in READERS:
        with suppress(Unreadable):
            read(text)
