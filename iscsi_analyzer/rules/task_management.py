"""Rules on task management requests: which functions there are, where, and which fields go with them (RFC 7143 section
11.5, RFC 7144 section 6.3).

Interpreted: sees task management requests only. What is said of the task that a request names is in
`task_management_task`; the answers are in `task_management_answer`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import TMF_FUNCTIONS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.header_fields import lun_field
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule

ABORT_TASK: Final = 1
TASK_REASSIGN: Final = 8
QUERY_TASK: Final = 9
LAST_FUNCTION: Final = 12
OF_ONE_TASK: Final = (ABORT_TASK, TASK_REASSIGN, QUERY_TASK)
"Functions that name a task."
WITHOUT_LUN: Final = (6, 7, TASK_REASSIGN, 11)
"Functions that are about the whole target or session."

RULES = (
    Rule(
        "tmf-in-discovery",
        ERROR,
        INITIATOR,
        "RFC 7143 section 4.3",
        "{function} was requested in a discovery session",
        "the login",
        occasion="iscsi.session.discovery && iscsi.pdu.direction == I2T && iscsi.opcode != login_request",
    ),
    Rule(
        "tmf-function-unassigned",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.5.1, RFC 7144 section 9",
        "Task management function {function} is not assigned",
        occasion="iscsi.opcode == tmf_request",
    ),
    Rule(
        "tmf-function-needs-level2",
        ERROR,
        INITIATOR,
        "RFC 7144 section 6.3",
        "{function} was requested at iSCSIProtocolLevel {level}, it needs level 2",
        "the login",
        occasion="iscsi.taskmanfun.function in {9..12}",
    ),
    Rule(
        "tmf-rtt-not-reserved",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.5.4, RFC 7144 section 6.3.2",
        "{function} names task 0x{referenced:08x}; the Referenced Task Tag has to be 0xffffffff",
        occasion="iscsi.opcode == tmf_request && iscsi.taskmanfun.function not in {1, 8, 9}",
    ),
    Rule(
        "tmf-rtt-missing",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.5.4",
        "{function} names no task: its Referenced Task Tag is 0xffffffff",
        occasion="iscsi.taskmanfun.function in {1, 8, 9}",
    ),
    Rule(
        "tmf-reassign-not-immediate",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.5.1",
        "TASK REASSIGN of task 0x{referenced:08x} is not marked for immediate delivery",
        occasion="iscsi.taskmanfun.function == 8",
    ),
    Rule(
        "tmf-reassign-erl",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 7.1.5 and 7.2.2",
        "TASK REASSIGN of task 0x{referenced:08x} at ErrorRecoveryLevel {level}, it needs level 2",
        "the login",
        occasion="iscsi.taskmanfun.function == 8",
    ),
    Rule(
        "tmf-lun-reserved",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.5.3, RFC 7144 section 6.3.1",
        "{function} is about no logical unit, but its LUN field is 0x{lun:016x}",
        occasion="iscsi.taskmanfun.function in {6, 7, 8, 11}",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Request."""
    function = look.flags & at.FUNCTION_MASK
    if follower.limits.discovery == 1:
        tmf_in_discovery(follower, look, desk)
    elif not 1 <= function <= LAST_FUNCTION:
        tmf_function_unassigned(follower, look, desk)
    else:
        if function >= QUERY_TASK:
            tmf_function_needs_level2(follower, look, desk)
        if function not in OF_ONE_TASK:
            tmf_rtt_not_reserved(follower, look, desk)
        else:
            tmf_rtt_missing(follower, look, desk)
        if function == TASK_REASSIGN:
            tmf_reassign_not_immediate(follower, look, desk)
            tmf_reassign_erl(follower, look, desk)
        if function in WITHOUT_LUN:
            tmf_lun_reserved(follower, look, desk)


def function_name(look: Look) -> str:
    """The requested function in words."""
    return TMF_FUNCTIONS(look.flags & at.FUNCTION_MASK)


def tmf_in_discovery(follower: Follower, look: Look, desk: Desk) -> None:
    """Task management was requested in a discovery session.

    ## What it means
    A discovery session exists for SendTargets alone: text, pings and the logout are all that an initiator may send
    there. It has no tasks and no logical units that could be managed.

    ## Why it matters
    The target rejects the request or drops the connection. The initiator took the session for a normal one.

    ## Example
        talk.open(discovery=True)
        talk.reject(talk.tmf_request(5))

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7143 section 4.3
    """
    desk.report("tmf-in-discovery", INITIATOR, follower, look, {"function": function_name(look)})


def tmf_function_unassigned(follower: Follower, look: Look, desk: Desk) -> None:
    """A task management request asks for a function that does not exist.

    ## What it means
    The functions are numbered from 1 (ABORT TASK) to 8 (TASK REASSIGN), and from 9 to 12 in RFC 7144. This request has
    another number.

    ## Why it matters
    No target knows what is wanted: it answers that the function is not supported, and whatever was to be aborted or
    reset goes on.

    ## Example
        talk.open()
        talk.tmf(0x20, response=5)

    ## When it is silent
    Never, as the number stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.5.1; RFC 7144 section 9
    """
    function = look.flags & at.FUNCTION_MASK
    desk.report("tmf-function-unassigned", INITIATOR, follower, look, {"function": function})


def tmf_function_needs_level2(follower: Follower, look: Look, desk: Desk) -> None:
    """A function of RFC 7144 was requested although the session did not agree on that RFC.

    ## What it means
    QUERY TASK, QUERY TASK SET, I_T NEXUS RESET and QUERY ASYNCHRONOUS EVENT may be used only after both sides
    negotiated iSCSIProtocolLevel=2 in the login. This session did not.

    ## Why it matters
    An older target rejects the request. Error handling that relies on such a function hangs or escalates.

    ## Example
        talk.open()
        talk.tmf(9, talk.command(read=4096), response=5)

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7144 section 6.3
    """
    level = follower.limits.protocol_level
    if 0 <= level < 2:
        facts: dict[str, object] = {"function": function_name(look), "level": level}
        desk.report("tmf-function-needs-level2", INITIATOR, follower, look, facts)


def tmf_rtt_not_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A function that is about no single task names one.

    ## What it means
    Only ABORT TASK, TASK REASSIGN and QUERY TASK refer to a task. In every other function the Referenced Task Tag has
    to be the reserved value 0xffffffff.

    ## Why it matters
    A strict target rejects the request as a protocol error. It is also a sign that the initiator meant to abort one
    task and resets a whole logical unit instead.

    ## Example
        talk.open()
        talk.tmf(5, referenced_task_tag=5)

    ## When it is silent
    For functions that are not assigned.

    ## Reference
    RFC 7143 section 11.5.4; RFC 7144 section 6.3.2
    """
    if look.second != at.RESERVED_TAG:
        facts: dict[str, object] = {"function": function_name(look), "referenced": look.second}
        desk.report("tmf-rtt-not-reserved", INITIATOR, follower, look, facts)


def tmf_rtt_missing(follower: Follower, look: Look, desk: Desk) -> None:
    """A function that is about one task names none.

    ## What it means
    ABORT TASK, TASK REASSIGN and QUERY TASK need the tag of the task that they are about. Here the Referenced Task Tag
    is the reserved value 0xffffffff, which stands for no task.

    ## Why it matters
    The target cannot find the task and answers that it does not exist; the task goes on.

    ## Example
        talk.open()
        talk.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)

    ## When it is silent
    Never, as the tag stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.5.4
    """
    if look.second == at.RESERVED_TAG:
        desk.report("tmf-rtt-missing", INITIATOR, follower, look, {"function": function_name(look)})


def tmf_reassign_not_immediate(follower: Follower, look: Look, desk: Desk) -> None:
    """A TASK REASSIGN is not marked for immediate delivery.

    ## What it means
    TASK REASSIGN moves a task from a connection that failed to another one. It has to have the I bit.

    ## Why it matters
    A command that is not immediate waits for its turn in CmdSN order, perhaps behind commands that were lost with the
    old connection. Then the recovery waits for itself.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        talk.tmf(8, talk.command(read=4096), immediate=False, ref_cmd_sn=0, lun=0, response=3)

    ## When it is silent
    Never, as the bit stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.5.1
    """
    if not look.immediate:
        desk.report("tmf-reassign-not-immediate", INITIATOR, follower, look, {"referenced": look.second})


def tmf_reassign_erl(follower: Follower, look: Look, desk: Desk) -> None:
    """A task is to be reassigned in a session that did not agree on connection recovery.

    ## What it means
    Moving tasks to another connection is a part of ErrorRecoveryLevel 2. This session settled on a lower level.

    ## Why it matters
    The target refuses, and the task is lost with its connection; the initiator has to send the command again.

    ## Example
        talk.open()
        talk.tmf(8, talk.command(read=4096), ref_cmd_sn=0, response=4)

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7143 sections 7.1.5 and 7.2.2
    """
    level = follower.limits.error_recovery_level
    if 0 <= level < 2:
        facts: dict[str, object] = {"referenced": look.second, "level": level}
        desk.report("tmf-reassign-erl", INITIATOR, follower, look, facts)


def tmf_lun_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A function that is about no logical unit names one.

    ## What it means
    TARGET WARM RESET, TARGET COLD RESET, TASK REASSIGN and I_T NEXUS RESET do not use the LUN field; it is reserved,
    which means zero.

    ## Why it matters
    Targets ignore the field. The initiator may have believed that it resets one logical unit only.

    ## Example
        talk.open()
        talk.tmf(6, lun=1)

    ## When it is silent
    Never, as the field stands in the PDU itself. It is counted once for each connection.

    ## Reference
    RFC 7143 section 11.5.3; RFC 7144 section 6.3.1
    """
    lun = lun_field(look)
    if lun:
        facts: dict[str, object] = {"function": function_name(look), "lun": lun}
        desk.report("tmf-lun-reserved", INITIATOR, follower, look, facts)
