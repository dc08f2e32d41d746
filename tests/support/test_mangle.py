"""The mangler keeps its word: lossless steps leave every byte of every stream, and what it writes is well formed."""

from __future__ import annotations

import struct
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from tests.support import mangle_loss, mangle_whole
from tests.support.mangle import LOSSLESS, LOSSY, lossless, lossy
from tests.support.mangle_whole import Flow, packet_of
from tests.support.talk import I2T, STREAM, T2I, Talk
from tests.support.talk_capture import ETHERNET, Frame
from tests.support.talk_net import SYN, decode, network_offset


def talk_of(address: str = "192.0.2.1", other: str = "192.0.2.2") -> Talk:
    """A session with something of everything."""
    talk = Talk(initiator=address, target=other, header_digest=True, data_digest=True, segmentation=(STREAM, STREAM))
    talk.open()
    for number in range(3):
        talk.read(8192, lba=number * 16)
        talk.write(10240, lba=number * 20)
        talk.ping(b"x" * number)
    talk.target_ping()
    talk.close()
    return talk


@cache
def frames_of(ip: int = 4) -> tuple[Frame, ...]:
    return tuple((talk_of() if ip == 4 else talk_of("2001:db8::1", "2001:db8::2")).frames)


def defragmented(frames: list[Frame]) -> list[Frame]:
    """IP fragments put together again, one datagram for each complete set, at the place of the last."""
    out: list[Frame] = []
    parts: dict[bytes, dict[int, tuple[bytes, int]]] = {}
    for frame in frames:
        at = network_offset(frame.data, frame.linktype)
        data = frame.data[at:]
        if data[0] >> 4 == 4 and (word := struct.unpack_from(">H", data, 6)[0]) & 0x3FFF:
            key, offset, more, piece = data[4:6] + data[12:20], (word & 0x1FFF) * 8, word & 0x2000, data[20:]
        elif data[0] >> 4 == 6 and data[6] == 44:
            word = struct.unpack_from(">H", data, 42)[0]
            key, offset, more, piece = data[44:48] + data[8:40], word & 0xFFF8, word & 1, data[48:]
        else:
            out.append(frame)
            continue
        pieces = parts.setdefault(key, {})
        pieces[offset] = (piece, more)
        last = next((begin + len(p) for begin, (p, m) in pieces.items() if not m), None)
        if last is None or sum(len(p) for p, _ in pieces.values()) != last:
            continue
        body = b"".join(p for _, (p, _) in sorted(pieces.items()))
        del parts[key]
        if data[0] >> 4 == 4:
            head = data[:2] + struct.pack(">H", 20 + len(body)) + data[4:6] + bytes(2) + data[8:20]
        else:
            head = data[:4] + struct.pack(">HB", len(body), 6) + data[7:40]
        out.append(Frame(frame.ts_ns, head + body, len(head + body), 101))
    assert not parts
    return out


def streams(frames: list[Frame]) -> dict[Flow, bytes]:
    """The bytes of every direction by the simplest of reassemblies: the first byte that comes for a place counts."""
    tables: dict[Flow, tuple[bytearray, bytearray]] = {}
    begin: dict[Flow, int] = {}
    for frame in defragmented(frames):
        packet = decode(frame.data, frame.linktype)
        assert packet is not None
        if packet.flags & SYN:
            begin.setdefault(packet.flow, packet.seq + 1)
        data, have = tables.setdefault(packet.flow, (bytearray(1 << 18), bytearray(1 << 18)))
        low = (packet.seq - begin[packet.flow]) & 0xFFFFFFFF
        for at, byte in enumerate(packet.payload, low):
            if not have[at]:
                data[at], have[at] = byte, 1
    assert all(b"\0\1" not in have for _, have in tables.values())
    return {flow: bytes(data[: have.count(1)]) for flow, (data, have) in tables.items()}


@pytest.mark.parametrize("ip", [4, 6])
@pytest.mark.parametrize("step", LOSSLESS)
def test_a_lossless_step_keeps_every_byte_of_every_stream(step: str, ip: int) -> None:
    frames = frames_of(ip)
    truth = streams(list(frames))
    changes = 0
    for seed in range(8):
        mangled = LOSSLESS[step](frames, Random(seed))
        changes += mangled != list(frames)
        assert streams(mangled) == truth
        assert all(left.ts_ns <= right.ts_ns for left, right in pairwise(mangled))
        assert all(mangle_loss.checksum_right(frame) for frame in mangled)
    assert changes > 1 or (step == "offload" and ip == 6)


def test_lossless_steps_compose() -> None:
    """Any mixture of them keeps every byte as well."""
    frames = frames_of()
    truth = streams(list(frames))
    for seed in range(60):
        mangle = lossless(seed)
        assert streams(mangle(frames)) == truth, mangle


def test_a_seed_is_a_mangle() -> None:
    """The same seed does the same to the same frames; other seeds do other things."""
    frames = frames_of()
    assert lossless(5)(frames) == lossless(5)(frames)
    assert lossy(5)(frames) == lossy(5)(frames)
    assert len({lossless(seed).steps for seed in range(30)}) > 15
    assert len({lossy(seed).steps for seed in range(30)}) > 15
    assert not any("fragment" in lossless(seed, without=["fragment"]).steps for seed in range(50))


@pytest.mark.parametrize("step", LOSSY)
def test_a_lossy_step_loses_or_spoils_something(step: str) -> None:
    frames = frames_of()
    for seed in range(8):
        mangled = LOSSY[step](frames, Random(seed))
        assert mangled != list(frames)
        assert len(mangled) <= len(frames)
        assert all(len(frame.data) <= frame.orig_len for frame in mangled)


def test_shifted_sequence_numbers_wrap_within_the_data() -> None:
    frames = mangle_whole.shift(frames_of(), Random(1))
    for port in (3260, 40000):
        numbers = [packet.seq for frame in frames if (packet := packet_of(frame)) and packet.source_port == port]
        assert max(numbers) > 0xFFF00000 and min(numbers) < 0x100000


def test_nothing_is_overtaken_by_its_acknowledgement() -> None:
    """After reordering, whatever a frame acknowledges has been captured before it."""
    moved = 0
    for seed in range(20):
        frames = mangle_whole.reorder(frames_of(), Random(seed), share=0.5)
        moved += frames != list(frames_of())
        seen: dict[int, set[int]] = {3260: set(), 40000: set()}
        for frame in frames:
            packet = packet_of(frame)
            assert packet is not None
            ends = [end for end in seen[packet.target_port] if (packet.ack - end) & 0xFFFFFFFF < 1 << 31]
            assert packet.ack == 0 or max(ends, default=0) == packet.ack
            seen[packet.source_port].add(packet.end)
    assert moved > 15


def test_a_retransmission_has_an_ip_id_of_its_own_and_a_capture_duplicate_has_not() -> None:
    before = set(frames_of())
    again = [frame.data for frame in mangle_whole.duplicate(frames_of(), Random(3))]
    assert len(again) > len(before) and set(again) == {frame.data for frame in before}
    sent = mangle_whole.retransmit(frames_of(), Random(3), share=0.5)
    ids = [packet.ip_id for frame in sent if (packet := packet_of(frame)) and packet.source_port == 3260]
    assert len(sent) > len(before) and len(set(ids)) == len(ids)


def test_one_direction_keeps_one_direction() -> None:
    frames = frames_of()
    there, back = (mangle_loss.one_direction(frames, direction) for direction in (I2T, T2I))
    assert sorted(there + back) == sorted(frames) and there and back


def test_the_first_segments_of_all_pdus_hold_every_header() -> None:
    talk = Talk().open()
    talk.read(16384)
    talk.close()
    kept = mangle_loss.first_segments(talk.frames, talk.pdus)
    assert len(kept) < len(talk.frames)
    data = b"".join(frame.data for frame in kept)
    assert all(pdu.header in data for pdu in talk.pdus)


def test_a_corrupt_byte_shows_in_the_tcp_checksum_unless_it_is_mended() -> None:
    mended = mangle_loss.corrupt(frames_of(), Random(2), count=3)
    spoiled = mangle_loss.corrupt(frames_of(), Random(2), count=3, mend_checksum=False)
    for changed, wrong in ((mended, 0), (spoiled, 3)):
        assert sum(old != new for old, new in zip(frames_of(), changed, strict=True)) == 3
        assert sum(not mangle_loss.checksum_right(frame) for frame in changed) == wrong


def test_padding_is_not_data() -> None:
    padded = mangle_whole.pad(frames_of(), Random(1), trailer=True)
    assert all(len(frame.data) >= 64 for frame in padded)
    assert {frame.linktype for frame in padded} == {ETHERNET}
    assert streams(padded) == streams(list(frames_of()))
