"""Rules on Reject: its reason, and the header of the PDU that it rejects (RFC 7143 sections 7.3 and 11.17).

Not compiled: a Reject is rare.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import numbering_rejects
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen
from iscsi_analyzer.rules.notes import SessionNotes, of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, NOTE, RFC_7143, WARNING, Rule
from iscsi_analyzer.streams.pdu import PduInHand

RESERVED = 0xFFFFFFFF
SNACK = 0x10
HEADER = 48

LOOK_BACK = 512
"PDUs of the capture that are searched for the one that was rejected."
MAX_SEARCHES = 64
"Searches on one connection."
MAX_REJECTED = 256
"Rejected requests that are remembered of one session."

DIGEST_ERROR, SNACK_REJECT, PROTOCOL_ERROR, IMMEDIATE, INVALID_DATA_ACK, LONG_OPERATION = 2, 3, 4, 6, 8, 0x0A
NEGOTIATION_RESET, LAST_REASON = 0x0B, 0x0C

_HEADER = "that the data segment was captured"

RULES = (
    Rule(
        "reject-reason-unassigned",
        ERROR,
        TARGET,
        "RFC 7143 section 11.17.1",
        "Reject has reason 0x{reason:02x}, which has no meaning",
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-reason-0b",
        WARNING,
        TARGET,
        "RFC 7143 section 11.17.1",
        "Reject has reason 0x0b (negotiation reset), which is not used any more",
        since=RFC_7143,
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-itt",
        ERROR,
        TARGET,
        "RFC 7143 section 11.17",
        "Bytes 16 to 19 of the Reject are 0x{tag:08x}, they have to be 0xffffffff",
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-header-missing",
        ERROR,
        TARGET,
        "RFC 7143 section 11.17.4",
        "The Reject has {length} bytes of data, the header of the PDU that it rejects takes {needed}",
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-header-unknown",
        ERROR,
        TARGET,
        "RFC 7143 section 11.17.4",
        "The Reject carries the header of a PDU (opcode 0x{opcode:02x}, tag 0x{tag:08x}) that was not sent",
        "everything that the initiator sent on the connection",
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-reason-inappropriate",
        WARNING,
        TARGET,
        "RFC 7143 section 11.17.1",
        "Reason 0x{reason:02x} does not fit the rejected PDU (opcode 0x{opcode:02x}): it is for {meant}",
        _HEADER,
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-datasn-reserved",
        NOTE,
        TARGET,
        "RFC 7143 section 11.17.2",
        "DataSN/R2TSN of the Reject is {data_sn}; it is reserved unless a SNACK for data is rejected",
        _HEADER,
        occasion="iscsi.opcode == reject",
    ),
    Rule(
        "reject-then-response",
        WARNING,
        TARGET,
        "RFC 7143 section 7.3",
        "The command was rejected, and is answered all the same",
        "the command, and that its tag was not used again",
        occasion="iscsi.opcode == reject",
    ),
)


def see(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """Runs the rules of this topic on one Reject whose header is whole."""
    reject_reason_unassigned(follower, look, desk)
    reject_reason_0b(follower, look, desk)
    reject_itt(follower, look, desk)
    reject_header_missing(follower, look, desk)
    if len(look.data) < HEADER:
        return
    reject_header_unknown(follower, look, pdu, desk)
    reject_reason_inappropriate(follower, look, desk)
    reject_datasn_reserved(follower, look, desk)
    numbering_rejects.rejected(follower, look, desk)
    _remember(look, of_session(follower.session))


def _remember(look: Look, notes: SessionNotes) -> None:
    """What the rejected request was, for rules on what comes later."""
    quoted = look.data
    opcode = quoted[0] & 0x3F
    if opcode > 0x06 or opcode == 0x05 or len(notes.rejected_tags) >= MAX_REJECTED:
        return
    tag = int.from_bytes(quoted[16:20], "big")
    if look.header[2] not in (DIGEST_ERROR, SNACK_REJECT, INVALID_DATA_ACK):
        notes.rejected_tags[tag] = look.number
    if not quoted[0] & 0x40 and len(notes.rejected) < MAX_REJECTED:
        notes.rejected[int.from_bytes(quoted[24:28], "big")] = look.number


def reject_reason_unassigned(follower: Follower, look: Look, desk: Desk) -> None:
    """A Reject gives a reason that does not exist.

    ## What it means
    Reasons go from 0x02 to 0x0c. This Reject has another.

    ## Why it matters
    The initiator cannot know whether it may send the PDU again, and has to give up the task.

    ## Example
        talk.open()
        talk.reject(talk.nop_out(), reason=0x20)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.17.1
    """
    reason = look.header[2]
    if reason < DIGEST_ERROR or reason > LAST_REASON:
        desk.report("reject-reason-unassigned", TARGET, follower, look, {"reason": reason})


def reject_reason_0b(follower: Follower, look: Look, desk: Desk) -> None:
    """A Reject gives a reason that must not be used any more.

    ## What it means
    Reason 0x0b, negotiation reset, is a leftover of RFC 3720; targets must not send it.

    ## Why it matters
    An initiator takes it for a failed negotiation: it ends the login and closes the connection.

    ## Example
        talk.open()
        talk.reject(talk.text_request({"X-com.a": "b"}), reason=0x0B)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.17.1
    """
    if look.header[2] == NEGOTIATION_RESET:
        desk.report("reject-reason-0b", TARGET, follower, look, {})


def reject_itt(follower: Follower, look: Look, desk: Desk) -> None:
    """A Reject has a task tag.

    ## What it means
    Where other PDUs have the task tag, a Reject has 0xffffffff; which PDU it means is told by the header in its data.

    ## Why it matters
    An initiator may take it for an answer to another task.

    ## Example
        talk.open()
        talk.reject(talk.nop_out(), initiator_task_tag=5)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.17
    """
    if look.tag != RESERVED:
        desk.report("reject-itt", TARGET, follower, look, {"tag": look.tag})


def reject_header_missing(follower: Follower, look: Look, desk: Desk) -> None:
    """A Reject does not carry the whole header of what it rejects.

    ## What it means
    The data of a Reject is the header of the rejected PDU: 48 bytes, and its additional headers. Here is less.

    ## Why it matters
    Only this header tells the initiator which PDU was rejected. Without it a task hangs until its time-out.

    ## Example
        talk.open()
        talk.nop_out()
        talk.send("T2I", 0x3f, reason=4, initiator_task_tag=0xffffffff, data=b"short")

    ## When it is silent
    About additional headers, when the capture lacks the data.

    ## Reference
    RFC 7143 section 11.17.4
    """
    needed = HEADER + 4 * look.data[4] if len(look.data) >= HEADER else HEADER
    if look.data_length < needed:
        desk.report("reject-header-missing", TARGET, follower, look, {"length": look.data_length, "needed": needed})


def reject_header_unknown(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """A Reject carries a header that nobody sent.

    ## What it means
    The data of a Reject is the header of the rejected PDU, byte by byte. The initiator sent no PDU with this header.

    ## Why it matters
    The initiator cannot tell what was rejected: a task hangs until its time-out. Or the PDU was changed on its way.

    ## Example
        talk.open()
        ping = talk.nop_out()
        talk.reject(ping, data=bytes(48))

    ## When it is silent
    When anything of the connection is missing, when the initiator has sent more than 512 PDUs, and as long as the
    target has acknowledged bytes that the capture has not shown yet.

    ## Reference
    RFC 7143 section 11.17.4
    """
    notes = of_connection(follower)
    if follower.session.assumed or follower.losses or notes.searches >= MAX_SEARCHES or look.number > LOOK_BACK:
        return
    if not all_seen(follower, True):
        return
    notes.searches += 1
    quoted = look.data[:HEADER]
    if any(pdu.rows.header(number) == quoted for number in range(look.number - 1, 0, -1)):
        return
    tag = int.from_bytes(quoted[16:20], "big")
    desk.report("reject-header-unknown", TARGET, follower, look, {"opcode": quoted[0] & 0x3F, "tag": tag})


def reject_reason_inappropriate(follower: Follower, look: Look, desk: Desk) -> None:
    """The reason of a Reject does not fit what was rejected.

    ## What it means
    Some reasons are for some PDUs only: 0x02 for PDUs with data, 0x03 and 0x08 for SNACKs, 0x06 for immediate requests,
    0x0a for text requests.

    ## Why it matters
    The reason tells the initiator whether it may send the PDU again. A wrong one leads it into the wrong recovery.

    ## Example
        talk.open()
        talk.reject(talk.nop_out(), reason=8)

    ## When it is silent
    When the capture lacks the data of the Reject.

    ## Reference
    RFC 7143 section 11.17.1
    """
    reason, quoted = look.header[2], look.data
    opcode = quoted[0] & 0x3F
    meant = ""
    if reason == DIGEST_ERROR and quoted[5:8] == bytes(3):
        meant = "PDUs with data"
    elif reason in (SNACK_REJECT, INVALID_DATA_ACK) and opcode != SNACK:
        meant = "SNACKs"
    elif reason == IMMEDIATE and not quoted[0] & 0x40:
        meant = "immediate requests"
    elif reason == LONG_OPERATION and opcode != 0x04:
        meant = "text requests"
    if meant:
        facts: dict[str, object] = {"reason": reason, "opcode": opcode, "meant": meant}
        desk.report("reject-reason-inappropriate", TARGET, follower, look, facts)


def reject_datasn_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A Reject fills a field that only some Rejects have.

    ## What it means
    Bytes 36 to 39 tell the next DataSN or R2TSN when a SNACK for data is rejected as a protocol error; in any other
    Reject they are reserved. Here they are not 0.

    ## Why it matters
    Little: initiators do not read it.

    ## Example
        talk.open()
        talk.reject(talk.nop_out(), data_sn=7)

    ## When it is silent
    When the capture lacks the data of the Reject.

    ## Reference
    RFC 7143 section 11.17.2
    """
    data_sn = int.from_bytes(look.header[36:40], "big")
    if data_sn and (look.header[2] != PROTOCOL_ERROR or look.data[0] & 0x3F != SNACK):
        desk.report("reject-datasn-reserved", TARGET, follower, look, {"data_sn": data_sn})


def reject_then_response(follower: Follower, look: Look, desk: Desk, rejected: int) -> None:
    """A command that was rejected is answered after all.

    ## What it means
    A Reject of the command itself is its end. Here a response with its task tag follows.

    ## Why it matters
    The initiator may have used the tag again: it then takes the response for that of another command.

    ## Example
        talk.open()
        task = talk.command()
        talk.reject(talk.pdus[-1], reason=5)
        talk.response(task)

    ## When it is silent
    When the tag was used again meanwhile, when the reason allows the target to go on (digest error, rejected SNACK),
    and when bytes of the connection are missing.

    ## Reference
    RFC 7143 section 7.3
    """
    if not follower.losses:
        desk.report("reject-then-response", TARGET, follower, look, {}, rejected)
