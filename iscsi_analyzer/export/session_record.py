"""What is said of one session, and of one key that was negotiated, in JSON and to Python programs.

Declares data, and fills it from what the analysis found. The text below each field is its description in the JSON
Schema.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from iscsi_analyzer.analysis.keys import ConnectionKeys
from iscsi_analyzer.analysis.sessions import SessionSummary
from iscsi_analyzer.export.time_text import decimal


class SessionRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="session"):
    """An iSCSI session."""

    number: int
    "Number of the session, from 1."
    session_type: str
    "Normal, Discovery, or unknown if the login was not seen."
    assumed: bool
    "The login is not in the capture: a session is assumed for the connection."
    initiator_name: str | None = None
    "InitiatorName."
    target_name: str | None = None
    "TargetName."
    isid: str | None = None
    "Twelve hexadecimal digits."
    tsih: int | None = None
    "Target Session Identifying Handle."
    portal_group_tag: int | None = None
    "TargetPortalGroupTag."
    initiators: list[str]
    "Addresses of the initiator."
    portals: list[str]
    "Address and port of the target's portals."
    connections: list[int]
    "Numbers of the connections."
    time: str
    "First frame; seconds since 1970 with nanoseconds."
    time_last: str
    "End of the last connection."
    duration_ns: int
    "Between the two."
    logged_in: str | None = None
    "When the login of the first connection was complete."
    pdus: int
    "PDUs on all connections."
    scsi_tasks: int
    "SCSI tasks."
    ended: str
    "How the session ended."
    ended_by: str | None = None
    "initiator or target."
    follows: int | None = None
    "Session that this one took the place of."
    followed_by: int | None = None
    "Session that took its place."
    away_ns: int | None = None
    "From the end of the session before to the end of this one's login."


class KeyRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="key"):
    """One key of one connection: a negotiation of it, or a declaration by one side. Secrets are left out."""

    session: int
    "Number of the session."
    connection: int
    "Number of the connection."
    key: str
    "Name of the key."
    kind: str | None = None
    "negotiated, declarative, authentication ... ; left out if no standard knows the key."
    offered_by: str | None = None
    "initiator or target: who offered, declared or asked."
    offered: str | None = None
    "The value that was offered or declared."
    offered_pdu: int | None = None
    "PDU that carried it."
    answered: str | None = None
    "The answer."
    answered_pdu: int | None = None
    "PDU that carried it."
    result: str | None = None
    "What is in force; left out if nothing is, or it is not known."
    default: str | None = None
    "What would hold if nobody had mentioned the key."
    source: str
    "Where the result comes from: agreed, offer decides, declared, default, refused, inherited, open, said, unknown."
    in_force_after_pdu: int | None = None
    "PDU that brought it into force."
    irrelevant: bool = False
    "Other keys make it meaningless."
    remark: str | None = None
    "What the standard does not allow, or what else is worth knowing."


def session_record(found: SessionSummary) -> SessionRecord:
    """The record of a session."""
    return SessionRecord(
        number=found.session,
        session_type=found.type,
        assumed=found.assumed,
        initiator_name=found.initiator_name or None,
        target_name=found.target_name or None,
        isid=found.isid or None,
        tsih=found.tsih or None,
        portal_group_tag=found.portal_group_tag if found.portal_group_tag >= 0 else None,
        initiators=found.initiators,
        portals=found.portals,
        connections=[each.connection for each in found.connections],
        time=decimal(found.begin_ns),
        time_last=decimal(found.end_ns),
        duration_ns=found.end_ns - found.begin_ns,
        logged_in=decimal(found.logged_in_ns) if found.logged_in_ns else None,
        pdus=sum(each.pdus_to_target + each.pdus_to_initiator for each in found.connections),
        scsi_tasks=found.tasks,
        ended=found.how,
        ended_by=found.by or None,
        follows=found.follows or None,
        followed_by=found.followed_by or None,
        away_ns=found.away_ns if found.away_ns >= 0 else None,
    )


def key_records(found: ConnectionKeys) -> Iterator[KeyRecord]:
    """The keys of a connection, in the order in which they were first said; those that nobody mentioned follow."""
    for state in found.states:
        yield KeyRecord(
            session=found.session,
            connection=found.connection,
            key=state.key,
            kind=state.kind or None,
            offered_by=state.offered_by or None,
            offered=state.offered,
            offered_pdu=state.offered_pdu or None,
            answered=state.answered,
            answered_pdu=state.answered_pdu or None,
            result=state.result,
            default=state.default,
            source=state.source,
            in_force_after_pdu=state.in_force_after or None,
            irrelevant=state.irrelevant,
            remark=state.remark or None,
        )
