"""Walks the records of pcap files: both byte orders, micro- and nanoseconds, and Kuznetzov's longer record header.

HOT: compiled by mypyc where a compiler is at hand. `walk` is the loop that every frame passes; the rest deals with
damage: a record header that cannot be one is reported, and the walk goes on at the next plausible chain of headers.
"""

from __future__ import annotations

import re
from struct import Struct
from typing import Final

from librt.strings import read_i64_be, read_i64_le
from mypy_extensions import i64

from iscsi_analyzer.interpreted import INTERPRETED
from iscsi_analyzer.sources.facts import InterfaceFacts
from iscsi_analyzer.sources.problems import NOTE, ProblemLog
from iscsi_analyzer.sources.recovery import NO, UNDECIDED, YES, RecoveringWalker
from iscsi_analyzer.sources.sink import FULL, LIMIT, MORE, RECORD_MAX, FrameSink, Interfaces

MICROSECONDS: Final = 0xA1B2C3D4
NANOSECONDS: Final = 0xA1B23C4D
MODIFIED: Final = 0xA1B2CD34
"Kuznetzov's patched libpcap: a record header has 8 bytes more (interface index, protocol, packet type)."

FILE_HEADER: Final = 24
RECORD_HEADER: Final = 16
MODIFIED_RECORD_HEADER: Final = 24

M32: Final = 0xFFFFFFFF
SECOND: Final = 1_000_000_000
USUAL_SNAPLEN: Final = 262_144
"What capture programs use for `everything`. A record may have up to twice of it, or of the file's own limit."
CHAIN: Final = 3
"So many plausible record headers in a row are believed to be records."
YEAR: Final = 31_622_400
"A record whose time is further away from the one before it is believed only if others follow it (seconds)."
YEAR_NS: Final = YEAR * SECOND
FRACTION_MAX: Final = SECOND - 1
"Of a record that is believed, in its unit: a fraction in microseconds may be more than a second."

_BIG: Final = Struct(">IIII")
_LITTLE: Final = Struct("<IIII")


class PcapWalker(RecoveringWalker):
    """The records of one pcap file, from its file header on."""

    def __init__(self, path: str, log: ProblemLog, interfaces: Interfaces) -> None:
        super().__init__(path, log, interfaces, RECORD_HEADER)
        self.started: bool = False
        self.unit: i64 = 1000
        self.bound: i64 = 0
        self.linktype: i64 = 0
        self.interface: i64 = -1
        self.last_second: i64 = -1
        "Records are near this second; -1 if there was none so far."
        self.other_second: i64 = -1
        "Or near this one; -1 if there is no second choice."

    def walk(self, buf: bytes, start: i64, base: i64, limit: i64, sink: FrameSink) -> i64:
        """See `Walker.walk`."""
        size: i64 = len(buf)
        off: i64 = start
        self.stop = MORE
        if not self.started:
            off = self.begin(buf, start, base)
            if off < 0:
                return start
        if self.lost:
            off = self.search(buf, off, base)
            if off < 0:
                return ~off
        big: bool = self.big_endian
        header: i64 = self.header
        unit: i64 = self.unit
        bound: i64 = self.bound
        linktype: i64 = self.linktype
        interface: i64 = self.interface
        frames: i64 = self.frames
        captured: i64 = self.captured
        first: i64 = self.first_ts
        last: i64 = self.last_ts
        ts: i64 = self.recent_ts
        plain: bool = INTERPRETED
        fields: Struct = _BIG if big else _LITTLE
        second: i64 = 0
        fraction: i64 = 0
        cap: i64 = 0
        wire: i64 = 0
        recent: i64 = 0
        begin: i64 = 0  # of that second
        # A frame of the recent second was taken, and none of that second can be beyond the limit.
        sure = False
        while True:
            if off + header > size:
                self.need = header
                break
            if plain:
                second, fraction, cap, wire = fields.unpack_from(buf, off)
            elif big:
                w: i64 = read_i64_be(buf, off)
                v: i64 = read_i64_be(buf, off + 8)
                second = (w >> 32) & M32
                fraction = w & M32
                cap = (v >> 32) & M32
                wire = v & M32
            else:
                w = read_i64_le(buf, off)
                v = read_i64_le(buf, off + 8)
                second = w & M32
                fraction = (w >> 32) & M32
                cap = v & M32
                wire = (v >> 32) & M32
            if cap > bound or fraction >= SECOND or (cap == 0 and wire == 0):
                self.recent_ts = ts
                off = self.lose(buf, off, base, self.reason(cap, fraction))
                if off >= 0:
                    continue
                off = ~off
                break
            if second != recent:
                recent = second
                begin = second * SECOND
                sure = False
            ns = begin + fraction * unit
            if not sure:
                if frames and not -YEAR_NS <= ns - ts <= YEAR_NS:
                    self.recent_ts = ts
                    verdict: i64 = self.believe(buf, off, cap, ns)
                    if verdict == UNDECIDED:
                        break
                    if verdict == NO:
                        off = self.lose(buf, off, base, "the record's time is years away and no record follows it")
                        if off >= 0:
                            continue
                        off = ~off
                        break
                if ns > limit:
                    self.stop = LIMIT
                    self.need = 0
                    self.next_ts = ns
                    break
            at: i64 = off + header
            end: i64 = at + cap
            if end > size:
                self.need = header + cap
                self.recent_ts = ts
                end = self.torn(buf, off, base)
                if end < 0:
                    break
                off = end
                continue
            ts = ns
            if wire < cap:
                wire = cap
            if ts > last:
                last = ts
            if not sure or ts < first:
                sure = begin + FRACTION_MAX * unit <= limit
                if ts < first:
                    first = ts
            frames += 1
            captured += cap
            sink.frame(buf, at, cap, wire, ts, linktype, base + at, interface)
            off = end
            if sink.full:
                self.stop = FULL
                break
        self.frames = frames
        self.captured = captured
        self.first_ts = first
        self.last_ts = last
        self.recent_ts = ts
        return off

    def begin(self, buf: bytes, start: i64, base: i64) -> i64:
        """Read the file header, whose magic number is one of ours. Offset of the first record, or -1 for `more`."""
        size: i64 = len(buf)
        if size - start < FILE_HEADER:
            self.need = FILE_HEADER
            return -1
        w: i64 = read_i64_le(buf, start)
        magic: i64 = w & M32
        self.big_endian = magic != MICROSECONDS and magic != NANOSECONDS and magic != MODIFIED
        if self.big_endian:
            w = read_i64_be(buf, start)
            magic = (w >> 32) & M32
            major: i64 = (w >> 16) & 0xFFFF
            minor: i64 = w & 0xFFFF
            w = read_i64_be(buf, start + 16)
            snaplen: i64 = (w >> 32) & M32
            network: i64 = w & M32
        else:
            major = (w >> 32) & 0xFFFF
            minor = (w >> 48) & 0xFFFF
            w = read_i64_le(buf, start + 16)
            snaplen = w & M32
            network = (w >> 32) & M32
        self.variant = f"{major}.{minor}"
        if magic == MODIFIED:
            self.header = MODIFIED_RECORD_HEADER
            self.variant += ", modified record header (Kuznetzov)"
        if magic == NANOSECONDS:
            self.unit = 1
        if major != 2:
            self.report(
                base + start + 4, f"file format version {major}.{minor} is unknown: read as version 2.4", "", NOTE
            )
        # The upper bits say whether frames carry a frame check sequence, and how long it is.
        self.linktype = network & 0xFFFF
        bound: i64 = USUAL_SNAPLEN
        if snaplen > bound:
            bound = snaplen
        bound *= 2
        if bound > RECORD_MAX:
            bound = RECORD_MAX
        self.bound = bound
        facts = InterfaceFacts(linktype=self.linktype, snaplen=snaplen, resolution="ns" if self.unit == 1 else "us")
        self.interfaces.append(facts)
        self.interface = self.all_interfaces.add(facts)
        self.started = True
        return start + FILE_HEADER

    def cut_short(self, left: i64, position: i64) -> None:
        """See `Walker.cut_short`."""
        if self.started:
            super().cut_short(left, position)
        else:
            self.report(position, f"the file header is cut short (needs {FILE_HEADER} bytes, {left} are there)")

    def reason(self, cap: i64, fraction: i64) -> str:
        """What makes a record header impossible."""
        if cap > self.bound:
            return f"the record's captured length of {cap} bytes is impossible"
        if fraction >= SECOND:
            return f"the record's time is impossible (fraction of a second {fraction})"
        return "the record is empty"

    def candidate_pattern(self) -> re.Pattern[bytes]:
        """Seconds near the last known ones, lengths below 16 MB."""
        high = b"."
        self.lead = 0 if self.big_endian else 3
        self.last_second = self.recent_ts // SECOND
        if self.last_second >= 0:
            top = self.last_second >> 24
            high = b"[" + b"".join(b"\\x%02x" % ((top + step) & 0xFF) for step in (-2, -1, 0, 1, 2)) + b"]"
        if self.big_endian:
            return re.compile(b"(?s)" + high + b".{7}\\0.{3}\\0.{3}")
        return re.compile(b"(?s)" + high + b".{7}\\0.{3}\\0")

    def judge(self, buf: bytes, off: i64) -> i64:
        """See `RecoveringWalker.judge`: a record is believed if it begins a chain of plausible ones."""
        return self.chain(buf, off, off, CHAIN)

    def believe(self, buf: bytes, off: i64, cap: i64, ns: i64) -> i64:
        """Is it a record in spite of its strange time? Yes if others follow, near the old time or near the new one."""
        self.last_second = self.recent_ts // SECOND
        self.other_second = ns // SECOND
        verdict: i64 = self.chain(buf, off, off + self.header + cap, CHAIN - 1)
        self.other_second = -1
        return verdict

    def chain(self, buf: bytes, origin: i64, start: i64, wanted: i64) -> i64:
        """Do so many plausible records follow each other from `start` on? UNDECIDED sets `need` (from `origin` on)."""
        size: i64 = len(buf)
        off: i64 = start
        found: i64 = 0
        while found < wanted:
            if off + self.header > size:
                if self.final:
                    # The file may end with a whole record, or within one.
                    return YES if (off == size and off > origin) or (found and found == wanted - 1) else NO
                return self.undecided(off + self.header - origin)
            cap: i64 = self.plausible(buf, off)
            if cap < 0:
                return NO
            off += self.header + cap
            found += 1
        return YES

    def plausible(self, buf: bytes, off: i64) -> i64:
        """The captured length if the bytes at `off` look like a record header, else -1. Stricter than the walk."""
        if self.big_endian:
            w: i64 = read_i64_be(buf, off)
            v: i64 = read_i64_be(buf, off + 8)
            second: i64 = (w >> 32) & M32
            fraction: i64 = w & M32
            cap: i64 = (v >> 32) & M32
            wire: i64 = v & M32
        else:
            w = read_i64_le(buf, off)
            v = read_i64_le(buf, off + 8)
            second = w & M32
            fraction = (w >> 32) & M32
            cap = v & M32
            wire = (v >> 32) & M32
        if cap == 0 or cap > USUAL_SNAPLEN or wire < cap or wire > RECORD_MAX or fraction * self.unit >= SECOND:
            return -1
        if self.last_second < 0:
            return cap if second else -1
        if -YEAR < second - self.last_second < YEAR:
            return cap
        return cap if self.other_second >= 0 and -YEAR < second - self.other_second < YEAR else -1
