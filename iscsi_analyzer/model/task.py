"""A task: one request and everything that belongs to it until it is answered; and the index of tasks.

Compiled. A task is identified by its Initiator Task Tag only while it is open (RFC 7143 section 4.2.2.1); afterwards it
is a row. Rows have `TASK_SIZE` bytes, little-endian, numbers of PDUs counting from 1 and 0 meaning none:

    offset  size  what
         0     4  PDU that asked
         4     4  PDU that answered
         8     8  first and last R2T
        16     8  first and last Data-Out
        24     8  first and last Data-In
        32     4  connection
        36     4  session
        40     4  Initiator Task Tag; for a ping by the target its Target Transfer Tag
        44     4  Expected Data Transfer Length; for task management the Referenced Task Tag
        48     8  LUN, as in the header
        56     4  bytes of read data in Data-In PDUs
        60     4  bytes of write data: immediate and Data-Out
        64     4  residual count
        68     4  PDUs of the task
        72     1  kind (KINDS)
        73     1  outcome (OUTCOMES)
        74     1  SCSI status, or the response code of task management and logout; 255: none
        75     1  iSCSI response code of a SCSI Response; 255: none
        76     1  operation code of the CDB, function of task management, reason of a logout
        77     1  flags byte of the request
        78     1  residual flags of the answer (bits as in the SCSI Response)
        79     1  R2Ts, at most 255
        80     4  PDU that aborted or rejected the task
        84     4  not used
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from librt.strings import BytesWriter, read_i64_be, write_i64_le
from mypy_extensions import i64

from iscsi_analyzer.interpreted import INTERPRETED
from iscsi_analyzer.model.notes import Notes
from iscsi_analyzer.store.blocks import in_blocks
from iscsi_analyzer.store.places import Places

TASK_SIZE: Final = 88
TASKS_PER_BLOCK: Final = 4096

KIND_SCSI: Final = 1
KIND_NOP: Final = 2
KIND_PING: Final = 3
KIND_TMF: Final = 4
KIND_LOGIN: Final = 5
KIND_TEXT: Final = 6
KIND_LOGOUT: Final = 7
KINDS: Final = ("", "scsi", "nop", "target-ping", "task-management", "login", "text", "logout")

ANSWERED: Final = 1
ABORTED: Final = 2
REJECTED: Final = 3
CLOSED: Final = 4
OPEN_AT_END: Final = 5
NO_REQUEST: Final = 6
TAG_REUSED: Final = 7
NOT_FOLLOWED: Final = 8
OUTCOMES: Final = (
    "",
    "answered",
    "aborted",
    "rejected",
    "unanswered at close",
    "unanswered at end of capture",
    "answer without request",
    "tag used again",
    "not followed",
)
"""How a task ended. `answer without request`: the request is not in the capture, or was never made. `tag used again`:
another request took the tag. `not followed`: too many tasks were open."""

NONE: Final = 255
UNKNOWN_OPERATION: Final = 255
"Operation code of a command whose CDB was not captured."

_PLAIN: Final = Struct("<12Iq4I8BII")
_M32: Final = 0xFFFFFFFF


def _pair(low: i64, high: i64) -> i64:
    """Two 32-bit values as one 64-bit number; the high half is made signed, so that it fits without a compiler, too."""
    return (low & _M32) | ((((high & _M32) ^ 0x80000000) - 0x80000000) << 32)


# Task management functions that end every task of a logical unit, or of all (RFC 7143 section 11.5.1, RFC 7144
# section 6.3).
ABORT_TASK: Final = 1
ABORT_TASK_SET: Final = 2
CLEAR_TASK_SET: Final = 4
LUN_RESET: Final = 5
TARGET_WARM_RESET: Final = 6
TARGET_COLD_RESET: Final = 7
I_T_NEXUS_RESET: Final = 11

NO_TASKS: Final = 0
TASKS_OF_LUN: Final = 1
ALL_TASKS: Final = 2
"Which tasks a task management function ends when it is complete, beside the one that it may name."


def scope_of(function: i64) -> i64:
    """NO_TASKS, TASKS_OF_LUN or ALL_TASKS."""
    if function in (TARGET_WARM_RESET, TARGET_COLD_RESET, I_T_NEXUS_RESET):
        return ALL_TASKS
    return TASKS_OF_LUN if function in (ABORT_TASK_SET, CLEAR_TASK_SET, LUN_RESET) else NO_TASKS


def kind_of(opcode: i64) -> i64:
    """The kind of task that a request opens, but for SCSI Commands and pings of the target."""
    if opcode == 0x00:
        return KIND_NOP
    if opcode == 0x02:
        return KIND_TMF
    if opcode == 0x03:
        return KIND_LOGIN
    if opcode == 0x04:
        return KIND_TEXT
    return KIND_LOGOUT


class Task:
    """An open task."""

    def __init__(self, kind: i64, tag: i64, request: i64, connection: i64) -> None:
        self.kind: i64 = kind
        self.tag: i64 = tag
        self.request: i64 = request
        self.connection: i64 = connection
        self.lun: i64 = 0
        self.length: i64 = 0
        self.cmd_sn: i64 = -1
        self.immediate: bool = False
        self.operation: i64 = 0
        self.flags: i64 = 0
        self.keep: bool = False
        "The data describes the device, so the first pass keeps it."
        self.cdb: bytes = b""
        "The CDB as far as it is in the header; only if `keep`."
        self.first_r2t: i64 = 0
        self.last_r2t: i64 = 0
        self.r2ts: i64 = 0
        self.first_data_out: i64 = 0
        self.last_data_out: i64 = 0
        self.first_data_in: i64 = 0
        self.last_data_in: i64 = 0
        self.data_in: i64 = 0
        self.data_out: i64 = 0
        self.pdus: i64 = 1
        self.status: i64 = NONE
        self.response: i64 = NONE
        self.residual: i64 = 0
        self.residual_flags: i64 = 0
        # `Follower.losses` when the task began: if that is not the same any more, PDUs of the task may be missing from
        # the capture. -1 if that cannot be known.
        self.losses: i64 = 0
        # What those who judge remember of the task.
        self.notes: Notes | None = None

    def repeated_by(self, header: bytes, cmd_sn: i64, connection: i64) -> bool:
        """Whether a SCSI Command with the tag of this task is the same command once more (a retry, RFC 7143 section
        7.2.1), so that the task goes on. `cmd_sn` is -1 if it was not captured."""
        if self.kind != KIND_SCSI or self.request == 0 or self.connection != connection or cmd_sn < 0:
            return False
        if self.cmd_sn != cmd_sn or self.immediate or header[0] & 0x40:
            return False
        length = read_i64_be(header, 16) & _M32
        return header[1] == self.flags and read_i64_be(header, 8) == self.lun and length == self.length


class TaskWriter:
    """Appends the rows of tasks that are over. One writer, any number of readers."""

    def __init__(self, places: Places | None = None) -> None:
        """`places` tells where the rows of PDUs stand."""
        self._places: Places = places if places is not None else Places()
        self.blocks: list[bytes] = []
        self.count: i64 = 0
        self._writer: BytesWriter = BytesWriter()
        self._in_block: i64 = 0
        self._plain: bool = INTERPRETED

    def add(self, task: Task, answer: i64, outcome: i64, by: i64, session: i64) -> None:
        """Writes the row of `task`: answered by PDU `answer`, ended by PDU `by` (both 0 if none), all counted from the
        beginning of the capture."""
        writer = self._writer
        request = task.request
        first_r2t = task.first_r2t
        last_r2t = task.last_r2t
        first_data_out = task.first_data_out
        last_data_out = task.last_data_out
        first_data_in = task.first_data_in
        last_data_in = task.last_data_in
        places = self._places
        if places.looked_over:
            request = places.of(request)
            first_r2t = places.of(first_r2t)
            last_r2t = places.of(last_r2t)
            first_data_out = places.of(first_data_out)
            last_data_out = places.of(last_data_out)
            first_data_in = places.of(first_data_in)
            last_data_in = places.of(last_data_in)
            answer = places.of(answer)
            by = places.of(by)
        if self._plain:
            writer.write(
                _PLAIN.pack(
                    request,
                    answer,
                    first_r2t,
                    last_r2t,
                    first_data_out,
                    last_data_out,
                    first_data_in,
                    last_data_in,
                    task.connection,
                    session,
                    task.tag,
                    task.length,
                    task.lun,
                    task.data_in & _M32,
                    task.data_out & _M32,
                    task.residual,
                    task.pdus,
                    task.kind,
                    outcome,
                    task.status,
                    task.response,
                    task.operation,
                    task.flags,
                    task.residual_flags,
                    min(task.r2ts, 255),
                    by,
                    0,
                )
            )
        else:
            write_i64_le(writer, request | (answer << 32))
            write_i64_le(writer, first_r2t | (last_r2t << 32))
            write_i64_le(writer, first_data_out | (last_data_out << 32))
            write_i64_le(writer, first_data_in | (last_data_in << 32))
            write_i64_le(writer, task.connection | (session << 32))
            write_i64_le(writer, _pair(task.tag, task.length))
            write_i64_le(writer, task.lun)
            write_i64_le(writer, _pair(task.data_in, task.data_out))
            write_i64_le(writer, _pair(task.residual, task.pdus))
            r2ts = task.r2ts if task.r2ts < 255 else 255
            write_i64_le(
                writer,
                task.kind
                | (outcome << 8)
                | (task.status << 16)
                | (task.response << 24)
                | (task.operation << 32)
                | (task.flags << 40)
                | (task.residual_flags << 48)
                | (((r2ts ^ 0x80) - 0x80) << 56),
            )
            write_i64_le(writer, by)
        self.count += 1
        self._in_block += 1
        if self._in_block == TASKS_PER_BLOCK:
            self.blocks.append(writer.getvalue())
            self._writer = BytesWriter()
            self._in_block = 0

    def replace(self, rows: bytes) -> None:
        """Has these rows instead of all that there were; nobody reads meanwhile."""
        *full, rest = in_blocks(rows, TASKS_PER_BLOCK * TASK_SIZE)
        self.blocks[:] = full
        self.count = len(rows) // TASK_SIZE
        self._in_block = len(rest) // TASK_SIZE
        self._writer = BytesWriter()
        self._writer.write(rest)

    def tail(self) -> bytes:
        """The rows of the block that is still being filled, as they stand now."""
        return self._writer.getvalue()
