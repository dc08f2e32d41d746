"""What stands in the rows of PDUs can be filtered on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Row
from tests.iscsi_analyzer.stores import busy, cut_short, found, store_of, varied
from tests.support.talk import Talk

NUMBERS: dict[str, Callable[[Row], int]] = {
    "frame.number": lambda row: row.frame_last,
    "iscsi.pdu.first_frame": lambda row: row.frame_first,
    "iscsi.pdu.length": lambda row: row.length,
    "iscsi.pdu.header_captured": lambda row: row.header_captured,
    "iscsi.pdu.data_captured": lambda row: row.data_captured,
}
FLAGS = {
    "cut": rows.FLAG_CUT,
    "unfinished": rows.FLAG_UNFINISHED,
    "odd": rows.FLAG_ODD,
    "resync": rows.FLAG_RESYNC,
    "digests_inferred": rows.FLAG_INFERRED,
}


def odd() -> Talk:
    """Conversations with bad digests, an odd header, and an end in the middle of a PDU."""
    talk = Talk(header_digest=True, data_digest=True).open()
    talk.read(512)
    talk.ping(b"x" * 10)
    talk.nop_out(b"bad data", data_digest=1)
    talk.nop_out(b"bad header", header_digest=1)
    talk.read(4096)
    return talk


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_rows(name: str) -> None:
    for store in (varied(), cut_short(), busy()):
        values = [NUMBERS[name](row) for row in store.rows()]
        for value in set(values[::9]):
            assert found(f"{name} == {value}", store) == [n for n, other in enumerate(values, 1) if other == value]


@pytest.mark.parametrize("name", FLAGS)
def test_flags_alone_mean_that_they_are_set(name: str) -> None:
    for store in (varied(), cut_short()):
        expected = [number for number, row in enumerate(store.rows(), 1) if row.flags & FLAGS[name]]
        assert found(f"iscsi.pdu.{name}", store) == found(f"iscsi.pdu.{name} == True", store) == expected
        rest = sorted(set(range(1, len(store) + 1)) - set(expected))
        assert found(f"!iscsi.pdu.{name}", store) == found(f"iscsi.pdu.{name} == 0", store) == rest


def test_the_first_and_the_last_of_each_direction() -> None:
    for store in (varied(), cut_short()):
        flows: dict[tuple[int, bool], list[int]] = {}
        for number, row in enumerate(store.rows(), 1):
            flows.setdefault((row.connection, row.to_target), []).append(number)
        assert found("iscsi.pdu.first", store) == sorted(numbers[0] for numbers in flows.values())
        assert found("iscsi.pdu.last", store) == sorted(numbers[-1] for numbers in flows.values())
        later = found("iscsi.pdu.number > 3 && iscsi.pdu.last", store)
        assert later == [number for number in found("iscsi.pdu.last", store) if number > 3]


def test_digests_have_words() -> None:
    store = store_of(odd().frames)
    for which in ("header_digest", "data_digest"):
        words = [getattr(row, which) for row in store.rows()]
        assert "ok" in words and "absent" in words
        for word in ("ok", "bad", "absent", "unknown"):
            expected = [number for number, found_word in enumerate(words, 1) if found_word == word]
            assert found(f"iscsi.pdu.{which} == {word}", store) == expected


def test_times_are_those_of_the_last_byte() -> None:
    store = busy()
    all_rows = list(store.rows())
    start = int(store.engine.first_ts)
    for number in (1, 50, len(store)):
        row = all_rows[number - 1]
        assert number in found(f"frame.time_relative == {row.time_last - start}ns", store)
        seconds = f"{row.time_last // 10**9}.{row.time_last % 10**9:09d}"
        assert number in found(f"frame.time_epoch == {seconds}", store)
        assert number in found(f'frame.time == "{seconds}"', store)
        first = f"{row.time_first // 10**9}.{row.time_first % 10**9:09d}"
        assert number in found(f"iscsi.pdu.time_first == {first}", store)


def test_the_delta_counts_from_the_pdu_before() -> None:
    store = busy()
    times = [row.time_last for row in store.rows()]
    deltas = [0, *(after - before for before, after in pairwise(times))]
    some = sorted(set(deltas))[len(set(deltas)) // 2]
    assert found(f"frame.time_delta > {some}ns", store) == [n for n, delta in enumerate(deltas, 1) if delta > some]


def test_protocols_are_there() -> None:
    store = varied()
    assert found("iscsi && frame && tcp && ip", store) == found("", store)
    assert found("scsi", store) == found("iscsi.opcode in {0x01, 0x05, 0x21, 0x25}", store)
    assert found("iscsi.pdu.number in {2..4}", store) == [2, 3, 4]
