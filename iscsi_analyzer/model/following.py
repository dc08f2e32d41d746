"""Follows one connection PDU by PDU: opens tasks, adds what belongs to them, and closes them with their outcome.

Compiled. Called for every PDU in the order in which its last byte was delivered, so causes come before effects as
far as the capture has them so.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.finder import SessionFinder
from iscsi_analyzer.model.limits import Limits
from iscsi_analyzer.model.login import Login
from iscsi_analyzer.model.notes import Notes
from iscsi_analyzer.model.session import TARGET_TAG, Session
from iscsi_analyzer.model.task import (
    ABORT_TASK,
    ABORTED,
    ALL_TASKS,
    ANSWERED,
    KIND_LOGIN,
    KIND_LOGOUT,
    KIND_NOP,
    KIND_PING,
    KIND_SCSI,
    KIND_TEXT,
    KIND_TMF,
    NO_REQUEST,
    REJECTED,
    TAG_REUSED,
    TASKS_OF_LUN,
    UNKNOWN_OPERATION,
    Task,
    TaskWriter,
    kind_of,
    scope_of,
)
from iscsi_analyzer.model.watch import Look, Watcher
from iscsi_analyzer.store.rows import (
    CAPTURED_MASK,
    CAPTURED_SHIFT,
    DIGEST_BAD,
    DIGEST_MASK,
    FLAG_CUT,
    FLAG_ODD,
    FLAG_UNFINISHED,
    HEADER_DIGEST_SHIFT,
)
from iscsi_analyzer.streams.connection import Connection
from iscsi_analyzer.streams.context import FramingContext
from iscsi_analyzer.streams.pdu import DESCRIPTIVE, PduInHand

RESERVED: Final = 0xFFFFFFFF
_M32: Final = 0xFFFFFFFF

DOUBTFUL: Final = FLAG_CUT | FLAG_ODD | (DIGEST_BAD << HEADER_DIGEST_SHIFT)
"Flags of a row whose PDU may have to be taken as lost."


class Follower(FramingContext):
    """What follows one connection."""

    def __init__(
        self, connection: Connection, session: Session, rows: TaskWriter, login: Login, finder: SessionFinder
    ) -> None:
        super().__init__(connection.number, connection.header_digest, connection.data_digest)
        self.connection: Connection = connection
        self.session: Session = session
        self.rows: TaskWriter = rows
        self.login: Login = login
        self.finder: SessionFinder = finder
        # StatSN last seen from the target, ExpStatSN last seen from the initiator; -1 while unknown.
        self.stat_sn: i64 = -1
        self.exp_stat_sn: i64 = -1
        self.limits: Limits = Limits()
        # How often bytes of this connection were lost: a task that is older than the latest loss may lack PDUs.
        self.losses: i64 = 0
        self.notes: Notes | None = None
        self.watcher: Watcher | None = finder.watcher
        # Those who judge want to see every PDU, also those that they leave alone otherwise.
        self.alert: bool = False
        self._look: Look = finder.look

    def knows(self, tag: i64) -> bool:
        return tag in self.session.open

    def wants_data(self, tag: i64) -> bool:
        task = self.session.open.get(tag)
        return task is not None and task.keep

    def follow(self, pdu: PduInHand, number: i64, data: bytes) -> i64:
        header = pdu.header
        opcode = pdu.opcode
        if (pdu.flags >> CAPTURED_SHIFT) & CAPTURED_MASK < 24:
            return 0  # cut before the tags: nobody can say what it belongs to
        tags = read_i64_be(header, 16)
        tag = (tags >> 32) & _M32
        if self.watcher is not None:
            self._show(pdu, number, header, opcode, tag, tags & _M32, data)
        if (opcode >= 0x20) == pdu.to_target:
            request: i64 = 0  # the other side's opcode: it says nothing of the conversation
        elif opcode >= 0x20:
            request = self._from_target(pdu, number, header, opcode, tag, tags & _M32, data)
        else:
            request = self._from_initiator(pdu, number, header, opcode, tag, tags & _M32, data)
        if pdu.flags & DOUBTFUL:
            self._doubt(pdu)
        return request

    def _doubt(self, pdu: PduInHand) -> None:
        """What follows a PDU that is cut may be missing, too. A header that its digest disproves may have said
        anything, and its receiver drops it; a header that leads to no other leaves bytes that nobody understands. All
        of them are as good as lost."""
        flags = pdu.flags
        bad = (flags >> HEADER_DIGEST_SHIFT) & DIGEST_MASK == DIGEST_BAD
        if bad or flags & FLAG_CUT or (flags & FLAG_ODD and flags & FLAG_UNFINISHED):
            self.lose(pdu.to_target)

    def _show(
        self, pdu: PduInHand, number: i64, header: bytes, opcode: i64, tag: i64, second: i64, data: bytes
    ) -> None:
        """Shows the PDU to whoever watches, before anything changes."""
        look = self._look
        look.number = number
        look.opcode = opcode
        look.header = header
        look.flags = header[1]
        look.immediate = header[0] & 0x40 != 0
        look.tag = tag
        look.second = second
        look.data_length = pdu.data_length
        look.to_target = pdu.to_target
        look.whole = (pdu.flags >> CAPTURED_SHIFT) & CAPTURED_MASK == 48
        look.odd = pdu.flags & FLAG_ODD != 0
        look.row = pdu.flags
        look.data = data
        look.ts = pdu.time_last
        key = tag
        if tag == RESERVED and (opcode == 0x00 or opcode == 0x20):
            key = second | TARGET_TAG
        session = self.session
        task = session.open.get(key)
        look.task = task
        look.late = session.finished_request(tag) if task is None else 0
        watcher = self.watcher
        if watcher is not None:
            watcher.see(self, look, pdu)

    def lose(self, to_target: bool) -> None:
        """Bytes of one direction are missing, or could not be framed."""
        self.losses += 1
        if to_target:
            self.exp_stat_sn = -1
        else:
            self.stat_sn = -1
        watcher = self.watcher
        if watcher is not None:
            watcher.lost(self, to_target)

    # --- what the initiator sends ---

    def _from_initiator(
        self, pdu: PduInHand, number: i64, header: bytes, opcode: i64, tag: i64, second: i64, data: bytes
    ) -> i64:
        session = self.session
        if opcode == 0x05:
            if tag not in session.open:
                past = session.past_request(tag)
                if past:
                    session.late += 1  # it was under way when the task ended
                    return past
            task = self._belongs(tag, KIND_SCSI)
            task.pdus += 1
            task.data_out += pdu.data_length
            if task.first_data_out == 0:
                task.first_data_out = number
            task.last_data_out = number
            return task.request
        if opcode == 0x10:
            known = session.open.get(tag)
            return 0 if known is None else known.request
        if opcode == 0x03:
            self.finder.login(self, header, data)
            self.finder.text(self, number, header, data, True)
            session = self.session
        elif opcode == 0x04:
            self.finder.text(self, number, header, data, True)
        if opcode > 0x06:
            return 0
        captured = (pdu.flags >> CAPTURED_SHIFT) & CAPTURED_MASK
        numbers = read_i64_be(header, 24)
        cmd_sn: i64 = (numbers >> 32) & _M32 if captured >= 28 else -1
        if cmd_sn >= 0 and not header[0] & 0x40 and opcode != 0x03:
            session.sent(cmd_sn, pdu.time_last)
        if captured >= 32:
            self.exp_stat_sn = numbers & _M32
        if opcode == 0x00 and tag == RESERVED:
            # The answer to a ping of the target (section 11.18.2), or no ping at all.
            ping = session.open.pop(second | TARGET_TAG, None)
            if ping is None:
                return 0
            self._over(ping, number, ANSWERED, 0)
            return ping.request
        kind: i64 = KIND_SCSI
        if opcode != 0x01:
            kind = kind_of(opcode)
        before = session.open.get(tag)
        if before is not None:
            same = kind == KIND_LOGIN or (kind == KIND_TEXT and second != RESERVED)
            if before.kind == kind and (same or before.repeated_by(header, cmd_sn, self.number)):
                before.pdus += 1  # one login, one negotiation, over several PDUs with the same tag; or a retry
                return before.request
            self._over(before, 0, NO_REQUEST if before.request == 0 else TAG_REUSED, number)
        task = Task(kind, tag, number, self.number)
        flags: i64 = header[1]
        task.flags = flags
        task.lun = read_i64_be(header, 8)
        task.cmd_sn = cmd_sn
        task.immediate = header[0] & 0x40 != 0
        task.losses = self.losses if self._hears_target() else -1
        if opcode == 0x01:
            task.length = second
            task.operation = header[32] if captured > 32 else UNKNOWN_OPERATION
            task.data_out = pdu.data_length
            if DESCRIPTIVE[task.operation]:
                task.keep = True
                task.cdb = header[32:48]
        elif opcode == 0x02 or opcode == 0x06:
            task.operation = flags & 0x7F
            if opcode == 0x02:
                task.length = second
        session.start(task, tag)
        return 0

    def _hears_target(self) -> bool:
        """Whether the target's stream was seen yet: only then what is missing from it leaves a trace."""
        direction = self.connection.to_target
        return direction is not None and direction.peer.next_seq >= 0

    # --- what the target sends ---

    def _from_target(
        self, pdu: PduInHand, number: i64, header: bytes, opcode: i64, tag: i64, second: i64, data: bytes
    ) -> i64:
        session = self.session
        request: i64 = 0
        whole = (pdu.flags >> CAPTURED_SHIFT) & CAPTURED_MASK == 48
        if (opcode == 0x25 or opcode == 0x31 or opcode == 0x21) and tag not in session.open:
            request = session.past_request(tag)
        if request:
            session.late += 1
        elif opcode == 0x25:
            task = self._belongs(tag, KIND_SCSI)
            task.pdus += 1
            task.data_in += pdu.data_length
            if task.first_data_in == 0:
                task.first_data_in = number
            task.last_data_in = number
            request = task.request
            flags: i64 = header[1]
            if flags & 0x01:
                task.status = header[3]
                task.response = 0
                task.residual_flags = flags & 0x06
                task.residual = read_i64_be(header, 40) & _M32
                self._answered(task, number)
        elif opcode == 0x21:
            task = self._belongs(tag, KIND_SCSI)
            task.pdus += 1
            request = task.request
            task.status = header[3]
            task.response = header[2]
            task.residual_flags = header[1] & 0x1E
            task.residual = read_i64_be(header, 40) & _M32
            self._answered(task, number)
        elif opcode == 0x31:
            task = self._belongs(tag, KIND_SCSI)
            task.pdus += 1
            task.r2ts += 1
            if task.first_r2t == 0:
                task.first_r2t = number
            task.last_r2t = number
            request = task.request
        elif opcode == 0x3F:
            request = self._reject(number, header[2], data)
        elif opcode == 0x23 or opcode == 0x24:
            task = self._belongs(tag, KIND_LOGIN if opcode == 0x23 else KIND_TEXT)
            task.pdus += 1
            request = task.request
            self.finder.text(self, number, header, data, whole)
            session = self.session
            if opcode == 0x24:
                if header[1] & 0x80:
                    self._answered(task, number)
            elif header[36] != 0 or header[1] & 0x83 == 0x83:
                if whole:
                    task.status = header[36]
                    task.response = header[37]
                self._answered(task, number)
        elif opcode == 0x20:
            if tag != RESERVED:
                task = self._belongs(tag, KIND_NOP)
                task.pdus += 1
                request = task.request
                self._answered(task, number)
            elif second != RESERVED:
                unanswered = session.open.get(second | TARGET_TAG)
                if unanswered is not None:
                    self._over(unanswered, 0, TAG_REUSED, number)
                ping = Task(KIND_PING, second, number, self.number)
                ping.lun = read_i64_be(header, 8)
                session.start(ping, second | TARGET_TAG)
        elif opcode == 0x22 or opcode == 0x26:
            task = self._belongs(tag, KIND_TMF if opcode == 0x22 else KIND_LOGOUT)
            task.pdus += 1
            request = task.request
            task.status = header[2]
            if opcode == 0x22 and request and header[2] == 0:
                self._hit(task, number)
            self._answered(task, number)
        elif opcode != 0x32:
            return 0
        if whole and (opcode != 0x23 or header[36] == 0):
            window = read_i64_be(header, 28)
            self.stat_sn = read_i64_be(header, 24) >> 32 & _M32
            exp = (window >> 32) & _M32
            most = window & _M32
            if exp != session.exp_cmd_sn or most != session.max_cmd_sn:
                session.granted(exp, most, pdu.time_last)
        return request

    # --- tasks ---

    def _belongs(self, tag: i64, kind: i64) -> Task:
        """The open task with that tag, or a new one without request: it is not in the capture, or there was none."""
        task = self.session.open.get(tag)
        if task is not None:
            return task
        task = Task(kind, tag, 0, self.number)
        task.pdus = 0
        task.losses = self.losses
        self.session.start(task, tag)
        return task

    def _answered(self, task: Task, number: i64) -> None:
        session = self.session
        session.open.pop(task.tag, None)
        if task.request:
            session.finished(task.tag, task.request)
            self._over(task, number, ANSWERED, 0)
        else:
            self._over(task, number, NO_REQUEST, 0)

    def _ended(self, task: Task, answer: i64, outcome: i64, by: i64) -> None:
        """A request of the initiator is over without having been carried out."""
        self.session.open.pop(task.tag, None)
        if task.request:
            self.session.ended(task.tag, task.request)
        self._over(task, answer, outcome, by)

    def _over(self, task: Task, answer: i64, outcome: i64, by: i64) -> None:
        watcher = self.watcher
        if watcher is not None:
            watcher.over(self, task, outcome, answer if answer else by)
        self.rows.add(task, answer, outcome, by, self.session.number)

    def _hit(self, management: Task, number: i64) -> None:
        """A task management function was completed: the tasks it names are over (section 11.5.1)."""
        function = management.operation
        tasks = self.session.open
        if function == ABORT_TASK:
            task = tasks.get(management.length)
            if task is not None and task.kind == KIND_SCSI:
                self._ended(task, 0, ABORTED, number)
            return
        scope = scope_of(function)
        for task in list(tasks.values()):
            if task.kind == KIND_SCSI and task.request < management.request:
                if scope == ALL_TASKS or (scope == TASKS_OF_LUN and task.lun == management.lun):
                    self._ended(task, 0, ABORTED, number)

    def _reject(self, number: i64, reason: i64, data: bytes) -> i64:
        """A Reject carries the header of what it rejects (section 11.17.2)."""
        if len(data) < 24:
            return 0
        opcode = data[0] & 0x3F
        if opcode > 0x06:
            return 0
        tag = (read_i64_be(data, 16) >> 32) & _M32
        task = self.session.open.get(tag)
        if task is None:
            return 0
        task.pdus += 1
        # A digest error, a wrong SNACK or a command sent again does not end its task (sections 7.8 and 11.17.1).
        if opcode != 0x05 and reason not in (0x02, 0x03, 0x07, 0x08):
            self._ended(task, number, REJECTED, number)
        return task.request
