"""Rules on task tags: which task a PDU belongs to (RFC 7143 sections 11.2.1.8 and 11.8.5).

Compiled. That a task is not open is said only if the capture holds every request of the session.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import (
    KIND_LOGIN,
    KIND_LOGOUT,
    KIND_NOP,
    KIND_SCSI,
    KIND_TEXT,
    KIND_TMF,
    KINDS,
    Task,
)
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import reject
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, alone
from iscsi_analyzer.rules.notes import of_session
from iscsi_analyzer.rules.rule import ERROR, Rule

RESERVED: Final = 0xFFFFFFFF
_M32: Final = 0xFFFFFFFF

_REQUESTS: Final = "all requests of a session with one connection"

RULES = (
    Rule(
        "itt-reuse-active",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.2.1.8",
        "Task tag 0x{tag:08x} is used by a new request while the {kind} task that has it is not over",
        "the whole task, in a session with one connection",
        occasion=(
            "iscsi.opcode in {nop_out, scsi_command, tmf_request, text_request, logout_request} "
            "&& iscsi.initiatortasktag != 0xffffffff"
        ),
    ),
    Rule(
        "itt-reserved-used",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.2.1.8",
        "The request has task tag 0xffffffff, which means that there is no task",
        occasion="iscsi.opcode in {scsi_command, tmf_request, login_request, text_request, logout_request}",
    ),
    Rule(
        "itt-unknown-in-response",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.2.1.8 and 4.2.5.3",
        "No task with tag 0x{tag:08x} was ever asked for",
        _REQUESTS,
        occasion=(
            "iscsi.pdu.direction == T2I && iscsi.opcode != login_response && iscsi.initiatortasktag != 0xffffffff"
        ),
    ),
    Rule(
        "response-type-mismatch",
        ERROR,
        TARGET,
        "RFC 7143 section 11",
        "The PDU (opcode 0x{opcode:02x}) does not fit the {kind} request with its task tag",
        "the request",
        occasion=(
            "iscsi.pdu.direction == T2I && iscsi.opcode != login_response && iscsi.initiatortasktag != 0xffffffff"
        ),
    ),
    Rule(
        "ttt-reserved-in-r2t",
        ERROR,
        TARGET,
        "RFC 7143 section 11.8.5",
        "The R2T has Target Transfer Tag 0xffffffff, which marks data that nobody asked for",
        occasion="iscsi.opcode == r2t",
    ),
)


def see_initiator(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one request that begins a task."""
    opcode = look.opcode
    if look.tag == RESERVED:
        if opcode != 0x00:
            itt_reserved_used(follower, look, desk)
        return
    task = look.task
    if task is not None:
        itt_reuse_active(follower, look, desk, task)


def see_target(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU of the target."""
    task = look.task
    opcode = look.opcode
    if opcode == 0x31 and look.second == RESERVED:
        ttt_reserved_in_r2t(follower, look, desk)
    elif opcode == 0x22:
        of_session(follower.session).management = look.number
    if task is not None:
        kind = task.kind
        if kind == KIND_SCSI and (opcode == 0x25 or opcode == 0x21 or opcode == 0x31):
            return
        if task.request and look.tag != RESERVED and kind != _fits(opcode):
            response_type_mismatch(follower, look, desk, task)
    elif look.late == 0 and opcode <= 0x31 and opcode != 0x20 and opcode != 0x23:
        rejected = of_session(follower.session).rejected_tags
        if look.tag in rejected:
            reject.reject_then_response(follower, look, desk, rejected.pop(look.tag))
        else:
            itt_unknown_in_response(follower, look, desk)


def _fits(opcode: i64) -> i64:
    """The kind of task that the target answers with this opcode; -1 for PDUs that answer none."""
    if opcode == 0x20:
        return KIND_NOP
    if opcode == 0x21 or opcode == 0x25 or opcode == 0x31:
        return KIND_SCSI
    if opcode == 0x22:
        return KIND_TMF
    if opcode == 0x23:
        return KIND_LOGIN
    if opcode == 0x24:
        return KIND_TEXT
    if opcode == 0x26:
        return KIND_LOGOUT
    return -1


def itt_reuse_active(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A task tag was given to a second task while the first is still open.

    ## What it means
    An Initiator Task Tag stands for one task of the session until that is over. A new request has the tag of a task
    that is not answered, and not aborted either.

    ## Why it matters
    Answers carry nothing but the tag: data of one command may end up in the buffer of the other.

    ## Example
        talk.open()
        task = talk.command(read=4096)
        talk.command(read=512, tag=task.tag)

    ## When it is silent
    For retries (the same CmdSN), when the PDU continues a login or a text negotiation, in sessions with several
    connections, when bytes are missing since the first request, when task management came in between, and as long as
    the initiator may have an answer that the capture has not shown yet.

    ## Reference
    RFC 7143 section 11.2.1.8
    """
    if task.request == 0 or task.losses != follower.losses or not alone(follower):
        return
    opcode = look.opcode
    if opcode == 0x03 or (opcode == 0x04 and task.kind == KIND_TEXT):
        return
    cmd_sn = (read_i64_be(look.header, 24) >> 32) & _M32
    if cmd_sn == task.cmd_sn and not look.immediate:
        return
    if of_session(follower.session).management > task.request or not all_seen(follower, False):
        return
    facts: dict[str, object] = {"tag": look.tag, "kind": KINDS[task.kind]}
    desk.report("itt-reuse-active", INITIATOR, follower, look, facts, task.request)


def itt_reserved_used(follower: Follower, look: Look, desk: Desk) -> None:
    """A request has the task tag that means no task.

    ## What it means
    The tag 0xffffffff is reserved: only a NOP-Out that wants no answer may carry it.

    ## Why it matters
    The target cannot answer, or answers with a tag that the initiator has to take for none.

    ## Example
        talk.open()
        talk.command(tag=0xffffffff)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.2.1.8
    """
    desk.report("itt-reserved-used", INITIATOR, follower, look, {})


def itt_unknown_in_response(follower: Follower, look: Look, desk: Desk) -> None:
    """The target answers something that was not asked.

    ## What it means
    The PDU belongs to a task by its tag, but no request of the session had that tag, or it was long ago.

    ## Why it matters
    The initiator has no use for it; most drop the connection.

    ## Example
        talk.open()
        task = talk.test_unit_ready()
        talk.response(task, initiator_task_tag=0x99)

    ## When it is silent
    When anything of the connection is missing, from its first byte on, in sessions with several connections, after task
    management (tasks may end in many ways then), and as long as the target has acknowledged requests that the capture
    has not shown yet.

    ## Reference
    RFC 7143 sections 11.2.1.8 and 4.2.5.3
    """
    session = follower.session
    notes = of_session(session)
    if session.assumed or follower.losses or notes.management or session.overflows or not alone(follower):
        return
    if not all_seen(follower, True):
        return
    desk.report("itt-unknown-in-response", TARGET, follower, look, {"tag": look.tag})


def response_type_mismatch(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A request got an answer of another kind.

    ## What it means
    The PDU has the task tag of a request that is not answered with such a PDU: a SCSI Response for a text request, say.

    ## Why it matters
    The initiator cannot make sense of it; most drop the connection.

    ## Example
        talk.open()
        talk.nop_in(tag=talk.command().tag)

    ## When it is silent
    When the request is not in the capture, or bytes of the connection were lost since.

    ## Reference
    RFC 7143 section 11: each request has its response
    """
    if task.losses != follower.losses or (look.opcode == 0x3F or look.opcode == 0x32) or look.opcode > 0x3B:
        return
    facts: dict[str, object] = {"opcode": look.opcode, "kind": KINDS[task.kind]}
    desk.report("response-type-mismatch", TARGET, follower, look, facts, task.request)


def ttt_reserved_in_r2t(follower: Follower, look: Look, desk: Desk) -> None:
    """An R2T asks for data under the tag that means unasked data.

    ## What it means
    Data-Out PDUs that answer an R2T repeat its Target Transfer Tag; 0xffffffff stands for unsolicited data, so an R2T
    must not have it.

    ## Why it matters
    The data that answers looks like unsolicited data, which may be against what was negotiated.

    ## Example
        talk.open()
        talk.r2t(talk.command(write=4096), target_transfer_tag=0xffffffff)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.8.5
    """
    desk.report("ttt-reserved-in-r2t", TARGET, follower, look, {})
