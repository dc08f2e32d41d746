"""What the capture can prove, asked by rules before they compare one side's words with the other's.

Compiled, stateless. A capture shows causes before effects, and may lack anything; each question here has the answer
that can only cost a finding, never invent one.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_SCSI, Task
from iscsi_analyzer.store.rows import DIGEST_MASK, DIGEST_OK, FLAG_TO_TARGET, HEADER_DIGEST_SHIFT
from iscsi_analyzer.streams.context import ON, UNKNOWN
from iscsi_analyzer.streams.pdu import DATA, DATA_DIGEST, HEADER, TAIL
from iscsi_analyzer.streams.serial import distance

BOTH: Final = 0
OF_INITIATOR: Final = 1
OF_TARGET: Final = 2


def all_seen(follower: Follower, to_target: bool) -> bool:
    """Whether all bytes of one direction that their receiver has acknowledged so far were seen, and understood.

    If so the receiver knows no more of its peer than we do, whatever crossed on the wire.
    """
    direction = follower.connection.to_target
    if direction is None:
        return False
    if not to_target:
        direction = direction.peer
    framer = direction.framer
    if framer is None or direction.acked < 0 or direction.next_seq < 0:
        return False
    state = framer.state
    if state != HEADER and state != DATA and state != DATA_DIGEST and state != TAIL:
        return False  # the lengths are not proved, or known to be wrong: more PDUs than one may have been acknowledged
    beyond = distance(direction.acked, direction.next_seq)
    return beyond <= 0 or (beyond == 1 and direction.fin)


def pdu_before(follower: Follower, number: i64, direction: i64, most: i64) -> i64:
    """The PDU before `number` of its connection: of both directions, or of one. 0 if there is none among the `most`
    PDUs of the capture before it."""
    rows = follower.connection.rows
    at = number - 1
    while at > 0 and number - at <= most:
        origin = rows.origin(at)
        if origin & 0xFFFFFFFF == follower.number:
            if direction == BOTH or (((origin >> 32) & FLAG_TO_TARGET) != 0) == (direction == OF_INITIATOR):
                return at
        at -= 1
    return 0


def alone(follower: Follower) -> bool:
    """Whether the session has this connection only, and may have no other: numbers that belong to the session are then
    sent here, in order."""
    session = follower.session
    return follower.limits.max_connections == 1 and not session.assumed and len(session.connections) == 1


def whole(follower: Follower, task: Task) -> bool:
    """Whether all PDUs of a SCSI task are in the capture, from its command on, which was sent on this connection."""
    return (
        task.request != 0
        and task.losses == follower.losses
        and task.kind == KIND_SCSI
        and task.connection == follower.number
    )


def requests_known(follower: Follower) -> bool:
    """Whether the capture holds every request that the target can have got: what was not asked for then, was not asked
    for at all."""
    session = follower.session
    if session.assumed or follower.losses or session.overflows or not alone(follower):
        return False
    return all_seen(follower, True)


def doubtful(follower: Follower, opcode: i64) -> bool:
    """Whether headers may stand four or eight bytes from where they were found: the digests are not known, and what
    came before was not seen. Login PDUs have none."""
    if follower.header_digest != UNKNOWN and follower.data_digest != UNKNOWN:
        return False
    return opcode & 0x1F != 0x03 and (follower.losses > 0 or not follower.aligned)


def believed(follower: Follower, opcode: i64, row: i64) -> bool:
    """Whether a header is what was sent as far as its digest can tell: where there are header digests, one that is
    right."""
    if follower.header_digest != ON or opcode & 0x1F == 0x03:
        return True
    return (row >> HEADER_DIGEST_SHIFT) & DIGEST_MASK == DIGEST_OK
