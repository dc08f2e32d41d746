"""The PDU at hand: what its row says of it when it is written, and which of its data is kept."""

from __future__ import annotations

import pytest

from iscsi_analyzer.store.rows import FLAG_DATA_DIGEST, FLAG_HEADER_DIGEST
from iscsi_analyzer.streams.context import OFF, ON
from iscsi_analyzer.streams.pdu import DESCRIPTIVE, MAX_KEPT
from tests.iscsi_analyzer.stores import Feeding
from tests.iscsi_analyzer.streams.feeding import TICK, Fed, pdu
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_pdu import (
    ASYNC,
    COMMAND,
    DATA_IN,
    DATA_OUT,
    NOP_OUT,
    REJECT,
    RESPONSE,
    TEXT_REQUEST,
    TEXT_RESPONSE,
    digest,
)


def test_a_row_has_the_times_and_frames_of_its_first_and_last_byte() -> None:
    fed = Fed()
    text = pdu(TEXT_REQUEST, data=b"SendTargets=All\0")
    for at in range(0, len(text.wire), 16):
        fed.feed(text.wire[at : at + 16])
    (row,) = fed.rows
    pieces = len(text.wire) // 16
    assert (row.time_first, row.time_last) == (TICK, pieces * TICK)
    assert (row.frame_first, row.frame_last) == (1, pieces)
    assert fed.raw(row) == text.wire


@pytest.mark.parametrize(
    ("opcode", "direction"), [(TEXT_REQUEST, I2T), (TEXT_RESPONSE, T2I), (RESPONSE, T2I), (REJECT, T2I), (ASYNC, T2I)]
)
def test_data_that_speaks_is_kept(opcode: int, direction: str) -> None:
    fed = Fed(direction)
    fed.feed(pdu(opcode, data=b"\0\x05speak", direction=direction).wire)
    assert fed.kept(1) == b"\0\x05speak"


@pytest.mark.parametrize(("opcode", "direction"), [(DATA_OUT, I2T), (DATA_IN, T2I), (NOP_OUT, I2T)])
def test_data_of_disks_is_not_kept(opcode: int, direction: str) -> None:
    """A payload costs no memory; pings are short, but many."""
    fed = Fed(direction)
    fed.feed(pdu(opcode, data=bytes(4096), direction=direction).wire)
    assert len(fed.listener.kept_data) <= (opcode == NOP_OUT) and len(fed.rows) == 1


def test_data_is_kept_without_its_padding_and_up_to_a_limit() -> None:
    fed = Fed()
    fed.feed(pdu(TEXT_REQUEST, data=b"a=b\0c").wire)
    assert fed.kept(1) == b"a=b\0c"
    long = pdu(TEXT_REQUEST, data=bytes(range(1, 251)) * 300)
    for at in range(0, len(long.wire), 60000):
        fed.feed(long.wire[at : at + 60000])
    assert fed.kept(2) == long.data[:MAX_KEPT]
    fed.feed(pdu(TEXT_REQUEST, data=b"next").wire)
    assert fed.kept(3) == b"next", "what was kept before is gone"


def test_of_data_with_a_hole_only_what_precedes_the_hole_is_kept() -> None:
    """What follows would stand at the wrong place."""
    fed = Fed()
    text = pdu(TEXT_REQUEST, data=b"A=1\0B=2\0C=3\0D=4\0")
    fed.feed(text.wire[: 48 + 5])
    fed.gap(6)
    fed.feed(text.wire[48 + 11 :])
    assert fed.kept(1) == b"A=1\0B"
    (row,) = fed.rows
    assert row.data_captured == 10 and row.marks == {"cut"} and row.length == len(text.wire)


@pytest.mark.parametrize("code", [0x12, 0x25, 0x9E, 0xA0, 0x1A])
def test_what_describes_a_device_is_kept_of_its_task_alone(code: int) -> None:
    talk = Talk().open()
    reads = [talk.command(bytes((0x28,)), read=512), talk.command(bytes((code,)).ljust(10, b"\0"), read=512)]
    for task in reads:
        talk.data_in(task, 512, status=0)
    feeding = Feeding()
    feeding.feed(talk.frames)
    data_ins = [number for number, row in enumerate(feeding.store.rows(), 1) if row.opcode == DATA_IN]
    assert [feeding.store.kept_data(number) is not None for number in data_ins] == [False, True]


def test_no_command_that_moves_blocks_is_taken_for_a_description() -> None:
    """READ and WRITE of 6, 10, 12 and 16 bytes, and Extended Copy."""
    described = {code for code in range(256) if DESCRIPTIVE[code]}
    assert {0x12, 0x25, 0x9E, 0xA0} <= described
    assert not described & {0x08, 0x0A, 0x28, 0x2A, 0x83, 0x88, 0x8A, 0xA8, 0xAA}


@pytest.mark.parametrize("header_digest", [OFF, ON])
@pytest.mark.parametrize("data_digest", [OFF, ON])
@pytest.mark.parametrize("data", [b"", b"x", b"four"])
def test_a_row_counts_the_digests_that_its_pdu_has(header_digest: int, data_digest: int, data: bytes) -> None:
    """Also if the end never comes. Without data there is no data digest (RFC 7143 section 11.2.3)."""
    whole = pdu(TEXT_REQUEST, data=data, header_digest=header_digest == ON, data_digest=data_digest == ON)
    for there in range(48, len(whole.wire) + 1):
        fed = Fed(header_digest=header_digest, data_digest=data_digest)
        fed.feed(whole.wire[:there])
        fed.finish()
        (row,) = fed.rows
        assert row.length == len(whole.wire)
        assert bool(row.flags & FLAG_HEADER_DIGEST) == (header_digest == ON)
        assert bool(row.flags & FLAG_DATA_DIGEST) == (data_digest == ON and bool(data))
        assert row.data_captured == max(0, min(len(data), there - 48 - 4 * (header_digest == ON)))


def test_additional_headers_are_told_with_their_pdu_only() -> None:
    fed = Fed()
    extended = pdu(COMMAND, 0x81, ahs=b"\0\x05\x01\0abcd")
    fed.feed(extended.wire + pdu(TEXT_REQUEST, data=b"key=value\0").wire)
    assert fed.listener.ahs == {1: b"\0\x05\x01\0abcd"}
    assert bytes(fed.framer.ahs) == b"" and fed.kept(2) == b"key=value\0"


@pytest.mark.parametrize("part", ["header", "data"])
def test_a_digest_that_is_wrong_is_there_with_the_right_one(part: str) -> None:
    fed = Fed(header_digest=ON, data_digest=ON)
    text = pdu(TEXT_REQUEST, data=b"key=value\0\0\0", header_digest=True, data_digest=True)
    spoiled = bytearray(text.wire)
    spoiled[48 if part == "header" else -4] ^= 0x10
    fed.feed(bytes(spoiled))
    fed.finish()
    right = digest(text.header if part == "header" else text.data)
    assert fed.framer.computed == int.from_bytes(right, "little")
    assert fed.framer.received == fed.framer.computed ^ 0x10
    assert fed.rows[0].digests[part == "data"] == "bad"
