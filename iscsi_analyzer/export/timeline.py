"""`export --format timeline-json`: each session as a course of events, a JSON record a line (`timeline_record`).

Tells what the analyses found, in order of time: connections, login steps, what was negotiated, phases, tasks that
failed, took long or had no answer, silences, task management, rejects, losses, findings, ends and returns.

$ iscsi-analyzer export samples/k24_kernel_abort_lunreset_recovery.pcap.zst --format timeline-json
{"type":"timeline","session":1,"initiator_name":"iqn.2026-01.lab.client:kernel", ...
{"type":"timeline","session":2,"initiator_name":"iqn.2026-01.lab.client:kernel", ...

Each record has `events`, which `jq -r '.events[] | [.at_ns / 1e9, .kind, .text] | @tsv'` shows as lines:

    1.602774   unanswered  WRITE(10) on LUN 0: unanswered at close after 24.8 s
    1.613497   quiet       no PDU for 4.57 s although tasks were waiting
    11.336072  management  ABORT TASK on LUN 0: unanswered at close
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import msgspec
import numpy as np

from dissectors.iscsi.words import ASYNC_EVENTS, LOGIN_STAGES, REJECT_REASONS
from iscsi_analyzer.analysis.answers.negotiated import in_force_words
from iscsi_analyzer.analysis.facts import INITIATOR, Numbers
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN
from iscsi_analyzer.analysis.sessions import ConnectionSummary, SessionSummary
from iscsi_analyzer.analysis.stalls import stalls
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.analysis.tcp import hurting
from iscsi_analyzer.export.findings import finding_records
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.ladder import WORDS
from iscsi_analyzer.export.part import findings_of, tasks_of
from iscsi_analyzer.export.pdu_text import name_and_rest
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.tables import size
from iscsi_analyzer.export.tasks import Tasks, how_it_ended
from iscsi_analyzer.export.time_text import decimal, span
from iscsi_analyzer.export.timeline_record import Kind, TimelineEvent, TimelineRecord
from iscsi_analyzer.model import task as model
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store.tasks import NO_TIME

MOST: Final = 1000
"Events of one kind that are listed for a session."
SLOWEST: Final = 10
"Tasks of a session that are told because they took longest."
QUIET_NS: Final = 1_000_000_000
"A stall of so long is told."
_ASYNC, _REJECT = 0x32, 0x3F
_SEVERITY: Final[dict[str, Any]] = {"error": "bad", "warning": "look", "note": "info"}


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The sessions, a record a line. See `formats.Maker`."""
    told = _Told(analysis, part)
    encode = msgspec.json.Encoder().encode
    for session in told.study.sessions:
        if session.session in told.facts.wanted_sessions:
            yield encode(told.record(session)) + b"\n"


class _Told:
    """Everything that is told of one capture."""

    def __init__(self, analysis: Analysis, part: Part) -> None:
        self.store = analysis.store
        self.study = Study(self.store, part.focus)
        self.facts = self.study.facts
        self._views = Views(self.store)
        self._tasks = Tasks(self.store)
        numbers = np.array(tasks_of(self.facts, part), dtype=np.int64)
        self._wanted = np.zeros(self.facts.task_count, dtype=np.bool_)
        self._wanted[numbers - 1] = True
        self._stalls = stalls(self.facts, QUIET_NS)
        self._left = 0
        "Events of the session at hand that are not even made."
        self._findings = findings_of(self.store, part) or list(finding_records(self.store, part.focus))

    def record(self, session: SessionSummary) -> TimelineRecord:
        """One session."""
        self._left = 0
        found = sorted(self._events(session), key=lambda pair: pair[0])
        start = found[0][0] if found else 0
        kept: list[TimelineEvent] = []
        counts: dict[str, int] = {}
        for at, event in found:
            counts[event.kind] = counts.get(event.kind, 0) + 1
            if counts[event.kind] <= MOST:
                event.at_ns = at - start
                kept.append(event)
        return TimelineRecord(
            session=session.session,
            initiator_name=session.initiator_name or None,
            target_name=session.target_name or None,
            session_type=session.type,
            follows=session.follows or None,
            followed_by=session.followed_by or None,
            events=kept,
            not_listed=self._left + len(found) - len(kept),
        )

    def _events(self, session: SessionSummary) -> Iterator[tuple[int, TimelineEvent]]:
        if session.follows:
            text = f"takes the place of session {session.follows}"
            text += f", {span(session.away_ns)} after its end" if session.away_ns >= 0 else ""
            yield _event(session.logged_in_ns or session.begin_ns, "return", "look", text)
        for link in session.connections:
            yield from self._of_connection(link)
            yield from self._quiet(link)
        yield from self._of_tasks(session)
        for each in self.study.aborts:
            if each.session == session.session:
                text = (
                    f"{each.words} on LUN {each.lun}: {each.response}" if each.lun else f"{each.words}: {each.response}"
                )
                meant = [task.task for task in each.meant]
                yield _event(
                    each.asked_ns, "management", "look" if each.answered else "bad", text,
                    duration_ns=each.took_ns, connection=each.connection, frame=each.request_frame,
                    pdus=_there(each.request_pdu, each.answer_pdu), tasks=[each.task, *meant],
                )  # fmt: skip
        for record in self._findings:
            if record.session == session.session:
                at = self.store.row(record.pdu).time_last if record.pdu else session.end_ns
                yield _event(
                    at, "finding", _SEVERITY[record.severity], f"{record.rule} ({record.party}): {record.message}",
                    connection=record.connection, frame=record.frame, pdus=record.pdus, finding=record.number,
                )  # fmt: skip

    # --- connections ---

    def _of_connection(self, link: ConnectionSummary) -> Iterator[tuple[int, TimelineEvent]]:
        number = link.connection
        connection = self.facts.connection(number)
        begun = "opened" if connection.syn else "the capture begins in the middle of it"
        yield _event(
            link.begin_ns, "connect", "info", f"{link.initiator} -> {link.portal}: {begun}",
            connection=number, frame=int(connection.first_frame),
        )  # fmt: skip
        login = link.login
        for pdu in login.pdus:
            row = self.store.row(pdu)
            words = " ".join(" ".join(name_and_rest(PduView(self._views, pdu, row))).split())
            yield _event(
                row.time_last, "login-step", "info", words, connection=number, frame=row.frame_last, pdus=[pdu]
            )
        if login.outcome != NOT_SEEN:
            good = login.outcome == COMPLETE
            yield _event(
                login.began_ns + login.took_ns, "login", "info" if good else "bad",
                f"login {login.outcome}" + (f": {login.words}" if login.words else ""),
                duration_ns=login.took_ns, connection=number, pdus=login.pdus,
            )  # fmt: skip
            if good:
                at = login.began_ns + login.took_ns
                yield _event(at, "negotiated", "info", in_force_words(link.in_force), connection=number)
        yield from self._phases(link)
        mine = self.facts.of_connection(number)
        for index in mine[np.isin(self.facts.opcode[mine], (_ASYNC, _REJECT))].tolist():
            yield self._exceptional(index + 1)
        yield from self._of_network(number)
        end = link.ending
        if connection.closed:
            text = f"{end.how} by the {end.by}" + (f" ({end.with_})" if end.with_ else "")
            if end.reasons:
                text += ": " + "; ".join(reason.words for reason in end.reasons)
            yield _event(
                end.at_ns, "end", "info" if end.how == "logout" else "bad", text,
                connection=number, frame=end.frame,
                pdus=[pdu for reason in end.reasons for pdu in reason.pdus],
                tasks=[task for reason in end.reasons for task in reason.tasks],
            )  # fmt: skip

    def _phases(self, link: ConnectionSummary) -> Iterator[tuple[int, TimelineEvent]]:
        """The stages of the login, and the full feature phase, as far as they were captured."""
        number, login = link.connection, link.login
        for stage, group in groupby(self.study.keys[number - 1].login_pdus, key=lambda pdu: pdu.stage):
            pdus = list(group)
            begin = self.store.row(pdus[0].pdu).time_first
            yield _event(
                begin, "phase", "info", f"login stage {LOGIN_STAGES(stage)}",
                duration_ns=max(0, pdus[-1].at_ns - begin), connection=number, pdus=[pdu.pdu for pdu in pdus],
            )  # fmt: skip
        if login.outcome == COMPLETE:
            begin = login.began_ns + login.took_ns
            yield _event(
                begin, "phase", "info", "full feature phase",
                duration_ns=max(0, link.end_ns - begin), connection=number,
            )  # fmt: skip

    def _exceptional(self, pdu: int) -> tuple[int, TimelineEvent]:
        row = self.store.row(pdu)
        kind: Kind = "reject" if row.opcode == _REJECT else "async"
        if row.opcode == _REJECT:
            text = f"the target rejected a PDU: {REJECT_REASONS(row.header[2])}"
        else:
            text = f"asynchronous message of the target: {ASYNC_EVENTS(row.header[36])}"
        severity = "bad" if row.opcode == _REJECT else "look"
        return _event(row.time_last, kind, severity, text, connection=row.connection, frame=row.frame_last, pdus=[pdu])

    def _of_network(self, number: int) -> Iterator[tuple[int, TimelineEvent]]:
        connection = self.facts.connection(number)
        losses = [loss for loss in self.store.losses if loss.connection == number]
        for what, to_target, length, ts, frame in [
            *((each.kind, each.to_target, each.length, each.ts, each.frame) for each in losses),
            *(
                (each.what, each.to_target, each.length, each.ts, each.frame)
                for each in hurting(self.facts, connection)
            ),
        ]:
            if what in WORDS:
                name, rest = WORDS[what]
                side = INITIATOR if to_target else "target"
                text = f"{name}: {rest.format(length=size(int(length)))}, sent by the {side}"
                kind: Kind = "gap" if what == "gap" else "skipped" if what == "skipped" else "network"
                yield _event(int(ts), kind, "look", text, connection=number, frame=int(frame))

    # --- tasks ---

    def _of_tasks(self, session: SessionSummary) -> Iterator[tuple[int, TimelineEvent]]:
        facts = self.facts
        mine = self._wanted & (facts.task("session") == session.session)
        scsi = mine & (facts.task("kind") == model.KIND_SCSI)
        status = facts.task("status")
        answered = facts.task("outcome") == model.ANSWERED
        failed = scsi & answered & (status != 0) & (status != model.NONE)
        lost = scsi & ~answered & (facts.asked != NO_TIME)
        good = np.flatnonzero(scsi & answered & ~failed & (facts.latency >= 0))
        slow = good[np.argsort(-facts.latency[good], kind="stable")[:SLOWEST]]
        kinds: tuple[tuple[Kind, str, Numbers], ...] = (
            ("failed", "look", np.flatnonzero(failed)),
            ("unanswered", "bad", np.flatnonzero(lost)),
            ("slow", "info", np.sort(slow)),
        )
        for kind, severity, indexes in kinds:
            self._left += max(0, len(indexes) - MOST)
            yield from (self._of_task(index, kind, severity) for index in indexes[:MOST].tolist())

    def _of_task(self, index: int, kind: Kind, severity: str) -> tuple[int, TimelineEvent]:
        record = self._tasks.record(index + 1)
        begin, over = int(self.facts.asked[index]), int(self.facts.over[index])
        where = f" on LUN {record.lun}" if record.lun is not None else ""
        took = max(0, over - begin) if begin != NO_TIME else None
        text = f"{record.operation or 'command'}{where}: {how_it_ended(record)}"
        if took is not None:
            text += f" after {span(took)}"
        return _event(
            over if begin == NO_TIME else begin, kind, severity, text,
            duration_ns=took, connection=record.connection, frame=record.request_frame,
            pdus=_there(record.request_pdu or 0, record.response_pdu or 0), tasks=[index + 1],
        )  # fmt: skip

    def _quiet(self, link: ConnectionSummary) -> Iterator[tuple[int, TimelineEvent]]:
        """Silences of a connection with tasks outstanding."""
        mine = self.facts.of_connection(link.connection)
        ends = np.intersect1d(self._stalls, mine + 1)
        for place in np.searchsorted(mine, ends - 1).tolist():
            start, stop = int(self.facts.time_last[mine[place - 1]]), int(self.facts.time_first[mine[place]])
            yield _event(
                start, "quiet", "look", f"no PDU for {span(stop - start)} although tasks were waiting",
                duration_ns=stop - start, connection=link.connection, pdus=[int(mine[place]) + 1],
            )  # fmt: skip


def _event(at: int, kind: Kind, severity: Any, text: str, **more: Any) -> tuple[int, TimelineEvent]:
    return at, TimelineEvent(time=decimal(at), at_ns=0, kind=kind, severity=severity, text=text, **more)


def _there(*numbers: int) -> list[int]:
    """The PDUs that there are."""
    return [number for number in numbers if number]
