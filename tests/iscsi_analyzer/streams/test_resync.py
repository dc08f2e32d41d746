"""A header is found again among other bytes, if something speaks for it beside itself."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN, FramingContext
from iscsi_analyzer.streams.resync import body_length, confirmed, digest_holds, find_digested, find_header
from tests.iscsi_analyzer.streams.feeding import pdu, some_pdus
from tests.support.talk_pdu import COMMAND, NOP_OUT, Pdu

NOISE = Random(1).randbytes(400)


def word(head: bytes) -> int:
    return int.from_bytes(head[:8], "big", signed=True)


def find(
    data: bytes,
    start: int = 0,
    *,
    step: int = 1,
    digests: tuple[int, int] = (OFF, OFF),
    known: FramingContext | None = None,
) -> int:
    return find_header(data + b"\x01\x81" * 60, start, len(data), step, True, *digests, known)


def some(count: int = 3, **digests: bool) -> list[Pdu]:
    return some_pdus(Random(count), count, **digests)


@pytest.mark.parametrize("digests", [(OFF, OFF), (ON, OFF), (OFF, ON), (ON, ON)])
def test_lengths_are_those_of_the_pdus(digests: tuple[int, int]) -> None:
    for each in some_pdus(Random(2), 60, header_digest=digests[0] == ON, data_digest=digests[1] == ON):
        assert 48 + body_length(word(each.header), *digests) == each.size


def test_the_largest_lengths_are_no_trouble() -> None:
    assert body_length(word(b"\x01\x80\x00\x00\xff\xff\xff\xff"), 1, 1) == 255 * 4 + 4 + (1 << 24) + 4


@pytest.mark.parametrize("digests", [(OFF, OFF), (ON, OFF), (OFF, ON), (ON, ON)])
@pytest.mark.parametrize("settled", [True, False])
def test_a_chain_of_headers_is_found_wherever_it_begins(digests: tuple[int, int], settled: bool) -> None:
    """Digests may be known or not: one of the readings leads to the next header."""
    said = some(4, header_digest=digests[0] == ON, data_digest=digests[1] == ON)
    stream = b"".join(each.wire for each in said)
    for place in (0, 1, 17, 200):
        assert find(NOISE[:place] + stream, digests=digests if settled else (UNKNOWN, UNKNOWN)) == place


def test_a_lone_header_is_found_only_if_something_speaks_for_it() -> None:
    """Alone in noise it may be data; at the end of the segment, before another, or of a known task it is one."""
    one = pdu(NOP_OUT, 0x80, b"abcd", initiator_task_tag=9)

    assert find(NOISE[:99] + one.wire + NOISE) == -1
    assert find(NOISE[:99] + one.wire) == 99, "it ends where the segment ends"
    assert find(NOISE[:99] + one.wire + one.header) == 99, "another follows"
    assert find(NOISE[:99] + one.wire + one.header[:20]) == 99, "another begins"
    assert find(NOISE[:99] + one.header) == -1, "its data are not there, nor what follows them"


def test_a_right_digest_is_enough_and_a_wrong_one_decides_against() -> None:
    one = pdu(NOP_OUT, 0x80, b"abcd", initiator_task_tag=9, header_digest=True)
    assert find(NOISE[:99] + one.wire + NOISE, digests=(ON, OFF)) == 99
    spoiled = one.wire[:50] + b"?" + one.wire[51:]
    assert find(NOISE[:99] + spoiled, digests=(ON, OFF)) == -1


def test_positions_may_be_known_to_be_multiples_of_four() -> None:
    said = some()
    stream = b"".join(each.wire for each in said)
    assert find(bytes(5) + NOISE[:3] + stream, 0, step=4) == 8
    assert find(NOISE[:7] + stream, 3, step=4) == 7
    assert find(NOISE[:7] + stream, 0, step=4) == -1 or len(said) > 1


def test_a_header_must_be_there_as_a_whole() -> None:
    one = pdu(NOP_OUT, 0x80, initiator_task_tag=9)
    for size in range(48):
        assert find(NOISE[:20] + one.wire[:size]) == -1


@pytest.mark.parametrize("data", [bytes(5000), b"\xff" * 5000, Random(3).randbytes(200_000), b"\x05" + bytes(3000)])
def test_nothing_is_found_where_nothing_is(data: bytes) -> None:
    for to_target in (True, False):
        assert find_header(data, 0, len(data), 1, to_target, UNKNOWN, UNKNOWN, None) == -1


def test_a_chain_that_looks_right_is_right() -> None:
    one = pdu(NOP_OUT, 0x80, b"abcd", initiator_task_tag=9, header_digest=True)
    assert confirmed(one.wire + one.wire, 0, 2 * one.size, True)
    assert confirmed(one.wire, 0, one.size, True)
    assert not confirmed(one.wire + NOISE, 0, one.size + 400, True)


def test_a_digest_holds_over_header_and_additional_headers() -> None:
    one = pdu(COMMAND, 0x81, ahs=b"\0\5\1\0abcd", initiator_task_tag=9, header_digest=True)
    assert digest_holds(NOISE[:5] + one.wire, 5, word(one.header))
    assert not digest_holds(NOISE[:5] + one.wire[:51] + b"!" + one.wire[52:], 5, word(one.header))


def test_digested_headers_are_found_in_noise() -> None:
    said = some(3, header_digest=True)
    stream = NOISE + b"".join(each.wire for each in said)
    end = len(stream)
    assert find_digested(stream, 0, end, end, 1, True) == 400
    assert find_digested(stream, 0, end, end, 4, True) == 400
    assert find_digested(stream, 1, end, end, 4, True) == -1 or said[0].size % 4
    assert find_digested(stream, 0, 400, end, 1, True) == -1, "no further than asked"
    assert find_digested(stream, 0, end, 400 + 51, 1, True) == -1, "the digest must be there"
    assert find_digested(stream, 401, end, end, 1, True) == 400 + said[0].size
