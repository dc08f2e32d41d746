"""Rules on PDUs that a target sends again, and on data of which it must notice that a part is missing (RFC 7143
sections 7.1.5, 7.9, 11.4.9, 11.8 and 11.16).

Interpreted. Reached only by numbers within a task that go back or leave some out, and by a status for a task that was
answered.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.notes import TaskNotes, of_connection
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.rules.trouble import of_connection_trouble, task_trouble
from iscsi_analyzer.streams.serial import distance

LOOK_BACK: Final = 1024
"PDUs of the capture that are searched for the one that is sent again."
MAX_SEARCHES: Final = 64
"Searches on one connection."

_BOTH: Final = "both PDUs"
_LEVEL: Final = "iscsi.connection.error_recovery_level > 0"

RULES = (
    Rule(
        "retransmit-not-replica",
        ERROR,
        TARGET,
        "RFC 7143 section 11.16",
        "{pdu} is sent again with another {what} than before",
        _BOTH,
        occasion="iscsi.snack.type in {0, 1}",
    ),
    Rule(
        "retransmit-stale-counters",
        WARNING,
        TARGET,
        "RFC 7143 section 11.16",
        "{pdu} is sent again with ExpCmdSN {exp_cmd_sn} and MaxCmdSN {max_cmd_sn}; before, the target stated {newer}",
        "the task, and that it is sent again",
        occasion="iscsi.snack.type in {0, 1}",
    ),
    Rule(
        "retransmit-statsn-changed",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.9",
        "The status of task 0x{tag:08x} is sent again with StatSN {stat_sn}; it had {before}",
        "the command, both statuses, and a SNACK between them",
        occasion="iscsi.snack.type == 1",
    ),
    Rule(
        "retransmit-at-erl0",
        WARNING,
        TARGET,
        "RFC 7143 section 7.1.5",
        "{pdu} with number {number} is sent a second time at ErrorRecoveryLevel 0",
        _BOTH,
        occasion="iscsi.opcode in {0x25, 0x31} && iscsi.connection.error_recovery_level == 0",
    ),
    Rule(
        "r2t-recovery-sn",
        ERROR,
        TARGET,
        "RFC 7143 section 11.8",
        "An R2T with a new Target Transfer Tag has R2TSN {number}, which an earlier one of the task had",
        _BOTH,
        occasion=f"iscsi.opcode == r2t && {_LEVEL}",
    ),
    Rule(
        "seq-recovery-data-after-reject",
        WARNING,
        TARGET,
        "RFC 7143 sections 7.8 and 7.9",
        "The command ended with GOOD although numbers are missing in its Data-Outs, and nothing was asked for again",
        "the whole task",
        occasion="iscsi.opcode == data_out",
    ),
)


def data_in(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """Runs the rules of this topic on a Data-In whose number goes back."""
    again(follower, look, desk, task, word(look, at.AT_DATA_SN))


def r2t(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """Runs the rules of this topic on an R2T whose number goes back."""
    again(follower, look, desk, task, word(look, at.AT_R2T_SN))


def again(follower: Follower, look: Look, desk: Desk, task: Task, number: int) -> None:
    """A Data-In or R2T has a number that was used before."""
    level = follower.limits.error_recovery_level
    if level < 0 or not all_seen(follower, True):
        return
    if level:
        retransmit_stale_counters(follower, look, desk)
    trouble = task_trouble(task)
    if (trouble is not None and trouble.r_data) or of_connection_trouble(follower).resized:
        return  # cut anew: the numbers do not mean the same as before
    earlier = _earlier(follower, look, task.request, 36)
    if not earlier:
        return
    before = follower.connection.rows.header(earlier)
    what = _differs(look.header, before)
    if not level:
        if not what and look.header[16:24] == before[16:24]:
            retransmit_at_erl0(follower, look, desk, number, earlier)
    elif look.opcode == at.OP_R2T and look.header[20:24] != before[20:24]:
        r2t_recovery_sn(follower, look, desk, number, earlier)
    elif what:
        retransmit_not_replica(follower, look, desk, what, earlier)


def response(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a SCSI Response for a task that was answered before."""
    if follower.limits.error_recovery_level <= 0 or not entire(follower):
        return
    earlier = _earlier(follower, look, look.late, 16)
    if not earlier:
        return
    before = follower.connection.rows.header(earlier)
    asked_for = of_connection_trouble(follower).snack > earlier
    if asked_for:
        retransmit_stale_counters(follower, look, desk)
    if before[24:28] != look.header[24:28]:
        if asked_for:
            retransmit_statsn_changed(follower, look, desk, before, earlier)
    elif what := _differs(look.header, before):
        retransmit_not_replica(follower, look, desk, what, earlier)


def responded(follower: Follower, look: Look, desk: Desk, task: Task, notes: TaskNotes) -> None:
    """Runs the rules of this topic on the SCSI Response of a write whose Data-Outs leave numbers out."""
    good = look.header[2] == 0 and look.header[at.AT_STATUS] == 0
    if good and task.last_r2t < notes.skipped and all_seen(follower, True):
        seq_recovery_data_after_reject(follower, look, desk, notes)


def _earlier(follower: Follower, look: Look, first: int, place: int) -> int:
    """The PDU from `first` on that has opcode and task tag of the one at hand on its connection, and the same four
    bytes at `place`; 0 if it is not found."""
    notes = of_connection(follower)
    if notes.searches >= MAX_SEARCHES:
        return 0
    notes.searches += 1
    rows = follower.connection.rows
    header = look.header
    for number in range(look.number - 1, max(first, look.number - LOOK_BACK) - 1, -1):
        before = rows.header(number)
        if before[0] & 0x3F == look.opcode and before[16:20] == header[16:20]:
            if before[place : place + 4] == header[place : place + 4]:
                if rows.origin(number) & 0xFFFFFFFF == follower.number:
                    return number
    return 0


def _differs(header: bytes, before: bytes) -> str:
    """The first field that a repetition must keep and did not; empty if it kept all. The A bit, tags for it, and the
    numbers of the session may change."""
    if (header[1] ^ before[1]) & ~at.ACKNOWLEDGE_MASK or header[2:4] != before[2:4]:
        return "status or flags"
    if header[5:8] != before[5:8]:
        return "length of data"
    if header[8:16] != before[8:16]:
        return "LUN"
    if header[40:44] != before[40:44]:
        return "residual count" if header[0] & 0x3F == at.OP_SCSI_RESPONSE else "buffer offset"
    if header[44:48] != before[44:48]:
        return "desired length" if header[0] & 0x3F == at.OP_R2T else "residual count"
    return ""


def retransmit_not_replica(follower: Follower, look: Look, desk: Desk, what: str, earlier: int) -> None:
    """What is sent again is not what was sent before.

    ## What it means
    A Data-In, R2T or response that is sent again is the same as the first time, but for the numbers of the session
    (ExpCmdSN, MaxCmdSN). This one has the number of an earlier one, and differs.

    ## Why it matters
    The initiator asked for the piece that it misses. It takes this one for it, and puts the data in the wrong place, or
    believes in a status that was another.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=0, run=1)
        talk.data_in(task, 4096, offset=512, data_sn=0)
        talk.data_in(task, 4096, status=0)

    ## When it is silent
    At ErrorRecoveryLevel 0, where nothing is sent again; after an R-Data SNACK, or a change of
    MaxRecvDataSegmentLength, as the data is cut anew then; when the capture lacks anything of the task, and when the
    earlier PDU is far back.

    ## Reference
    RFC 7143 section 11.16
    """
    facts: dict[str, object] = {"pdu": OPCODES(look.opcode), "what": what}
    desk.report("retransmit-not-replica", TARGET, follower, look, facts, earlier)


def retransmit_stale_counters(follower: Follower, look: Look, desk: Desk) -> None:
    """What is sent again has counters of the past.

    ## What it means
    ExpCmdSN and MaxCmdSN of a PDU that is sent again are those of now. These are older than what the target had stated
    before: it sent a copy of the old PDU.

    ## Why it matters
    Little, if the initiator ignores old values, as it should; one that does not sees its window shrink.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        before = talk.data_in(task, 4096)
        talk.test_unit_ready()
        talk.snack(0, task=task, begin=0, run=1)
        talk.data_in(task, 4096, offset=0, data_sn=0, exp_cmd_sn=before.word(28), max_cmd_sn=before.word(32))

    ## When it is silent
    At ErrorRecoveryLevel 0, where nothing is sent again; when the capture lacks anything of the task.

    ## Reference
    RFC 7143 section 11.16
    """
    notes = of_connection(follower)
    exp_cmd_sn, max_cmd_sn = word(look, at.AT_EXP_CMD_SN), word(look, at.AT_EXP_CMD_SN + 4)
    if notes.exp_cmd_sn < 0:
        return
    if distance(exp_cmd_sn, notes.exp_cmd_sn) < 0 or distance(max_cmd_sn, notes.max_cmd_sn) < 0:
        facts: dict[str, object] = {
            "pdu": OPCODES(look.opcode),
            "exp_cmd_sn": exp_cmd_sn,
            "max_cmd_sn": max_cmd_sn,
            "newer": f"{notes.exp_cmd_sn} and {notes.max_cmd_sn}",
        }
        desk.report("retransmit-stale-counters", TARGET, follower, look, facts)


def retransmit_statsn_changed(follower: Follower, look: Look, desk: Desk, before: bytes, earlier: int) -> None:
    """A status is sent again under another number.

    ## What it means
    A response that is sent again keeps its StatSN: by that the initiator asked for it. The target gave it a new one.

    ## Why it matters
    The hole in the status numbers stays. The initiator asks again and again, and gets a status more each time.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        talk.ping()
        task = talk.test_unit_ready()
        talk.snack(1, begin=talk.stat_sn - 1, run=1, exp_stat_sn=talk.stat_sn - 1)
        talk.response(task)

    ## When it is silent
    When there was no SNACK in between, for which there is `rsp-duplicate`; at ErrorRecoveryLevel 0; when anything of
    the connection is missing, and when the first status is far back.

    ## Reference
    RFC 7143 section 11.4.9
    """
    facts: dict[str, object] = {
        "tag": look.tag,
        "stat_sn": word(look, at.AT_STAT_SN),
        "before": int.from_bytes(before[24:28], "big"),
    }
    desk.report("retransmit-statsn-changed", TARGET, follower, look, facts, earlier)


def retransmit_at_erl0(follower: Follower, look: Look, desk: Desk, number: int, earlier: int) -> None:
    """A target sends a PDU again although nothing is recovered within this connection.

    ## What it means
    At ErrorRecoveryLevel 0 no PDU is sent a second time: what goes wrong ends the session. This one is the same as one
    before, and TCP had delivered both.

    ## Why it matters
    The initiator does not expect it: it counts the data twice, or drops the connection for the number.

    ## Example
        talk.open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.data_in(task, 4096, offset=0, data_sn=0)
        talk.data_in(task, 4096, status=0)

    ## When it is silent
    When the login or anything of the task is not in the capture. Segments that TCP sends again are one to it.

    ## Reference
    RFC 7143 section 7.1.5
    """
    facts: dict[str, object] = {"pdu": OPCODES(look.opcode), "number": number}
    desk.report("retransmit-at-erl0", TARGET, follower, look, facts, earlier)


def r2t_recovery_sn(follower: Follower, look: Look, desk: Desk, number: int, earlier: int) -> None:
    """A new R2T has the number of an old one.

    ## What it means
    An R2T that asks for data again, because it was lost, is a new R2T and takes the next number of the task. Only an
    R2T that is sent again as it was keeps its number, and then its Target Transfer Tag, too. This one has an old number
    and a new tag.

    ## Why it matters
    The initiator takes it for a repetition of the one that it has answered, and ignores it: the command hangs.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(write=8192)
        talk.data_out(task, 4096, burst=talk.r2t(task, 4096))
        talk.data_out(task, 4096, burst=talk.r2t(task, 4096, r2t_sn=0))
        talk.response(task, exp_data_sn=0)

    ## When it is silent
    At ErrorRecoveryLevel 0, where `r2tsn-gap` speaks; when the capture lacks anything of the task.

    ## Reference
    RFC 7143 section 11.8
    """
    desk.report("r2t-recovery-sn", TARGET, follower, look, {"number": number}, earlier)


def seq_recovery_data_after_reject(follower: Follower, look: Look, desk: Desk, notes: TaskNotes) -> None:
    """A target accepts write data in which numbers are missing.

    ## What it means
    A hole in the DataSNs of Data-Outs means that a PDU was lost, as by a digest error in its header. The target has to
    ask for the data again by an R2T, or to end the command with CHECK CONDITION. It did neither and reported GOOD.

    ## Why it matters
    If data was lost indeed, the target has stored what was in its buffer before, and says that all is well.

    ## Example
        talk.open()
        task = talk.command(write=8192)
        burst = talk.r2t(task)
        talk.data_out(task, 4096, burst=burst)
        talk.data_out(task, 4096, burst=burst, data_sn=2)
        talk.response(task)

    ## When it is silent
    When the capture lacks anything of the task, and when any R2T of the task follows the hole.

    ## Reference
    RFC 7143 sections 7.8 and 7.9
    """
    desk.report("seq-recovery-data-after-reject", TARGET, follower, look, {}, notes.skipped)
