"""One direction of a TCP connection by itself: segments in any order in, the stream as it was put together out.

The stream begins with the header of a PDU that claims sixteen megabytes, so all that follows is data of one PDU, and
the table of pieces tells what the direction delivered.
"""

from __future__ import annotations

from iscsi_analyzer.listener import Listener
from iscsi_analyzer.options import Options
from iscsi_analyzer.streams.connection import Connection
from iscsi_analyzer.streams.spans import GAP
from tests.support.talk_pdu import DATA_OUT, header

HEAD = header(DATA_OUT, 0x80, data_segment_length=0xFFFFFF, initiator_task_tag=7, exp_stat_sn=9)
MASK = 0xFFFFFFFF
TICK = 1000


class OneWay:
    """A direction whose header was delivered; `place` counts from the byte after it."""

    def __init__(self, first_seq: int = 1_000_000, *, seen: bool = True) -> None:
        self.listener = Listener(Options(judge=False))
        self.capture = bytearray()
        self.listener.read_span = lambda position, length: bytes(self.capture[position : position + length])
        source, target = b"\x0a\0\0\1\x9c\x40", b"\x0a\0\0\2\x0c\xbc"
        self.connection = Connection(self.listener, self.listener.rows, source, target, b"k", b"r")
        self.connection.port_known = True
        self.connection.to_target = self.connection.first
        self.half = self.connection.first
        self.half.isn = (first_seq - 1) & MASK
        self.half.next_seq = first_seq & MASK
        self.start = (first_seq + len(HEAD)) & MASK
        self.seen = seen
        self.frames = 0
        self._take(first_seq & MASK, HEAD, len(HEAD))

    def send(self, place: int, data: bytes, *, wire: int | None = None) -> None:
        """A segment of which the capture has `data`, and that had `wire` bytes."""
        self._take((self.start + place) & MASK, data, len(data) if wire is None else wire)

    def _take(self, seq: int, data: bytes, length: int) -> None:
        self.frames += 1
        position = len(self.capture)
        self.capture += data
        self.half.segments += 1
        buffer = b"\x99" * 7 + data + b"\x77" * 3
        self.half.data(buffer, 7, len(data), length, seq, self.frames * TICK, self.frames, position, self.seen, -1)

    def acknowledge(self, place: int) -> None:
        """The other end has everything before `place`."""
        self.half.acked = (self.start + place) & MASK
        self.half.settle(True, self.frames * TICK, self.frames)

    def flush(self) -> None:
        self.half.flush(self.frames * TICK, self.frames)

    @property
    def pieces(self) -> list[tuple[int, int]]:
        """What was delivered behind the header: (position or GAP, length)."""
        framer = self.half.framer
        assert framer is not None
        return framer.spans.pieces(0, len(HEAD), 1 << 40)

    @property
    def stream(self) -> list[int]:
        """The delivered bytes one by one; -1 where the capture lacks them."""
        out: list[int] = []
        for position, length in self.pieces:
            out += [-1] * length if position == GAP else self.capture[position : position + length]
        return out

    @property
    def gaps(self) -> int:
        """Bytes that were told to be missing."""
        return sum(length for position, length in self.pieces if position == GAP)
