"""The two sides of reading."""

from __future__ import annotations

import pytest

from iscsi_analyzer.sources.facts import InterfaceFacts
from iscsi_analyzer.sources.problems import ProblemLog
from iscsi_analyzer.sources.sink import NO_LIMIT, POSITION_BITS, FirstFrames, FrameSink, Interfaces, Walker


def test_a_plain_sink_takes_frames_and_does_nothing() -> None:
    FrameSink().frame(b"abc", 0, 3, 3, 0, 1, 0, 0)


def test_a_walker_must_know_a_format() -> None:
    with pytest.raises(NotImplementedError):
        Walker("x", ProblemLog(), Interfaces()).walk(b"", 0, 0, NO_LIMIT, FrameSink())


def test_interfaces_are_numbered_as_they_come() -> None:
    interfaces = Interfaces()
    found = [InterfaceFacts(), InterfaceFacts(), InterfaceFacts()]
    assert [interfaces.add(facts) for facts in found] == [0, 1, 2]
    assert [facts.number for facts in interfaces.facts] == [0, 1, 2]


def test_a_report_names_the_offset_in_the_file_whatever_its_index() -> None:
    log = ProblemLog()
    walker = Walker("x", log, Interfaces())
    walker.report((3 << POSITION_BITS) + 77, "is odd")
    walker.need = 16
    walker.cut_short(5, (3 << POSITION_BITS) + 90)
    assert [str(problem) for problem in log.problems] == [
        "x: offset 77: is odd",
        "x: offset 90: the last record is cut short (needs 16 bytes, 5 are there): what precedes it was read",
    ]


def test_the_first_frames_come_with_the_blocks_between_them() -> None:
    heard: list[int] = []

    class Blocks(FrameSink):
        def block(self, buf: bytes, start: int, length: int, big_endian: bool, position: int, interface: int) -> None:
            heard.append(interface)

    FrameSink().block(b"block", 0, 5, False, 0, -1)
    FirstFrames(Blocks(), 1).block(b"block", 0, 5, False, 0, 7)
    assert heard == [7]
