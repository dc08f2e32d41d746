"""Rules on StatSN, the numbers of the answers on a connection, and on ExpStatSN, which acknowledges them (RFC 7143
section 4.2.2.2).

Compiled. Each connection counts for itself. After bytes of the target were lost the numbers are learned anew.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import numbering_pace
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.streams.serial import distance

RESERVED: Final = 0xFFFFFFFF
_M32: Final = 0xFFFFFFFF

COUNTED: Final = 1
SHOWN: Final = 2
NO_STATUS: Final = 0

_UNBROKEN: Final = "an unbroken view of what the target sends on the connection"

RULES = (
    Rule(
        "statsn-gap",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.2.2 and 11.4.9",
        "StatSN {stat_sn} was sent where {expected} was due",
        _UNBROKEN,
        occasion=(
            "iscsi.statsn && iscsi.opcode not in {login, r2t} && !(iscsi.opcode == nop_in "
            "&& iscsi.initiatortasktag == 0xffffffff)"
        ),
    ),
    Rule(
        "statsn-duplicate",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.2.2 and 11.4.9",
        "StatSN {stat_sn} was used before, {expected} was due",
        f"{_UNBROKEN}, and that nothing is sent again (ErrorRecoveryLevel 0)",
        occasion=(
            "iscsi.statsn && iscsi.opcode not in {login, r2t} && !(iscsi.opcode == nop_in "
            "&& iscsi.initiatortasktag == 0xffffffff)"
        ),
    ),
    Rule(
        "statsn-advanced-by-uncounted",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.8.3 and 11.19.2",
        "StatSN {stat_sn} was sent where {expected} was due, as if PDUs that only show the number used it up",
        _UNBROKEN,
        occasion="iscsi.opcode == r2t || (iscsi.opcode == nop_in && iscsi.initiatortasktag == 0xffffffff)",
    ),
    Rule(
        "statsn-next-mismatch",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.8.3 and 11.19.2",
        "A PDU that has to show the next StatSN, {expected}, shows {stat_sn}",
        _UNBROKEN,
        occasion="iscsi.opcode == r2t || (iscsi.opcode == nop_in && iscsi.initiatortasktag == 0xffffffff)",
    ),
    Rule(
        "expstatsn-ahead",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 11.3.3 and 4.2.2.2",
        "ExpStatSN {exp_stat_sn} acknowledges a status that was not sent: the next StatSN is {next_stat_sn}",
        _UNBROKEN,
        occasion="iscsi.expstatsn && iscsi.opcode != login_request",
    ),
    Rule(
        "expstatsn-counts-shown",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 11.8.3 and 4.2.2.2",
        "ExpStatSN {exp_stat_sn} acknowledges StatSN {next_stat_sn}, which an R2T or a ping only showed",
        _UNBROKEN,
        occasion="iscsi.opcode == r2t || (iscsi.opcode == nop_in && iscsi.initiatortasktag == 0xffffffff)",
    ),
    Rule(
        "expstatsn-regress",
        WARNING,
        INITIATOR,
        "RFC 7143 section 4.2.2.2",
        "ExpStatSN went back from {before} to {exp_stat_sn}",
        occasion="iscsi.expstatsn && iscsi.opcode != login_request",
    ),
)


def see_target(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules on StatSN on one PDU of the target whose header is whole."""
    kind = _carries(look)
    if kind == NO_STATUS:
        return
    notes = of_connection(follower)
    stat_sn = (read_i64_be(look.header, 24) >> 32) & _M32
    expected = notes.next_stat_sn
    if stat_sn != expected and expected >= 0:
        if not _wrong(follower, look, desk, notes, stat_sn, expected, kind):
            return
    if kind == COUNTED:
        notes.next_stat_sn = (stat_sn + 1) & _M32
        notes.last_stat_sn_pdu = look.number
        notes.uncounted = 0
        if stat_sn & 63 == 0:
            numbering_pace.lag(follower, look, stat_sn, desk)
        if notes.first_stat_sn < 0:
            notes.first_stat_sn = stat_sn
            if look.opcode == 0x23:
                notes.stat_sn_sure = True
    else:
        notes.uncounted += 1
        if expected < 0:
            notes.next_stat_sn = stat_sn


def see_initiator(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules on ExpStatSN on one PDU of the initiator whose header is whole."""
    opcode = look.opcode
    if opcode == 0x03 or opcode > 0x10:
        return  # a Login Request may begin with any number
    if opcode == 0x06 and look.flags & 0x7F and look.second >> 16 != follower.login.cid:
        return  # a logout of another connection, whose number it has (section 11.14.4)
    notes = of_connection(follower)
    exp_stat_sn = read_i64_be(look.header, 24) & _M32
    before = notes.exp_stat_sn
    if exp_stat_sn == before:
        return
    if before >= 0 and distance(exp_stat_sn, before) < 0:
        expstatsn_regress(follower, look, desk, before, exp_stat_sn)
        return
    following = notes.next_stat_sn
    if following >= 0 and distance(exp_stat_sn, following) > 0:
        if not _sure(follower, notes):
            notes.next_stat_sn = -1  # what seemed to be the latest response was a repetition
        elif all_seen(follower, False):
            if notes.uncounted and distance(exp_stat_sn, following) == 1:
                expstatsn_counts_shown(follower, look, desk, notes, exp_stat_sn)
            else:
                expstatsn_ahead(follower, look, desk, notes, exp_stat_sn)
                return
    notes.exp_stat_sn = exp_stat_sn


def lost(follower: Follower, to_target: bool) -> None:
    """Bytes are missing: what was expected next is not known any more."""
    if not to_target:
        notes = of_connection(follower)
        notes.next_stat_sn = -1
        notes.first_stat_sn = -1
        notes.stat_sn_sure = False


def _sure(follower: Follower, notes: ConnectionNotes) -> bool:
    """Whether the number that is due is known. After a loss, and where the capture begins, the first response may be
    one that is sent again, unless ErrorRecoveryLevel 0 rules that out."""
    return notes.stat_sn_sure or follower.limits.error_recovery_level == 0


def _carries(look: Look) -> i64:
    """Whether the PDU uses a StatSN up, or only shows the next one."""
    opcode = look.opcode
    if opcode == 0x25:
        return COUNTED if look.flags & 0x01 else NO_STATUS
    if opcode == 0x31:
        return SHOWN
    if opcode == 0x20:
        return COUNTED if look.tag != RESERVED else SHOWN
    if opcode == 0x23:
        return NO_STATUS if look.header[36] else COUNTED  # a login that failed ends the connection
    if opcode <= 0x26 or opcode == 0x3F or opcode == 0x32:
        return COUNTED
    return NO_STATUS


def _wrong(
    follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, stat_sn: i64, expected: i64, kind: i64
) -> bool:
    """A number that is not due. True if the numbers go on from it."""
    ahead = distance(stat_sn, expected)
    if ahead > 0 and not _sure(follower, notes):
        notes.stat_sn_sure = True  # nothing that is sent again is ahead of what was sent before
        notes.next_stat_sn = stat_sn
        return kind == COUNTED
    if kind == SHOWN:
        statsn_next_mismatch(follower, look, desk, notes, stat_sn)
        return False
    if ahead > 0:
        if ahead <= notes.uncounted:
            statsn_advanced_by_uncounted(follower, look, desk, notes, stat_sn)
        else:
            statsn_gap(follower, look, desk, notes, stat_sn)
        return True
    if follower.limits.error_recovery_level == 0:
        if notes.first_stat_sn >= 0 and distance(stat_sn, notes.first_stat_sn) >= 0:
            statsn_duplicate(follower, look, desk, notes, stat_sn)
        else:
            statsn_gap(follower, look, desk, notes, stat_sn)
    return False


def statsn_gap(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, stat_sn: i64) -> None:
    """A status skipped numbers of the status sequence.

    ## What it means
    Every response of a connection carries the StatSN that follows the one before. This one does not fit: it is ahead,
    or far from any number that was in use.

    ## Why it matters
    An initiator takes the missing numbers for lost responses: it asks for them again or drops the connection.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.response(talk.command(), stat_sn=talk.stat_sn + 3)

    ## When it is silent
    After bytes of the target were lost by the capture, until the next response. Where that may have been sent again,
    as ErrorRecoveryLevel 0 is not certain, until the next one that is ahead.

    ## Reference
    RFC 7143 sections 4.2.2.2 and 11.4.9
    """
    facts: dict[str, object] = {"stat_sn": stat_sn, "expected": notes.next_stat_sn}
    desk.report("statsn-gap", TARGET, follower, look, facts, notes.last_stat_sn_pdu)


def statsn_duplicate(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, stat_sn: i64) -> None:
    """Two responses carry the same StatSN.

    ## What it means
    The number of this response was in use on the connection before.

    ## Why it matters
    An initiator that follows the numbers drops the second response as a duplicate: its command is never finished.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.response(talk.command(), stat_sn=talk.stat_sn - 1)

    ## When it is silent
    Above ErrorRecoveryLevel 0, where responses may be sent again with their number, and when the level is not known;
    after bytes of the target were lost, until the next response.

    ## Reference
    RFC 7143 sections 4.2.2.2 and 11.4.9
    """
    facts: dict[str, object] = {"stat_sn": stat_sn, "expected": notes.next_stat_sn}
    desk.report("statsn-duplicate", TARGET, follower, look, facts, notes.last_stat_sn_pdu)


def statsn_advanced_by_uncounted(
    follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, stat_sn: i64
) -> None:
    """A PDU that only shows the next StatSN used it up.

    ## What it means
    R2Ts and pings of the target show the next StatSN and leave it to the next response. Here the response after them
    has a higher number, as if they had used numbers up.

    ## Why it matters
    The initiator misses a response with the number in between: it asks for it or drops the connection.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.target_ping()
        talk.stat_sn += 1
        talk.test_unit_ready()

    ## When it is silent
    After bytes of the target were lost by the capture, until the next response.

    ## Reference
    RFC 7143 sections 11.8.3 and 11.19.2
    """
    facts: dict[str, object] = {"stat_sn": stat_sn, "expected": notes.next_stat_sn}
    desk.report("statsn-advanced-by-uncounted", TARGET, follower, look, facts, notes.last_stat_sn_pdu)


def statsn_next_mismatch(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, stat_sn: i64) -> None:
    """An R2T or a ping of the target does not show the next StatSN.

    ## What it means
    R2Ts and pings of the target carry the StatSN that the next response will have. This one carries another.

    ## Why it matters
    Initiators notice lost responses by this number: a wrong one makes them ask for responses that do not exist, or
    hides a loss.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.nop_in(stat_sn=talk.stat_sn + 4)

    ## When it is silent
    After bytes of the target were lost by the capture, until the next response.

    ## Reference
    RFC 7143 sections 11.8.3 and 11.19.2
    """
    facts: dict[str, object] = {"stat_sn": stat_sn, "expected": notes.next_stat_sn}
    desk.report("statsn-next-mismatch", TARGET, follower, look, facts, notes.last_stat_sn_pdu)


def expstatsn_ahead(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, exp_stat_sn: i64) -> None:
    """The initiator acknowledges a response that was not sent.

    ## What it means
    ExpStatSN is the StatSN that the initiator expects next: it acknowledges every response before it. This one is
    beyond the number that the target uses next.

    ## Why it matters
    The target forgets responses that are acknowledged. If one is lost afterwards, it cannot be sent again.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.command(exp_stat_sn=talk.stat_sn + 5)

    ## When it is silent
    After bytes of the target were lost until its next response, and as long as the initiator has acknowledged bytes
    that the capture has not shown yet.

    ## Reference
    RFC 7143 sections 11.3.3 and 4.2.2.2
    """
    facts: dict[str, object] = {"exp_stat_sn": exp_stat_sn, "next_stat_sn": notes.next_stat_sn}
    desk.report("expstatsn-ahead", INITIATOR, follower, look, facts, notes.last_stat_sn_pdu)


def expstatsn_counts_shown(
    follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes, exp_stat_sn: i64
) -> None:
    """The initiator acknowledges the number that an R2T or a ping of the target showed.

    ## What it means
    R2Ts and pings of the target show the StatSN that the next response will have. The initiator took it for used and
    acknowledges it before that response was sent. libiscsi, and so QEMU, does this after every R2T.

    ## Why it matters
    Without recovery within the session (ErrorRecoveryLevel 0) it does no harm. Above it the target may forget the
    response as soon as it is sent: if it is lost then, the command never ends.

    ## Example
        talk.open()
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write), exp_stat_sn=talk.stat_sn + 1)

    ## When it is silent
    As `expstatsn-ahead`, of which it is the harmless case.

    ## Reference
    RFC 7143 sections 11.8.3 and 4.2.2.2
    """
    facts: dict[str, object] = {"exp_stat_sn": exp_stat_sn, "next_stat_sn": notes.next_stat_sn}
    desk.report("expstatsn-counts-shown", INITIATOR, follower, look, facts, notes.last_stat_sn_pdu)


def expstatsn_regress(follower: Follower, look: Look, desk: Desk, before: i64, exp_stat_sn: i64) -> None:
    """The initiator takes back an acknowledgement of responses.

    ## What it means
    ExpStatSN, the number of the response that the initiator expects next, became smaller.

    ## Why it matters
    The target may have forgotten the responses that were acknowledged. It shows that the initiator builds its PDUs from
    numbers that are out of date.

    ## Example
        talk.open()
        talk.test_unit_ready()
        talk.test_unit_ready()
        talk.command(exp_stat_sn=talk.stat_sn - 2)

    ## When it is silent
    In Login Requests.

    ## Reference
    RFC 7143 section 4.2.2.2
    """
    facts: dict[str, object] = {"before": before, "exp_stat_sn": exp_stat_sn}
    desk.report("expstatsn-regress", INITIATOR, follower, look, facts)
