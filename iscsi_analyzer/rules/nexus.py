"""Rules on what takes the place of what: a login may reinstate a session, or one of its connections, and then the old
one is over (RFC 7143 sections 4.4.3, 6.3.4, 6.3.5 and 7.4.2).

Interpreted: sees login PDUs, and from then on every PDU of the connections that were replaced (`Follower.alert`).
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import OPCODES
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.history import LATER_NS, MOST_CONNECTIONS, History, Visit, few, history_of, remember, visit_of
from iscsi_analyzer.rules.logout import connections_of
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule
from iscsi_analyzer.rules.saying import Saying
from iscsi_analyzer.rules.sight import entire

SESSION: Final = 1
UNNAMED_DISCOVERY: Final = 2
CONNECTION: Final = 3
REQUESTS: Final = (
    at.OP_NOP_OUT,
    at.OP_SCSI_COMMAND,
    at.OP_TASK_MANAGEMENT_REQUEST,
    at.OP_TEXT_REQUEST,
)

_BOTH: Final = "both logins, and an unbroken view of both connections"
_SECOND_LOGIN: Final = "iscsi.opcode == login_request && iscsi.tsih == 0"

RULES = (
    Rule(
        "login-session-reinstatement",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 6.3.5 and 11.12.6",
        "A login takes the place of the session on connection {connection}, which was in use until then",
        _BOTH,
        occasion=_SECOND_LOGIN,
    ),
    Rule(
        "login-reinstated-session-active",
        ERROR,
        TARGET,
        "RFC 7143 sections 6.3.5, 6.3.1 and 8.1.2",
        "{pdu} comes {seconds} s after a login took the place of this session",
        _BOTH,
        occasion=_SECOND_LOGIN,
    ),
    Rule(
        "isid-parallel-nexus",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.4.3 and 7.4.2",
        "{pdu} is sent {seconds} s after the same initiator port logged in to the same portal group once more",
        _BOTH,
        occasion=_SECOND_LOGIN,
    ),
    Rule(
        "discovery-unnamed-reinstatement",
        NOTE,
        TARGET,
        "RFC 7143 section 7.4.2.1",
        "{pdu} comes {seconds} s after a login took the place of this discovery session",
        _BOTH,
        occasion="iscsi.opcode == login_request && iscsi.tsih == 0 && iscsi.session.discovery",
    ),
    Rule(
        "login-cid-active",
        WARNING,
        INITIATOR,
        "RFC 7143 section 6.3.4",
        "{pdu} is sent {seconds} s after a login took over CID {cid} of this connection",
        _BOTH,
        occasion="iscsi.opcode == login_request && iscsi.tsih != 0",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.whole and say.ends_login and not say.to_target:
        if not few(say.follower):
            return
        if say.joins:
            _same_cid(say)
        else:
            _same_port(say)


def see_replaced(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one PDU of a connection that another one may have replaced."""
    notes = of_connection(follower)
    if not notes.replaced or look.ts - notes.replaced_ts < LATER_NS or not entire(follower):
        return
    how = notes.replaced_how
    if not look.to_target:
        if how == SESSION:
            login_reinstated_session_active(follower, look, desk, notes)
        elif how == UNNAMED_DISCOVERY:
            discovery_unnamed_reinstatement(follower, look, desk, notes)
    elif look.opcode in REQUESTS and look.tag != at.RESERVED_TAG:
        if how == CONNECTION:
            login_cid_active(follower, look, desk, notes)
        elif how == SESSION:
            isid_parallel_nexus(follower, look, desk, notes)


def _same_port(say: Saying) -> None:
    """The login opens a session: it replaces the one that its initiator port has there."""
    visit, history = visit_of(say), history_of(say.follower)
    named = bool(visit.target)
    if not visit.initiator or (named and visit.group < 0) or not (named or visit.discovery):
        return
    place: tuple[object, ...] = (visit.target, visit.group) if named else (visit.portal,)
    key = (visit.initiator, visit.isid, *place)
    old = _before(history, key, visit)
    remember(history.ports, key, visit)
    if old is None:
        return
    if named:
        login_session_reinstatement(say, old)
    for each in connections_of(old.follower)[-MOST_CONNECTIONS:]:
        _replace(each, say, SESSION if named else UNNAMED_DISCOVERY)


def _before(history: History, key: tuple[object, ...], visit: Visit) -> Visit | None:
    """The login that had the same ends, unless it is the same one: a capture may show one conversation twice, before
    and behind a router that changes addresses."""
    old = history.ports.get(key)
    if old is None or old.follower is visit.follower or old.header == visit.header:
        return None
    return old


def _same_cid(say: Saying) -> None:
    """The login adds a connection to a session: it replaces the one with its CID."""
    login = say.follower.login
    for each in connections_of(say.follower):
        if each is not say.follower and each.login.complete and each.login.cid == login.cid:
            _replace(each, say, CONNECTION)


def _replace(follower: Follower, say: Saying, how: int) -> None:
    notes = of_connection(follower)
    if not notes.replaced:
        notes.replaced, notes.replaced_ts, notes.replaced_how = say.number, say.look.ts, how
        follower.alert = True


def _facts(look: Look, notes: ConnectionNotes) -> dict[str, object]:
    return {"pdu": OPCODES(look.opcode), "seconds": (look.ts - notes.replaced_ts) // 1_000_000_000}


def login_session_reinstatement(say: Saying, old: Visit) -> None:
    """A login ends a session that was in use.

    ## What it means
    The same initiator port logs in to the same portal group of the same target and asks for a new session. That ends
    the old one, which is meant for sessions that have failed. This one had carried frames in the second before, and
    neither side had closed it.

    ## Why it matters
    Commands that were under way are lost. Typical causes are two hosts that were given the same initiator name, and a
    second initiator on the same host: then each throws the other out, again and again.

    ## Example
        talk.open()
        talk.read()
        again = talk.beside(session=type(talk.session)(isid=talk.session.isid, tsih=2))
        again.open()

    ## When it is silent
    When the old session had been logged out, closed or announced to be dropped, or was silent for a second; when the
    capture lacks any byte of one of the connections, or shows one conversation twice.

    ## Reference
    RFC 7143 sections 6.3.5 and 11.12.6
    """
    if old.in_use(say.follower.connection.first_ts):
        facts: dict[str, object] = {"connection": old.follower.number}
        say.found("login-session-reinstatement", facts, old.answer, INITIATOR)


def login_reinstated_session_active(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """A target goes on with a session that another login has replaced.

    ## What it means
    A login with the initiator name, ISID, target name and portal group of an existing session, and with TSIH 0,
    replaces that session: the target ends its tasks and closes its connections. Here it still serves the old one.

    ## Why it matters
    Two sessions of one initiator port work on the same disks. Commands of a session that the initiator has given up may
    overwrite what it writes in the new one.

    ## Example
        talk.open()
        task = talk.command(read=4096)
        talk.wait(60)
        again = talk.beside(session=type(talk.session)(isid=talk.session.isid, tsih=2))
        again.open()
        talk.wait(10)
        talk.data_in(task, 4096, status=0)

    ## When it is silent
    In the first five seconds, when the portal group of one of the logins is not known, and when the capture lacks any
    byte of one of the connections, or shows one conversation twice.

    ## Reference
    RFC 7143 sections 6.3.5, 6.3.1 and 8.1.2
    """
    desk.report("login-reinstated-session-active", TARGET, follower, look, _facts(look, notes), notes.replaced)


def isid_parallel_nexus(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """An initiator uses two sessions with the same names at once.

    ## What it means
    Between one initiator port (initiator name and ISID) and one target portal group there is one session at most. Here
    the initiator goes on to send requests in a session that a later login has replaced.

    ## Why it matters
    Reservations and task management are kept by nexus: what one session reserves or aborts hits the other one.

    ## Example
        talk.open()
        talk.wait(60)
        again = talk.beside(session=type(talk.session)(isid=talk.session.isid, tsih=2))
        again.open()
        talk.wait(10)
        talk.command()

    ## When it is silent
    In the first five seconds, when the portal group of one of the logins is not known, and when the capture lacks any
    byte of one of the connections, or shows one conversation twice.

    ## Reference
    RFC 7143 sections 4.4.3 and 7.4.2
    """
    desk.report("isid-parallel-nexus", INITIATOR, follower, look, _facts(look, notes), notes.replaced)


def discovery_unnamed_reinstatement(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """A target goes on with a discovery session that another login has replaced.

    ## What it means
    A discovery session without a target name is known by the initiator name, the ISID and the portal. A new login with
    the same three replaces it.

    ## Why it matters
    Discovery sessions that nobody ends use up what the target has for sessions.

    ## Example
        talk.open(discovery=True)
        request = talk.text_request({"SendTargets": "All"})
        talk.wait(60)
        again = talk.beside(session=type(talk.session)(isid=talk.session.isid, tsih=2))
        again.open(discovery=True)
        talk.wait(10)
        answer = {"TargetName": talk.target_name, "TargetAddress": "192.0.2.2:3260,1"}
        talk.text_response(answer, tag=request.word(16))

    ## When it is silent
    In the first five seconds, and when the capture lacks any byte of one of the connections, or shows one conversation
    twice.

    ## Reference
    RFC 7143 section 7.4.2.1
    """
    desk.report("discovery-unnamed-reinstatement", TARGET, follower, look, _facts(look, notes), notes.replaced)


def login_cid_active(follower: Follower, look: Look, desk: Desk, notes: ConnectionNotes) -> None:
    """An initiator goes on with a connection that it has replaced.

    ## What it means
    A login that names an existing session and the CID of one of its connections replaces that connection. The initiator
    must have given it up before. Here it goes on to send requests on it.

    ## Why it matters
    The target has ended the tasks of the old connection. It drops what still comes, and the initiator waits in vain.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        again = talk.join(cid=talk.cid)
        again.open()
        talk.wait(10)
        talk.command()

    ## When it is silent
    In the first five seconds, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 6.3.4
    """
    facts = {**_facts(look, notes), "cid": follower.login.cid}
    desk.report("login-cid-active", INITIATOR, follower, look, facts, notes.replaced)
