"""Writes a capture once more, as one pcapng file: every block and option as it was, but for what an editor changes.

Gets the records from the readers of captures, so damaged, compressed, and several files are as good as any. One file
keeps its sections and byte order; several become one section, with their frames in the order of time.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from iscsi_analyzer.export import pcapng_order as order
from iscsi_analyzer.sources.facts import FileFacts, InterfaceFacts
from iscsi_analyzer.sources.pcapng_blocks import COMMENT, byte_order, options, parse_interface
from iscsi_analyzer.sources.problems import ERROR, SourceError, SourceProblem
from iscsi_analyzer.sources.sink import POSITION_BITS, FrameSink

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis

UNCHANGED: Final = b""
"What an editor says of a frame that stays as it is."
Options = list[tuple[int, bytes]]

_SECOND: Final = 1_000_000_000
_M32: Final = 0xFFFFFFFF


class Editor:
    """Decides what becomes of the frames and blocks of a capture. This one leaves everything as it is."""

    lost_blocks: int = 0
    "Blocks that are left out because nobody knows how to turn their byte order."

    def frame(
        self, number: int, buf: bytes, start: int, captured: int, wire: int, linktype: int, position: int
    ) -> bytes | None:
        """The captured bytes that take the place of `buf[start:start + captured]`, of frame `number` (from 1), as far
        as they are left; UNCHANGED, or None to leave the frame out."""
        return UNCHANGED

    def comments(self, number: int) -> Sequence[str]:
        """What is to be said of the frame, in addition to what was said before."""
        return ()

    def options(self, kind: int, found: Options) -> Options:
        """What is left of the options of a block of a kind. (Codes are those of the draft.)"""
        return found

    def keeps_block(self, kind: int) -> bool:
        """Whether to keep a block that is neither section header, interface, nor packet."""
        return True


class _Interface(NamedTuple):
    """An interface of the section that is being written."""

    place: int
    "Its number in the section."
    tsresol: int
    offset_seconds: int


class PcapngCopy(FrameSink):
    """Takes the frames and blocks of a capture and writes them."""

    def __init__(
        self,
        write: Callable[[bytes], object],
        files: Sequence[FileFacts],
        interfaces: Sequence[InterfaceFacts],
        editor: Editor,
        *,
        comment: str = "",
        last: int | None = None,
    ) -> None:
        """`files` are known from a first pass; `interfaces` are those of the capture that is read, as they come.
        `comment` is said of the file as a whole. Frames behind number `last` are not wanted."""
        self.frames = 0
        "Frames that were read."
        self.written = 0
        "Frames that were written."
        self._write = write
        self._files = files
        self._interfaces = interfaces
        self._editor = editor
        self._comment = comment
        self._last = last
        self._merged = len(files) > 1
        self._begun = False
        self._big = False
        self._plain = struct.Struct("<7I")
        "Type, length, and the five words of a packet block."
        self._orders: dict[int, bool] = {}
        "File -> whether its section is big-endian; pcap files are not in it."
        self._locals: dict[int, list[int]] = {}
        "File -> the running numbers of the interfaces of its section."
        self._known: dict[int, _Interface] = {}
        "Running number of an interface -> what it is in the section that is being written."

    # --- blocks without frames ---

    def block(self, buf: bytes, start: int, length: int, big_endian: bool, position: int, interface: int) -> None:
        """See `FrameSink.block`."""
        file = position >> POSITION_BITS
        self._orders[file] = big_endian
        kind = int.from_bytes(buf[start : start + 4], byte_order(big_endian))
        body = buf[start + 8 : start + length - 4]
        if kind == order.SECTION:
            self._locals[file] = []
            if not self._merged:
                self._section(big_endian, options(body[16:], big_endian))
            return
        self._begin(big_endian)
        if kind == order.INTERFACE:
            if interface >= 0:
                self._describe(file, interface, body, big_endian)
        elif kind == order.STATISTICS:
            self._statistics(file, body, big_endian)
        elif self._editor.keeps_block(kind):
            self._put(kind, body, big_endian)

    def finish(self) -> None:
        """All was read: even a capture without frames becomes a file."""
        self._begin(False)

    def _begin(self, big_endian: bool) -> None:
        """The section header, if there is none yet: that of several files, or of one in the older format."""
        if self._begun:
            return
        said: Options = [(COMMENT, text.encode()) for facts in self._files for text in facts.comments]
        for code, name in ((2, "hardware"), (3, "os"), (4, "application")):
            words = dict.fromkeys(getattr(facts, name) for facts in self._files)
            if joined := ", ".join(word for word in words if word):
                said.append((code, joined.encode()))
        self._section(big_endian, said)

    def _section(self, big_endian: bool, found: Options) -> None:
        """A section begins, with nothing known; how long it is going to be is not said."""
        said = self._editor.options(order.SECTION, found)
        if self._comment and not self._begun:
            said = [*said, (COMMENT, self._comment.encode())]
        self._begun = True
        self._big = big_endian
        self._known = {}
        self._plain = struct.Struct(order.prefix(big_endian) + "7I")
        head = struct.pack(order.prefix(big_endian) + "IHHq", 0x1A2B3C4D, 1, 0, -1)
        self._write(order.block(order.SECTION, head + order.joined(said, big_endian), big_endian))

    def _describe(self, file: int, number: int, body: bytes, big_endian: bool) -> None:
        """An interface as its file describes it."""
        facts, tsresol = parse_interface(body, big_endian)
        self._locals.setdefault(file, []).append(number)
        self._known[number] = _Interface(len(self._known), tsresol, facts.offset_seconds)
        body = body.ljust(8, b"\0")
        kept = self._editor.options(order.INTERFACE, options(body[8:], big_endian))
        self._put(order.INTERFACE, body[:8] + order.joined(kept, big_endian), big_endian)

    def _statistics(self, file: int, body: bytes, big_endian: bool) -> None:
        """Counters of an interface, under the number that it has now."""
        local = int.from_bytes(body[:4], byte_order(big_endian))
        numbers = self._locals.get(file, [])
        if len(body) < 12 or local >= len(numbers):
            return
        index = self._known[numbers[local]].place
        kept = self._editor.options(order.STATISTICS, options(body[12:], big_endian))
        head = index.to_bytes(4, byte_order(big_endian)) + body[4:12]
        self._put(order.STATISTICS, head + order.joined(kept, big_endian), big_endian)

    def _put(self, kind: int, body: bytes, big_endian: bool) -> None:
        """A block in the byte order of the section."""
        if big_endian != self._big:
            turned = order.turned_body(kind, body, big_endian)
            if turned is None:
                self._editor.lost_blocks += 1
                return
            body = turned
        self._write(order.block(kind, body, self._big))

    # --- frames ---

    def frame(
        self, buf: bytes, start: int, captured: int, wire: int, ts: int, linktype: int, position: int, interface: int
    ) -> None:
        """See `FrameSink.frame`."""
        if self.frames == self._last:
            self.full = True
            return
        self.frames += 1
        data = self._editor.frame(self.frames, buf, start, captured, wire, linktype, position)
        if data is None:
            return
        self.written += 1
        comments = [text.encode() for text in self._editor.comments(self.frames)]
        big_endian = self._orders.get(position >> POSITION_BITS)
        self._begin(bool(big_endian))
        known = self._known.get(interface) or self._make_up(interface)
        if not data:
            data = buf[start : start + captured]
        if big_endian is None:
            self._packet(known, self._units(known, ts), data, wire, [], comments)
            return
        kind, begin, end = _block_around(buf, start, captured, big_endian)
        if kind == order.SIMPLE_PACKET:
            if not comments and not known.place and len(data) == captured:
                body = wire.to_bytes(4, byte_order(self._big)) + data
                self._write(order.block(kind, body, self._big))
                return
            self._packet(known, self._units(known, ts), data, wire, [], comments)
            return
        found = options(buf[start + (captured + 3 & ~3) : end - 4], big_endian)
        head = struct.Struct(order.prefix(big_endian) + "II")
        high, low = head.unpack_from(buf, begin + 12)
        found = self._editor.options(kind, found)
        if big_endian != self._big:
            found = order.turned_options(kind, found)
        drops = struct.unpack_from(order.prefix(big_endian) + "HH", buf, begin + 8)[1]
        self._packet(known, high << 32 | low, data, wire, found, comments, drops if kind == order.OLD_PACKET else -1)

    def _packet(
        self,
        known: _Interface,
        units: int,
        data: bytes,
        wire: int,
        found: Options,
        comments: Sequence[bytes],
        drops: int = -1,
    ) -> None:
        """A packet block: an enhanced one, or one of those that it replaced, which count `drops`."""
        sign = order.prefix(self._big)
        old = drops >= 0 and known.place <= 0xFFFF
        if not found and not comments and not old:
            length = 32 + len(data) + (-len(data) & 3)
            plain = self._plain
            head = plain.pack(order.PACKET, length, known.place, units >> 32 & _M32, units & _M32, len(data), wire)
            self._write(b"".join((head, data, bytes(-len(data) & 3), length.to_bytes(4, byte_order(self._big)))))
            return
        first = struct.pack(sign + "HH", known.place, drops) if old else struct.pack(sign + "I", known.place)
        fixed = struct.pack(sign + "IIII", units >> 32 & _M32, units & _M32, len(data), wire)
        said = order.joined([*found, *((COMMENT, text) for text in comments)], self._big)
        body = b"".join((first, fixed, data, bytes(-len(data) % 4), said))
        self._write(order.block(order.OLD_PACKET if old else order.PACKET, body, self._big))

    def _make_up(self, number: int) -> _Interface:
        """The interface of a pcap file, which has no words for it."""
        facts = self._interfaces[number]
        tsresol = 9 if facts.resolution == "ns" else 6
        known = self._known[number] = _Interface(len(self._known), tsresol, 0)
        head = struct.pack(order.prefix(self._big) + "HHI", facts.linktype & 0xFFFF, 0, facts.snaplen & _M32)
        body = head + order.joined([(9, bytes([tsresol]))], self._big)
        self._write(order.block(order.INTERFACE, body, self._big))
        return known

    @staticmethod
    def _units(known: _Interface, ts: int) -> int:
        """Nanoseconds since 1970 as the interface counts time."""
        ns = max(0, ts - known.offset_seconds * _SECOND)
        exponent = known.tsresol & 0x7F
        if known.tsresol & 0x80:
            return (ns << exponent) // _SECOND
        power: int = 10 ** abs(9 - exponent)
        return ns // power if exponent <= 9 else ns * power


def _block_around(buf: bytes, start: int, captured: int, big_endian: bool) -> tuple[int, int, int]:
    """The block that holds the frame at `start`: its type, its offset, and the offset of its end."""
    for kind, ahead in ((order.PACKET, 28), (order.OLD_PACKET, 28), (order.SIMPLE_PACKET, 12)):
        begin = start - ahead
        if begin < 0:
            continue
        found, total = struct.unpack_from(order.prefix(big_endian) + "II", buf, begin)
        end = begin + total
        if found == kind and total >= ahead + captured + 4 and end <= len(buf):
            trailer = buf[end - 4 : end]
            sized = ahead == 12 or buf[start - 8 : start - 4] == captured.to_bytes(4, byte_order(big_endian))
            if sized and trailer == buf[begin + 4 : begin + 8]:
                return kind, begin, end
    raise ValueError(f"no packet block around offset {start}")


def rewritten(analysis: Analysis, editor: Editor, comment: str = "") -> Iterator[bytes]:
    """The captures of a finished analysis as one pcapng file, as far as it has read them, about a megabyte at a time.
    They are read a second time for that, and nothing is kept. Raises SourceError if they cannot be read any more."""
    parts: list[bytes] = []
    with analysis.capture.again() as capture:
        files, last = analysis.capture.files, int(analysis.engine.frames)
        copy = PcapngCopy(parts.append, files, capture.interfaces, editor, comment=comment, last=last)
        while capture.step(copy):
            yield b"".join(parts)
            parts.clear()
        copy.finish()
        if copy.frames < last:
            said = f"has changed since it was read: {copy.frames} frames are left of {last}"
            raise SourceError(SourceProblem(files[0].path, -1, said, "leave it alone until this is done", ERROR))
        yield b"".join(parts)
