"""The negotiations of all connections of a store, and what is in force, for those who want to know or to print it."""

from __future__ import annotations

from typing import Final

import msgspec

from dissectors.iscsi.values import parse_number
from iscsi_analyzer.analysis.facts import INITIATOR, TARGET, Facts
from iscsi_analyzer.model.authentication import Authentication, authentication
from iscsi_analyzer.model.negotiation import KeyState, Negotiation, negotiate
from iscsi_analyzer.streams.context import ON
from iscsi_analyzer.streams.context import UNKNOWN as DIGEST_UNKNOWN

_LOGIN_REQUEST: Final = 0x03
_LOGIN_RESPONSE: Final = 0x23
MOST_LOGIN_PDUS: Final = 1 << 17


class LoginPdu(msgspec.Struct, frozen=True):
    """What the header of a Login Request or Response says."""

    pdu: int
    to_target: bool
    whole: bool
    "The header is captured to its end."
    transit: bool
    more: bool
    "The C bit."
    stage: int
    next_stage: int
    status: int
    "Class << 8 | detail of a response; -1 in a request, or if it was not captured."
    tsih: int
    at_ns: int
    "When its last byte was captured."


class InForce(msgspec.Struct, kw_only=True):
    """What was settled for one connection. None: not known, because the capture lacks the login or parts of it."""

    connection: int
    header_digest: str | None
    data_digest: str | None
    digests_inferred: bool
    "The digests were concluded from the bytes, or given by the user."
    initiator_max_recv_data_segment_length: int | None
    "Bounds what the target may send in one PDU."
    target_max_recv_data_segment_length: int | None
    initial_r2t: bool | None
    immediate_data: bool | None
    max_burst_length: int | None
    first_burst_length: int | None
    max_outstanding_r2t: int | None
    max_connections: int | None
    error_recovery_level: int | None
    default_time2wait: int | None
    default_time2retain: int | None
    data_pdu_in_order: bool | None
    data_sequence_in_order: bool | None
    task_reporting: str | None
    protocol_level: int | None


class ConnectionKeys(msgspec.Struct, kw_only=True):
    """Everything that was negotiated on one connection."""

    connection: int
    session: int
    leading: int
    "The session's first connection if this one joined it, else 0."
    negotiation: Negotiation
    authentication: Authentication
    in_force: InForce
    login_pdus: list[LoginPdu]

    @property
    def states(self) -> list[KeyState]:
        return self.negotiation.states


def connection_keys(facts: Facts) -> list[ConnectionKeys]:
    """The keys of every connection, in order."""
    headers = _login_pdus(facts)
    found: list[ConnectionKeys] = []
    for follower in facts.followers:
        number = int(follower.number)
        first = int(follower.session.connections[0])
        leading = found[first - 1] if first < number else None
        pdus = headers.get(number, [])
        end = next((pdu.pdu for pdu in pdus if pdu.status == 0 and pdu.transit and pdu.next_stage == 3), 0)
        talk = negotiate(follower.login, end, leading.negotiation if leading is not None else None)
        found.append(
            ConnectionKeys(
                connection=number,
                session=int(follower.session.number),
                leading=first if leading is not None else 0,
                negotiation=talk,
                authentication=authentication(follower.login),
                in_force=in_force(facts, number, talk),
                login_pdus=pdus,
            )
        )
    return found


def in_force(facts: Facts, connection: int, talk: Negotiation) -> InForce:
    """The results as numbers."""
    context = facts.followers[connection - 1]
    inferred = bool(context.inferred or context.forced)
    header, data = _digest(context.header_digest), _digest(context.data_digest)
    return InForce(
        connection=connection,
        header_digest=header if inferred else talk.result("HeaderDigest"),
        data_digest=data if inferred else talk.result("DataDigest"),
        digests_inferred=inferred,
        initiator_max_recv_data_segment_length=_number(talk, "MaxRecvDataSegmentLength", INITIATOR),
        target_max_recv_data_segment_length=_number(talk, "MaxRecvDataSegmentLength", TARGET),
        initial_r2t=_boolean(talk, "InitialR2T"),
        immediate_data=_boolean(talk, "ImmediateData"),
        max_burst_length=_number(talk, "MaxBurstLength"),
        first_burst_length=_number(talk, "FirstBurstLength"),
        max_outstanding_r2t=_number(talk, "MaxOutstandingR2T"),
        max_connections=_number(talk, "MaxConnections"),
        error_recovery_level=_number(talk, "ErrorRecoveryLevel"),
        default_time2wait=_number(talk, "DefaultTime2Wait"),
        default_time2retain=_number(talk, "DefaultTime2Retain"),
        data_pdu_in_order=_boolean(talk, "DataPDUInOrder"),
        data_sequence_in_order=_boolean(talk, "DataSequenceInOrder"),
        task_reporting=talk.result("TaskReporting"),
        protocol_level=_number(talk, "iSCSIProtocolLevel"),
    )


def _digest(setting: int) -> str | None:
    return None if setting == DIGEST_UNKNOWN else "CRC32C" if setting == ON else "None"


def _number(talk: Negotiation, key: str, by: str = "") -> int | None:
    value = talk.result(key, by)
    return None if value is None else parse_number(value)


def _boolean(talk: Negotiation, key: str) -> bool | None:
    value = talk.result(key)
    return None if value is None else value == "Yes"


def _login_pdus(facts: Facts) -> dict[int, list[LoginPdu]]:
    """The login PDUs of each connection, in order."""
    found: dict[int, list[LoginPdu]] = {}
    for number in facts.pdus_of(_LOGIN_REQUEST, _LOGIN_RESPONSE)[:MOST_LOGIN_PDUS].tolist():
        row = facts.store.row(number)
        header = row.header
        request = row.opcode == _LOGIN_REQUEST
        whole = row.header_captured >= 38
        found.setdefault(row.connection, []).append(
            LoginPdu(
                pdu=number,
                to_target=request,
                whole=whole,
                transit=bool(header[1] & 0x80),
                more=bool(header[1] & 0x40),
                stage=header[1] >> 2 & 3,
                next_stage=header[1] & 3,
                status=-1 if request or not whole else header[36] << 8 | header[37],
                tsih=int.from_bytes(header[14:16], "big"),
                at_ns=row.time_last,
            )
        )
    return found
