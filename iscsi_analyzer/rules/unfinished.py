"""Rules on tasks that never end: who of the two is it who does not go on? (RFC 7143 sections 4.2.5.2, 7.3, 11.3.1, 11.4
and 11.7.2).

Not compiled: asked once, when nothing more will come on a connection.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import unsolicited
from iscsi_analyzer.rules.blame import judged
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen
from iscsi_analyzer.rules.notes import Burst, TaskNotes
from iscsi_analyzer.rules.rare_notes import rare
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.rules.sight import reached

PATIENCE = 30_000_000_000
"Nanoseconds that a side may take to go on with a task."
MAX_ACKS = 1024
"Data-Ins of a connection that wait for an acknowledgement, remembered."
MAX_TOLD = 256
"Tasks of a connection that are told of."
RESERVED = 0xFFFFFFFF

_ALL = "all of the connection, and that it was open long after"

RULES = (
    Rule(
        "rsp-missing",
        NOTE,
        TARGET,
        "RFC 7143 sections 7.3 and 11.4",
        "A command has no status: nothing came for {seconds} seconds, until the connection or the capture ended",
        _ALL,
        occasion="iscsi.opcode == scsi_command",
    ),
    Rule(
        "unsolicited-missing",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.3.1 and 4.2.5.2",
        "A write announced unsolicited data, but {missing} bytes of it did not come in {seconds} seconds",
        f"{_ALL}, and the result of the login",
        occasion="iscsi.scsicommand.W == 1 && iscsi.scsicommand.F == 0",
    ),
    Rule(
        "r2t-not-honoured",
        WARNING,
        INITIATOR,
        "RFC 7143 section 4.2.5.2",
        "An R2T for {length} bytes got {sent} bytes in {seconds} seconds",
        _ALL,
        occasion="iscsi.opcode == r2t",
    ),
    Rule(
        "dataack-missing",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.7.2 and 11.16.2",
        "A Data-In asked for an acknowledgement that did not come in {seconds} seconds",
        _ALL,
        occasion="iscsi.opcode == data_in && iscsi.scsidata.A == 1 && iscsi.connection.error_recovery_level > 0",
    ),
)


def asked(follower: Follower, look: Look) -> None:
    """A Data-In asks for an acknowledgement."""
    due = rare(follower).acks_due
    if look.second != RESERVED and len(due) < MAX_ACKS:
        due[look.second] = (look.number, look.tag)


def acknowledged(follower: Follower, look: Look) -> None:
    """A DataACK came."""
    rare(follower).acks_due.pop(look.second, None)


def closed(follower: Follower, desk: Desk) -> None:
    """Nothing more will come on the connection: runs the rules of this topic on what is still open."""
    if follower.losses or len(follower.session.connections) != 1 or not _heard(follower):
        return
    told = 0
    for task in follower.session.open.values():
        if task.kind != KIND_SCSI or task.connection != follower.number or not judged(follower, task):
            continue
        if _unfinished(follower, task, desk):
            told += 1
            if told >= MAX_TOLD:
                return


def _heard(follower: Follower) -> bool:
    """Whether each side got all that the other sent, and the capture has it."""
    seen = all_seen(follower, True) and all_seen(follower, False)
    return seen and reached(follower, True) and reached(follower, False)


def _unfinished(follower: Follower, task: Task, desk: Desk) -> bool:
    """A task without a status. True if that is worth telling."""
    last = max(task.request, task.last_r2t, task.last_data_in, task.last_data_out)
    waited = follower.connection.last_ts - follower.connection.rows.time_last(last)
    if waited < PATIENCE:
        return False
    notes = task.notes
    due = rare(follower).acks_due
    asks = next((number for number, tag in due.values() if tag == task.tag and number > task.request), 0)
    burst = None
    if isinstance(notes, TaskNotes):
        burst = next((each for each in notes.bursts if each.sent < each.length), None)
    missing = unsolicited.missing(follower, task)
    if burst is not None:
        r2t_not_honoured(follower, task, burst, waited, desk)
    elif missing:
        unsolicited_missing(follower, task, missing, waited, desk)
    elif asks:
        dataack_missing(follower, task, asks, waited, desk)
    else:
        rsp_missing(follower, task, waited, desk)
    return True


def _found(
    rule: str, party: str, follower: Follower, task: Task, pdu: int, waited: int, facts: dict[str, object], desk: Desk
) -> None:
    facts["seconds"] = f"{waited / 1e9:.0f}"
    related = task.request if task.request != pdu else 0
    desk.found(rule, party, follower.session.number, follower.number, pdu, facts, related, task.tag)


def rsp_missing(follower: Follower, task: Task, waited: int, desk: Desk) -> None:
    """A command never gets a status.

    ## What it means
    A command ends with a status, or is aborted, or its connection ends. This one was still open half a minute after the
    last that was heard of it, while the connection was up and the target had got everything.

    ## Why it matters
    The initiator waits until its own time is up, then it aborts the command and may reset the target. Look at what the
    target did meanwhile.

    ## Example
        talk.open()
        talk.command(read=4096)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")

    ## When it is silent
    When bytes of the connection are missing, in sessions of several connections, after task management and the like,
    and within half a minute.

    ## Reference
    RFC 7143 sections 7.3 and 11.4
    """
    _found("rsp-missing", TARGET, follower, task, task.request, waited, {}, desk)


def unsolicited_missing(follower: Follower, task: Task, missing: int, waited: int, desk: Desk) -> None:
    """A write announces data that does not come.

    ## What it means
    A write without the F bit says that Data-Outs follow unasked, as much as FirstBurstLength allows. They did not come,
    or not all of them.

    ## Why it matters
    The target must not end the command before, and waits. So does everybody behind it.

    ## Example
        talk = Talk(initial_r2t=False, immediate_data=False).open()
        talk.command(write=4096, final=False)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")

    ## When it is silent
    As `rsp-missing`, and unless it is known what the login settled.

    ## Reference
    RFC 7143 sections 11.3.1 and 4.2.5.2
    """
    _found("unsolicited-missing", INITIATOR, follower, task, task.request, waited, {"missing": missing}, desk)


def r2t_not_honoured(follower: Follower, task: Task, burst: Burst, waited: int, desk: Desk) -> None:
    """An R2T gets no answer.

    ## What it means
    A target that wants data gets all of it. This R2T did not, half a minute after the last that was heard of the task.

    ## Why it matters
    The write stands still, and so does whoever waits for it. The fault is at the initiator, although the target is the
    one that seems to hang.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.r2t(write)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")

    ## When it is silent
    As `rsp-missing`.

    ## Reference
    RFC 7143 section 4.2.5.2
    """
    facts: dict[str, object] = {"length": burst.length, "sent": burst.sent}
    _found("r2t-not-honoured", INITIATOR, follower, task, burst.pdu, waited, facts, desk)


def dataack_missing(follower: Follower, task: Task, asks: int, waited: int, desk: Desk) -> None:
    """A target waits for an acknowledgement of its data.

    ## What it means
    A Data-In with the A bit is acknowledged with a SNACK, or with the status of its command. There is neither.

    ## Why it matters
    The target keeps the data until it is acknowledged, and may wait before it sends more.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        read = talk.command(read=8192)
        talk.data_in(read, 4096, flags=0x40, target_transfer_tag=1, lun=0)
        talk.wait(60)
        talk.ping()
        talk.ack("I2T")

    ## When it is silent
    As `rsp-missing`, and when the command got its status.

    ## Reference
    RFC 7143 sections 11.7.2 and 11.16.2
    """
    _found("dataack-missing", INITIATOR, follower, task, asks, waited, {}, desk)
