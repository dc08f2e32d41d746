"""What a comparison of two sessions says, as one JSON document and to Python programs. Declares data only.

The text below each field is its description in the JSON Schema. A and B are the sessions in the order in which they
were asked for.
"""

from __future__ import annotations

import msgspec

from iscsi_analyzer.analysis.stats import Spread
from iscsi_analyzer.compare.record import Statement, Way


class ComparedSession(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One of the two sessions."""

    file: str
    "The capture that it is in."
    session: int
    "Its number there."
    session_type: str
    "Normal, Discovery, or unknown if the login was not seen."
    initiator_name: str | None = None
    "InitiatorName."
    target_name: str | None = None
    "TargetName."
    isid: str | None = None
    "Twelve hexadecimal digits."
    tsih: int | None = None
    "Target Session Identifying Handle."
    portals: list[str]
    "Address and port of the target's portals."
    connections: list[int]
    "Numbers of the connections."
    time: str
    "First frame; seconds since 1970 UTC with nanoseconds."
    duration_ns: int
    "Until the end of the last connection."
    login: str
    "Outcome of the login of the first connection: complete, refused, redirected, not answered, given up ..."
    login_words: str | None = None
    "What happened to it, if it is not complete."
    login_hints: list[str] = []
    "What else may explain it."
    login_status: str | None = None
    "Status of the last Login Response."
    stage: str
    "The stage that it came to."
    login_ns: int
    "From the first login PDU to the last."
    ended: str
    "How the session ended."
    ended_by: str | None = None
    "initiator or target."
    reasons: list[str] = []
    "What may explain the end."
    pdus: int
    "PDUs on all connections."
    tasks: int
    "SCSI tasks."
    latency: Spread
    "Their latency, in nanoseconds."


class ComparedKeyValue(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What one session has of a key."""

    offered_by: str | None = None
    "initiator or target: who offered, declared or asked."
    offered: str | None = None
    "The value that was offered or declared, without secrets."
    answered: str | None = None
    "The answer."
    result: str | None = None
    "What is in force; absent if nothing is, or it is not known."
    remark: str | None = None
    "What the standard does not allow, or what else is worth knowing."


class ComparedKey(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One key in both sessions."""

    key: str
    "Name of the key."
    by: str | None = None
    "initiator or target, where each side says its own."
    a: ComparedKeyValue | None = None
    "In A; absent if nobody mentioned it there and nothing is known of it."
    b: ComparedKeyValue | None = None
    "In B, likewise."
    differs: bool
    "It was offered, answered or settled otherwise; values that differ by nature (challenges, responses) do not count."


class ComparedStep(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A PDU of the login in both sessions, or in one."""

    direction: Way
    "I2T or T2I."
    a: str | None = None
    "What it says in A; absent if A has none."
    b: str | None = None
    "What it says in B."
    pdu_a: int | None = None
    "Its number in A."
    pdu_b: int | None = None
    "Its number in B."
    after_a_ns: int | None = None
    "Time since the first login PDU in A."
    after_b_ns: int | None = None
    "Time since the first login PDU in B."
    differs: bool
    "Stage, status or the keys in it are not the same, or one side has none."


class ComparedFinding(msgspec.Struct, kw_only=True):
    """A rule that was broken in at least one of the sessions."""

    rule: str
    "Name of the rule."
    severity: str
    "error, warning or note."
    party: str
    "Who broke it."
    a: int
    "How often in A."
    b: int
    "How often in B."


class ComparedCount(msgspec.Struct, kw_only=True):
    """PDUs of one type and direction."""

    direction: Way
    "I2T or T2I."
    opcode: int
    "Opcode."
    opcode_name: str
    "Name of the PDU."
    a: int
    "How many in A."
    b: int
    "How many in B."


class SessionComparisonRecord(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="session-comparison"
):
    """Two sessions side by side."""

    schema_version: int
    "Version of the schema."
    analyzer: str
    "Version and build of the analyzer."
    a: ComparedSession
    "The first session."
    b: ComparedSession
    "The second one."
    headlines: list[Statement]
    "What differs first: the outcome, the first step that is not the same, the keys, the findings."
    first_difference: int | None = None
    "Index into `steps` of the first one that differs."
    steps: list[ComparedStep]
    "The login of the first connection of each, PDU by PDU."
    keys: list[ComparedKey]
    "The keys of that login, and what is in force."
    findings: list[ComparedFinding]
    "What the rules found."
    pdus: list[ComparedCount]
    "PDUs by type and direction."
