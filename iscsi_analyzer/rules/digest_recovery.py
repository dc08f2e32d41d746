"""Rules on what becomes of PDUs whose digest was bad: whether they are dropped, and their data asked for again (RFC
7143 section 7.8).

Not compiled: sees PDUs only from the first bad digest of a connection on (`Follower.alert`).
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import NETWORK, TARGET, Desk
from iscsi_analyzer.rules.rare_notes import known, rare
from iscsi_analyzer.rules.rule import NOTE, WARNING, Rule
from iscsi_analyzer.streams.serial import distance

DATA_OUT, DATA_IN, RESPONSE = 0x05, 0x25, 0x21
ACKNOWLEDGE = (0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x10)
"PDUs of the initiator with an ExpStatSN, once the login is over."
REACTIONS = (0x02, 0x06, 0x10)
"Task management, logout, SNACK."
MAX_TAGS = 256
"Tags of each kind that are remembered of one connection."

RULES = (
    Rule(
        "data-digest-recovery-choice",
        WARNING,
        TARGET,
        "RFC 7143 section 7.8",
        "The command ended with GOOD although one of its Data-Outs was rejected for its digest and not asked for again",
        "the whole connection",
        occasion="iscsi.opcode == reject && iscsi.reject.reason == 2",
    ),
    Rule(
        "header-digest-error-accepted",
        WARNING,
        NETWORK,
        "RFC 7143 section 7.8",
        "The target answered a request whose header digest is bad here: it should have dropped it",
        "that other header digests of the initiator were right",
        occasion="iscsi.pdu.direction == I2T && iscsi.pdu.header_digest == bad",
    ),
    Rule(
        "data-digest-error-accepted",
        NOTE,
        NETWORK,
        "RFC 7143 section 7.8",
        "The initiator acknowledged the status of a command although the data digest of one of its Data-Ins is bad "
        "here, and did nothing about it",
        "the whole connection, its ErrorRecoveryLevel, and that other data digests of the target were right",
        occasion="iscsi.opcode == data_in && iscsi.pdu.data_digest == bad && iscsi.connection.error_recovery_level > 0",
    ),
)


def bad_header(follower: Follower, look: Look) -> None:
    """A request has a bad header digest, after others that were right."""
    tags = rare(follower).bad_headers
    if look.whole and look.opcode in (0x00, 0x01, 0x02, 0x04, 0x06) and len(tags) < MAX_TAGS:
        tags[look.tag] = look.number
        follower.alert = True


def bad_data_in(follower: Follower, look: Look) -> None:
    """A Data-In has a bad data digest, after others that were right."""
    tags = rare(follower).bad_data_in
    if len(tags) < MAX_TAGS and follower.limits.error_recovery_level > 0:
        tags[look.tag] = (look.number, -1)
        follower.alert = True


def rejected_data(follower: Follower, tag: int, number: int) -> None:
    """Data-Out `number` was rejected for its digest."""
    tags = rare(follower).rejected_data
    if len(tags) < MAX_TAGS:
        tags[tag] = number
        follower.alert = True


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU of a connection that is watched."""
    notes = known(follower)
    if notes is None:
        return
    if look.to_target:
        if look.opcode != DATA_OUT:
            notes.bad_headers.pop(look.tag, None)  # sent again, or the tag is of something else now
        if look.opcode in REACTIONS:
            notes.bad_data_in.clear()
        elif notes.bad_data_in and look.opcode in ACKNOWLEDGE and look.whole:
            data_digest_error_accepted(follower, look, desk)
        return
    if look.tag in notes.bad_headers:
        header_digest_error_accepted(follower, look, desk, notes.bad_headers.pop(look.tag))
    if look.opcode == RESPONSE or (look.opcode == DATA_IN and look.flags & 0x01):
        _ended(follower, look, desk)


def _ended(follower: Follower, look: Look, desk: Desk) -> None:
    """The status of a command."""
    notes = rare(follower)
    good = look.whole and look.header[3] == 0 and (look.opcode == DATA_IN or look.header[2] == 0)
    bad = notes.bad_data_in.pop(look.tag, None)
    if bad is not None and good:
        notes.bad_data_in[look.tag] = (bad[0], int.from_bytes(look.header[24:28], "big"))
    rejected = notes.rejected_data.pop(look.tag, None)
    if rejected is not None and good:
        data_digest_recovery_choice(follower, look, desk, rejected)


def data_digest_recovery_choice(follower: Follower, look: Look, desk: Desk, rejected: int) -> None:
    """A target dropped data of a write, and did without it.

    ## What it means
    A target that drops a Data-Out for its digest has two ways to go on: it asks for the data again with an R2T, or it
    waits for the rest and fails the command. Here it did neither: after the Data-Out there was no R2T, and the command
    ended with GOOD.

    ## Why it matters
    The initiator believes that its data is stored. A part of it was never accepted, so the target holds the wrong data,
    or it has taken what it said to have dropped.

    ## Example
        talk = Talk(data_digest=True, error_recovery_level=1).open()
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write))
        talk.reject(talk.pdus[-1], reason=2)
        talk.response(write)

    ## When it is silent
    When bytes of the connection are missing, or the Data-Out is further back than 512 PDUs.

    ## Reference
    RFC 7143 section 7.8
    """
    task = look.task
    if task is not None and task.request and task.last_r2t < rejected and not follower.losses:
        desk.report("data-digest-recovery-choice", TARGET, follower, look, {}, rejected)


def header_digest_error_accepted(follower: Follower, look: Look, desk: Desk, request: int) -> None:
    """A request with a bad header digest seems to have been accepted.

    ## What it means
    A PDU whose header digest is wrong is dropped, and has no effect. Here the target answered a request that has a
    wrong one in the capture: either it did not look, or the bytes were changed only on the way to the capture. Nobody
    can tell from this capture alone, so nobody is blamed.

    ## Why it matters
    A target that does not check the digest carries out commands with wrong addresses or lengths. A second capture, made
    at the target, tells.

    ## Example
        talk = Talk(header_digest=True).open()
        talk.test_unit_ready()
        task = talk.command(header_digest="bad")
        talk.response(task)

    ## When it is silent
    When no other header digest of the initiator was right, and when the request was sent again.

    ## Reference
    RFC 7143 section 7.8
    """
    desk.report("header-digest-error-accepted", NETWORK, follower, look, {}, request)


def data_digest_error_accepted(follower: Follower, look: Look, desk: Desk) -> None:
    """Read data with a bad digest seems to have been accepted.

    ## What it means
    An initiator that gets data with a wrong digest drops the PDU, and asks for it again, aborts the command, or fails
    it. Here it acknowledged the status of the command, and nothing shows that it noticed. It may have failed the
    command without a word to the target, or the bytes were changed only on the way to the capture: nobody is blamed.

    ## Why it matters
    An application may have got wrong data. The initiator's log should tell of the digest.

    ## Example
        talk = Talk(data_digest=True, error_recovery_level=1).open()
        talk.read(4096)
        talk.data_in(talk.command(read=4096), 4096, status=0, data_digest="bad")
        talk.test_unit_ready()

    ## When it is silent
    At ErrorRecoveryLevel 0, where an initiator can only fail the command; when no other data digest of the target was
    right, when bytes of the connection are missing, and when the command did not end with GOOD.

    ## Reference
    RFC 7143 section 7.8
    """
    notes = rare(follower)
    exp_stat_sn = int.from_bytes(look.header[28:32], "big")
    for tag, (number, stat_sn) in list(notes.bad_data_in.items()):
        if stat_sn >= 0 and distance(exp_stat_sn, stat_sn) > 0:
            del notes.bad_data_in[tag]
            if not follower.losses:
                desk.report("data-digest-error-accepted", NETWORK, follower, look, {}, number)
