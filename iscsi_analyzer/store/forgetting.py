"""Gives up the rows of old, ordinary PDUs, so that an analysis that never ends keeps within its memory.

What explains everything after it stays: logins and text, task management, asynchronous messages, rejects and logouts,
requests without an answer so far, descriptions of devices, and the PDUs that findings name. The rows that are left
are counted from 1 again; `Places` translates for those who go on counting from the beginning. Nobody may read the
store meanwhile, and whoever read it before begins anew.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.model import task as model
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Numbers, pdu_columns
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import FIELDS, task_columns
from iscsi_analyzer.streams.framer import Framer
from iscsi_analyzer.streams.spans import ENTRIES_PER_BLOCK

MOST_KEPT: Final = 4
"Not more than one of so many rows is worth keeping; else it is no use."

_BULK: Final = (0x00, 0x01, 0x05, 0x20, 0x21, 0x25, 0x31)
"Opcodes of ordinary traffic: pings, commands, data, R2Ts, responses."
_DATA_IN: Final = 0x25
_REQUEST: Final = (40, "<u4")
_OF_PDUS: Final = (
    *("request", "answer", "first_r2t", "last_r2t"),
    *("first_data_out", "last_data_out", "first_data_in", "last_data_in", "by"),
)
"Fields of a task row that name PDUs."

_ROW: Final = np.dtype([("before", "V40"), ("request", "<u4"), ("behind", f"V{rows.ROW_SIZE - 44}")])
_TASK: Final = np.dtype(
    {
        "names": list(_OF_PDUS),
        "formats": [FIELDS[name][1] for name in _OF_PDUS],
        "offsets": [FIELDS[name][0] for name in _OF_PDUS],
        "itemsize": model.TASK_SIZE,
    }
)


def forget(store: Store, first: int) -> int:
    """Of the first `first` PDUs only those worth keeping stay. Returns how many rows were given up; 0 if so much is
    worth keeping that it would be no use."""
    keep = _worth_keeping(store, first)
    kept = np.flatnonzero(keep[:first]) + 1
    if len(kept) * MOST_KEPT > first:
        return 0
    place = np.where(keep, np.cumsum(keep), 0)
    place = np.concatenate((np.zeros(1, dtype=place.dtype), place)).astype("<u4")  # of each PDU by its number; 0: gone
    _rows(store, keep, place)
    _tasks(store, place)
    _data(store, place)
    _findings(store, place)
    for follower in store.followers:
        for said in follower.login.said:
            said.pdu = int(place[said.pdu])
    store.found.rows.places.looks_over(kept.tolist(), first)
    store.begin_anew()
    _spans(store, len(kept))
    return first - len(kept)


def _worth_keeping(store: Store, first: int) -> NDArray[np.bool_]:
    """For each row whether it stays."""
    columns = pdu_columns(store)
    opcode = columns.field(rows.HEADER_AT, "u1") & 0x3F
    keep = ~np.isin(opcode, _BULK)
    keep[first:] = True
    named = [pdu for finding in store.engine.desk.findings for pdu in (finding.pdu, *finding.pdus, *finding.related)]
    named += [store.row_of(int(task.request)) for session in store.sessions for task in session.open.values()]
    named += [pdu for pdu in store.all_kept_data if opcode[pdu - 1] == _DATA_IN]
    numbers: Numbers = np.array([pdu for pdu in named if 0 < pdu <= columns.count], dtype=np.int64)
    keep[numbers - 1] = True
    asked = columns.field(*_REQUEST)[:first][keep[:first]].astype(np.int64)
    keep[asked[asked > 0] - 1] = True
    # A request that stays without its answer would look as if nobody had answered.
    tasks = task_columns(store)
    request = tasks.field("request").astype(np.int64)
    staying = keep[np.maximum(request, 1) - 1] & (request > 0)
    for name in ("answer", "by"):
        ended = tasks.field(name)[staying].astype(np.int64)
        keep[ended[ended > 0] - 1] = True
    return keep


def _rows(store: Store, keep: NDArray[np.bool_], place: NDArray[np.uint32]) -> None:
    writer = store.found.rows
    left = bytearray()
    at = 0
    full = len(writer.blocks)
    for index in range(full + 1):
        some = np.frombuffer(writer.blocks[index] if index < full else writer.tail(), dtype=_ROW)
        chosen = some[keep[at : at + len(some)]].copy()
        chosen["request"] = place[chosen["request"]]
        left += chosen.tobytes()
        at += len(some)
        if index < full:
            writer.blocks[index] = b""  # its memory is given back at once
    writer.replace(bytes(left))


def _tasks(store: Store, place: NDArray[np.uint32]) -> None:
    """Tasks stay with their requests; those without a request, with their answers."""
    writer = store.found.sessions.tasks
    data = bytearray(b"".join((*writer.blocks, writer.tail())))
    every = np.frombuffer(data, dtype=_TASK)
    had_request = every["request"] > 0
    for name in _OF_PDUS:
        every[name] = place[every[name]]
    keep = np.where(had_request, every["request"] > 0, every["answer"] > 0)
    whole = np.frombuffer(data, dtype=f"V{model.TASK_SIZE}")
    writer.replace(whole[keep].tobytes())


def _data(store: Store, place: NDArray[np.uint32]) -> None:
    found = store.found
    size = 0
    for kept in (found.kept_data, found.ahs):
        left = {int(place[pdu]): data for pdu, data in kept.items() if place[pdu]}
        kept.clear()
        kept.update(left)
        size += sum(map(len, left.values()))
    found.kept_bytes = size


def _findings(store: Store, place: NDArray[np.uint32]) -> None:
    desk = store.engine.desk
    for finding in desk.findings:
        finding.pdu = int(place[finding.pdu])
        finding.pdus = [int(place[pdu]) for pdu in finding.pdus if place[pdu]]
        finding.related = [int(place[pdu]) for pdu in finding.related if place[pdu]]
    marks = {int(place[pdu]): found for pdu, found in desk.marks.items() if place[pdu]}
    desk.marks.clear()
    desk.marks.update(marks)


def _spans(store: Store, old: int) -> None:
    """Of the pieces of the streams those stay that a row names, of which the first `old` are of old, and all from the
    first piece of a later row on."""
    needed: dict[Framer, set[int]] = {}
    for number in range(1, old + 1):
        row = store.row(number)
        framer = store.framer(row)
        count = len(framer.spans.pieces(row.span_entry, row.span_skip, row.length))
        blocks = range(row.span_entry // ENTRIES_PER_BLOCK, (row.span_entry + count) // ENTRIES_PER_BLOCK + 1)
        needed.setdefault(framer, set()).update(blocks)
    columns = pdu_columns(store)
    connection = columns.field(24, "<u4")[old:]
    to_target = columns.field(28, "<u4")[old:] & rows.FLAG_TO_TARGET
    entry = columns.field(32, "<u4")[old:]
    order = np.lexsort((entry, to_target, connection))
    sides = connection[order].astype(np.int64) * 2 + to_target[order]
    starts = np.flatnonzero(np.concatenate((np.ones(min(1, len(sides)), dtype=np.bool_), sides[1:] != sides[:-1])))
    earliest = dict(zip(sides[starts].tolist(), entry[order][starts].tolist(), strict=True))
    for each in store.connections:
        for direction in (each.first, each.second):
            side = int(each.number) * 2 + (direction is each.to_target)
            if direction.framer is not None:
                table = direction.framer.spans
                since = min(earliest.get(side, int(table.count)), direction.framer.entry)
                table.forget(since, needed.get(direction.framer, set()))
