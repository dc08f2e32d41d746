"""Rules on pings that are no fault of the conversation, but odd: where they are sent, when, and with which LUN (RFC
7143 sections 4.3, 11.18 and 11.19).

Not compiled: pings are rare.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.command_fields import odd_lun
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk, sender
from iscsi_analyzer.rules.evidence import BOTH, pdu_before
from iscsi_analyzer.rules.header_fields import lun_field
from iscsi_analyzer.rules.rare_notes import rare
from iscsi_analyzer.rules.rule import NOTE, Rule

RESERVED = 0xFFFFFFFF
NOP_OUT, NOP_IN = 0x00, 0x20
AT_ONCE = 100_000_000
"Nanoseconds within which a PDU may be a reaction to the one before."
HABIT = 3
"Times in a row that make a habit."
LOOK_BACK = 16
"PDUs of the capture among which the one before is looked for."

_SILENT_OUT = "iscsi.opcode == nop_out && iscsi.initiatortasktag == 0xffffffff && iscsi.targettransfertag == 0xffffffff"
_SILENT_IN = "iscsi.opcode == nop_in && iscsi.initiatortasktag == 0xffffffff && iscsi.targettransfertag == 0xffffffff"

RULES = (
    Rule(
        "nopout-lun-reserved",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.18",
        "A NOP-Out that answers no ping names a logical unit (LUN field 0x{lun:016x})",
        occasion="iscsi.opcode == nop_out && iscsi.targettransfertag == 0xffffffff",
    ),
    Rule(
        "nopin-lun-missing",
        NOTE,
        TARGET,
        "RFC 7143 sections 11.19.3 and 7.7",
        "A ping of the target has the LUN field 0x{lun:016x}, which is no LUN",
        occasion="iscsi.opcode == nop_in && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "nopout-ping-too-long",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.18.3",
        "A ping has {length} bytes, but the initiator takes no more than {most} in the answer",
        "the result of the login",
        occasion="iscsi.opcode == nop_out && iscsi.initiatortasktag != 0xffffffff",
    ),
    Rule(
        "nop-in-discovery",
        NOTE,
        "either",
        "RFC 7143 sections 4.3 and 7.4.3",
        "The {sender} sends a {name} in a discovery session",
        occasion="iscsi.opcode in {nop_out, nop_in} && iscsi.session.discovery",
    ),
    Rule(
        "nopout-reply-to-unsolicited",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.18",
        "The initiator reacts to NOP-Ins that want no answer, {times} times in a row with a NOP-Out that wants none",
        occasion=_SILENT_IN,
    ),
    Rule(
        "nopin-reply-to-noreply",
        NOTE,
        TARGET,
        "RFC 7143 section 11.19",
        "The target reacts to NOP-Outs that want no answer, {times} times in a row with a NOP-In that wants none",
        occasion=_SILENT_OUT,
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one NOP-Out or NOP-In whose header is whole."""
    if follower.limits.discovery == 1:
        nop_in_discovery(follower, look, desk)
    if look.to_target:
        if look.second == RESERVED:
            nopout_lun_reserved(follower, look, desk)
        if look.tag != RESERVED:
            nopout_ping_too_long(follower, look, desk)
    elif look.second != RESERVED:
        nopin_lun_missing(follower, look, desk)
    if look.tag == RESERVED and look.second == RESERVED:
        _reaction(follower, look, desk)


def _reaction(follower: Follower, look: Look, desk: Desk) -> None:
    """Counts how often in a row a NOP that wants no answer came at once after one of the other side."""
    counts = rare(follower).nop_reactions
    times = counts.get(look.opcode, 0) + 1 if _after_other(follower, look) else 0
    counts[look.opcode] = times
    if times >= HABIT:
        if look.to_target:
            nopout_reply_to_unsolicited(follower, look, times, desk)
        else:
            nopin_reply_to_noreply(follower, look, times, desk)


def _after_other(follower: Follower, look: Look) -> bool:
    """Whether the PDU before on the connection is a NOP of the other side that wants no answer, and came just now."""
    number = pdu_before(follower, look.number, BOTH, LOOK_BACK)
    if not number:
        return False
    rows = follower.connection.rows
    before = rows.header(number)
    other = NOP_IN if look.to_target else NOP_OUT
    silent = before[0] & 0x3F == other and before[16:24] == b"\xff" * 8
    return silent and look.ts - rows.time_last(number) <= AT_ONCE


def nopout_lun_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A NOP-Out names a logical unit where none belongs.

    ## What it means
    Only a NOP-Out that answers a ping of the target has a LUN, which it copies from there, or one that acknowledges
    AsyncEvent 5 (task termination). In others the field is reserved and 0.

    ## Why it matters
    Today nobody reads it there.

    ## Example
        talk.open()
        ping = talk.nop_out(lun=1)
        talk.nop_in(tag=ping.word(16))

    ## When it is silent
    When not all of the header was captured. For a NOP-Out that wants no answer where TaskReporting=FastAbort was agreed
    on, or may have been: it may acknowledge AsyncEvent 5.

    ## Reference
    RFC 7143 section 11.18
    """
    lun = lun_field(look)
    acknowledges = look.tag == RESERVED and follower.limits.fast_abort != 0
    if lun and not acknowledges:
        desk.report("nopout-lun-reserved", INITIATOR, follower, look, {"lun": lun})


def nopin_lun_missing(follower: Follower, look: Look, desk: Desk) -> None:
    """A ping of the target has rubbish for a LUN.

    ## What it means
    A NOP-In that wants an answer names a logical unit, which the initiator copies into its answer. The field here is
    none that SAM knows.

    ## Why it matters
    Initiators that look up the logical unit do not find it, and may not answer.

    ## Example
        talk.open()
        ping = talk.nop_in(lun=bytes((0, 0, 0, 7, 0, 0, 0, 9)))
        talk.nop_out(target_tag=ping.word(20), lun=bytes((0, 0, 0, 7, 0, 0, 0, 9)))

    ## When it is silent
    For LUNs of several levels, and for extended ones.

    ## Reference
    RFC 7143 sections 11.19.3 and 7.7
    """
    if odd_lun(int.from_bytes(look.header[8:16], "big", signed=True)):
        desk.report("nopin-lun-missing", TARGET, follower, look, {"lun": lun_field(look)})


def nopout_ping_too_long(follower: Follower, look: Look, desk: Desk) -> None:
    """A ping is longer than its answer may be.

    ## What it means
    The target sends the data of a ping back, but no more than the initiator's MaxRecvDataSegmentLength. This ping is
    longer, so its end is never seen again.

    ## Why it matters
    Whoever wants to test a path with it tests less than he thinks.

    ## Example
        talk = Talk(initiator_max_recv_data_segment_length=512).open()
        ping = talk.nop_out(bytes(1024))
        talk.nop_in(bytes(512), tag=ping.word(16))

    ## When it is silent
    When it is not known what the login settled.

    ## Reference
    RFC 7143 section 11.18.3
    """
    most = follower.limits.initiator_max_recv
    if 0 <= most < look.data_length:
        desk.report("nopout-ping-too-long", INITIATOR, follower, look, {"length": look.data_length, "most": most})


def nop_in_discovery(follower: Follower, look: Look, desk: Desk) -> None:
    """A NOP is sent in a discovery session.

    ## What it means
    A discovery session is there for SendTargets and a logout. It is short, and nothing needs to be kept alive.

    ## Why it matters
    Some peers reject it or drop the connection. A target that sends some took the session for a normal one, or somebody
    keeps discovery sessions open for long.

    ## Example
        talk.open(discovery=True)
        talk.ping()

    ## When it is silent
    When the login was not seen.

    ## Reference
    RFC 7143 sections 4.3 and 7.4.3
    """
    name = "NOP-Out" if look.to_target else "NOP-In"
    desk.report("nop-in-discovery", sender(look), follower, look, {"sender": sender(look), "name": name})


def nopout_reply_to_unsolicited(follower: Follower, look: Look, times: int, desk: Desk) -> None:
    """The initiator answers NOP-Ins that want no answer.

    ## What it means
    A NOP-In without tags tells numbers and wants nothing. Each time one came, the initiator sent a NOP-Out at once,
    which wants no answer either.

    ## Why it matters
    If the target does the same, both go on for ever.

    ## Example
        talk.open()
        for _ in range(3):
            talk.wait(1)
            talk.nop_in(target_tag=0xffffffff)
            talk.nop_out(tag=0xffffffff, immediate=True)

    ## When it is silent
    Unless it happened three times in a row, within a tenth of a second each: it may be chance.

    ## Reference
    RFC 7143 section 11.18
    """
    desk.report("nopout-reply-to-unsolicited", INITIATOR, follower, look, {"times": times})


def nopin_reply_to_noreply(follower: Follower, look: Look, times: int, desk: Desk) -> None:
    """The target answers NOP-Outs that want no answer.

    ## What it means
    A NOP-Out without tags acknowledges statuses and wants nothing. Each time one came, the target sent a NOP-In at
    once, which wants no answer either.

    ## Why it matters
    If the initiator does the same, both go on for ever.

    ## Example
        talk.open()
        for _ in range(3):
            talk.wait(1)
            talk.nop_out(tag=0xffffffff, immediate=True)
            talk.nop_in(target_tag=0xffffffff)

    ## When it is silent
    Unless it happened three times in a row, within a tenth of a second each: it may be chance.

    ## Reference
    RFC 7143 section 11.19
    """
    desk.report("nopin-reply-to-noreply", TARGET, follower, look, {"times": times})
