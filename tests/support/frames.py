"""Builders of captured frames, one function per header. They nest as the headers do:

    ethernet(vlan(ipv4(tcp(b"payload")), id=100), kind=0x8100)

Every field that a test may want to falsify is an argument; what is not given is right. Text addresses, byte offsets.
"""

from __future__ import annotations

import ipaddress
import struct
from itertools import pairwise

MAC_A = bytes.fromhex("020000000001")
MAC_B = bytes.fromhex("020000000002")

IPV4 = 0x0800
IPV6 = 0x86DD
MPLS = 0x8847
VLAN = 0x8100
ETHERNET_IN_GRE = 0x6558


def ones_complement_sum(data: bytes) -> int:
    """RFC 1071, the slow and plain way."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def tcp(
    payload: bytes = b"",
    *,
    source: int = 49152,
    destination: int = 3260,
    seq: int = 1000,
    ack: int = 2000,
    flags: int = 0x18,
    window: int = 502,
    checksum: int = 0,
    options: bytes = b"",
    offset: int | None = None,
) -> bytes:
    """A TCP segment; `options` are padded to words, `offset` is the data offset in words."""
    options += bytes(-len(options) % 4)
    words = 5 + len(options) // 4 if offset is None else offset
    head = struct.pack(">HHIIHHHH", source, destination, seq, ack, words << 12 | flags, window, checksum, 0)
    return head + options + payload


def udp(payload: bytes, *, destination: int, source: int = 54321, length: int | None = None) -> bytes:
    return struct.pack(">HHHH", source, destination, 8 + len(payload) if length is None else length, 0) + payload


def ipv4(
    payload: bytes,
    *,
    protocol: int = 6,
    source: str = "10.0.0.1",
    destination: str = "10.0.0.2",
    identification: int = 0x1234,
    fragment: int = 0,
    more: bool = False,
    options: bytes = b"",
    total_length: int | None = None,
    header_length: int | None = None,
    version: int = 4,
    sums: bool = False,
) -> bytes:
    """An IPv4 packet; `fragment` is the offset in bytes. `sums` fills in the checksum of a TCP payload, too."""
    options += bytes(-len(options) % 4)
    length = 20 + len(options)
    addresses = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(destination).packed
    if sums:
        payload = _summed(payload, addresses + struct.pack(">HH", protocol, len(payload)))
    head = struct.pack(
        ">BBHHHBBH",
        version << 4 | (length if header_length is None else header_length) >> 2,
        0,
        length + len(payload) if total_length is None else total_length,
        identification,
        (0x2000 if more else 0) | fragment >> 3,
        64,
        protocol,
        0,
    )
    total = 0xFFFF - ones_complement_sum(head + addresses + options)
    return head[:10] + struct.pack(">H", total) + addresses + options + payload


def ipv6(
    payload: bytes,
    *,
    next_header: int = 6,
    source: str = "fd00::1",
    destination: str = "fd00::2",
    payload_length: int | None = None,
    sums: bool = False,
) -> bytes:
    """An IPv6 packet; `sums` fills in the checksum of a TCP payload that follows directly."""
    addresses = ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(destination).packed
    if sums:
        payload = _summed(payload, addresses + struct.pack(">II", len(payload), next_header))
    length = len(payload) if payload_length is None else payload_length
    return struct.pack(">IHBB", 6 << 28, length, next_header, 64) + addresses + payload


def _summed(segment: bytes, pseudo_header: bytes) -> bytes:
    blank = segment[:16] + b"\0\0" + segment[18:]
    return blank[:16] + struct.pack(">H", 0xFFFF - ones_complement_sum(pseudo_header + blank)) + blank[18:]


def extension(payload: bytes, *, next_header: int = 6, body: bytes = bytes(6)) -> bytes:
    """An IPv6 extension header in the usual form (hop-by-hop, routing, destination options, mobility)."""
    body += bytes((-len(body) - 2) % 8)
    return bytes([next_header, (len(body) + 2) // 8 - 1]) + body + payload


def authentication(payload: bytes, *, next_header: int = 6) -> bytes:
    """An authentication header with a check value of 12 bytes."""
    return struct.pack(">BBHII", next_header, 4, 0, 1, 1) + bytes(12) + payload


def ipv6_fragment(
    payload: bytes, *, next_header: int = 6, fragment: int = 0, more: bool = False, identification: int = 7
) -> bytes:
    return struct.pack(">BBHI", next_header, 0, fragment | more, identification) + payload


def ethernet(payload: bytes, *, kind: int | None = None) -> bytes:
    """An Ethernet frame; `kind` is the ethertype or length, IPv4 or IPv6 by the payload if not given."""
    if kind is None:
        kind = IPV6 if payload[:1] and payload[0] >> 4 == 6 else IPV4
    return MAC_B + MAC_A + struct.pack(">H", kind) + payload


def vlan(payload: bytes, *, id: int, kind: int = IPV4, priority: int = 0) -> bytes:
    """What follows the tag protocol identifier: tag control information and ethertype."""
    return struct.pack(">HH", priority << 13 | id, kind) + payload


def snap(payload: bytes, *, kind: int = IPV4, organisation: int = 0) -> bytes:
    return b"\xaa\xaa\x03" + organisation.to_bytes(3, "big") + struct.pack(">H", kind) + payload


def mpls(payload: bytes, *labels: int) -> bytes:
    """A label stack, outermost first."""
    stack = b""
    for place, label in enumerate(labels):
        bottom = place == len(labels) - 1
        stack += struct.pack(">I", label << 12 | bottom << 8 | 64)
    return stack + payload


def pppoe(payload: bytes, *, session: int = 9, kind: int = 0x0021, length: int | None = None) -> bytes:
    return struct.pack(">BBHHH", 0x11, 0, session, 2 + len(payload) if length is None else length, kind) + payload


def vxlan(payload: bytes, *, vni: int = 5000, flags: int = 0x08) -> bytes:
    return struct.pack(">II", flags << 24, vni << 8) + payload


def vxlan_gpe(payload: bytes, *, vni: int = 5000, kind: int = 3, flags: int = 0x0C) -> bytes:
    return struct.pack(">II", flags << 24 | kind, vni << 8) + payload


def geneve(
    payload: bytes, *, vni: int = 5000, kind: int = ETHERNET_IN_GRE, options: bytes = b"", version: int = 0
) -> bytes:
    return struct.pack(">BBHI", version << 6 | len(options) // 4, 0, kind, vni << 8) + options + payload


def gre(
    payload: bytes,
    *,
    kind: int = IPV4,
    checksum: bool = False,
    key: int | None = None,
    sequence: int | None = None,
    version: int = 0,
) -> bytes:
    flags = (0x8000 if checksum else 0) | (0x2000 if key is not None else 0) | (0x1000 if sequence is not None else 0)
    head = struct.pack(">HH", flags | version, kind)
    if checksum:
        head += bytes(4)
    if key is not None:
        head += struct.pack(">I", key)
    if sequence is not None:
        head += struct.pack(">I", sequence)
    return head + payload


def erspan_1(frame: bytes) -> bytes:
    return gre(frame, kind=0x88BE)


def erspan_2(frame: bytes, *, session: int = 77) -> bytes:
    return gre(struct.pack(">II", 1 << 28 | 100 << 16 | session, 3) + frame, kind=0x88BE, sequence=1)


def erspan_3(frame: bytes, *, session: int = 77, platform: bool = False, frame_type: int = 0) -> bytes:
    head = struct.pack(">IIHH", 2 << 28 | 100 << 16 | session, 0x12345678, 0, frame_type << 10 | platform)
    return gre(head + (bytes(8) if platform else b"") + frame, kind=0x22EB, sequence=1)


def sll(payload: bytes, *, kind: int = IPV4, device: int = 1) -> bytes:
    """Linux cooked v1, link type 113."""
    return struct.pack(">HHH8sH", 0, device, 6, MAC_A, kind) + payload


def sll2(payload: bytes, *, kind: int = IPV4, device: int = 1) -> bytes:
    """Linux cooked v2, link type 276."""
    return struct.pack(">HHIHBB8s", kind, 0, 1, device, 0, 6, MAC_A) + payload


def null(payload: bytes, *, family: int = 2, big_endian: bool = False) -> bytes:
    """BSD loopback, link type 0 in either byte order, link type 108 if big-endian."""
    return struct.pack(">I" if big_endian else "<I", family) + payload


def fragments(packet: bytes, *cuts: int) -> list[bytes]:
    """The IPv4 fragments of an IPv4 packet without options; `cuts` are offsets in its payload, multiples of 8."""
    payload = packet[20:]
    edges = [0, *cuts, len(payload)]
    source, destination = (str(ipaddress.IPv4Address(packet[at : at + 4])) for at in (12, 16))
    return [
        ipv4(
            payload[first:last],
            protocol=packet[9],
            source=source,
            destination=destination,
            identification=int.from_bytes(packet[4:6], "big"),
            fragment=first,
            more=last < len(payload),
        )
        for first, last in pairwise(edges)
    ]
