"""The two sides of reading: `FrameSink` takes frames, a `Walker` finds them in the bytes of a capture file.

HOT: compiled by mypyc where a compiler is at hand. Knows no file format; reads no files.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64, mypyc_attr

from iscsi_analyzer.sources.facts import InterfaceFacts, PacketComment
from iscsi_analyzer.sources.problems import ERROR, ProblemLog, SourceProblem

MORE: Final = 0
"`Walker.stop`: the bytes are used up; `need` says how many the next record wants."
LIMIT: Final = 1
"`Walker.stop`: the next record is later than the limit; `next_ts` is its time."
FULL: Final = 2
"`Walker.stop`: the sink wants no more."

NO_LIMIT: Final = 0x7FFFFFFFFFFFFFFF
"A `limit` that no time stamp exceeds."
BEFORE_ALL: Final = -0x7FFFFFFFFFFFFFFF
"A `limit` that every time stamp exceeds: the walk stops at the first record."

POSITION_BITS: Final = 48
"A position is `(file index << POSITION_BITS) | offset in the decompressed file`."
POSITION_MASK: Final = 0xFFFFFFFFFFFF

RECORD_MAX: Final = 1 << 24
"No record or block is believed to be longer (bytes): no network frame is, and a hostile length must not make us wait."


@mypyc_attr(allow_interpreted_subclasses=True)
class FrameSink:
    """Takes captured frames in the order of the capture. The engine is one; tests derive their own."""

    full: bool = False
    "Set by the sink when it wants no more frames: nothing is read behind the one that it got last."

    def frame(
        self, buf: bytes, start: i64, captured: i64, wire: i64, ts: i64, linktype: i64, position: i64, interface: i64
    ) -> None:
        """One frame: `buf[start:start + captured]` are its captured bytes.

        `wire` is its length on the wire (bytes, never less than `captured`), `ts` integer nanoseconds since 1970 UTC,
        `linktype` the LINKTYPE number, `position` the place of the first captured byte (file index and offset), and
        `interface` the running number of the interface over all files. `buf` may be used for ever, it never changes.
        All of the record around the bytes is in it, too: header, padding and options.
        """

    def block(self, buf: bytes, start: i64, length: i64, big_endian: bool, position: i64, interface: i64) -> None:
        """One whole pcapng block that holds no frame, where it stands between the frames: `buf[start:start + length]`.

        `position` is the place of its first byte, and `interface` the running number of the interface that it
        describes, -1 if it is no description of one.
        """


class FirstFrames(FrameSink):
    """Lets the first frames pass and nothing more."""

    def __init__(self, sink: FrameSink, count: int) -> None:
        self._sink: FrameSink = sink
        self._left: i64 = count
        self.full = count <= 0

    def frame(
        self, buf: bytes, start: i64, captured: i64, wire: i64, ts: i64, linktype: i64, position: i64, interface: i64
    ) -> None:
        """See `FrameSink.frame`."""
        self._left -= 1
        if self._left >= 0:
            self._sink.frame(buf, start, captured, wire, ts, linktype, position, interface)
        if self._left <= 0:
            self.full = True

    def block(self, buf: bytes, start: i64, length: i64, big_endian: bool, position: i64, interface: i64) -> None:
        """See `FrameSink.block`."""
        self._sink.block(buf, start, length, big_endian, position, interface)


class Interfaces:
    """The interfaces of all files of a capture: the running numbers that frames carry are indexes into `facts`."""

    def __init__(self) -> None:
        self.facts: list[InterfaceFacts] = []

    def add(self, facts: InterfaceFacts) -> i64:
        """Give the interface its running number."""
        number: i64 = len(self.facts)
        facts.number = number
        self.facts.append(facts)
        return number


@mypyc_attr(allow_interpreted_subclasses=True)
class Walker:
    """Finds the records of one capture file in chunks of its bytes and hands every frame to a sink.

    What it learns on the way (counts, times, interfaces, comments) stays in its attributes; problems go to the log.
    """

    def __init__(self, path: str, log: ProblemLog, interfaces: Interfaces) -> None:
        self.path: str = path
        self.log: ProblemLog = log
        self.all_interfaces: Interfaces = interfaces
        # The state of the walk, for whoever feeds it.
        self.stop: i64 = MORE
        self.need: i64 = 0
        self.next_ts: i64 = 0
        self.final: bool = False
        # What was seen so far.
        self.frames: i64 = 0
        self.captured: i64 = 0
        self.first_ts: i64 = NO_LIMIT
        self.last_ts: i64 = BEFORE_ALL
        self.variant: str = ""
        self.big_endian: bool = False
        self.interfaces: list[InterfaceFacts] = []
        self.comments: list[str] = []
        self.packet_comments: list[PacketComment] = []
        self.hardware: str = ""
        self.os: str = ""
        self.application: str = ""

    def walk(self, buf: bytes, start: i64, base: i64, limit: i64, sink: FrameSink) -> i64:
        """Hand every complete record of `buf[start:]` whose time is not after `limit` to the sink.

        `base` is the position of `buf[0]`. Returns the offset of the first byte that was not used and sets `stop`; if
        that is MORE, the next call must begin at that byte and bring at least `need` bytes. With `final` set no
        more bytes can ever follow: what would have waited for more is decided with what is there.
        """
        raise NotImplementedError

    def cut_short(self, left: i64, position: i64) -> None:
        """The input ended `left` bytes (1 or more) after the start of a record at `position`: report it."""
        wanted = f"needs {self.need} bytes, {left} are there"
        self.report(position, f"the last record is cut short ({wanted}): what precedes it was read")

    def report(self, position: i64, message: str, remedy: str = "", severity: str = ERROR) -> None:
        """Log a problem of this file at a position (the file index in it is ignored)."""
        self.log.add(SourceProblem(self.path, position & POSITION_MASK, message, remedy, severity))
