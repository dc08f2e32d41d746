"""Tunnels above IP: GRE and ERSPAN; VXLAN, VXLAN-GPE and Geneve over UDP. HOT: compiled by mypyc.

Each function reads the header at `seg.at` and answers with the next step or a code (see dissectors.net.segment).
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.net.codes import (
    CUT_TUNNEL,
    GRE_PROTOCOL,
    GRE_VERSION,
    IPV4_UDP,
    IPV6_UDP,
    SHORT_TUNNEL,
    TUNNEL_ERSPAN_I,
    TUNNEL_ERSPAN_II,
    TUNNEL_ERSPAN_III,
    TUNNEL_GENEVE,
    TUNNEL_GRE,
    TUNNEL_PAYLOAD,
    TUNNEL_VXLAN,
    TUNNEL_VXLAN_GPE,
)
from dissectors.net.segment import NEXT_ETHERNET, NEXT_ETHERTYPE, NEXT_IP, Segment

# UDP destination ports.
_VXLAN: Final = 4789
_VXLAN_LINUX: Final = 8472  # the Linux kernel's default, older than the assigned port
_VXLAN_GPE: Final = 4790
_GENEVE: Final = 6081

_ETHERTYPE_ETHERNET: Final = 0x6558
_ETHERTYPE_MPLS: Final = 0x8847
_ETHERTYPE_ERSPAN: Final = 0x88BE
_ETHERTYPE_ERSPAN_III: Final = 0x22EB


def _missing(seg: Segment) -> i64:
    """A header does not end before `seg.end`: is that the capture's end, or the packet's?"""
    return CUT_TUNNEL if seg.end < seg.wire_end else SHORT_TUNNEL


def _payload(seg: Segment, kind: i64, tunnel: i64, tunnel_id: i64, length: i64) -> i64:
    """Step over the tunnel header to a payload that is named by an ethertype or as transparent Ethernet."""
    if kind == _ETHERTYPE_ETHERNET:
        return seg.enter(tunnel, tunnel_id, length, NEXT_ETHERNET)
    seg.kind = kind
    return seg.enter(tunnel, tunnel_id, length, NEXT_ETHERTYPE)


def udp(seg: Segment, buf: bytes) -> i64:
    """RFC 768: ports, length, checksum; a tunnel is known by its destination port and a plausible header."""
    at = seg.at
    code: i64 = IPV4_UDP if seg.addr_len == 4 else IPV6_UDP
    if at + 8 > seg.end:
        seg.detail = 0
        return code
    head = read_i64_be(buf, at)
    port = (head >> 32) & 0xFFFF
    seg.detail = port
    if port != _VXLAN and port != _VXLAN_LINUX and port != _GENEVE and port != _VXLAN_GPE:
        return code
    stop = at + ((head >> 16) & 0xFFFF)
    if stop >= at + 8 and stop < seg.wire_end:
        seg.wire_end = stop
        if seg.end > stop:
            seg.end = stop
    seg.at = at + 8
    seg.sums.append((at, at + 6, seg.end))
    if at + 16 > seg.end:
        return _missing(seg)
    head = read_i64_be(buf, at + 8)
    identifier = (head >> 8) & 0xFFFFFF
    if port == _GENEVE:
        return _geneve(seg, head, identifier, code)
    # RFC 7348 section 5: the I flag says that the network identifier is valid.
    if (head >> 56) & 0x08 == 0:
        return code
    if port == _VXLAN_GPE:
        return _vxlan_gpe(seg, head, identifier)
    return seg.enter(TUNNEL_VXLAN, identifier, 8, NEXT_ETHERNET)


def _vxlan_gpe(seg: Segment, head: i64, identifier: i64) -> i64:
    """The next protocol is in byte 3 and valid if the P flag is set; otherwise Ethernet, as in VXLAN."""
    kind = (head >> 32) & 0xFF
    if (head >> 56) & 0x04 == 0 or kind == 3:
        return seg.enter(TUNNEL_VXLAN_GPE, identifier, 8, NEXT_ETHERNET)
    if kind == 1 or kind == 2:
        return seg.enter(TUNNEL_VXLAN_GPE, identifier, 8, NEXT_IP)
    if kind == 5:
        return _payload(seg, _ETHERTYPE_MPLS, TUNNEL_VXLAN_GPE, identifier, 8)
    seg.detail = kind
    return TUNNEL_PAYLOAD


def _geneve(seg: Segment, head: i64, identifier: i64, code: i64) -> i64:
    """RFC 8926 section 3.4: version, options length in 4-byte units, flags, protocol type, VNI, options."""
    if (head >> 62) & 3 != 0:
        return code
    length = 8 + ((head >> 54) & 0xFC)
    if seg.at + length > seg.end:
        return _missing(seg)
    # The O bit marks a control packet, which carries no traffic; its payload is named all the same.
    return _payload(seg, (head >> 32) & 0xFFFF, TUNNEL_GENEVE, identifier, length)


def gre(seg: Segment, buf: bytes) -> i64:
    """RFC 2784 and 2890: flags and version, protocol type; checksum, key and sequence number if flagged."""
    at = seg.at
    if at + 4 > seg.end:
        return _missing(seg)
    head = read_i64_be(buf, at - 4) & 0xFFFFFFFF
    flags = head >> 16
    kind = head & 0xFFFF
    if flags & 7 != 0:
        seg.detail = flags & 7
        return GRE_VERSION
    length: i64 = 4
    # A checksum, or source routes (RFC 1701, obsolete), come with two fields of 2 bytes.
    if flags & 0xC000 != 0:
        length = 8
    identifier: i64 = 0
    if flags & 0x2000 != 0:
        length += 4
    if flags & 0x1000 != 0:
        length += 4
    if at + length > seg.end:
        return _missing(seg)
    if flags & 0x8000 != 0:
        seg.sums.append((at, at + 4, seg.end))
    if flags & 0x2000 != 0:
        identifier = read_i64_be(buf, at + (4 if flags & 0xC000 != 0 else 0)) & 0xFFFFFFFF
    if flags & 0x4000 != 0:
        seg.detail = kind
        return GRE_PROTOCOL
    if kind in (_ETHERTYPE_ERSPAN, _ETHERTYPE_ERSPAN_III):
        return _erspan(seg, buf, at + length, kind, flags & 0x1000 != 0)
    if kind != _ETHERTYPE_ETHERNET and kind < 0x0600:
        seg.detail = kind
        return GRE_PROTOCOL
    return _payload(seg, kind, TUNNEL_GRE, identifier, length)


def _erspan(seg: Segment, buf: bytes, at: i64, kind: i64, sequenced: bool) -> i64:
    """Encapsulated remote SPAN at `at`: type I has no header of its own, II has 8 bytes, III 12 and perhaps 8 more."""
    seg.at = at
    if kind == _ETHERTYPE_ERSPAN and not sequenced:
        return seg.enter(TUNNEL_ERSPAN_I, 0, 0, NEXT_ETHERNET)
    length: i64 = 8 if kind == _ETHERTYPE_ERSPAN else 12
    if at + length > seg.end:
        return _missing(seg)
    # Version and VLAN, class of service, flags and session; the last word of type III ends with the frame type (5 bits,
    # 0 = Ethernet, 2 = IP), hardware id (6), direction (1), granularity (2) and the flag of an optional sub-header.
    session = (read_i64_be(buf, at) >> 32) & 0x3FF
    if kind == _ETHERTYPE_ERSPAN:
        return seg.enter(TUNNEL_ERSPAN_II, session, 8, NEXT_ETHERNET)
    last = read_i64_be(buf, at + 4) & 0xFFFF
    if last & 1 != 0:
        length = 20
        if at + length > seg.end:
            return _missing(seg)
    return seg.enter(TUNNEL_ERSPAN_III, session, length, NEXT_IP if (last >> 10) & 0x1F == 2 else NEXT_ETHERNET)
