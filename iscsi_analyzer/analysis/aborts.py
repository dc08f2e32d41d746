"""Task management: what the initiator gave up, what the target answered, and what became of the tasks that it meant."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from dissectors.iscsi.words import TMF_FUNCTIONS, TMF_RESPONSES
from iscsi_analyzer.analysis.facts import TARGET, Facts, Numbers
from iscsi_analyzer.analysis.operations import Operations, lun_text
from iscsi_analyzer.analysis.outcomes import lossy
from iscsi_analyzer.model import task as model
from iscsi_analyzer.model.task import ABORT_TASK
from iscsi_analyzer.store.tasks import NO_TIME

MOST_LISTED: Final = 500
MOST_TASKS: Final = 20
REFERS_TO_A_TASK: Final = (ABORT_TASK, 8, 9)  # also TASK REASSIGN and QUERY TASK


class Meant(msgspec.Struct, kw_only=True):
    """A task that a task management function names, or ended."""

    task: int
    operation: str
    request_pdu: int
    outstanding_ns: int
    "For how long it had been waiting when the function was requested."
    fate: str
    "A word of `model.task.OUTCOMES`, or that it was answered all the same."
    answer_pdu: int


class Management(msgspec.Struct, kw_only=True):
    """One task management function."""

    task: int
    function: int
    words: str
    "`ABORT TASK`."
    session: int
    connection: int
    lun: str
    request_pdu: int
    request_frame: int
    asked_ns: int
    answered: bool
    response: str
    "What the target answered, or why there is no answer."
    answer_pdu: int
    took_ns: int
    "Until the answer, or until it was over without."
    may_be_lost: bool
    "No answer is in the capture, but the capture lacks bytes of the target."
    open_at_end: bool
    "It was still waiting for an answer when the capture ended."
    referenced_tag: int
    "-1 if the function names no task."
    meant: list[Meant]
    "The task that it names, or the tasks that it ended; the first ones."
    ended: int
    "How many tasks it ended."


def aborts(facts: Facts, operations: Operations) -> tuple[list[Management], int]:
    """The task management functions in order of their requests, and how many more there are."""
    kind = facts.task("kind")
    members = np.flatnonzero(facts.wanted & (kind == model.KIND_TMF) & (facts.task("request") > 0))
    members = members[np.argsort(facts.task("request")[members])]
    ends = facts.over if len(members) else facts.answered
    found = [_management(facts, operations, index, ends) for index in members[:MOST_LISTED].tolist()]
    return found, max(0, len(members) - MOST_LISTED)


def _management(facts: Facts, operations: Operations, index: int, ends: Numbers) -> Management:
    function = int(facts.task("operation")[index])
    answer = int(facts.task("answer")[index])
    asked = int(facts.asked[index])
    session, connection = int(facts.task("session")[index]), int(facts.task("connection")[index])
    request = int(facts.task("request")[index])
    tag = int(facts.task("length")[index]) if function in REFERS_TO_A_TASK else -1
    ended = np.flatnonzero((facts.task("by") == answer) & facts.scsi) if answer else np.zeros(0, dtype=np.int64)
    meant = _referenced(facts, session, tag, request) if tag >= 0 else ended
    outcome = int(facts.task("outcome")[index])
    answered = outcome == model.ANSWERED
    status = int(facts.task("status")[index])
    return Management(
        task=index + 1,
        function=function,
        words=TMF_FUNCTIONS(function),
        session=session,
        connection=connection,
        lun=lun_text(int(facts.task("lun")[index])),
        request_pdu=request,
        request_frame=facts.frame(request),
        asked_ns=asked if asked != NO_TIME else 0,
        answered=answered,
        response=TMF_RESPONSES(status) if answered else model.OUTCOMES[outcome],
        answer_pdu=answer,
        took_ns=max(0, int(ends[index]) - asked) if asked != NO_TIME else 0,
        may_be_lost=not answered and lossy(facts, connection, TARGET),
        open_at_end=outcome == model.OPEN_AT_END,
        referenced_tag=tag,
        meant=[_meant(facts, operations, each, asked, request) for each in meant[:MOST_TASKS].tolist()],
        ended=len(ended),
    )


def _referenced(facts: Facts, session: int, tag: int, before: int) -> Numbers:
    """The SCSI task that had that tag when PDU `before` came: the latest one."""
    same = (facts.task("tag") == tag) & (facts.task("session") == session) & facts.scsi
    found = np.flatnonzero(same & (facts.task("request") < before) & (facts.task("request") > 0))
    if not len(found):
        return found
    latest = int(np.argmax(facts.task("request")[found]))
    return found[latest : latest + 1]


def _meant(facts: Facts, operations: Operations, index: int, asked: int, request: int) -> Meant:
    outcome, answer = int(facts.task("outcome")[index]), int(facts.task("answer")[index])
    fate = model.OUTCOMES[outcome]
    if outcome == model.ANSWERED:
        fate = "answered before" if answer < request else "answered all the same"
    began = int(facts.asked[index])
    return Meant(
        task=index + 1,
        operation=operations.name(index),
        request_pdu=int(facts.task("request")[index]),
        outstanding_ns=max(0, asked - began) if began != NO_TIME and asked != NO_TIME else 0,
        fate=fate,
        answer_pdu=answer,
    )
