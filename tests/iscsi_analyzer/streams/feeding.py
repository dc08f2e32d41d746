"""A framer by itself: bytes and gaps in, rows out. Positions in the "capture" are places in the stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from struct import Struct
from typing import NamedTuple

from iscsi_analyzer.listener import Listener
from iscsi_analyzer.options import Options
from iscsi_analyzer.store import rows
from iscsi_analyzer.streams.connection import Connection
from iscsi_analyzer.streams.context import OFF, FramingContext
from iscsi_analyzer.streams.framer import Framer
from iscsi_analyzer.streams.spans import GAP
from tests.support.talk_pdu import I2T, LAYOUTS, Pdu, digest, header

_ROW = Struct("<qqIIIIIIII48s")
"As the table in `store.rows` has it."
WORDS = ("absent", "ok", "bad", "unknown")
NUMBERS: dict[str, int | bytes] = {
    "cmd_sn": 0x12D687,
    "exp_stat_sn": 0x7A120F,
    "stat_sn": 0x7A120E,
    "exp_cmd_sn": 0x12D688,
    "max_cmd_sn": 0x12D6C7,
    "target_transfer_tag": 0xFFFFFFFF,
    "expected_data_transfer_length": 512,
    "cdb": bytes.fromhex("2a00013c5a6000000100"),
}
TICK = 1000
"Nanoseconds from one piece to the next; pieces are numbered from 1, as frames are."


class RowSeen(NamedTuple):
    """A row, taken apart."""

    time_first: int
    time_last: int
    frame_first: int
    frame_last: int
    connection: int
    flags: int
    entry: int
    skip: int
    request: int
    data_captured: int
    header: bytes

    @property
    def opcode(self) -> int:
        return self.header[0] & 0x3F

    @property
    def header_captured(self) -> int:
        return self.flags >> 16 & 63

    @property
    def digests(self) -> tuple[str, str]:
        """Header and data digest."""
        return WORDS[self.flags >> 1 & 3], WORDS[self.flags >> 3 & 3]

    @property
    def marks(self) -> set[str]:
        """Everything out of the ordinary."""
        names = {
            "inferred": rows.FLAG_INFERRED,
            "cut": rows.FLAG_CUT,
            "unfinished": rows.FLAG_UNFINISHED,
            "odd": rows.FLAG_ODD,
            "resync": rows.FLAG_RESYNC,
        }
        return {name for name, flag in names.items() if self.flags & flag}

    @property
    def length(self) -> int:
        """Bytes of the whole PDU as its row has them."""
        data = int.from_bytes(self.header[5:8], "big")
        size = 48 + 4 * self.header[4] + (4 if self.flags & rows.FLAG_HEADER_DIGEST else 0)
        return size + (data + 3 & ~3) + (4 if self.flags & rows.FLAG_DATA_DIGEST else 0)


class Fed:
    """A framer, what it was fed, and what came of it."""

    def __init__(
        self,
        direction: str = I2T,
        header_digest: int = OFF,
        data_digest: int = OFF,
        *,
        in_sync: bool = True,
        aligned: bool = False,
        context: FramingContext | None = None,
    ) -> None:
        self.listener = Listener(Options(judge=False))
        self.context = context or FramingContext(1, header_digest, data_digest)
        self.context.aligned = aligned
        # The listener asks who follows a connection when bytes are lost; nobody here.
        self.listener.recognised(Connection(self.listener, self.listener.rows, b"", b"", b"", b""))
        self.framer = Framer(self.context, self.listener.rows, self.listener, direction == I2T, in_sync)
        self.stream = bytearray()
        self.pieces = 0

    def feed(self, data: bytes) -> None:
        """A piece of the stream; it lies somewhere in a larger buffer."""
        self.pieces += 1
        buffer = b"\x25\x00" * 9 + data + b"\x01\x81" * 40
        self.framer.feed(buffer, 18, len(data), self.pieces * TICK, self.pieces, len(self.stream))
        self.stream += data

    def gap(self, length: int) -> None:
        self.pieces += 1
        self.framer.gap(length, self.pieces * TICK, self.pieces)
        self.stream += b"\xee" * length

    def finish(self) -> None:
        self.framer.finish(self.pieces * TICK, self.pieces)

    @property
    def rows(self) -> list[RowSeen]:
        writer = self.listener.rows
        data = b"".join([*writer.blocks, writer.tail()])
        return [RowSeen._make(values) for values in _ROW.iter_unpack(data)]

    def places(self, row: RowSeen) -> list[tuple[int, int]]:
        """Where the PDU's bytes are: (place in the stream or GAP, length)."""
        return self.framer.spans.pieces(row.entry, row.skip, row.length)

    def raw(self, row: RowSeen) -> bytes:
        """The PDU's bytes; those of a gap are zero."""
        return b"".join(
            bytes(size) if place == GAP else bytes(self.stream[place : place + size])
            for place, size in self.places(row)
        )

    def kept(self, number: int) -> bytes:
        """The data that was kept of PDU `number`, from 1."""
        return self.listener.kept_data.get(number, b"")

    @property
    def skipped(self) -> int:
        """Bytes that were told to be no part of any PDU."""
        return sum(loss.length for loss in self.listener.losses if loss.kind == "skipped")


def cut_at(data: bytes, places: Iterable[int]) -> Iterator[bytes]:
    """The data in pieces that end at these places."""
    last = 0
    for place in [*places, len(data)]:
        if place > last:
            yield data[last:place]
            last = place


def pdu(
    opcode: int,
    flags: int = 0x80,
    data: bytes = b"",
    *,
    ahs: bytes = b"",
    header_digest: bool = False,
    data_digest: bool = False,
    direction: str = I2T,
    **fields: int | bytes,
) -> Pdu:
    """A PDU with right lengths, padding and digests, and numbers that look like a session some hours old."""
    layout = LAYOUTS.get(opcode, {})
    for name, value in NUMBERS.items():
        if name in layout:
            fields.setdefault(name, value)
    fields.setdefault("lun", 1 << 48)
    head = header(opcode, flags, data_segment_length=len(data), total_ahs_length=len(ahs) // 4, **fields)
    padding = bytes(-len(data) % 4)
    return Pdu(
        direction,
        head,
        data,
        ahs,
        digest(head + ahs) if header_digest else b"",
        padding,
        digest(data + padding) if data_digest and data else b"",
    )


def some_pdus(random: Random, count: int, *, header_digest: bool = False, data_digest: bool = False) -> list[Pdu]:
    """PDUs that an initiator sends: with and without data, padding and additional headers."""
    out = []
    for number in range(count):
        data = random.randbytes(random.choice((0, 0, 1, 4, 7, 48, 100, 513)))
        ahs = b""
        kind = random.choice((0x00, 0x01, 0x01, 0x02, 0x04, 0x05))
        flags, fields = 0x80, {"initiator_task_tag": number + 1}
        if kind == 0x01:
            flags = 0xA1
            ahs = random.choice((b"", b"", b"\x00\x05\x01\x00" + random.randbytes(4)))
        elif kind == 0x02:
            flags, data = 0x85, b""
        out.append(pdu(kind, flags, data, ahs=ahs, header_digest=header_digest, data_digest=data_digest, **fields))
    return out
