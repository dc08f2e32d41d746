"""TCP packets and the headers around them, built and taken apart with `struct`, for tests.

An opinion of its own on purpose: nothing is shared with the dissectors that it is used to test. Every checksum that it
writes is right.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address

from tests.support.talk_capture import ETHERNET, LOOP, NULL, RAW, SLL, SLL2

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

_IPV4 = struct.Struct(">BBHHHBBH4s4s")
_TCP = struct.Struct(">HHIIBBHHH")
_ETHERTYPE = {4: 0x0800, 6: 0x86DD}
_VLAN_TAGS = (0x8100, 0x88A8, 0x9100)


def address(text: str) -> bytes:
    """The bytes of an IPv4 or IPv6 address: 4 or 16 of them."""
    return ip_address(text).packed


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of `data`, padded with a zero byte if its length is odd."""
    # 2**16 is 1 modulo 2**16 - 1, so the whole buffer as one number has the same residue as the sum of its words.
    total = int.from_bytes(data, "big") << (8 if len(data) & 1 else 0)
    return 0xFFFF - (total % 0xFFFF or (0xFFFF if total else 0))


@dataclass(slots=True)
class Packet:
    """One TCP segment with everything around it that a capture shows."""

    source: bytes
    "Address of the sender: 4 or 16 bytes."
    target: bytes
    source_port: int
    target_port: int
    seq: int
    ack: int = 0
    flags: int = ACK
    window: int = 502
    options: bytes = b""
    "TCP options, padded to a multiple of 4."
    payload: bytes = b""
    ip_id: int = 0
    "IPv4 only."
    total_length: int | None = None
    """IPv4 total length (IPv6 payload length) as written in the header; None for the right one, 0 as segmentation
    offload does."""
    ttl: int = 64
    vlans: tuple[int, ...] = ()
    "VLAN ids, the outermost first."
    source_mac: bytes = b"\x02\x00\x00\x00\x00\x01"
    target_mac: bytes = b"\x02\x00\x00\x00\x00\x02"

    @property
    def end(self) -> int:
        """Sequence number after this segment, SYN and FIN counted."""
        return (self.seq + len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xFFFFFFFF

    @property
    def flow(self) -> tuple[bytes, int, bytes, int]:
        """Who sends to whom: address, port, address, port."""
        return self.source, self.source_port, self.target, self.target_port

    def tcp(self) -> bytes:
        """TCP header and payload, checksum included."""
        offset = (20 + len(self.options)) << 2
        head = _TCP.pack(self.source_port, self.target_port, self.seq, self.ack, offset, self.flags, self.window, 0, 0)
        body = head + self.options + self.payload
        pseudo = self.source + self.target + struct.pack(">II", len(body), 6)
        return body[:16] + checksum(pseudo + body).to_bytes(2, "big") + body[18:]

    def network(self) -> bytes:
        """The IP packet."""
        body = self.tcp()
        written = self.total_length
        if len(self.source) == 4:
            length = min(20 + len(body), 0xFFFF) if written is None else written
            return ipv4_header(self, length) + body
        length = min(len(body), 0xFFFF) if written is None else written
        return struct.pack(">IHBB", 6 << 28, length, 6, self.ttl) + self.source + self.target + body

    def encode(self, linktype: int = ETHERNET) -> bytes:
        """The whole frame. Link types: Ethernet, NULL, LOOP, RAW, SLL, SLL2; VLAN tags exist on Ethernet only."""
        return self.link_header(linktype) + self.network()

    def link_header(self, linktype: int = ETHERNET) -> bytes:
        """What stands before the IP header."""
        version = 4 if len(self.source) == 4 else 6
        return link_header(self, linktype, _ETHERTYPE[version])


def ipv4_header(packet: Packet, length: int, *, fragment: int = 0x4000, ttl: int | None = None) -> bytes:
    """An IPv4 header of 20 bytes; `fragment` is the flags-and-offset word (don't-fragment by default)."""
    values = (0x45, 0, length, packet.ip_id, fragment, packet.ttl if ttl is None else ttl, 6)
    head = _IPV4.pack(*values, 0, packet.source, packet.target)
    return _IPV4.pack(*values, checksum(head), packet.source, packet.target)


def link_header(packet: Packet, linktype: int, ethertype: int) -> bytes:
    """The header of one link type in front of a packet of that EtherType."""
    if linktype == ETHERNET:
        tags = b"".join(struct.pack(">HH", 0x8100, vlan) for vlan in packet.vlans)
        return packet.target_mac + packet.source_mac + tags + struct.pack(">H", ethertype)
    if linktype == RAW:
        return b""
    if linktype in (NULL, LOOP):
        family = 2 if ethertype == 0x0800 else 24
        return struct.pack("<I" if linktype == NULL else ">I", family)
    if linktype == SLL:
        return struct.pack(">HHH8sH", 0, 1, 6, packet.source_mac, ethertype)
    if linktype == SLL2:
        return struct.pack(">HHIHBB8s", ethertype, 0, 1, 1, 0, 6, packet.source_mac)
    raise ValueError(f"no such link type here: {linktype}")


def decode(data: bytes, linktype: int = ETHERNET, length: int | None = None) -> Packet | None:
    """Take a frame apart; None unless it is a whole, unfragmented TCP segment over IPv4 (no options) or IPv6 (no
    extensions).

    `length` is the length on the wire: a frame that the capture cut short is None as well.
    """
    if length is not None and length > len(data):
        return None
    packet = Packet(b"", b"", 0, 0, 0)
    at = _skip_link(packet, data, linktype)
    if at < 0 or at >= len(data):
        return None
    if data[at] >> 4 == 4:
        if len(data) < at + 40 or data[at] != 0x45 or data[at + 9] != 6:
            return None
        total, packet.ip_id, fragment = struct.unpack_from(">HHH", data, at + 2)
        if fragment & 0x3FFF:
            return None
        packet.ttl, packet.source, packet.target = data[at + 8], data[at + 12 : at + 16], data[at + 16 : at + 20]
        end, tcp = at + total, at + 20
    else:
        if len(data) < at + 60 or data[at] >> 4 != 6 or data[at + 6] != 6:
            return None
        total = struct.unpack_from(">H", data, at + 4)[0]
        packet.ttl, packet.source, packet.target = data[at + 7], data[at + 8 : at + 24], data[at + 24 : at + 40]
        end, tcp = at + 40 + total, at + 40
    if total == 0:
        packet.total_length, end = 0, len(data)
    head = _TCP.unpack_from(data, tcp)
    packet.source_port, packet.target_port, packet.seq, packet.ack, offset, packet.flags, packet.window = head[:7]
    payload = tcp + (offset >> 4) * 4
    if not tcp + 20 <= payload <= end <= len(data):
        return None
    packet.options, packet.payload = data[tcp + 20 : payload], data[payload:end]
    return packet


def network_offset(data: bytes, linktype: int) -> int:
    """Where the IP header begins in a frame, or -1 if what it carries is not IP."""
    return _skip_link(Packet(b"", b"", 0, 0, 0), data, linktype)


def _skip_link(packet: Packet, data: bytes, linktype: int) -> int:
    """Offset of the IP header, or -1; fills in what the link header says."""
    if linktype == ETHERNET:
        if len(data) < 14:
            return -1
        packet.target_mac, packet.source_mac = data[:6], data[6:12]
        at = 12
        while len(data) >= at + 4 and int.from_bytes(data[at : at + 2], "big") in _VLAN_TAGS:
            packet.vlans += (int.from_bytes(data[at + 2 : at + 4], "big") & 0xFFF,)
            at += 4
        return at + 2 if data[at : at + 2] in (b"\x08\x00", b"\x86\xdd") else -1
    if linktype == SLL:
        packet.source_mac = data[6:12]
        return 16 if data[14:16] in (b"\x08\x00", b"\x86\xdd") else -1
    if linktype == SLL2:
        packet.source_mac = data[12:18]
        return 20 if data[:2] in (b"\x08\x00", b"\x86\xdd") else -1
    if linktype == RAW:
        return 0
    return 4 if linktype in (NULL, LOOP) else -1
