"""Counts over all rows: PDUs and bytes by opcode and direction, SCSI statuses, digests, odd circumstances.

Compiled. One pass over the blocks of rows; may be called again when rows were added.
"""

from __future__ import annotations

from librt.strings import read_i64_be, read_i64_le
from mypy_extensions import i64

from iscsi_analyzer.store.rows import (
    DATA_DIGEST_SHIFT,
    DIGEST_BAD,
    DIGEST_MASK,
    FLAG_CUT,
    FLAG_ODD,
    FLAG_RESYNC,
    FLAG_TO_TARGET,
    FLAG_UNFINISHED,
    HEADER_AT,
    HEADER_DIGEST_SHIFT,
    ROW_SIZE,
)


class Tally:
    """The counts. Lists are indexed as their comments say."""

    def __init__(self) -> None:
        # By direction (0: to the initiator, 1: to the target) and opcode: direction * 64 + opcode.
        self.pdus: list[int] = [0] * 128
        self.data_bytes: list[int] = [0] * 128
        # By status, of commands that were completed; and those that the target failed, by response code.
        self.statuses: list[int] = [0] * 256
        self.failures: list[int] = [0] * 256
        # By DIGEST_ABSENT and so on.
        self.header_digests: list[int] = [0] * 4
        self.data_digests: list[int] = [0] * 4
        # The first PDU with a bad digest; 0 if there is none.
        self.first_bad_header: i64 = 0
        self.first_bad_data: i64 = 0
        self.cut: i64 = 0
        self.unfinished: i64 = 0
        self.odd: i64 = 0
        self.resync: i64 = 0
        # Login Responses by class and detail.
        self.logins: dict[int, int] = {}

    def add(self, block: bytes, first: i64, count: i64, number: i64) -> None:
        """Counts `count` rows from row `first` of a block on, which is that of PDU `number`."""
        at = first * ROW_SIZE
        end = at + count * ROW_SIZE
        while at < end:
            self._row(block, at, number)
            at += ROW_SIZE
            number += 1

    def _row(self, block: bytes, at: i64, number: i64) -> None:
        header = at + HEADER_AT
        first = read_i64_be(block, header)
        flags = (read_i64_le(block, at + 24) >> 32) & 0xFFFFFFFF
        opcode = (first >> 56) & 0x3F
        place = opcode + (flags & FLAG_TO_TARGET) * 64
        self.pdus[place] += 1
        # What an unfinished PDU claims need not be true.
        unfinished = flags & FLAG_UNFINISHED
        self.data_bytes[place] += (read_i64_le(block, at + 40) >> 32) & 0xFFFFFFFF if unfinished else first & 0xFFFFFF
        header_digest = (flags >> HEADER_DIGEST_SHIFT) & DIGEST_MASK
        data_digest = (flags >> DATA_DIGEST_SHIFT) & DIGEST_MASK
        self.header_digests[header_digest] += 1
        self.data_digests[data_digest] += 1
        if header_digest == DIGEST_BAD and self.first_bad_header == 0:
            self.first_bad_header = number
        if data_digest == DIGEST_BAD and self.first_bad_data == 0:
            self.first_bad_data = number
        if flags & (FLAG_CUT | FLAG_UNFINISHED | FLAG_ODD | FLAG_RESYNC):
            self._circumstances(flags)
        if opcode == 0x21:
            response = (first >> 40) & 0xFF
            if response == 0:
                self.statuses[(first >> 32) & 0xFF] += 1
            else:
                self.failures[response] += 1
        elif opcode == 0x25:
            if (first >> 48) & 1:
                self.statuses[(first >> 32) & 0xFF] += 1
        elif opcode == 0x23:
            code = (read_i64_be(block, header + 36) >> 48) & 0xFFFF
            self.logins[code] = self.logins.get(code, 0) + 1

    def _circumstances(self, flags: i64) -> None:
        if flags & FLAG_CUT:
            self.cut += 1
        if flags & FLAG_UNFINISHED:
            self.unfinished += 1
        if flags & FLAG_ODD:
            self.odd += 1
        if flags & FLAG_RESYNC:
            self.resync += 1
