"""What a pcapng file says about itself, its interfaces and single packets is kept, within bounds."""

from __future__ import annotations

import pytest

from iscsi_analyzer.sources import pcapng_sections
from iscsi_analyzer.sources.pcapng import PcapngWalker
from tests.iscsi_analyzer.sources.calls import Walk, plain
from tests.support.capturefiles import (
    NOW,
    SECOND,
    Record,
    block,
    counter,
    interface,
    old_packet,
    packet,
    resolution,
    section,
    some_records,
    statistics,
    time_offset,
)

ORDERS = ("<", ">")


@pytest.mark.parametrize("order", ORDERS)
def test_a_section_says_who_wrote_it(order: str) -> None:
    found = [(2, b"a machine"), (3, b"an os"), (4, b"a program"), (1, b"one"), (1, "zwei ä".encode())]
    walker = Walk(PcapngWalker, section(found, order)).walker
    assert (walker.hardware, walker.os, walker.application) == ("a machine", "an os", "a program")
    assert walker.comments == ["one", "zwei ä"]
    assert walker.variant == "1.0"


@pytest.mark.parametrize("order", ORDERS)
def test_an_interface_says_what_it_is(order: str) -> None:
    found = [(2, b"eth0"), (3, b"the SAN"), (11, b"\0tcp port 3260"), (12, b"Linux"), (15, b"a card"), (1, b"note")]
    walk = Walk(PcapngWalker, section((), order) + interface(found, order, linktype=113, snaplen=128))
    (facts,) = walk.walker.interfaces
    assert (facts.name, facts.description, facts.filter) == ("eth0", "the SAN", "tcp port 3260")
    assert (facts.os, facts.hardware, facts.comments) == ("Linux", "a card", ["note"])
    assert (facts.linktype, facts.snaplen, facts.resolution, facts.number) == (113, 128, "us", 0)
    assert walk.interfaces.facts == [facts]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("tsresol", "units", "ns"),
    [
        (0, 1_700_000_000, NOW),
        (3, 1_700_000_000_123, NOW + 123_000_000),
        (6, 1_700_000_000_123_456, NOW + 123_456_000),
        (9, NOW + 123_456_789, NOW + 123_456_789),
        (12, 5_000_000_000_007_999, 5_000_000_000_007),
        (0x80, 1_700_000_000, NOW),
        (0x8A, 1_700_000_000 * 1024 + 512, NOW + SECOND // 2),
        (0xA0, (1_700_000_000 << 32) + (1 << 31), NOW + SECOND // 2),
    ],
)
def test_every_resolution_is_exact(order: str, tsresol: int, units: int, ns: int) -> None:
    data = (
        section((), order) + interface([resolution(tsresol)], order) + packet(Record(0, b"x"), (), order, units=units)
    )
    assert [call.ts for call in Walk(PcapngWalker, data).calls.calls] == [ns]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("seconds", [5, -5, 1_600_000_000])
def test_an_interface_may_shift_its_times(order: str, seconds: int) -> None:
    data = section((), order) + interface([time_offset(seconds, order)], order) + packet(Record(NOW, b"x"), (), order)
    walk = Walk(PcapngWalker, data)
    assert walk.calls.calls[0].ts == NOW + seconds * SECOND
    assert walk.walker.interfaces[0].offset_seconds == seconds


@pytest.mark.parametrize("tsresol", [0, 6, 9, 0x7F, 0x80, 0xFF])
@pytest.mark.parametrize("seconds", [-(1 << 63), 0, (1 << 63) - 1])
def test_times_beyond_all_reason_stay_numbers_of_63_bits(tsresol: int, seconds: int) -> None:
    data = section() + interface([resolution(tsresol), time_offset(seconds)])
    data += packet(Record(0, b"x"), units=(1 << 64) - 1) + packet(Record(0, b"x"), units=0)
    for call in Walk(PcapngWalker, data).calls.calls:
        assert -(1 << 62) <= call.ts <= 1 << 62


@pytest.mark.parametrize("order", ORDERS)
def test_counters_of_lost_frames_are_kept(order: str) -> None:
    found = [counter(code, 100 + code, order) for code in range(4, 9)]
    data = section((), order) + interface((), order) + interface((), order) + statistics(1, NOW, found, order)
    first, second = Walk(PcapngWalker, data).walker.interfaces
    assert (first.dropped_interface, first.received) == (None, None)
    assert (second.received, second.dropped_interface, second.filter_accepted) == (104, 105, 106)
    assert (second.dropped_os, second.delivered) == (107, 108)


@pytest.mark.parametrize("order", ORDERS)
def test_start_and_end_of_an_interface_are_in_its_own_units(order: str) -> None:
    raw = NOW + 5
    halves = (raw >> 32).to_bytes(4, "little" if order == "<" else "big") + (raw & 0xFFFFFFFF).to_bytes(
        4, "little" if order == "<" else "big"
    )
    data = (
        section((), order) + interface([resolution(9)], order) + statistics(0, NOW, [(2, halves), (3, halves)], order)
    )
    (facts,) = Walk(PcapngWalker, data).walker.interfaces
    assert (facts.start_ns, facts.end_ns) == (raw, raw)


def test_statistics_of_an_unknown_interface_are_reported() -> None:
    walk = Walk(PcapngWalker, section() + statistics(4, NOW, []) + block(5, b"") + interface())
    assert [problem.partition(": ")[2] for problem in walk.problems] == [
        "offset 28: statistics of interface 4, which the file does not describe, were skipped",
        "offset 52: statistics of interface -1, which the file does not describe, were skipped",
    ]


@pytest.mark.parametrize("order", ORDERS)
def test_comments_on_packets_are_kept_with_number_and_position(order: str) -> None:
    records = some_records(4)
    data = section((), order) + interface((), order) + packet(records[0], order=order)
    data += packet(records[1], [(2, bytes(4)), (1, b"first"), (1, b"second")], order)
    data += old_packet(records[2], [(1, b"third")], order)
    walk = Walk(PcapngWalker, data)
    calls = walk.calls.calls
    assert [(found.frame, found.position, found.text) for found in walk.walker.packet_comments] == [
        (2, calls[1].position, "first"),
        (2, calls[1].position, "second"),
        (3, calls[2].position, "third"),
    ]


@pytest.mark.parametrize("order", ORDERS)
def test_frames_that_were_lost_before_others_are_added_up(order: str) -> None:
    records = some_records(4)
    data = section((), order) + interface((), order) + packet(records[0], [counter(4, 7, order)], order)
    data += old_packet(records[1], (), order, drops=3) + old_packet(records[2], (), order)
    (facts,) = Walk(PcapngWalker, data).walker.interfaces
    assert facts.dropped_noted == 10


def test_options_that_do_not_fit_end_the_options_only() -> None:
    records = some_records(3)
    cut = b"\x01\x00\xff\x00abcd"
    data = section() + interface()
    for record in records:
        whole = packet(record)
        data += block(6, whole[8:-4] + cut)
    walk = Walk(PcapngWalker, data)
    assert walk.calls.plain == plain(records)
    assert (walk.problems, walk.walker.packet_comments) == ([], [])


def test_comments_are_bounded_in_number_and_length() -> None:
    data = section() + interface()
    one = packet(Record(NOW, b"x"), [(1, b"x" * 60_000)])
    walk = Walk(PcapngWalker, data + one)
    assert len(walk.walker.packet_comments[0].text) == 4096
    few = packet(Record(NOW, b"x"), [(1, b"x")] * 1000)
    assert len(Walk(PcapngWalker, data + few * 6).walker.packet_comments) == pcapng_sections.COMMENTS_MAX


def test_interfaces_are_bounded_in_number() -> None:
    data = section() + interface() * (pcapng_sections.INTERFACES_MAX + 2)
    walk = Walk(PcapngWalker, data)
    assert len(walk.interfaces.facts) == pcapng_sections.INTERFACES_MAX
    assert len(walk.problems) == 2


def test_an_interface_description_without_content_gives_no_link_type() -> None:
    walk = Walk(PcapngWalker, section() + block(1, b"") + packet(Record(NOW, b"x")))
    assert [call.linktype for call in walk.calls.calls] == [-1]
    assert "link type of its frames is unknown" in walk.problems[0]


def test_a_short_or_unknown_section_header_is_reported_and_read_on() -> None:
    records = some_records(2)
    rest = interface() + b"".join(packet(record) for record in records)
    short = block(0x0A0D0D0A, section()[8:12])
    for header, said in ((short, "a section header is too short"), (section(version=(7, 0)), "version 7.0 is unknown")):
        walk = Walk(PcapngWalker, header + rest)
        assert walk.calls.plain == plain(records)
        assert said in walk.problems[0]
