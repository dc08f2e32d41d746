"""Rules on connections that have to end: after a reset of the target or of the nexus, and after the target announced
that it drops them (RFC 7143 sections 8.1.2, 11.5.1 and 11.9.1, RFC 7144 section 6.3).

Interpreted: sees those resets and Asynchronous Messages, and from then on every PDU of connections that have to end.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import I_T_NEXUS_RESET, TARGET_COLD_RESET, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.allegiance import kin, numbered
from iscsi_analyzer.rules.async_message import CONNECTION_DROP, LOGOUT_REQUESTED, SESSION_DROP
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.header_fields import half
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rule import NOTE, RFC_7143, RFC_7144, WARNING, Rule
from iscsi_analyzer.rules.trouble import SECOND, Drop, calm, of_connection_trouble, watch

DROP: Final = "drop"
"The topic, to those who watch."
COMPLETE: Final = 0
RESET_NS: Final = 5_000_000_000
"A connection that the target still uses so long after a reset was not closed by it."
ANNOUNCED_NS: Final = 30_000_000_000
"And so long after it was announced to be dropped."

RULES = (
    Rule(
        "tmf-cold-reset-connections-open",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.5.1 and 11.6.1",
        "TARGET COLD RESET was completed, and {seconds} seconds later the target still uses the connection ({pdu})",
        "the request, the response, and what follows",
        occasion="iscsi.taskmanfun.function == 7",
    ),
    Rule(
        "tmf-nexus-reset-connections-open",
        WARNING,
        TARGET,
        "RFC 7144 section 6.3",
        "I_T NEXUS RESET was completed, and {seconds} seconds later the target still uses the connection ({pdu})",
        "the request, the response, and what follows",
        RFC_7144,
        occasion="iscsi.taskmanfun.function == 11",
    ),
    Rule(
        "async-drop-not-executed",
        WARNING,
        TARGET,
        "RFC 7143 section 11.9.1",
        "The target announced to drop the {what}, and {seconds} seconds later it still uses the connection ({pdu})",
        "the message, and what follows",
        occasion="iscsi.asyncevent in {2, 3}",
    ),
    Rule(
        "async-drop-task-response",
        WARNING,
        TARGET,
        "RFC 7143 section 11.9.1",
        "A status for task 0x{tag:08x} came {seconds} seconds after its connection {connection} was announced to be "
        "dropped; its tasks were to be kept for {kept} seconds",
        "the command, the message, and the status on another connection",
        occasion="iscsi.asyncevent == 2 && iscsi.session.connections > 1",
    ),
    Rule(
        "async-logout-repeat",
        NOTE,
        TARGET,
        "RFC 7143 sections 8.1.2 and 11.9.1",
        "The target asks for a logout again: the initiator has not answered its earlier request",
        "both messages",
        RFC_7143,
        occasion="iscsi.asyncevent == 1",
    ),
)


def announced(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Asynchronous Message; `async_message_after` has taken note of it already."""
    if not look.whole:
        return
    event = look.header[at.AT_ASYNC_EVENT]
    times = half(look, at.AT_PARAMETER2), half(look, at.AT_PARAMETER3)
    if event == SESSION_DROP:
        for each in kin(follower):
            _ends(each, look, "session", "async-drop-not-executed", times)
    elif event == CONNECTION_DROP:
        cid = half(look, at.AT_PARAMETER1)
        named = [each for each in kin(follower) if each.login.requests and each.login.cid == cid]
        if named:
            _ends(named[-1], look, "connection", "async-drop-not-executed", times)
    elif event == LOGOUT_REQUESTED:
        trouble = of_connection_trouble(follower)
        if trouble.logout_wanted:
            async_logout_repeat(follower, look, desk, trouble.logout_wanted)
        trouble.logout_wanted = look.number


def logout_asked(follower: Follower) -> None:
    """A Logout Request comes."""
    of_connection_trouble(follower).logout_wanted = 0


def answered(follower: Follower, look: Look) -> None:
    """Takes note of one Task Management Function Response."""
    management = look.task
    if management is None or not management.request or look.header[at.AT_RESPONSE] != COMPLETE:
        return
    if management.operation == TARGET_COLD_RESET:
        rule = "tmf-cold-reset-connections-open"
    elif management.operation == I_T_NEXUS_RESET and follower.limits.protocol_level >= 2:
        rule = "tmf-nexus-reset-connections-open"
    else:
        return
    for each in kin(follower):
        _ends(each, look, "", rule, (0, 0))


def _ends(follower: Follower, look: Look, what: str, rule: str, times: tuple[int, int]) -> None:
    """The connection has to end, says the PDU at hand."""
    trouble = watch(follower, DROP)
    of_connection(follower).announced = look.number
    if trouble.drop is None:
        trouble.drop = Drop(look.number, look.ts, what, rule, *times)


def see_watched(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU, of a connection that has to end."""
    drop = of_connection_trouble(follower).drop
    if drop is None or look.to_target:
        return
    if look.ts - drop.ts < (ANNOUNCED_NS if drop.what else RESET_NS):
        return
    calm(follower, DROP)
    if drop.what:
        async_drop_not_executed(follower, look, desk, drop)
    elif drop.rule == "tmf-cold-reset-connections-open":
        tmf_cold_reset_connections_open(follower, look, desk, drop)
    else:
        tmf_nexus_reset_connections_open(follower, look, desk, drop)


def see_foreign(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Runs the rules of this topic on a PDU of a task on another connection than that of its command."""
    if look.opcode == at.OP_SCSI_RESPONSE or (look.opcode == at.OP_DATA_IN and look.flags & at.STATUS_MASK):
        drop = of_connection_trouble(numbered(follower, task.connection)).drop
        if drop is not None and drop.what and task.request < drop.number:
            if look.ts - drop.ts > (drop.wait + drop.retain + 1) * SECOND:
                async_drop_task_response(follower, look, desk, task, drop)


def lost(follower: Follower) -> None:
    """Bytes are missing: the response may have been another one."""
    trouble = of_connection_trouble(follower)
    trouble.logout_wanted = 0


def _later(look: Look, drop: Drop) -> dict[str, object]:
    return {"pdu": OPCODES(look.opcode), "seconds": (look.ts - drop.ts) // SECOND}


def tmf_cold_reset_connections_open(follower: Follower, look: Look, desk: Desk, drop: Drop) -> None:
    """A target says that it has made a cold reset, and its connections live on.

    ## What it means
    After TARGET COLD RESET the target closes all of its TCP connections, to all initiators, as after power-on. Seconds
    after the function was completed it still sent PDUs on a connection of the session.

    ## Why it matters
    Nothing was reset as thoroughly as the initiator believes: reservations, mode pages and tasks may have survived.

    ## Example
        talk.open()
        talk.tmf(7)
        talk.wait(10)
        talk.ping()

    ## When it is silent
    When the function was not completed, when request or response are not in the capture, and in the first five seconds.
    Connections of other sessions are not looked at.

    ## Reference
    RFC 7143 sections 11.5.1 and 11.6.1
    """
    desk.report(drop.rule, TARGET, follower, look, _later(look, drop), drop.number)


def tmf_nexus_reset_connections_open(follower: Follower, look: Look, desk: Desk, drop: Drop) -> None:
    """A target says that it has reset the nexus, and the session lives on.

    ## What it means
    I_T NEXUS RESET ends the session: the target drops all of its connections. Seconds after the function was completed
    it still sent PDUs on one of them.

    ## Why it matters
    The initiator logs in anew and believes that the old session has gone. Its reservations and tasks may still be
    there.

    ## Example
        talk.open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "2"})
        talk.tmf(11)
        talk.wait(10)
        talk.ping()

    ## When it is silent
    When the function was not completed, when the login, the request or the response is not in the capture, and in the
    first five seconds.

    ## Reference
    RFC 7144 section 6.3
    """
    desk.report(drop.rule, TARGET, follower, look, _later(look, drop), drop.number)


def async_drop_not_executed(follower: Follower, look: Look, desk: Desk, drop: Drop) -> None:
    """A target announces to drop a connection, and goes on using it.

    ## What it means
    AsyncEvent 2 says that the target drops a connection, event 3 that it drops the whole session. Half a minute later
    it still sent PDUs there.

    ## Why it matters
    The initiator has moved to other paths, or fails its tasks, while the target goes on with them: a write may be
    carried out late, over newer data.

    ## Example
        talk.open()
        talk.async_message(3, parameter2=2, parameter3=0)
        talk.wait(60)
        talk.ping()

    ## When it is silent
    In the first half minute, and for connections whose CID is not known as their login was not seen.

    ## Reference
    RFC 7143 section 11.9.1
    """
    desk.report(drop.rule, TARGET, follower, look, {**_later(look, drop), "what": drop.what}, drop.number)


def async_drop_task_response(follower: Follower, look: Look, desk: Desk, task: Task, drop: Drop) -> None:
    """A task of a dropped connection is answered after the target had to forget it.

    ## What it means
    When a target announces to drop a connection (event 2), it says how long it keeps its tasks: Time2Wait and
    Time2Retain. A status for one of them came later than that, on another connection.

    ## Why it matters
    The initiator has given up the task by then, and may have sent the command again: it is carried out twice.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        task = talk.command(read=4096)
        other = talk.join().open()
        other.async_message(2, parameter1=0, parameter2=0, parameter3=3)
        talk.rst()
        other.wait(1)
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))
        other.tmf(8, task, ref_cmd_sn=0, lun=0)
        other.wait(20)
        other.serve(task)

    ## When it is silent
    When the message, the command or the login of its connection is not in the capture. A second is granted beyond the
    time.

    ## Reference
    RFC 7143 section 11.9.1
    """
    facts: dict[str, object] = {
        "tag": task.tag,
        "connection": task.connection,
        "seconds": (look.ts - drop.ts) // SECOND,
        "kept": drop.wait + drop.retain,
    }
    desk.report("async-drop-task-response", TARGET, follower, look, facts, drop.number)


def async_logout_repeat(follower: Follower, look: Look, desk: Desk, before: int) -> None:
    """A target asks for a logout a second time.

    ## What it means
    AsyncEvent 1 asks the initiator to log out. The target may repeat it until that is done, and then drops the
    connection. It had to repeat it here.

    ## Why it matters
    It is no fault of the target, but a sign that the initiator does not react: what is under way will be cut off.

    ## Example
        talk.open()
        talk.async_message(1, parameter3=5)
        talk.wait(1)
        talk.async_message(1, parameter3=4)
        talk.close()

    ## When it is silent
    When a Logout Request came in between, on this connection, and when bytes of it are missing.

    ## Reference
    RFC 7143 sections 8.1.2 and 11.9.1
    """
    desk.report("async-logout-repeat", TARGET, follower, look, {}, before)
