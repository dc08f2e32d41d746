"""One decoded TCP segment: offsets and numbers, never copies. HOT: compiled by mypyc, and quick when interpreted.

One `Segment` is a scratch object that `decode()` fills anew for every frame; whoever wants to keep something copies it.
Every offset counts from the start of the buffer that was given to `decode()`.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.net.codes import TOO_DEEP

# How the layers of dissectors.net go on: a layer reads the header at Segment.at and answers with the step that is due
# next (negative), or with a code of dissectors.net.codes, which ends the way.
NEXT_ETHERNET: Final = -1  # an Ethernet header
NEXT_ETHERTYPE: Final = -2  # what the ethertype in Segment.kind announces
NEXT_IP: Final = -3  # an IP header, the version as it says itself
NEXT_PROTOCOL: Final = -4  # what the IP protocol in Segment.kind announces

MAX_DEPTH: Final = 8  # tunnels around a segment
MAX_TAGS: Final = 16  # VLAN tags or MPLS labels in a row
MAX_EXTENSIONS: Final = 32  # IPv6 extension headers in a row


@final
class Segment:
    """What `decode()` found in one frame. Which attributes are valid depends on the code that it returned:

    - always: `vlan`, `depth`, `tunnel`, `notes`
    - code TCP: everything but `detail`, `kind` and `fragment_*`
    - code FRAGMENT: `addr`, `addr_len`, `ip_id` and `fragment_*`
    - any other code: `detail`, the number that belongs to the reason (an ethertype, a protocol ...; 0 if it has none)

    `tunnel_id` is valid when `tunnel` is not 0.
    """

    def __init__(self) -> None:
        # The source address is buf[addr : addr + addr_len] (4 or 16 bytes), the destination address follows it.
        self.addr: i64 = 0
        self.addr_len: i64 = 0
        # The TCP header: source port at tcp, destination port at tcp + 2. Its options are buf[tcp + 20 : payload].
        self.tcp: i64 = 0
        self.header_length: i64 = 0
        # The payload: `captured` bytes of it stand at buf[payload:], `length` bytes were on the wire.
        # Always captured <= length. A capture that ends within the options ends at `payload`.
        self.payload: i64 = 0
        self.captured: i64 = 0
        self.length: i64 = 0
        self.seq: i64 = 0
        self.ack: i64 = 0
        # CWR ... FIN in the low 8 bits, then the reserved bits: 12 bits of bytes 12 and 13 (RFC 9293 section 3.1).
        self.flags: i64 = 0
        # As in the header, not scaled. `window` and `checksum` are -1 if the capture ends before them.
        self.window: i64 = 0
        self.checksum: i64 = 0
        # Identification of the IPv4 packet or of the IPv6 fragment; -1 for an IPv6 packet that is none.
        self.ip_id: i64 = 0
        # The outermost VLAN id, -1 if there is none; a priority tag (id 0) is no VLAN.
        self.vlan: i64 = -1
        # The innermost tunnel (TUNNEL_*, 0 = none), its number (VNI, GRE key, ERSPAN session, MPLS label; 0 = none;
        # it may differ between the directions of a connection) and how many tunnels are around the segment.
        self.tunnel: i64 = 0
        self.tunnel_id: i64 = 0
        self.depth: i64 = 0
        # Checksums of tunnels around the segment, the outermost first; valid when `depth` is not 0. Each: where the
        # bytes begin that it covers beside a pseudo header, where it stands itself, and where those bytes end.
        self.sums: list[tuple[int, int, int]] = []
        # NOTE_* bits.
        self.notes: i64 = 0
        self.detail: i64 = 0
        # `fragment_captured` of `fragment_length` bytes of a fragment's data stand at buf[fragment_data:],
        # `fragment_skip` bytes after the frame's first byte; they belong at byte `fragment_offset` of the datagram.
        # `fragment_protocol` is the protocol (IPv4) or next header (IPv6) of what the datagram carries.
        self.fragment_data: i64 = 0
        self.fragment_captured: i64 = 0
        self.fragment_length: i64 = 0
        self.fragment_offset: i64 = 0
        self.fragment_more: i64 = 0
        self.fragment_protocol: i64 = 0
        self.fragment_skip: i64 = 0
        # What the layers of dissectors.net pass on to each other: the next header is at `at` and is of the given kind
        # (ethertype or IP protocol); bytes from `end` on were not captured, bytes from `wire_end` on were not sent.
        self.at: i64 = 0
        self.end: i64 = 0
        self.wire_end: i64 = 0
        self.kind: i64 = 0

    def enter(self, tunnel: i64, tunnel_id: i64, length: i64, step: i64) -> i64:
        """Step over a tunnel header of `length` bytes that was seen whole; answers `step`, or TOO_DEEP.

        What was noted of the packet around the tunnel says nothing about the packet inside.
        """
        self.notes = 0
        self.tunnel = tunnel
        self.tunnel_id = tunnel_id
        self.depth += 1
        self.at += length
        if self.depth > MAX_DEPTH:
            self.detail = self.depth
            return TOO_DEEP
        return step
