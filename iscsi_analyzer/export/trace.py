"""`export --format trace`: tasks, PDUs, findings and load on a time axis, as JSON in the Trace Event Format, which
Perfetto (ui.perfetto.dev) and chrome://tracing open.

A session is a process; each direction of a connection is a thread, whose slices are its PDUs. Tasks overlap, so each is
an asynchronous event with an id of its own, its phases within it. Counters tell the tasks outstanding and the room in
the command window of each session, and the load of the whole capture, which is process 0. Times are microseconds since
the first frame.

$ iscsi-analyzer export samples/m23_bad_data_digest.pcap --format trace --task 2
{"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"connection 1 initiator"}},
{"ph":"b","name":"WRITE(10)","ts":527.0,"cat":"task","id":"2","pid":1,"tid":2, ...
{"ph":"e","name":"WRITE(10)","ts":590.0,"cat":"task","id":"2","pid":1,"tid":2},
{"ph":"X","name":"SCSI Command","cat":"pdu","ts":527.0,"dur":0.001,"pid":1,"tid":2, ...
{"ph":"i","s":"t","name":"data-digest-bad","cat":"error","pid":1,"tid":2,"ts":527.0, ...
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np

from iscsi_analyzer.analysis.facts import TARGET, Facts
from iscsi_analyzer.analysis.load import load, steps
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.findings import FindingRecord, finding_records
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.part import findings_of, pdus_of, tasks_of
from iscsi_analyzer.export.pdu_text import name_and_rest
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.task_record import PhaseRecord, TaskRecord
from iscsi_analyzer.export.tasks import Tasks, how_it_ended
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.tasks import NO_TIME

Event = dict[str, Any]

CAPTURE: Final = 0
"The process of what belongs to no session."
_SHORTEST_NS: Final = 1
"What a slice lasts at least: those without a duration are not drawn."
_REMEMBERED: Final = 32
"Slices of a thread that a new one may be across."
_R2T, _DATA_OUT = 0x31, 0x05
_READ: Final = (("to_data_in_ns", "to the first data"), ("data_ns", "data"), ("to_answer_ns", "to the status"))
_WRITE: Final = (("to_r2t_ns", "to the first R2T"), ("r2t_to_data_out_ns", "data"), ("to_answer_ns", "to the status"))
_NO_DATA: Final = (("to_answer_ns", "to the answer"),)


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The document, an event a line. See `formats.Maker`."""
    trace = _Trace(analysis, part)
    encode = msgspec.json.Encoder().encode
    began = decimal(max(0, trace.facts.start))
    yield b'{"displayTimeUnit":"ns","otherData":{"start":"%s"},"traceEvents":[' % began.encode()
    before = b"\n"
    for event in trace.events():
        yield before + encode(event)
        before = b",\n"
    yield b"\n]}\n"


class _Trace:
    """The events of one capture."""

    def __init__(self, analysis: Analysis, part: Part) -> None:
        self.store = analysis.store
        self.part = part
        self.focus = part.focus
        self.facts = Facts(self.store, part.focus)
        self.tasks = tasks_of(self.facts, part)
        self.pdus = pdus_of(self.facts, part)
        self.whole = not part.numbered

    def events(self) -> Iterator[Event]:
        yield from self._names()
        yield from self._of_tasks()
        if self.whole:
            yield from self._outstanding()
            yield from self._window()
            yield from self._load()
        yield from self._pdus()
        yield from self._findings()

    def _at(self, ns: int) -> float:
        return (ns - self.facts.start) / 1000

    # --- names ---

    def _names(self) -> Iterator[Event]:
        yield _name("process_name", CAPTURE, 0, "the capture")
        study = Study(self.store, self.focus)
        for session in study.sessions:
            if session.session not in self.facts.wanted_sessions:
                continue
            who = f"{session.initiator_name or '?'} -> {session.target_name or session.type}"
            yield _name("process_name", session.session, 0, f"session {session.session}: {who}")
            for link in session.connections:
                words = f"connection {link.connection}"
                yield _name("thread_name", session.session, 2 * link.connection, f"{words} initiator")
                yield _name("thread_name", session.session, 2 * link.connection + 1, f"{words} target")

    # --- tasks ---

    def _of_tasks(self) -> Iterator[Event]:
        records = Tasks(self.store)
        for number in self.tasks:
            begin, end = int(self.facts.asked[number - 1]), int(self.facts.over[number - 1])
            if begin == NO_TIME:
                continue
            record = records.record(number)
            base: Event = {
                "cat": "task",
                "id": str(number),
                "pid": record.session,
                "tid": 2 * record.connection,
            }
            end = max(begin, end)
            name = record.operation or record.kind
            yield {"ph": "b", "name": name, "ts": self._at(begin), **base, "args": _facts_of(record)}
            at = begin
            for label, length in _phases(record):
                yield {"ph": "b", "name": label, "ts": self._at(at), **base}
                at += length
                yield {"ph": "e", "name": label, "ts": self._at(at), **base}
            yield {"ph": "e", "name": name, "ts": self._at(end), **base}

    # --- counters ---

    def _outstanding(self) -> Iterator[Event]:
        facts = self.facts
        scsi = np.flatnonzero(facts.wanted_scsi & (facts.asked != NO_TIME))
        session = facts.task("session")[scsi]
        for number in np.unique(session).tolist():
            mine = scsi[session == number]
            times, counts = steps(facts.asked[mine], facts.over[mine])
            for ts, count in zip(times.tolist(), counts.tolist(), strict=True):
                yield self._counter("tasks outstanding", number, ts, {"tasks": count})

    def _window(self) -> Iterator[Event]:
        """How many commands the target would still take: MaxCmdSN - ExpCmdSN + 1 (RFC 7143 section 4.2.2.1)."""
        facts = self.facts
        whole = (facts.pdu_flags >> rows.CAPTURED_SHIFT & rows.CAPTURED_MASK) == 48
        # Login Responses that refuse have no numbers (section 11.13.4).
        wanted = facts.wanted_pdus & whole & (facts.opcode >= 0x20) & (facts.opcode != 0x23)
        numbers = np.flatnonzero(wanted)
        expected = facts.pdus.field(rows.HEADER_AT + 28, ">u4")[numbers].astype(np.int64)
        most = facts.pdus.field(rows.HEADER_AT + 32, ">u4")[numbers].astype(np.int64)
        room = (most - expected + 1) & 0xFFFFFFFF
        room[room >= 1 << 31] = 0
        session = facts.session_of[facts.pdu_connection[numbers]]
        for number in np.unique(session).tolist():
            mine = np.flatnonzero(session == number)
            changed = np.append(True, room[mine][1:] != room[mine][:-1])
            for place in mine[changed].tolist():
                ts = int(facts.time_last[numbers[place]])
                yield self._counter("command window", number, ts, {"commands": int(room[place])})

    def _load(self) -> Iterator[Event]:
        found = load(self.facts)
        seconds = found.bucket_ns / 1e9
        for moment in found.moments:
            bytes_ = {
                "read MB/s": round(moment.read_bytes / seconds / 1e6, 6),
                "write MB/s": round(moment.write_bytes / seconds / 1e6, 6),
            }
            yield self._counter("throughput", CAPTURE, moment.start_ns, bytes_)
            yield self._counter("IOPS", CAPTURE, moment.start_ns, {"tasks/s": round(found.iops(moment), 3)})

    def _counter(self, name: str, process: int, ts: int, values: dict[str, float]) -> Event:
        return {"ph": "C", "name": name, "pid": process, "ts": self._at(ts), "args": values}

    # --- PDUs and findings ---

    def _pdus(self) -> Iterator[Event]:
        """A slice for each PDU, and an arrow from each R2T to the Data-Out PDUs that answer it."""
        views = Views(self.store)
        asked: dict[tuple[int, bytes], int] = {}
        rooms: dict[int, _Room] = {}
        for number in self.pdus.tolist():
            row = self.store.row(number)
            name, rest = name_and_rest(PduView(views, number, row))
            thread = 2 * row.connection + (not row.to_target)
            room = rooms.setdefault(thread, _Room())
            first, last = room.taken(row.time_first, row.time_last)
            begin = self._at(first)
            where: Event = {"pid": int(self.facts.session_of[row.connection]), "tid": thread}
            yield {
                "ph": "X",
                "name": name,
                "cat": "pdu",
                "ts": begin,
                "dur": (last - first) / 1000,
                **where,
                "args": {"pdu": number, "frame": row.frame_last, "what": rest.strip()},
            }
            key = (row.connection, row.header[20:24])
            flow: Event = {"name": "R2T", "cat": "r2t", "ts": begin, **where}
            if row.opcode == _R2T:
                asked[key] = number
                yield {"ph": "s", "id": number, **flow}
            elif row.opcode == _DATA_OUT and key in asked:
                yield {"ph": "t", "id": asked[key], **flow}

    def _findings(self) -> Iterator[Event]:
        """An instant wherever a finding shows, as far as that belongs to the part."""
        shown = None if self.whole else frozenset(self.pdus.tolist())
        for record in findings_of(self.store, self.part) or finding_records(self.store, self.focus):
            for pdu in record.pdus:
                if shown is None or pdu in shown:
                    row = self.store.row(pdu)
                    thread = 2 * row.connection + (not row.to_target)
                    yield self._finding(record, row.connection, thread, row.time_last, {"pdu": pdu})
            if not record.pdus and (shown is None or record.number in self.part.findings):
                # What did not come has no PDU: it is missed when the connection, or the capture, is over.
                number = record.connection or 0
                link = self.facts.connection(number) if number else None
                over = self.facts.end if link is None else link.closed_ts if link.closed else link.last_ts
                yield self._finding(record, number, 2 * number + (record.party == TARGET), int(over), {})

    def _finding(self, record: FindingRecord, connection: int, thread: int, ts: int, more: dict[str, int]) -> Event:
        return {
            "ph": "i",
            "s": "t",
            "name": record.rule,
            "cat": record.severity,
            "pid": int(self.facts.session_of[connection]) if connection else CAPTURE,
            "tid": thread,
            "ts": self._at(ts),
            "args": {"finding": record.number, **more, "message": record.message},
        }


class _Room:
    """Where slices of one thread may lie: behind each other or within each other, but not across each other's ends.

    PDUs are across each other where segments overtook each other. What is told of such a PDU is when it was complete;
    its slice begins where there is room.
    """

    def __init__(self) -> None:
        self._latest: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)
        self._end = 0

    def taken(self, first: int, last: int) -> tuple[int, int]:
        """Beginning and end of the slice of a PDU whose first and last byte came then, in nanoseconds."""
        if first < self._end:
            for begin, end in sorted(self._latest):
                if begin < first < end < last:
                    first = end
            for begin, end in self._latest:
                if first < begin < last < end:
                    first = begin
        last = max(last, first + _SHORTEST_NS)
        self._latest.append((first, last))
        self._end = max(self._end, last)
        return first, last


def _name(what: str, process: int, thread: int, name: str) -> Event:
    return {"ph": "M", "name": what, "pid": process, "tid": thread, "args": {"name": name}}


def _facts_of(record: TaskRecord) -> dict[str, Any]:
    """What a click on the task shows."""
    found = {
        "task": record.number,
        "initiator task tag": f"0x{record.initiator_task_tag:08x}",
        "LUN": record.lun,
        "LBA": record.lba,
        "blocks": record.transfer_length,
        "how it ended": how_it_ended(record),
        "latency us": None if record.latency_ns is None else record.latency_ns / 1000,
        "request PDU": record.request_pdu,
        "response PDU": record.response_pdu,
        "bytes read": record.data_in,
        "bytes written": record.data_out,
    }
    return {name: value for name, value in found.items() if value is not None}


def _phases(record: TaskRecord) -> list[tuple[str, int]]:
    """Phases that follow each other and fill the task's time; none if they do not."""
    times: PhaseRecord | None = record.phases
    if times is None or record.latency_ns is None:
        return []
    for phases in (_READ, _WRITE, _NO_DATA):
        found = [(label, getattr(times, name)) for name, label in phases]
        if all(length is not None and length >= 0 for _, length in found):
            return found if sum(length for _, length in found) == record.latency_ns and len(found) > 1 else []
    return []
