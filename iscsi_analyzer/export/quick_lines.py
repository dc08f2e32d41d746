"""The quick way from rows to JSON Lines: PDUs that hold nothing but a basic header (and data nobody decodes), which are
nearly all PDUs of a big capture.

Compiled. Which fields an opcode has, and how they read, is in `Program` objects, made by `quick_plans` from the
declarations. Whatever a program does not cover goes to `full_line`, which the owner of the store provides. Both ways
write the same for the same PDU; a test compares them on every sample.
"""

from __future__ import annotations

from typing import Final

from librt.strings import BytesWriter, read_i64_be, read_i64_le
from mypy_extensions import i64, mypyc_attr

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.store.rows import (
    CAPTURED_MASK,
    CAPTURED_SHIFT,
    FLAG_DATA_DIGEST,
    FLAG_HEADER_DIGEST,
    HEADER_AT,
    ROW_SIZE,
    ROWS_PER_BLOCK,
)
from iscsi_analyzer.streams.resync import body_length
from iscsi_analyzer.streams.spans import ENTRIES_PER_BLOCK, ENTRY_SIZE, GAP, SpanTable

# What a step does.
NUMBER: Final = 0
"Writes `key` and the number."
NUMBER_IF: Final = 1
"The same, if the number is not 0."
TABLE: Final = 2
"Writes the text that `table` has for the byte."
SKIP_UNLESS: Final = 3
"Passes over the next `count` steps if `table` has nothing for the byte."
SKIP_IF: Final = 4
"Passes over the next `count` steps if the number is `mask`, the largest there is."
LUN: Final = 5
COMMAND: Final = 6

SMALL: Final = [b"%d" % number for number in range(10_000)]
FOUR_DIGITS: Final = [b"%04d" % number for number in range(10_000)]
MAX_LUNS: Final = 1 << 12

_BILLION: Final = 1_000_000_000
_M32: Final = 0xFFFFFFFF


class Step:
    """One step of a program. A number is (the 8 bytes at `at` of the header >> `shift`) & `mask`; a byte is that at
    `at`."""

    def __init__(
        self, kind: int, key: bytes = b"", at: int = 0, shift: int = 0, mask: int = 0, table: list[bytes] | None = None
    ) -> None:
        self.kind: i64 = kind
        self.key: bytes = key
        self.at: i64 = at
        self.shift: i64 = shift
        self.mask: i64 = mask
        self.table: list[bytes] = table if table is not None else []
        self.count: i64 = 0


class CdbProgram:
    """How to write the CDBs of one operation code: the text up to the LBA, and numbers as in `Step` (mask 0: there is
    none)."""

    def __init__(self, operation: bytes, lba: Step | None, blocks: Step | None, zero_blocks: int) -> None:
        self.operation: bytes = operation
        self.lba: Step | None = lba
        self.blocks: Step | None = blocks
        self.zero_blocks: i64 = zero_blocks


class Program:
    """How to write the PDUs of one opcode."""

    def __init__(self, opcode: bytes, steps: list[Step], fixed_mask: bytes, fixed: bytes) -> None:
        self.opcode: bytes = opcode
        "The text from the opcode's key to the immediate's."
        self.steps: list[Step] = steps
        self.fixed_mask: bytes = fixed_mask
        "48 bytes: the bits that can have only one value; PDUs that differ there have more to tell."
        self.fixed: bytes = fixed
        "48 bytes: those values."


@mypyc_attr(allow_interpreted_subclasses=True)
class FullLines:
    """What the quick way asks for. A class of its own: calls of methods that may be overridden are slow."""

    def full_line(self, number: int) -> bytes:
        """The record of PDU `number`, written in full."""
        raise NotImplementedError

    def lun_text(self, lun: int) -> bytes:
        """The fields of a LUN, of which the 8 bytes are given as a signed number."""
        raise NotImplementedError


class QuickLines:
    """Writes rows as JSON Lines."""

    def __init__(
        self,
        full: FullLines,
        programs: list[Program | None],
        commands: list[CdbProgram | None],
        digests: list[bytes],
        conditions: list[bytes],
        row_blocks: list[bytes],
        followers: list[Follower],
        kept: dict[int, bytes],
        marks: dict[int, list[int]],
    ) -> None:
        """`programs` by opcode, `commands` by operation code, `digests` by bits 1 to 4 and `conditions` by bits 5 and 8
        to 11 of the flags. The last four are the store's own and grow while it does."""
        self.full: FullLines = full
        self.programs: list[Program | None] = programs
        self.commands: list[CdbProgram | None] = commands
        self.luns: dict[int, bytes] = {}
        self.digests: list[bytes] = digests
        self.conditions: list[bytes] = conditions
        self.row_blocks: list[bytes] = row_blocks
        self.followers: list[Follower] = followers
        self.kept: dict[int, bytes] = kept
        self.marks: dict[int, list[int]] = marks
        "PDUs with findings."
        self.only_disks: bool = True
        "No device is known to read CDBs in another way than disks do."
        self.before: bytes = b""
        self.behind: bytes = b"\n"
        "What stands before and behind each record."
        self._writer: BytesWriter = BytesWriter()
        self._row_tail: bytes = b""
        self._tails: dict[int, bytes] = {}
        self._second: i64 = -1
        self._second_text: bytes = b""

    def lines(self, block: bytes, first: i64, count: i64, number: i64, row_tail: bytes) -> bytes:
        """The text of `count` rows from row `first` of a block on, of which the first is PDU `number`. `row_tail` has
        the rows of the block that is being filled."""
        self._writer = BytesWriter()
        self._row_tail = row_tail
        self._tails = {}
        at = first * ROW_SIZE
        end = at + count * ROW_SIZE
        while at < end:
            self._writer.write(self.before)
            if not self._quick(block, at, number):
                self._writer.write(self.full.full_line(number))
            self._writer.write(self.behind)
            at += ROW_SIZE
            number += 1
        done = self._writer.getvalue()
        self._writer = BytesWriter()
        return done

    def _quick(self, row: bytes, at: i64, number: i64) -> bool:
        """Writes the row at row[at:]; False, and nothing is written, if it must be written in full."""
        header = at + HEADER_AT
        first = read_i64_be(row, header)
        opcode = (first >> 56) & 0x3F
        program = self.programs[opcode]
        if program is None or (first >> 24) & 0xFF:
            return False
        word = read_i64_le(row, at + 24)
        connection = word & _M32
        flags = (word >> 32) & _M32
        if (flags >> CAPTURED_SHIFT) & CAPTURED_MASK != 48 or number in self.kept or number in self.marks:
            return False
        mask = program.fixed_mask
        fixed = program.fixed
        place: i64 = 0
        while place < 48:
            if read_i64_be(row, header + place) & read_i64_be(mask, place) != read_i64_be(fixed, place):
                return False
            place += 8
        if opcode == 0x01 and (not self.only_disks or self.commands[row[header + 32]] is None):
            return False
        time_first = read_i64_le(row, at)
        time_last = read_i64_le(row, at + 8)
        if time_first < 0 or time_last < 0:
            return False
        writer = self._writer
        writer.write(b'{"type":"pdu","number":')
        self._number(number)
        writer.write(b',"frame":')
        self._number((read_i64_le(row, at + 16) >> 32) & _M32)
        writer.write(b',"frames":[')
        self._frames(row, at, first, connection, flags)
        writer.write(b'],"time":"')
        self._time(time_first)
        writer.write(b'","time_last":"')
        self._time(time_last)
        writer.write(b'","session":')
        self._number(self.followers[connection - 1].session.number)
        writer.write(b',"connection":')
        self._number(connection)
        writer.write(b',"direction":"I2T"' if flags & 1 else b',"direction":"T2I"')
        writer.write(program.opcode)
        writer.write(b"true" if first & (0x40 << 56) else b"false")
        writer.write(b',"initiator_task_tag":')
        self._number((read_i64_be(row, header + 16) >> 32) & _M32)
        writer.write(b',"total_ahs_length":0,"data_segment_length":')
        self._number(first & 0xFFFFFF)
        writer.write(self.digests[(flags >> 1) & 15])
        writer.write(b',"findings":[],"header_captured":48,"data_captured":')
        word = read_i64_le(row, at + 40)
        self._number((word >> 32) & _M32)
        request = word & _M32
        if request:
            writer.write(b',"request_pdu":')
            self._number(request)
            writer.write(b',"request_frame":')
            self._number(self._frame_of(request))
        writer.write(self.conditions[(flags >> 5) & 0x7F])
        self._steps(program.steps, row, header)
        writer.write(b"}")
        return True

    def _steps(self, steps: list[Step], row: bytes, header: i64) -> None:
        writer = self._writer
        skip: i64 = 0
        for step in steps:
            if skip:
                skip -= 1
                continue
            kind = step.kind
            if kind == TABLE:
                writer.write(step.table[row[header + step.at]])
            elif kind <= NUMBER_IF:
                value = (read_i64_be(row, header + step.at) >> step.shift) & step.mask
                if value or kind == NUMBER:
                    writer.write(step.key)
                    self._number(value)
            elif kind == SKIP_UNLESS:
                if not step.table[row[header + step.at]]:
                    skip = step.count
            elif kind == SKIP_IF:
                if (read_i64_be(row, header + step.at) >> step.shift) & step.mask == step.mask:
                    skip = step.count
            elif kind == LUN:
                self._lun(read_i64_be(row, header + step.at))
            else:
                self._command(row, header + 32)

    def _number(self, value: i64) -> None:
        """A number that is not negative."""
        writer = self._writer
        if value < 10_000:
            writer.write(SMALL[value])
            return
        high = value // 10_000
        if high < 10_000:
            writer.write(SMALL[high])
        else:
            self._number(high)
        writer.write(FOUR_DIGITS[value - high * 10_000])

    def _time(self, ts: i64) -> None:
        """A point in time as seconds with nine decimals."""
        writer = self._writer
        second = ts // _BILLION
        if second != self._second:
            self._second = second
            self._second_text = b"%d." % second
        writer.write(self._second_text)
        rest = ts - second * _BILLION
        high = rest // 100_000
        writer.write(FOUR_DIGITS[high])
        rest -= high * 100_000
        high = rest // 10_000
        writer.write(SMALL[high])
        writer.write(FOUR_DIGITS[rest - high * 10_000])

    def _lun(self, lun: i64) -> None:
        text = self.luns.get(lun)
        if text is None:
            if len(self.luns) >= MAX_LUNS:
                self.luns.clear()
            text = self.full.lun_text(lun)
            self.luns[lun] = text
        self._writer.write(text)

    def _command(self, row: bytes, at: i64) -> None:
        """A CDB: 16 bytes at row[at:]."""
        writer = self._writer
        program = self.commands[row[at]]
        assert program is not None
        writer.write(b',"cdb":"')
        writer.write(row[at : at + 16].hex().encode())
        writer.write(program.operation)
        lba = program.lba
        if lba is not None:
            value = (read_i64_be(row, at + lba.at) >> lba.shift) & lba.mask
            writer.write(b',"lba":')
            if value < 0:
                unsigned: int = value
                writer.write(b"%d" % (unsigned + (1 << 64)))
            else:
                self._number(value)
        blocks = program.blocks
        if blocks is not None:
            value = (read_i64_be(row, at + blocks.at) >> blocks.shift) & blocks.mask
            if value == 0:
                value = program.zero_blocks
            writer.write(b',"transfer_length":')
            self._number(value)

    def _frame_of(self, number: i64) -> i64:
        """The frame that completed a PDU."""
        block = (number - 1) // ROWS_PER_BLOCK
        at = ((number - 1) % ROWS_PER_BLOCK) * ROW_SIZE + 16
        if block < len(self.row_blocks):
            return (read_i64_le(self.row_blocks[block], at) >> 32) & _M32
        return (read_i64_le(self._row_tail, at) >> 32) & _M32

    def _frames(self, row: bytes, at: i64, first: i64, connection: i64, flags: i64) -> None:
        """The numbers of the frames that hold the PDU: each once, ascending, as nearly always they are in the table."""
        writer = self._writer
        sender = self.followers[connection - 1].connection.to_target
        assert sender is not None
        framer = sender.framer if flags & 1 else sender.peer.framer
        assert framer is not None
        spans = framer.spans
        word = read_i64_le(row, at + 32)
        entry = word & _M32
        entry_first = entry
        skip = (word >> 32) & _M32
        with_header: i64 = 1 if flags & FLAG_HEADER_DIGEST else 0
        with_data: i64 = 1 if flags & FLAG_DATA_DIGEST else 0
        length = 48 + body_length(first, with_header, with_data)
        blocks = spans.blocks
        count = spans.count
        mark = len(writer)
        last: i64 = 0
        index = entry // ENTRIES_PER_BLOCK
        place = (entry % ENTRIES_PER_BLOCK) * ENTRY_SIZE
        data = blocks[index] if index < len(blocks) else self._tail(spans, connection * 2 + (flags & 1))
        start = read_i64_le(data, place + 8)
        while length > 0 and entry < count:
            position = read_i64_le(data, place)
            entry += 1
            place += ENTRY_SIZE
            if place == ENTRIES_PER_BLOCK * ENTRY_SIZE and entry < count:
                place = 0
                index += 1
                data = blocks[index] if index < len(blocks) else self._tail(spans, connection * 2 + (flags & 1))
            following = read_i64_le(data, place + 8) if entry < count else spans.end
            size = ((following - start) & _M32) - skip
            if size <= 0:
                skip = -size
            else:
                length -= size
                skip = 0
                frame = (start >> 32) & _M32
                if position != GAP and frame != last:
                    if frame < last:
                        writer.truncate(mark)
                        frames = spans.frames(
                            entry_first, word >> 32 & _M32, 48 + body_length(first, with_header, with_data)
                        )
                        writer.write(",".join([str(each) for each in frames]).encode())
                        return
                    if last:
                        writer.write(b",")
                    self._number(frame)
                    last = frame
            start = following

    def _tail(self, spans: SpanTable, key: i64) -> bytes:
        """The table's last entries, copied once for each call of `lines`."""
        tail = self._tails.get(key)
        if tail is None:
            tail = spans.tail()
            self._tails[key] = tail
        return tail
