"""Rules on the answers to task management: response codes, and which of them fit the request (RFC 7143 sections 11.5.1
and 11.6, RFC 7144 section 6.4).

Interpreted: sees Task Management Function Responses and Rejects only.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import TMF_FUNCTIONS, TMF_RESPONSES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, KIND_TMF, KINDS, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.rule import ERROR, NOTE, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.rules.task_management import ABORT_TASK, LAST_FUNCTION, QUERY_TASK, TASK_REASSIGN

COMPLETE: Final = 0
SUCCEEDED: Final = 7
REJECTED: Final = 255
NOT_SUPPORTED: Final = 0x05
"Reason of a Reject."

RULES = (
    Rule(
        "tmf-response-reserved",
        ERROR,
        TARGET,
        "RFC 7143 section 11.6.1, RFC 7144 section 6.4.2",
        "Task management response {response} is reserved",
        occasion="iscsi.opcode == tmf_response",
    ),
    Rule(
        "tmf-response7-without-level2",
        ERROR,
        TARGET,
        "RFC 7144 section 6.4.2",
        "{function} was answered with Function succeeded (7), which belongs to functions 9 to 12 at "
        "iSCSIProtocolLevel 2",
        "the request",
        occasion="iscsi.opcode == tmf_response",
    ),
    Rule(
        "tmf-response-unsolicited",
        ERROR,
        TARGET,
        "RFC 7143 section 11.6",
        "A task management response has tag 0x{tag:08x}, which belongs to no open request",
        "an unbroken view of the connection from its SYN on",
        occasion="iscsi.opcode == tmf_response",
    ),
    Rule(
        "tmf-level2-rejected",
        ERROR,
        TARGET,
        "RFC 7144 section 4.1",
        "{function} was rejected as not supported, although iSCSIProtocolLevel 2 was agreed on",
        "the login",
        occasion="iscsi.taskmanfun.function in {9..12} && iscsi.connection.protocol_level >= 2",
    ),
    Rule(
        "tmf-abort-of-tmf-executed",
        ERROR,
        TARGET,
        "RFC 7143 section 11.5.1, RFC 7144 section 6.3",
        "{function} of another task management request, 0x{referenced:08x}, was answered with {response}; it has to be "
        "rejected (255)",
        "both requests",
        occasion="iscsi.taskmanfun.function in {1, 9} && iscsi.taskmanfun.referencedtasktag != 0xffffffff",
    ),
    Rule(
        "tmf-reassign-nonscsi",
        ERROR,
        TARGET,
        "RFC 7143 section 11.5.1",
        "TASK REASSIGN of 0x{referenced:08x}, which is no SCSI task ({kind}), was answered with {response}; it has to "
        "be rejected (255)",
        "both requests",
        occasion="iscsi.taskmanfun.function == 8",
    ),
    Rule(
        "tmf-reassign-erl-response",
        ERROR,
        TARGET,
        "RFC 7143 section 7.2.2",
        "TASK REASSIGN was answered with {response} at ErrorRecoveryLevel {level}",
        "the request and the login",
        occasion="iscsi.taskmanfun.function == 8",
    ),
    Rule(
        "tmf-addl-info-without-level2",
        NOTE,
        TARGET,
        "RFC 7144 sections 6.4.1 and 11",
        "Bytes 8 to 10 of a task management response are 0x{info:06x}, reserved at iSCSIProtocolLevel {level}",
        "the login",
        occasion="iscsi.opcode == tmf_response && iscsi.connection.protocol_level < 2",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Task Management Function Response."""
    response = look.header[at.AT_RESPONSE]
    task = look.task
    if response > SUCCEEDED and response != REJECTED:
        tmf_response_reserved(follower, look, desk)
    tmf_addl_info_without_level2(follower, look, desk)
    if task is None:
        tmf_response_unsolicited(follower, look, desk)
    elif task.request and task.kind == KIND_TMF:
        if response == SUCCEEDED:
            tmf_response7_without_level2(follower, look, desk, task)
        if response in (COMPLETE, SUCCEEDED):
            _success(follower, look, desk, task)


def _success(follower: Follower, look: Look, desk: Desk, management: Task) -> None:
    """The function was carried out, says the target."""
    referenced = follower.session.open.get(management.length)
    if management.operation == TASK_REASSIGN:
        if referenced is not None and _older(referenced, management) and referenced.kind != KIND_SCSI:
            tmf_reassign_nonscsi(follower, look, desk, management, referenced)
        else:
            tmf_reassign_erl_response(follower, look, desk, management)
    elif management.operation in (ABORT_TASK, QUERY_TASK):
        if referenced is not None and _older(referenced, management) and referenced.kind == KIND_TMF:
            tmf_abort_of_tmf_executed(follower, look, desk, management, referenced)


def _older(referenced: Task, management: Task) -> bool:
    """Whether both requests were seen, in this order on one connection, so that the tag means this task."""
    return 0 < referenced.request < management.request and referenced.connection == management.connection


def tmf_response_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A task management response has a code that does not exist.

    ## What it means
    The codes are 0 to 6, 255, and 7 in RFC 7144. This response has another one.

    ## Why it matters
    The initiator cannot tell whether the function was carried out. Most take it for a failure and escalate: from
    aborting a task to resetting the unit to dropping the session.

    ## Example
        talk.open()
        talk.tmf(5, response=8)

    ## When it is silent
    Never, as the code stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.6.1; RFC 7144 section 6.4.2
    """
    desk.report("tmf-response-reserved", TARGET, follower, look, {"response": look.header[at.AT_RESPONSE]})


def tmf_response7_without_level2(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A task management response says `Function succeeded` where that code has no meaning.

    ## What it means
    Response 7 was made by RFC 7144 for the functions 9 to 12, in sessions that agreed on iSCSIProtocolLevel 2. All
    others are answered with 0, Function complete.

    ## Why it matters
    An initiator that does not expect it takes the function for failed, although the task is gone.

    ## Example
        talk.open()
        talk.tmf(1, talk.command(read=4096), response=7)

    ## When it is silent
    When the request is not in the capture; for the functions 9 to 12 also when the login is not.

    ## Reference
    RFC 7144 section 6.4.2
    """
    if QUERY_TASK <= task.operation <= LAST_FUNCTION and not 0 <= follower.limits.protocol_level < 2:
        return
    facts: dict[str, object] = {"function": TMF_FUNCTIONS(task.operation)}
    desk.report("tmf-response7-without-level2", TARGET, follower, look, facts, task.request)


def tmf_response_unsolicited(follower: Follower, look: Look, desk: Desk) -> None:
    """A task management response answers no task management request.

    ## What it means
    The initiator has no task management request with this tag outstanding on the session.

    ## Why it matters
    The initiator drops the connection, or believes that something else was aborted. The request that the target meant
    stays without an answer.

    ## Example
        talk.open()
        talk.tmf_response(tag=77)

    ## When it is silent
    When anything of the connection is missing from the capture, when the session has other connections, and when a
    task with that tag was answered before: then this may be the same response, sent again. A tag that belongs to an
    open request of another kind is a matter of `response-type-mismatch`.

    ## Reference
    RFC 7143 section 11.6
    """
    if look.late or not entire(follower) or len(follower.session.connections) > 1:
        return
    desk.report("tmf-response-unsolicited", TARGET, follower, look, {"tag": look.tag})


def tmf_level2_rejected(follower: Follower, look: Look, desk: Desk) -> None:
    """A function of RFC 7144 was rejected although the session agreed on that RFC.

    ## What it means
    By answering iSCSIProtocolLevel=2 the target said that it knows the functions 9 to 12. It may answer that it does
    not support one, with a task management response (5), but must not reject the PDU as unknown.

    ## Why it matters
    A Reject means a fault of the initiator, and many initiators drop the session on it.

    ## Example
        talk.open(offer={"iSCSIProtocolLevel": "2"}, answer={"iSCSIProtocolLevel": "2"})
        talk.reject(talk.tmf_request(9, talk.command(read=4096)), reason=5)

    ## When it is silent
    When the login, or a part of it, is not in the capture; when the Reject has another reason.

    ## Reference
    RFC 7144 section 4.1
    """
    data = look.data
    if follower.limits.protocol_level != 2 or look.header[at.AT_REASON] != NOT_SUPPORTED or len(data) < 24:
        return
    function = data[1] & at.FUNCTION_MASK
    if data[0] & at.OPCODE_MASK == at.OP_TASK_MANAGEMENT_REQUEST and QUERY_TASK <= function <= LAST_FUNCTION:
        task = follower.session.open.get(int.from_bytes(data[16:20], "big"))
        facts: dict[str, object] = {"function": TMF_FUNCTIONS(function)}
        desk.report("tmf-level2-rejected", TARGET, follower, look, facts, 0 if task is None else task.request)


def tmf_abort_of_tmf_executed(follower: Follower, look: Look, desk: Desk, management: Task, referenced: Task) -> None:
    """A target says that it has aborted, or found, another task management request.

    ## What it means
    Task management requests cannot be aborted or queried: the target has to answer Function rejected (255). It
    answered with success, while the other request was still outstanding.

    ## Why it matters
    The initiator believes the other function to be cancelled and may go on as if it never happened. A reset that
    nobody waits for any more is data loss.

    ## Example
        talk.open()
        reset = talk.tmf_request(5)
        talk.tmf(1, referenced_task_tag=reset.word(16), ref_cmd_sn=reset.word(24))

    ## When it is silent
    When the other request was answered before, or was sent on another connection.

    ## Reference
    RFC 7143 section 11.5.1; RFC 7144 section 6.3
    """
    facts: dict[str, object] = {
        "function": TMF_FUNCTIONS(management.operation),
        "referenced": management.length,
        "response": TMF_RESPONSES(look.header[at.AT_RESPONSE]),
    }
    desk.report("tmf-abort-of-tmf-executed", TARGET, follower, look, facts, referenced.request)


def tmf_reassign_nonscsi(follower: Follower, look: Look, desk: Desk, management: Task, referenced: Task) -> None:
    """A target says that it has reassigned something that is no SCSI task.

    ## What it means
    Only SCSI tasks move from one connection to another. Task management, text, ping and logout requests do not: the
    target has to answer Function rejected (255).

    ## Why it matters
    The initiator waits on the new connection for an answer that never comes.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        text = talk.text_request({"SendTargets": ""})
        talk.tmf(8, referenced_task_tag=text.word(16))

    ## When it is silent
    When the other request was answered before, or was sent on another connection.

    ## Reference
    RFC 7143 section 11.5.1
    """
    facts: dict[str, object] = {
        "referenced": management.length,
        "kind": KINDS[referenced.kind],
        "response": TMF_RESPONSES(look.header[at.AT_RESPONSE]),
    }
    desk.report("tmf-reassign-nonscsi", TARGET, follower, look, facts, referenced.request)


def tmf_reassign_erl_response(follower: Follower, look: Look, desk: Desk, management: Task) -> None:
    """A target says that it has reassigned a task in a session without connection recovery.

    ## What it means
    Below ErrorRecoveryLevel 2 a target has to answer TASK REASSIGN with `reassignment not supported` (4). It answered
    with success.

    ## Why it matters
    The two sides disagree about what was negotiated, and the initiator waits for a task that the target has forgotten.

    ## Example
        talk.open()
        talk.tmf(8, talk.command(read=4096), ref_cmd_sn=0)

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7143 section 7.2.2
    """
    level = follower.limits.error_recovery_level
    if 0 <= level < 2:
        facts: dict[str, object] = {"response": TMF_RESPONSES(look.header[at.AT_RESPONSE]), "level": level}
        desk.report("tmf-reassign-erl-response", TARGET, follower, look, facts, management.request)


def tmf_addl_info_without_level2(follower: Follower, look: Look, desk: Desk) -> None:
    """A task management response has Additional Response Information in a session that does not know it.

    ## What it means
    Bytes 8 to 10 got a meaning by RFC 7144, for sessions that agreed on iSCSIProtocolLevel 2. In all others they are
    reserved, which means zero.

    ## Why it matters
    Initiators ignore the field; it only shows that the target fills in more than it has to.

    ## Example
        talk.open()
        talk.tmf_response(tag=talk.tmf_request(5).word(16), lun=0x0102030000000000.to_bytes(8, "big"))

    ## When it is silent
    When the login, or a part of it, is not in the capture. It is counted once for each connection.

    ## Reference
    RFC 7144 sections 6.4.1 and 11
    """
    level = follower.limits.protocol_level
    place = at.AT_ADDITIONAL_RESPONSE
    info = int.from_bytes(look.header[place : place + 3], "big")
    if info and 0 <= level < 2:
        facts: dict[str, object] = {"info": info, "level": level}
        desk.report("tmf-addl-info-without-level2", TARGET, follower, look, facts)
