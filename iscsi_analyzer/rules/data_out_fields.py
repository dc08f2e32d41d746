"""Rules on fields of Data-Out PDUs that have no meaning there, and on Data-Outs that come too late (RFC 7143 sections
4.2.3, 11.4.2 and 11.7).

Not compiled: reached for fields that are not as they should be, and for Data-Outs without an open task.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.blame import initiator_broke
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.header_fields import lun_field, word
from iscsi_analyzer.rules.notes import of_connection, of_session
from iscsi_analyzer.rules.rule import NOTE, Rule

RULES = (
    Rule(
        "dataout-lun-reserved",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.7.4",
        "A Data-Out that answers no R2T names a logical unit (LUN field 0x{lun:016x}), and not that of its command",
        "the whole task",
        occasion="iscsi.opcode == data_out && iscsi.targettransfertag == 0xffffffff",
    ),
    Rule(
        "dataout-cmdsn-field",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 11 and 11.7",
        "A Data-Out has 0x{value:08x} where requests have their CmdSN; it has none",
        occasion="iscsi.opcode == data_out",
    ),
    Rule(
        "dataout-after-status",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 11.4.2 and 4.2.3",
        "Write data comes for task 0x{tag:08x}, whose status the initiator has acknowledged",
        "an unbroken view of what the target sends",
        occasion="iscsi.opcode == data_out",
    ),
)


def dataout_lun_reserved(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Unsolicited data names some logical unit.

    ## What it means
    A Data-Out has a LUN only together with the Target Transfer Tag of an R2T; else the field is reserved and 0. Many
    initiators write the LUN of the command there, which nobody minds. This is neither.

    ## Why it matters
    A target that looks at the field all the same puts the data to the wrong command.

    ## Example
        talk = Talk(initial_r2t=False, immediate_data=False).open()
        write = talk.command(write=4096, final=False)
        talk.data_out(write, 4096, lun=1)
        talk.response(write)

    ## When it is silent
    When the command is not in the capture.

    ## Reference
    RFC 7143 section 11.7.4
    """
    initiator_broke("dataout-lun-reserved", follower, look, task, desk, {"lun": lun_field(look)})


def dataout_cmdsn_field(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-Out has a CmdSN.

    ## What it means
    Data-Outs belong to a command and are not numbered among the commands. The bytes where requests have their CmdSN are
    reserved.

    ## Why it matters
    Today nobody reads them. An initiator that counts Data-Outs as commands will sooner or later miscount.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write), patch={24: bytes((0, 0, 0, 9))})
        talk.response(write)

    ## When it is silent
    When the header digest of the PDU is wrong.

    ## Reference
    RFC 7143 sections 11 and 11.7
    """
    desk.report("dataout-cmdsn-field", INITIATOR, follower, look, {"value": word(look, 24)})


def dataout_after_status(follower: Follower, look: Look, desk: Desk) -> None:
    """Write data comes for a command that is over.

    ## What it means
    The task has its status, and this Data-Out itself says by its ExpStatSN that the initiator got it. The data has
    nowhere to go.

    ## Why it matters
    The target drops it, but it took its time on the wire; a target that has given the tag to a new task may store it.

    ## Example
        talk = Talk(max_outstanding_r2t=2).open()
        write = talk.command(write=8192)
        talk.solicit(write)
        talk.response(write)
        talk.data_out(write, 512, offset=0)

    ## When it is silent
    While the status may have crossed with the data: unless all statuses of the connection are acknowledged. When the
    capture lacks bytes of the target, and after task management and the like.

    ## Reference
    RFC 7143 sections 11.4.2 and 4.2.3
    """
    notes = of_connection(follower)
    session = follower.session
    if follower.losses or len(session.connections) != 1 or look.late <= of_session(session).disturbed:
        return
    if notes.next_stat_sn >= 0 and notes.stat_sn_sure and word(look, 28) == notes.next_stat_sn:
        desk.report("dataout-after-status", INITIATOR, follower, look, {"tag": look.tag}, look.late)
