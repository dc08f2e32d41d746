"""Rules on what a target does about a bad data digest (RFC 7143 sections 7.8 and 11.17.1).

Not compiled: reached for a Reject, and for the answers to requests whose data digest was bad.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import digest_recovery
from iscsi_analyzer.rules.desk import NETWORK, TARGET, Desk
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.store.rows import DATA_DIGEST_SHIFT, DIGEST_MASK, DIGEST_OK
from iscsi_analyzer.streams.context import OFF
from iscsi_analyzer.streams.pdu import PduInHand

DIGEST_ERROR = 2
DATA_OUT = 0x05
LOOK_BACK = 512
"PDUs of the capture that are searched for the one that was rejected."
MAX_SEARCHES = 64
"Searches on one connection."

RULES = (
    Rule(
        "data-digest-error-not-rejected",
        WARNING,
        NETWORK,
        "RFC 7143 section 7.8",
        "The command ended with GOOD although the data digest of a PDU with its data is bad here, and was not rejected",
        "the task, and that other data digests of the initiator were right",
        occasion="iscsi.pdu.data_digest == bad && iscsi.pdu.direction == I2T",
    ),
    Rule(
        "reject-digest-without-digest",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.17.1 and 7.8",
        "A PDU is rejected for its data digest, but there are no data digests on this connection",
        "the login",
        occasion="iscsi.reject.reason == 2",
    ),
    Rule(
        "reject-digest-but-crc-good",
        NOTE,
        TARGET,
        "RFC 7143 section 7.8",
        "A PDU is rejected for its data digest, which is right in the capture",
        "the rejected PDU",
        occasion="iscsi.reject.reason == 2",
    ),
)


def rejected(follower: Follower, look: Look, pdu: PduInHand, desk: Desk) -> None:
    """A Reject whose header is whole."""
    if look.header[2] != DIGEST_ERROR:
        return
    reject_digest_without_digest(follower, look, desk)
    if len(look.data) >= 48:
        tag = int.from_bytes(look.data[16:20], "big")
        of_connection(follower).bad_data.pop(tag, None)
        number = _rejected(follower, look, pdu)
        if number:
            reject_digest_but_crc_good(follower, look, pdu, number, desk)
            if look.data[0] & 0x3F == DATA_OUT:
                digest_recovery.rejected_data(follower, tag, number)


def _rejected(follower: Follower, look: Look, pdu: PduInHand) -> int:
    """The PDU that is rejected; 0 if it is not found."""
    notes = of_connection(follower)
    if notes.searches >= MAX_SEARCHES:
        return 0
    notes.searches += 1
    quoted = look.data[:48]
    for number in range(look.number - 1, max(0, look.number - 1 - LOOK_BACK), -1):
        if pdu.rows.header(number) == quoted:
            return number
    return 0


def answered(follower: Follower, look: Look, desk: Desk) -> None:
    """A SCSI Response, while there are requests whose data digest was bad."""
    bad = of_connection(follower).bad_data.pop(look.tag, None)
    if bad is not None:
        data_digest_error_not_rejected(follower, look, desk, bad)


def data_digest_error_not_rejected(follower: Follower, look: Look, desk: Desk, bad: int) -> None:
    """Data with a bad digest seems to have been accepted.

    ## What it means
    A target that gets data with a wrong digest rejects the PDU (reason 0x02) and asks for the data again, or fails the
    command. Here the command ended well and nothing was rejected: either the target did not look, or the bytes were
    changed only on the way to the capture. Nobody can tell from this capture alone, so nobody is blamed.

    ## Why it matters
    Wrong data may have been stored. A second capture, made at the target, tells.

    ## Example
        talk = Talk(data_digest=True).open()
        talk.write(4096)
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write), data_digest="bad")
        talk.response(write)

    ## When it is silent
    When no other data digest of the initiator was right (then the capture may not have them as they were sent), and
    when bytes of the connection are missing.

    ## Reference
    RFC 7143 section 7.8
    """
    if look.header[2] == 0 and look.header[3] == 0 and not follower.losses:
        desk.report("data-digest-error-not-rejected", NETWORK, follower, look, {}, bad)


def reject_digest_without_digest(follower: Follower, look: Look, desk: Desk) -> None:
    """A PDU is rejected for a digest that it does not have.

    ## What it means
    Reason 0x02 of a Reject is a bad data digest. The login settled that there are none.

    ## Why it matters
    The initiator is told to send the PDU again, and gets nowhere.

    ## Example
        talk.open()
        talk.reject(talk.nop_out(b"ping"), reason=2)

    ## When it is silent
    When the login was not seen, or the user has set the digests.

    ## Reference
    RFC 7143 sections 11.17.1 and 7.8
    """
    if follower.login.complete and follower.data_digest == OFF and not follower.inferred and not follower.forced:
        desk.report("reject-digest-without-digest", TARGET, follower, look, {})


def reject_digest_but_crc_good(follower: Follower, look: Look, pdu: PduInHand, number: int, desk: Desk) -> None:
    """A PDU is rejected for a data digest that is right.

    ## What it means
    The target found the data digest of a PDU wrong. In the capture it is right.

    ## Why it matters
    Either the bytes were changed between the place of the capture and the target, or the target computes the digest
    wrongly.

    ## Example
        talk = Talk(data_digest=True).open()
        talk.reject(talk.nop_out(b"ping"), reason=2)

    ## When it is silent
    When the rejected PDU is further back than 512 PDUs.

    ## Reference
    RFC 7143 section 7.8
    """
    flags = pdu.rows.origin(number) >> 32
    if (flags >> DATA_DIGEST_SHIFT) & DIGEST_MASK == DIGEST_OK:
        desk.report("reject-digest-but-crc-good", TARGET, follower, look, {}, number)
