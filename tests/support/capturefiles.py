"""The bytes of capture files in all their variants, sound ones and damaged ones, piece by piece.

`talk_capture` writes the usual file for a conversation; this is for whoever tests the readers, so it can also
write what no program should. Written independently of the product's readers; knows nothing of what is inside a frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
"A time for captures that do not care, ns since 1970."

MAGICS = {"us": 0xA1B2C3D4, "ns": 0xA1B23C4D, "modified": 0xA1B2CD34}


class Record(NamedTuple):
    """One captured frame."""

    ts: int
    "Nanoseconds since 1970."
    data: bytes
    wire: int = -1
    "Length on the wire; -1 is that of the data."
    interface: int = 0
    "Index within the section (pcapng)."

    @property
    def length(self) -> int:
        """Length on the wire."""
        return len(self.data) if self.wire < 0 else self.wire


def some_records(count: int = 5, *, start: int = NOW, step: int = 1_000_000, tag: int = 0) -> list[Record]:
    """Records of different lengths; each begins with its number and `tag`, and one in four is cut by a snap length."""
    found = []
    for i in range(count):
        data = bytes([i & 0xFF, tag]) + bytes(range(40, 40 + i * 7 % 61))
        found.append(Record(start + i * step, data, len(data) + (100 if i % 4 == 3 else 0)))
    return found


def pcap_header(
    *, kind: str = "us", order: str = "<", linktype: int = 1, snaplen: int = 262_144, version: tuple[int, int] = (2, 4)
) -> bytes:
    """The 24 bytes at the beginning of a pcap file; `linktype` may have bits above the 16th."""
    return struct.pack(order + "IHHiIII", MAGICS[kind], *version, 0, 0, snaplen, linktype)


def pcap_record(record: Record, *, kind: str = "us", order: str = "<") -> bytes:
    """One record with its header."""
    seconds, rest = divmod(record.ts, SECOND)
    unit = 1 if kind == "ns" else 1000
    head = struct.pack(order + "IIII", seconds, rest // unit, len(record.data), record.length)
    if kind == "modified":
        head += struct.pack(order + "IHBB", 2, 0x0800, 4, 0)
    return head + record.data


def pcap_file(
    records: Iterable[Record], *, kind: str = "us", order: str = "<", linktype: int = 1, snaplen: int = 262_144
) -> bytes:
    """A whole pcap file. `kind` is `us`, `ns`, or `modified`; `order` is `<` or `>`."""
    header = pcap_header(kind=kind, order=order, linktype=linktype, snaplen=snaplen)
    return header + b"".join(pcap_record(record, kind=kind, order=order) for record in records)


Options = Sequence[tuple[int, bytes]]


def options(found: Options, order: str = "<", *, end: bool = True) -> bytes:
    """Options with their padding, and the end mark if there are any."""
    parts = [struct.pack(order + "HH", code, len(value)) + padded(value) for code, value in found]
    return b"".join(parts) + (bytes(4) if parts and end else b"")


def padded(data: bytes) -> bytes:
    """The data up to the next multiple of four bytes."""
    return data + bytes(-len(data) % 4)


def block(kind: int, body: bytes, order: str = "<", *, length: int = -1, trailer: int = -1) -> bytes:
    """A block; `length` and `trailer` let its two lengths lie."""
    total = len(body) + 12
    head = struct.pack(order + "II", kind, total if length < 0 else length)
    return head + body + struct.pack(order + "I", total if trailer < 0 else trailer)


def section(found: Options = (), order: str = "<", *, version: tuple[int, int] = (1, 0), length: int = -1) -> bytes:
    """A Section Header Block; `length` is the section's (-1 is unknown)."""
    body = struct.pack(order + "IHHq", 0x1A2B3C4D, *version, length)
    return block(0x0A0D0D0A, body + options(found, order), order)


def interface(found: Options = (), order: str = "<", *, linktype: int = 1, snaplen: int = 262_144) -> bytes:
    """An Interface Description Block."""
    return block(1, struct.pack(order + "HHI", linktype, 0, snaplen) + options(found, order), order)


def resolution(tsresol: int) -> tuple[int, bytes]:
    """The option of an interface that says the unit of its time stamps."""
    return 9, bytes([tsresol])


def time_offset(seconds: int, order: str = "<") -> tuple[int, bytes]:
    """The option of an interface that shifts its time stamps."""
    return 14, struct.pack(order + "q", seconds)


def packet(
    record: Record, found: Options = (), order: str = "<", *, units: int | None = None, captured: int = -1
) -> bytes:
    """An Enhanced Packet Block; `units` is the raw time stamp (else microseconds), `captured` lies about the length."""
    raw = record.ts // 1000 if units is None else units
    length = len(record.data) if captured < 0 else captured
    head = struct.pack(order + "IIIII", record.interface, raw >> 32, raw & 0xFFFFFFFF, length, record.length)
    return block(6, head + padded(record.data) + options(found, order), order)


def old_packet(record: Record, found: Options = (), order: str = "<", *, drops: int = 0xFFFF) -> bytes:
    """A Packet Block, which was replaced by the enhanced one."""
    raw = record.ts // 1000
    head = struct.pack(
        order + "HHIIII", record.interface, drops, raw >> 32, raw & 0xFFFFFFFF, len(record.data), record.length
    )
    return block(2, head + padded(record.data) + options(found, order), order)


def simple_packet(record: Record, order: str = "<") -> bytes:
    """A Simple Packet Block: neither time nor interface, and no captured length either."""
    return block(3, struct.pack(order + "I", record.length) + padded(record.data), order)


def statistics(index: int, ts: int, found: Options, order: str = "<") -> bytes:
    """An Interface Statistics Block; the time stamp is in microseconds."""
    raw = ts // 1000
    return block(5, struct.pack(order + "III", index, raw >> 32, raw & 0xFFFFFFFF) + options(found, order), order)


def counter(code: int, value: int, order: str = "<") -> tuple[int, bytes]:
    """A 64-bit option of a statistics block."""
    return code, struct.pack(order + "Q", value)


def pcapng_file(records: Iterable[Record], *, order: str = "<", linktype: int = 1) -> bytes:
    """A section with one interface in microseconds, and the records as Enhanced Packet Blocks."""
    parts = [section((), order), interface((), order, linktype=linktype)]
    return b"".join(parts + [packet(record, order=order) for record in records])
