"""What loses or spoils bytes of a capture: it may cost PDUs, and must never bring a false accusation.

Each function takes frames and returns new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.support.mangle_whole import Frames, frame_of, packet_of
from tests.support.talk_capture import Frame
from tests.support.talk_net import FIN, RST, SYN, Packet, checksum, network_offset
from tests.support.talk_pdu import I2T, Pdu


def drop(frames: Sequence[Frame], random: Random, *, share: float = 0.02) -> Frames:
    """Leave out some frames, at least one."""
    lost = {index for index in range(len(frames)) if random.random() < share} or {random.randrange(len(frames))}
    return [frame for index, frame in enumerate(frames) if index not in lost]


def late(frames: Sequence[Frame], random: Random, *, count: int = 3, distance: int = 100) -> Frames:
    """Let up to `count` segments be captured up to `distance` frames later than they should, long after they were
    acknowledged; times stay in order. SYN, FIN and RST stay where they are."""
    out = list(frames)
    for _ in range(count):
        index, behind = random.randrange(len(out)), random.randint(2, distance)
        packet = packet_of(out[index])
        if packet is not None and not packet.flags & (SYN | FIN | RST):
            out.insert(min(len(out), index + behind), out.pop(index))
    times = sorted(frame.ts_ns for frame in frames)
    return [frame._replace(ts_ns=ts) for frame, ts in zip(out, times, strict=True)]


def snap(frames: Sequence[Frame], length: int) -> Frames:
    """Keep at most `length` bytes of every frame."""
    return [frame._replace(data=frame.data[:length]) for frame in frames]


def one_direction(frames: Sequence[Frame], direction: str = I2T, port: int = 3260) -> Frames:
    """Keep only what goes to (I2T) or comes from (T2I) the target's port."""
    out: Frames = []
    for frame in frames:
        packet = packet_of(frame)
        if packet is not None and (packet.target_port if direction == I2T else packet.source_port) == port:
            out.append(frame)
    return out


def cut_start(frames: Sequence[Frame], count: int) -> Frames:
    """Begin to capture `count` frames late."""
    return list(frames[count:])


def cut_end(frames: Sequence[Frame], count: int) -> Frames:
    """Stop to capture `count` frames early."""
    return list(frames[: max(0, len(frames) - count)])


def cut_middle(frames: Sequence[Frame], random: Random, *, count: int = 10) -> Frames:
    """Capture nothing for `count` frames, as when a buffer overflows."""
    start = random.randint(1, max(1, len(frames) - count))
    return [*frames[:start], *frames[start + count :]]


def first_segments(frames: Sequence[Frame], pdus: Sequence[Pdu]) -> Frames:
    """Keep the frames in which a PDU begins, and those without data. `frames` and `pdus` of one talk, not mangled
    before."""
    begins = {pdu.spans[0][0] for pdu in pdus}
    data = {span[0] for pdu in pdus for span in pdu.spans}
    return [frame for index, frame in enumerate(frames) if index in begins or index not in data]


def corrupt(
    frames: Sequence[Frame], random: Random, *, count: int = 1, mend_checksum: bool = True, skip: int = 0
) -> Frames:
    """Change one byte of the data of `count` segments. With a mended checksum it happened in an end's memory (only a
    digest can tell), otherwise on the way. The first `skip` frames are spared."""
    out = list(frames)
    places = [index for index in range(skip, len(out)) if (packet := packet_of(out[index])) and packet.payload]
    for index in random.sample(places, min(count, len(places))):
        out[index] = flip(out[index], random.random(), random.randint(1, 255), mend_checksum=mend_checksum)
    return out


def flip(frame: Frame, where: float, bits: int, *, mend_checksum: bool = True) -> Frame:
    """One frame with one byte of its TCP data changed, `where` (0 to below 1) of the way through."""
    packet = packet_of(frame)
    if packet is None or not packet.payload:
        raise ValueError("no TCP data in this frame")
    at = int(where * len(packet.payload))
    spoiled = bytearray(packet.payload)
    spoiled[at] ^= bits
    if mend_checksum:
        packet.payload = bytes(spoiled)
        return frame_of(packet, frame)
    place = _tcp(frame, packet) + 20 + len(packet.options) + at
    data = frame.data[:place] + bytes([frame.data[place] ^ bits]) + frame.data[place + 1 :]
    return frame._replace(data=data)


def checksum_right(frame: Frame) -> bool:
    """Whether the TCP checksum of a frame is right; True if it holds no whole segment."""
    packet = packet_of(frame)
    if packet is None:
        return True
    at = _tcp(frame, packet)
    body = frame.data[at : at + 20 + len(packet.options) + len(packet.payload)]
    pseudo = packet.source + packet.target + len(body).to_bytes(4, "big") + (6).to_bytes(4, "big")
    return checksum(pseudo + body) == 0


def _tcp(frame: Frame, packet: Packet) -> int:
    """Offset of the TCP header."""
    return network_offset(frame.data, frame.linktype) + (20 if len(packet.source) == 4 else 40)
