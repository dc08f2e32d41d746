"""The time column, in all of tshark's ways."""

from __future__ import annotations

import re

import pytest

from iscsi_analyzer.export.clocks import KINDS, Delta, clock, local
from tests.support.command import analysed
from tests.support.talk import Talk

NS = 1_700_000_000_123_456_789


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_makes_columns_of_the_same_width(kind: str) -> None:
    store = analysed(Talk().open()).store
    make = clock(kind, store)
    assert len({len(make(store.first_ts + step)) for step in (0, 1_000, 5_000_000_000)}) == 1


def test_relative_times_count_from_the_first_frame() -> None:
    store = analysed(Talk().open()).store
    assert clock("r", store)(store.first_ts + 1_500_000_000).strip() == "1.500000"


def test_deltas_count_from_the_time_before() -> None:
    make = Delta()
    assert [make(NS).strip(), make(NS + 2_000).strip(), make(NS + 1_000).strip()] == [
        "0.000000",
        "0.000002",
        "-0.000001",
    ]


def test_epoch_and_utc_do_not_depend_on_the_machine() -> None:
    store = analysed(Talk().open()).store
    assert clock("e", store)(NS) == "1700000000.123456"
    assert clock("u", store)(NS) == "22:13:20.123456"
    assert clock("ud", store)(NS) == "2023-11-14 22:13:20.123456"


def test_local_times_read_like_times() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.123456", local(NS))
    assert local(1 << 90) != ""
