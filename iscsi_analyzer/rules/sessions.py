"""Rules on what belongs to which session and connection: allegiance, and what a discovery session is for (RFC 7143
sections 4.2.5.1, 4.3 and 13.21).

Interpreted: sees PDUs of discovery sessions, and PDUs on another connection than their task's.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import words
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.model.task import KIND_PING, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.conversation import unbroken
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.notes import of_session
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.rules.saying import RESERVED, Saying

SHOWN: Final = 60
_REASSIGN: Final = 8
_ANSWERS: Final = (0x20, 0x21, 0x22, 0x24, 0x25, 0x26, 0x31)
_PARTS: Final = (0x05, 0x10)
_SERVED: Final = (0x21, 0x22, 0x25, 0x31)
_BOTH: Final = "an unbroken view of both connections from their SYNs on"
_WHOLE: Final = "an unbroken view of the connection from its SYN on"

RULES = (
    Rule(
        "allegiance-target",
        ERROR,
        TARGET,
        "RFC 7143 section 4.2.5.1",
        "{pdu} comes on connection {connection}; its request was sent on connection {command}",
        _BOTH,
        occasion=(
            "iscsi.session.connections > 1 && iscsi.pdu.direction == T2I "
            "&& iscsi.opcode in {scsi_response, tmf_response, text_response, data_in, r2t, nop_in}"
        ),
    ),
    Rule(
        "allegiance-initiator",
        ERROR,
        INITIATOR,
        "RFC 7143 section 4.2.5.1",
        "{pdu} is sent on connection {connection}; its command was sent on connection {command}",
        _BOTH,
        occasion="iscsi.session.connections > 1 && iscsi.opcode in {data_out, snack, nop_out}",
    ),
    Rule(
        "discovery-request-illegal",
        ERROR,
        INITIATOR,
        "RFC 7143 sections 4.3 and 13.21",
        "{what} in a discovery session, which is for SendTargets and the logout",
        _WHOLE,
        occasion="iscsi.session.discovery && iscsi.pdu.direction == I2T && iscsi.opcode != login_request",
    ),
    Rule(
        "discovery-request-accepted",
        WARNING,
        TARGET,
        "RFC 7143 section 4.3",
        "The target serves a discovery session like any other: {pdu}",
        _WHOLE,
        occasion=(
            "iscsi.session.discovery && iscsi.pdu.direction == I2T "
            "&& iscsi.opcode not in {login_request, text_request, logout_request}"
        ),
    ),
)


def see_other(say: Saying) -> None:
    """Runs the rules of this topic on one PDU of a discovery session that is neither login nor text."""
    if not say.whole or not say.talk.full_feature or not say.talk.discovery:
        return
    if say.opcode in _PARTS:
        discovery_request_illegal(say, words.OPCODES(say.opcode))
    elif say.opcode in _SERVED:
        discovery_request_accepted(say)


def see_text(say: Saying) -> None:
    """Runs the rules of this topic on one text PDU."""
    if say.to_target and say.whole and say.talk.full_feature and say.talk.discovery:
        if say.pairs and "SendTargets" not in say.values:
            discovery_request_illegal(say, f"The key {say.pairs[0].key[:SHOWN]}")


def see_foreign(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """Runs the rules of this topic on a PDU whose tag belongs to a task of another connection of its session."""
    finder = follower.finder
    assert isinstance(finder, Sessions)
    if task.request == 0 or task.kind == KIND_PING or of_session(follower.session).reassigned or look.tag == RESERVED:
        return
    other = finder.followers[task.connection - 1]
    if follower.losses or other.losses or not unbroken(follower) or not unbroken(other):
        return
    if look.opcode in _ANSWERS:
        allegiance_target(follower, look, task, desk)
    elif look.opcode in _PARTS:
        allegiance_initiator(follower, look, task, desk)


def see_management(follower: Follower, look: Look) -> None:
    """A Task Management Function Request may move a task to another connection (RFC 7143 section 7.2.2)."""
    if look.flags & 0x7F == _REASSIGN:
        of_session(follower.session).reassigned = True


def _facts(follower: Follower, look: Look, task: Task) -> dict[str, object]:
    return {"pdu": words.OPCODES(look.opcode), "connection": follower.number, "command": task.connection}


def allegiance_target(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """A target answers on another connection than it was asked on.

    ## What it means
    Whatever belongs to a request travels on the connection of the request: its data, its R2Ts and its response.

    ## Why it matters
    The initiator looks for the answer on the other connection, and takes this one for a protocol error.

    ## Example
        talk.terms.max_connections = 2
        talk.open()
        other = talk.join().open()
        task = talk.command()
        other.response(task)

    ## When it is silent
    Once a task was reassigned to another connection, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 4.2.5.1
    """
    desk.report("allegiance-target", TARGET, follower, look, _facts(follower, look, task), task.request)


def allegiance_initiator(follower: Follower, look: Look, task: Task, desk: Desk) -> None:
    """An initiator sends the data of a command on another connection.

    ## What it means
    Data-Out and SNACK travel on the connection of their command.

    ## Why it matters
    The target cannot find the command there and rejects the PDU.

    ## Example
        talk.terms.max_connections = 2
        talk.terms.initial_r2t = False
        talk.terms.immediate_data = False
        talk.open()
        other = talk.join().open()
        task = talk.command(write=4096, final=False)
        other.data_out(task, 4096)

    ## When it is silent
    Once a task was reassigned to another connection, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 4.2.5.1
    """
    desk.report("allegiance-initiator", INITIATOR, follower, look, _facts(follower, look, task), task.request)


def discovery_request_illegal(say: Saying, what: str) -> None:
    """A discovery session is used for something else.

    ## What it means
    In a discovery session an initiator asks for targets with SendTargets and logs out; that is all.

    ## Why it matters
    The target has to reject it.

    ## Example
        talk.open(discovery=True)
        talk.text({"MaxRecvDataSegmentLength": "8192"}, {"MaxRecvDataSegmentLength": "8192"})

    ## When it is silent
    For commands and task management, which have rules of their own; for NOP-Out, which many initiators send to keep the
    connection; and when the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 sections 4.3 and 13.21
    """
    say.found("discovery-request-illegal", {"what": what}, say.talk.first_pdu)


def discovery_request_accepted(say: Saying) -> None:
    """A target serves commands in a discovery session.

    ## What it means
    A target rejects everything in a discovery session but SendTargets and the logout. This one sent data or a response
    of a command, or of task management.

    ## Why it matters
    Access rules often do not apply to discovery: commands may reach storage that is not allowed to this initiator.

    ## Example
        talk.open(discovery=True)
        talk.test_unit_ready()

    ## When it is silent
    When the capture lacks any byte of the connection.

    ## Reference
    RFC 7143 section 4.3
    """
    say.found("discovery-request-accepted", {"pdu": words.OPCODES(say.opcode)}, say.talk.first_pdu)
