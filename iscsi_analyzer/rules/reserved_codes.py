"""Rules on codes that mean nothing and are carried out all the same (RFC 7143 section 11).

Not compiled: sees the answers to task management and logout requests.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_LOGOUT, KIND_TMF
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.rule import NOTE, Rule

LAST_FUNCTION, LAST_REASON = 12, 2
TMF_RESPONSE = 0x22
DONE = 0

RULES = (
    Rule(
        "reserved-code-not-reported",
        NOTE,
        "either",
        "RFC 7143 section 11",
        "The target reports success for {what} {code}, which is reserved, instead of a protocol error",
        "the request",
        occasion="(iscsi.opcode == 0x02 && iscsi.taskmanfun.function not in {1..12}) || "
        "(iscsi.opcode == logout_request && iscsi.logout.reason > 2)",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rule of this topic on a Task Management Function Response or a Logout Response."""
    task = look.task
    kind = KIND_TMF if look.opcode == TMF_RESPONSE else KIND_LOGOUT
    if task is None or not task.request or task.kind != kind or look.header[2] != DONE:
        return
    if kind == KIND_TMF:
        if not 1 <= task.operation <= LAST_FUNCTION:
            reserved_code_not_reported(follower, look, desk, "task management function", task.operation)
    elif task.operation > LAST_REASON:
        reserved_code_not_reported(follower, look, desk, "logout reason", task.operation)


def reserved_code_not_reported(follower: Follower, look: Look, desk: Desk, what: str, code: int) -> None:
    """A target carries out what has no meaning.

    ## What it means
    A code that is reserved has to be answered as a protocol error: with a Reject, or with the response that says that
    it is not supported. Here the target says that it did what was asked.

    ## Why it matters
    The initiator believes that something was aborted or closed. Nobody knows what the target really did.

    ## Example
        talk.open()
        talk.tmf(0x20)

    ## When it is silent
    When the request is not in the capture.

    ## Reference
    RFC 7143 section 11
    """
    request = look.task.request if look.task is not None else 0
    desk.report("reserved-code-not-reported", TARGET, follower, look, {"what": what, "code": code}, request)
