"""Frames that scapy builds, not we: headers are laid out as another reader of the standards understands them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.contrib.erspan import ERSPAN_I, ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
from scapy.contrib.geneve import GENEVE, GeneveOptions
from scapy.contrib.mpls import MPLS, EoMCW
from scapy.layers.inet import IP, TCP, UDP, IPOption_RR, fragment
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
    fragment6,
)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether, Loopback
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from dissectors.net import checksum, codes
from dissectors.net.codes import FRAGMENT
from dissectors.net.decode import decode, decode_datagram
from dissectors.net.segment import Segment
from dissectors.net.tcpopt import TcpOptions
from iscsi_analyzer.streams.fragments import FragmentTable
from tests.dissectors.net.decoding import facts

ETHER = Ether(src="02:00:00:00:00:01", dst="00:50:56:00:00:02")
SEGMENT = TCP(
    sport=49152,
    dport=3260,
    seq=0x90ABCDEF,
    ack=0x12345678,
    flags="PA",
    window=501,
    options=[("MSS", 8960), ("SAckOK", b""), ("Timestamp", (0xF0000001, 7)), ("NOP", None), ("WScale", 9)],
) / Raw(b"forty-eight bytes")
FOUR = IP(src="192.0.2.1", dst="192.0.2.2", id=0xABCD, flags="DF") / SEGMENT
SIX = IPv6(src="2001:db8::1", dst="2001:db8::2") / SEGMENT
FRAME = ETHER / FOUR
OUTER = ETHER / IP(src="198.51.100.1", dst="198.51.100.2", id=1)
OUTER6 = ETHER / IPv6(src="2001:db8:1::1", dst="2001:db8:1::2")

FRAMES: dict[str, tuple[int, Packet]] = {
    "IPv4": (1, FRAME),
    "IPv6": (1, ETHER / SIX),
    "VLAN": (1, ETHER / Dot1Q(vlan=77, prio=3) / FOUR),
    "QinQ": (1, ETHER / Dot1AD(vlan=77) / Dot1Q(vlan=5) / SIX),
    "SNAP": (1, Dot3(src=ETHER.src, dst=ETHER.dst) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP() / FOUR),
    "MPLS": (1, ETHER / MPLS(label=17, s=0) / MPLS(label=99, s=1) / FOUR),
    "MPLS pseudowire": (1, ETHER / MPLS(label=99, s=1) / EoMCW() / ETHER / FOUR),
    "PPPoE": (1, ETHER / PPPoE(sessionid=99) / PPP() / FOUR),
    "Linux cooked": (113, CookedLinux() / FOUR),
    "Linux cooked v2": (276, CookedLinuxV2() / SIX),
    "BSD loopback": (0, Loopback(type=2) / FOUR),
    "raw": (101, SIX),
    "IPv4 options": (
        1,
        ETHER / IP(src="192.0.2.1", dst="192.0.2.2", id=0xABCD, options=[IPOption_RR()]) / SEGMENT,
    ),
    "IPv6 extension headers": (
        1,
        ETHER
        / IPv6(src="2001:db8::1", dst="2001:db8::2")
        / IPv6ExtHdrHopByHop(options=[PadN(optdata=bytes(9))])
        / IPv6ExtHdrRouting(addresses=["2001:db8::9"], segleft=0)
        / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(30))])
        / SEGMENT,
    ),
    "authentication header": (
        1,
        ETHER / IP(src="192.0.2.1", dst="192.0.2.2", id=0xABCD) / AH(nh=6, payloadlen=4, icv=bytes(12)) / SEGMENT,
    ),
    "VXLAN": (1, OUTER / UDP(dport=4789) / VXLAN(vni=99) / FRAME),
    "VXLAN over IPv6": (1, OUTER6 / UDP(dport=4789) / VXLAN(vni=99) / FRAME),
    "Geneve": (1, OUTER / UDP(dport=6081) / GENEVE(vni=99, options=[GeneveOptions(data=bytes(16))]) / FRAME),
    "GRE": (1, OUTER / GRE(key_present=1, key=99, seqnum_present=1, sequence_number=4, chksum_present=1) / FOUR),
    "GRE of Ethernet": (1, OUTER6 / GRE(key_present=1, key=99, proto=0x6558) / FRAME),
    "ERSPAN I": (1, OUTER / GRE(proto=0x88BE) / ERSPAN_I() / FRAME),
    "ERSPAN II": (1, OUTER / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II(session_id=99, vlan=9) / FRAME),
    "ERSPAN III": (1, OUTER / GRE(proto=0x22EB, seqnum_present=1) / ERSPAN_III(session_id=99, vlan=9) / FRAME),
    "ERSPAN III, platform": (
        1,
        OUTER
        / GRE(proto=0x22EB, seqnum_present=1)
        / ERSPAN_III(session_id=99, o=1)
        / ERSPAN_PlatformSpecific(platf_id=0)
        / FRAME,
    ),
    "IP in IP": (1, OUTER / IP(src="192.0.2.1", dst="192.0.2.2", id=0xABCD) / SEGMENT),
    "6in4": (1, OUTER / SIX),
}
TUNNELS = {
    "MPLS": codes.TUNNEL_MPLS,
    "MPLS pseudowire": codes.TUNNEL_MPLS,
    "PPPoE": codes.TUNNEL_PPPOE,
    "VXLAN": codes.TUNNEL_VXLAN,
    "VXLAN over IPv6": codes.TUNNEL_VXLAN,
    "Geneve": codes.TUNNEL_GENEVE,
    "GRE": codes.TUNNEL_GRE,
    "GRE of Ethernet": codes.TUNNEL_GRE,
    "ERSPAN I": codes.TUNNEL_ERSPAN_I,
    "ERSPAN II": codes.TUNNEL_ERSPAN_II,
    "ERSPAN III": codes.TUNNEL_ERSPAN_III,
    "ERSPAN III, platform": codes.TUNNEL_ERSPAN_III,
    "IP in IP": codes.TUNNEL_IP,
    "6in4": codes.TUNNEL_IP,
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_of_another_builder_is_understood(name: str) -> None:
    linktype, packet = FRAMES[name]
    frame = bytes(packet)
    found = facts(frame, linktype=linktype)
    assert found["code"] == codes.TCP
    assert (found["seq"], found["ack"], found["flags"], found["window"]) == (0x90ABCDEF, 0x12345678, 0x18, 501)
    assert found["data"] == b"forty-eight bytes"
    assert found["ip_id"] == (-1 if found["source"][:2] == b"\x20\x01" else 0xABCD)  # type: ignore[index]
    assert found["vlan"] == (77 if name in ("VLAN", "QinQ") else -1)
    assert found["tunnel"] == TUNNELS.get(name, 0)
    if TUNNELS.get(name, 0) not in (0, codes.TUNNEL_ERSPAN_I, codes.TUNNEL_IP):
        assert found["tunnel_id"] == 99

    seg, options = Segment(), TcpOptions()
    decode(seg, frame, 0, len(frame), len(frame), linktype)
    options.parse(frame, seg)
    assert (options.mss, options.window_scale, options.sack_permitted) == (8960, 9, True)
    assert (options.tsval, options.tsecr) == (0xF0000001, 7)
    # scapy fills in no checksum behind an authentication header.
    expected = checksum.Checksum.OFFLOADED if name == "authentication header" else checksum.Checksum.OK
    assert checksum.tcp(frame, seg) == expected
    if seg.addr_len == 4:
        assert checksum.ipv4_header(frame, seg) == checksum.Checksum.OK


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFF),
    st.integers(0, 0xFFFF),
    st.binary(max_size=30),
    st.lists(
        st.sampled_from([("NOP", None), ("WScale", 3), ("SAck", (1, 2, 3, 4)), ("Timestamp", (5, 6))]), max_size=2
    ),
)
def test_any_header_is_read_as_another_builder_meant_it(
    port: int, seq: int, ack: int, flags: int, window: int, payload: bytes, options: list[tuple[str, object]]
) -> None:
    segment = TCP(
        sport=port, seq=seq, ack=ack, flags=flags & 0x1FF, reserved=flags >> 9, window=window, options=options
    ) / Raw(payload)
    for packet in (IP(src="192.0.2.1", dst="192.0.2.2") / segment, IPv6(src="::1", dst="::1") / segment):
        frame = bytes(ETHER / packet)
        found = facts(frame)
        assert (found["code"], found["ports"]) == (codes.TCP, port.to_bytes(2, "big") + b"\x00\x50")
        assert (found["seq"], found["ack"], found["flags"], found["window"]) == (seq, ack, flags, window)
        assert found["data"] == payload
        seg, read = Segment(), TcpOptions()
        decode(seg, frame, 0, len(frame), len(frame), 1)
        read.parse(frame, seg)
        kinds = [kind for kind, _ in options]
        assert read.window_scale == (3 if "WScale" in kinds else -1)
        assert read.tsval == (5 if "Timestamp" in kinds else -1)
        assert read.sack == [1, 2, 3, 4] * kinds.count("SAck")


@pytest.mark.parametrize("version", [4, 6])
def test_fragments_of_another_builder_are_put_together(version: int) -> None:
    payload = bytes(range(256)) * 16
    if version == 4:
        parts = fragment(IP(src="192.0.2.1", dst="192.0.2.2", id=5) / TCP(dport=3260) / Raw(payload), fragsize=1000)
    else:
        whole = IPv6(src="::1", dst="::1") / IPv6ExtHdrFragment(id=5) / TCP(dport=3260) / Raw(payload)
        parts = fragment6(whole, 1280)
    table, seg = FragmentTable(), Segment()
    done = []
    for part in parts:
        frame = bytes(ETHER / part)
        assert decode(seg, frame, 0, len(frame), len(frame), 1) == FRAGMENT
        datagram = table.add(seg, frame, 0, 0)
        if datagram is not None:
            done.append(datagram)
    (datagram,) = done
    code = decode_datagram(seg, datagram.buf, datagram.address_length, datagram.protocol, datagram.length)
    assert code == codes.TCP
    assert datagram.buf[seg.payload :] == payload
    assert (seg.captured, seg.ip_id) == (len(payload), 5)
    assert checksum.tcp(datagram.buf, seg) == checksum.Checksum.OK
