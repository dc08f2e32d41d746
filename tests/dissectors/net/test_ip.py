"""IP and TCP headers: lengths that lie, extension headers, fragments, and what is not TCP."""

from __future__ import annotations

import pytest

from dissectors.net.codes import (
    CUT_IP,
    CUT_TCP,
    FRAGMENT,
    IPV4_HEADER_LENGTH,
    IPV4_ICMP,
    IPV4_PROTOCOL,
    IPV4_TOTAL_LENGTH,
    IPV4_UDP,
    IPV6_ICMP,
    IPV6_PROTOCOL,
    IPV6_UDP,
    NOTE_BEYOND_FRAME,
    NOTE_ROUTED,
    SHORT_IP,
    SHORT_TCP,
    TCP,
    TCP_HEADER_LENGTH,
    TOO_DEEP,
    reason,
)
from dissectors.net.segment import MAX_EXTENSIONS
from tests.dissectors.net.decoding import facts
from tests.support.frames import authentication, ethernet, extension, ipv4, ipv6, ipv6_fragment, tcp, udp

SEGMENT = tcp(b"payload!")


@pytest.mark.parametrize("words", range(11))
def test_ipv4_options_are_stepped_over(words: int) -> None:
    found = facts(ethernet(ipv4(SEGMENT, options=b"\x01" * (4 * words))))
    assert (found["code"], found["data"], found["tcp"]) == (TCP, b"payload!", 34 + 4 * words)
    assert found["notes"] == 0


def test_a_source_route_is_noted() -> None:
    for options in (b"\x01\x83\x07\x04\x0a\x00\x00\x09", b"\x94\x04\0\0\x89\x07\x04\x0a\x00\x00\x09"):
        assert facts(ethernet(ipv4(SEGMENT, options=options)))["notes"] == NOTE_ROUTED
    # After the end of the list, or with a length of zero, nothing is read into the options.
    assert facts(ethernet(ipv4(SEGMENT, options=b"\x00\x83\x07\x04")))["notes"] == 0
    assert facts(ethernet(ipv4(SEGMENT, options=b"\x44\x00\x00\x00")))["notes"] == 0
    assert facts(ethernet(ipv4(SEGMENT, options=b"\x44\xff\x83\x83")))["notes"] == 0


@pytest.mark.parametrize("words", range(5))
def test_an_ipv4_header_length_below_20_is_a_reason(words: int) -> None:
    found = facts(ethernet(ipv4(SEGMENT, header_length=4 * words)))
    assert (found["code"], found["detail"]) == (IPV4_HEADER_LENGTH, 4 * words)


def test_an_ipv4_total_length_below_its_header_is_a_reason() -> None:
    for length in range(1, 20):
        found = facts(ethernet(ipv4(SEGMENT, total_length=length)))
        assert (found["code"], found["detail"]) == (IPV4_TOTAL_LENGTH, length)
    assert facts(ethernet(ipv4(SEGMENT, options=bytes(8), total_length=27)))["code"] == IPV4_TOTAL_LENGTH


def test_an_ip_length_may_leave_no_room_for_tcp() -> None:
    for length in range(20, 40):
        assert facts(ethernet(ipv4(SEGMENT, total_length=length)))["code"] == SHORT_TCP
    for length in range(1, 20):
        assert facts(ethernet(ipv6(SEGMENT, payload_length=length)))["code"] == SHORT_TCP
    assert facts(ethernet(ipv4(SEGMENT, total_length=40)))["length"] == 0


@pytest.mark.parametrize("packet", [ipv4(SEGMENT, total_length=1400), ipv6(SEGMENT, payload_length=1400)])
def test_an_ip_length_beyond_the_frame_is_noted_and_the_frame_counts(packet: bytes) -> None:
    found = facts(ethernet(packet))
    assert (found["code"], found["length"], found["captured"], found["notes"]) == (TCP, 8, 8, NOTE_BEYOND_FRAME)
    found = facts(ethernet(packet), wire=len(ethernet(packet)) + 100)
    assert (found["length"], found["captured"], found["notes"]) == (108, 8, NOTE_BEYOND_FRAME)


def test_a_snap_length_cut_leaves_the_wire_length() -> None:
    frame = ethernet(ipv4(tcp(bytes(1460))))
    found = facts(frame[:128], wire=len(frame))
    assert (found["captured"], found["length"], found["notes"]) == (128 - 54, 1460, 0)


@pytest.mark.parametrize("words", range(16))
def test_a_tcp_data_offset_is_believed_if_it_can_be(words: int) -> None:
    """Less than 5 words, or beyond the datagram, is a reason."""
    found = facts(ethernet(ipv4(tcp(bytes(20), offset=words))))
    if 5 <= words <= 10:
        assert (found["code"], found["header_length"], found["length"]) == (TCP, 4 * words, 40 - 4 * words)
    else:
        assert (found["code"], found["detail"]) == (TCP_HEADER_LENGTH, 4 * words)


def test_extension_headers_are_stepped_over_in_any_order() -> None:
    chain = extension(SEGMENT)  # routing
    chain = extension(chain, next_header=43, body=bytes(14))  # destination options
    chain = authentication(chain, next_header=60)
    chain = extension(chain, next_header=51, body=bytes(30))  # hop-by-hop options
    found = facts(ethernet(ipv6(chain, next_header=0)))
    assert (found["code"], found["data"], found["notes"]) == (TCP, b"payload!", 0)
    assert facts(ethernet(ipv6(extension(SEGMENT), next_header=135)))["code"] == TCP


def test_a_routing_header_with_segments_left_is_noted() -> None:
    for left in (0, 1, 255):
        packet = ipv6(extension(SEGMENT, body=bytes([4, left, 0, 0, 0, 0])), next_header=43)
        found = facts(ethernet(packet))
        assert (found["code"], found["notes"]) == (TCP, NOTE_ROUTED if left else 0)


def test_an_extension_header_may_not_lead_beyond_the_packet() -> None:
    frame = ethernet(ipv6(extension(SEGMENT)[:1] + b"\xff" + bytes(40), next_header=0))
    assert facts(frame)["code"] == SHORT_TCP
    assert facts(ethernet(ipv6(extension(SEGMENT)[:7], next_header=0)))["code"] == SHORT_IP
    assert facts(frame[:58], wire=len(frame))["code"] == CUT_IP


def test_extension_headers_are_followed_up_to_a_bound() -> None:
    for count in range(MAX_EXTENSIONS + 3):
        packet, kind = SEGMENT, 6
        for _ in range(count):
            packet, kind = extension(packet, next_header=kind), 60
        assert facts(ethernet(ipv6(packet, next_header=kind)))["code"] == (TCP if count < MAX_EXTENSIONS else TOO_DEEP)


def test_what_is_not_tcp_is_named() -> None:
    for packet, code, detail, words in (
        (ipv4(bytes(8), protocol=1), IPV4_ICMP, 0, "IPv4 ICMP"),
        (ipv4(udp(b"x", destination=53), protocol=17), IPV4_UDP, 53, "IPv4 UDP"),
        (ipv4(b"\0", protocol=17), IPV4_UDP, 0, "IPv4 UDP"),
        (ipv4(bytes(8), protocol=2), IPV4_PROTOCOL, 2, "IPv4 IGMP"),
        (ipv4(bytes(8), protocol=253), IPV4_PROTOCOL, 253, "IPv4 protocol 253"),
        (ipv4(bytes(8), protocol=43), IPV4_PROTOCOL, 43, "IPv4 protocol 43"),
        (ipv4(bytes(8), protocol=0), IPV4_PROTOCOL, 0, "IPv4 protocol 0"),
        (ipv6(bytes(8), next_header=58), IPV6_ICMP, 0, "ICMPv6"),
        (ipv6(bytes(8), next_header=1), IPV6_PROTOCOL, 1, "IPv6 next header 1"),
        (ipv6(udp(b"x", destination=53), next_header=17), IPV6_UDP, 53, "IPv6 UDP"),
        (ipv6(b"", next_header=59), IPV6_PROTOCOL, 59, "IPv6 no next header"),
        (ipv6(bytes(8), next_header=50), IPV6_PROTOCOL, 50, "IPv6 IPsec ESP (encrypted)"),
    ):
        found = facts(ethernet(packet))
        assert (found["code"], found["detail"]) == (code, detail)
        assert reason(code, detail) == words


def test_the_first_fragment_of_ipv4_is_a_fragment_and_so_is_every_other() -> None:
    for start, more in ((0, True), (8, True), (65528, False), (1480, False)):
        found = facts(ethernet(ipv4(bytes(16), fragment=start, more=more, identification=0xBEEF)))
        assert (found["code"], found["fragment_offset"], found["fragment_more"]) == (FRAGMENT, start, more)
        assert (found["ip_id"], found["fragment_protocol"], found["fragment_length"]) == (0xBEEF, 6, 16)
        assert (found["fragment_captured"], found["fragment_skip"]) == (16, 34)


def test_a_fragment_of_ipv6_is_found_behind_other_headers() -> None:
    for start, more in ((0, True), (8, True), (65528, False)):
        part = ipv6_fragment(bytes(16), fragment=start, more=more, identification=0xDEADBEEF, next_header=60)
        found = facts(ethernet(ipv6(extension(part, next_header=44), next_header=0)))
        assert (found["code"], found["fragment_offset"], found["fragment_more"]) == (FRAGMENT, start, more)
        assert (found["ip_id"], found["fragment_protocol"], found["fragment_length"]) == (0xDEADBEEF, 60, 16)
        assert found["fragment_skip"] == 14 + 40 + 8 + 8


def test_an_atomic_fragment_is_whole() -> None:
    """RFC 6946: a fragment header with offset zero and no more fragments is stepped over."""
    found = facts(ethernet(ipv6(ipv6_fragment(SEGMENT, identification=9), next_header=44)))
    assert (found["code"], found["data"], found["ip_id"]) == (TCP, b"payload!", 9)


def test_a_fragment_cut_by_the_snap_length_says_how_much_is_there() -> None:
    frame = ethernet(ipv4(bytes(range(64)), fragment=64, more=True))
    for size in range(34, len(frame)):
        found = facts(frame[:size], wire=len(frame))
        assert (found["fragment_captured"], found["fragment_length"]) == (size - 34, 64)
        assert found["data"] == frame[34:size]


def test_a_fragment_in_padding_keeps_its_length() -> None:
    found = facts(ethernet(ipv4(b"8 bytes.", fragment=64)) + bytes(18))
    assert (found["fragment_length"], found["data"]) == (8, b"8 bytes.")


def test_a_fragment_whose_header_ends_beyond_the_frame_is_short() -> None:
    assert facts(ethernet(ipv4(bytes(8), header_length=60, total_length=200, more=True)))["code"] == SHORT_IP
    assert facts(ethernet(ipv4(bytes(40), header_length=60, total_length=200, more=True)))["fragment_length"] == 0


def test_fragments_of_what_cannot_hold_tcp_are_not_collected() -> None:
    assert facts(ethernet(ipv4(bytes(64), protocol=1, more=True)))["code"] == IPV4_ICMP
    assert facts(ethernet(ipv4(bytes(64), protocol=50, fragment=64)))["code"] == IPV4_PROTOCOL
    assert (
        facts(ethernet(ipv6(ipv6_fragment(bytes(64), next_header=58, more=True), next_header=44)))["code"] == IPV6_ICMP
    )
    for protocol in (4, 6, 17, 41, 47, 51):
        assert facts(ethernet(ipv4(bytes(64), protocol=protocol, more=True)))["code"] == FRAGMENT


def test_the_header_options_of_a_cut_header_are_not_payload() -> None:
    frame = ethernet(ipv4(tcp(b"x" * 100, options=b"\x01" * 40)))
    found = facts(frame[:70], wire=len(frame))
    assert (found["payload"], found["captured"], found["length"], found["header_length"]) == (70, 0, 100, 60)
    assert facts(frame[:47], wire=len(frame))["code"] == CUT_TCP
