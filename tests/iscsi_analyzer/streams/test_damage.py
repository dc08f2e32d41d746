"""Where bytes are missing, what is left of a PDU is told exactly, and framing goes on with the next whole one."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN
from iscsi_analyzer.streams.spans import GAP
from tests.iscsi_analyzer.streams.feeding import Fed, cut_at, pdu, some_pdus
from tests.support.talk_pdu import COMMAND, DATA_OUT, I2T, NOP_OUT, Pdu, header

SETTINGS = [(OFF, OFF), (ON, OFF), (OFF, ON), (ON, ON)]


def three(header_digest: int, data_digest: int) -> list[Pdu]:
    """One with everything that a PDU can have, between two small ones; then two more."""
    digests = {"header_digest": header_digest == ON, "data_digest": data_digest == ON}
    return [
        pdu(NOP_OUT, 0x80, initiator_task_tag=1, **digests),
        pdu(COMMAND, 0xA1, b"0123456789abc", ahs=b"\0\5\1\0abcd", initiator_task_tag=2, **digests),
        pdu(NOP_OUT, 0x80, b"ping", initiator_task_tag=3, **digests),
        pdu(COMMAND, 0x81, initiator_task_tag=4, **digests),
        pdu(COMMAND, 0x81, initiator_task_tag=5, **digests),
    ]


def damaged(said: list[Pdu], start: int, length: int, setting: tuple[int, int]) -> Fed:
    """The stream of these PDUs, each PDU from a piece of its own, with a gap."""
    fed = Fed(I2T, *setting)
    at = 0
    for one in said:
        for piece in cut_at(one.wire, [place - at for place in (start, start + length) if 0 < place - at < one.size]):
            inside = start <= at < start + length
            if inside:
                fed.gap(len(piece))
            else:
                fed.feed(piece)
            at += len(piece)
    fed.finish()
    return fed


@pytest.mark.parametrize("length", [1, 3, 4, 20, 60, 100])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_gap_anywhere_leaves_exactly_the_rest(setting: tuple[int, int], length: int) -> None:
    """At every place of the stream: what a PDU lost is counted to the byte, and those that lost nothing are whole."""
    said = three(*setting)
    whole = b"".join(one.wire for one in said)
    starts = [sum(one.size for one in said[:number]) for number in range(len(said))]
    for place in range(len(whole) - length):
        gap = range(place, place + length)
        fed = damaged(said, place, length, setting)
        found = {int.from_bytes(row.header[16:20], "big"): row for row in fed.rows if row.header_captured >= 20}
        for begin, one in zip(starts, said, strict=True):
            touched = [at for at in range(begin, begin + one.size) if at in gap]
            row = found.get(one.word(16))
            if not touched:
                assert row is not None and not row.marks & {"cut", "odd", "unfinished"}, (place, one.word(16))
                assert fed.raw(row) == one.wire and row.data_captured == len(one.data)
                continue
            if row is None:
                continue
            captured = min(48, touched[0] - begin)
            assert row.header_captured == captured and row.header == one.header[:captured].ljust(48, b"\0")
            assert "cut" in row.marks or row.digests != ("ok", "ok")
            data = begin + 48 + len(one.ahs) + len(one.header_digest)
            kept = sum(at not in gap for at in range(data, data + len(one.data)))
            assert row.data_captured == kept or captured < 48, (place, one.word(16))
            for at, size in fed.places(row):
                if at != GAP:
                    assert whole[at : at + size] == bytes(fed.stream[at : at + size])
            assert not row.marks & {"odd"} and "bad" not in row.digests


@pytest.mark.parametrize("setting", SETTINGS)
def test_data_that_is_missing_costs_no_other_pdu(setting: tuple[int, int]) -> None:
    """The lengths are known, so the next header is where it should be: nothing is skipped."""
    said = three(*setting)
    begin = said[0].size + 48 + 8 + (4 if setting[0] else 0)
    for start in range(13):
        for length in range(1, 14 - start):
            fed = damaged(said, begin + start, length, setting)
            assert [row.header for row in fed.rows] == [one.header for one in said]
            assert fed.rows[1].marks == {"cut"} and fed.rows[1].data_captured == 13 - length
            assert fed.rows[1].digests[1] == ("unknown" if setting[1] else "absent")
            assert fed.skipped == 0


def test_a_gap_of_many_pdus_is_one_gap() -> None:
    """From the middle of one into the middle of another: the first is cut, those between are gone, framing resumes."""
    random = Random(3)
    said = some_pdus(random, 30)
    fed = Fed()
    fed.feed(said[0].wire + said[1].wire[:30])
    fed.gap(said[1].size - 30 + sum(one.size for one in said[2:10]) + 13)
    fed.feed(said[10].wire[13:])
    for one in said[11:]:
        fed.feed(one.wire)
    found = fed.rows
    assert found[1].marks == {"cut"} and found[1].header_captured == 30
    assert [row.header for row in found[2:]] == [one.header for one in said[11:]]
    assert "resync" in found[2].marks and not any(row.marks for row in found[3:])
    assert fed.skipped == said[10].size - 13


@pytest.mark.parametrize("claimed", [0xFFFFFF, 0x800000])
def test_a_gap_within_a_lying_length_is_counted_only(claimed: int) -> None:
    """Gaps of gigabytes and claims of megabytes cost no memory."""
    fed = Fed()
    fed.feed(header(DATA_OUT, 0x80, data_segment_length=claimed))
    fed.gap(claimed // 2)
    fed.feed(b"x" * 100)
    fed.gap(1 << 27)
    fed.finish()
    row = fed.rows[0]
    assert row.data_captured == 100 and "cut" in row.marks
    assert fed.framer.spans.count == 4


@pytest.mark.parametrize("setting", [(UNKNOWN, UNKNOWN), (OFF, UNKNOWN)])
@pytest.mark.parametrize("digests", [{}, {"data_digest": True}, {"header_digest": True, "data_digest": True}])
def test_a_gap_while_digests_are_unknown_makes_nothing_up(setting: tuple[int, int], digests: dict[str, bool]) -> None:
    """What follows a cut PDU is its digest or the next header: whatever it is, no PDU is invented."""
    if setting[0] == OFF and "header_digest" in digests:
        return
    random = Random(7)
    said = [pdu(COMMAND, 0xA1, random.randbytes(16), initiator_task_tag=number + 1, **digests) for number in range(9)]
    for start in range(1, said[0].size):
        for length in (1, 5, 12):
            if start + length > 48 + len(said[0].header_digest) + 16:
                continue
            fed = damaged(said, start, length, setting)
            real = {one.header for one in said}
            assert all(row.header in real or "cut" in row.marks for row in fed.rows), (start, length)
            assert not any("odd" in row.marks for row in fed.rows)
            assert [row.header for row in fed.rows[-7:]] == [one.header for one in said[-7:]]


def test_after_a_bad_header_digest_the_next_good_header_goes_on() -> None:
    """Its length may be what is wrong: too long, too short, or not at all."""
    for claimed in (0, 1, 44, 100, 0xFFFFFF):
        said = some_pdus(Random(11), 8, header_digest=True)
        bad = pdu(COMMAND, 0xA1, b"d" * 40, initiator_task_tag=0x77, header_digest=True)
        spoiled = bad.header[:5] + claimed.to_bytes(3, "big") + bad.header[8:]
        stream = said[0].wire + spoiled + bad.wire[48:] + b"".join(one.wire for one in said[1:])
        for size in (200, 10_000):
            fed = Fed(I2T, ON, OFF)
            for piece in cut_at(stream, range(size, len(stream), size)):
                fed.feed(piece)
            found = fed.rows
            assert found[1].digests[0] == "bad" and found[1].header == spoiled
            assert sum(row.digests[0] == "bad" for row in found) == 1
            headers = [row.header for row in found[2:]]
            missed = [number for number, one in enumerate(said[1:]) if one.header not in headers]
            assert len(missed) <= (0 if size == 10_000 else 2), (claimed, size)


def test_a_bad_header_digest_keeps_the_rest_of_its_pdu() -> None:
    """If the lengths are right, the next PDU follows as always, and nothing is skipped."""
    said = some_pdus(Random(12), 12, header_digest=True, data_digest=True)
    wrong = next(number for number, one in enumerate(said) if one.data and number)
    said[wrong].header_digest = b"oops"
    fed = Fed(I2T, ON, ON)
    fed.feed(b"".join(one.wire for one in said))
    assert [fed.raw(row) for row in fed.rows] == [one.wire for one in said]
    assert [number for number, row in enumerate(fed.rows) if row.digests[0] == "bad"] == [wrong]
    assert fed.rows[wrong].digests == ("bad", "unknown") and fed.skipped == 0


def test_headers_are_looked_for_at_multiples_of_four_where_the_start_was_seen() -> None:
    """Every PDU is padded, so nothing else can be one: data that look like a header elsewhere are data."""
    one = pdu(NOP_OUT, 0x80, initiator_task_tag=5)
    for aligned in (False, True):
        fed = Fed(aligned=aligned)
        fed.feed(b"\xff" * 48)
        fed.feed(b"\xfe" * 15 + one.wire + one.wire)
        fed.finish()
        assert (fed.rows[-1].header == one.header) == (not aligned)


def test_a_header_that_begins_a_segment_is_believed_anywhere() -> None:
    """Also where the sender does not pad as it should."""
    one = pdu(NOP_OUT, 0x80, initiator_task_tag=5)
    fed = Fed(aligned=True)
    fed.feed(b"\xff" * 48 + b"\xfe" * 15)
    fed.feed(one.wire)
    assert fed.rows[-1].header == one.header


@pytest.mark.parametrize("size", [1, 7, 20, 47])
def test_a_header_in_many_tiny_pieces_is_found_again(size: int) -> None:
    said = some_pdus(Random(5), 4)
    stream = b"\xff" * 48 + b"\xfe" * 100 + b"".join(one.wire for one in said)
    fed = Fed()
    for piece in cut_at(stream, range(size, len(stream), size)):
        fed.feed(piece)
    assert [row.header for row in fed.rows][-3:] == [one.header for one in said[-3:]]


def test_a_header_that_straddles_pieces_is_found_again() -> None:
    """Framing is lost, and the next header comes in two pieces: found, with its place and its first frame."""
    one, other = pdu(NOP_OUT, 0x80, initiator_task_tag=5), pdu(NOP_OUT, 0x80, initiator_task_tag=6)
    for split in range(1, 48):
        fed = Fed()
        fed.feed(b"\xff" * 48)
        fed.feed(b"\xfe" * 16 + one.wire[:split])
        fed.feed(one.wire[split:] + other.wire)
        found = fed.rows
        assert [row.header for row in found[1:]] == [one.header, other.header], split
        assert [fed.raw(row) for row in found[1:]] == [one.wire, other.wire]
        assert (found[1].frame_first, found[1].frame_last) == (2, 3)
        assert fed.skipped == 16
