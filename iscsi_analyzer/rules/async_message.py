"""Rules on Asynchronous Messages: what a target may announce, and how (RFC 7143 section 11.9).

Interpreted: sees Asynchronous Messages only. What an initiator has to do about them is in `async_message_after`.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi import layout as at
from dissectors.iscsi.words import ASYNC_EVENTS
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.desk import TARGET, Desk
from iscsi_analyzer.rules.header_fields import half, lun_field
from iscsi_analyzer.rules.logout import known_cids
from iscsi_analyzer.rules.rule import ERROR, NOTE, WARNING, Rule

SCSI_EVENT: Final = 0
LOGOUT_REQUESTED: Final = 1
CONNECTION_DROP: Final = 2
SESSION_DROP: Final = 3
NEGOTIATION_REQUESTED: Final = 4
TASK_TERMINATION: Final = 5
FIRST_VENDOR: Final = 248

_PARAMETERS: Final = ((), (3,), (1, 2, 3), (2, 3), (3,), ())
"Parameters that mean something, by event."

RULES = (
    Rule(
        "async-in-discovery",
        WARNING,
        TARGET,
        "RFC 7143 section 7.4.3",
        "An Asynchronous Message ({event}) in a discovery session",
        "the login",
        occasion="iscsi.session.discovery && iscsi.pdu.direction == T2I && iscsi.opcode != login_response",
    ),
    Rule(
        "async-event-unassigned",
        ERROR,
        TARGET,
        "RFC 7143 section 11.9.1",
        "AsyncEvent {event} is not assigned",
        occasion="iscsi.opcode == async",
    ),
    Rule(
        "async-itt",
        ERROR,
        TARGET,
        "RFC 7143 section 11.9",
        "An Asynchronous Message has 0x{tag:08x} in the place of a tag, where 0xffffffff has to be",
        occasion="iscsi.opcode == async",
    ),
    Rule(
        "async-event0-without-sense",
        ERROR,
        TARGET,
        "RFC 7143 sections 11.9.1 and 11.9.4",
        "A SCSI asynchronous event without sense data",
        occasion="iscsi.asyncevent == 0",
    ),
    Rule(
        "async-sense-length-invalid",
        WARNING,
        TARGET,
        "RFC 7143 section 11.9.4.1",
        "An Asynchronous Message ({event}) has SenseLength {sense_length} in a data segment of {length} bytes",
        "the first bytes of the data segment",
        occasion="iscsi.opcode == async && iscsi.datasegmentlength > 0",
    ),
    Rule(
        "async-drop-cid-unknown",
        ERROR,
        TARGET,
        "RFC 7143 section 11.9.1",
        "The target announces to drop CID {cid}, which the session does not have: it has {known}",
        "the logins of all connections of the session",
        occasion="iscsi.asyncevent == 2",
    ),
    Rule(
        "async5-not-negotiated",
        ERROR,
        TARGET,
        "RFC 7143 sections 4.2.3.5 and 11.9.1",
        "AsyncEvent 5, task termination, without TaskReporting=FastAbort",
        "the login",
        occasion="iscsi.asyncevent == 5",
    ),
    Rule(
        "async-vcode-reserved",
        NOTE,
        TARGET,
        "RFC 7143 section 11.9.2",
        "AsyncVCode is {vcode} in an event that is not vendor-specific ({event})",
        occasion="iscsi.asyncevent < 248",
    ),
    Rule(
        "async-lun-reserved",
        NOTE,
        TARGET,
        "RFC 7143 section 11.9.3",
        "The LUN field is 0x{lun:016x} in an event that is about no logical unit ({event})",
        occasion="iscsi.opcode == async && iscsi.asyncevent not in {0, 5}",
    ),
    Rule(
        "async-param-reserved",
        NOTE,
        TARGET,
        "RFC 7143 section 11.9.1",
        "Parameter{number} is {value}, it is reserved in this event ({event})",
        occasion="iscsi.opcode == async",
    ),
)


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """Runs the rules of this topic on one Asynchronous Message."""
    async_itt(follower, look, desk)
    if not look.whole:
        return
    async_in_discovery(follower, look, desk)
    event = look.header[at.AT_ASYNC_EVENT]
    if event >= FIRST_VENDOR:
        return
    if event > TASK_TERMINATION:
        async_event_unassigned(follower, look, desk)
        return
    async_vcode_reserved(follower, look, desk)
    async_param_reserved(follower, look, desk)
    async_sense_length_invalid(follower, look, desk)
    if event == SCSI_EVENT:
        async_event0_without_sense(follower, look, desk)
    elif event == TASK_TERMINATION:
        async5_not_negotiated(follower, look, desk)
    else:
        async_lun_reserved(follower, look, desk)
    if event == CONNECTION_DROP:
        async_drop_cid_unknown(follower, look, desk)


def event_name(look: Look) -> str:
    """The event in words."""
    return ASYNC_EVENTS(look.header[at.AT_ASYNC_EVENT])


def async_in_discovery(follower: Follower, look: Look, desk: Desk) -> None:
    """A target sends an Asynchronous Message in a discovery session.

    ## What it means
    In a discovery session a target should send nothing but the answers to text and logout requests. An event that
    nobody asked for has no place there.

    ## Why it matters
    Discovery clients are small programs; most do not expect such a message and give up.

    ## Example
        talk.open(discovery=True)
        talk.async_message(3)

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7143 section 7.4.3
    """
    if follower.limits.discovery == 1:
        desk.report("async-in-discovery", TARGET, follower, look, {"event": event_name(look)})


def async_event_unassigned(follower: Follower, look: Look, desk: Desk) -> None:
    """An Asynchronous Message tells of an event that does not exist.

    ## What it means
    The events are 0 to 5; 248 to 255 belong to vendors. This message has another number.

    ## Why it matters
    No initiator knows what happened. If the target goes on to drop the connection, its announcement was in vain.

    ## Example
        talk.open()
        talk.async_message(6)

    ## When it is silent
    Never, as the number stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.9.1
    """
    facts: dict[str, object] = {"event": look.header[at.AT_ASYNC_EVENT]}
    desk.report("async-event-unassigned", TARGET, follower, look, facts)


def async_itt(follower: Follower, look: Look, desk: Desk) -> None:
    """An Asynchronous Message has a task tag.

    ## What it means
    Bytes 16 to 19, where other PDUs have the Initiator Task Tag, have to be 0xffffffff: the message belongs to no task.

    ## Why it matters
    An initiator that looks for the task of that tag takes the message for the answer to something else, or drops it.

    ## Example
        talk.open()
        talk.async_message(3, initiator_task_tag=0)

    ## When it is silent
    Never, as the field stands in the PDU itself.

    ## Reference
    RFC 7143 section 11.9
    """
    if look.tag != at.RESERVED_TAG:
        desk.report("async-itt", TARGET, follower, look, {"tag": look.tag})


def async_event0_without_sense(follower: Follower, look: Look, desk: Desk) -> None:
    """A SCSI asynchronous event says nothing about what happened.

    ## What it means
    Event 0 reports a SCSI condition; the sense data in the data segment says which. Here there is none.

    ## Why it matters
    The initiator learns that something changed, and cannot learn what: it has to ask every logical unit again.

    ## Example
        talk.open()
        talk.async_message(0)

    ## When it is silent
    When the data segment is in the PDU and was not captured.

    ## Reference
    RFC 7143 sections 11.9.1 and 11.9.4
    """
    if look.data_length < 2 or (len(look.data) >= 2 and look.data[:2] == b"\0\0"):
        desk.report("async-event0-without-sense", TARGET, follower, look, {})


def async_sense_length_invalid(follower: Follower, look: Look, desk: Desk) -> None:
    """The SenseLength of an Asynchronous Message does not fit.

    ## What it means
    The data segment begins with the length of the sense data. It claims more than there is, or claims sense data in an
    event that has none.

    ## Why it matters
    An initiator that trusts the length reads beyond the data that it received.

    ## Example
        talk.open()
        talk.async_message(0, data=bytes((0, 99)) + bytes(18))

    ## When it is silent
    When the data segment was not captured, and in vendor-specific events.

    ## Reference
    RFC 7143 section 11.9.4.1
    """
    if len(look.data) < 2:
        return
    length = int.from_bytes(look.data[:2], "big")
    if length + 2 > look.data_length or (length and look.header[at.AT_ASYNC_EVENT] != SCSI_EVENT):
        facts: dict[str, object] = {"event": event_name(look), "sense_length": length, "length": look.data_length}
        desk.report("async-sense-length-invalid", TARGET, follower, look, facts)


def async_drop_cid_unknown(follower: Follower, look: Look, desk: Desk) -> None:
    """A target announces to drop a connection that there is not.

    ## What it means
    Parameter1 of event 2 is the CID of the connection that will be dropped. No login of this session had that CID.

    ## Why it matters
    The initiator ignores the message, and the connection that really is dropped takes it by surprise.

    ## Example
        talk.open()
        talk.async_message(2, parameter1=9, parameter2=2, parameter3=20)

    ## When it is silent
    In sessions that may have several connections, as not all need be in the capture, and when a login is not.

    ## Reference
    RFC 7143 section 11.9.1
    """
    cid = half(look, at.AT_PARAMETER1)
    known = known_cids(follower)
    if known and cid not in known:
        facts: dict[str, object] = {"cid": cid, "known": ", ".join(map(str, sorted(known)))}
        desk.report("async-drop-cid-unknown", TARGET, follower, look, facts)


def async5_not_negotiated(follower: Follower, look: Look, desk: Desk) -> None:
    """A target announces the fast end of tasks in a session that did not agree on it.

    ## What it means
    Event 5 tells other initiators that their tasks were aborted, and is a part of TaskReporting=FastAbort. In this
    session that was not negotiated.

    ## Why it matters
    The initiator has not promised to understand the event. It waits for tasks that the target has ended, and goes on
    sending data for them.

    ## Example
        talk.open()
        talk.async_message(5, lun=1)

    ## When it is silent
    When the login, or a part of it, is not in the capture.

    ## Reference
    RFC 7143 sections 4.2.3.5 and 11.9.1
    """
    if follower.limits.fast_abort == 0:
        desk.report("async5-not-negotiated", TARGET, follower, look, {})


def async_vcode_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """An event of the standard has a vendor's code.

    ## What it means
    AsyncVCode means something in vendor-specific events only; in all others it is reserved, which means zero.

    ## Why it matters
    Initiators ignore the field; it only shows that the target fills in more than it has to.

    ## Example
        talk.open()
        talk.async_message(1, parameter3=5, async_vcode=3)

    ## When it is silent
    When the capture has only the first half of the header. It is counted once for each connection.

    ## Reference
    RFC 7143 section 11.9.2
    """
    vcode = look.header[at.AT_ASYNC_VCODE]
    if vcode:
        facts: dict[str, object] = {"vcode": vcode, "event": event_name(look)}
        desk.report("async-vcode-reserved", TARGET, follower, look, facts)


def async_lun_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """An event that is about no logical unit names one.

    ## What it means
    The events 1 to 4 are about connections and sessions; the LUN field is reserved there, which means zero.

    ## Why it matters
    Initiators ignore the field; it only shows that the target fills in more than it has to.

    ## Example
        talk.open()
        talk.async_message(1, parameter3=5, lun=1)

    ## When it is silent
    In the events 0 and 5: section 11.9.1 needs the LUN for event 5, though 11.9.3 calls it reserved. It is counted
    once for each connection.

    ## Reference
    RFC 7143 section 11.9.3
    """
    lun = lun_field(look)
    if lun:
        facts: dict[str, object] = {"lun": lun, "event": event_name(look)}
        desk.report("async-lun-reserved", TARGET, follower, look, facts)


def async_param_reserved(follower: Follower, look: Look, desk: Desk) -> None:
    """A parameter is set in an event that gives it no meaning.

    ## What it means
    Each event says which of the three parameters it uses, and what for; the others are reserved, which means zero.

    ## Why it matters
    Initiators ignore the field. Often a time limit was put into the wrong parameter, so that the right one says 0.

    ## Example
        talk.open()
        talk.async_message(1, parameter1=5)

    ## When it is silent
    In vendor-specific events. It is counted once for each connection.

    ## Reference
    RFC 7143 section 11.9.1
    """
    used = _PARAMETERS[look.header[at.AT_ASYNC_EVENT]]
    for number, place in ((1, at.AT_PARAMETER1), (2, at.AT_PARAMETER2), (3, at.AT_PARAMETER3)):
        value = half(look, place)
        if value and number not in used:
            facts: dict[str, object] = {"number": number, "value": value, "event": event_name(look)}
            desk.report("async-param-reserved", TARGET, follower, look, facts)
            return
