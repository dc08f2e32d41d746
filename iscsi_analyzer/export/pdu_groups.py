"""Ordinary PDUs, many at once: groups of PDUs that say the same but for numbers, and these numbers as whole columns.

Follows the programs of `quick_plans`, as `quick_lines` does. What they do not cover is left to the full record, and so
are PDUs of kinds that are rare: for a few PDUs whole columns do not pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dissectors.iscsi import layout as at
from iscsi_analyzer.analysis.stats import groups
from iscsi_analyzer.export import quick_plans
from iscsi_analyzer.export.pdu_kind import Kind, Numbers, Places, Rows, looked_at
from iscsi_analyzer.export.span_frames import frames_of
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Columns, pdu_columns
from iscsi_analyzer.store.store import Store

PORTION: Final = 8192
"PDUs that are looked at together: what is made of them stays in memory no longer than that."
RARE: Final = 3
"With fewer PDUs of a kind in a portion, they are left to the full record."
MOST_KINDS: Final = 4096

_FLAG_BITS: Final = 12
_FRAME_LAST: Final = 20
_KEY_BITS: Final = 55
"With more bits than this, keys are numbered anew before another byte is added."


class Group(NamedTuple):
    """PDUs of one kind."""

    places: Places
    "Where they are in the portion, ascending."
    kind: Kind
    numbers: dict[str, NDArray[Any]]
    "Fields that are numbers; times in nanoseconds. `frames` is among them if each of the PDUs lies in one frame."
    texts: dict[str, list[Any]]
    "Other fields that differ."


class Portion:
    """Some PDUs, in groups."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.groups: list[Group] = []
        self.rest: list[int] = []
        "The places of the PDUs that are in no group, ascending."
        self.frame_ends: Numbers = np.zeros(count + 1, dtype=np.int64)
        "The frames of the PDU at place i are frames[frame_ends[i]:frame_ends[i + 1]], if it is in a group."
        self.frames: Numbers = np.zeros(0, dtype=np.int64)
        self.route: Places = np.zeros(0, dtype=np.intp)
        "For each place an index of `routes`."
        self.routes: list[tuple[int, bool]] = []
        "Connections, and whether it goes to the target."


class PduGroups:
    """Puts the PDUs of a store, which may still grow, into groups."""

    def __init__(self, store: Store, *, only_disks: bool = False, rare: int = RARE) -> None:
        """`only_disks`: no unit is known to read CDBs in another way than disks do; may be set later, too."""
        self.only_disks = only_disks
        self._store = store
        self._rare = rare
        self._programs = quick_plans.programs()
        self._commands = quick_plans.commands()
        self._kinds: dict[Any, Kind] = {}
        self._mask = np.zeros((64, 6), dtype=np.uint64)
        self._fixed = np.zeros((64, 6), dtype=np.uint64)
        self._known = np.zeros(64, dtype=np.bool_)
        for opcode, program in enumerate(self._programs):
            if program is not None:
                self._known[opcode] = True
                self._mask[opcode] = np.frombuffer(program.fixed_mask, dtype=">u8")
                self._fixed[opcode] = np.frombuffer(program.fixed, dtype=">u8")
        self._readable = np.array([program is not None for program in self._commands])

    def portion(self, numbers: Numbers) -> Portion:
        """The PDUs of these numbers, which ascend."""
        found = Portion(len(numbers))
        if not len(numbers):
            return found
        columns = pdu_columns(self._store)
        table = Rows(columns.gather_bytes(0, rows.ROW_SIZE, numbers - 1))
        ordinary = np.flatnonzero(self._ordinary(table, numbers))
        grouped = np.zeros(len(numbers), dtype=np.bool_)
        common = self._common(table, numbers, columns)
        self._frames(found, table, ordinary)
        spread = np.diff(found.frame_ends)
        for key, places in self._sorted(table, ordinary):
            if len(places) < self._rare:
                continue
            kind = self._kind(key, table.data[places[0]].tobytes())
            own = kind.numbers(table.data, places) | {name: values[places] for name, values in common.items()}
            if not kind.asked:
                del own["request_pdu"], own["request_frame"]
            if (spread[places] == 1).all():
                own["frames"] = found.frames[found.frame_ends[places]]
            grouped[places] = True
            found.groups.append(Group(places, kind, own, kind.texts(table.data, places)))
        found.rest = np.flatnonzero(~grouped).tolist()
        return found

    def _ordinary(self, table: Rows, numbers: Numbers) -> NDArray[np.bool_]:
        """Which PDUs have nothing to tell but a basic header that is as it should be."""
        opcode = table.opcode
        words = table.header.view(">u8").astype(np.uint64)
        fine: NDArray[np.bool_] = self._known[opcode] & (table.header[:, at.AT_TOTAL_AHS_LENGTH] == 0)
        fine &= (table.flags >> rows.CAPTURED_SHIFT & rows.CAPTURED_MASK) == at.BHS_LENGTH
        fine &= ((words & self._mask[opcode]) == self._fixed[opcode]).all(axis=1)
        fine &= (table.field(0, "<i8") >= 0) & (table.field(8, "<i8") >= 0)
        commands = opcode == at.OP_SCSI_COMMAND
        fine &= ~commands | (self._readable[table.header[:, at.AT_CDB]] & self.only_disks)
        for special in (self._store.all_kept_data, self._store.marks):
            if special:
                listed = numbers.tolist()
                fine &= ~np.fromiter(map(special.__contains__, listed), np.bool_, len(listed))
        return fine

    def _common(self, table: Rows, numbers: Numbers, columns: Columns) -> dict[str, NDArray[Any]]:
        """The numbers that all PDUs have. Those about requests mean nothing where there is none."""
        request = table.field(40, "<u4").astype(np.int64)
        request_frame = np.zeros(len(request), dtype=np.int64)
        asked = np.flatnonzero(request)
        request_frame[asked] = columns.gather(_FRAME_LAST, "<u4", request[asked] - 1)
        connections, of = np.unique(table.connection, return_inverse=True)
        followers = self._store.followers
        sessions = np.array([int(followers[each - 1].session.number) for each in connections.tolist()], dtype=np.int64)
        return {
            "number": numbers,
            "frame": table.field(_FRAME_LAST, "<u4").astype(np.int64),
            "time": table.field(0, "<i8"),
            "time_last": table.field(8, "<i8"),
            "session": sessions[of],
            "connection": table.connection,
            "initiator_task_tag": table.field(rows.HEADER_AT + 16, ">u4").astype(np.int64),
            "data_segment_length": table.data_length,
            "data_captured": table.field(44, "<u4").astype(np.int64),
            "request_pdu": request,
            "request_frame": request_frame,
        }

    def _frames(self, found: Portion, table: Rows, ordinary: Places) -> None:
        """Fills in the routes of all PDUs, and the frames of the ordinary ones."""
        to_target = table.flags & rows.FLAG_TO_TARGET
        routes, found.route = np.unique(table.connection * 2 + to_target, return_inverse=True)
        found.routes = [(int(route) >> 1, bool(route & 1)) for route in routes]
        entry, skip, length = table.field(32, "<u4"), table.field(36, "<u4"), table.length
        counts = np.zeros(found.count, dtype=np.int64)
        parts = []
        order = ordinary[np.argsort(found.route[ordinary], kind="stable")]
        edges = np.searchsorted(found.route[order], np.arange(len(routes) + 1)).tolist()
        for (connection, target), start, end in zip(found.routes, edges, edges[1:], strict=False):
            places = order[start:end]
            if not len(places):
                continue
            sender = self._store.connections[connection - 1].to_target
            assert sender is not None
            framer = sender.framer if target else sender.peer.framer
            assert framer is not None
            those = frames_of(framer.spans, *(each[places].astype(np.int64) for each in (entry, skip, length)))
            counts[places] = those.counts
            parts.append((places, those))
        np.cumsum(counts, out=found.frame_ends[1:])
        found.frames = np.zeros(int(found.frame_ends[-1]), dtype=np.int64)
        for places, those in parts:
            begins = np.cumsum(those.counts) - those.counts
            within = np.arange(len(those.frames)) - np.repeat(begins, those.counts)
            found.frames[np.repeat(found.frame_ends[places], those.counts) + within] = those.frames

    def _sorted(self, table: Rows, ordinary: Places) -> Iterator[tuple[Any, Places]]:
        """The places of ordinary PDUs by kind: (key of the kind, None if it is good for this portion only; places)."""
        first = table.header[:, 0].astype(np.int64) << 8
        commands = table.opcode == at.OP_SCSI_COMMAND
        first[commands] |= table.header[commands, at.AT_CDB]
        asked = table.field(40, "<u4") != 0
        for sort, places in groups(first[ordinary], ordinary):
            program = self._programs[int(sort) >> 8 & at.OPCODE_MASK]
            assert program is not None
            key = table.flags[places] & (1 << _FLAG_BITS) - 1 | asked[places].astype(np.int64) << _FLAG_BITS
            bits = _FLAG_BITS + 1
            lasting = True
            for values in looked_at(program, table.data, places):
                if bits > _KEY_BITS:
                    key = np.unique(key, return_inverse=True)[1].astype(np.int64)
                    bits, lasting = len(places).bit_length(), False
                key = key << 8 | values
                bits += 8
            for kind, those in groups(key, places):
                yield (int(sort), int(kind)) if lasting else None, those

    def _kind(self, key: Any, row: bytes) -> Kind:
        """The kind of the PDU with this row; `key` is kept in mind with it."""
        kind = self._kinds.get(key)
        if kind is None:
            header = row[rows.HEADER_AT :]
            opcode = header[0] & at.OPCODE_MASK
            program = self._programs[opcode]
            assert program is not None
            kind = Kind(program, self._commands[header[at.AT_CDB]] if opcode == at.OP_SCSI_COMMAND else None, row)
            if len(self._kinds) >= MOST_KINDS:
                self._kinds.clear()
            if key is not None:
                self._kinds[key] = kind
        return kind
