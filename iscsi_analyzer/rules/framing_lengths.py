"""Rules on the lengths that headers state, and on where the stream ends (RFC 7143 sections 6.3, 11.2.1 and 13.12).

Compiled. Called for PDUs with data; a PDU within the limits costs one comparison.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk, sender
from iscsi_analyzer.rules.evidence import whole
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.store.rows import FLAG_RESYNC
from iscsi_analyzer.streams.plausible import KIND_NO_DATA, KINDS

DEFAULT: Final = 8192
"MaxRecvDataSegmentLength that holds during login (section 6.3)."

RULES = (
    Rule(
        "dsl-exceeds-maxrecv",
        ERROR,
        "either",
        "RFC 7143 sections 11.7.1 and 13.12",
        "A PDU has {length} bytes of data, its receiver takes {limit} at most",
        "MaxRecvDataSegmentLength of the receiver",
        occasion="iscsi.datasegmentlength > 0 && iscsi.opcode not in {login, text}",
    ),
    Rule(
        "text-dsl-exceeds-maxrecv",
        ERROR,
        "either",
        "RFC 7143 sections 11.10.5 and 11.11.6",
        "A text PDU has {length} bytes of data, its receiver takes {limit} at most",
        "MaxRecvDataSegmentLength of the receiver",
        occasion="iscsi.opcode == text && iscsi.datasegmentlength > 0",
    ),
    Rule(
        "login-dsl-exceeds-default",
        ERROR,
        "either",
        "RFC 7143 section 6.3",
        "A login PDU has {length} bytes of data, 8192 are allowed",
        occasion="iscsi.opcode == login",
    ),
    Rule(
        "dsl-nonzero-where-forbidden",
        ERROR,
        "either",
        "RFC 7143 sections 11.5.2, 11.6.2, 11.8.1, 11.14.2, 11.15.2 and 11.2.1.6",
        "A PDU with opcode 0x{opcode:02x} has {length} bytes of data, it never has any",
        occasion="iscsi.opcode in {tmf, r2t, logout}",
    ),
    Rule(
        "snack-has-data",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.16 and 11.2.1.6",
        "A SNACK has {length} bytes of data, it never has any",
        occasion="iscsi.opcode == snack",
    ),
    Rule(
        "totalahs-nonzero",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.2.1.5, 11.5.2, 11.6.2, 11.8.1, 11.14.2 and 11.15.2",
        "A PDU with opcode 0x{opcode:02x} says that {length} bytes of additional headers follow, it has none{doubt}",
        "an unbroken view of the connection, and its digests",
        occasion="iscsi.pdu.direction == I2T && iscsi.opcode != scsi_command",
    ),
    Rule(
        "ahs-on-response",
        ERROR,
        TARGET,
        "RFC 7143 section 11.2",
        "A PDU of the target (opcode 0x{opcode:02x}) says that {length} bytes of additional headers follow{doubt}",
        "an unbroken view of the connection, and its digests",
        occasion="iscsi.pdu.direction == T2I",
    ),
    Rule(
        "pdu-truncated-at-close",
        WARNING,
        "either",
        "RFC 7143 sections 7.13 and 4.2.6",
        "The {sender} closed its side in the middle of a PDU (opcode 0x{opcode:02x})",
        "an unbroken view of the connection up to its end",
        occasion="iscsi.connection.closed && iscsi.pdu.last",
    ),
    Rule(
        "lun-inconsistent-with-task",
        ERROR,
        "either",
        "RFC 7143 sections 4.2.5.3 and 7.13",
        "The PDU has LUN 0x{lun:016x}, the command of its task has 0x{asked:016x}",
        "the whole task",
        occasion="iscsi.scsidata.A == 1",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules on the length of the data on one PDU that has data."""
    if look.odd:
        return
    opcode = look.opcode
    limits = follower.limits
    limit = limits.target_max_recv if look.to_target else limits.initiator_max_recv
    if opcode == 0x03 or opcode == 0x23:
        if look.data_length > DEFAULT:
            login_dsl_exceeds_default(follower, look, desk)
    elif limit >= 0 and look.data_length > limit and not KINDS[opcode] & KIND_NO_DATA:
        if opcode == 0x04 or opcode == 0x24:
            text_dsl_exceeds_maxrecv(follower, look, desk, limit)
        else:
            dsl_exceeds_maxrecv(follower, look, desk, limit)


def dsl_exceeds_maxrecv(follower: Follower, look: Look, desk: Desk, limit: i64) -> None:
    """A PDU carries more data than its receiver takes.

    ## What it means
    With MaxRecvDataSegmentLength each side says how much data it takes in one PDU (8192 bytes if it does not say). This
    PDU has more.

    ## Why it matters
    The receiver has no room for it: it drops the connection, or writes beyond its buffer.

    ## Example
        talk = Talk(initiator_max_recv_data_segment_length=8192).open()
        talk.data_in(talk.command(read=16384), 16384, status=0)

    ## When it is silent
    When the login was not seen.

    ## Reference
    RFC 7143 sections 11.7.1 and 13.12
    """
    facts: dict[str, object] = {"length": look.data_length, "limit": limit}
    desk.report("dsl-exceeds-maxrecv", sender(look), follower, look, facts)


def text_dsl_exceeds_maxrecv(follower: Follower, look: Look, desk: Desk, limit: i64) -> None:
    """A text PDU carries more than its receiver takes.

    ## What it means
    Text Requests and Responses keep to the receiver's MaxRecvDataSegmentLength, too; a longer text goes on in further
    PDUs (C bit). This one has more.

    ## Why it matters
    The receiver drops the connection. Discovery of many targets fails like this.

    ## Example
        talk = Talk(initiator_max_recv_data_segment_length=512).open(discovery=True)
        talk.discover(*[(f"iqn.2005-03.com.example:disk{number}", "192.0.2.2:3260,1") for number in range(20)])

    ## When it is silent
    When the login was not seen.

    ## Reference
    RFC 7143 sections 11.10.5 and 11.11.6
    """
    facts: dict[str, object] = {"length": look.data_length, "limit": limit}
    desk.report("text-dsl-exceeds-maxrecv", sender(look), follower, look, facts)


def login_dsl_exceeds_default(follower: Follower, look: Look, desk: Desk) -> None:
    """A login PDU carries more than 8192 bytes.

    ## What it means
    During login the default of 8192 bytes holds, whatever the two sides declare meanwhile; a longer text goes on in
    further PDUs (C bit).

    ## Why it matters
    The receiver has no room for it and drops the connection.

    ## Example
        talk.handshake()
        names = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.login_request({**names, "X-com.example.long": "a" * 9000})

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 6.3
    """
    desk.report("login-dsl-exceeds-default", sender(look), follower, look, {"length": look.data_length})


def dsl_nonzero_where_forbidden(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU has data that never has any.

    ## What it means
    Task management, logout and R2T PDUs are nothing but a header. This one announces data.

    ## Why it matters
    Receivers either skip as many bytes or do not: if the two sides disagree, everything that follows is misread.

    ## Example
        talk.open()
        talk.logout_request(data=b"bye!")

    ## When it is silent
    When the header digest of the PDU is wrong.

    ## Reference
    RFC 7143 sections 11.5.2, 11.6.2, 11.8.1, 11.14.2, 11.15.2 and 11.2.1.6
    """
    if look.data_length == 0 or not KINDS[look.opcode] & KIND_NO_DATA:
        return
    if look.opcode == 0x10:
        snack_has_data(follower, look, desk)
        return
    facts: dict[str, object] = {"opcode": look.opcode, "length": look.data_length}
    desk.report("dsl-nonzero-where-forbidden", sender(look), follower, look, facts)


def snack_has_data(follower: Follower, look: Look, desk: Desk) -> None:
    """A SNACK has data.

    ## What it means
    A SNACK is nothing but a header. This one announces data.

    ## Why it matters
    Receivers either skip as many bytes or do not: if the two sides disagree, everything that follows is misread.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        talk.test_unit_ready()
        talk.snack(1, begin=talk.stat_sn - 1, run=1, data=bytes(8))

    ## When it is silent
    When the header digest of the PDU is wrong.

    ## Reference
    RFC 7143 sections 11.16 and 11.2.1.6
    """
    desk.report("snack-has-data", INITIATOR, follower, look, {"length": look.data_length})


def totalahs_nonzero(follower: Follower, look: Look, desk: Desk, doubt: str) -> None:
    """A request other than a SCSI Command has additional headers.

    ## What it means
    Only SCSI Commands have additional header segments. This PDU announces some.

    ## Why it matters
    Receivers either skip as many bytes or do not: if the two sides disagree, everything that follows is misread.

    ## Example
        talk.open()
        talk.nop_out(ahs=bytes(4))
        talk.test_unit_ready()

    ## When it is silent
    When anything of the connection is missing, or its digests are not known; for opcodes of vendors.

    ## Reference
    RFC 7143 sections 11.2.1.5, 11.5.2, 11.6.2, 11.8.1, 11.14.2 and 11.15.2
    """
    facts: dict[str, object] = {"opcode": look.opcode, "length": 4 * look.header[4], "doubt": doubt}
    desk.report("totalahs-nonzero", INITIATOR, follower, look, facts)


def ahs_on_response(follower: Follower, look: Look, desk: Desk, doubt: str) -> None:
    """A PDU of the target has additional headers.

    ## What it means
    Targets send no additional header segments. This PDU announces some.

    ## Why it matters
    Receivers either skip as many bytes or do not: if the two sides disagree, everything that follows is misread.

    ## Example
        talk.open()
        talk.response(talk.command(), ahs=bytes(8))
        talk.test_unit_ready()

    ## When it is silent
    When anything of the connection is missing, or its digests are not known; for opcodes of vendors.

    ## Reference
    RFC 7143 section 11.2
    """
    facts: dict[str, object] = {"opcode": look.opcode, "length": 4 * look.header[4], "doubt": doubt}
    desk.report("ahs-on-response", TARGET, follower, look, facts)


def pdu_truncated_at_close(follower: Follower, look: Look, desk: Desk) -> None:
    """A connection was closed in the middle of a PDU.

    ## What it means
    The stream ends (FIN) before the PDU does: its sender closed in the middle of it, or its length was wrong.

    ## Why it matters
    A healthy side ends with a whole PDU, after a logout. This one gave up, crashed, or miscounts.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.raw("T2I", bytes((0x20, 0x80)) + bytes(14) + bytes((255,)) * 8 + bytes(8))
        talk.fin("T2I")

    ## When it is silent
    When the connection was reset or the capture ended first, when anything of the connection is missing, and when less
    than half of the header came.

    ## Reference
    RFC 7143 sections 7.13 and 4.2.6
    """
    connection = follower.connection
    direction = connection.to_target
    if direction is None or follower.losses or look.odd or look.row & FLAG_RESYNC:
        return
    if not look.to_target:
        direction = direction.peer
    if direction.finished and direction.gaps == 0 and direction.snaplen_bytes == 0:
        facts: dict[str, object] = {"opcode": look.opcode, "sender": sender(look)}
        desk.report("pdu-truncated-at-close", sender(look), follower, look, facts)


def lun_inconsistent_with_task(follower: Follower, look: Look, desk: Desk) -> None:
    """A Data-In that asks for an acknowledgement names another logical unit than its command.

    ## What it means
    PDUs of a task agree with the command in what they say of it. This Data-In has the A bit, so its LUN means
    something, and it is another than that of the command.

    ## Why it matters
    The initiator copies this LUN into its acknowledgement: the target then cannot tie the two together, and keeps the
    data. Other PDUs with a LUN have rules of their own.

    ## Example
        talk = Talk(error_recovery_level=1).open()
        task = talk.command(read=8192, lun=1)
        talk.data_in(task, 4096, flags=0xC0, target_transfer_tag=5, lun=2)

    ## When it is silent
    When the command or bytes since then are not in the capture.

    ## Reference
    RFC 7143 sections 4.2.5.3 and 7.13
    """
    task = look.task
    if task is None or not whole(follower, task) or read_i64_be(look.header, 8) == task.lun:
        return
    facts: dict[str, object] = {
        "lun": int.from_bytes(look.header[8:16], "big"),
        "asked": int(task.lun) & 0xFFFFFFFFFFFFFFFF,
    }
    desk.report("lun-inconsistent-with-task", TARGET, follower, look, facts, task.request)
