"""Rules on pings without answers, and answers without pings (RFC 7143 sections 11.18 and 11.19).

Compiled. That nobody asked, or nobody answered, is said only if the capture holds all that could show the opposite.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_NOP, KIND_PING, Task
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import INITIATOR, TARGET, Desk
from iscsi_analyzer.rules.evidence import all_seen, requests_known
from iscsi_analyzer.rules.notes import of_connection, of_session
from iscsi_analyzer.rules.rule import ERROR, WARNING, Rule
from iscsi_analyzer.streams.serial import distance

PATIENCE: Final = 5_000_000_000
"Nanoseconds that a ping may go unanswered."

RULES = (
    Rule(
        "nopout-ttt-unexpected",
        ERROR,
        INITIATOR,
        "RFC 7143 section 11.18.2",
        "A NOP-Out has Target Transfer Tag 0x{tag:08x}, but no ping of the target had it",
        "everything that the target sent on the connection",
        occasion="iscsi.opcode == nop_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "nopout-answered-twice",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.18",
        "The ping with Target Transfer Tag 0x{tag:08x} was answered a second time",
        "everything that the target sent on the connection",
        occasion="iscsi.opcode == nop_out && iscsi.targettransfertag != 0xffffffff",
    ),
    Rule(
        "nopin-itt-unknown",
        ERROR,
        TARGET,
        "RFC 7143 section 11.19",
        "A NOP-In answers a ping with task tag 0x{tag:08x}, but there was none",
        "all requests of a session with one connection",
        occasion="iscsi.opcode == nop_in && iscsi.initiatortasktag != 0xffffffff",
    ),
    Rule(
        "nopout-ping-unanswered",
        WARNING,
        TARGET,
        "RFC 7143 sections 11.18.1 and 11.19",
        "A ping of the initiator got no answer in {seconds} s",
        "the whole connection since, and that the ping arrived",
        occasion="iscsi.opcode == nop_out && iscsi.initiatortasktag != 0xffffffff",
    ),
    Rule(
        "nopin-ping-unanswered",
        WARNING,
        INITIATOR,
        "RFC 7143 section 11.18",
        "A ping of the target got no answer in {seconds} s",
        "the whole connection since, and that the ping arrived",
        occasion="iscsi.opcode == nop_in && iscsi.targettransfertag != 0xffffffff",
    ),
)


def closed(follower: Follower, desk: Desk) -> None:
    """The connection is over: what is still without an answer?"""
    for task in follower.session.open.values():
        if task.connection == follower.number and task.request and (task.kind == KIND_NOP or task.kind == KIND_PING):
            waited = _waited(follower, task)
            if waited >= PATIENCE:
                if task.kind == KIND_NOP:
                    nopout_ping_unanswered(follower, desk, task, waited)
                else:
                    nopin_ping_unanswered(follower, desk, task, waited)


def _waited(follower: Follower, task: Task) -> i64:
    """How long (ns) a ping that arrived stayed without an answer; 0 if that is not sure."""
    connection = follower.connection
    direction = connection.to_target
    if direction is None or follower.losses or len(follower.session.connections) != 1:
        return 0
    if not all_seen(follower, True) or not all_seen(follower, False):
        return 0
    if task.kind == KIND_PING:
        direction = direction.peer
    if distance(direction.acked, direction.next_seq) < 0:
        return 0
    return connection.last_ts - connection.rows.time_last(task.request)


def nopout_ttt_unexpected(follower: Follower, look: Look, desk: Desk) -> None:
    """A NOP-Out answers a ping that the target did not send, or answers it twice.

    ## What it means
    A NOP-Out carries a Target Transfer Tag only as the answer to a NOP-In with the same tag. No such NOP-In is open.

    ## Why it matters
    Targets take it for a protocol error: they reject it or drop the connection.

    ## Example
        talk.open()
        talk.nop_out(target_tag=5)

    ## When it is silent
    When anything of the connection is missing, in sessions with several connections, and as long as the initiator has
    acknowledged bytes that the capture has not shown yet. A second answer has a rule of its own.

    ## Reference
    RFC 7143 section 11.18.2
    """
    if follower.session.assumed or follower.losses or not all_seen(follower, False):
        return
    if of_connection(follower).answered_ping == look.second:
        nopout_answered_twice(follower, look, desk)
    else:
        desk.report("nopout-ttt-unexpected", INITIATOR, follower, look, {"tag": look.second})


def nopout_answered_twice(follower: Follower, look: Look, desk: Desk) -> None:
    """A ping of the target was answered a second time.

    ## What it means
    One NOP-Out answers one NOP-In. Another with the same Target Transfer Tag followed.

    ## Why it matters
    The target knows no ping with this tag any more: it rejects the second answer or drops the connection.

    ## Example
        talk.open()
        ping = talk.nop_in()
        talk.nop_out(target_tag=ping.word(20))
        talk.nop_out(target_tag=ping.word(20))

    ## When it is silent
    As `nopout-ttt-unexpected`.

    ## Reference
    RFC 7143 section 11.18
    """
    desk.report("nopout-answered-twice", INITIATOR, follower, look, {"tag": look.second})


def nopin_itt_unknown(follower: Follower, look: Look, desk: Desk) -> None:
    """The target answers a ping that was not sent.

    ## What it means
    A NOP-In with a task tag answers the NOP-Out with that tag. There was none.

    ## Why it matters
    The initiator has no use for it; some drop the connection.

    ## Example
        talk.open()
        talk.nop_out(tag=7)
        talk.nop_in(tag=8)

    ## When it is silent
    When anything of the connection is missing, in sessions with several connections, after a Reject of that request,
    and as long as the target has acknowledged requests that the capture has not shown yet.

    ## Reference
    RFC 7143 section 11.19
    """
    if requests_known(follower) and look.tag not in of_session(follower.session).rejected_tags:
        desk.report("nopin-itt-unknown", TARGET, follower, look, {"tag": look.tag})


def nopout_ping_unanswered(follower: Follower, desk: Desk, task: Task, waited: i64) -> None:
    """The target left a ping without an answer.

    ## What it means
    The initiator asked for a sign of life. The target's TCP acknowledged it, and nothing came back for five seconds or
    more, until the connection or the capture ended.

    ## Why it matters
    The target process hangs, or is busy elsewhere, while its host is alive. Initiators give up the connection when a
    ping is not answered: path failures without any fault of the network begin like this.

    ## Example
        talk.open()
        talk.nop_out()
        talk.wait(10)
        talk.fin()

    ## When it is silent
    When anything of the connection is missing, in sessions with several connections, and when TCP has not acknowledged
    the ping.

    ## Reference
    RFC 7143 sections 11.18.1 and 11.19
    """
    facts: dict[str, object] = {"seconds": f"{int(waited) / 1e9:.1f}"}
    session = follower.session.number
    desk.found("nopout-ping-unanswered", TARGET, session, follower.number, task.request, facts, 0, task.tag)


def nopin_ping_unanswered(follower: Follower, desk: Desk, task: Task, waited: i64) -> None:
    """The initiator left a ping without an answer.

    ## What it means
    The target asked for a sign of life, with a Target Transfer Tag. The initiator's TCP acknowledged it, and nothing
    came back for five seconds or more, until the connection or the capture ended.

    ## Why it matters
    The initiator hangs while its host is alive. Targets drop a connection whose pings are not answered.

    ## Example
        talk.open()
        talk.nop_in()
        talk.wait(10)
        talk.fin()

    ## When it is silent
    When anything of the connection is missing, in sessions with several connections, and when TCP has not acknowledged
    the ping.

    ## Reference
    RFC 7143 section 11.18
    """
    facts: dict[str, object] = {"seconds": f"{int(waited) / 1e9:.1f}"}
    session = follower.session.number
    desk.found("nopin-ping-unanswered", INITIATOR, session, follower.number, task.request, facts)
