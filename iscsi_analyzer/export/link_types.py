"""Names of link types, for people. What the analyzer decodes is another matter (dissectors.net.link)."""

from __future__ import annotations

NAMES = {
    0: "BSD loopback",
    1: "Ethernet",
    9: "PPP",
    10: "FDDI",
    12: "raw IP",
    14: "raw IP",
    50: "PPP",
    51: "PPPoE",
    101: "raw IP",
    104: "Cisco HDLC",
    105: "IEEE 802.11",
    107: "Frame Relay",
    108: "OpenBSD loopback",
    113: "Linux cooked",
    127: "IEEE 802.11 with radiotap",
    147: "user 0",
    195: "IEEE 802.15.4",
    220: "Linux USB",
    224: "Fibre Channel",
    228: "IPv4",
    229: "IPv6",
    239: "NFLOG",
    253: "netlink",
    276: "Linux cooked v2",
}


def link_type_name(number: int) -> str:
    """The name of a LINKTYPE number."""
    return NAMES.get(number, f"link type {number}")
