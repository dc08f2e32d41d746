"""Rules on what a SNACK asks for or acknowledges, compared with what was sent, and on its rejection (RFC 7143 sections
7.1.5, 11.7.2 and 11.16).

Not compiled: SNACKs, and Data-Ins that ask for an acknowledgement, are rare.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import numbering_pace, unfinished
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, whole
from iscsi_analyzer.rules.notes import of_connection, of_task
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.streams.serial import distance

RESERVED = 0xFFFFFFFF
DATA, STATUS, DATA_ACK, R_DATA = 0, 1, 2, 3
SNACK = 0x10
NOT_SUPPORTED = 5

MAX_ASKED = 4096
"Data-Ins of a connection that asked for an acknowledgement, remembered."

RULES = (
    Rule(
        "snack-after-status-ack",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.1",
        "A Status SNACK asks for StatSN {begin}, which ExpStatSN {exp_stat_sn} has acknowledged before",
        "an ExpStatSN of the initiator",
        occasion="iscsi.snack.type == 1",
    ),
    Rule(
        "snack-unsent-range",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16",
        "A SNACK asks for number {begin}{more}, but only numbers below {sent} were sent",
        "everything that the target sent of it",
        occasion="iscsi.snack.type in {0, 1}",
    ),
    Rule(
        "dataack-without-a",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.16.2",
        "A DataACK has Target Transfer Tag 0x{tag:08x}, with which no Data-In asked for an acknowledgement",
        "everything that the target sent on the connection",
        occasion="iscsi.snack.type == 2",
    ),
    Rule(
        "snack-dataack-lun",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.16.5",
        "A DataACK has LUN 0x{lun:016x}, the Data-In that it acknowledges has 0x{asked:016x}",
        "the Data-In",
        occasion="iscsi.snack.type == 2",
    ),
    Rule(
        "snack-type-unsupported",
        ERROR,
        TARGET,
        "RFC 7143 section 11.16",
        "A SNACK of type {kind} was rejected as not supported at ErrorRecoveryLevel {level}",
        "the ErrorRecoveryLevel",
        occasion="iscsi.opcode == snack",
    ),
)


def asked(follower: Follower, look: Look) -> None:
    """A Data-In asks for an acknowledgement (A bit): remembers its tag and LUN."""
    unfinished.asked(follower, look)
    acks = of_connection(follower).acks
    if look.second != RESERVED and (len(acks) < MAX_ASKED or look.second in acks):
        acks[look.second] = look.header[8:16]


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one SNACK whose header is whole."""
    kind = look.flags & 0x0F
    if kind == STATUS:
        snack_after_status_ack(follower, look, desk)
    elif kind == DATA:
        numbering_pace.snack(follower, look, desk)
    if kind in (DATA, STATUS):
        snack_unsent_range(follower, look, desk, kind)
    elif kind == DATA_ACK:
        dataack_without_a(follower, look, desk)
        snack_dataack_lun(follower, look, desk)
        unfinished.acknowledged(follower, look)


def snack_after_status_ack(follower: Follower, look: Look, desk: Desk) -> None:
    """A status was asked for after it was acknowledged.

    ## What it means
    The initiator asks for a response to be sent again, but an ExpStatSN that it sent before says that it has it.

    ## Why it matters
    Acknowledged responses are forgotten: the target has to reject the SNACK.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        talk.test_unit_ready()
        talk.test_unit_ready()
        talk.snack(1, begin=talk.stat_sn - 2, run=1)

    ## When it is silent
    Until the initiator has sent an ExpStatSN that the capture holds.

    ## Reference
    RFC 7143 section 11.16.1
    """
    exp_stat_sn = of_connection(follower).exp_stat_sn
    begin = int.from_bytes(look.header[40:44], "big")
    if exp_stat_sn >= 0 and begin and distance(begin, exp_stat_sn) < 0:
        desk.report("snack-after-status-ack", INITIATOR, follower, look, {"begin": begin, "exp_stat_sn": exp_stat_sn})


def snack_unsent_range(follower: Follower, look: Look, desk: Desk, kind: int) -> None:
    """A SNACK asks for what was never sent.

    ## What it means
    A SNACK names PDUs by number and wants them again. The target has not come to these numbers yet.

    ## Why it matters
    The target has to reject it. The initiator has lost track of what it received.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(0, task=task, begin=7, run=1)

    ## When it is silent
    When bytes of the task, or of the target's responses, are missing, for bidirectional commands, and as long as the
    initiator has acknowledged bytes that the capture has not shown yet.

    ## Reference
    RFC 7143 section 11.16
    """
    if kind == STATUS:
        sent = of_connection(follower).next_stat_sn
    else:
        task = look.task
        if task is None or not whole(follower, task) or task.flags & 0x60 == 0x60:
            return
        notes = of_task(task)
        sent = notes.next_data_in_sn or notes.next_r2t_sn
    begin = int.from_bytes(look.header[40:44], "big")
    run = int.from_bytes(look.header[44:48], "big")
    last = (begin + max(run, 1) - 1) & 0xFFFFFFFF
    if sent < 0 or (begin == 0 and run == 0) or distance(last, sent) < 0 or not all_seen(follower, False):
        return
    facts: dict[str, object] = {"begin": begin, "more": f" and {run - 1} more" if run > 1 else "", "sent": sent}
    desk.report("snack-unsent-range", INITIATOR, follower, look, facts)


def dataack_without_a(follower: Follower, look: Look, desk: Desk) -> None:
    """Data was acknowledged that nobody asked to acknowledge.

    ## What it means
    A DataACK answers a Data-In with the A bit and repeats its Target Transfer Tag. No such Data-In had this tag.

    ## Why it matters
    The target may free data that it would have to send again, or reject the DataACK.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.snack(2, target_transfer_tag=5, begin=1)

    ## When it is silent
    When anything of the connection is missing, and as long as the initiator has acknowledged bytes that the capture has
    not shown yet.

    ## Reference
    RFC 7143 section 11.16.2
    """
    acks = of_connection(follower).acks
    if look.second == RESERVED or look.second in acks or len(acks) >= MAX_ASKED:
        return
    if not follower.session.assumed and not follower.losses and all_seen(follower, False):
        desk.report("dataack-without-a", INITIATOR, follower, look, {"tag": look.second})


def snack_dataack_lun(follower: Follower, look: Look, desk: Desk) -> None:
    """A DataACK names another logical unit than the Data-In.

    ## What it means
    A DataACK repeats LUN and Target Transfer Tag of the Data-In that asked for it. The LUN differs.

    ## Why it matters
    The tag alone need not be unique: the target may take the DataACK for that of another logical unit.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192, lun=1)
        talk.data_in(task, 4096, flags=0xC0, target_transfer_tag=5, lun=1)
        talk.snack(2, target_transfer_tag=5, begin=1, lun=0)

    ## When it is silent
    When the Data-In is not in the capture.

    ## Reference
    RFC 7143 section 11.16.5
    """
    lun = of_connection(follower).acks.get(look.second)
    if lun is not None and lun != look.header[8:16]:
        facts: dict[str, object] = {
            "lun": int.from_bytes(look.header[8:16], "big"),
            "asked": int.from_bytes(lun, "big"),
        }
        desk.report("snack-dataack-lun", INITIATOR, follower, look, facts)


def snack_type_unsupported(follower: Follower, look: Look, desk: Desk) -> None:
    """A target that agreed to recovery does not support a SNACK.

    ## What it means
    From ErrorRecoveryLevel 1 on a target supports every type of SNACK. This one rejects a SNACK as a command that it
    does not support.

    ## Why it matters
    The recovery that was agreed upon does not work: what is lost stays lost, and the task hangs or the session ends.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096)
        talk.reject(talk.snack(0, task=task, begin=0, run=1), reason=5)

    ## When it is silent
    When the level is not known, because the login was not seen, and when the capture lacks the data of the Reject.

    ## Reference
    RFC 7143 section 11.16
    """
    level = follower.limits.error_recovery_level
    if level >= 1 and look.header[2] == NOT_SUPPORTED and len(look.data) >= 48 and look.data[0] & 0x3F == SNACK:
        desk.report("snack-type-unsupported", TARGET, follower, look, {"kind": look.data[1] & 0x0F, "level": level})
