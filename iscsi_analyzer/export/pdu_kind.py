"""A kind of ordinary PDU: what all PDUs of the kind say alike, and where their numbers stand.

The programs of `quick_plans`, read for whole columns: a step that depends on a byte gives the same for all PDUs that
are alike in that byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dissectors.iscsi import layout as at
from iscsi_analyzer.export import quick_lines as quick
from iscsi_analyzer.export import quick_plans
from iscsi_analyzer.export.quick_lines import CdbProgram, Program, Step
from iscsi_analyzer.store import rows

Numbers = NDArray[np.int64]
Places = NDArray[np.intp]
Bytes = NDArray[np.uint8]

_HEX = np.frombuffer(b"".join(b"%02x" % value for value in range(256)), dtype=np.uint8).reshape(256, 2)


class Rows:
    """Rows of PDUs beside each other, by field."""

    def __init__(self, data: Bytes) -> None:
        self.data = data
        "Shape (PDUs, ROW_SIZE)."
        self.header: Bytes = np.ascontiguousarray(data[:, rows.HEADER_AT :])
        self.flags: Numbers = self.field(28, "<u4").astype(np.int64)
        self.connection: Numbers = self.field(24, "<u4").astype(np.int64)
        self.opcode: Bytes = self.header[:, 0] & np.uint8(at.OPCODE_MASK)

    def field(self, offset: int, kind: str) -> NDArray[Any]:
        """The numbers at byte `offset` of each row; `kind` is their numpy type as stored."""
        return np.ndarray((len(self.data),), kind, self.data, offset, (rows.ROW_SIZE,))

    @property
    def data_length(self) -> Numbers:
        """DataSegmentLength."""
        return self.field(rows.HEADER_AT + 4, ">u4").astype(np.int64) & 0xFFFFFF

    @property
    def length(self) -> Numbers:
        """Bytes in the stream of PDUs that have no additional header segment."""
        data = self.data_length
        found: Numbers = at.BHS_LENGTH + (data + 3 & ~3)
        found[self.flags & rows.FLAG_HEADER_DIGEST != 0] += at.DIGEST_LENGTH
        found[(self.flags & rows.FLAG_DATA_DIGEST != 0) & (data > 0)] += at.DIGEST_LENGTH
        return found


class Kind:
    """What the PDUs of a kind say."""

    def __init__(self, program: Program, command: CdbProgram | None, row: bytes) -> None:
        """`row` is that of any PDU of the kind; `command` says how to read its CDB."""
        self.same: dict[str, Any] = {}
        "Fields with the same value in all of them, as in JSON; fields that are left out there are not among them."
        self._steps: list[tuple[str, Step]] = []
        self._lun = -1
        self._command: CdbProgram | None = None
        header = row[rows.HEADER_AT :]
        flags = int.from_bytes(row[28:32], "little")
        self.same["direction"] = "I2T" if flags & rows.FLAG_TO_TARGET else "T2I"
        self.same |= said(program.opcode + (b"true" if header[0] & at.IMMEDIATE_MASK else b"false"))
        self.same |= {"total_ahs_length": 0, "findings": [], "header_captured": at.BHS_LENGTH}
        self.same |= said(quick_plans.digests()[flags >> 1 & 15])
        self.same |= dict.fromkeys(quick_plans.CONDITIONS, False) | said(quick_plans.conditions()[flags >> 5 & 0x7F])
        self.asked = row[40:44] != bytes(4)
        "Another PDU asked for them."
        skip = 0
        for step in program.steps:
            if skip:
                skip -= 1
            elif step.kind == quick.TABLE:
                self.same |= said(step.table[header[step.at]])
            elif step.kind in (quick.NUMBER, quick.NUMBER_IF):
                if step.kind == quick.NUMBER or _number(step, header):
                    self._steps.append((_name(step), step))
            elif step.kind == quick.SKIP_UNLESS:
                skip = 0 if step.table[header[step.at]] else step.count
            elif step.kind == quick.SKIP_IF:
                skip = step.count if _number(step, header) == step.mask else 0
            elif step.kind == quick.LUN:
                self._lun = step.at
            else:
                assert command is not None
                self._command = command
                self.same |= said(command.operation[1:])

    def numbers(self, data: Bytes, places: Places) -> dict[str, NDArray[Any]]:
        """The numbers in the headers of the PDUs at these places of the rows."""
        found: dict[str, NDArray[Any]] = {name: read(step, data, places) for name, step in self._steps}
        command = self._command
        if command is not None:
            if command.lba is not None:
                found["lba"] = read(command.lba, data, places, at.AT_CDB)
            if command.blocks is not None:
                blocks = read(command.blocks, data, places, at.AT_CDB).astype(np.int64)
                blocks[blocks == 0] = command.zero_blocks
                found["transfer_length"] = blocks
        return found

    def texts(self, data: Bytes, places: Places) -> dict[str, list[Any]]:
        """What else differs among them."""
        found: dict[str, list[Any]] = {}
        if self._lun >= 0:
            start = rows.HEADER_AT + self._lun
            luns, of = np.unique(data[places, start : start + 8].copy().view(">i8")[:, 0], return_inverse=True)
            words = [said(quick_plans.lun_fragment(lun)) for lun in luns.tolist()]
            for name in ("lun", "lun_raw"):
                values = [each[name] for each in words]
                found[name] = [values[index] for index in of.tolist()]
        if self._command is not None:
            start = rows.HEADER_AT + at.AT_CDB
            digits = _HEX[data[places, start : start + at.CDB_LENGTH]].tobytes().decode()
            width = 2 * at.CDB_LENGTH
            found["cdb"] = [digits[place : place + width] for place in range(0, len(digits), width)]
        return found


def looked_at(program: Program, data: Bytes, places: Places) -> Iterator[Numbers]:
    """What makes the PDUs of an opcode different kinds: values from 0 to 255 of each PDU, one after the other."""
    seen = set()
    for step in program.steps:
        if step.kind in (quick.TABLE, quick.SKIP_UNLESS):
            if step.at not in seen:
                seen.add(step.at)
                yield data[places, rows.HEADER_AT + step.at].astype(np.int64)
        elif step.kind == quick.SKIP_IF:
            yield (read(step, data, places) == _mask(step)).astype(np.int64)
        elif step.kind == quick.NUMBER_IF:
            yield (read(step, data, places) != 0).astype(np.int64)


def read(step: Step, data: Bytes, places: Places, start: int = 0) -> NDArray[np.uint64]:
    """The numbers of a step that counts from byte `start` of the header."""
    offset = rows.HEADER_AT + start + step.at
    words: NDArray[np.uint64] = np.ndarray((len(data),), ">u8", data, offset, (rows.ROW_SIZE,))[places].astype(
        np.uint64
    )
    return words >> np.uint64(step.shift) & np.uint64(_mask(step))


def said(fragment: bytes) -> dict[str, Any]:
    """The fields of a piece of JSON, each behind a comma."""
    found: dict[str, Any] = msgspec.json.decode(b"{" + fragment[1:] + b"}")
    return found


def _number(step: Step, header: bytes) -> int:
    return int.from_bytes(header[step.at : step.at + 8], "big") >> step.shift & _mask(step)


def _mask(step: Step) -> int:
    """Without a sign: -1 is all 64 bits."""
    return int(step.mask) & (1 << 64) - 1


def _name(step: Step) -> str:
    return step.key[2:-2].decode()
