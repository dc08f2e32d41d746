"""Verification of the IPv4 header checksum and the TCP checksum (RFC 1071), on request. Not for the hot path."""

from __future__ import annotations

import enum

from dissectors.net.codes import NOTE_BEYOND_FRAME, NOTE_NO_LENGTH, NOTE_ROUTED, NOTE_TRUNCATED_COPY
from dissectors.net.segment import Segment


class Checksum(enum.StrEnum):
    """What a checksum says about the bytes that it covers."""

    OK = "ok"
    BAD = "bad"
    OFFLOADED = "offloaded"
    "Not computed yet when the frame was captured: the sending host leaves that to its network adapter."
    UNKNOWN = "unknown"
    "Not all covered bytes were captured, or the final destination address is not known."


def ones_complement_sum(data: bytes, start: int = 0) -> int:
    """The 16-bit one's complement sum of RFC 1071 of bytes, an odd one padded with zero, added to `start`."""
    if len(data) % 2:
        data += b"\0"
    # 2 ** 16 is 1 modulo 65535: the number that all bytes form together leaves the same remainder as their sum.
    total = start + int.from_bytes(data, "big")
    return (total - 1) % 0xFFFF + 1 if total else 0


def ipv4_header(buf: bytes, seg: Segment) -> Checksum:
    """Verify the header of the innermost IPv4 packet of the frame that was decoded from `buf` last.

    UNKNOWN for IPv6, which has none, and for a reassembled datagram, whose headers are gone.
    """
    start = seg.addr - 12
    if seg.addr_len != 4 or start < 0:
        return Checksum.UNKNOWN
    header = buf[start : start + (buf[start] & 15) * 4]
    if ones_complement_sum(header) == 0xFFFF:
        return Checksum.OK
    # Hosts that segment in the adapter leave the length, and with it the checksum, to the adapter.
    return Checksum.OFFLOADED if header[10:12] == b"\0\0" else Checksum.BAD


def tcp(buf: bytes, seg: Segment) -> Checksum:
    """Verify the TCP checksum (RFC 9293 section 3.1) of the segment that was decoded from `buf` last."""
    if seg.captured != seg.length or seg.payload != seg.tcp + seg.header_length:
        return Checksum.UNKNOWN
    if seg.notes & (NOTE_BEYOND_FRAME | NOTE_TRUNCATED_COPY | NOTE_ROUTED):
        return Checksum.UNKNOWN
    length: int = seg.header_length + seg.length
    addresses = ones_complement_sum(buf[seg.addr : seg.addr + 2 * seg.addr_len], 6)
    pseudo_header = ones_complement_sum(b"", addresses + length)
    if ones_complement_sum(buf[seg.tcp : seg.tcp + length], pseudo_header) == 0xFFFF:
        return Checksum.OK
    # A host that leaves the checksum to its adapter writes the sum of the pseudo header in its place, some without the
    # length if the adapter also segments; others write nothing.
    if seg.checksum in (pseudo_header, addresses, 0) or seg.notes & NOTE_NO_LENGTH:
        return Checksum.OFFLOADED
    return Checksum.BAD
