"""Blocks that are built are blocks that are read."""

from __future__ import annotations

from pathlib import Path

from iscsi_analyzer.sources.capture import open_capture
from iscsi_analyzer.sources.live import blocks
from tests.iscsi_analyzer.sources.calls import Calls


def test_what_is_built_is_what_the_reader_finds(tmp_path: Path) -> None:
    """Frames of any length and time, two interfaces with names and filters, counters."""
    frames = [(0, 1_795_172_722_123_456_789, b"abc", 3), (1, 1_795_172_723_000_000_001, b"", 60), (0, 5, b"x" * 64, 99)]
    data = blocks.section_header("Linux", "somebody")
    data += blocks.interface_description(1, 0, "eth0", "tcp port 3260")
    data += blocks.interface_description(101, 96, "tun0", "")
    data += b"".join(blocks.packet(*frame) for frame in frames)
    data += blocks.statistics(0, 7, 12, 0) + blocks.statistics(1, 7, 5, 2)
    path = tmp_path / "x.pcapng"
    path.write_bytes(data)
    calls = Calls()
    with open_capture([path]) as capture:
        while capture.step(calls):
            pass
        assert [(call.interface, call.ts, call.data, call.wire) for call in calls.calls] == frames
        assert capture.problems == []
        first, second = capture.interfaces
        assert (first.name, first.filter, first.linktype, first.received, first.dropped_os) == (
            "eth0", "tcp port 3260", 1, 12, 0,
        )  # fmt: skip
        assert (second.name, second.filter, second.snaplen, second.dropped_os) == ("tun0", "", 96, 2)
        assert (capture.files[0].os, capture.files[0].application) == ("Linux", "somebody")
