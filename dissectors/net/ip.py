"""IPv4, IPv6 with its extension headers, TCP: one header per step. HOT: compiled by mypyc.

Each function reads the header at `seg.at` and answers with the next step or a code (see dissectors.net.segment).
Lengths on the wire follow the innermost IP header; what the link layer padded or appended never counts.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.net.codes import (
    CUT_IP,
    CUT_TCP,
    FRAGMENT,
    IP_VERSION,
    IPV4_HEADER_LENGTH,
    IPV4_ICMP,
    IPV4_PROTOCOL,
    IPV4_TOTAL_LENGTH,
    IPV6_ICMP,
    IPV6_PROTOCOL,
    NOTE_BEYOND_FRAME,
    NOTE_NO_LENGTH,
    NOTE_ROUTED,
    NOTE_TRUNCATED_COPY,
    SHORT_IP,
    SHORT_TCP,
    TCP,
    TCP_HEADER_LENGTH,
    TOO_DEEP,
    TUNNEL_ERSPAN_I,
    TUNNEL_ERSPAN_III,
    TUNNEL_IP,
)
from dissectors.net.segment import MAX_EXTENSIONS, NEXT_IP, NEXT_PROTOCOL, Segment
from dissectors.net.tunnel import gre, udp

# IP protocols and IPv6 next headers.
_HOP_BY_HOP: Final = 0
_ICMP: Final = 1
_IPV4: Final = 4
_TCP: Final = 6
_UDP: Final = 17
_IPV6: Final = 41
_ROUTING: Final = 43
_FRAGMENT: Final = 44
_GRE: Final = 47
_AUTHENTICATION: Final = 51
_ICMPV6: Final = 58
_DESTINATION: Final = 60
_MOBILITY: Final = 135


def ip(seg: Segment, buf: bytes) -> i64:
    """An IP header of the version that it states itself, whatever announced it."""
    at = seg.at
    if at >= seg.end:
        return _missing(seg)
    version: i64 = buf[at]
    version >>= 4
    if version == 4:
        return _ipv4(seg, buf)
    if version == 6:
        return _ipv6(seg, buf)
    seg.detail = version
    return IP_VERSION


def protocol(seg: Segment, buf: bytes) -> i64:
    """Whatever the IP protocol in `seg.kind` announces; IPv6 extension headers are stepped over here."""
    kind = seg.kind
    if kind == _TCP:
        return _tcp(seg, buf)
    if kind == _UDP:
        return udp(seg, buf)
    if kind == _GRE:
        return gre(seg, buf)
    if kind in (_IPV4, _IPV6):
        return seg.enter(TUNNEL_IP, 0, 0, NEXT_IP)
    extensions: i64 = 0
    while True:
        extensions += 1
        if extensions > MAX_EXTENSIONS:
            return TOO_DEEP
        at = seg.at
        if kind == _AUTHENTICATION or (seg.addr_len == 16 and kind in (_HOP_BY_HOP, _ROUTING, _DESTINATION, _MOBILITY)):
            if at + 8 > seg.end:
                return _missing(seg)
            head = read_i64_be(buf, at)
            length = (head >> 48) & 0xFF
            if kind == _AUTHENTICATION:
                length = 4 * length + 8
            else:
                length = 8 * length + 8
            # Segments left: the destination in the IP header is only the next one on the way.
            if kind == _ROUTING and (head >> 32) & 0xFF != 0:
                seg.notes |= NOTE_ROUTED
            kind = (head >> 56) & 0xFF
            seg.at = at + length
        elif kind == _FRAGMENT and seg.addr_len == 16:
            if at + 8 > seg.end:
                return _missing(seg)
            head = read_i64_be(buf, at)
            kind = (head >> 56) & 0xFF
            seg.at = at + 8
            seg.ip_id = head & 0xFFFFFFFF
            if (head >> 32) & 0xFFF9 != 0:
                return _fragment(seg, kind, (head >> 32) & 0xFFF8, (head >> 32) & 1)
        else:
            break
    seg.kind = kind
    if kind in (_TCP, _UDP, _GRE, _IPV4, _IPV6):
        return NEXT_PROTOCOL
    return _no_tcp(seg, kind)


def _no_tcp(seg: Segment, kind: i64) -> i64:
    """A protocol that is neither TCP nor a tunnel."""
    if seg.addr_len == 4:
        if kind == _ICMP:
            return IPV4_ICMP
        seg.detail = kind
        return IPV4_PROTOCOL
    if kind == _ICMPV6:
        return IPV6_ICMP
    seg.detail = kind
    return IPV6_PROTOCOL


def _missing(seg: Segment) -> i64:
    """A header does not end before `seg.end`: is that the capture's end, or the packet's?"""
    return CUT_IP if seg.end < seg.wire_end else SHORT_IP


def _limit(seg: Segment, stop: i64) -> None:
    """The packet ends at `stop` by its own length field."""
    if stop > seg.wire_end:
        if seg.tunnel >= TUNNEL_ERSPAN_I and seg.tunnel <= TUNNEL_ERSPAN_III:
            # Mirrors may truncate what they copy: the packet itself was longer, and what is missing was not captured.
            seg.notes |= NOTE_TRUNCATED_COPY
            seg.wire_end = stop
        else:
            seg.notes |= NOTE_BEYOND_FRAME
    else:
        seg.wire_end = stop
        if seg.end > stop:
            seg.end = stop


def _ipv4(seg: Segment, buf: bytes) -> i64:
    """RFC 791 section 3.1."""
    at = seg.at
    if at + 20 > seg.end:
        return _missing(seg)
    head = read_i64_be(buf, at)
    length = (head >> 54) & 0x3C
    if length < 20:
        seg.detail = length
        return IPV4_HEADER_LENGTH
    total = (head >> 32) & 0xFFFF
    if total == 0:
        seg.notes |= NOTE_NO_LENGTH
    elif total < length:
        seg.detail = total
        return IPV4_TOTAL_LENGTH
    else:
        _limit(seg, at + total)
    seg.addr = at + 12
    seg.addr_len = 4
    seg.ip_id = (head >> 16) & 0xFFFF
    seg.at = at + length
    if length > 20 and _source_routed(buf, at + 20, seg.at if seg.at < seg.end else seg.end):
        seg.notes |= NOTE_ROUTED
    kind = (read_i64_be(buf, at + 8) >> 48) & 0xFF
    # More fragments, fragment offset.
    if head & 0x3FFF != 0:
        return _fragment(seg, kind, (head & 0x1FFF) << 3, (head >> 13) & 1)
    seg.kind = kind
    return NEXT_PROTOCOL


def _source_routed(buf: bytes, at: i64, end: i64) -> bool:
    """Is there a loose or strict source route among the IPv4 options buf[at:end]?"""
    while at < end:
        option: i64 = buf[at]
        if option in (131, 137):
            return True
        if option == 0:
            return False
        length: i64 = 1
        if option != 1 and at + 1 < end:
            length = buf[at + 1]
        at += length if length > 0 else 1
    return False


def _ipv6(seg: Segment, buf: bytes) -> i64:
    """RFC 8200 section 3."""
    at = seg.at
    if at + 40 > seg.end:
        return _missing(seg)
    head = read_i64_be(buf, at)
    length = (head >> 16) & 0xFFFF
    if length == 0:
        seg.notes |= NOTE_NO_LENGTH
    else:
        _limit(seg, at + 40 + length)
    seg.addr = at + 8
    seg.addr_len = 16
    seg.ip_id = -1
    seg.at = at + 40
    seg.kind = (head >> 8) & 0xFF
    return NEXT_PROTOCOL


def _fragment(seg: Segment, kind: i64, offset: i64, more: i64) -> i64:
    """One fragment of a datagram that could hold TCP; any other protocol is the same reason whole or in fragments."""
    if not (
        kind in (_TCP, _UDP, _GRE, _IPV4, _IPV6, _AUTHENTICATION)
        or (seg.addr_len == 16 and kind in (_HOP_BY_HOP, _ROUTING, _DESTINATION, _MOBILITY))
    ):
        return _no_tcp(seg, kind)
    seg.fragment_protocol = kind
    seg.fragment_offset = offset
    seg.fragment_more = more
    at = seg.at
    if at > seg.wire_end:
        return SHORT_IP
    seg.fragment_data = at
    seg.fragment_length = seg.wire_end - at
    seg.fragment_captured = seg.end - at if at < seg.end else 0
    return FRAGMENT


def _tcp(seg: Segment, buf: bytes) -> i64:
    """RFC 9293 section 3.1. Ports, numbers, data offset and flags must be captured, the rest of the header need not."""
    at = seg.at
    end = seg.end
    if at + 20 > seg.wire_end:
        return SHORT_TCP
    if at + 14 > end:
        return CUT_TCP
    head = read_i64_be(buf, at + 6)
    header = (head >> 10) & 0x3C
    payload = at + header
    if header < 20 or payload > seg.wire_end:
        seg.detail = header
        return TCP_HEADER_LENGTH
    seg.tcp = at
    seg.header_length = header
    seg.flags = head & 0xFFF
    head = read_i64_be(buf, at + 4)
    seg.seq = (head >> 32) & 0xFFFFFFFF
    seg.ack = head & 0xFFFFFFFF
    seg.window = read_i64_be(buf, at + 8) & 0xFFFF if at + 16 <= end else -1
    seg.checksum = read_i64_be(buf, at + 10) & 0xFFFF if at + 18 <= end else -1
    seg.length = seg.wire_end - payload
    seg.payload = payload if payload < end else end
    seg.captured = end - seg.payload
    return TCP
