"""Walks the blocks of pcapng files: sections of either byte order, interfaces with any clock, all three packet blocks.

HOT: compiled by mypyc where a compiler is at hand. `walk` handles Enhanced Packet Blocks, nearly all of a file,
itself; every other block goes to `other`. Damage is reported, and the walk goes on where a block can be recognised.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import Final

from librt.strings import read_i64_be, read_i64_le
from mypy_extensions import i64

from iscsi_analyzer.interpreted import INTERPRETED
from iscsi_analyzer.sources.pcapng_sections import M32, SMALLEST_BLOCK, Interface, PcapngSections
from iscsi_analyzer.sources.problems import NOTE, ProblemLog
from iscsi_analyzer.sources.recovery import NO, YES
from iscsi_analyzer.sources.sink import FULL, LIMIT, MORE, RECORD_MAX, FrameSink, Interfaces

SECTION_HEADER: Final = 0x0A0D0D0A
INTERFACE_DESCRIPTION: Final = 1
OLD_PACKET: Final = 2
SIMPLE_PACKET: Final = 3
INTERFACE_STATISTICS: Final = 5
ENHANCED_PACKET: Final = 6

BYTE_ORDER_MAGIC: Final = 0x1A2B3C4D
PACKET_BLOCK_MIN: Final = 32
"Type, length, five words, and the length again."
PACKET_DATA: Final = 28

# The start of every block, the five words of an Enhanced Packet Block, and the length at the end of a block.
_BIG: Final = (Struct(">II"), Struct(">5I"), Struct(">I"))
_LITTLE: Final = (Struct("<II"), Struct("<5I"), Struct("<I"))

SEARCHED_BLOCK_MAX: Final = 1 << 20
"After damage, a longer block is not believed to be one (bytes)."


class PcapngWalker(PcapngSections):
    """The blocks of one pcapng file, from its first section header on."""

    def __init__(self, path: str, log: ProblemLog, interfaces: Interfaces) -> None:
        super().__init__(path, log, interfaces)
        self.timeless: bool = False

    def walk(self, buf: bytes, start: i64, base: i64, limit: i64, sink: FrameSink) -> i64:
        """See `Walker.walk`."""
        size: i64 = len(buf)
        off: i64 = start
        self.stop = MORE
        if self.lost:
            off = self.search(buf, off, base)
            if off < 0:
                return ~off
        big: bool = self.big_endian
        section: list[Interface] = self.section
        known: i64 = len(section)
        current: i64 = -1
        linktype: i64 = 0
        multiplier: i64 = 0
        addend: i64 = 0
        high_limit: i64 = 0
        number: i64 = 0
        frames: i64 = self.frames
        captured: i64 = self.captured
        first: i64 = self.first_ts
        last: i64 = self.last_ts
        ts: i64 = self.recent_ts
        plain: bool = INTERPRETED
        heads: Struct
        fields: Struct
        trailers: Struct
        heads, fields, trailers = _BIG if big else _LITTLE
        kind: i64 = 0
        total: i64 = 0
        interface: i64 = 0
        high: i64 = 0
        low: i64 = 0
        cap: i64 = 0
        wire: i64 = 0
        trailer: i64 = 0
        while True:
            if off + SMALLEST_BLOCK > size:
                self.need = SMALLEST_BLOCK
                break
            if plain:
                kind, total = heads.unpack_from(buf, off)
            elif big:
                w: i64 = read_i64_be(buf, off)
                kind = (w >> 32) & M32
                total = w & M32
            else:
                w = read_i64_le(buf, off)
                kind = w & M32
                total = (w >> 32) & M32
            if kind == ENHANCED_PACKET and PACKET_BLOCK_MIN <= total <= RECORD_MAX:
                end: i64 = off + total
                if end > size:
                    self.need = total
                    end = self.torn(buf, off, base)
                    if end < 0:
                        break
                    off = end
                    continue
                if plain:
                    interface, high, low, cap, wire = fields.unpack_from(buf, off + 8)
                    trailer = trailers.unpack_from(buf, end - 4)[0]
                elif big:
                    w = read_i64_be(buf, off + 8)
                    interface = (w >> 32) & M32
                    high = w & M32
                    w = read_i64_be(buf, off + 16)
                    low = (w >> 32) & M32
                    cap = w & M32
                    wire = (read_i64_be(buf, off + 24) >> 32) & M32
                    trailer = read_i64_be(buf, end - 8) & M32
                else:
                    w = read_i64_le(buf, off + 8)
                    interface = w & M32
                    high = (w >> 32) & M32
                    w = read_i64_le(buf, off + 16)
                    low = w & M32
                    cap = (w >> 32) & M32
                    wire = read_i64_le(buf, off + 24) & M32
                    trailer = (read_i64_le(buf, end - 8) >> 32) & M32
                rest: i64 = total - PACKET_BLOCK_MIN - cap
                if interface < known and rest >= 0 and trailer == total and total & 3 == 0:
                    if interface != current:
                        current = interface
                        face: Interface = section[interface]
                        linktype = face.linktype
                        multiplier = face.multiplier
                        addend = face.addend
                        high_limit = face.high_limit
                        number = face.number
                    if high < high_limit:
                        ns: i64 = ((high << 32) | low) * multiplier + addend
                    else:
                        ns = section[interface].time(high, low)
                    if ns > limit:
                        self.stop = LIMIT
                        self.need = 0
                        self.next_ts = ns
                        break
                    ts = ns
                    at: i64 = off + PACKET_DATA
                    if wire < cap:
                        wire = cap
                    if ts < first:
                        first = ts
                    if ts > last:
                        last = ts
                    frames += 1
                    captured += cap
                    if rest > 3:
                        self.packet_options(buf, at + ((cap + 3) & ~3), end - 4, section[interface], frames, base + at)
                    sink.frame(buf, at, cap, wire, ts, linktype, base + at, number)
                    off = end
                    if sink.full:
                        self.stop = FULL
                        break
                    continue
            self.frames = frames
            self.captured = captured
            self.first_ts = first
            self.last_ts = last
            self.recent_ts = ts
            off = self.other(buf, off, base, limit, sink)
            if off < 0:
                return ~off
            big = self.big_endian
            heads, fields, trailers = _BIG if big else _LITTLE
            section = self.section
            known = len(section)
            current = -1
            frames = self.frames
            captured = self.captured
            first = self.first_ts
            last = self.last_ts
            ts = self.recent_ts
        self.frames = frames
        self.captured = captured
        self.first_ts = first
        self.last_ts = last
        self.recent_ts = ts
        return off

    def other(self, buf: bytes, off: i64, base: i64, limit: i64, sink: FrameSink) -> i64:
        """Handle whatever stands at `off` (12 bytes are there). Where to go on, or complemented (`~`) where to stop."""
        kind: i64 = self.word(buf, off)
        if kind == SECTION_HEADER:
            magic: i64 = read_i64_le(buf, off + 4) >> 32 & M32
            if magic == BYTE_ORDER_MAGIC:
                self.turn(False)
            elif read_i64_be(buf, off + 4) & M32 == BYTE_ORDER_MAGIC:
                self.turn(True)
            else:
                return self.lose(buf, off, base, f"the section header's byte-order magic is 0x{magic:08x}")
        total: i64 = self.word(buf, off + 4)
        if kind == 0 and total == 0:
            return self.lose(buf, off, base, "there are zero bytes in place of a block")
        if total < SMALLEST_BLOCK or total > RECORD_MAX or total & 3:
            return self.lose(buf, off, base, f"the length of a block of type {kind} is impossible: {total} bytes")
        end: i64 = off + total
        if end > len(buf):
            self.need = total
            end = self.torn(buf, off, base)
            return end if end >= 0 else ~off
        trailer: i64 = self.word(buf, end - 4)
        if trailer != total:
            said = f"the two lengths of a block of type {kind} differ: {total} and {trailer} bytes"
            return self.lose(buf, off, base, said)
        if kind in (SIMPLE_PACKET, OLD_PACKET, ENHANCED_PACKET):
            return self.packet(buf, off, base, kind, total, limit, sink)
        body = buf[off + 8 : end - 4]
        described: i64 = -1
        if kind == SECTION_HEADER:
            self.section_header(body, base + off)
        elif kind == INTERFACE_DESCRIPTION:
            before: i64 = len(self.section)
            self.interface_description(body, base + off)
            if before < len(self.section):
                described = self.section[before].number
        elif kind == INTERFACE_STATISTICS:
            self.interface_statistics(body, base + off)
        sink.block(buf, off, total, self.big_endian, base + off, described)
        return end

    def packet(self, buf: bytes, off: i64, base: i64, kind: i64, total: i64, limit: i64, sink: FrameSink) -> i64:
        """A packet block other than a sound Enhanced Packet Block; the block itself is whole."""
        end: i64 = off + total
        if total < 16 or (kind != SIMPLE_PACKET and total < PACKET_BLOCK_MIN):
            self.report(base + off, f"a packet block of {total} bytes is too short: it was skipped")
            return end
        at: i64 = off + 12 if kind == SIMPLE_PACKET else off + PACKET_DATA
        interface: i64 = 0
        drops: i64 = 0
        if kind == ENHANCED_PACKET:
            interface = self.word(buf, off + 8)
        elif kind == OLD_PACKET:
            w: i64 = self.word(buf, off + 8)
            interface = w >> 16 if self.big_endian else w & 0xFFFF
            drops = w & 0xFFFF if self.big_endian else w >> 16
        if interface >= len(self.section):
            self.report(base + off, f"a frame of interface {interface}, which the file does not describe, was skipped")
            return end
        face: Interface = self.section[interface]
        if kind == SIMPLE_PACKET:
            wire: i64 = self.word(buf, off + 8)
            cap: i64 = min(wire, total - 16)
            if face.snaplen and cap > face.snaplen:
                cap = face.snaplen
            ns: i64 = self.recent_ts if self.frames else 0
        else:
            cap = self.word(buf, off + 20)
            wire = self.word(buf, off + 24)
            ns = face.time(self.word(buf, off + 12), self.word(buf, off + 16))
        if cap > end - 4 - at:
            self.report(base + off, f"a frame's captured length of {cap} bytes exceeds its block: it was skipped")
            return end
        if ns > limit:
            self.stop = LIMIT
            self.need = 0
            self.next_ts = ns
            return ~off
        if kind == SIMPLE_PACKET and not self.timeless:
            self.timeless = True
            said = "frames of Simple Packet Blocks carry no time: they get the time of the frame before them"
            self.report(base + off, said, "", NOTE)
        if 0 < drops < 0xFFFF:
            face.facts.dropped_noted += drops
        self.frames += 1
        self.captured += cap
        self.first_ts = min(self.first_ts, ns)
        self.last_ts = max(self.last_ts, ns)
        self.recent_ts = ns
        if kind == OLD_PACKET:
            self.packet_options(buf, at + ((cap + 3) & ~3), end - 4, face, self.frames, base + at)
        sink.frame(buf, at, cap, max(wire, cap), ns, face.linktype, base + at, face.number)
        if sink.full:
            self.stop = FULL
            return ~end
        return end

    def cut_short(self, left: i64, position: i64) -> None:
        """See `Walker.cut_short`."""
        wanted = f"needs {self.need} bytes, {left} are there"
        self.report(position, f"the last block is cut short ({wanted}): what precedes it was read")

    def candidate_pattern(self) -> re.Pattern[bytes]:
        """The type of a known block, with a length below 16 MB after it. The match begins at the type's low byte."""
        if self.big_endian:
            self.lead = 3
            known = rb"(?<=\0\0\0.)\0|(?<=[\0\x40]\0\x0b\xad)\0|(?<=\n\r\r\n)"
        else:
            self.lead = 0
            known = rb"(?<!\xad)\0\0\0.{3}\0|(?<=\xad)\x0b\0[\0\x40].{3}\0|(?<=\n)\r\r\n"
        return re.compile(rb"(?s)[\x01-\x06\x09\x0a\xad](?:" + known + b")")

    def judge(self, buf: bytes, off: i64) -> i64:
        """See `RecoveringWalker.judge`: a block is believed if its two lengths agree and its interface is known."""
        size: i64 = len(buf)
        if off + SMALLEST_BLOCK > size:
            return self.undecided(SMALLEST_BLOCK)
        big: bool = self.big_endian
        kind: i64 = self.word(buf, off)
        if kind == SECTION_HEADER:
            big = read_i64_be(buf, off + 4) & M32 == BYTE_ORDER_MAGIC
            if not big and read_i64_le(buf, off + 4) >> 32 & M32 != BYTE_ORDER_MAGIC:
                return NO
        total: i64 = read_i64_be(buf, off) & M32 if big else read_i64_le(buf, off) >> 32 & M32
        if total < SMALLEST_BLOCK or total > SEARCHED_BLOCK_MAX or total & 3:
            return NO
        if kind in (ENHANCED_PACKET, OLD_PACKET):
            if total < PACKET_BLOCK_MIN:
                return NO
            if off + PACKET_BLOCK_MIN <= size:
                # A false candidate need not wait for its end.
                if self.word(buf, off + 20) > total - PACKET_BLOCK_MIN:
                    return NO
                if kind == ENHANCED_PACKET and self.word(buf, off + 8) >= len(self.section):
                    return NO
        if off + total > size:
            return self.undecided(total)
        end: i64 = off + total
        trailer: i64 = read_i64_be(buf, end - 8) & M32 if big else read_i64_le(buf, end - 8) >> 32 & M32
        return YES if trailer == total else NO
