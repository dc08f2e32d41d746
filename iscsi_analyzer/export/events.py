"""What happens in an analysis that still goes on, as events that are worth a line each: logins, logouts, slow and
failed tasks, findings, rejects, losses, retransmissions, and ends.

Reads what has been appended since the last look, by the times of the capture. A storm of one kind on one connection is
told by its first events and a sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from dissectors.iscsi.words import (
    ASYNC_EVENTS,
    LOGIN_STATUS,
    LOGOUT_REASONS,
    LOGOUT_RESPONSES,
    REJECT_REASONS,
    TMF_FUNCTIONS,
    TMF_RESPONSES,
)
from dissectors.scsi import parse_cdb, parse_lun
from iscsi_analyzer.analysis.addresses import initiator_half, initiator_of, portal_of
from iscsi_analyzer.export.event import BAD, INFO, LOOK, Calm, Event
from iscsi_analyzer.export.tables import plural, size
from iscsi_analyzer.export.tasks import Tasks
from iscsi_analyzer.export.time_text import span
from iscsi_analyzer.model import task as model
from iscsi_analyzer.rules.rule import ERROR, WARNING
from iscsi_analyzer.rules.verdicts import Verdict
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Numbers, pdu_columns
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import task_columns, task_row
from iscsi_analyzer.streams.connection import Connection

SLOW_NS: Final = 50_000_000
BURST: Final = 3
"So many segments that were sent again within BURST_NS are worth a line."
BURST_NS: Final = 1_000_000_000
CLOCK_NS: Final = 1_000_000_000
"The clock of the capture may step back by so much before that is told: frames of several queues are not in order."
_LOST = ("retransmission", "loss")
WAITING_NS: Final = 5_000_000_000
"A SCSI task without an answer for so long is told before it is over."
_ASYNC, _REJECT, _MANAGEMENT = 0x32, 0x3F, 0x02
_SEVERITIES = {ERROR: BAD, WARNING: LOOK}


class Events:
    """The events of one store."""

    def __init__(self, store: Store, slow_ns: int = SLOW_NS, known: Mapping[str, str] | None = None) -> None:
        """A SCSI task that took at least `slow_ns` is an event. `known` is what an earlier store had as `names`."""
        self.store = store
        self._known = dict(known or {})
        self.slow_ns = slow_ns
        self._tasks = Tasks(store)
        self._calm = Calm()
        self._pdus_done = 0
        self._tasks_done = 0
        self._findings_done = 0
        self._losses_done = 0
        self._tcp_done = 0
        self._connections_done = 0
        self._latest = 0
        self._now = 0
        self._bursts: dict[tuple[int, bool], list[int]] = {}
        "Connection and direction -> how many segments were sent again, first and last time."
        self._open: list[Connection] = []
        self._saturated = False
        self._waited: dict[int, int] = {}
        "Session -> the last request that was told to be waiting."

    def more(self, now: int = 0) -> list[Event]:
        """The events since the last call, by time. What is not over yet (a burst) comes later.

        `now` (ns since 1970) is what the clock of the capture shows, if that is known while nothing is captured.
        """
        self._now = max(now, int(self.store.engine.last_ts))
        found = [*self._new_connections(), *self._of_pdus(), *self._of_tasks(), *self._of_findings()]
        found += [*self._waiting(), *self._of_losses(), *self._of_tcp(), *self._ends()]
        found.sort(key=lambda event: event.at_ns)
        return [*self._calm.pass_on(found, self._now)]

    def end(self) -> list[Event]:
        """What is left when the capture is over; call `more` before."""
        found = [self._burst(key) for key in list(self._bursts)]
        return [*self._calm.pass_on([event for event in found if event is not None], self._now), *self._calm.end()]

    def counted_anew(self) -> None:
        """Rows of the store were given up, after everything in it was told, and the others are counted from 1 again."""
        self._tasks = Tasks(self.store)
        self._pdus_done = pdu_columns(self.store).count
        self._tasks_done = task_columns(self.store).count

    # --- connections ---

    def names(self) -> dict[str, str]:
        """The ends of each connection that is open -> who they are, also as told by `known`."""
        found = {}
        for connection in self._open:
            session = self.store.followers[connection.number - 1].session
            ends = _ends(connection)
            names = [name for name in (session.initiator_name, session.target_name) if name]
            label = " -> ".join(names) if names else self._known.get(ends, "")
            if label:
                found[ends] = label
        return found

    def _new_connections(self) -> Iterator[Event]:
        connections = self.store.connections
        for connection in connections[self._connections_done :]:
            self._open.append(connection)
            if connection.syn or self.store.followers[connection.number - 1].login.requests:
                continue
            ends, severity = _ends(connection), LOOK
            if ends in self._known:
                text, severity = f"goes on: {ends}, {self._known[ends]}", INFO
            else:
                text = f"in mid-session: {ends}; the login was not captured"
            yield self._event(connection.first_ts, "connection", int(connection.number), text, severity)
        self._connections_done += len(connections) - self._connections_done

    def _ends(self) -> Iterator[Event]:
        """Connections that were closed."""
        closed = [connection for connection in self._open if connection.closed]
        if not closed:
            return
        self._open = [connection for connection in self._open if not connection.closed]
        for connection in closed:
            number = int(connection.number)
            session = self.store.followers[number - 1].session
            by = "initiator" if connection.closed_by is initiator_half(connection) else "target"
            waiting = self._unanswered(number)
            text = f"{_ends(connection)} was closed by the {by} ({connection.closed_with})"
            if waiting:
                text += f" with {plural(waiting, 'SCSI task')} outstanding"
            if session.connections and not any(
                other.number in session.connections for other in self._open if other is not connection
            ):
                lasted = connection.closed_ts - session.first_ts
                text += f"; session {session.number} is over after {span(max(0, lasted))}"
            severity = BAD if waiting or connection.closed_with == "RST" else INFO
            yield self._event(connection.closed_ts, "end", number, text, severity)

    def _unanswered(self, connection: int) -> int:
        """SCSI tasks of a closed connection that have no answer."""
        session = self.store.followers[connection - 1].session
        waiting = sum(task.connection == connection and task.kind == model.KIND_SCSI for task in session.open.values())
        columns = task_columns(self.store)
        over = (columns.field("connection") == connection) & (columns.field("outcome") == model.CLOSED)
        return waiting + int(np.count_nonzero(over & (columns.field("kind") == model.KIND_SCSI)))

    # --- PDUs ---

    def _of_pdus(self) -> Iterator[Event]:
        columns = pdu_columns(self.store)
        first, count = self._pdus_done, columns.count
        self._pdus_done = count
        if first == count:
            return
        times = columns.field(8, "<i8")[first:count]
        yield from self._of_clock(times, first + 1)
        opcodes = columns.field(rows.HEADER_AT, "u1")[first:count] & 0x3F
        for place in np.flatnonzero(np.isin(opcodes, (_ASYNC, _REJECT, _MANAGEMENT))).tolist():
            row = self.store.row(first + place + 1)
            if row.to_target != (row.opcode == _MANAGEMENT) or row.header_captured < 48:
                continue
            if row.opcode == _MANAGEMENT:
                text = f"{TMF_FUNCTIONS(row.header[1] & 0x7F)} is asked for, LUN {parse_lun(row.header[8:16]).text}"
                yield self._event(row.time_last, "management", row.connection, text, LOOK)
            elif row.opcode == _REJECT:
                text = f"the target rejected a PDU: {REJECT_REASONS(row.header[2])}"
                yield self._event(row.time_last, "reject", row.connection, text, BAD)
            else:
                text = f"asynchronous message of the target: {ASYNC_EVENTS(row.header[36])}"
                yield self._event(row.time_last, "async", row.connection, text, LOOK)

    def _of_clock(self, times: Numbers, number: int) -> Iterator[Event]:
        """Whether the clock of the capture was set back before one of the PDUs from `number` on, which have these
        times."""
        start = 0
        while start < len(times):
            latest = np.maximum.accumulate(times[start:])
            np.maximum(latest, self._latest, out=latest)
            back = np.flatnonzero(times[start:] < latest - CLOCK_NS)
            if not len(back):
                self._latest = int(latest[-1])
                return
            start += int(back[0])
            at = int(times[start])
            far = span(int(latest[back[0]]) - at)
            text = f"the clock of the capture went back by {far}: durations across that moment mean nothing"
            yield Event(at, "clock", 0, self.store.row(number + start).connection, text, LOOK)
            self._latest = at

    # --- tasks ---

    def _of_tasks(self) -> Iterator[Event]:
        columns = task_columns(self.store)
        first, count = self._tasks_done, columns.count
        self._tasks_done = count
        if first == count:
            return
        kind = columns.field("kind")[first:count]
        outcome = columns.field("outcome")[first:count]
        status = columns.field("status")[first:count]
        scsi = kind == model.KIND_SCSI
        answered = outcome == model.ANSWERED
        slow = scsi & answered & (columns.latency()[first:count] >= self.slow_ns)
        failed = scsi & (status != 0) & (status != model.NONE)
        failed |= scsi & np.isin(outcome, (model.ABORTED, model.REJECTED))
        others = np.isin(kind, (model.KIND_LOGIN, model.KIND_LOGOUT, model.KIND_TMF)) & answered
        for place in np.flatnonzero(slow | failed | others).tolist():
            yield from self._of_task(first + place + 1, bool(slow[place]), bool(failed[place]))

    def _waiting(self) -> Iterator[Event]:
        """Tasks that have been waiting for long. The open tasks of a session stand in the order of their requests."""
        now = self._now
        for session in self.store.sessions:
            for task in session.open.values():
                if task.kind != model.KIND_SCSI or not task.request:
                    continue
                if self.store.connections[task.connection - 1].closed:
                    continue  # its end tells of them
                request = self.store.row_of(int(task.request))
                if not request:
                    continue  # its row was given up
                row = self.store.row(request)
                if now - row.time_first < WAITING_NS:
                    break
                if task.request <= self._waited.get(int(session.number), 0):
                    continue
                self._waited[int(session.number)] = int(task.request)
                waited = span(now - row.time_first)
                cdb = row.header[32 : row.header_captured]
                text = f"{parse_cdb(cdb).name if cdb else 'command'} LUN {parse_lun(row.header[8:16]).text}"
                yield self._event(now, "waiting", row.connection, f"{text} has had no answer for {waited}", BAD)

    def _of_task(self, number: int, slow: bool, failed: bool) -> Iterator[Event]:
        task = task_row(self.store, number)
        at = self.store.row(task.answer or task.by or task.request).time_last
        if task.kind == model.KIND_LOGIN:
            yield self._login(number, at)
        elif task.kind == model.KIND_LOGOUT:
            text = f"{LOGOUT_REASONS(task.operation)}: {LOGOUT_RESPONSES(task.status)}"
            yield self._event(at, "logout", task.connection, text, INFO if task.status == 0 else LOOK)
        elif task.kind == model.KIND_TMF:
            text = f"{TMF_FUNCTIONS(task.operation)}: {TMF_RESPONSES(task.status)}"
            yield self._event(at, "management", task.connection, text, LOOK)
        else:
            kind = "failed" if failed else "slow"
            if self._calm.silent(kind, task.connection, at):
                return
            yield self._event(at, kind, task.connection, self._scsi(number, slow), LOOK)

    def _scsi(self, number: int, slow: bool) -> str:
        """A command, and how it ended."""
        record = self._tasks.record(number)
        text = record.operation or "command"
        if record.lun is not None:
            text += f" LUN {record.lun}"
        if record.lba is not None:
            text += f" LBA {record.lba}"
        if record.transfer_length:
            text += f" ({plural(record.transfer_length, 'block')})"
        if record.status_code:
            text += f": {record.status}"
            if record.sense is not None:
                text += f", {record.sense.text}"
        elif record.outcome != "answered":
            text += f": {record.outcome}"
        if record.latency_ns is not None and (slow or record.latency_ns >= self.slow_ns):
            text += f" took {span(record.latency_ns)}" if record.outcome == "answered" else ""
        return text

    def _login(self, number: int, at: int) -> Event:
        task = task_row(self.store, number)
        follower = self.store.followers[task.connection - 1]
        session, login = follower.session, follower.login
        initiator = session.initiator_name or login.value("InitiatorName") or initiator_of(follower.connection)
        target = session.target_name or login.value("TargetName") or ""
        where = portal_of(follower.connection)
        whom = f"{target} at {where}" if target and not session.discovery else f"discovery at {where}"
        text = f"{initiator} -> {whom}"
        if task.request:
            text += f", took {span(max(0, at - self.store.row(task.request).time_first))}"
        if task.status in (0, model.NONE):
            return self._event(at, "login", task.connection, text, INFO)
        status = task.status << 8 | (task.response & 0xFF)
        text += f": {LOGIN_STATUS(status)} (0x{status:04x})"
        return self._event(at, "login failed", task.connection, text, LOOK if task.status == 1 else BAD)

    # --- findings, losses, TCP ---

    def _of_findings(self) -> Iterator[Event]:
        for verdict in self.new_verdicts():
            finding = verdict.finding
            pdu = int(finding.pdu)
            at = self.store.row(pdu).time_last if 0 < pdu <= len(self.store) else self._latest
            text = f"{verdict.severity} {verdict.rule.name} ({finding.party}): {verdict.message}"
            connection = int(finding.connection)
            yield self._event(at, "finding", connection, text, _SEVERITIES.get(verdict.severity, INFO))

    def new_verdicts(self) -> list[Verdict]:
        """The findings that were made since the last call, as far as they count."""
        new = self.store.findings_from(self._findings_done)
        self._findings_done += len(new)
        found = [self.store.verdicts.of(finding) for finding in new]
        return [verdict for verdict in found if verdict is not None]

    def _of_losses(self) -> Iterator[Event]:
        losses = self.store.losses
        new = losses[self._losses_done :]
        self._losses_done += len(new)
        for loss in new:
            who = "initiator" if loss.to_target else "target"
            if loss.kind == "gap":
                text = f"the capture lacks {size(int(loss.length))} from the {who}"
            else:
                text = f"no PDU could be found in {size(int(loss.length))} from the {who}"
            yield self._event(int(loss.ts), loss.kind, int(loss.connection), text, LOOK)

    def _of_tcp(self) -> Iterator[Event]:
        events = self.store.tcp_events
        new = events[self._tcp_done :]
        self._tcp_done += len(new)
        for event in new:
            if event.what not in _LOST:
                continue
            key = (int(event.connection), bool(event.to_target))
            burst = self._bursts.get(key)
            if burst is not None and event.ts - burst[2] > BURST_NS:
                told = self._burst(key)
                if told is not None:
                    yield told
                burst = None
            if burst is None:
                burst = self._bursts[key] = [0, int(event.ts), 0]
            burst[0] += 1
            burst[2] = int(event.ts)
        for key, (_, first, last) in list(self._bursts.items()):
            if self._now - last > BURST_NS or last - first > BURST_NS:
                told = self._burst(key)
                if told is not None:
                    yield told
        if self.store.tcp_events_not_listed and not self._saturated:
            self._saturated = True
            text = f"{plural(len(events), 'TCP event')} were told of; further ones are only counted"
            yield Event(self._latest, "tcp", 0, 0, text, LOOK)

    def _burst(self, key: tuple[int, bool]) -> Event | None:
        """A burst is over; None if it was too small to be worth a line."""
        count, first, last = self._bursts.pop(key)
        if count < BURST:
            return None
        who = "initiator" if key[1] else "target"
        text = f"the {who} sent {plural(count, 'segment')} again within {span(max(0, last - first))}"
        return self._event(last, "retransmission", key[0], text, LOOK)

    def _event(self, at: int, kind: str, connection: int, text: str, severity: str) -> Event:
        session = 0
        if 1 <= connection <= len(self.store.followers):
            session = int(self.store.followers[connection - 1].session.number)
        return Event(int(at), kind, session, connection, text, severity)


def _ends(connection: Connection) -> str:
    return f"{initiator_of(connection)} -> {portal_of(connection)}"
