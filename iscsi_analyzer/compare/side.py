"""One of the two captures that are compared: its analysis, and columns of its PDUs and segments by connection.

Offsets of a direction are those of its stream (`store.stream_offsets`): byte 0 is the first one that the analysis saw,
and a SYN stands at -1.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dissectors.iscsi.layout import BHS_LENGTH
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.compare.segments import ROW_SIZE, Recorder
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.problems import ERROR, SourceError, SourceProblem
from iscsi_analyzer.sources.sink import FirstFrames
from iscsi_analyzer.store import rows, stream_offsets
from iscsi_analyzer.store.columns import Array, Numbers
from iscsi_analyzer.streams.connection import Connection, Direction

Hashes = NDArray[np.uint64]

SEGMENT: Final = np.dtype(
    [
        ("ts", "<i8"),
        ("seq", "<u4"),
        ("ack", "<u4"),
        ("length", "<u4"),
        ("frame", "<u4"),
        ("owner", "<u4"),
        ("flags", "<u2"),
        ("window", "<u2"),
        ("stamp", "<u4"),
        ("identity", "<u4"),
        ("digest", "<u4"),
        ("whole", "<u4"),
    ]
)
"A row of `segments.Recorder`."
assert SEGMENT.itemsize == ROW_SIZE

_RESOLUTIONS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000}
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)
_M32: Final = 0xFFFFFFFF


class Pdus(NamedTuple):
    """The PDUs of one direction, in the order of their numbers."""

    numbers: Numbers
    offsets: Numbers
    "Where their headers begin in the stream."
    ends: Numbers
    hashes: Hashes
    "Of their 48 header bytes and the direction."
    whole: NDArray[np.bool_]
    "The header is captured to its end."


class Side:
    """A finished analysis, seen from the other one."""

    def __init__(self, analysis: Analysis) -> None:
        """Reads the capture again for its segments. Raises SourceError if that cannot be."""
        self.analysis = analysis
        self.store = analysis.store
        self.study = Study(analysis.store)
        self.facts = self.study.facts
        self.start, self.end = self.facts.start, self.facts.end
        self._segments = self._recorded()

    def _recorded(self) -> dict[int, Array]:
        """The segments by direction: an even number goes to the target."""
        recorder = Recorder()
        expected = [
            (int(link.first_frame), half.key, self.owner(int(link.number), half is link.to_target))
            for link in self.store.connections
            for half in (link.first, link.second)
        ]
        recorder.expect(sorted(expected))
        sink = FirstFrames(recorder, self.analysis.engine.frames)
        with self.analysis.capture.again() as capture:
            while capture.step(sink):
                pass
        if recorder.frames < self.analysis.engine.frames:
            said = f"has changed since it was read: {recorder.frames} frames are left"
            path = self.analysis.capture.files[0].path
            raise SourceError(SourceProblem(path, -1, said, "leave it alone until this is done", ERROR))
        blocks = [np.frombuffer(block, dtype=SEGMENT) for block in (*recorder.blocks, recorder.tail())]
        recorder.blocks = []
        table = np.concatenate(blocks)
        owners = table["owner"].astype(np.uint32)
        order = np.argsort(owners, kind="stable")
        table = table[order]
        found, starts = np.unique(owners[order], return_index=True)
        parts = np.split(table, starts[1:])
        return dict(zip(found.tolist(), parts, strict=False))

    @staticmethod
    def owner(connection: int, to_target: bool) -> int:
        """The number of a direction of a connection."""
        return 2 * connection + (0 if to_target else 1)

    @property
    def resolution(self) -> int:
        """The coarsest unit of its time stamps in nanoseconds."""
        units = [unit for file in self.analysis.capture.files for unit in file.resolutions]
        return max((_RESOLUTIONS.get(unit, 1) for unit in units), default=1)

    @property
    def dropped(self) -> int:
        """Frames that the capture itself says were lost by it."""
        facts = [interface for file in self.analysis.capture.files for interface in file.interfaces]
        return sum(max((each.dropped_interface or 0) + (each.dropped_os or 0), each.dropped_noted) for each in facts)

    def half(self, connection: int, to_target: bool) -> Direction:
        """One direction of a connection."""
        link = self.connection(connection)
        sender = link.to_target or link.first
        return sender if to_target else sender.peer

    def connection(self, number: int) -> Connection:
        """A connection by its number."""
        return self.store.connections[number - 1]

    def segments(self, connection: int, to_target: bool) -> Array:
        """The segments of a direction, of type SEGMENT, in the order of the capture."""
        found = self._segments.get(self.owner(connection, to_target))
        return np.zeros(0, dtype=SEGMENT) if found is None else found

    def base(self, connection: int, to_target: bool) -> int:
        """The sequence number of the stream's byte 0."""
        half = self.half(connection, to_target)
        if half.next_seq < 0:
            return int(half.isn + 1) & _M32 if half.isn >= 0 else 0
        return int(half.next_seq - half.offset) & _M32

    # --- PDUs ---

    def pdus(self, connection: int, to_target: bool) -> Pdus:
        """The PDUs of a direction."""
        facts = self.facts
        mine = facts.of_connection(connection)
        mine = mine[(facts.pdu_flags[mine] & rows.FLAG_TO_TARGET != 0) == to_target]
        table = stream_offsets.entries(self.half(connection, to_target))
        if table is None or not len(mine):
            empty = np.zeros(0, dtype=np.int64)
            return Pdus(empty, empty, empty, np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.bool_))
        starts = stream_offsets.unwrapped(table["offset"])
        entry = facts.pdus.gather(32, "<u4", mine).astype(np.int64)
        mine = mine[entry < len(starts)]
        entry = entry[entry < len(starts)]
        offsets = starts[entry] + facts.pdus.gather(36, "<u4", mine).astype(np.int64)
        return Pdus(mine + 1, offsets, offsets + self._lengths(mine), self.hashes(mine), self._whole(mine))

    def _lengths(self, pdus: Numbers) -> Numbers:
        """Bytes of PDUs on the wire, with digests and padding."""
        facts = self.facts
        flags = facts.pdu_flags[pdus]
        data = facts.data_length[pdus]
        found: Numbers = BHS_LENGTH + 4 * facts.ahs_length[pdus].astype(np.int64) + (data + 3 & ~np.int64(3))
        found += np.where(flags & rows.FLAG_HEADER_DIGEST, 4, 0)
        found += np.where((flags & rows.FLAG_DATA_DIGEST != 0) & (data > 0), 4, 0)
        return found

    def _whole(self, pdus: Numbers) -> NDArray[np.bool_]:
        captured = self.facts.pdu_flags[pdus] >> np.uint32(rows.CAPTURED_SHIFT) & np.uint32(rows.CAPTURED_MASK)
        return np.asarray(captured == BHS_LENGTH)

    def hashes(self, pdus: Numbers) -> Hashes:
        """A number for the header of each PDU (given by index) and its direction: equal where they are equal."""
        words = self.facts.pdus.gather_bytes(rows.HEADER_AT, BHS_LENGTH, pdus).view(np.uint64)
        found = (self.facts.pdu_flags[pdus] & rows.FLAG_TO_TARGET).astype(np.uint64) + np.uint64(1)
        for at in range(words.shape[1]):
            found = (found ^ words[:, at]) * _MIX
            found ^= found >> _SHIFT
        return found


def numbers(values: Any) -> Numbers:
    """A column as numbers that can be negative."""
    return np.asarray(values).astype(np.int64)
