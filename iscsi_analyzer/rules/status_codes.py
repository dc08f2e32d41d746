"""Rules on what a status, or the sense data with it, means (RFC 7143 sections 4.2.2.1, 11.4.2 and 11.4.7, SAM, SPC).

Not compiled: reached for SCSI Responses of completed commands with another status than GOOD, or with data.
"""

from __future__ import annotations

from dissectors.scsi.sense import Sense, parse_sense
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.header_fields import word
from iscsi_analyzer.rules.rare_notes import rare
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.streams.serial import distance

CHECK_CONDITION, BUSY, RESERVATION_CONFLICT, TASK_SET_FULL = 0x02, 0x08, 0x18, 0x28
OBSOLETE = {0x10: "INTERMEDIATE", 0x14: "INTERMEDIATE-CONDITION MET", 0x22: "COMMAND TERMINATED"}
FIXED = (0x70, 0x71)
DESCRIPTORS = (0x72, 0x73)
CONDITIONS = {
    (0x0B, 0x0C, 0x0C): "unsolicited data came that the target did not expect",
    (0x0B, 0x0C, 0x0D): "the initiator sent another amount of data than it had to",
    (0x0B, 0x47, 0x05): "data was damaged on the way to the target (its digest was wrong)",
    (0x0B, 0x11, 0x13): "the target could not read the data that a SNACK asked for again",
    (0x06, 0x47, 0x7F): "commands were ended by an iSCSI event, such as a logout or a lost connection",
}
"Sense key, ASC and ASCQ -> what iSCSI means by them (RFC 7143 sections 11.4.7.2 and 11.14.5)."
MANY = 10
SPAN = 10_000_000_000
"So often within so many nanoseconds a device is busy before that is told."

RULES = (
    Rule(
        "rsp-status-obsolete",
        NOTE,
        TARGET,
        "SAM",
        "A command ends with status 0x{status:02x} ({name}), which SAM has given up",
        occasion="iscsi.opcode == scsi_response",
    ),
    Rule(
        "rsp-sense-with-non-cc",
        NOTE,
        TARGET,
        "RFC 7144 section 5.2.2, RFC 7143 section 11.4.7",
        "A response with status 0x{status:02x} has sense data, at iSCSIProtocolLevel {level}",
        "the result of the login",
        occasion="iscsi.opcode == scsi_response && iscsi.scsiresponse.status != 2",
    ),
    Rule(
        "sense-key-reserved",
        NOTE,
        TARGET,
        "SPC",
        "CHECK CONDITION with sense key NO SENSE and nothing else: the sense data tells no reason",
        "that the sense data was captured",
        occasion="iscsi.opcode == scsi_response && iscsi.scsiresponse.status == 2",
    ),
    Rule(
        "sense-iscsi-condition",
        NOTE,
        TARGET,
        "RFC 7143 section 11.4.7.2",
        "The sense data tells of iSCSI, not of the device: {what} (key 0x{key:x}, ASC/ASCQ 0x{asc:02x}/0x{ascq:02x})",
        "that the sense data was captured",
        occasion="iscsi.opcode == scsi_response && iscsi.scsiresponse.status == 2",
    ),
    Rule(
        "status-busy-while-window-open",
        NOTE,
        TARGET,
        "SAM, RFC 7143 section 4.2.2.1",
        "{times} commands within {seconds} seconds were refused as BUSY or TASK SET FULL, while the target invites "
        "{window} more: its window is larger than its queue",
        occasion="iscsi.opcode == scsi_response && iscsi.scsiresponse.status in {0x08, 0x28}",
    ),
    Rule(
        "reservation-conflict-info",
        NOTE,
        TARGET,
        "RFC 7143 section 11.4.2",
        "A command was refused because another initiator has reserved the logical unit",
        occasion="iscsi.opcode == scsi_response",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a SCSI Response of a completed command, with another status than GOOD or with
    data."""
    status = look.header[3]
    length = int.from_bytes(look.data[:2], "big")
    if status == CHECK_CONDITION:
        if length and len(look.data) >= 2 + length:
            sense = parse_sense(look.data[2 : 2 + length])
            sense_key_reserved(follower, look, desk, sense)
            sense_iscsi_condition(follower, look, desk, sense)
        return
    rsp_status_obsolete(follower, look, desk, status)
    if length:
        rsp_sense_with_non_cc(follower, look, desk, status)
    if status in (BUSY, TASK_SET_FULL):
        status_busy_while_window_open(follower, look, desk)
    elif status == RESERVATION_CONFLICT:
        reservation_conflict_info(follower, look, desk)


def rsp_status_obsolete(follower: Follower, look: Look, desk: Desk, status: int) -> None:
    """A status is used that SAM has given up.

    ## What it means
    INTERMEDIATE, INTERMEDIATE-CONDITION MET and COMMAND TERMINATED belonged to linked commands and to a way of ending
    them; both are gone.

    ## Why it matters
    Initiators of today do not know what to do with it, and mostly fail the command.

    ## Example
        talk.open()
        talk.test_unit_ready(0x22)

    ## When it is silent
    Never, as the status stands in the PDU itself.

    ## Reference
    SAM
    """
    name = OBSOLETE.get(status)
    if name:
        desk.report("rsp-status-obsolete", TARGET, follower, look, {"status": status, "name": name})


def rsp_sense_with_non_cc(follower: Follower, look: Look, desk: Desk, status: int) -> None:
    """Sense data comes with a status that has none.

    ## What it means
    Sense data explains CHECK CONDITION. RFC 7144 lets it come with any status at iSCSIProtocolLevel 2; below that
    nothing forbids it, but nobody expects it either.

    ## Why it matters
    Initiators of lower levels drop it without a look, so what the target wanted to say is lost.

    ## Example
        talk.open()
        talk.response(talk.command(), sense=bytes((0x70, 0, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x17, 0, 0, 0, 0, 0)))

    ## When it is silent
    At iSCSIProtocolLevel 2 and above, and when the level is not known.

    ## Reference
    RFC 7144 section 5.2.2, RFC 7143 section 11.4.7
    """
    level = follower.limits.protocol_level
    if 0 <= level < 2:
        desk.report("rsp-sense-with-non-cc", TARGET, follower, look, {"status": status, "level": level})


def sense_key_reserved(follower: Follower, look: Look, desk: Desk, sense: Sense) -> None:
    """CHECK CONDITION does not say why.

    ## What it means
    The sense key is NO SENSE, and there is no filemark, end of medium, wrong block length or anything else that would
    be a reason for a status that means an error.

    ## Why it matters
    The initiator does not know whether to try again, to give up, or to go on.

    ## Example
        talk.open()
        talk.response(talk.command(), 2, sense=bytes((0x70, 0, 0, 0, 0, 0, 0, 10)) + bytes(10))

    ## When it is silent
    When not all of the sense data was captured, when it has an additional sense code or descriptors, and for sense
    formats of vendors.

    ## Reference
    SPC
    """
    raw = sense.raw
    if sense.key or sense.asc or sense.ascq or sense.problem:
        return
    if sense.response_code in FIXED:
        told = len(raw) > 2 and bool(raw[2] & 0xE0)
    elif sense.response_code in DESCRIPTORS:
        told = len(raw) > 7 and raw[7] > 0
    else:
        return
    if not told:
        desk.report("sense-key-reserved", TARGET, follower, look, {})


def sense_iscsi_condition(follower: Follower, look: Look, desk: Desk, sense: Sense) -> None:
    """A command failed for a reason that lies in iSCSI.

    ## What it means
    A few sense codes stand for conditions of iSCSI and not of the device: unsolicited data that was not expected, the
    wrong amount of data, a damaged PDU, a SNACK that cannot be served, commands that ended with a connection.

    ## Why it matters
    Whoever looks for a broken disk looks at the wrong end: the cause is in the conversation, mostly just before.

    ## Example
        talk.open()
        sense = bytes((0x70, 0, 0x0B, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x0C, 0x0D, 0, 0, 0, 0))
        talk.response(talk.command(), 2, sense=sense)

    ## When it is silent
    When not all of the sense data was captured.

    ## Reference
    RFC 7143 section 11.4.7.2
    """
    what = CONDITIONS.get((sense.key, sense.asc, sense.ascq))
    if what:
        facts: dict[str, object] = {"what": what, "key": sense.key, "asc": sense.asc, "ascq": sense.ascq}
        desk.report("sense-iscsi-condition", TARGET, follower, look, facts)


def status_busy_while_window_open(follower: Follower, look: Look, desk: Desk) -> None:
    """A target invites commands that it then refuses.

    ## What it means
    MaxCmdSN tells the initiator how many commands the target has room for. This target tells of room and answers
    commands with BUSY or TASK SET FULL, again and again.

    ## Why it matters
    Each refusal is a round trip for nothing, and initiators react by waiting or by shrinking their queues. A smaller
    window, or a smaller queue depth at the initiator, avoids it.

    ## Example
        talk.open()
        for _ in range(10):
            talk.test_unit_ready(0x28)

    ## When it is silent
    Unless ten commands were refused within ten seconds, and when the window was closed meanwhile.

    ## Reference
    SAM, RFC 7143 section 4.2.2.1
    """
    notes = rare(follower)
    window = distance(word(look, 32), word(look, 28)) + 1
    if window <= 0 or look.ts - notes.busy_since > SPAN:
        notes.busy = 0
    if window <= 0:
        return
    if not notes.busy:
        notes.busy_since = look.ts
    notes.busy += 1
    if notes.busy >= MANY:
        seconds = f"{int(look.ts - notes.busy_since) / 1e9:.1f}"
        facts: dict[str, object] = {"times": notes.busy, "seconds": seconds, "window": window}
        desk.report("status-busy-while-window-open", TARGET, follower, look, facts)


def reservation_conflict_info(follower: Follower, look: Look, desk: Desk) -> None:
    """A command met a reservation of somebody else.

    ## What it means
    The target refuses the command with RESERVATION CONFLICT: another initiator has reserved the logical unit. That is
    what reservations are for, and no fault of the target.

    ## Why it matters
    In a cluster it shows which node was fenced off, and when. Elsewhere a reservation was left behind, and somebody has
    to clear it.

    ## Example
        talk.open()
        talk.test_unit_ready(0x18)

    ## When it is silent
    Never, as the status stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.4.2
    """
    desk.report("reservation-conflict-info", TARGET, follower, look, {})
