"""What networks and capture hosts do to traffic without losing a byte of it: none of this may change a PDU, a task or a
finding.

Each function takes frames and a source of randomness and returns new frames; times never go backwards. Frames that hold
no whole, plain TCP segment are passed on as they are. Checksums are right afterwards.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from random import Random

from tests.support.talk_capture import ETHERNET, Frame
from tests.support.talk_net import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    Packet,
    decode,
    ipv4_header,
    link_header,
    network_offset,
)

Frames = list[Frame]
Flow = tuple[bytes, int, bytes, int]
M32 = 0xFFFFFFFF


def packet_of(frame: Frame) -> Packet | None:
    """The TCP segment in a frame, if it is there as a whole."""
    return decode(frame.data, frame.linktype, frame.orig_len)


def frame_of(packet: Packet, like: Frame) -> Frame:
    """A packet as a frame with the time and link type of another."""
    data = packet.encode(like.linktype)
    return Frame(like.ts_ns, data, len(data), like.linktype)


def _copy(packet: Packet, **changes: object) -> Packet:
    values = {name: getattr(packet, name) for name in Packet.__slots__}
    return Packet(**{**values, **changes})


def _back(flow: Flow) -> Flow:
    return flow[2], flow[3], flow[0], flow[1]


def _after(left: int, right: int) -> bool:
    """Whether sequence number `left` is beyond `right`."""
    return 0 < (left - right) & M32 < 1 << 31


def split(frames: Sequence[Frame], random: Random, *, share: float = 0.3, pieces: int = 4) -> Frames:
    """Cut some segments into up to `pieces`, anywhere; all keep the time of the whole."""
    out: Frames = []
    for frame in frames:
        packet = packet_of(frame)
        if packet is None or len(packet.payload) < 2 or packet.flags & (SYN | RST) or random.random() >= share:
            out.append(frame)
            continue
        size = len(packet.payload)
        cuts = sorted(random.sample(range(1, size), min(size - 1, random.randint(1, pieces - 1))))
        for low, high in zip([0, *cuts], [*cuts, size], strict=True):
            flags = packet.flags if high == size else packet.flags & ~(PSH | FIN)
            part = _copy(packet, seq=(packet.seq + low) & M32, payload=packet.payload[low:high], flags=flags)
            out.append(frame_of(part, frame))
    return out


def merge(frames: Sequence[Frame], random: Random, *, share: float = 0.5, limit: int = 60000) -> Frames:
    """Join neighbouring segments of a direction, as receive offload does; the result has the time of the last."""
    out: Frames = []
    last: Packet | None = None
    for frame in frames:
        packet = packet_of(frame)
        if (
            last is not None
            and packet is not None
            and last.payload
            and packet.payload
            and last.flow == packet.flow
            and last.end == packet.seq
            and not (last.flags | packet.flags) & (SYN | RST)
            and len(last.payload) + len(packet.payload) <= limit
            and random.random() < share
        ):
            last = _copy(packet, seq=last.seq, payload=last.payload + packet.payload, ip_id=last.ip_id)
            out[-1] = frame_of(last, frame)
            continue
        out.append(frame)
        last = packet
    return out


def reorder(
    frames: Sequence[Frame], random: Random, *, share: float = 0.1, distance: int = 3, across: bool = True
) -> Frames:
    """Let some segments be overtaken by up to `distance` others of their connection; times stay in order.

    A segment is never overtaken by what acknowledges it, and SYN, RST and the first data of a stream whose SYN is not
    there stay where they are. With `across` it may be overtaken by segments of the other direction as well.
    """
    packets = [packet_of(frame) for frame in frames]
    order = list(range(len(frames)))
    started: set[Flow] = set()
    for index, packet in enumerate(packets):
        if packet is None:
            continue
        known = packet.flow in started
        if packet.payload or packet.flags & SYN:
            started.add(packet.flow)
        if not known or packet.flags & (SYN | RST) or random.random() >= share:
            continue
        at = order.index(index, max(0, index - distance))
        for _ in range(random.randint(1, distance)):
            if at + 1 == len(order) or not _may_overtake(packets[order[at + 1]], packet, across):
                break
            order[at], order[at + 1] = order[at + 1], order[at]
            at += 1
    times = [frame.ts_ns for frame in frames]
    return [frames[index]._replace(ts_ns=ts) for index, ts in zip(order, times, strict=True)]


def _may_overtake(other: Packet | None, packet: Packet, across: bool) -> bool:
    if other is None or other.flags & (SYN | RST):
        return False
    if other.flow == packet.flow:
        return True
    return across and other.flow == _back(packet.flow) and not _after(other.ack, packet.seq)


def duplicate(frames: Sequence[Frame], random: Random, *, share: float = 0.1, distance: int = 2) -> Frames:
    """Capture some frames twice: the same bytes again (same IP id), at once or a few frames later."""
    return _insert(frames, random, share, distance, lambda frame: frame)


def retransmit(frames: Sequence[Frame], random: Random, *, share: float = 0.05, distance: int = 8) -> Frames:
    """Send some segments with data again, a few frames later and with an IP id of their own."""
    return _insert(frames, random, share, distance, _again)


def _again(frame: Frame) -> Frame | None:
    packet = packet_of(frame)
    if packet is None or not packet.payload:
        return None
    return frame_of(_copy(packet, ip_id=packet.ip_id ^ 0x8000), frame)


def _insert(
    frames: Sequence[Frame], random: Random, share: float, distance: int, make: Callable[[Frame], Frame | None]
) -> Frames:
    out: Frames = []
    due: list[tuple[int, Frame]] = []
    for index, frame in enumerate(frames):
        out.append(frame)
        if random.random() < share:
            extra = make(frame)
            if extra is not None:
                due.append((index + random.randint(0, distance), extra))
        out += [extra._replace(ts_ns=frame.ts_ns) for when, extra in due if when <= index]
        due = [(when, extra) for when, extra in due if when > index]
    return out + [extra._replace(ts_ns=frames[-1].ts_ns) for _, extra in due]


def overlap(frames: Sequence[Frame], random: Random, *, share: float = 0.1) -> Frames:
    """Before some segments, send the end of the one before together with their beginning: both sides overlap in
    part."""
    out: Frames = []
    last: dict[Flow, Packet] = {}
    for frame in frames:
        packet = packet_of(frame)
        if packet is not None and packet.payload and not packet.flags & (SYN | RST):
            before = last.get(packet.flow)
            if before and before.end == packet.seq and len(packet.payload) > 1 and random.random() < share:
                low = random.randrange(len(before.payload))
                high = random.randint(1, len(packet.payload) - 1)
                both = before.payload[low:] + packet.payload[:high]
                extra = _copy(packet, seq=(before.seq + low) & M32, payload=both, ip_id=packet.ip_id ^ 0x4000)
                extra.flags &= ~(PSH | FIN)
                out.append(frame_of(extra, frame))
            last[packet.flow] = packet
        out.append(frame)
    return out


def keep_alive(frames: Sequence[Frame], random: Random, *, share: float = 0.1) -> Frames:
    """Keep-alive probes and their answers where a direction is idle: no data or one byte of rubbish, one before the
    next."""
    out: Frames = []
    ends: dict[Flow, Packet] = {}
    for frame in frames:
        out.append(frame)
        packet = packet_of(frame)
        if packet is None:
            continue
        sender = ends.get(_back(packet.flow))
        if packet.payload:
            ends[packet.flow] = packet
        closing = packet.flags & (SYN | FIN | RST)
        if sender is None or closing or sender.flags & FIN or sender.end != packet.ack or random.random() >= share:
            continue
        rubbish = random.choice((b"", b"\0", b"\xff"))
        probe = _copy(
            sender,
            seq=(sender.end - 1) & M32,
            ack=packet.end,
            flags=ACK,
            payload=rubbish,
            ip_id=sender.ip_id ^ 0x2000,
        )
        answer = _copy(packet, seq=packet.end, flags=ACK, payload=b"", ip_id=packet.ip_id ^ 0x2000)
        out += [frame_of(probe, frame), frame_of(answer, frame)]
    return out


def shift(frames: Sequence[Frame], random: Random) -> Frames:
    """Move the sequence numbers of every direction so that they wrap somewhere in the middle of its data."""
    low: dict[Flow, int] = {}
    size: dict[Flow, int] = {}
    packets = [packet_of(frame) for frame in frames]
    for packet in packets:
        if packet is not None:
            start = low.setdefault(packet.flow, packet.seq)
            reach = (packet.end - start) & M32
            size[packet.flow] = max(size.get(packet.flow, 0), reach if reach < 1 << 31 else 0)
    moves = {flow: -(start + random.randint(1, max(1, size[flow]))) & M32 for flow, start in low.items()}
    out: Frames = []
    for frame, packet in zip(frames, packets, strict=True):
        if packet is not None:
            packet.seq = (packet.seq + moves[packet.flow]) & M32
            back = moves.get(_back(packet.flow), 0)
            if packet.flags & ACK:
                packet.ack = (packet.ack + back) & M32
            packet.options = _shift_sack(packet.options, back)
        out.append(frame if packet is None else frame_of(packet, frame))
    return out


def _shift_sack(options: bytes, move: int) -> bytes:
    out = bytearray(options)
    at = 0
    while at < len(out) and out[at]:
        if out[at] == 1:
            at += 1
            continue
        if at + 1 >= len(out) or out[at + 1] < 2:
            break
        if out[at] == 5:
            for place in range(at + 2, at + out[at + 1], 4):
                edge = int.from_bytes(out[place : place + 4], "big")
                out[place : place + 4] = ((edge + move) & M32).to_bytes(4, "big")
        at += out[at + 1]
    return bytes(out)


def fragment(frames: Sequence[Frame], random: Random, *, share: float = 0.2, shuffled: bool = False) -> Frames:
    """Cut some IP packets into fragments, in order or in any; all at the time of the whole."""
    out: Frames = []
    for frame in frames:
        packet = packet_of(frame)
        if packet is None or len(packet.payload) < 100 or packet.total_length == 0 or random.random() >= share:
            out.append(frame)
            continue
        body = packet.tcp()
        step = 8 * random.randint(8, max(8, len(body) // 16))
        parts = [_fragment(packet, body, at, step, frame.linktype) for at in range(0, len(body), step)]
        if shuffled:
            random.shuffle(parts)
        out += [Frame(frame.ts_ns, data, len(data), frame.linktype) for data in parts]
    return out


def _fragment(packet: Packet, body: bytes, at: int, step: int, linktype: int) -> bytes:
    piece = body[at : at + step]
    more = at + step < len(body)
    if len(packet.source) == 4:
        head = ipv4_header(packet, 20 + len(piece), fragment=at // 8 | (0x2000 if more else 0))
        return link_header(packet, linktype, 0x0800) + head + piece
    head = struct.pack(">IHBB", 6 << 28, 8 + len(piece), 44, packet.ttl) + packet.source + packet.target
    extension = struct.pack(">BBHI", 6, 0, at | more, packet.seq)
    return link_header(packet, linktype, 0x86DD) + head + extension + piece


def encapsulate(frames: Sequence[Frame], linktype: int = ETHERNET, vlans: tuple[int, ...] = ()) -> Frames:
    """Carry the same IP packets under another link type or with other VLAN tags; whatever was captured of them
    stays."""
    out: Frames = []
    for frame in frames:
        at = network_offset(frame.data, frame.linktype)
        if at < 0:
            out.append(frame._replace(linktype=linktype))
            continue
        kind = 0x0800 if frame.data[at : at + 1] < b"\x50" else 0x86DD
        head = link_header(Packet(b"", b"", 0, 0, 0, vlans=vlans), linktype, kind)
        data = head + frame.data[at:]
        out.append(Frame(frame.ts_ns, data, frame.orig_len + len(data) - len(frame.data), linktype))
    return out


def pad(frames: Sequence[Frame], random: Random, *, trailer: bool | None = None) -> Frames:
    """Pad short Ethernet frames to 60 bytes, with zeros or rubbish. With `trailer` all have four bytes of frame check
    sequence as well; None leaves that to chance."""
    trailer = random.random() < 0.5 if trailer is None else trailer
    out: Frames = []
    for frame in frames:
        packet = packet_of(frame)
        if frame.linktype == ETHERNET and packet is not None and packet.total_length is None:
            missing = max(0, 60 - len(frame.data))
            extra = (bytes(missing) if random.random() < 0.5 else random.randbytes(missing)) + (
                random.randbytes(4) if trailer else b""
            )
            frame = Frame(frame.ts_ns, frame.data + extra, frame.orig_len + len(extra), frame.linktype)
        out.append(frame)
    return out


def offload(frames: Sequence[Frame], random: Random, *, share: float = 0.5) -> Frames:
    """Some IPv4 packets with data have total length 0, as where the card cuts the segments."""
    out: Frames = []
    for frame in frames:
        packet = packet_of(frame)
        if packet is not None and len(packet.source) == 4 and len(packet.payload) >= 500 and random.random() < share:
            out.append(frame_of(_copy(packet, total_length=0), frame))
        else:
            out.append(frame)
    return out
