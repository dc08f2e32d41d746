"""Connections that were tried in vain are told where the two places saw different things."""

from __future__ import annotations

from tests.support.mangle_whole import Frames, frame_of, packet_of
from tests.support.talk import Talk
from tests.support.talk_net import ACK, RST
from tests.support.two_sides import MS, compared, far


def healthy() -> Frames:
    talk = Talk().open()
    for _ in range(5):
        talk.wait(0.02)
        task = talk.command(read=512)
        talk.wait(0.02)
        talk.data_in(task, 512, status=0)
    return talk.frames


def tried(frames: Frames, count: int = 3) -> Frames:
    """Attempts from other ports in the middle of it: a SYN each, sent twice."""
    out = list(frames)
    middle = frames[len(frames) // 2].ts_ns
    for number in range(count):
        packet = packet_of(frames[0])
        assert packet is not None
        packet.source_port, packet.seq = 50_000 + number, 77_000 + number
        for wait in (0, 5):
            out.append(frame_of(packet, frames[0]._replace(ts_ns=middle + (number + wait) * MS // 8)))
    return sorted(out, key=lambda frame: frame.ts_ns)


def refused(frames: Frames) -> Frames:
    """The same with a reset for every SYN that has no answer."""
    out = list(frames)
    for frame in frames:
        packet = packet_of(frame)
        if packet is not None and packet.source_port >= 50_000:
            packet.source, packet.target = packet.target, packet.source
            packet.source_port, packet.target_port = packet.target_port, packet.source_port
            packet.seq, packet.ack, packet.flags, packet.options = 0, packet.seq + 1, RST | ACK, b""
            out.append(frame_of(packet, frame._replace(ts_ns=frame.ts_ns + MS // 100)))
    return sorted(out, key=lambda frame: frame.ts_ns)


def test_attempts_that_never_come_to_the_other_place_are_told() -> None:
    frames = healthy()
    record = compared(tried(frames), far(frames, 2 * MS, 2 * MS))
    assert [(each.a, each.b) for each in record.attempts] == [("unanswered", "absent")] * 3
    assert not record.identical
    [text] = [each.text for each in record.headlines if each.severity == "bad"]
    assert text.startswith("3 attempts to connect (the first: 192.0.2.1:50000 -> 192.0.2.2:3260)")
    assert text.endswith("are unanswered in A, and not in B at all")
    back = compared(far(frames, 2 * MS, 2 * MS), tried(frames))
    assert [(each.a, each.b) for each in back.attempts] == [("absent", "unanswered")] * 3


def test_what_both_saw_is_no_difference() -> None:
    frames = tried(healthy())
    record = compared(frames, far(frames, 2 * MS, 2 * MS))
    assert record.attempts == []
    assert record.identical


def test_a_refusal_that_does_not_come_back_is_told() -> None:
    frames = tried(healthy())
    record = compared(frames, far(refused(frames), 2 * MS, 2 * MS))
    assert [(each.a, each.b) for each in record.attempts] == [("unanswered", "refused")] * 3


def test_without_any_connection_in_common_attempts_are_told_all_the_same() -> None:
    frames = healthy()
    alone = [frame for frame in tried(frames) if (packet_of(frame) or packet_of(frames[0])).source_port >= 50_000]  # type: ignore[union-attr]
    record = compared(alone, frames)
    assert len(record.attempts) == 3
    assert [each.severity for each in record.headlines] == ["look", "bad"]
