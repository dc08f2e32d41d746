"""Tunnels: recognised by plausible headers, numbered, and never guessed."""

from __future__ import annotations

import pytest

from dissectors.net.codes import (
    ETHERTYPE,
    GRE_PROTOCOL,
    GRE_VERSION,
    IPV4_UDP,
    IPV6_UDP,
    NOTE_BEYOND_FRAME,
    NOTE_TRUNCATED_COPY,
    SHORT_TUNNEL,
    TCP,
    TUNNEL_ERSPAN_I,
    TUNNEL_ERSPAN_II,
    TUNNEL_ERSPAN_III,
    TUNNEL_GENEVE,
    TUNNEL_GRE,
    TUNNEL_IP,
    TUNNEL_PAYLOAD,
    TUNNEL_VXLAN,
    TUNNEL_VXLAN_GPE,
)
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from tests.dissectors.net.decoding import facts
from tests.support.frames import (
    ETHERNET_IN_GRE,
    VLAN,
    erspan_1,
    erspan_2,
    erspan_3,
    ethernet,
    geneve,
    gre,
    ipv4,
    ipv6,
    tcp,
    udp,
    vlan,
    vxlan,
    vxlan_gpe,
)

PACKET = ipv4(tcp(b"payload!"), source="192.0.2.1", destination="192.0.2.2", identification=77)
FRAME = ethernet(PACKET)


def over_udp(payload: bytes, port: int, *, length: int | None = None) -> bytes:
    return ethernet(ipv4(udp(payload, destination=port, length=length), protocol=17))


def over_gre(payload: bytes) -> bytes:
    return ethernet(ipv4(payload, protocol=47))


@pytest.mark.parametrize(
    ("frame", "tunnel", "number"),
    [
        (over_udp(vxlan(FRAME, vni=0xFFFFFF), 4789), TUNNEL_VXLAN, 0xFFFFFF),
        (over_udp(vxlan(FRAME, vni=0, flags=0x88), 8472), TUNNEL_VXLAN, 0),
        (over_udp(vxlan_gpe(FRAME, vni=17), 4790), TUNNEL_VXLAN_GPE, 17),
        (over_udp(vxlan_gpe(FRAME, vni=17, flags=0x08, kind=0), 4790), TUNNEL_VXLAN_GPE, 17),
        (over_udp(geneve(FRAME, vni=0x123456), 6081), TUNNEL_GENEVE, 0x123456),
        (over_udp(geneve(PACKET, vni=1, kind=0x0800, options=bytes(252)), 6081), TUNNEL_GENEVE, 1),
        (over_gre(gre(PACKET)), TUNNEL_GRE, 0),
        (over_gre(gre(PACKET, key=0xFEDCBA98)), TUNNEL_GRE, 0xFEDCBA98),
        (over_gre(gre(PACKET, key=5, checksum=True)), TUNNEL_GRE, 5),
        (over_gre(gre(PACKET, checksum=True, sequence=1)), TUNNEL_GRE, 0),
        (over_gre(gre(FRAME, kind=ETHERNET_IN_GRE, key=6, sequence=2)), TUNNEL_GRE, 6),
        (over_gre(gre(vlan(PACKET, id=8), kind=VLAN)), TUNNEL_GRE, 0),
        (over_gre(erspan_1(FRAME)), TUNNEL_ERSPAN_I, 0),
        (over_gre(erspan_2(FRAME, session=1023)), TUNNEL_ERSPAN_II, 1023),
        (over_gre(erspan_3(FRAME, session=1022)), TUNNEL_ERSPAN_III, 1022),
        (over_gre(erspan_3(PACKET, session=3, platform=True, frame_type=2)), TUNNEL_ERSPAN_III, 3),
        (ethernet(ipv4(PACKET, protocol=4)), TUNNEL_IP, 0),
    ],
)
def test_a_tunnel_has_a_kind_and_a_number_and_the_inner_packet_counts(frame: bytes, tunnel: int, number: int) -> None:
    found = facts(frame)
    assert (found["code"], found["tunnel"], found["tunnel_id"], found["depth"]) == (TCP, tunnel, number, 1)
    assert (found["source"], found["ip_id"], found["data"]) == (bytes([192, 0, 2, 1]), 77, b"payload!")


def test_the_innermost_tunnel_is_named_and_the_outermost_vlan() -> None:
    inner = over_udp(vxlan(ethernet(vlan(PACKET, id=5), kind=VLAN), vni=42), 4789)
    frame = ethernet(vlan(ipv4(gre(inner, kind=ETHERNET_IN_GRE, key=7), protocol=47), id=9), kind=VLAN)
    found = facts(frame)
    assert (found["tunnel"], found["tunnel_id"], found["depth"], found["vlan"]) == (TUNNEL_VXLAN, 42, 2, 9)
    assert facts(inner)["vlan"] == 5


def test_a_port_alone_makes_no_tunnel() -> None:
    """Without the I flag of VXLAN, or with another version of Geneve, it is UDP."""
    for frame in (
        over_udp(vxlan(FRAME, flags=0), 4789),
        over_udp(vxlan(FRAME, flags=0xF7), 8472),
        over_udp(vxlan_gpe(FRAME, flags=0x04), 4790),
        over_udp(geneve(FRAME, version=1), 6081),
        over_udp(vxlan(FRAME), 4788),
        ethernet(ipv4(udp(vxlan(FRAME), destination=53, source=4789), protocol=17)),
    ):
        assert facts(frame)["code"] == IPV4_UDP
    frame = ethernet(ipv6(udp(vxlan(FRAME, flags=0), destination=4789), next_header=17))
    assert facts(frame)["code"] == IPV6_UDP


def test_the_udp_length_bounds_the_inner_packet() -> None:
    inner = ethernet(ipv4(tcp(b"12345678"), total_length=0))
    frame = over_udp(vxlan(inner) + b"trailer", 4789, length=16 + len(inner))
    assert facts(frame)["data"] == b"12345678"
    found = facts(frame[:-10], wire=len(frame))
    assert (found["data"], found["length"]) == (b"12345", 8)
    # A length of zero, or one that is too short for a UDP header, says nothing; nor does one beyond the packet.
    for length in (0, 7, 60000):
        assert facts(over_udp(vxlan(FRAME), 4789, length=length))["data"] == b"payload!"
    for length in range(8, 16):
        assert facts(over_udp(vxlan(FRAME), 4789, length=length))["code"] == SHORT_TUNNEL


def test_gre_of_other_kinds_is_named() -> None:
    found = facts(over_gre(gre(bytes(30), version=1, kind=0x880B)))
    assert (found["code"], found["detail"]) == (GRE_VERSION, 1)
    found = facts(over_gre(gre(bytes(30), kind=0x0004)))
    assert (found["code"], found["detail"]) == (GRE_PROTOCOL, 4)
    found = facts(over_gre(gre(bytes(30), kind=0x883E)))
    assert (found["code"], found["detail"]) == (ETHERTYPE, 0x883E)
    # Source routes (RFC 1701) have no fixed length.
    routed = gre(PACKET, checksum=True)
    found = facts(over_gre(bytes([routed[0] | 0x40]) + routed[1:]))
    assert (found["code"], found["detail"]) == (GRE_PROTOCOL, 0x0800)


def test_an_unknown_payload_of_a_tunnel_is_named() -> None:
    found = facts(over_udp(vxlan_gpe(bytes(20), kind=4), 4790))
    assert (found["code"], found["detail"]) == (TUNNEL_PAYLOAD, 4)
    found = facts(over_udp(geneve(bytes(20), kind=0x894F), 6081))
    assert (found["code"], found["detail"]) == (ETHERTYPE, 0x894F)


@pytest.mark.parametrize("build", [erspan_1, erspan_2, erspan_3])
def test_a_mirror_that_truncates_leaves_the_length_of_the_original(build: object) -> None:
    """What ERSPAN cut off was sent by somebody: it is missing from the capture, not from the wire."""
    original = ethernet(ipv4(tcp(bytes(1460))))
    found = facts(over_gre(build(original[:128])))  # type: ignore[operator]
    assert (found["code"], found["captured"], found["length"]) == (TCP, 128 - 54, 1460)
    assert found["notes"] == NOTE_TRUNCATED_COPY
    # In any other tunnel the packet is as long as what was sent.
    found = facts(over_gre(gre(original[:128], kind=ETHERNET_IN_GRE)))
    assert (found["captured"], found["length"], found["notes"]) == (128 - 54, 128 - 54, NOTE_BEYOND_FRAME)


def test_notes_speak_of_the_innermost_packet() -> None:
    frame = ethernet(ipv4(gre(PACKET), protocol=47, total_length=0))
    assert facts(frame)["notes"] == 0


def test_checksums_around_a_segment_are_told_from_the_outside_in() -> None:
    """Where covered bytes begin, where the checksum stands, and where they end."""
    inner = ethernet(ipv4(gre(PACKET, checksum=True), protocol=47))
    seg, data = Segment(), over_udp(vxlan(inner), 4789)
    assert decode(seg, data + bytes(4), 0, len(data) + 4, len(data) + 4, 1) == TCP
    udp_at = 34
    gre_at = udp_at + 8 + 8 + 34
    assert seg.sums == [(udp_at, udp_at + 6, len(data)), (gre_at, gre_at + 4, len(data))]
    plain = ethernet(PACKET)
    assert decode(seg, plain, 0, len(plain), len(plain), 1) == TCP
    assert seg.depth == 0
    other = ethernet(vlan(PACKET, id=5), kind=VLAN)
    assert decode(seg, other, 0, len(other), len(other), 1) == TCP
