"""The TCP side of a made-up conversation: two ends, a clock, and the rules by which bytes become segments.

`Wire` is the capture that grows, `Side` one end of one connection, `Line` the connection between two of them. Nothing
here knows iSCSI beyond the fact that a `Pdu` has parts.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.talk_capture import ETHERNET, Frame
from tests.support.talk_net import ACK, FIN, PSH, RST, SYN, Packet, address
from tests.support.talk_pdu import I2T, T2I, Pdu

M32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Segmentation:
    """How a sender's PDUs become TCP segments. Whatever it says, no segment is longer than the MSS."""

    cut: Callable[[list[list[bytes]]], list[bytes]]
    "From the parts of the gathered PDUs (header, data, data digest) to stretches that each start a segment."
    gather: int = 1
    "PDUs that wait for each other before they are sent together."


def _one(pdus: list[list[bytes]]) -> list[bytes]:
    return [b"".join(part for parts in pdus for part in parts)]


def _header_apart(pdus: list[list[bytes]]) -> list[bytes]:
    return [piece for parts in pdus for piece in (parts[0], b"".join(parts[1:])) if piece]


def _all_apart(pdus: list[list[bytes]]) -> list[bytes]:
    return [part for parts in pdus for part in parts]


PER_PDU = Segmentation(_one)
"Every PDU begins a segment."
STREAM = Segmentation(_one, gather=1 << 30)
"Full segments wherever the PDUs begin; the rest goes when the peer speaks, time passes or `flush()` is called."
HEADER_APART = Segmentation(_header_apart)
"The header in a segment of its own, as the Linux initiator sends."
PARTS_APART = Segmentation(_all_apart)
"Header, data and data digest in segments of their own, as the Linux target sends."


def together(pdus: int) -> Segmentation:
    """That many PDUs in one stretch, as on loopback."""
    return Segmentation(_one, gather=pdus)


def drip(size: int) -> Segmentation:
    """Segments of at most `size` bytes, cut without regard to anything."""

    def cut(pdus: list[list[bytes]]) -> list[bytes]:
        whole = _one(pdus)[0]
        return [whole[at : at + size] for at in range(0, len(whole), size)]

    return Segmentation(cut)


@dataclass(slots=True)
class Wire:
    """The capture: a clock, and the frames and PDUs of every connection in it."""

    now: int = 1_700_000_000_000_000_000
    "Time of the next frame in nanoseconds."
    gap: int = 10_000
    "Nanoseconds from one frame to the next."
    linktype: int = ETHERNET
    frames: list[Frame] = field(default_factory=list)
    pdus: list[Pdu] = field(default_factory=list)
    "Every PDU, in the order of sending."
    lines: list[Line] = field(default_factory=list)

    def put(self, packet: Packet) -> int:
        """Capture a packet now; returns the index of its frame."""
        data = packet.encode(self.linktype)
        self.frames.append(Frame(self.now, data, len(data), self.linktype))
        self.now += self.gap
        return len(self.frames) - 1


@dataclass(slots=True)
class Side:
    """One end of a connection."""

    direction: str
    "Of what it sends: I2T or T2I."
    address: bytes
    port: int
    seq: int
    "Sequence number of the next byte it sends; wraps at 2**32."
    ip_id: int = 1
    segmentation: Segmentation = PER_PDU
    ack_every: int = 2
    "Segments with data that it receives before it acknowledges without data of its own; 0 for never."
    hearing: bool = True
    "False while what the peer sends has not reached it: its acknowledgements stand still."
    mss: int = 1448
    window: int = 502
    mac: bytes = bytes(6)
    received: int = 0
    "Sequence number that the peer's next byte has."
    acked: int = 0
    "What it last acknowledged."
    unacked: int = 0
    "Segments received since then."
    sent: int = 0
    "Bytes of data sent."
    timestamp: int = 0
    "The peer's latest TCP timestamp, to be echoed."
    waiting: list[Pdu] = field(default_factory=list)
    "PDUs that wait to be sent together."


@dataclass(slots=True)
class Line:
    """One TCP connection in a capture."""

    wire: Wire
    initiator: Side
    target: Side
    timestamps: bool = True
    vlans: tuple[int, ...] = ()
    number: int = 0

    def peer(self, side: Side) -> Side:
        """The other end."""
        return self.target if side is self.initiator else self.initiator

    def side(self, direction: str) -> Side:
        """Who sends in a direction."""
        if direction not in (I2T, T2I):
            raise ValueError(f"a direction is {I2T} or {T2I}, not {direction!r}")
        return self.initiator if direction == I2T else self.target

    def segment(
        self, side: Side, payload: bytes = b"", flags: int = ACK, *, seq: int | None = None, options: bytes = b""
    ) -> int:
        """Send one segment as it is and return its frame's index. With `seq` it is out of the count: nothing moves
        on."""
        peer = self.peer(side)
        if side.hearing:
            side.acked, side.unacked = side.received, 0
        stamp = self.wire.now // 1_000_000 & M32
        if self.timestamps:
            options += struct.pack(">BBBBII", 1, 1, 8, 10, stamp, side.timestamp)
        packet = Packet(
            side.address,
            peer.address,
            side.port,
            peer.port,
            side.seq if seq is None else seq & M32,
            side.acked if flags & ACK else 0,
            flags,
            side.window,
            options,
            payload,
            side.ip_id,
            vlans=self.vlans,
            source_mac=side.mac,
            target_mac=peer.mac,
        )
        side.ip_id = (side.ip_id + 1) & 0xFFFF
        if seq is None:
            side.seq = peer.received = packet.end
            side.sent += len(payload)
        if peer.hearing:
            peer.timestamp = stamp
        return self.wire.put(packet)

    def send(self, side: Side, pdu: Pdu) -> None:
        """Queue a PDU and send what the side's segmentation lets go."""
        if self.peer(side).waiting:
            self.flush(self.peer(side))
        pdu.offset = side.waiting[-1].end if side.waiting else side.sent
        pdu.end = pdu.offset + pdu.size
        pdu.connection = self.number
        side.waiting.append(pdu)
        self.wire.pdus.append(pdu)
        if len(side.waiting) >= side.segmentation.gather:
            self.flush(side)
        elif side.segmentation is STREAM:
            self._stream(side, last=False)

    def flush(self, side: Side | None = None) -> None:
        """Send whatever waits, on one side or on both."""
        for each in (self.initiator, self.target) if side is None else (side,):
            if not each.waiting:
                continue
            if each.segmentation is STREAM:
                self._stream(each, last=True)
                continue
            stretches = each.segmentation.cut([pdu.parts for pdu in each.waiting])
            self._emit(each, stretches)
            each.waiting.clear()

    def _stream(self, side: Side, *, last: bool) -> None:
        """Send the full segments that the waiting PDUs fill, or all of them."""
        begin = side.waiting[0].offset
        whole = b"".join(pdu.wire for pdu in side.waiting)[side.sent - begin :]
        ready = len(whole) if last else len(whole) - len(whole) % side.mss
        self._emit(side, [whole[:ready]])
        side.waiting = [pdu for pdu in side.waiting if pdu.end > side.sent]

    def _emit(self, side: Side, stretches: list[bytes]) -> None:
        peer = self.peer(side)
        pdus = iter(side.waiting)
        pdu: Pdu | None = next(pdus, None)
        for stretch in stretches:
            for at in range(0, len(stretch), side.mss):
                payload = stretch[at : at + side.mss]
                begin, end = side.sent, side.sent + len(payload)
                last = at + side.mss >= len(stretch)
                frame = self.segment(side, payload, ACK | PSH if last else ACK)
                place = len(self.wire.frames[frame].data) - len(payload)
                while pdu is not None:
                    low, high = max(begin, pdu.offset), min(end, pdu.end)
                    if low < high:
                        pdu.spans.append((frame, place + low - begin, high - low))
                    if pdu.end > end:
                        break
                    pdu = next(pdus, None)
                peer.unacked += 1
                if peer.ack_every and peer.hearing and peer.unacked >= peer.ack_every:
                    self.ack(peer)

    def raw(self, side: Side, data: bytes) -> None:
        """Send bytes that are no PDU, in segments of at most the MSS."""
        self.flush()
        self._emit(side, [data])

    def ack(self, side: Side) -> int:
        """A bare acknowledgement of everything that the side has heard."""
        return self.segment(side)

    def handshake(self) -> None:
        """SYN, SYN-ACK, ACK with the usual options."""
        self.initiator.received, self.target.received = 0, 0
        mss = struct.pack(">BBH", 2, 4, (self.initiator.mss + (12 if self.timestamps else 0)) & 0xFFFF)
        options = mss + b"\x04\x02" + b"\x01\x03\x03\x07" + b"\x01\x01"
        self.segment(self.initiator, b"", SYN, options=options)
        self.segment(self.target, b"", SYN | ACK, options=options)
        self.ack(self.initiator)

    def fin(self, side: Side | None = None) -> None:
        """Close one direction; without a side, both, with the last acknowledgement."""
        self.flush()
        if side is not None:
            self.segment(side, b"", FIN | ACK)
            return
        self.segment(self.initiator, b"", FIN | ACK)
        self.segment(self.target, b"", FIN | ACK)
        self.ack(self.initiator)

    def rst(self, side: Side) -> None:
        """Reset the connection."""
        self.flush()
        self.segment(side, b"", RST | ACK)

    @contextmanager
    def deaf(self, side: Side) -> Iterator[None]:
        """While inside, nothing that the peer sends has reached this side yet: it acknowledges none of it."""
        self.flush()
        side.hearing = False
        try:
            yield
        finally:
            self.flush()
            side.hearing = True


def make_side(direction: str, host: str, port: int, seq: int, mac: int) -> Side:
    """An end of a connection that has sent nothing yet."""
    return Side(direction, address(host), port, seq & M32, mac=(0x020000000000 | mac).to_bytes(6, "big"))
