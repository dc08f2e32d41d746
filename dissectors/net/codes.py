"""What `decode()` may answer, as numbers for the hot path and as words for people."""

from __future__ import annotations

from typing import Final

# Not an end: a TCP segment, or one fragment of an IP datagram.
TCP: Final = 0
FRAGMENT: Final = 1
# Why a frame holds no TCP segment. The comment says what Segment.detail holds: never more than 32 bits.
ARP: Final = 2
IPV4_UDP: Final = 3  # destination port
IPV6_UDP: Final = 4  # destination port
IPV4_ICMP: Final = 5
IPV6_ICMP: Final = 6
IPV4_PROTOCOL: Final = 7  # IP protocol
IPV6_PROTOCOL: Final = 8  # next header
ETHERTYPE: Final = 9  # ethertype
LLC: Final = 10  # DSAP << 8 | SSAP
SNAP: Final = 11  # organisation
MPLS_PAYLOAD: Final = 12  # first 4 bits
PPP_PROTOCOL: Final = 13  # PPP protocol
GRE_PROTOCOL: Final = 14  # protocol type
GRE_VERSION: Final = 15  # version
LOOPBACK_FAMILY: Final = 16  # address family
COOKED_DEVICE: Final = 17  # ARPHRD_ type
LINK_TYPE: Final = 18  # link type
IP_VERSION: Final = 19  # version
IPV4_HEADER_LENGTH: Final = 20  # bytes
IPV4_TOTAL_LENGTH: Final = 21  # bytes
TCP_HEADER_LENGTH: Final = 22  # bytes
TUNNEL_PAYLOAD: Final = 23  # protocol number within the tunnel
TOO_DEEP: Final = 24
# The capture ends within a header that was on the wire.
CUT_LINK: Final = 25
CUT_IP: Final = 26
CUT_TCP: Final = 27
CUT_TUNNEL: Final = 28
# The frame or packet itself ends within a header.
SHORT_LINK: Final = 29
SHORT_IP: Final = 30
SHORT_TCP: Final = 31
SHORT_TUNNEL: Final = 32

# Segment.tunnel
TUNNEL_MPLS: Final = 1
TUNNEL_PPPOE: Final = 2
TUNNEL_VXLAN: Final = 3
TUNNEL_VXLAN_GPE: Final = 4
TUNNEL_GENEVE: Final = 5
TUNNEL_GRE: Final = 6
TUNNEL_ERSPAN_I: Final = 7
TUNNEL_ERSPAN_II: Final = 8
TUNNEL_ERSPAN_III: Final = 9
TUNNEL_IP: Final = 10

# Segment.notes
NOTE_NO_LENGTH: Final = 1  # the IP length is 0 (segmentation offload): the packet reaches to the end of the frame
NOTE_BEYOND_FRAME: Final = 2  # the IP length reaches beyond the end of the frame: the frame's length was taken
NOTE_TRUNCATED_COPY: Final = 4  # a mirror truncated the packet before it sent it: lengths are those of the original
NOTE_ROUTED: Final = 8  # a routing header or source route: the destination address is not the final one

REASONS: Final[dict[int, str]] = {
    TCP: "TCP",
    FRAGMENT: "IP fragment",
    ARP: "ARP",
    IPV4_UDP: "IPv4 UDP",
    IPV6_UDP: "IPv6 UDP",
    IPV4_ICMP: "IPv4 ICMP",
    IPV6_ICMP: "ICMPv6",
    IPV4_PROTOCOL: "IPv4 protocol {detail}",
    IPV6_PROTOCOL: "IPv6 next header {detail}",
    ETHERTYPE: "unknown ethertype 0x{detail:04x}",
    LLC: "802.2 LLC with service access points 0x{detail:04x}",
    SNAP: "802.2 SNAP with a protocol of organisation 0x{detail:06x}",
    MPLS_PAYLOAD: "MPLS payload is not IP or Ethernet",
    PPP_PROTOCOL: "PPP protocol 0x{detail:04x}",
    GRE_PROTOCOL: "GRE with protocol type 0x{detail:04x}",
    GRE_VERSION: "GRE version {detail}",
    LOOPBACK_FAMILY: "loopback frame of address family {detail}",
    COOKED_DEVICE: "Linux cooked frame of device type {detail}",
    LINK_TYPE: "link type {detail} is not known",
    IP_VERSION: "IP version {detail}",
    IPV4_HEADER_LENGTH: "bad IPv4 header length ({detail} bytes)",
    IPV4_TOTAL_LENGTH: "bad IPv4 total length ({detail} bytes)",
    TCP_HEADER_LENGTH: "bad TCP header length ({detail} bytes)",
    TUNNEL_PAYLOAD: "tunnel with unknown payload 0x{detail:04x}",
    TOO_DEEP: "tunnel nested too deep",
    CUT_LINK: "cut within the link header by the snap length",
    CUT_IP: "cut within the IP header by the snap length",
    CUT_TCP: "cut before the TCP header by the snap length",
    CUT_TUNNEL: "cut within a tunnel header by the snap length",
    SHORT_LINK: "frame ends within the link header",
    SHORT_IP: "frame ends within the IP header",
    SHORT_TCP: "packet ends within the TCP header",
    SHORT_TUNNEL: "packet ends within a tunnel header",
}
"Words for a code; `{detail}` stands where Segment.detail belongs (see `reason()`)."

TUNNELS: Final[dict[int, str]] = {
    TUNNEL_MPLS: "MPLS",
    TUNNEL_PPPOE: "PPPoE",
    TUNNEL_VXLAN: "VXLAN",
    TUNNEL_VXLAN_GPE: "VXLAN-GPE",
    TUNNEL_GENEVE: "Geneve",
    TUNNEL_GRE: "GRE",
    TUNNEL_ERSPAN_I: "ERSPAN type I",
    TUNNEL_ERSPAN_II: "ERSPAN type II",
    TUNNEL_ERSPAN_III: "ERSPAN type III",
    TUNNEL_IP: "IP in IP",
}

_ETHERTYPES: Final[dict[int, str]] = {
    0x0842: "Wake-on-LAN",
    0x22F3: "TRILL",
    0x8035: "RARP",
    0x8808: "Ethernet flow control",
    0x8809: "slow protocol (LACP)",
    0x8863: "PPPoE discovery",
    0x888E: "802.1X",
    0x88A2: "ATA over Ethernet",
    0x88CC: "LLDP",
    0x88E5: "MACsec",
    0x88F7: "PTP",
    0x8902: "connectivity fault management",
    0x8906: "FCoE",
    0x8914: "FCoE initialization",
    0x8915: "RoCE",
    0x9000: "Ethernet loopback test",
}

_PROTOCOLS: Final[dict[int, str]] = {
    2: "IGMP",
    46: "RSVP",
    50: "IPsec ESP (encrypted)",
    59: "no next header",
    88: "EIGRP",
    89: "OSPF",
    103: "PIM",
    112: "VRRP",
    132: "SCTP",
    136: "UDP-Lite",
}


def reason(code: int, detail: int = 0) -> str:
    """The words for a code of `decode()` and the Segment.detail that came with it."""
    if code == ETHERTYPE and detail in _ETHERTYPES:
        return f"{_ETHERTYPES[detail]} (ethertype 0x{detail:04x})"
    if code in (IPV4_PROTOCOL, IPV6_PROTOCOL) and detail in _PROTOCOLS:
        return f"{'IPv4' if code == IPV4_PROTOCOL else 'IPv6'} {_PROTOCOLS[detail]}"
    return REASONS.get(code, f"code {code}").format(detail=detail)
