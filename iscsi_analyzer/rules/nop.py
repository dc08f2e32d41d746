"""Rules on the content of pings, NOP-Out and NOP-In (RFC 7143 sections 11.18 and 11.19).

Compiled. Whether there is a ping to every answer, and an answer to every ping, is judged in `nop_answers`.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.session import TARGET_TAG
from iscsi_analyzer.model.task import Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import nop_answers
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.notes import Ping, of_connection
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.store.rows import DATA_DIGEST_SHIFT, DIGEST_BAD, DIGEST_MASK

RESERVED: Final = 0xFFFFFFFF

MAX_PINGS: Final = 1024
"Pings of an initiator on one connection that wait for an answer, remembered."
COMPARED: Final = 4096
"Bytes of a ping that are compared with its echo."

_PINGS: Final = "all pings of the connection, and what was negotiated"

RULES = (
    Rule(
        "nopout-noreply-not-immediate",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.18.1",
        "A NOP-Out with task tag 0xffffffff is not immediate",
        occasion="iscsi.opcode == nop_out && iscsi.initiatortasktag == 0xffffffff",
    ),
    Rule(
        "nopout-lun-not-copied",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.18.2",
        "The answer to a ping has LUN 0x{lun:016x}, the ping has 0x{asked:016x}",
        "the ping",
        occasion="iscsi.opcode == nop_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "nopin-response-ttt",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.19, 11.19.1 and 7.7",
        "The answer to a ping has Target Transfer Tag 0x{tag:08x}, it has to be 0xffffffff",
        occasion="iscsi.opcode == nop_in && iscsi.initiatortasktag != 0xffffffff",
    ),
    Rule(
        "nopin-echo-mismatch",
        ERROR,
        TARGET,
        "RFC 7143 section 11.19",
        "The answer to a ping repeats other data than was sent, from byte {offset} on",
        "the data of both",
        occasion="iscsi.opcode == nop_in && iscsi.initiatortasktag != 0xffffffff",
    ),
    Rule(
        "nopin-echo-length",
        WARNING,
        TARGET,
        "RFC 7143 section 11.19",
        "The answer to a ping has {length} bytes of data, {expected} were due",
        _PINGS,
        occasion="iscsi.opcode == nop_in && iscsi.initiatortasktag != 0xffffffff",
    ),
    Rule(
        "nopin-unsolicited-data",
        ERROR,
        TARGET,
        "RFC 7143 section 11.19",
        "A NOP-In that answers nothing has {length} bytes of data",
        occasion="iscsi.opcode == nop_in && iscsi.initiatortasktag == 0xffffffff",
    ),
)


def see_out(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one NOP-Out whose header is whole."""
    if look.tag == RESERVED:
        if not look.immediate:
            nopout_noreply_not_immediate(follower, look, desk)
    else:
        pings = of_connection(follower).pings
        if len(pings) < MAX_PINGS:
            bad = (look.row >> DATA_DIGEST_SHIFT) & DIGEST_MASK == DIGEST_BAD
            pings[look.tag] = Ping(look.number, look.data_length, b"" if bad else look.data[:COMPARED])
    if look.second == RESERVED or len(follower.session.connections) != 1:
        return
    ping = follower.session.open.get(look.second | TARGET_TAG)
    if ping is None:
        nop_answers.nopout_ttt_unexpected(follower, look, desk)
        return
    of_connection(follower).answered_ping = look.second
    if follower.losses == 0 and read_i64_be(look.header, 8) != ping.lun:
        nopout_lun_not_copied(follower, look, desk, ping)


def see_in(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one NOP-In whose header is whole."""
    if look.tag == RESERVED:
        if look.data_length:
            nopin_unsolicited_data(follower, look, desk)
        return
    if look.second != RESERVED:
        nopin_response_ttt(follower, look, desk)
    if look.task is None:
        if look.late == 0:
            nop_answers.nopin_itt_unknown(follower, look, desk)
        return
    ping = of_connection(follower).pings.pop(look.tag, None)
    if ping is not None and look.task.request == ping.number:
        nopin_echo_length(follower, look, desk, ping)
        nopin_echo_mismatch(follower, look, desk, ping)


def lost(follower: Follower) -> None:
    """Bytes are missing: who answers what is not known any more."""
    of_connection(follower).pings.clear()


def nopout_noreply_not_immediate(follower: Follower, look: Look, desk: Desk) -> None:
    """A NOP-Out that wants no answer uses up a CmdSN.

    ## What it means
    A NOP-Out with the reserved task tag is no task: it has to be immediate. This one is not, so it takes a CmdSN.

    ## Why it matters
    Targets reject it, or ignore it: then the CmdSN that it took is missing, and everything after it waits.

    ## Example
        talk.open()
        talk.nop_out(tag=0xffffffff)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.18.1
    """
    desk.report("nopout-noreply-not-immediate", INITIATOR, follower, look, {})


def nopout_lun_not_copied(follower: Follower, look: Look, desk: Desk, ping: Task) -> None:
    """The answer to a ping names another logical unit.

    ## What it means
    A NOP-Out that answers a NOP-In repeats its Target Transfer Tag and its LUN. The LUN differs.

    ## Why it matters
    Target Transfer Tags may belong to a logical unit: the target then finds no ping with this tag, and takes the
    connection for dead.

    ## Example
        talk.open()
        ping = talk.nop_in(lun=1)
        talk.nop_out(target_tag=ping.word(20), lun=0)

    ## When it is silent
    When the ping is not in the capture, when bytes were lost since, and in sessions with several connections.

    ## Reference
    RFC 7143 section 11.18.2
    """
    facts: dict[str, object] = {
        "lun": int.from_bytes(look.header[8:16], "big"),
        "asked": int(ping.lun) & 0xFFFFFFFFFFFFFFFF,
    }
    desk.report("nopout-lun-not-copied", INITIATOR, follower, look, facts, ping.request)


def nopin_response_ttt(follower: Follower, look: Look, desk: Desk) -> None:
    """The answer to a ping asks for an answer.

    ## What it means
    A NOP-In either answers a ping, and has a task tag, or is a ping, and may have a Target Transfer Tag. This one has
    both.

    ## Why it matters
    The initiator cannot tell which it is. RFC 7143 asks it to drop the session over such a PDU.

    ## Example
        talk.open()
        talk.nop_in(tag=talk.nop_out().word(16), target_tag=5)

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 sections 11.19, 11.19.1 and 7.7
    """
    desk.report("nopin-response-ttt", TARGET, follower, look, {"tag": look.second})


def nopin_echo_mismatch(follower: Follower, look: Look, desk: Desk, ping: Ping) -> None:
    """A ping came back changed.

    ## What it means
    The answer to a ping repeats its data. Here the data differs.

    ## Why it matters
    Somewhere data is changed silently: in the target, or on a way that no digest protects.

    ## Example
        talk.open()
        talk.nop_in(b"abce", tag=talk.nop_out(b"abcd").word(16))

    ## When it is silent
    When the capture lacks data of either, and beyond the first 4,096 bytes.

    ## Reference
    RFC 7143 section 11.19
    """
    if (look.row >> DATA_DIGEST_SHIFT) & DIGEST_MASK == DIGEST_BAD:
        return
    echo = look.data[:COMPARED]
    length = min(len(echo), len(ping.data))
    if echo[:length] == ping.data[:length]:
        return
    offset: i64 = 0
    while echo[offset] == ping.data[offset]:
        offset += 1
    desk.report("nopin-echo-mismatch", TARGET, follower, look, {"offset": offset}, ping.number)


def nopin_echo_length(follower: Follower, look: Look, desk: Desk, ping: Ping) -> None:
    """A ping came back longer or shorter.

    ## What it means
    The answer to a ping repeats its data, as much of it as the initiator's MaxRecvDataSegmentLength allows. This one
    has another length.

    ## Why it matters
    An initiator that checks the echo takes the connection for broken.

    ## Example
        talk.open()
        talk.nop_in(tag=talk.nop_out(b"anybody there?").word(16))

    ## When it is silent
    When MaxRecvDataSegmentLength is not known, and when bytes were lost since the ping.

    ## Reference
    RFC 7143 section 11.19
    """
    most = follower.limits.initiator_max_recv
    if most < 0:
        return
    expected = ping.length if ping.length < most else most
    if look.data_length != expected:
        facts: dict[str, object] = {"length": look.data_length, "expected": expected}
        desk.report("nopin-echo-length", TARGET, follower, look, facts, ping.number)


def nopin_unsolicited_data(follower: Follower, look: Look, desk: Desk) -> None:
    """A ping of the target has data.

    ## What it means
    Only a NOP-In that answers a ping has data: that of the ping. This one answers nothing.

    ## Why it matters
    Little; initiators throw the data away.

    ## Example
        talk.open()
        talk.nop_in(b"hello")

    ## When it is silent
    Never: the PDU shows it.

    ## Reference
    RFC 7143 section 11.19
    """
    desk.report("nopin-unsolicited-data", TARGET, follower, look, {"length": look.data_length})
