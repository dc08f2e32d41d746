"""Rules on what Logout Requests and Responses say (RFC 7143 sections 11.14 and 11.15).

Interpreted: sees logout PDUs only. What comes after them on the connection and in the session is in `logout_after`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import LOGOUT_REASONS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.model.task import KIND_LOGOUT, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.header_fields import half
from iscsi_analyzer.rules.notes import of_connection
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule

CLOSE_SESSION: Final = 0
CLOSE_CONNECTION: Final = 1
RECOVERY: Final = 2
CID_NOT_FOUND: Final = 1

RULES = (
    Rule(
        "logout-reason-reserved",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.14.1",
        "Logout with reason {reason}, which is reserved",
        occasion="iscsi.opcode == logout_request",
    ),
    Rule(
        "logout-discovery-reason",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 4.3 and 13.21",
        "A discovery session is left with the reason {reason}",
        "the login",
        occasion="iscsi.session.discovery && iscsi.opcode == logout_request",
    ),
    Rule(
        "logout-cid-unknown",
        WARNING,
        INITIATOR,
        "RFC 7143 sections 11.14.3 and 11.15.1",
        "Logout of CID {cid}, which the session does not have: it has {known}",
        "the logins of all connections of the session",
        occasion="iscsi.opcode == logout_request && iscsi.logout.reason != 0",
    ),
    Rule(
        "logout-cid-reserved",
        NOTE,
        INITIATOR,
        "RFC 7143 section 11.14.3",
        "Logout of the whole session, but with CID {cid}",
        occasion="iscsi.opcode == logout_request && iscsi.logout.reason == 0",
    ),
    Rule(
        "logout-reason2-erl",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 7.1.5 and 11.15.1",
        "Logout for recovery at ErrorRecoveryLevel {level}, it needs level 2",
        "the login",
        occasion="iscsi.opcode == logout_request && iscsi.logout.reason == 2",
    ),
    Rule(
        "logout-response-reserved",
        ERROR,
        TARGET,
        "RFC 7143 section 11.15.1",
        "Logout Response {response}, which is reserved",
        occasion="iscsi.opcode == logout_response",
    ),
    Rule(
        "logout-cid-notfound-wrong",
        WARNING,
        TARGET,
        "RFC 7143 section 11.15.1",
        "Logout of CID {cid} was answered with CID not found, but that is this very connection",
        "the login and the request",
        occasion="iscsi.logout.response == 1",
    ),
    Rule(
        "logout-reason2-response",
        WARNING,
        TARGET,
        "RFC 7143 section 11.15.1",
        "Logout for recovery was answered with success at ErrorRecoveryLevel {level}",
        "the login and the request",
        occasion="iscsi.opcode == logout_request && iscsi.logout.reason == 2",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Logout Request or Logout Response."""
    if look.to_target:
        reason = look.flags & at.REASON_CODE_MASK
        if reason > RECOVERY:
            logout_reason_reserved(follower, look, desk)
            return
        if reason == CLOSE_SESSION:
            logout_cid_reserved(follower, look, desk)
        else:
            logout_cid_unknown(follower, look, desk)
            logout_discovery_reason(follower, look, desk)
        if reason == RECOVERY:
            logout_reason2_erl(follower, look, desk)
        return
    logout_response_reserved(follower, look, desk)
    task = look.task
    if task is not None and task.request and task.kind == KIND_LOGOUT:
        response = look.header[at.AT_RESPONSE]
        if response == CID_NOT_FOUND:
            logout_cid_notfound_wrong(follower, look, desk, task)
        elif response == 0 and task.operation == RECOVERY:
            logout_reason2_response(follower, look, desk, task)


def connections_of(follower: Follower) -> list[Follower]:
    """All connections of the session that were seen, closed ones included."""
    finder = follower.finder
    assert isinstance(finder, Sessions)
    return [finder.followers[number - 1] for number in follower.session.connections]


def known_cids(follower: Follower) -> set[int]:
    """The CIDs of the session, if it may have one connection only and its login was seen; else empty: other
    connections may not be in the capture."""
    if follower.limits.max_connections != 1:
        return set()
    followers = connections_of(follower)
    if not all(each.login.requests for each in followers):
        return set()
    return {each.login.cid for each in followers}


def logout_reason_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A Logout Request has a reason that does not exist.

    ## What it means
    The reasons are 0 (close the session), 1 (close the connection) and 2 (remove the connection for recovery).

    ## Why it matters
    The target cannot know what is to be closed. It rejects the request, and the session ends by a time-out.

    ## Example
        talk.open()
        talk.reject(talk.logout_request(3, cid=0), reason=9)

    ## When it is silent
    Never, as the reason stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.14.1
    """
    facts: dict[str, object] = {"reason": look.flags & at.REASON_CODE_MASK}
    desk.report("logout-reason-reserved", INITIATOR, follower, look, facts)


def logout_discovery_reason(follower: Follower, look: Look, desk: Desk) -> None:
    """A discovery session is left with a reason other than `close the session`.

    ## What it means
    A discovery session has one connection and no recovery, so it ends as a whole: reason 0.

    ## Why it matters
    Some targets reject the request, and the session lingers until a time-out.

    ## Example
        talk.open(discovery=True)
        talk.logout(1)
        talk.fin()

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7143 sections 4.3 and 13.21
    """
    if follower.limits.discovery == 1:
        facts: dict[str, object] = {"reason": LOGOUT_REASONS(look.flags & at.REASON_CODE_MASK)}
        desk.report("logout-discovery-reason", INITIATOR, follower, look, facts)


def logout_cid_unknown(follower: Follower, look: Look, desk: Desk) -> None:
    """A Logout Request names a connection that the session does not have.

    ## What it means
    With reasons 1 and 2 the CID says which connection is meant. No login of this session had that CID.

    ## Why it matters
    The target answers that the CID was not found, and the connection that was meant stays open.

    ## Example
        talk.open()
        request = talk.logout_request(1, cid=7)
        talk.logout_response(1, tag=request.word(16))

    ## When it is silent
    In sessions that may have several connections, as not all need be in the capture, and when a login is not.

    ## Reference
    RFC 7143 sections 11.14.3 and 11.15.1
    """
    cid = half(look, at.AT_CID)
    known = known_cids(follower)
    if known and cid not in known:
        facts: dict[str, object] = {"cid": cid, "known": ", ".join(map(str, sorted(known)))}
        desk.report("logout-cid-unknown", INITIATOR, follower, look, facts)


def logout_cid_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A Logout of the whole session names a connection.

    ## What it means
    With reason 0 all connections of the session are closed, and the CID is reserved, which means zero.

    ## Why it matters
    Targets ignore the field. The initiator may have meant to close one connection only.

    ## Example
        talk.open()
        talk.logout_response(tag=talk.logout_request(0, cid=1).word(16))
        talk.fin()

    ## When it is silent
    Never, as the field stands in the PDU itself. It is counted once for each connection.

    ## Reference
    RFC 7143 section 11.14.3
    """
    cid = half(look, at.AT_CID)
    if cid:
        desk.report("logout-cid-reserved", INITIATOR, follower, look, {"cid": cid})


def logout_reason2_erl(follower: Follower, look: Look, desk: Desk) -> None:
    """A connection is to be removed for recovery in a session that did not agree on connection recovery.

    ## What it means
    Removing a connection so that its tasks can go on elsewhere is a part of ErrorRecoveryLevel 2. This session settled
    on a lower level.

    ## Why it matters
    The target answers that it does not support it. The initiator has to close the connection and send its commands
    again.

    ## Example
        talk.open()
        talk.logout_response(2, tag=talk.logout_request(2).word(16))
        talk.fin()

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7143 sections 7.1.5 and 11.15.1
    """
    level = follower.limits.error_recovery_level
    if 0 <= level < 2:
        desk.report("logout-reason2-erl", INITIATOR, follower, look, {"level": level})


def logout_response_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A Logout Response has a code that does not exist.

    ## What it means
    The codes are 0 (closed), 1 (CID not found), 2 (recovery not supported) and 3 (cleanup failed).

    ## Why it matters
    The initiator cannot tell whether the connection is closed and its tasks are over.

    ## Example
        talk.open()
        talk.logout_response(4, tag=talk.logout_request().word(16))

    ## When it is silent
    Never, as the code stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.15.1
    """
    response = look.header[at.AT_RESPONSE]
    if response > 3:
        desk.report("logout-response-reserved", TARGET, follower, look, {"response": response})


def logout_cid_notfound_wrong(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A target does not find the connection that the Logout came on.

    ## What it means
    The Logout named the CID with which this connection logged in, and was answered with `CID not found`.

    ## Why it matters
    Target and initiator do not agree on which connections there are. The initiator cannot close the connection in good
    order, and its tasks stay in doubt.

    ## Example
        talk.open()
        talk.logout_response(1, tag=talk.logout_request(1).word(16))

    ## When it is silent
    When the login or the request is not in the capture, and when another CID was named.

    ## Reference
    RFC 7143 section 11.15.1
    """
    login = follower.login
    notes = of_connection(follower)
    if not login.complete or login.hole or notes.logout_request != task.request or notes.logout_reason == CLOSE_SESSION:
        return
    if notes.logout_cid == login.cid:
        facts: dict[str, object] = {"cid": login.cid}
        desk.report("logout-cid-notfound-wrong", TARGET, follower, look, facts, task.request)


def logout_reason2_response(follower: Follower, look: Look, desk: Desk, task: Task) -> None:
    """A target accepts a Logout for recovery in a session without connection recovery.

    ## What it means
    Below ErrorRecoveryLevel 2 such a Logout has to be answered with `connection recovery is not supported` (2). The
    target answered with success.

    ## Why it matters
    The initiator goes on to move the tasks to another connection, where the target does not know them.

    ## Example
        talk.open()
        talk.logout_response(0, tag=talk.logout_request(2).word(16))
        talk.fin()

    ## When it is silent
    When the login, or a part of it, or the request is not in the capture.

    ## Reference
    RFC 7143 section 11.15.1
    """
    level = follower.limits.error_recovery_level
    if 0 <= level < 2:
        desk.report("logout-reason2-response", TARGET, follower, look, {"level": level}, task.request)
