"""The scratch object that layers fill: nothing of one frame is left over in the next, and tunnels have a bottom."""

from __future__ import annotations

import pytest

from dissectors.net.codes import TCP, TOO_DEEP, TUNNEL_GRE, TUNNEL_VXLAN
from dissectors.net.decode import decode
from dissectors.net.segment import (
    MAX_DEPTH,
    NEXT_ETHERNET,
    NEXT_ETHERTYPE,
    NEXT_IP,
    NEXT_PROTOCOL,
    Segment,
)
from tests.dissectors.net.decoding import facts
from tests.support import frames as made

PLAIN = made.ethernet(made.ipv4(made.tcp(b"payload")))
ENCAPSULATED = (
    made.ethernet(made.vlan(made.ipv4(made.tcp(b"x")), id=7), kind=made.VLAN),
    made.ethernet(made.ipv4(made.gre(made.ipv4(made.tcp(b"x")), kind=made.IPV4), protocol=47)),
    made.ethernet(made.ipv6(made.tcp(b"six"))),
    made.ethernet(made.ipv4(made.udp(b"?", destination=53), protocol=17)),
    made.ethernet(made.ipv4(made.tcp(b"part"), more=True)),
    b"\x00" * 9,
    PLAIN,
)


def test_steps_of_the_way_are_no_codes() -> None:
    """A layer answers with either: steps are negative, codes are not."""
    steps = (NEXT_ETHERNET, NEXT_ETHERTYPE, NEXT_IP, NEXT_PROTOCOL)
    assert len(set(steps)) == 4 and max(steps) < 0 <= TCP


@pytest.mark.parametrize("frame", ENCAPSULATED)
@pytest.mark.parametrize("before", ENCAPSULATED)
def test_what_a_frame_says_does_not_depend_on_the_frame_before(before: bytes, frame: bytes) -> None:
    used = Segment()
    decode(used, before, 0, len(before), len(before), 1)
    assert facts(frame, seg=used) == facts(frame)


def test_a_tunnel_is_stepped_over_and_remembered() -> None:
    seg = Segment()
    seg.at, seg.notes = 34, 5
    assert seg.enter(TUNNEL_GRE, 9, 8, NEXT_IP) == NEXT_IP
    assert (seg.at, seg.tunnel, seg.tunnel_id, seg.depth, seg.notes) == (42, TUNNEL_GRE, 9, 1, 0)
    assert seg.enter(TUNNEL_VXLAN, 5000, 16, NEXT_ETHERNET) == NEXT_ETHERNET
    assert (seg.at, seg.tunnel, seg.tunnel_id, seg.depth) == (58, TUNNEL_VXLAN, 5000, 2), "the innermost counts"


def test_tunnels_in_tunnels_end_somewhere() -> None:
    seg = Segment()
    assert [seg.enter(TUNNEL_GRE, 0, 4, NEXT_IP) for _ in range(MAX_DEPTH)] == [NEXT_IP] * MAX_DEPTH
    assert seg.enter(TUNNEL_GRE, 0, 4, NEXT_IP) == TOO_DEEP and seg.detail == MAX_DEPTH + 1


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
def test_a_frame_may_have_so_many_tunnels_and_no_more(depth: int) -> None:
    packet = made.ipv4(made.tcp(b"deep"))
    for _ in range(depth):
        packet = made.ipv4(made.gre(packet, kind=made.IPV4), protocol=47)
    found = facts(made.ethernet(packet))
    assert (found["code"], found["depth"]) == ((TCP, depth) if depth == MAX_DEPTH else (TOO_DEEP, depth))


def test_captured_is_never_more_than_the_length() -> None:
    seg = Segment()
    for kept in range(len(PLAIN) + 1):
        if decode(seg, PLAIN, 0, kept, len(PLAIN), 1) == TCP:
            assert 0 <= seg.captured <= seg.length == 7
            assert seg.captured == max(0, kept - (len(PLAIN) - 7))
