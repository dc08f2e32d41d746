"""Rules on CmdSN: the numbers that put the commands of a session in order (RFC 7143 section 4.2.2.1).

Compiled. Judged only in sessions of one connection, as the capture shows the numbers of several in any order; after a
loss the numbers are learned anew. What the target says of CmdSN is in `numbering_window`.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import numbering_order, recovery_retry
from iscsi_analyzer.rules.desk import INITIATOR, Desk
from iscsi_analyzer.rules.evidence import all_seen, alone
from iscsi_analyzer.rules.evidence import whole as whole
from iscsi_analyzer.rules.notes import SessionNotes, of_session
from iscsi_analyzer.rules.rule import ERROR, Rule
from iscsi_analyzer.streams.serial import distance

_M32: Final = 0xFFFFFFFF
MAX_OUTSIDE: Final = 64
"Commands outside the window of one session that are remembered."

_REFERENCE: Final = "RFC 7143 section 4.2.2.1"
_ALONE: Final = "an unbroken view of a session with one connection"

RULES = (
    Rule(
        "cmdsn-gap",
        ERROR,
        INITIATOR,
        _REFERENCE,
        "CmdSN {cmd_sn} was sent where {expected} was due: {missing} numbers were left out",
        _ALONE,
        occasion="iscsi.cmdsn && iscsi.I == 0",
    ),
    Rule(
        "cmdsn-duplicate",
        ERROR,
        INITIATOR,
        _REFERENCE,
        "CmdSN {cmd_sn} was used before by another command, with tag 0x{earlier_tag:08x}; {expected} was due",
        _ALONE,
        occasion="iscsi.cmdsn && iscsi.I == 0",
    ),
    Rule(
        "cmdsn-advanced-by-immediate",
        ERROR,
        INITIATOR,
        _REFERENCE,
        "CmdSN {cmd_sn} was sent where {expected} was due, as if an immediate command used a number up",
        _ALONE,
        occasion="iscsi.cmdsn && iscsi.I == 1 && iscsi.opcode != login_request",
    ),
    Rule(
        "cmdsn-immediate-not-current",
        ERROR,
        INITIATOR,
        _REFERENCE,
        "An immediate PDU has CmdSN {cmd_sn}, the current one is {expected}",
        _ALONE,
        occasion="iscsi.cmdsn && iscsi.I == 1 && iscsi.opcode != login_request",
    ),
    Rule(
        "cmdsn-outside-window",
        ERROR,
        INITIATOR,
        _REFERENCE,
        "CmdSN {cmd_sn} is outside the window that the target granted: {exp_cmd_sn} to {max_cmd_sn}",
        f"{_ALONE}, and the target's side of it",
        occasion="iscsi.cmdsn && iscsi.I == 0",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU of the initiator."""
    opcode = look.opcode
    if opcode > 0x06 or opcode == 0x05:
        if opcode >= 0x1C:
            of_session(follower.session).unlearn()  # a vendor's request may use a number up, or not
        return
    session = follower.session
    notes = of_session(session)
    if not look.whole:
        notes.unlearn()
        return
    cmd_sn = (read_i64_be(look.header, 24) >> 32) & _M32
    if opcode == 0x03:
        _login(look, notes, cmd_sn)
        return
    if not alone(follower):
        notes.unlearn()
        if not look.immediate:
            numbering_order.see(follower, look, cmd_sn, desk)
        return
    expected = notes.next_cmd_sn
    ahead: i64 = distance(cmd_sn, expected) if expected >= 0 else 0
    if look.immediate:
        if expected >= 0:
            if ahead != 0:
                _immediate(follower, look, desk, notes, cmd_sn, ahead)
            notes.immediates += 1
        return
    outside = _above(follower, session, notes, cmd_sn)
    if ahead != 0 or outside:
        if not _out_of_turn(follower, look, desk, notes, cmd_sn, ahead, outside):
            return
    if expected < 0 and not notes.learned(cmd_sn):
        return
    notes.sent(cmd_sn, look.number, look.header)


def lost(follower: Follower, to_target: bool) -> None:
    """Bytes are missing: what was expected next is not known any more."""
    notes = of_session(follower.session)
    if to_target:
        notes.unlearn()
    else:
        notes.window_known = False
        notes.unheard = notes.latest()


def _login(look: Look, notes: SessionNotes, cmd_sn: i64) -> None:
    """The login that opens a session states the CmdSN of the first command (section 11.12.8)."""
    if notes.next_cmd_sn < 0 and look.header[14] == 0 and look.header[15] == 0:
        notes.next_cmd_sn = cmd_sn
        notes.sent_cmd_sn = cmd_sn
        notes.first_cmd_sn = cmd_sn
        notes.from_login = True


def _above(follower: Follower, session: Session, notes: SessionNotes, cmd_sn: i64) -> bool:
    """Whether the target cannot have granted that number yet."""
    most = session.max_cmd_sn
    return most >= 0 and notes.window_known and distance(cmd_sn, most) > 0 and all_seen(follower, False)


def _immediate(follower: Follower, look: Look, desk: Desk, notes: SessionNotes, cmd_sn: i64, ahead: i64) -> None:
    """An immediate command that does not carry the current number."""
    if notes.from_login:
        return  # judged with the login
    if 0 < ahead <= notes.immediates:
        cmdsn_advanced_by_immediate(follower, look, desk, notes, cmd_sn)
    else:
        cmdsn_immediate_not_current(follower, look, desk, notes, cmd_sn)


def _out_of_turn(
    follower: Follower, look: Look, desk: Desk, notes: SessionNotes, cmd_sn: i64, ahead: i64, outside: bool
) -> bool:
    """A command whose number is not the one that is due, or not granted. True if the numbers go on from it."""
    if ahead < 0:
        earlier = notes.command(cmd_sn)
        if earlier is not None:
            if recovery_retry.is_retry(look, earlier):
                recovery_retry.see(follower, look, earlier, desk)
            elif cmd_sn not in notes.rejected and earlier.number > notes.unheard and all_seen(follower, False):
                cmdsn_duplicate(follower, look, desk, notes, cmd_sn)
        elif notes.first_cmd_sn >= 0 and distance(cmd_sn, notes.first_cmd_sn) < 0:
            cmdsn_outside_window(follower, look, desk, cmd_sn)  # before the session's first number: no retry
        return False
    if outside:
        cmdsn_outside_window(follower, look, desk, cmd_sn)
        if len(notes.outside) < MAX_OUTSIDE:
            notes.outside[look.tag] = look.number
        notes.sent_cmd_sn = (cmd_sn + 1) & _M32
        return ahead == 0
    if notes.from_login:
        return True  # judged with the login
    if not notes.window_known or not all_seen(follower, False):
        if len(notes.outside) < MAX_OUTSIDE:
            notes.outside[look.tag] = 0  # it may as well be outside the window
        return True
    if notes.immediates and ahead <= notes.immediates:
        cmdsn_advanced_by_immediate(follower, look, desk, notes, cmd_sn)
    else:
        cmdsn_gap(follower, look, desk, notes, cmd_sn, ahead)
    return True


def cmdsn_gap(follower: Follower, look: Look, desk: Desk, notes: SessionNotes, cmd_sn: i64, missing: i64) -> None:
    """A command skipped numbers of the command sequence.

    ## What it means
    Each command that is not immediate carries the CmdSN that follows the one before. This one left numbers out, so the
    target has to wait for commands that were never sent, or that come later although they should have come before.

    ## Why it matters
    A target delivers commands in CmdSN order. Behind a hole everything stands still until a time-out drops the session.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.session.cmd_sn += 1
        talk.command()

    ## When it is silent
    After bytes of the initiator were lost by the capture, until its numbers are above all that were granted at that
    time, as the commands before may repeat lost ones; in sessions whose login was not seen, while it is not known what
    the target granted, and for sessions with several connections, whose commands reach the capture in any order.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    facts: dict[str, object] = {"cmd_sn": cmd_sn, "expected": notes.next_cmd_sn, "missing": missing}
    desk.report("cmdsn-gap", INITIATOR, follower, look, facts, notes.latest())


def cmdsn_duplicate(follower: Follower, look: Look, desk: Desk, notes: SessionNotes, cmd_sn: i64) -> None:
    """Two different commands carry the same CmdSN.

    ## What it means
    A command that is not immediate has a CmdSN that another one, with another task tag, used before. It is no retry: a
    retry repeats the task tag, too.

    ## Why it matters
    The target takes the second command for a duplicate and ignores it without a word: it is never answered.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.command(cmd_sn=1)

    ## When it is silent
    In sessions with several connections, after a loss, when the earlier command is further back than 256 commands, and
    when it was rejected, or may have been in bytes that the capture lacks: then another PDU may take its number
    (section 7.3).

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    earlier = notes.command(cmd_sn)
    if earlier is None:
        return
    tag = (read_i64_be(earlier.header, 16) >> 32) & _M32
    facts: dict[str, object] = {"cmd_sn": cmd_sn, "earlier_tag": tag, "expected": notes.next_cmd_sn}
    desk.report("cmdsn-duplicate", INITIATOR, follower, look, facts, earlier.number)


def cmdsn_advanced_by_immediate(follower: Follower, look: Look, desk: Desk, notes: SessionNotes, cmd_sn: i64) -> None:
    """An immediate command used up a CmdSN.

    ## What it means
    Immediate commands carry the current CmdSN without using it up: the next command that is not immediate has the same
    number. Here the numbers went on by as many as there were immediate commands before.

    ## Why it matters
    The target waits for the command with the number that was skipped, and delivers nothing that comes after it.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.nop_out(immediate=True)
        talk.session.cmd_sn += 1
        talk.command()

    ## When it is silent
    As `cmdsn-gap`, of which it is a special case.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    facts: dict[str, object] = {"cmd_sn": cmd_sn, "expected": notes.next_cmd_sn}
    desk.report("cmdsn-advanced-by-immediate", INITIATOR, follower, look, facts, notes.latest())


def cmdsn_immediate_not_current(follower: Follower, look: Look, desk: Desk, notes: SessionNotes, cmd_sn: i64) -> None:
    """An immediate command does not carry the current CmdSN.

    ## What it means
    The CmdSN of an immediate command is the one that the next command which is not immediate will use. This one has
    another.

    ## Why it matters
    The number tells the target which commands were sent before the immediate one; task management with a wrong number
    may abort too many tasks, or too few.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.nop_out(immediate=True, cmd_sn=0)

    ## When it is silent
    In sessions with several connections, after a loss as `cmdsn-gap`, and before the first command of the session that
    is not immediate.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    facts: dict[str, object] = {"cmd_sn": cmd_sn, "expected": notes.next_cmd_sn}
    desk.report("cmdsn-immediate-not-current", INITIATOR, follower, look, facts, notes.latest())


def cmdsn_outside_window(follower: Follower, look: Look, desk: Desk, cmd_sn: i64) -> None:
    """A command has a CmdSN that the target did not grant.

    ## What it means
    The target says with every PDU up to which CmdSN it has room (MaxCmdSN), and which one it expects (ExpCmdSN). This
    command is above that window as far as the initiator can have known it, or below every number of the session.

    ## Why it matters
    The target ignores such a command without a word: it is never answered, and the initiator runs into a time-out.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.command(cmd_sn=talk.session.max_cmd_sn + 1)

    ## When it is silent
    In sessions with several connections, when bytes of either side are missing, and as long as the initiator has
    acknowledged bytes of the target that the capture has not shown yet. An old number of the session may be a retry.

    ## Reference
    RFC 7143 section 4.2.2.1
    """
    session = follower.session
    facts: dict[str, object] = {
        "cmd_sn": cmd_sn,
        "exp_cmd_sn": session.exp_cmd_sn,
        "max_cmd_sn": session.max_cmd_sn,
    }
    desk.report("cmdsn-outside-window", INITIATOR, follower, look, facts)
