"""Link types, Ethernet, VLAN tags, LLC, MPLS and PPPoE: everything below IP. HOT: compiled by mypyc.

Each function reads the header at `seg.at` and answers with the next step or a code (see dissectors.net.segment).
Numbers are read eight bytes at a time, backwards where the captured bytes may end right after the number.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be, read_i64_le
from mypy_extensions import i64

from dissectors.net.codes import (
    ARP,
    COOKED_DEVICE,
    CUT_LINK,
    LINK_TYPE,
    LLC,
    LOOPBACK_FAMILY,
    MPLS_PAYLOAD,
    PPP_PROTOCOL,
    SHORT_LINK,
    SNAP,
    TOO_DEEP,
    TUNNEL_MPLS,
    TUNNEL_PPPOE,
)
from dissectors.net.codes import ETHERTYPE as UNKNOWN_ETHERTYPE
from dissectors.net.segment import MAX_TAGS, NEXT_ETHERNET, NEXT_ETHERTYPE, NEXT_IP, Segment

# Link types (LINKTYPE_ numbers of tcpdump.org).
LOOPBACK_NULL: Final = 0
ETHERNET: Final = 1
RAW_BSD: Final = 12
RAW_OPENBSD: Final = 14
RAW: Final = 101
LOOPBACK: Final = 108
LINUX_COOKED: Final = 113
IPV4: Final = 228
IPV6: Final = 229
LINUX_COOKED_2: Final = 276

ETHERTYPE_IPV4: Final = 0x0800
ETHERTYPE_IPV6: Final = 0x86DD

# Device type of the cooked headers whose protocol field is not an ethertype.
_ARPHRD_NETLINK: Final = 824


def link(seg: Segment, buf: bytes, linktype: i64) -> i64:
    """The first step into a frame of a link type."""
    if linktype == ETHERNET:
        return NEXT_ETHERNET
    if linktype == LINUX_COOKED:
        return _cooked(seg, buf)
    if linktype == LINUX_COOKED_2:
        return _cooked_2(seg, buf)
    if linktype in (LOOPBACK_NULL, LOOPBACK):
        return _loopback(seg, buf, linktype)
    if linktype in (RAW, RAW_BSD, RAW_OPENBSD, IPV4, IPV6):
        return NEXT_IP
    seg.detail = linktype
    return LINK_TYPE


def ethernet(seg: Segment, buf: bytes) -> i64:
    """Destination, source, ethertype or 802.3 length."""
    at = seg.at
    if at + 14 > seg.end:
        return _missing(seg)
    seg.kind = read_i64_be(buf, at + 6) & 0xFFFF
    seg.at = at + 14
    return NEXT_ETHERTYPE


def ethertype(seg: Segment, buf: bytes) -> i64:
    """Whatever follows an ethertype, which is in `seg.kind`; VLAN tags are stepped over here."""
    kind = seg.kind
    tags: i64 = 0
    while kind in (0x8100, 0x88A8, 0x9100, 0x9200):
        at = seg.at
        if at + 4 > seg.end:
            return _missing(seg)
        tags += 1
        if tags > MAX_TAGS:
            return TOO_DEEP
        tag = read_i64_be(buf, at - 4)
        vlan = (tag >> 16) & 0xFFF
        if seg.vlan < 0 and vlan != 0:
            seg.vlan = vlan
        kind = tag & 0xFFFF
        seg.at = at + 4
    if kind in (ETHERTYPE_IPV4, ETHERTYPE_IPV6):
        return NEXT_IP
    if kind in (0x8847, 0x8848):
        return _mpls(seg, buf)
    if kind <= 1500:
        return _llc(seg, buf, kind)
    if kind == 0x8864:
        return _pppoe(seg, buf)
    if kind == 0x0806:
        return ARP
    seg.detail = kind
    return UNKNOWN_ETHERTYPE


def _missing(seg: Segment) -> i64:
    """A header does not end before `seg.end`: is that the capture's end, or the frame's?"""
    return CUT_LINK if seg.end < seg.wire_end else SHORT_LINK


def _cooked(seg: Segment, buf: bytes) -> i64:
    """Linux cooked v1: packet type, device type, address length, address (8 bytes), protocol."""
    at = seg.at
    if at + 16 > seg.end:
        return _missing(seg)
    device = (read_i64_be(buf, at) >> 32) & 0xFFFF
    seg.kind = read_i64_be(buf, at + 8) & 0xFFFF
    seg.at = at + 16
    return _cooked_payload(seg, device)


def _cooked_2(seg: Segment, buf: bytes) -> i64:
    """Linux cooked v2: protocol, reserved, interface index, device type, packet type, address."""
    at = seg.at
    if at + 20 > seg.end:
        return _missing(seg)
    seg.kind = (read_i64_be(buf, at) >> 48) & 0xFFFF
    device = (read_i64_be(buf, at + 8) >> 48) & 0xFFFF
    seg.at = at + 20
    return _cooked_payload(seg, device)


def _cooked_payload(seg: Segment, device: i64) -> i64:
    if device == _ARPHRD_NETLINK:
        seg.detail = device
        return COOKED_DEVICE
    return NEXT_ETHERTYPE


def _loopback(seg: Segment, buf: bytes, linktype: i64) -> i64:
    """The address family in 4 bytes: the capturing host's byte order (NULL) or big-endian (LOOP)."""
    at = seg.at
    if at + 8 > seg.end:
        return _missing(seg)
    family = (read_i64_be(buf, at) >> 32) & 0xFFFFFFFF
    if linktype == LOOPBACK_NULL and family > 0xFFFF:
        family = read_i64_le(buf, at) & 0xFFFFFFFF
    seg.at = at + 4
    # AF_INET is 2 everywhere; AF_INET6 is 10 (Linux), 23 (Windows), 24 (NetBSD, OpenBSD), 28 (FreeBSD) or 30 (macOS).
    if family in (2, 10, 23, 24, 28, 30):
        return NEXT_IP
    seg.detail = family
    return LOOPBACK_FAMILY


def _llc(seg: Segment, buf: bytes, length: i64) -> i64:
    """IEEE 802.3 length and 802.2 LLC: DSAP, SSAP, control; then perhaps SNAP: organisation, protocol."""
    at = seg.at
    if length > 0 and at + length < seg.wire_end:
        seg.wire_end = at + length
        if seg.end > seg.wire_end:
            seg.end = seg.wire_end
    if at + 3 > seg.end:
        return _missing(seg)
    saps = (read_i64_be(buf, at - 5) >> 8) & 0xFFFF
    if saps != 0xAAAA:
        seg.detail = saps
        return LLC
    if at + 8 > seg.end:
        return _missing(seg)
    snap = read_i64_be(buf, at) & 0xFFFFFFFFFF
    organisation = snap >> 16
    # 00-00-00 and the bridge tunnel encapsulation 00-00-F8 carry ethertypes.
    seg.kind = snap & 0xFFFF
    if (organisation != 0 and organisation != 0xF8) or seg.kind <= 1500:
        seg.detail = organisation
        return SNAP
    seg.at = at + 8
    return NEXT_ETHERTYPE


def _mpls(seg: Segment, buf: bytes) -> i64:
    """MPLS label stack (RFC 3032); the payload is known by its first four bits (RFC 4928) and by ethertypes."""
    at = seg.at
    labels: i64 = 0
    label: i64 = 0
    while label & 0x100 == 0:
        if at + 4 > seg.end:
            return _missing(seg)
        labels += 1
        if labels > MAX_TAGS:
            return TOO_DEEP
        label = read_i64_be(buf, at - 4) & 0xFFFFFFFF
        at += 4
    if at + 1 > seg.end:
        return _missing(seg)
    first: i64 = buf[at]
    first >>= 4
    seg.at = at
    plain = _ethernet_follows(seg, buf, at)
    if (first == 4 or first == 6) and not (plain and not _ip_follows(seg, buf, at)):
        return seg.enter(TUNNEL_MPLS, label >> 12, 0, NEXT_IP)
    # A pseudowire. Its control word begins with four zero bits, and is often all zero; so may be a MAC address.
    if first == 0 and _ethernet_follows(seg, buf, at + 4):
        if not plain or read_i64_be(buf, at - 4) & 0xFFFFFFFF == 0:
            return seg.enter(TUNNEL_MPLS, label >> 12, 4, NEXT_ETHERNET)
    if plain:
        return seg.enter(TUNNEL_MPLS, label >> 12, 0, NEXT_ETHERNET)
    if at + 18 > seg.end and seg.end < seg.wire_end:
        return CUT_LINK
    seg.detail = first
    return MPLS_PAYLOAD


def _ethernet_follows(seg: Segment, buf: bytes, at: i64) -> bool:
    """Is there an ethertype that could lead to IP where that of an Ethernet header at `at` would be?"""
    if at + 14 > seg.end:
        return False
    kind = read_i64_be(buf, at + 6) & 0xFFFF
    return kind in (ETHERTYPE_IPV4, ETHERTYPE_IPV6, 0x0806, 0x8100, 0x8847, 0x88A8)


def _ip_follows(seg: Segment, buf: bytes, at: i64) -> bool:
    """Does the header at `at`, whose version is 4 or 6, have a length that fits what follows? 14 bytes are captured."""
    head = read_i64_be(buf, at)
    if (head >> 60) & 15 == 4:
        total = (head >> 32) & 0xFFFF
        return (head >> 56) & 15 >= 5 and total >= 20 and at + total <= seg.wire_end
    return at + 40 + ((head >> 16) & 0xFFFF) <= seg.wire_end


def _pppoe(seg: Segment, buf: bytes) -> i64:
    """PPPoE session (RFC 2516): version and type, code, session id, length; then the PPP protocol."""
    at = seg.at
    if at + 8 > seg.end:
        return _missing(seg)
    head = read_i64_be(buf, at)
    length = (head >> 16) & 0xFFFF
    stop = at + 6 + length
    if length >= 2 and stop < seg.wire_end:
        seg.wire_end = stop
        if seg.end > stop:
            seg.end = stop
    ppp = head & 0xFFFF
    if (head >> 56) & 0xFF != 0x11 or (ppp != 0x0021 and ppp != 0x0057):
        seg.detail = ppp
        return PPP_PROTOCOL
    return seg.enter(TUNNEL_PPPOE, (head >> 32) & 0xFFFF, 8, NEXT_IP)
