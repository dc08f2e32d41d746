"""Link layers: tags, lengths, label stacks and address families are read as their standards say."""

from __future__ import annotations

import struct

import pytest

from dissectors.net.codes import (
    ARP,
    COOKED_DEVICE,
    ETHERTYPE,
    IP_VERSION,
    LLC,
    LOOPBACK_FAMILY,
    MPLS_PAYLOAD,
    PPP_PROTOCOL,
    SHORT_LINK,
    SNAP,
    TCP,
    TOO_DEEP,
    TUNNEL_MPLS,
    TUNNEL_PPPOE,
    reason,
)
from dissectors.net.segment import MAX_TAGS
from tests.dissectors.net.decoding import facts
from tests.support.frames import MPLS, VLAN, ethernet, ipv4, ipv6, mpls, null, pppoe, sll, sll2, snap, tcp, vlan

PACKET = ipv4(tcp(b"payload!"))


def test_the_outermost_vlan_counts_and_a_priority_tag_is_none() -> None:
    for outer, inner, seen in ((100, 7, 100), (0, 7, 7), (100, 0, 100), (0, 0, -1), (4095, 1, 4095)):
        tagged = vlan(vlan(PACKET, id=inner, priority=5), id=outer, kind=VLAN, priority=7)
        assert facts(ethernet(tagged, kind=0x88A8))["vlan"] == seen
    assert facts(ethernet(vlan(PACKET, id=0, priority=6), kind=VLAN))["vlan"] == -1
    assert facts(ethernet(vlan(PACKET, id=4094, priority=7), kind=VLAN))["vlan"] == 4094


def test_tags_stack_up_to_a_bound() -> None:
    for count in range(MAX_TAGS + 3):
        packet, kind = PACKET, 0x0800
        for _ in range(count):
            packet, kind = vlan(packet, id=9, kind=kind), VLAN
        assert facts(ethernet(packet, kind=kind))["code"] == (TCP if count <= MAX_TAGS else TOO_DEEP)


def test_other_traffic_is_named() -> None:
    found = facts(ethernet(bytes(46), kind=0x0806))
    assert found["code"] == ARP
    for kind, words in (
        (0x88CC, "LLDP (ethertype 0x88cc)"),
        (0x8906, "FCoE (ethertype 0x8906)"),
        (0x1234, "unknown ethertype 0x1234"),
        (0x05DD, "unknown ethertype 0x05dd"),
    ):
        found = facts(ethernet(vlan(bytes(46), id=9, kind=kind), kind=VLAN))
        assert (found["code"], found["detail"], found["vlan"]) == (ETHERTYPE, kind, 9)
        assert reason(ETHERTYPE, kind) == words


def test_an_ethertype_of_the_other_version_does_not_deceive() -> None:
    """The packet's own version counts, the ethertype only says that it is IP."""
    assert facts(ethernet(PACKET, kind=0x86DD))["code"] == TCP
    assert facts(ethernet(ipv6(tcp(b"x")), kind=0x0800))["code"] == TCP
    found = facts(ethernet(b"\x55" + PACKET[1:]))
    assert (found["code"], found["detail"]) == (IP_VERSION, 5)


def test_an_802_3_length_bounds_the_packet() -> None:
    spanning_tree = b"\x42\x42\x03" + bytes(35)
    found = facts(ethernet(spanning_tree + bytes(8), kind=38))
    assert (found["code"], found["detail"]) == (LLC, 0x4242)
    # An IP packet with no length of its own (segmentation offload) ends where the 802.3 length says.
    frame = ethernet(snap(ipv4(tcp(b"12345678"), total_length=0)) + b"padding", kind=8 + 48)
    assert facts(frame)["data"] == b"12345678"
    # A length beyond the frame, or none at all, does not extend anything.
    assert facts(ethernet(snap(PACKET), kind=1500))["data"] == b"payload!"
    assert facts(ethernet(snap(PACKET), kind=0))["data"] == b"payload!"
    assert facts(ethernet(snap(PACKET), kind=2))["code"] == SHORT_LINK


def test_snap_carries_ethertypes_under_two_organisations_only() -> None:
    assert facts(ethernet(snap(PACKET, organisation=0xF8), kind=56))["code"] == TCP
    found = facts(ethernet(snap(bytes(30), organisation=0x00000C, kind=0x2000), kind=38))
    assert (found["code"], found["detail"]) == (SNAP, 0x00000C)
    assert reason(SNAP, 0x00000C) == "802.2 SNAP with a protocol of organisation 0x00000c"
    assert facts(ethernet(snap(bytes(30), kind=0x0010), kind=38))["code"] == SNAP


def test_a_label_stack_ends_at_its_bottom_bit() -> None:
    for labels in ([0], [16, 0xFFFFF], list(range(16, 16 + MAX_TAGS))):
        found = facts(ethernet(mpls(PACKET, *labels), kind=0x8848))
        assert (found["code"], found["tunnel"], found["tunnel_id"]) == (TCP, TUNNEL_MPLS, labels[-1])
    assert facts(ethernet(mpls(PACKET, *range(MAX_TAGS + 1)), kind=MPLS))["code"] == TOO_DEEP
    assert facts(ethernet(struct.pack(">I", 16 << 12) * 4, kind=MPLS))["code"] == SHORT_LINK


@pytest.mark.parametrize("word", [b"", bytes(4), b"\0\0\x12\x34"], ids=["none", "zero", "sequence"])
@pytest.mark.parametrize("mac", ["00005e005301", "020000000002", "4ca1e0f3b2d7", "60f01e2d3c4b", "ff" * 6])
@pytest.mark.parametrize("packet", [PACKET, ipv6(tcp(b"payload!"))], ids=["IPv4", "IPv6"])
def test_a_pseudowire_is_told_from_ip_whatever_its_addresses(word: bytes, mac: str, packet: bytes) -> None:
    """MAC addresses may begin like an IP header or like a control word."""
    inner = ethernet(packet)
    frame = ethernet(mpls(word + bytes.fromhex(mac) + inner[6:], 99), kind=MPLS)
    found = facts(frame)
    assert (found["code"], found["tunnel_id"]) == (TCP, 99)
    assert found["data"] == b"payload!"


def test_a_length_that_looks_like_an_ethertype_makes_no_control_word() -> None:
    """Without a control word, the total length of 2048 bytes stands where the ethertype would be with one."""
    inner = ethernet(ipv4(tcp(bytes(2048 - 40))))
    found = facts(ethernet(mpls(bytes.fromhex("00005e005301") + inner[6:], 99), kind=MPLS))
    assert (found["code"], found["length"]) == (TCP, 2048 - 40)


def test_an_mpls_payload_that_is_neither_ip_nor_ethernet_is_named() -> None:
    for first in (0x00, 0x10, 0x50, 0xF0):
        found = facts(ethernet(mpls(bytes([first]) + b"\x77" * 40, 16), kind=MPLS))
        assert (found["code"], found["detail"]) == (MPLS_PAYLOAD, first >> 4)


def test_a_pppoe_session_carries_ip_and_bounds_it() -> None:
    found = facts(ethernet(pppoe(PACKET, session=0x1234) + b"padding", kind=0x8864))
    assert (found["code"], found["tunnel"], found["tunnel_id"]) == (TCP, TUNNEL_PPPOE, 0x1234)
    frame = ethernet(pppoe(ipv4(tcp(b"12345678"), total_length=0)) + b"padding", kind=0x8864)
    assert facts(frame)["data"] == b"12345678"
    found = facts(frame[:-10], wire=len(frame))
    assert (found["data"], found["length"]) == (b"12345", 8)
    found = facts(ethernet(pppoe(bytes(20), kind=0xC021), kind=0x8864))
    assert (found["code"], found["detail"]) == (PPP_PROTOCOL, 0xC021)
    assert facts(ethernet(b"\x12" + pppoe(PACKET)[1:], kind=0x8864))["code"] == PPP_PROTOCOL


@pytest.mark.parametrize("build", [sll, sll2])
def test_a_cooked_frame_is_read_by_its_protocol_and_device_type(build: object) -> None:
    linktype = 113 if build is sll else 276
    # An Ethernet device, a loopback device, an IP tunnel device.
    for device in (1, 772, 768):
        assert facts(build(PACKET, device=device), linktype=linktype)["code"] == TCP  # type: ignore[operator]
    assert facts(build(bytes(28), kind=0x0806), linktype=linktype)["code"] == ARP  # type: ignore[operator]
    found = facts(build(bytes(40), kind=4, device=824), linktype=linktype)  # type: ignore[operator]
    assert (found["code"], found["detail"]) == (COOKED_DEVICE, 824)
    # 4 in the protocol field: an LLC frame without length.
    found = facts(build(b"\x42\x42\x03" + bytes(35), kind=4), linktype=linktype)  # type: ignore[operator]
    assert (found["code"], found["detail"]) == (LLC, 0x4242)


def test_a_loopback_header_has_the_byte_order_of_its_host() -> None:
    six = ipv6(tcp(b"payload!"))
    for family, packet in ((2, PACKET), (10, six), (23, six), (24, six), (28, six), (30, six)):
        assert facts(null(packet, family=family), linktype=0)["code"] == TCP
        assert facts(null(packet, family=family, big_endian=True), linktype=0)["code"] == TCP
        assert facts(null(packet, family=family, big_endian=True), linktype=108)["code"] == TCP
    found = facts(null(PACKET, family=7), linktype=0)
    assert (found["code"], found["detail"]) == (LOOPBACK_FAMILY, 7)
    # LOOP is always big-endian.
    found = facts(null(PACKET, family=2), linktype=108)
    assert (found["code"], found["detail"]) == (LOOPBACK_FAMILY, 0x02000000)
