"""Rules on the numbers and times in Logout PDUs, and on what a logout leaves behind (RFC 7143 sections 11.10, 11.14 and
11.15).

Interpreted: sees logout PDUs.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_TEXT
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import half, word
from iscsi_analyzer.rules.logout import CID_NOT_FOUND, CLOSE_SESSION, connections_of
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.sight import entire
from iscsi_analyzer.rules.trouble import SECOND, of_session_trouble
from iscsi_analyzer.streams.serial import distance

FAILED: Final = (2, 3)
"Responses after which the logout may be tried again."
EARLY_NS: Final = 100_000_000
"Waiting so much less than it should is granted, for clocks and for what the capture saw late."

RULES = (
    Rule(
        "logout-expstatsn",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.14.4",
        "Logout of CID {cid} with ExpStatSN {exp_stat_sn}; that connection was between {first} and {last}",
        "an unbroken view of both connections",
        occasion="iscsi.session.connections > 1 && iscsi.logout.reason in {1, 2}",
    ),
    Rule(
        "logout-time2wait-retry",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.15.3",
        "The logout of CID {cid} is tried again after {waited} s; the target had asked to wait {wait} s",
        "both logouts",
        occasion="iscsi.logout.response in {2, 3} && iscsi.time2wait > 0",
    ),
    Rule(
        "logout-time-fields-unused",
        NOTE,
        TARGET,
        "RFC 7143 sections 11.15.3 and 11.15.4",
        "A Logout Response that did not find the CID has Time2Wait {wait} and Time2Retain {retain}",
        occasion="iscsi.logout.response == 1",
    ),
    Rule(
        "logout-with-open-text",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.10",
        "Logout while a Text Request has no answer",
        "an unbroken view of the connection from its SYN on",
        occasion="iscsi.opcode == logout_request",
    ),
)


def see_request(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Logout Request, before others take note of it."""
    if not look.whole:
        return
    reason = look.flags & at.REASON_CODE_MASK
    if reason != CLOSE_SESSION:
        cid = half(look, at.AT_CID)
        if follower.login.requests and cid != follower.login.cid:
            logout_expstatsn(follower, look, desk, cid)
        logout_time2wait_retry(follower, look, desk, cid)
    if entire(follower):
        logout_with_open_text(follower, look, desk)


def see_response(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Logout Response."""
    if look.whole and look.header[at.AT_RESPONSE] == CID_NOT_FOUND:
        logout_time_fields_unused(follower, look, desk)


def logout_expstatsn(follower: Follower, look: Look, desk: Desk, cid: int) -> None:
    """A Logout for another connection has a number that is not of that connection.

    ## What it means
    ExpStatSN of a Logout that names another connection is what the initiator expects next on that one: so the target
    learns what has arrived there. This number does not fit the other connection.

    ## Why it matters
    The target takes statuses for acknowledged that were not, or keeps some that nobody will ever ask for.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        talk.test_unit_ready()
        other = talk.join(stat_sn=5000)
        other.open()
        request = other.logout_request(1, cid=0, exp_stat_sn=other.exp_stat_sn)
        other.logout_response(tag=request.word(16))

    ## When it is silent
    When the number lies between what the initiator had said and what the target had sent on the other connection, and
    when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 11.14.4
    """
    others = [each for each in connections_of(follower) if each.login.cid == cid and each.login.complete]
    if len(others) != 1 or not entire(follower) or not entire(others[0]):
        return
    first, sent, said = of_connection(others[0]).exp_stat_sn, others[0].stat_sn, word(look, at.AT_EXP_STAT_SN)
    if first < 0 or sent < 0 or distance(first, sent) > 1:
        return
    if distance(said, first) < 0 or distance(said, sent) > 1:
        last = (sent + 1) & at.MASK_32
        facts: dict[str, object] = {"cid": cid, "exp_stat_sn": said, "first": first, "last": last}
        desk.report("logout-expstatsn", INITIATOR, follower, look, facts)


def logout_time2wait_retry(follower: Follower, look: Look, desk: Desk, cid: int) -> None:
    """A logout that failed is tried again too early.

    ## What it means
    A response of 2 or 3 says that the connection was not cleaned up, and in Time2Wait how many seconds to wait before
    the next attempt.

    ## Why it matters
    The target is still busy with it; the attempt fails again.

    ## Example
        talk = Talk(error_recovery_level=2, max_connections=2).open()
        other = talk.join().open()
        talk.rst()
        talk.wait(3)
        other.logout_response(3, tag=other.logout_request(2, cid=0).word(16), time2wait=20)
        other.wait(5)
        other.logout_response(tag=other.logout_request(2, cid=0).word(16))

    ## When it is silent
    When either the first logout or its answer is not in the capture.

    ## Reference
    RFC 7143 section 11.15.3
    """
    before = of_session_trouble(follower.session).left.get(cid)
    if before is None or before.response not in FAILED or before.ts == 0:
        return
    waited = look.ts - before.ts
    if 0 <= waited < before.wait * SECOND - EARLY_NS:
        facts: dict[str, object] = {"cid": cid, "waited": f"{waited / SECOND:.1f}", "wait": before.wait}
        desk.report("logout-time2wait-retry", INITIATOR, follower, look, facts, before.request)


def logout_time_fields_unused(follower: Follower, look: Look, desk: Desk) -> None:
    """A Logout Response that did nothing says how long to wait.

    ## What it means
    Time2Wait and Time2Retain say when tasks may be taken over, and how long that is possible. After `CID not found`
    there are no tasks, and the fields mean nothing.

    ## Why it matters
    An initiator that believes them waits for nothing.

    ## Example
        talk.open()
        request = talk.logout_request(1, cid=7)
        talk.logout_response(1, tag=request.word(16), time2wait=2, time2retain=20)

    ## When it is silent
    After other responses: many targets fill the fields in whatever the level of error recovery, and nobody looks at
    them.

    ## Reference
    RFC 7143 sections 11.15.3 and 11.15.4
    """
    wait, retain = half(look, at.AT_TIME2WAIT), half(look, at.AT_TIME2RETAIN)
    if wait or retain:
        desk.report("logout-time-fields-unused", TARGET, follower, look, {"wait": wait, "retain": retain})


def logout_with_open_text(follower: Follower, look: Look, desk: Desk) -> None:
    """An initiator logs out before its question is answered.

    ## What it means
    A Text Request, as SendTargets, waits for its answer, or for the rest of it, when the initiator logs out. The logout
    ends it.

    ## Why it matters
    The initiator does not learn what it wanted to know: a discovery that is cut short misses targets.

    ## Example
        talk.open(discovery=True)
        talk.text_request({"SendTargets": "All"})
        talk.logout()
        talk.fin()

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 11.10
    """
    for task in follower.session.open.values():
        if task.kind == KIND_TEXT and task.request and task.connection == follower.number:
            desk.report("logout-with-open-text", INITIATOR, follower, look, {}, task.request)
            return
