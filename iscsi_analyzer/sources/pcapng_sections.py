"""The state of a pcapng file between its packet blocks: sections, their byte order, interfaces, options, counters.

HOT: compiled by mypyc where a compiler is at hand, because packet options may stand in every block.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be, read_i64_le
from mypy_extensions import i64

from iscsi_analyzer.sources.facts import InterfaceFacts, PacketComment
from iscsi_analyzer.sources.pcapng_blocks import (
    COMMENT,
    byte_order,
    enter_statistics,
    fast_time,
    options,
    parse_interface,
    text,
    time_ns,
)
from iscsi_analyzer.sources.problems import NOTE, WARNING, ProblemLog
from iscsi_analyzer.sources.recovery import RecoveringWalker
from iscsi_analyzer.sources.sink import Interfaces

SMALLEST_BLOCK: Final = 12
"Type, length, and the length again."
M32: Final = 0xFFFFFFFF
INTERFACES_MAX: Final = 65_536
"Interfaces that are remembered for one file."
COMMENTS_MAX: Final = 5_000
"Comments on packets that are remembered for one file."


class Interface:
    """What the walk needs of an interface of the current section."""

    def __init__(self, facts: InterfaceFacts, tsresol: int) -> None:
        self.facts: InterfaceFacts = facts
        self.number: i64 = facts.number
        self.linktype: i64 = facts.linktype
        self.snaplen: i64 = facts.snaplen
        self.tsresol: int = tsresol
        multiplier, addend, high_limit = fast_time(tsresol, facts.offset_seconds)
        self.multiplier: i64 = multiplier
        self.addend: i64 = addend
        self.high_limit: i64 = high_limit

    def time(self, high: i64, low: i64) -> i64:
        """Nanoseconds of a time stamp, given its two halves."""
        if high < self.high_limit:
            return ((high << 32) | low) * self.multiplier + self.addend
        return time_ns(high, low, self.tsresol, self.facts.offset_seconds)


class PcapngSections(RecoveringWalker):
    """What the blocks of a pcapng file that are no frames have said so far."""

    def __init__(self, path: str, log: ProblemLog, interfaces: Interfaces) -> None:
        super().__init__(path, log, interfaces, SMALLEST_BLOCK)
        self.section: list[Interface] = []
        self.sections: i64 = 0
        self.mixed_order: bool = False

    def packet_options(self, buf: bytes, off: i64, end: i64, face: Interface, frame: i64, position: i64) -> None:
        """Keep the comments of a packet and its count of lost predecessors; `end` is the block's trailing length."""
        while off + 4 <= end:
            w: i64 = self.word(buf, off)
            code: i64 = w >> 16 if self.big_endian else w & 0xFFFF
            length: i64 = w & 0xFFFF if self.big_endian else w >> 16
            off += 4
            if code == 0 or off + length > end:
                return
            if code == COMMENT:
                if len(self.packet_comments) < COMMENTS_MAX:
                    self.packet_comments.append(PacketComment(frame, position, text(buf[off : off + length])))
            elif code == 4 and length == 8:
                value = buf[off : off + 8]
                face.facts.dropped_noted += int.from_bytes(value, byte_order(self.big_endian))
            off += (length + 3) & ~3

    def section_header(self, body: bytes, position: i64) -> None:
        """A new section: interfaces are counted anew."""
        self.section = []
        self.sections += 1
        if len(body) < 16:
            self.report(position, "a section header is too short", "", WARNING)
            return
        version: i64 = self.word(body, 4)
        major: i64 = version >> 16 if self.big_endian else version & 0xFFFF
        minor: i64 = version & 0xFFFF if self.big_endian else version >> 16
        if major != 1:
            self.report(position, f"section version {major}.{minor} is unknown: read as version 1.0", "", NOTE)
        self.variant = f"{major}.{minor}"
        if self.sections > 1:
            self.variant += f", {self.sections} sections"
        for code, value in options(body[16:], self.big_endian):
            if code == COMMENT and len(self.comments) < COMMENTS_MAX:
                self.comments.append(text(value))
            elif code == 2 and not self.hardware:
                self.hardware = text(value)
            elif code == 3 and not self.os:
                self.os = text(value)
            elif code == 4 and not self.application:
                self.application = text(value)

    def interface_description(self, body: bytes, position: i64) -> None:
        """One more interface of the section."""
        if len(self.interfaces) >= INTERFACES_MAX:
            self.report(position, f"interfaces beyond the first {INTERFACES_MAX} are ignored")
            return
        facts, tsresol = parse_interface(body, self.big_endian)
        if len(body) < 8:
            self.report(position, "an interface description is too short: the link type of its frames is unknown")
        self.interfaces.append(facts)
        self.all_interfaces.add(facts)
        self.section.append(Interface(facts, tsresol))

    def interface_statistics(self, body: bytes, position: i64) -> None:
        """Counters of one interface."""
        index: i64 = self.word(body, 0) if len(body) >= 8 else -1
        if index < 0 or index >= len(self.section):
            said = f"statistics of interface {index}, which the file does not describe, were skipped"
            self.report(position, said, "", WARNING)
            return
        face: Interface = self.section[index]
        enter_statistics(face.facts, face.tsresol, body, self.big_endian)

    def turn(self, big_endian: bool) -> None:
        """A section's byte order."""
        if self.sections and big_endian != self.big_endian:
            self.mixed_order = True
        self.big_endian = big_endian

    def word(self, buf: bytes, off: i64) -> i64:
        """The 32 bits at `off`, after which or before which 4 more bytes must exist."""
        if off >= 4:
            return read_i64_be(buf, off - 4) & M32 if self.big_endian else read_i64_le(buf, off - 4) >> 32 & M32
        return read_i64_be(buf, off) >> 32 & M32 if self.big_endian else read_i64_le(buf, off) & M32
