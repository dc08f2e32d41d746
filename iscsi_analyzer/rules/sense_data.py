"""Rules on the sense data of a SCSI Response (RFC 7143 section 11.4.7).

Compiled. Reached only by responses that have data, or should have.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule

CHECK_CONDITION: Final = 0x02

RULES = (
    Rule(
        "rsp-check-condition-without-sense",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.4.7, 7.7 and 10.2",
        "CHECK CONDITION comes without sense data",
        occasion="iscsi.opcode == scsi_response && iscsi.scsiresponse.status == check_condition",
    ),
    Rule(
        "rsp-sense-length-invalid",
        ERROR,
        TARGET,
        "RFC 7143 section 11.4.7.1",
        "SenseLength is {sense_length}, the data segment has {length} bytes",
        "the first bytes of the data segment",
        occasion="iscsi.opcode == scsi_response && iscsi.datasegmentlength > 0",
    ),
    Rule(
        "rsp-sense-format",
        WARNING,
        TARGET,
        "RFC 7143 section 11.4.7.2, SPC",
        "Sense data begins with 0x{code:02x}, which is no format of sense data",
        "the first bytes of the data segment",
        occasion=(
            "iscsi.opcode == scsi_response && iscsi.scsiresponse.status == check_condition "
            "&& iscsi.datasegmentlength > 0"
        ),
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on a SCSI Response of a completed command, with data or CHECK CONDITION."""
    length = look.data_length
    data = look.data
    if length >= 2 and len(data) < 2:
        return  # cut by the capture
    sense_length: i64 = 0
    if length >= 2:
        high: i64 = data[0]
        low: i64 = data[1]
        sense_length = high << 8 | low
    if length == 1 or (length and sense_length > length - 2):
        rsp_sense_length_invalid(follower, look, sense_length, desk)
    elif look.header[3] == CHECK_CONDITION:
        if sense_length == 0:
            rsp_check_condition_without_sense(follower, look, desk)
        elif len(data) > 2:
            code: i64 = data[2] & 0x7F
            if (code < 0x70 or code > 0x73) and code != 0x7F:
                rsp_sense_format(follower, look, desk)


def rsp_check_condition_without_sense(follower: Follower, look: Look, desk: Desk) -> None:
    """CHECK CONDITION without a word about what is wrong.

    ## What it means
    Targets have to support autosense: a SCSI Response with status CHECK CONDITION carries the sense data of the failed
    command. This one has no data, or SenseLength is 0.

    ## Why it matters
    The initiator does not know the reason, so it can neither correct nor retry; the error reaches applications as a
    plain I/O error.

    ## Example
        talk.open()
        talk.test_unit_ready(status=2)

    ## When it is silent
    When the capture lacks the first bytes of the data segment.

    ## Reference
    RFC 7143 sections 11.4.7, 7.7 and 10.2
    """
    desk.report("rsp-check-condition-without-sense", TARGET, follower, look, {})


def rsp_sense_length_invalid(follower: Follower, look: Look, sense_length: i64, desk: Desk) -> None:
    """SenseLength does not fit the data segment.

    ## What it means
    The data segment of a SCSI Response begins with two bytes SenseLength, and that many bytes of sense data follow.
    This data segment is shorter.

    ## Why it matters
    An initiator that believes SenseLength reads beyond the PDU.

    ## Example
        talk.open()
        talk.response(talk.command(), 2, data=bytes((0, 30, 0x70, 0, 5)) + bytes(15))

    ## When it is silent
    When the capture lacks the first bytes of the data segment.

    ## Reference
    RFC 7143 section 11.4.7.1
    """
    facts: dict[str, object] = {"sense_length": sense_length, "length": look.data_length}
    desk.report("rsp-sense-length-invalid", TARGET, follower, look, facts)


def rsp_sense_format(follower: Follower, look: Look, desk: Desk) -> None:
    """Sense data is in no known format.

    ## What it means
    Sense data begins with a response code: 0x70 and 0x71 (fixed format), 0x72 and 0x73 (descriptors), or 0x7f
    (vendor).

    ## Why it matters
    The initiator cannot read sense key and additional sense code.

    ## Example
        talk.open()
        talk.response(talk.command(), 2, sense=bytes(18))

    ## When it is silent
    When the capture lacks the beginning of the sense data.

    ## Reference
    RFC 7143 section 11.4.7.2; SPC
    """
    code: i64 = look.data[2]
    desk.report("rsp-sense-format", TARGET, follower, look, {"code": code})
