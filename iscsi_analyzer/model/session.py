"""An iSCSI session: the connections between one initiator port and one target portal group, and its open tasks and
command window.

Compiled. RFC 7143 section 4.2: InitiatorName with ISID on one side, TargetName with portal group tag on the other,
named by the TSIH. A capture without the login still has sessions: one for each connection, `assumed`.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.notes import Notes
from iscsi_analyzer.model.task import NOT_FOLLOWED, Task, TaskWriter
from iscsi_analyzer.streams.serial import distance

MAX_OPEN: Final = 1 << 17
"Open tasks of one session; more only come from captures made to exhaust memory."
REMEMBERED: Final = 1024
"Tags of tasks that are over and remembered at least, for PDUs that come late."
TARGET_TAG: Final = 1 << 32
"Marks a tag that the target gave (a ping), in the table of open tasks."


class Session:
    """One session. Serial numbers are -1 while unknown."""

    def __init__(self, number: i64, tasks: TaskWriter) -> None:
        self.number: i64 = number
        self.connections: list[int] = []
        self.assumed: bool = True
        "The login was not seen."
        self.initiator_name: str = ""
        self.target_name: str = ""
        self.discovery: bool = False
        self.isid: bytes = b""
        self.tsih: i64 = 0
        self.first_ts: i64 = 0
        "When its first connection began."
        # CmdSN that the initiator uses next, and the window that the target last granted (section 4.2.2.1).
        self.cmd_sn: i64 = -1
        self.exp_cmd_sn: i64 = -1
        self.max_cmd_sn: i64 = -1
        # Since when the last CmdSN of the window is used up; -1 while it is open. How often and how long so far, and
        # when the longest time began.
        self.closed_since: i64 = -1
        self.closures: i64 = 0
        self.closed_ns: i64 = 0
        self.longest_closure: i64 = 0
        self.longest_closure_ts: i64 = -1
        self.open: dict[int, Task] = {}
        self.most_open: i64 = 0
        self.overflows: i64 = 0
        # PDUs of a task that came after its answer: data sent again (SNACK), or late.
        self.late: i64 = 0
        # Tag -> request, negative if there was no answer; the latest, and those before them.
        self._finished: dict[int, int] = {}
        self._finished_before: dict[int, int] = {}
        self.notes: Notes | None = None
        self._rows: TaskWriter = tasks

    def start(self, task: Task, key: i64) -> None:
        """Opens a task under `key`, its tag."""
        tasks = self.open
        tasks[key] = task
        count: i64 = len(tasks)
        if count > self.most_open:
            self.most_open = count
            if count > MAX_OPEN:
                self._evict()

    def _evict(self) -> None:
        self.overflows += 1
        for key in self.open:
            oldest = self.open.pop(key)
            self._rows.add(oldest, 0, NOT_FOLLOWED, 0, self.number)
            break
        self.most_open = MAX_OPEN

    def finished(self, tag: i64, request: i64) -> None:
        """The task with that tag, asked for by PDU `request`, was answered. The latest are remembered."""
        done = self._finished
        if len(done) >= REMEMBERED:
            self._finished_before = done
            done = {}
            self._finished = done
        done[tag] = request

    def ended(self, tag: i64, request: i64) -> None:
        """The task with that tag, asked for by PDU `request`, was aborted or rejected. Remembered like the others."""
        self.finished(tag, -request)

    def finished_request(self, tag: i64) -> i64:
        """The PDU that asked for the task that last had `tag` and was answered; 0 if none is remembered."""
        request = self._past(tag)
        return request if request > 0 else 0

    def past_request(self, tag: i64) -> i64:
        """The PDU that asked for the task that last had `tag` and is over, however it ended; 0 if none is
        remembered."""
        request = self._past(tag)
        return request if request > 0 else -request

    def remembers_all(self) -> bool:
        """Whether no task that is over was forgotten."""
        return not self._finished_before

    def _past(self, tag: i64) -> i64:
        request = self._finished.get(tag, 0)
        if request == 0:
            request = self._finished_before.get(tag, 0)
        return request

    def sent(self, cmd_sn: i64, ts: i64) -> None:
        """The initiator used `cmd_sn` for a command that is not immediate."""
        following = (cmd_sn + 1) & 0xFFFFFFFF
        if self.cmd_sn < 0 or distance(following, self.cmd_sn) > 0:
            self.cmd_sn = following
            if self.max_cmd_sn >= 0 and self.closed_since < 0 and distance(self.max_cmd_sn, following) < 0:
                self.closed_since = ts

    def granted(self, exp_cmd_sn: i64, max_cmd_sn: i64, ts: i64) -> None:
        """The target said what it expects and how far the initiator may go; older values are ignored (section
        4.2.2.1)."""
        # `distance` is written out, as most answers come here.
        if (max_cmd_sn - exp_cmd_sn + 1) & 0xFFFFFFFF >= 0x80000000:
            return
        if self.exp_cmd_sn < 0 or 0 < (exp_cmd_sn - self.exp_cmd_sn) & 0xFFFFFFFF < 0x80000000:
            self.exp_cmd_sn = exp_cmd_sn
        if self.max_cmd_sn < 0 or 0 < (max_cmd_sn - self.max_cmd_sn) & 0xFFFFFFFF < 0x80000000:
            self.max_cmd_sn = max_cmd_sn
            if self.closed_since >= 0 and distance(max_cmd_sn, self.cmd_sn) >= 0:
                self.over(ts)
                self.closed_since = -1

    def over(self, ts: i64) -> None:
        """The window was closed until now, if it was: by the target's word, or because nothing more came."""
        span = ts - self.closed_since
        if self.closed_since >= 0 and span > 0:
            self.closures += 1
            self.closed_ns += span
            if span > self.longest_closure:
                self.longest_closure = span
                self.longest_closure_ts = self.closed_since
