"""The framer cuts a stream into the PDUs that were put into it, in whatever pieces it comes."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN
from tests.iscsi_analyzer.streams.feeding import TICK, Fed, RowSeen, cut_at, pdu, some_pdus
from tests.support.talk_pdu import COMMAND, DATA_OUT, I2T, NOP_IN, NOP_OUT, T2I, TEXT_REQUEST, Pdu, crc32c, header

SETTINGS = [(OFF, OFF), (ON, OFF), (OFF, ON), (ON, ON)]


def judge(fed: Fed, said: list[Pdu]) -> None:
    """Every PDU has its row, and everything in it is right."""
    found = fed.rows
    assert [fed.raw(row) for row in found] == [one.wire for one in said]
    for number, (row, one) in enumerate(zip(found, said, strict=True), 1):
        assert row.header == one.header and row.header_captured == 48 and not row.marks
        assert row.data_captured == len(one.data) and row.connection == 1
        assert row.digests == ("ok" if one.header_digest else "absent", "ok" if one.data_digest else "absent")
        assert bool(row.flags & 1) == (one.direction == I2T)
        assert fed.listener.ahs.get(number, b"") == one.ahs
        if one.opcode in (NOP_OUT, TEXT_REQUEST):
            assert fed.kept(number) == one.data
    assert fed.skipped == 0 and fed.framer.pdus == len(said)


def stream_of(pdus: list[Pdu]) -> bytes:
    return b"".join(one.wire for one in pdus)


@pytest.mark.parametrize(("header_digest", "data_digest"), SETTINGS)
def test_whole_and_byte_by_byte_are_the_same(header_digest: int, data_digest: int) -> None:
    said = some_pdus(Random(1), 40, header_digest=header_digest == ON, data_digest=data_digest == ON)
    data = stream_of(said)
    for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
        fed = Fed(I2T, header_digest, data_digest)
        for piece in pieces:
            fed.feed(piece)
        judge(fed, said)


@pytest.mark.parametrize(("header_digest", "data_digest"), SETTINGS)
def test_a_cut_at_any_place_changes_nothing(header_digest: int, data_digest: int) -> None:
    digests = {"header_digest": header_digest == ON, "data_digest": data_digest == ON}
    first = pdu(COMMAND, 0xA1, b"12345", ahs=b"\0\5\1\0abcd", **digests)
    said = [first, *some_pdus(Random(2), 3, **digests)]
    data = stream_of(said)
    for place in range(len(data)):
        fed = Fed(I2T, header_digest, data_digest)
        for piece in cut_at(data, [place]):
            fed.feed(piece)
        judge(fed, said)


@given(st.integers(0, 1 << 32), st.lists(st.integers(1, 200), max_size=60), st.sampled_from(SETTINGS))
def test_any_pieces_change_nothing(seed: int, sizes: list[int], setting: tuple[int, int]) -> None:
    said = some_pdus(Random(seed), 12, header_digest=setting[0] == ON, data_digest=setting[1] == ON)
    data = stream_of(said)
    places, at = [], 0
    for size in sizes:
        at += size
        if at < len(data):
            places.append(at)
    fed = Fed(I2T, *setting)
    for piece in cut_at(data, places):
        fed.feed(piece)
    judge(fed, said)


@pytest.mark.parametrize(("header_digest", "data_digest"), SETTINGS)
def test_unknown_digests_are_found_out_by_the_bytes(header_digest: int, data_digest: int) -> None:
    """From a few PDUs on, each is told as it is, and its digests are said to be inferred; the framing is never off."""
    said = some_pdus(Random(3), 40, header_digest=header_digest == ON, data_digest=data_digest == ON)
    data = stream_of(said)
    for size in (1, 7, 48, 1000, len(data)):
        fed = Fed(I2T, UNKNOWN, UNKNOWN)
        for piece in cut_at(data, range(size, len(data), size)):
            fed.feed(piece)
        found = fed.rows
        assert [row.header for row in found] == [one.header for one in said]
        assert (fed.context.header_digest, fed.context.data_digest) == (header_digest, data_digest)
        for row, one in list(zip(found, said, strict=True))[16:]:
            assert fed.raw(row) == one.wire and row.marks == {"inferred"}
            assert row.digests == ("ok" if one.header_digest else "absent", "ok" if one.data_digest else "absent")


def test_login_pdus_have_no_digests() -> None:
    """Whatever the setting: RFC 7143 section 6.1 has none before the full feature phase."""
    login = pdu(0x03, 0x87, b"a=b\0", initiator_task_tag=1)
    after = pdu(NOP_OUT, 0x80, b"abc", header_digest=True, data_digest=True)
    fed = Fed(I2T, ON, ON)
    fed.feed(login.wire + after.wire)
    judge(fed, [login, after])


def test_digests_that_the_login_settles_hold_from_the_next_pdu_in_the_same_piece() -> None:
    login = pdu(0x03, 0x87, b"a=b\0", initiator_task_tag=1)
    after = some_pdus(Random(4), 5, header_digest=True, data_digest=True)
    fed = Fed(I2T, UNKNOWN, UNKNOWN)
    fed.feed(login.wire)
    fed.context.negotiated(ON, ON)
    fed.feed(stream_of(after))
    judge(fed, [login, *after])


def test_a_wrong_data_digest_is_told_and_nothing_else_changes() -> None:
    said = some_pdus(Random(5), 9, data_digest=True)
    wrong = next(number for number, one in enumerate(said) if one.data_digest)
    said[wrong].data_digest = bytes(byte ^ 1 for byte in said[wrong].data_digest)
    for size in (1, 10_000):
        fed = Fed(I2T, OFF, ON)
        for piece in cut_at(stream_of(said), range(size, 10_000, size)):
            fed.feed(piece)
        assert [number for number, row in enumerate(fed.rows) if row.digests[1] == "bad"] == [wrong]
        assert [fed.raw(row) for row in fed.rows] == [one.wire for one in said]


def test_data_digests_need_not_be_verified() -> None:
    said = some_pdus(Random(6), 9, data_digest=True)
    fed = Fed(I2T, OFF, ON)
    fed.context.verify_data = False
    fed.feed(stream_of(said))
    assert [fed.raw(row) for row in fed.rows] == [one.wire for one in said]
    assert {row.digests[1] for row, one in zip(fed.rows, said, strict=True) if one.data} == {"unknown"}


def test_times_and_frames_are_those_of_first_and_last_byte() -> None:
    one, other = pdu(NOP_OUT, 0x80, bytes(100)), pdu(NOP_OUT, 0x80)
    fed = Fed()
    for piece in cut_at(one.wire + other.wire, [20, 60, 147, 149]):
        fed.feed(piece)
    first, second = fed.rows
    assert (first.frame_first, first.frame_last) == (1, 4)
    assert (first.time_first, first.time_last) == (TICK, 4 * TICK)
    assert (second.frame_first, second.frame_last) == (4, 5)
    assert (second.time_first, second.time_last) == (4 * TICK, 5 * TICK)


@pytest.mark.parametrize("opcode", range(64))
@pytest.mark.parametrize("direction", [I2T, T2I])
def test_every_opcode_is_a_row(opcode: int, direction: str) -> None:
    """Also one that its sender may not send, if its lengths lead on; it is marked then."""
    may = (
        {*range(7), 0x10, 0x1C, 0x1D, 0x1E}
        if direction == I2T
        else {*range(0x20, 0x27), 0x31, 0x32, 0x3C, 0x3D, 0x3E, 0x3F}
    )
    one = pdu(opcode, 0x80, b"1234" * 5, direction=direction)
    after = pdu(NOP_OUT if direction == I2T else NOP_IN, 0x80, direction=direction)
    fed = Fed(direction)
    fed.feed(one.wire + after.wire)
    first, second = fed.rows
    assert first.header == one.header and fed.raw(first) == one.wire
    assert first.marks == (set() if opcode in may else {"odd"})
    assert second.header == after.header and not second.marks
    assert first.data_captured == 20


@pytest.mark.parametrize("digest", [OFF, ON])
def test_an_odd_header_that_leads_nowhere_is_a_row_and_framing_is_found_again(digest: int) -> None:
    """Its lengths are not believed, unless a header digest vouches for them."""
    odd = header(0x2A, 0x80, data_segment_length=0x30000, total_ahs_length=9)
    after = some_pdus(Random(8), 6, header_digest=digest == ON)
    fed = Fed(I2T, digest)
    fed.feed(odd)
    fed.feed(b"\xff" * 200)
    for one in after:
        fed.feed(one.wire)
    fed.finish()
    found = fed.rows
    assert found[0].header == odd and {"odd"} <= found[0].marks
    assert [row.header for row in found[-5:]] == [one.header for one in after[-5:]]
    if digest == OFF:
        assert fed.skipped == 200 + (after[0].size if len(found) < 7 else 0)


def test_a_header_that_is_cut_off_is_what_was_captured_of_it() -> None:
    """The stream ends in a header: with eight bytes or more there is a row, with zeros for the rest."""
    one = pdu(NOP_OUT, 0x80, bytes(10), initiator_task_tag=77)
    for end in range(1, one.size):
        fed = Fed()
        fed.feed(one.wire[:end])
        fed.finish()
        found = fed.rows
        if end < 8:
            assert found == [] and fed.skipped == end
            continue
        row = found[0]
        assert row.marks == ({"cut", "unfinished"} if end < 48 else {"unfinished"})
        assert row.header_captured == min(end, 48)
        assert row.header == one.header[:end].ljust(48, b"\0")
        assert row.data_captured == min(max(0, end - 48), 10)
        assert len(fed.raw(row)) == end
        assert fed.skipped == 0


def test_finishing_twice_adds_nothing() -> None:
    fed = Fed()
    fed.feed(pdu(NOP_OUT, 0x80, bytes(10)).wire[:55])
    fed.finish()
    fed.finish()
    assert len(fed.rows) == 1


def test_between_pdus_there_is_nothing_to_finish() -> None:
    fed = Fed()
    fed.feed(pdu(NOP_OUT, 0x80, bytes(10)).wire)
    fed.finish()
    assert len(fed.rows) == 1 and not fed.rows[0].marks


def test_sixteen_megabytes_that_are_claimed_allocate_nothing() -> None:
    """A length is only counted down; what the stream then has is the data."""
    head = header(DATA_OUT, 0x80, data_segment_length=0xFFFFFF)
    fed = Fed()
    fed.feed(head + b"x" * 1000)
    fed.finish()
    assert [(row.data_captured, row.marks) for row in fed.rows] == [(1000, {"unfinished"})]
    assert fed.kept(1) == b""


def test_kept_data_is_bounded() -> None:
    """A text of a megabyte is a PDU; of its data the first pass keeps no more than a few times 64 KiB."""
    one = pdu(TEXT_REQUEST, 0x80, bytes(1 << 20))
    fed = Fed()
    for piece in cut_at(one.wire, range(9000, one.size, 9000)):
        fed.feed(piece)
    assert [row.data_captured for row in fed.rows] == [1 << 20]
    assert len(fed.kept(1)) == 1 << 16


def test_the_crc_of_the_tests_is_not_the_code_under_test() -> None:
    """RFC 3720 appendix B.4: 32 bytes of zeros."""
    assert crc32c(bytes(32)) == 0x8A9136AA


def test_nothing_is_looked_at_beyond_the_piece() -> None:
    """A header that is not all there is not completed with what lies behind it in the buffer."""
    one = pdu(NOP_OUT, 0x80, b"abcd")
    rows: list[list[RowSeen]] = []
    for rubbish in (b"\0", b"\xff", b"\x25"):
        fed = Fed()
        for piece in (one.wire[:30], one.wire[30:]):
            fed.framer.feed(piece + rubbish * 99, 0, len(piece), 1, 1, len(fed.stream))
            fed.stream += piece
        rows.append(fed.rows)
    assert rows[0] == rows[1] == rows[2] and [row.header for row in rows[0]] == [one.header]
