"""Rules on logins that add a connection to a session: whether there is such a session, who may join it, and from where
(RFC 7143 sections 4.4.1, 6.3.1, 6.3.3, 11.12.8 and 13.2).

Interpreted: sees login PDUs.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.analysis.addresses import portal_of
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.session import Session
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.rules.conversation import unbroken
from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.history import MOST_CONNECTIONS, Early, few, history_of, in_use, remember, visit_of
from iscsi_analyzer.rules.logout import connections_of
from iscsi_analyzer.rules.naming import SHOWN
from iscsi_analyzer.rules.notes import of_session
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.streams.serial import distance

NO_SESSION: Final = 0x020A
_ALL: Final = "an unbroken view of all connections of the session"
_JOINS: Final = "iscsi.opcode == login_request && iscsi.tsih != 0"

RULES = (
    Rule(
        "login-nonexistent-session-accepted",
        WARNING,
        TARGET,
        "RFC 7143 section 6.3.1",
        "A connection is added to the session with TSIH {tsih}, which was logged out {seconds} s before",
        _ALL,
        occasion=_JOINS,
    ),
    Rule(
        "login-existing-session-refused",
        NOTE,
        TARGET,
        "RFC 7143 section 6.3.1",
        "The login asks for the session with TSIH {tsih}; the target says that there is none (status 0x020a)",
        _ALL,
        occasion=_JOINS,
    ),
    Rule(
        "login-cmdsn-nonleading",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.12.8",
        "A login that adds a connection has CmdSN {cmd_sn}; the session is between {first} and {last}",
        _ALL,
        occasion=_JOINS,
    ),
    Rule(
        "login-maxconnections-exceeded",
        ERROR,
        TARGET,
        "RFC 7143 sections 13.2 and 11.13.5",
        "The session gets connection {connections}, MaxConnections is {limit}",
        _ALL,
        occasion=_JOINS,
    ),
    Rule(
        "login-conn-before-session",
        ERROR,
        INITIATOR,
        "RFC 7143 section 6.3.3",
        "A connection was to be added to the session with TSIH {tsih} while its first login was still going on",
        _ALL,
        occasion="iscsi.opcode == login_request",
    ),
    Rule(
        "login-name-mismatch-in-session",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 6.3.1, 4.2.1 and 9.2",
        "{name} adds a connection to the session of {other}",
        _ALL,
        occasion=_JOINS,
    ),
    Rule(
        "session-portal-group-span",
        WARNING,
        TARGET,
        "RFC 7143 section 4.4.1 and appendix C",
        "The session gets a connection to {portal}; for discovery that is in group {group}, and {other} in {first}",
        f"{_ALL}, and the discovery",
        occasion=_JOINS,
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if not say.whole or not few(say.follower):
        return
    if say.to_target:
        if say.joins and not say.talk.first:
            _asks(say)
    elif say.joins:
        if say.status == NO_SESSION:
            login_existing_session_refused(say)
        elif say.ends_login and say.half(14) == int.from_bytes(say.talk.first[14:16], "big"):
            _accepted(say)
    elif say.ends_login and say.half(14):
        visit, number = visit_of(say), say.header[8:16]
        login_conn_before_session(say)
        remember(history_of(say.follower).numbered, number, visit)


def _asks(say: Saying) -> None:
    """The first request of a login that asks for a session."""
    finder = say.follower.finder
    assert isinstance(finder, Sessions)
    session = finder.joins(say.follower, say.header, say.look.data)
    if session is not say.follower.session:
        if len(session.connections) > MOST_CONNECTIONS:
            return
        login_cmdsn_nonleading(say, session, [finder.followers[number - 1] for number in session.connections])
    elif say.values.get("InitiatorName"):
        early = Early(say.follower, say.number, say.values["InitiatorName"])
        remember(history_of(say.follower).early, say.header[8:16], early)


def _accepted(say: Saying) -> None:
    """The last response of a login that got the session that it asked for."""
    others = [each for each in connections_of(say.follower) if each is not say.follower]
    if not others:
        login_name_mismatch_in_session(say)
    elif all(unbroken(each) for each in others):
        if of_session(say.follower.session).ended:
            login_nonexistent_session_accepted(say)
        elif not say.follower.session.discovery:
            login_maxconnections_exceeded(say, others)
            session_portal_group_span(say, others)


def login_nonexistent_session_accepted(say: Saying) -> None:
    """A target adds a connection to a session that is over.

    ## What it means
    The session had been logged out, and the target had said that it was closed. A later login asks for it by its TSIH;
    the target must refuse it with status 0x020a and lets it in.

    ## Why it matters
    The initiator believes that its tasks and reservations are still there. The target has a session that it takes for
    another one.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        talk.close()
        talk.wait(1)
        talk.join().open()

    ## When it is silent
    When the login was under way before the logout was answered, and when the capture lacks any byte of one of the
    connections of the session.

    ## Reference
    RFC 7143 section 6.3.1
    """
    notes = of_session(say.follower.session)
    since = say.follower.connection.first_ts - notes.ended_ts
    if since > 0:
        facts: dict[str, object] = {"tsih": say.half(14), "seconds": since // 1_000_000_000}
        say.found("login-nonexistent-session-accepted", facts, notes.ended)


def login_existing_session_refused(say: Saying) -> None:
    """A target does not find a session that it is serving.

    ## What it means
    A login asks to add a connection to a session that is in use on another connection, with its TSIH, its ISID and its
    names. The target refuses: there is no such session.

    ## Why it matters
    The session never gets more than one connection, or cannot recover one. Often the portal does not belong to the
    group that has the session.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        other = talk.join()
        other.handshake()
        other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        other.login_response(status=0x020A)

    ## When it is silent
    When the session is being logged out or was silent for a second, when the login names the CID of a connection that
    exists, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 6.3.1
    """
    follower = say.follower
    others = [each for each in connections_of(follower) if each is not follower]
    cid = int.from_bytes(say.talk.first[20:22], "big")
    if (
        of_session(follower.session).closing
        or follower.session.assumed
        or any(each.login.cid == cid for each in others)
    ):
        return
    if any(in_use(each, follower.connection.first_ts) for each in others):
        facts: dict[str, object] = {"tsih": int.from_bytes(say.talk.first[14:16], "big")}
        say.found("login-existing-session-refused", facts, say.talk.first_pdu)


def login_cmdsn_nonleading(say: Saying, session: Session, others: list[Follower]) -> None:
    """A login that adds a connection does not have a CmdSN of its session.

    ## What it means
    CmdSN counts the commands of the whole session. A login on a further connection carries the number that the next
    command has at that moment. This number lies before the first one of the session, or beyond what the target has
    granted.

    ## Why it matters
    A target that takes the number seriously believes that commands are missing, or that old ones come again.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        talk.test_unit_ready()
        other = talk.join()
        other.handshake()
        other.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}, cmd_sn=0)

    ## When it is silent
    For numbers within these bounds, as connections reach the capture in any order; when the first login of the session
    is not in the capture, and when it lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 11.12.8
    """
    first, last = of_session(session).first_cmd_sn, session.max_cmd_sn
    if session.assumed or first < 0 or last < 0 or any(each.losses or not unbroken(each) for each in others):
        return
    cmd_sn = say.word(24)
    if distance(cmd_sn, first) < 0 or distance(cmd_sn, last) > 1:
        say.found("login-cmdsn-nonleading", {"cmd_sn": cmd_sn, "first": first, "last": (last + 1) & 0xFFFFFFFF})


def login_maxconnections_exceeded(say: Saying, others: list[Follower]) -> None:
    """A session gets more connections than were agreed on.

    ## What it means
    MaxConnections, as the first login settled it, is how many connections a session has at most. A target refuses
    further ones with status 0x0206.

    ## Why it matters
    One side has made room for fewer connections than there are. Commands on the surplus one may be lost.

    ## Example
        talk.open()
        talk.join().open()

    ## When it is silent
    When the first login of the session is not in the capture; about connections that were closed, logged out or silent
    for a second, or whose CID the new one takes over; for discovery sessions, and when the capture lacks any byte of
    one of the connections.

    ## Reference
    RFC 7143 sections 13.2 and 11.13.5
    """
    finder = say.follower.finder
    assert isinstance(finder, Sessions)
    leading = finder.followers[say.follower.session.connections[0] - 1]
    limit, begun = leading.limits.max_connections, say.follower.connection.first_ts
    cid = say.follower.login.cid
    alive = [each for each in others if each.login.cid != cid and in_use(each, begun)]
    if 0 < limit <= len(alive) and not say.follower.session.assumed:
        facts: dict[str, object] = {"connections": len(alive) + 1, "limit": limit}
        say.found("login-maxconnections-exceeded", facts, say.talk.first_pdu)


def login_conn_before_session(say: Saying) -> None:
    """A connection is added to a session that does not exist yet.

    ## What it means
    The response that ends the first login gives the session its TSIH, and only then can further connections ask for it.
    Another connection had asked for this very TSIH while that login was going on.

    ## Why it matters
    The initiator guesses. With a wrong guess it joins, or replaces, somebody else's session.

    ## Example
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.handshake()
        talk.login_request(keys, transit=False)
        other = talk.join()
        other.handshake()
        other.login_request(keys)
        talk.login_response({"TargetPortalGroupTag": "1"})
        talk.login_request()
        talk.login_response()

    ## When it is silent
    When the other connection comes from another address or goes to another portal, and when the capture lacks any byte
    of one of the two.

    ## Reference
    RFC 7143 section 6.3.3
    """
    visit, early = visit_of(say), history_of(say.follower).early.get(say.header[8:16])
    if early is None or early.pdu < say.talk.first_pdu or not unbroken(early.follower):
        return
    before = visit_of(say)
    before.follower = early.follower
    if early.initiator == visit.initiator and before.host == visit.host and before.portal == visit.portal:
        say.found("login-conn-before-session", {"tsih": visit.tsih}, early.pdu, INITIATOR)


def login_name_mismatch_in_session(say: Saying) -> None:
    """An initiator joins a session that belongs to another name.

    ## What it means
    All connections of a session come from one initiator, and each login says its name. This login asks for a session by
    its ISID and TSIH, with another initiator name than the one that opened it, and gets it.

    ## Why it matters
    Names decide who may see which disks. Whoever guesses a TSIH gets into a session that it has no right to.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        talk.join(initiator_name="iqn.2005-03.com.example:other").open()

    ## When it is silent
    When the connections come from different addresses, go to different portals or name different targets, as ISIDs and
    TSIHs of others may be the same; when the session was over or silent for a second, and when the capture lacks any
    byte of one of the connections.

    ## Reference
    RFC 7143 sections 6.3.1, 4.2.1 and 9.2
    """
    visit, known = visit_of(say), history_of(say.follower).numbered.get(say.header[8:16])
    if known is None or not visit.initiator or known.initiator == visit.initiator or known.target != visit.target:
        return
    if (
        known.host == visit.host
        and known.portal == visit.portal
        and in_use(known.follower, say.follower.connection.first_ts)
    ):
        facts: dict[str, object] = {"name": visit.initiator[:SHOWN], "other": known.initiator[:SHOWN]}
        say.found("login-name-mismatch-in-session", facts, known.answer, INITIATOR)


def session_portal_group_span(say: Saying, others: list[Follower]) -> None:
    """The connections of a session go to portals that discovery puts into different groups.

    ## What it means
    A session stays within one portal group: the portals of a group share what belongs to a session. According to the
    answer to SendTargets, this portal is not in the group of the session's other portal; the target lets it in.

    ## Why it matters
    Either discovery tells initiators wrong groups, so that they take one path for two or two for one, or the portals
    share no state, and commands on one connection are unknown on the other.

    ## Example
        talk.terms.max_connections = 2
        talk.open(discovery=True)
        talk.discover((talk.target_name, "192.0.2.2:3260,1"), (talk.target_name, "192.0.2.3:3260,2"))
        talk.close()
        first = talk.beside()
        first.open()
        first.join(target="192.0.2.3").open()

    ## When it is silent
    When no discovery in the capture names both portals by address, and when the capture lacks any byte of one of the
    connections.

    ## Reference
    RFC 7143 section 4.4.1 and appendix C
    """
    advertised, target = history_of(say.follower).advertised, say.talk.target_name
    portal = portal_of(say.follower.connection)
    here = advertised.get((target, portal))
    if here is None or here.tag is None:
        return
    for each in others:
        other = portal_of(each.connection)
        there = advertised.get((target, other))
        if there is not None and there.tag is not None and there.tag != here.tag:
            facts: dict[str, object] = {"portal": portal, "group": here.tag, "other": other, "first": there.tag}
            say.found("session-portal-group-span", facts, here.pdu)
            return
