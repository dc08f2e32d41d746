"""One conversation as captures in two places have it: clocks that differ, a path that takes time, loses, translates."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from iscsi_analyzer.compare.comparison import compare
from iscsi_analyzer.compare.record import ComparisonRecord
from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.capture import open_capture
from tests.iscsi_analyzer.sources.calls import Calls
from tests.support.mangle_whole import Frames, frame_of, packet_of
from tests.support.talk_capture import Frame, write_capture
from tests.support.talk_net import SYN

MS = 1_000_000
PORT = 3260


def frames_of(path: Path) -> Frames:
    """The frames of a capture of any format."""
    calls = Calls()
    with open_capture([path]) as capture:
        while capture.step(calls):
            pass
    return [Frame(call.ts, call.data, call.wire, call.linktype) for call in calls.calls]


def shifted(frames: Sequence[Frame], offset_ns: int, drift: float = 0.0) -> Frames:
    """The same by a clock that shows `offset_ns` more at the first frame, and gains `drift` per nanosecond."""
    first = frames[0].ts_ns
    return [frame._replace(ts_ns=frame.ts_ns + offset_ns + round((frame.ts_ns - first) * drift)) for frame in frames]


def to_target(frame: Frame) -> bool:
    """Whether the frame goes to the port of the target."""
    packet = packet_of(frame)
    return packet is not None and packet.target_port == PORT


def with_data(frames: Sequence[Frame], *, least: int = 1, up: bool | None = None, behind: int = 40) -> list[int]:
    """The places of frames that carry so many bytes of data at least, behind the first ones; `up`: to the target, or
    from it."""
    found = []
    for place, frame in enumerate(frames):
        packet = packet_of(frame)
        if packet is not None and place > behind and len(packet.payload) >= least:
            if up is None or up == (packet.target_port == PORT):
                found.append(place)
    return found


def far(frames: Sequence[Frame], there_ns: int, back_ns: int, *, jitter_ns: int = 0, seed: int = 1) -> Frames:
    """What the initiator's side saw, as the target's side saw it: commands later, answers earlier."""
    random = Random(seed)
    moved = []
    for frame in frames:
        by = there_ns if to_target(frame) else -back_ns
        by += random.randint(0, jitter_ns) * (1 if by > 0 else -1)
        moved.append(frame._replace(ts_ns=frame.ts_ns + by))
    return sorted(moved, key=lambda frame: frame.ts_ns)


def slow(frames: Sequence[Frame], factor: int) -> Frames:
    """The same with all pauses that many times as long: times for a path that takes milliseconds."""
    first = frames[0].ts_ns
    return [frame._replace(ts_ns=first + (frame.ts_ns - first) * factor) for frame in frames]


def sent_again(frames: Sequence[Frame], index: int, after_ns: int = 200 * MS) -> tuple[Frames, Frames]:
    """The frame is lost on the way and sent again `after_ns` later, and everything behind it happens as much later:
    the sender's capture, and the receiver's, which has the repetition only."""
    packet = packet_of(frames[index])
    assert packet is not None and packet.payload
    packet.ip_id = (packet.ip_id + 0x4000) & 0xFFFF
    again = frame_of(packet, frames[index]._replace(ts_ns=frames[index].ts_ns + after_ns))
    behind = [frame._replace(ts_ns=frame.ts_ns + after_ns) for frame in frames[index + 1 :]]
    return [*frames[: index + 1], again, *behind], [*frames[:index], again, *behind]


def translated(frames: Sequence[Frame], host: bytes = b"\xcb\x00\x71\x09", port: int = 40001) -> Frames:
    """The same with another address and port of the initiator, and another IP identification."""
    out = []
    for frame in frames:
        packet = packet_of(frame)
        assert packet is not None
        if packet.target_port == PORT:
            packet.source, packet.source_port = host, port
        else:
            packet.target, packet.target_port = host, port
        packet.ip_id = (packet.ip_id * 7 + 5) & 0xFFFF
        out.append(frame_of(packet, frame))
    return out


def renumbered(frames: Sequence[Frame], up: int = 12345, down: int = 99999) -> Frames:
    """The same behind a device that has sequence numbers of its own."""
    out = []
    for frame in frames:
        packet = packet_of(frame)
        assert packet is not None
        mine, other = (up, down) if packet.target_port == PORT else (down, up)
        packet.seq = (packet.seq + mine) & 0xFFFFFFFF
        if not packet.flags & SYN or packet.ack:
            packet.ack = (packet.ack + other) & 0xFFFFFFFF
        out.append(frame_of(packet, frame))
    return out


class Two:
    """The analyses of two captures; a context manager."""

    def __init__(self, a: Sequence[Frame], b: Sequence[Frame]) -> None:
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(TemporaryDirectory()))
        self.sides = []
        for name, frames in (("A", a), ("B", b)):
            path = write_capture(folder / f"{name}.pcap", frames)
            analysis = self._stack.enter_context(Analysis([path], Options(judge=False), random_access=True)).run()
            self.sides.append(Side(analysis))

    def __enter__(self) -> tuple[Side, Side]:
        return self.sides[0], self.sides[1]

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def compared(a: Sequence[Frame], b: Sequence[Frame], *, late_ns: int | None = None) -> ComparisonRecord:
    """The comparison of two captures."""
    with Two(a, b) as (first, second):
        return compare(first, second, late_ns=late_ns)
