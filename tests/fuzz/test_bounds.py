"""Memory grows with the number of PDUs, never with what a hostile length field claims, nor with payload bytes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from tests.iscsi_analyzer.stores import Feeding
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_capture import Frame
from tests.support.talk_net import ACK, SYN, Packet
from tests.support.talk_pdu import DATA_IN, DATA_OUT, TEXT_REQUEST, header

MB = 1 << 20


def growth(frames: Iterator[Frame] | list[Frame]) -> int:
    """Bytes that an analysis holds after these frames, beside the frames themselves."""
    feeding = Feeding()
    whole = list(frames)
    tracemalloc.start()
    try:
        engine = feeding.engine
        for position, frame in enumerate(whole):
            engine.frame(frame.data, 0, len(frame.data), frame.orig_len, frame.ts_ns, frame.linktype, position, 0)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def large_reads() -> list[Frame]:
    """Four megabytes of payload in few PDUs."""
    talk = Talk().open()
    for number in range(16):
        talk.read(1 << 18, lba=number)
    return talk.frames


def claims() -> list[Frame]:
    """Headers that announce sixteen megabytes each, in both directions, and end at once."""
    talks = [Talk()]
    talks += [talks[0].beside() for _ in range(40)]
    for talk in talks:
        talk.open()
        for direction, opcode in ((I2T, DATA_OUT), (T2I, DATA_IN)):
            talk.raw(direction, header(opcode, 0x80, data_segment_length=0xFFFFFF, total_ahs_length=0))
        talk.raw(I2T, bytes(1000))
    return talks[0].frames


def texts() -> list[Frame]:
    """Two megabytes of keys in a login that does not end."""
    talk = Talk()
    talk.handshake()
    for number in range(36):
        talk.login_request([(f"X-{number}-{at}", "v" * 200) for at in range(280)], transit=False)
    return talk.frames


def holes() -> list[Frame]:
    """A megabyte behind a hole that nobody acknowledges, on each of some connections."""
    hosts = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))
    out = []
    for port in range(3):
        for number in range(700):
            packet = Packet(hosts[0], hosts[1], 50000 + port, 8080, 100_000 + 1400 * number, flags=ACK)
            packet.payload, packet.ip_id = bytes(1400), number + 1
            data = packet.encode()
            out.append(Frame(number, data, len(data)))
    return out


def scan() -> list[Frame]:
    """A port scan of three thousand ports."""
    out = []
    for port in range(3000):
        data = Packet(bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2)), 40000, port + 1, port, flags=SYN).encode()
        out.append(Frame(port, data, len(data)))
    return out


def garbage() -> list[Frame]:
    """Two megabytes that are no PDUs, behind a login."""
    talk = Talk().open()
    talk.raw(T2I, b"\x7f\x5a\xa5" * 700_000)
    return talk.frames


@pytest.mark.parametrize(
    ("frames", "limit"),
    [(large_reads, 2), (claims, 3), (texts, 7), (holes, 7), (scan, 20), (garbage, 2)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_hostile_captures_take_little_memory(frames: Callable[[], list[Frame]], limit: int) -> None:
    """In megabytes, without a compiler, which takes the most."""
    assert growth(frames()) < limit * MB


def test_a_text_that_goes_on_for_ever_is_forgotten() -> None:
    talk = Talk().open()
    for _ in range(60):
        talk.send(I2T, TEXT_REQUEST, 0x40, data=b"v" * 60000, initiator_task_tag=1, target_transfer_tag=1)
    assert growth(talk.frames) < 8 * MB
