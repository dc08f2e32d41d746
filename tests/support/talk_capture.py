"""Frames, and the capture files that hold them: the small end of what tests need, written independently of the
product's readers.

Knows the two file formats and nothing of what is inside a frame.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ETHERNET = 1
NULL = 0
RAW = 101
LOOP = 108
SLL = 113
SLL2 = 276


class Frame(NamedTuple):
    """One captured frame."""

    ts_ns: int
    "Nanoseconds since 1970-01-01 UTC."
    data: bytes
    "What the capture holds of it."
    orig_len: int
    "Its length on the wire; at least `len(data)`."
    linktype: int = ETHERNET
    "LINKTYPE_ number of its first header."


def _linktype(frames: Sequence[Frame], linktype: int | None) -> int:
    if linktype is not None:
        return linktype
    found = {frame.linktype for frame in frames} or {ETHERNET}
    if len(found) != 1:
        raise ValueError(f"a pcap file has one link type, not {sorted(found)}: use to_pcapng")
    return found.pop()


def to_pcap(
    frames: Sequence[Frame],
    *,
    nanosecond: bool = False,
    big_endian: bool = False,
    linktype: int | None = None,
    snaplen: int = 262144,
) -> bytes:
    """A classic pcap file. Times are cut to microseconds unless `nanosecond`; the link type is that of the frames."""
    order = ">" if big_endian else "<"
    magic = 0xA1B23C4D if nanosecond else 0xA1B2C3D4
    unit = 1 if nanosecond else 1000
    record = struct.Struct(order + "IIII").pack
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, _linktype(frames, linktype))]
    for frame in frames:
        seconds, rest = divmod(frame.ts_ns, 1_000_000_000)
        parts.append(record(seconds, rest // unit, len(frame.data), frame.orig_len))
        parts.append(frame.data)
    return b"".join(parts)


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def to_pcapng(
    frames: Iterable[Frame], *, nanosecond: bool = True, big_endian: bool = False, snaplen: int = 262144
) -> bytes:
    """A pcapng file with one section and one interface for each link type, in order of appearance."""
    order = ">" if big_endian else "<"
    unit = 1 if nanosecond else 1000
    resolution = struct.pack(order + "HHBxxx", 9, 1, 9 if nanosecond else 6)
    end_of_options = bytes(4)
    parts = [_block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))]
    interfaces: dict[int, int] = {}
    for frame in frames:
        if frame.linktype not in interfaces:
            interfaces[frame.linktype] = len(interfaces)
            about = struct.pack(order + "HHI", frame.linktype, 0, snaplen)
            parts.append(_block(order, 1, about + resolution + end_of_options))
        high, low = divmod(frame.ts_ns // unit, 1 << 32)
        head = struct.pack(order + "IIIII", interfaces[frame.linktype], high, low, len(frame.data), frame.orig_len)
        parts.append(_block(order, 6, head + frame.data))
    return b"".join(parts)


def write_capture(path: str | Path, frames: Sequence[Frame], **options: bool) -> Path:
    """Write frames to `path`: pcapng if it is called so, pcap otherwise; options as for `to_pcap` or `to_pcapng`."""
    path = Path(path)
    ng = path.suffix == ".pcapng"
    path.write_bytes(to_pcapng(frames, **options) if ng else to_pcap(frames, **options))
    return path


def read_pcap(source: str | Path | bytes) -> list[Frame]:
    """The frames of a classic pcap file (plain, .gz or .zst), or of its bytes; a last record that is cut short is left
    out."""
    raw = source if isinstance(source, bytes) else _unpacked(Path(source))
    magics = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}
    for order in "<>":
        unit = magics.get(struct.unpack_from(order + "I", raw)[0])
        if unit is not None:
            break
    else:
        raise ValueError("not a classic pcap file")
    linktype = struct.unpack_from(order + "I", raw, 20)[0] & 0x0FFFFFFF
    record = struct.Struct(order + "IIII")
    frames = []
    at = 24
    while at + 16 <= len(raw):
        seconds, rest, captured, length = record.unpack_from(raw, at)
        at += 16
        if at + captured > len(raw):
            break
        frames.append(Frame(seconds * 1_000_000_000 + rest * unit, raw[at : at + captured], length, linktype))
        at += captured
    return frames


def _unpacked(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(raw)
    if path.suffix == ".zst":
        import zstandard

        return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj().decompress(raw)
    return raw
