"""What the tests of dissectors.net share: a frame decoded in several surroundings, and one of every encapsulation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dissectors.net.codes import CUT_IP, CUT_LINK, CUT_TCP, CUT_TUNNEL, FRAGMENT, IPV4_UDP, IPV6_UDP, TCP
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from tests.support.frames import (
    ETHERNET_IN_GRE,
    IPV6,
    MPLS,
    VLAN,
    authentication,
    erspan_1,
    erspan_2,
    erspan_3,
    ethernet,
    extension,
    geneve,
    gre,
    ipv4,
    ipv6,
    mpls,
    null,
    pppoe,
    sll,
    sll2,
    snap,
    tcp,
    udp,
    vlan,
    vxlan,
    vxlan_gpe,
)

Facts = dict[str, int | bytes]


def facts(frame: bytes, *, linktype: int = 1, wire: int | None = None, seg: Segment | None = None) -> Facts:
    """What `decode()` says of a frame, which must be the same whatever stands around it in the buffer.

    Offsets count from the start of the frame; `code`, `source`, `destination`, `ports` and `data` are added.
    """
    wire = len(frame) if wire is None else wire
    seg = Segment() if seg is None else seg
    alone = _facts(seg, frame, 0, len(frame), wire, linktype)
    for before, after in ((b"\xff" * 9, b""), (b"", b"\xff" * 70), (b"\x45" * 77, b"\x08\x00\x45" * 70)):
        assert _facts(seg, before + frame + after, len(before), len(frame), wire, linktype) == alone
    return alone


def _facts(seg: Segment, buf: bytes, start: int, captured: int, wire: int, linktype: int) -> Facts:
    code = decode(seg, buf, start, captured, wire, linktype)
    found: Facts = {name: getattr(seg, name) for name in ("vlan", "tunnel", "depth", "notes")}
    found["code"] = code
    if seg.tunnel:
        found["tunnel_id"] = seg.tunnel_id
    if code in (TCP, FRAGMENT):
        found["source"] = buf[seg.addr : seg.addr + seg.addr_len]
        found["destination"] = buf[seg.addr + seg.addr_len : seg.addr + 2 * seg.addr_len]
        found["ip_id"] = seg.ip_id
    if code == TCP:
        for name in ("header_length", "captured", "length", "seq", "ack", "flags", "window", "checksum"):
            found[name] = getattr(seg, name)
        found["tcp"] = seg.tcp - start
        found["payload"] = seg.payload - start
        found["ports"] = buf[seg.tcp : seg.tcp + 4]
        found["data"] = buf[seg.payload : seg.payload + seg.captured]
        assert 0 <= seg.captured <= seg.length
        assert seg.payload + seg.captured <= start + captured
        assert seg.tcp + 14 <= seg.payload <= seg.tcp + seg.header_length
    elif code == FRAGMENT:
        for name in ("captured", "length", "offset", "more", "protocol", "skip"):
            found[f"fragment_{name}"] = getattr(seg, f"fragment_{name}")
        found["data"] = buf[seg.fragment_data : seg.fragment_data + seg.fragment_captured]
        assert seg.fragment_skip == seg.fragment_data - start
        assert 0 <= seg.fragment_captured <= seg.fragment_length
        assert seg.fragment_captured == 0 or seg.fragment_data + seg.fragment_captured <= start + captured
    else:
        found["detail"] = seg.detail
    return found


def four(segment: bytes) -> bytes:
    return ipv4(segment)


def six(segment: bytes) -> bytes:
    return ipv6(segment)


# Every way to wrap an IPv4 packet (all but a few wrap IPv6 just as well), by name: link type and function.
WRAPPINGS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "ethernet": (1, ethernet),
    "vlan": (1, lambda packet: ethernet(vlan(packet, id=100, kind=_kind(packet)), kind=VLAN)),
    "qinq": (1, lambda packet: ethernet(vlan(vlan(packet, id=7, kind=_kind(packet)), id=100, kind=VLAN), kind=0x88A8)),
    "qinq 0x9100": (1, lambda p: ethernet(vlan(vlan(p, id=7, kind=_kind(p)), id=100, kind=0x9200), kind=0x9100)),
    "snap": (1, lambda packet: ethernet(snap(packet, kind=_kind(packet)), kind=8 + len(packet))),
    "snap in vlan": (1, lambda p: ethernet(vlan(snap(p, kind=_kind(p)), id=100, kind=8 + len(p)), kind=VLAN)),
    "mpls": (1, lambda packet: ethernet(mpls(packet, 16, 17, 18), kind=MPLS)),
    "mpls pseudowire": (1, lambda packet: ethernet(mpls(ethernet(packet), 16), kind=MPLS)),
    "mpls pseudowire, control word": (1, lambda packet: ethernet(mpls(bytes(4) + ethernet(packet), 16), kind=MPLS)),
    "pppoe": (1, lambda packet: ethernet(pppoe(packet, kind=0x57 if packet[0] >> 4 == 6 else 0x21), kind=0x8864)),
    "linux cooked": (113, lambda packet: sll(packet, kind=_kind(packet))),
    "linux cooked, vlan": (113, lambda packet: sll(vlan(packet, id=100, kind=_kind(packet)), kind=VLAN)),
    "linux cooked v2": (276, lambda packet: sll2(packet, kind=_kind(packet))),
    "null, little-endian": (0, lambda packet: null(packet, family=30 if packet[0] >> 4 == 6 else 2)),
    "null, big-endian": (0, lambda packet: null(packet, family=24 if packet[0] >> 4 == 6 else 2, big_endian=True)),
    "loop": (108, lambda packet: null(packet, family=28 if packet[0] >> 4 == 6 else 2, big_endian=True)),
    "raw": (101, bytes),
    "raw 12": (12, bytes),
    "raw 14": (14, bytes),
    "raw IPv4": (228, bytes),
    "raw IPv6": (229, bytes),
    "vxlan": (1, lambda packet: ethernet(ipv4(udp(vxlan(ethernet(packet)), destination=4789), protocol=17))),
    "vxlan of Linux": (1, lambda packet: ethernet(ipv4(udp(vxlan(ethernet(packet)), destination=8472), protocol=17))),
    "vxlan over IPv6": (1, lambda p: ethernet(ipv6(udp(vxlan(ethernet(p)), destination=4789), next_header=17))),
    "vxlan-gpe": (1, lambda packet: ethernet(ipv4(udp(vxlan_gpe(ethernet(packet)), destination=4790), protocol=17))),
    "vxlan-gpe of IP": (1, lambda p: ethernet(ipv4(udp(vxlan_gpe(p, kind=1), destination=4790), protocol=17))),
    "vxlan-gpe of MPLS": (
        1,
        lambda p: ethernet(ipv4(udp(vxlan_gpe(mpls(p, 5), kind=5), destination=4790), protocol=17)),
    ),
    "geneve": (1, lambda packet: ethernet(ipv4(udp(geneve(ethernet(packet)), destination=6081), protocol=17))),
    "geneve, options": (
        1,
        lambda packet: ethernet(
            ipv4(udp(geneve(packet, kind=_kind(packet), options=bytes(12)), destination=6081), protocol=17)
        ),
    ),
    "gre": (1, lambda packet: ethernet(ipv4(gre(packet, kind=_kind(packet)), protocol=47))),
    "gre, all fields": (
        1,
        lambda p: ethernet(ipv4(gre(p, kind=_kind(p), checksum=True, key=0xDEADBEEF, sequence=3), protocol=47)),
    ),
    "gre of Ethernet": (1, lambda p: ethernet(ipv4(gre(ethernet(p), kind=ETHERNET_IN_GRE, key=9), protocol=47))),
    "gre of MPLS": (1, lambda packet: ethernet(ipv4(gre(mpls(packet, 16), kind=MPLS), protocol=47))),
    "gre over IPv6": (1, lambda packet: ethernet(ipv6(gre(packet, kind=_kind(packet)), next_header=47))),
    "erspan I": (1, lambda packet: ethernet(ipv4(erspan_1(ethernet(packet)), protocol=47))),
    "erspan II": (1, lambda packet: ethernet(ipv4(erspan_2(ethernet(packet)), protocol=47))),
    "erspan III": (1, lambda packet: ethernet(ipv4(erspan_3(ethernet(packet)), protocol=47))),
    "erspan III, platform": (1, lambda packet: ethernet(ipv4(erspan_3(ethernet(packet), platform=True), protocol=47))),
    "erspan III of IP": (1, lambda packet: ethernet(ipv4(erspan_3(packet, frame_type=2), protocol=47))),
    "ip in IPv4": (1, lambda packet: ethernet(ipv4(packet, protocol=41 if packet[0] >> 4 == 6 else 4))),
    "ip in IPv6": (1, lambda packet: ethernet(ipv6(packet, next_header=41 if packet[0] >> 4 == 6 else 4))),
    "authentication header": (1, lambda packet: ethernet(ipv4(authentication(packet, next_header=4), protocol=51))),
    "extension headers": (
        1,
        lambda packet: ethernet(
            ipv6(extension(extension(packet, next_header=4, body=bytes(20)), next_header=60), next_header=0)
        ),
    ),
}

CUT_CODES = {CUT_LINK, CUT_IP, CUT_TCP, CUT_TUNNEL, IPV4_UDP, IPV6_UDP}
"What a frame may be called that the snap length cut before its TCP header (UDP: cut before the tunnel could be known)."


def _kind(packet: bytes) -> int:
    return IPV6 if packet[0] >> 4 == 6 else 0x0800


def wrapped(name: str, packet: bytes) -> tuple[int, bytes]:
    """Link type and frame of a packet in a wrapping."""
    linktype, wrap = WRAPPINGS[name]
    return linktype, wrap(packet)


def every_frame() -> Iterator[tuple[str, int, bytes]]:
    """Name, link type and bytes of one frame of every wrapping, IPv4 and IPv6, holding a segment with options."""
    segment = tcp(b"0123456789", options=bytes.fromhex("0101080a0000000100000002"))
    for name, (linktype, wrap) in WRAPPINGS.items():
        yield f"IPv4 in {name}", linktype, wrap(four(segment))
        yield f"IPv6 in {name}", linktype, wrap(six(segment))
