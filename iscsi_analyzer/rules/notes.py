"""What rules remember of tasks, connections and sessions between two PDUs.

Compiled. One class for each object of the model; each topic has its own section. -1 means unknown, and unknown means
silent.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.notes import Notes
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.streams.serial import distance

RECENT: Final = 256
"Commands of a session whose headers are remembered."
MAX_BURSTS: Final = 256
"R2Ts of a task that are remembered at most, of those that wait for data."
MAX_CLOSED: Final = 64
"Target Transfer Tags of a task that are remembered at most, of R2Ts that were answered."

_M32: Final = 0xFFFFFFFF


class Burst:
    """An R2T, and the Data-Out PDUs that answer it so far."""

    def __init__(self, tag: i64, offset: i64, length: i64, pdu: i64) -> None:
        self.tag: i64 = tag
        "Target Transfer Tag."
        self.offset: i64 = offset
        self.length: i64 = length
        self.pdu: i64 = pdu
        self.sent: i64 = 0
        self.next: i64 = offset
        "Where the next Data-Out goes on; -1 once the order is lost."


class TaskNotes(Notes):
    """Of one task."""

    def __init__(self) -> None:
        # Numbering
        self.next_data_in_sn: i64 = 0
        self.next_r2t_sn: i64 = 0
        self.next_data_out_sn: i64 = 0
        "Of the sequence that is being sent."
        self.data_out_tag: i64 = -1
        "Target Transfer Tag of that sequence."
        self.data_ins: i64 = 0
        self.r2ts: i64 = 0
        # Read data: -1 until there is something worth remembering
        self.data_in_end: i64 = -1
        "Behind the last byte that was sent."
        self.data_in_next: i64 = 0
        "Behind the byte that was sent last."
        self.data_in_start: i64 = 0
        "Where the sequence at hand, or the last one, began."
        self.data_in_burst: i64 = 0
        "Bytes of it."
        self.data_in_open: bool = False
        "It has not ended."
        self.asked_at: i64 = -1
        "Behind the data of the last Data-In that wanted an acknowledgement."
        self.asked_early: i64 = 0
        "A Data-In that wanted one too soon, unless it is the last; and how many bytes after the one before."
        self.asked_after: i64 = 0
        # Write data
        self.bursts: list[Burst] = []
        "R2Ts that are not answered yet, in order."
        self.closed: list[int] | None = None
        "Target Transfer Tags of those that are, the latest of them."
        self.r2t_start: i64 = -1
        "Where the last R2T that was no repetition began."
        self.r2t_end: i64 = -1
        "Behind the last byte that an R2T asked for."
        self.solicited: i64 = 0
        "Bytes that answered R2Ts."
        self.unsolicited_begun: bool = False
        self.unsolicited_over: bool = False
        self.short: bool = False
        "The initiator ended a sequence before it had sent all of it."
        # Out of the ordinary
        self.skipped: i64 = 0
        "The Data-Out before which numbers are missing."
        self.trouble: object | None = None
        "What else is remembered (`trouble`)."

    def burst(self, tag: i64) -> Burst | None:
        """The R2T with that tag that is not answered yet; the latest, if there are several."""
        at: i64 = len(self.bursts) - 1
        while at >= 0:
            burst = self.bursts[at]
            if burst.tag == tag:
                return burst
            at -= 1
        return None

    def remember(self, burst: Burst) -> None:
        """A new R2T."""
        self.bursts.append(burst)
        end = burst.offset + burst.length
        if end > self.r2t_end:
            self.r2t_start = burst.offset
            self.r2t_end = end

    def close(self, burst: Burst) -> None:
        """The R2T is answered."""
        if burst in self.bursts:
            self.bursts.remove(burst)
        closed = self.closed
        if closed is None:
            closed = []
            self.closed = closed
        closed.append(burst.tag)
        if len(closed) > MAX_CLOSED:
            closed.pop(0)

    def outstanding(self) -> i64:
        """R2Ts of which data is still to come."""
        count: i64 = 0
        for burst in self.bursts:
            if burst.sent < burst.length:
                count += 1
        return count

    def missing(self) -> i64:
        """Bytes that R2Ts asked for and that have not come."""
        count: i64 = 0
        for burst in self.bursts:
            if burst.sent < burst.length:
                count += burst.length - burst.sent
        return count


class Ping:
    """A ping of the initiator."""

    def __init__(self, number: i64, length: i64, data: bytes) -> None:
        self.number: i64 = number
        self.length: i64 = length
        self.data: bytes = data
        "What is known of its data, from its first byte on."


class ConnectionNotes(Notes):
    """Of one connection."""

    def __init__(self) -> None:
        # Login and text
        self.watched: bool = True
        "The login is not over, or the session is for discovery: every PDU is of interest."
        self.talk: object | None = None
        "What was said in login and text PDUs."
        self.rare: object | None = None
        "What few connections give occasion to remember (`rare_notes`)."
        # Numbering
        self.next_stat_sn: i64 = -1
        self.first_stat_sn: i64 = -1
        "The first one since the numbers are followed without a hole."
        self.stat_sn_sure: bool = False
        "They are followed from the login on, or from a response that cannot be a repetition."
        self.last_stat_sn_pdu: i64 = 0
        self.uncounted: i64 = 0
        "PDUs since then that showed the next StatSN and must not have used it up."
        self.exp_stat_sn: i64 = -1
        "The highest that the initiator sent."
        self.exp_cmd_sn: i64 = -1
        self.max_cmd_sn: i64 = -1
        "What the target said last on this connection."
        self.reported_exp_cmd_sn: i64 = -1
        self.window_closed_ts: i64 = -1
        "When the target closed the command window; -1 while it is open."
        self.sent_cmd_sn: i64 = -1
        "The highest CmdSN of the connection, and its PDU, where several connections share the numbers."
        self.sent_cmd_sn_pdu: i64 = 0
        # Recovery
        self.acks: dict[int, bytes] = {}
        "Target Transfer Tags of Data-Ins that asked for an acknowledgement -> LUN."
        # Pings
        self.pings: dict[int, Ping] = {}
        "Task tags of pings of the initiator that wait for an answer."
        self.answered_ping: i64 = -1
        "Target Transfer Tag of the target's ping that was answered last."
        # Digests
        self.good_digests: i64 = 0
        "Kinds of digests of which one was right at least."
        self.digests_missing: bool = False
        "One side sends none although they were agreed: nothing of it can be checked."
        self.bad_data: dict[int, int] = {}
        "Task tags of requests and Data-Outs with a bad data digest -> PDU."
        self.request_digest: i64 = -1
        self.response_digest: i64 = -1
        "The latest login PDU of each side << 32 | the digest that might follow it by mistake."
        # Reject
        self.searches: i64 = 0
        "How often the PDU was searched that was rejected."
        # Logout
        self.logout_request: i64 = 0
        "The latest Logout Request; its reason and CID."
        self.logout_reason: i64 = 0
        self.logout_cid: i64 = 0
        self.logout_unasked: bool = False
        "A Logout Response came without its request: the capture has them in another order, or lacks one."
        self.closing: i64 = 0
        "The Logout Request that closes this connection."
        self.closed: i64 = 0
        "The Logout Response that says so, and when it came."
        self.closed_ts: i64 = 0
        self.closed_end: i64 = 0
        "Sequence number of the byte behind it."
        # Reinstatement
        self.replaced: i64 = 0
        "The Login Response of a login that took its place, when it came, and what was replaced (`nexus`)."
        self.replaced_ts: i64 = 0
        self.replaced_how: i64 = 0
        # Asynchronous messages
        self.announced: i64 = 0
        "The latest message that the connection may end."
        self.asked: i64 = 0
        "The message that asks for a logout or a negotiation, while that is due."
        self.asked_event: i64 = 0
        self.asked_stat_sn: i64 = 0
        self.asked_ts: i64 = 0
        self.asked_seconds: i64 = 0
        # Write data
        self.writes: list[int] = []
        "Tags of the writes whose unsolicited data is still to come, in order."
        self.writes_by: list[int] = []
        "Their commands."
        # Out of the ordinary
        self.vigil: bool = False
        "Something happened after which every PDU is of interest."
        self.trouble: object | None = None
        "What it was (`trouble`)."


class Sent:
    """A command that was sent."""

    def __init__(self, number: i64, header: bytes) -> None:
        self.number: i64 = number
        self.header: bytes = header


class SessionNotes(Notes):
    """Of one session."""

    def __init__(self) -> None:
        # Login
        self.portal_group: i64 = -1
        "Portal group tag of its first connection."
        self.authentication: str = ""
        "How its first connection was authenticated, and the PDU that ended that login."
        self.authenticated: i64 = 0
        self.reassigned: bool = False
        "Tasks may have moved to other connections."
        # Numbering
        self.next_cmd_sn: i64 = -1
        "CmdSN that the initiator has to use next."
        self.sent_cmd_sn: i64 = -1
        "One more than the highest that it used, right or wrong."
        self.first_cmd_sn: i64 = -1
        "The one that the login began the session with."
        self.from_login: bool = False
        "No command has confirmed yet what the login said."
        self.resumed: bool = False
        "Commands came after bytes of the initiator were lost."
        self.granted: i64 = -1
        "The highest CmdSN that the target had granted by then: what is above it is no repetition. -1: not said yet."
        self.immediates: i64 = 0
        "Immediate commands since the last other one."
        self.window_known: bool = False
        "The target stated its window since bytes of it were lost last."
        self.outside: dict[int, int] = {}
        "Tags of commands that were outside the window -> PDU; 0 if that is not sure."
        self.rejected: dict[int, int] = {}
        "CmdSNs of commands that the target rejected -> PDU."
        self.unheard: i64 = 0
        "The latest command when bytes of the target were lost: it, or one before, may have been rejected."
        self.rejected_tags: dict[int, int] = {}
        "Tags of tasks whose request the target rejected -> PDU."
        self.management: i64 = 0
        "The latest PDU that answered task management."
        self._recent: list[Sent] = []
        self._recent_at: i64 = 0
        # Tasks
        self.disturbed: i64 = 0
        "The latest PDU that may have changed what is right for the tasks that were open."
        # Task management
        self.aborted: dict[int, tuple[int, int, int]] = {}
        "Tags of tasks that were aborted -> the response that said so, its StatSN, and the function."
        # Logout
        self.closing: i64 = 0
        "The Logout Request that closes the session."
        self.closing_cmd_sn: i64 = 0
        "The first CmdSN that it leaves without use."
        # Out of the ordinary
        self.trouble: object | None = None
        "What is remembered of it (`trouble`)."
        self.ended: i64 = 0
        "The Logout Response that says that the session is closed, and when it came."
        self.ended_ts: i64 = 0

    def unlearn(self) -> None:
        """What the initiator uses next is not known any more."""
        self.next_cmd_sn = -1
        self.sent_cmd_sn = -1
        self.resumed = False
        self.granted = -1

    def learned(self, cmd_sn: i64) -> bool:
        """Whether the numbers can be followed from this command on, after a loss: it may repeat one that was lost, or
        fill a hole among those, unless its number was not granted yet when the first command came after the loss."""
        self.resumed = True
        return self.granted >= 0 and distance(cmd_sn, self.granted) > 0

    def sent(self, cmd_sn: i64, number: i64, header: bytes) -> None:
        """The initiator used `cmd_sn` in PDU `number`, and goes on from there."""
        following = (cmd_sn + 1) & _M32
        self.next_cmd_sn = following
        self.immediates = 0
        self.from_login = False
        if self.sent_cmd_sn < 0 or distance(following, self.sent_cmd_sn) > 0:
            self.sent_cmd_sn = following
        at = self._recent_at
        if at < len(self._recent):
            place = self._recent[at]
            place.number = number
            place.header = header
        else:
            self._recent.append(Sent(number, header))
        self._recent_at = (at + 1) & (RECENT - 1)

    def command(self, cmd_sn: i64) -> Sent | None:
        """The command that used `cmd_sn`, if it is remembered."""
        for place in self._recent:
            if (read_i64_be(place.header, 24) >> 32) & _M32 == cmd_sn:
                return place
        return None

    def latest(self) -> i64:
        """The PDU of the latest command; 0 if there was none."""
        if not self._recent:
            return 0
        return self._recent[(self._recent_at - 1) % len(self._recent)].number


def of_task(task: Task) -> TaskNotes:
    """The notes of a task, made when they are first asked for."""
    notes = task.notes
    if notes is None:
        made = TaskNotes()
        task.notes = made
        return made
    assert isinstance(notes, TaskNotes)
    return notes


def of_connection(follower: Follower) -> ConnectionNotes:
    """The notes of a connection, made when they are first asked for."""
    notes = follower.notes
    if notes is None:
        made = ConnectionNotes()
        follower.notes = made
        return made
    assert isinstance(notes, ConnectionNotes)
    return notes


def of_session(session: Session) -> SessionNotes:
    """The notes of a session, made when they are first asked for."""
    notes = session.notes
    if notes is None:
        made = SessionNotes()
        session.notes = made
        return made
    assert isinstance(notes, SessionNotes)
    return notes
