"""Rules on the recovery of a connection: how long to wait before it, how long it is possible, and over which connection
commands are retried (RFC 7143 sections 6.3.4, 7.2.1, 7.5, 11.15.3 and 13.15).

Interpreted: sees the logins of connections that join a session, logouts for recovery, TASK REASSIGN, and commands on
another connection than before.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import alive, connection_of, kin, left_by, numbered
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import half, word
from iscsi_analyzer.rules.logout import RECOVERY
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.recovery_retry import changed
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.sight import entire, entire_session
from iscsi_analyzer.rules.task_management import TASK_REASSIGN
from iscsi_analyzer.rules.trouble import SECOND, of_connection_trouble

EARLY_NS: Final = 100_000_000
"Waiting so much less than it should is granted, for clocks and for what the capture saw late."
LATE_NS: Final = 5_000_000_000
"And so much more than is possible."
LEVEL: Final = 2
TOO_MANY: Final = b"\x02\x06"
"Login status: too many connections."

_TIMES: Final = "the end of the connection, and the times that were agreed on or announced"

RULES = (
    Rule(
        "time2wait-violated",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 7.5, 11.9.1 and 13.15",
        "{attempt} for connection {old} comes {waited} s after {since}; the initiator has to wait {wait} s (Time2Wait)",
        _TIMES,
        occasion="(iscsi.opcode == login_request && iscsi.tsih != 0) || iscsi.logout.reason == 2 "
        "|| iscsi.taskmanfun.function == 8",
    ),
    Rule(
        "time2retain-violated",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 7.5 and 13.16",
        "{attempt} for connection {old} comes {waited} s after {since}; its tasks are kept for {kept} s (Time2Wait and "
        "Time2Retain)",
        _TIMES,
        occasion="iscsi.taskmanfun.function == 8",
    ),
    Rule(
        "conn-reinstate-erl2-refused",
        WARNING,
        TARGET,
        "RFC 7143 section 6.3.4",
        "The login that reinstates CID {cid} is refused as one connection too many, at ErrorRecoveryLevel 2",
        "the login of the session",
        occasion="iscsi.opcode == login_response && iscsi.tsih != 0 && iscsi.login.status",
    ),
    Rule(
        "retry-other-connection",
        ERROR,
        INITIATOR,
        "RFC 7143 section 7.2.1",
        "CmdSN {cmd_sn} was sent on connection {old} and is sent again on connection {connection}; the first one is "
        "still there",
        "an unbroken view of every connection of the session from its SYN on",
        occasion="iscsi.opcode == scsi_command && iscsi.session.connections > 1",
    ),
)


def see_login(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Login Response."""
    task = look.task
    if len(follower.session.connections) == 1 or task is None or not task.request or follower.login.responses:
        return
    cid = follower.login.cid
    old = [each for each in kin(follower) if each.number < follower.number and each.login.cid == cid]
    if not old or not old[-1].login.complete:
        return
    if look.whole and look.header[at.AT_STATUS_CLASS : at.AT_STATUS_CLASS + 2] == TOO_MANY:
        conn_reinstate_erl2_refused(follower, look, desk, cid)
    asked = follower.connection.rows.time_last(task.request)
    time2wait_violated(follower, look, desk, old[-1], "A login", asked)


def see_logout(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Logout Request."""
    if look.flags & at.REASON_CODE_MASK == RECOVERY:
        cid = half(look, at.AT_CID)
        for each in kin(follower):
            if each is not follower and each.login.complete and each.login.cid == cid:
                time2wait_violated(follower, look, desk, each, "A logout for recovery", look.ts)


def see_management(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Request."""
    task = follower.session.open.get(look.second)
    if look.flags & at.FUNCTION_MASK != TASK_REASSIGN or task is None or task.kind != KIND_SCSI or not task.request:
        return
    if task.connection != follower.number:
        old = connection_of(follower, task)
        time2wait_violated(follower, look, desk, old, "TASK REASSIGN", look.ts)
        time2retain_violated(follower, look, desk, old, "TASK REASSIGN")


def see_foreign(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Runs the rules of this topic on a PDU with the tag of a task of another connection."""
    if look.opcode == at.OP_SCSI_COMMAND and look.whole and not look.immediate and not task.immediate:
        if task.kind == KIND_SCSI and task.request and task.cmd_sn == word(look, at.AT_CMD_SN):
            retry_other_connection(follower, look, desk, task)


def _ended(old: Follower) -> tuple[str, int, int, int] | None:
    """What ended a connection unexpectedly, when, and its Time2Wait and Time2Retain; None if nothing did, or the times
    are not known. What was said last counts."""
    left = left_by(old)
    if left is not None and left.response == 0:
        return "the answer to its logout", left.ts, left.wait, left.retain
    drop = of_connection_trouble(old).drop
    if drop is not None and drop.what:
        return "its drop was announced", drop.ts, drop.wait, drop.retain
    connection = old.connection
    limits = old.limits
    if not connection.closed or limits.time2wait < 0 or limits.time2retain < 0 or of_connection(old).closing:
        return None
    if not all(entire(each) for each in kin(old)):
        return None  # other times may have been announced in what is missing
    return "it was closed", int(connection.closed_ts), int(limits.time2wait), int(limits.time2retain)


def time2wait_violated(follower: Follower, look: Look, desk: Desk, old: Follower, attempt: str, ts: int) -> None:
    """An initiator begins to recover a connection too early.

    ## What it means
    After a connection broke, its initiator waits for Time2Wait seconds before it logs the connection out, takes its
    place by a new one, or reassigns its tasks. The time is agreed on at login, or announced by the target in the
    message that drops the connection or in the answer to the logout.

    ## Why it matters
    The target may not have noticed yet that the connection is gone, or is still cleaning up: it refuses, and the
    recovery fails although it would have succeeded a moment later.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        talk.command(read=4096)
        talk.rst()
        talk.wait(0.5)
        other = talk.join().open()
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))

    ## When it is silent
    When the login or the end of the connection is not in the capture; for new sessions, as nobody can tell a restarted
    initiator from one that recovers.

    ## Reference
    RFC 7143 sections 7.5, 11.9.1 and 13.15
    """
    ended = _ended(old)
    if ended is None:
        return
    since, begin, wait, _ = ended
    if 0 <= ts - begin < wait * SECOND - EARLY_NS:
        facts = _facts(attempt, old, since, ts - begin)
        desk.report("time2wait-violated", INITIATOR, follower, look, {**facts, "wait": wait})


def time2retain_violated(follower: Follower, look: Look, desk: Desk, old: Follower, attempt: str) -> None:
    """An initiator tries to recover tasks that the target has forgotten.

    ## What it means
    The target keeps the tasks of a broken connection for Time2Retain seconds after Time2Wait. This attempt to reassign
    one came later.

    ## Why it matters
    The target answers that the task does not exist. Data and status are lost, and the time until then was wasted.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2)
        times = {"DefaultTime2Retain": "20"}
        talk.open(offer=times, answer=times)
        task = talk.command(read=4096)
        talk.rst()
        talk.wait(60)
        other = talk.join().open()
        request = other.logout_request(2, cid=0)
        other.tmf(8, task, ref_cmd_sn=0, lun=0, response=1)
        other.logout_response(tag=request.word(16))

    ## When it is silent
    When the login or the end of the connection is not in the capture, and for five seconds beyond the time. Once the
    logout of the connection was answered, the times of that answer count.

    ## Reference
    RFC 7143 sections 7.5 and 13.16
    """
    ended = _ended(old)
    if ended is None:
        return
    since, begin, wait, retain = ended
    if look.ts - begin > (wait + retain) * SECOND + LATE_NS:
        facts = _facts(attempt, old, since, look.ts - begin)
        desk.report("time2retain-violated", INITIATOR, follower, look, {**facts, "kept": wait + retain})


def _facts(attempt: str, old: Follower, since: str, waited: int) -> dict[str, object]:
    return {"attempt": attempt, "old": old.number, "since": since, "waited": f"{waited / SECOND:.1f}"}


def conn_reinstate_erl2_refused(follower: Follower, look: Look, desk: Desk, cid: int) -> None:
    """A target with connection recovery refuses the connection that is to recover.

    ## What it means
    At ErrorRecoveryLevel 2 a login with the CID of an existing connection takes its place, also when MaxConnections is
    1. The target refused it with `too many connections`.

    ## Why it matters
    The recovery that was agreed upon does not work: the session ends, and its tasks are lost.

    ## Example
        talk = Talk(error_recovery_level=2).open()
        talk.rst()
        talk.wait(3)
        other = talk.join(cid=0)
        other.handshake()
        other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        other.login_response(status=0x0206)

    ## When it is silent
    When the login of the session is not in the capture, and below ErrorRecoveryLevel 2.

    ## Reference
    RFC 7143 section 6.3.4
    """
    leading = numbered(follower, follower.session.connections[0])
    if leading.limits.error_recovery_level == LEVEL:
        desk.report("conn-reinstate-erl2-refused", TARGET, follower, look, {"cid": cid})


def retry_other_connection(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A command is sent again on another connection although its own is still there.

    ## What it means
    A retry goes over the connection of the command, unless that was logged out. Here the command, with its tag and
    CmdSN, was sent again on another one.

    ## Why it matters
    The target may have both commands and belongs to neither connection: it answers on one of them, and the initiator
    waits on the other.

    ## Example
        talk = Talk(max_connections=2).open()
        other = talk.join().open()
        task = talk.command(read=4096)
        other.command(read=4096, tag=task.tag, cmd_sn=task.cmd_sn)

    ## When it is silent
    When the connection of the command was closed or logged out, or another took its place; when any connection of the
    session is not wholly in the capture; for commands that are immediate or differ.

    ## Reference
    RFC 7143 section 7.2.1
    """
    earlier = follower.connection.rows.header(task.request)
    if changed(look.header, earlier) or not entire_session(follower) or not alive(connection_of(follower, task)):
        return
    facts: dict[str, object] = {"cmd_sn": task.cmd_sn, "old": task.connection, "connection": follower.number}
    desk.report("retry-other-connection", INITIATOR, follower, look, facts, task.request)
