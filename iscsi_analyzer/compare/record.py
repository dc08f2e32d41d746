"""What a comparison of two captures says, as one JSON document and to Python programs. Declares data only.

The text below each field is its description in the JSON Schema. A and B are the captures in the order in which they
were given.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from iscsi_analyzer.analysis.stats import Spread

Which = Literal["A", "B"]
Way = Literal["I2T", "T2I"]


class ComparedCapture(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One of the two captures."""

    files: list[str]
    "Its files, as they were named."
    frames: int
    "Frames in it."
    connections: int
    "Connections with iSCSI."
    pdus: int
    "PDUs."
    time: str | None = None
    "First frame; seconds since 1970 UTC with nanoseconds, by its own clock."
    time_last: str | None = None
    "Last frame."
    duration_ns: int = 0
    "Between the two."
    dropped: int = 0
    "Frames that the file says were dropped while capturing."
    copies: int = 0
    "Segments that it has twice, by its own doing."


class ComparedClocks(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How the clocks of both captures are related."""

    offset_ns: int
    "What B's clock shows more than A's, at `since`."
    uncertainty_ns: int
    "Half of the least time that both ways together took: the offset is that well known, however they share it."
    bounded: bool
    "Both directions were seen, so the uncertainty is a bound; else the quickest segment counts as if it took no time."
    drift_ppm: float
    "What B's clock gains, in millionths; 0 if no drift shows."
    since: str
    "The time, by A's clock, at which the offset holds."
    path_ns: int
    "The least time for both ways together between the places of capture."
    nearer_to_initiator: Which | None = None
    "The capture that was made nearer to the initiator; absent if both were made at one place, or it cannot be told."
    samples: int
    "Segments and PDUs that it was measured with."
    contradictions: int = 0
    "Segments that seem to arrive before they were sent: the clocks do not run evenly."


class ComparedConnection(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A connection that both captures have."""

    a: int
    "Its number in A."
    b: int
    "Its number in B."
    recognised_by: str
    "What the two have in common: addresses, initial sequence numbers, content."
    initiator_a: str
    "Address and port of the initiator in A."
    portal_a: str
    "Address and port of the target in A."
    initiator_b: str
    "Address and port of the initiator in B; another one where addresses are translated."
    portal_b: str
    "Address and port of the target in B."
    pdus: int
    "PDUs that both have."
    pdus_only_a: int = 0
    "PDUs that A alone has."
    pdus_only_b: int = 0
    "PDUs that B alone has."
    segments: int
    "TCP segments that both have as they are."
    resegmented: bool = False
    "Segments were cut otherwise on the way, by offloading or a middlebox."
    sequence_rewritten: bool = False
    "The two directions begin with other sequence numbers in B."
    separate_tcp: bool = False
    "Not one TCP connection: something between the two ends it and opens another; only PDUs are compared."


class ComparedLone(msgspec.Struct, kw_only=True):
    """A connection that one capture alone has."""

    capture: Which
    "The capture that has it."
    connection: int
    "Its number there."
    initiator: str
    "Address and port of the initiator."
    portal: str
    "Address and port of the target."
    pdus: int
    "Its PDUs."
    outside: bool
    "It ran outside of the time of the other capture."


class ComparedAttempt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A connection that was tried in vain, of which the captures tell different things."""

    initiator: str
    "Address and port of the initiator."
    portal: str
    "Address and port of the target."
    a: str
    "What A saw: unanswered, refused, connected, or absent: not even the SYN."
    b: str
    "What B saw."
    frame_a: int | None = None
    "Its first frame in A."
    frame_b: int | None = None
    "Its first frame in B."


class ComparedWay(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How long one direction took between the places of capture, in nanoseconds."""

    direction: Way
    "I2T or T2I."
    segments: Spread
    "TCP segments, each with the copy of it that arrived."
    pdus: Spread
    "PDUs, from last byte to last byte, with what their repetitions took."
    late_after_ns: int
    "What is slower than this is late."
    late_segments: int = 0
    "Segments that were late."
    late_pdus: int = 0
    "PDUs that were late."


class Missing(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A TCP segment, or bytes of one, that one capture has and the other has not."""

    missing_in: Which
    "The capture that lacks it."
    direction: Way
    "I2T or T2I."
    connection: int
    "Number of the connection in the capture that has it."
    kind: str
    "data, SYN, FIN, RST or acknowledgement (without data)."
    fate: str
    """lost on the way; never arrived; not captured (its receiver has it); needless copy (the bytes had arrived); not
    from the sender; outside of the capture; acknowledgement; cannot be told."""
    frame: int
    "The frame that has it."
    time: str
    "When that was captured, by the clock of that capture."
    bytes: int = 0
    "Bytes of data that are missing."
    pdus: list[int] = []
    "PDUs that these bytes belong to, by their numbers in the capture that has them; at most 32."
    pdus_count: int = 0
    "How many these are."
    instead_frame: int | None = None
    "The frame of the other capture with the first copy of these bytes there."
    late_ns: int = 0
    "How much later that one came than this should have."


class MissingCount(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How often something was missing."""

    missing_in: Which
    "The capture that lacks it."
    direction: Way
    "I2T or T2I."
    kind: str
    "As in `missing`."
    fate: str
    "As in `missing`."
    count: int
    "Segments, or parts of them."
    bytes: int = 0
    "Bytes of data."
    pdus: int = 0
    "PDUs that they belong to."


class Altered(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A PDU whose bytes are not the same in both captures."""

    direction: Way
    "I2T or T2I."
    pdu_a: int
    "Its number in A."
    pdu_b: int
    "Its number in B."
    what: str
    "What the PDU is, by A."
    differs: list[str]
    "What is not the same: fields with both values, or places in the data."
    digests: str | None = None
    "What its digests say of it in A and B, where it has any."


class LatePdu(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A PDU that took long between the captures."""

    direction: Way
    "I2T or T2I."
    pdu_a: int
    "Its number in A."
    pdu_b: int
    "Its number in B."
    what: str
    "What the PDU is."
    frame_a: int
    "The frame that completed it in A."
    frame_b: int
    "The frame that completed it in B."
    delay_ns: int
    "From its last byte in one to its last byte in the other."
    cause: str
    "segment lost and sent again, or slow on the way."


class TaskParts(msgspec.Struct, kw_only=True):
    """Where the latency of tasks was spent, summed over them, in nanoseconds."""

    target: int
    "At the target: from what it waited for to its next data, R2T or status."
    network: int
    "Between the two captures, and what segments of Data-In that were lost there cost."
    data: int
    "Data-In leaving the target's side: the target's speed, or TCP's."
    initiator: int
    "The initiator sending commands and the data that R2Ts asked for."


class ComparedOperation(msgspec.Struct, kw_only=True):
    """The tasks of one operation."""

    operation: str
    "Name of the SCSI operation."
    count: int
    "Tasks."
    latency_p50_ns: int
    "Median latency at the initiator's side."
    latency_p99_ns: int
    "99 of 100 took no longer."
    target_p50_ns: int
    "Median latency at the target's side."
    parts: TaskParts
    "Where the time was spent."


class ComparedTask(msgspec.Struct, kw_only=True):
    """One task in both captures."""

    task_a: int
    "Its number in A."
    task_b: int
    "Its number in B."
    operation: str
    "Name of the SCSI operation."
    request_a: int
    "PDU of the request in A."
    request_b: int
    "PDU of the request in B."
    latency_ns: int
    "At the initiator's side."
    parts: TaskParts
    "Where it was spent."


class ComparedTasks(msgspec.Struct, kw_only=True):
    """SCSI tasks that both captures have from request to answer."""

    count: int
    "How many."
    latency: Spread
    "Latency at the initiator's side."
    at_target: Spread
    "Latency at the target's side."
    network: Spread
    "What was spent between the two, both ways."
    parts: TaskParts
    "Where the time of all was spent."
    slow_parts: TaskParts
    "Where that of the slowest twentieth was spent."
    slow_count: int
    "How many tasks that is."
    operations: list[ComparedOperation]
    "By operation, the one that took most time first."
    slowest: list[ComparedTask]
    "The slowest ones."


class Statement(msgspec.Struct, kw_only=True):
    """What to know first."""

    text: str
    "In a sentence."
    severity: str
    "ok, info, look or bad."


class ComparisonRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="comparison"):
    """Two captures of one traffic."""

    schema_version: int
    "Version of the schema."
    analyzer: str
    "Version and build of the analyzer."
    a: ComparedCapture
    "The first capture."
    b: ComparedCapture
    "The second one."
    headlines: list[Statement]
    "What to know first."
    identical: bool
    "Within the time that both cover neither lacks a segment of the other, and all bytes are the same."
    clocks: ComparedClocks | None = None
    "The relation of their clocks; absent if they have nothing in common."
    connections: list[ComparedConnection]
    "Connections that both have."
    alone: list[ComparedLone] = []
    "Connections that only one has."
    attempts: list[ComparedAttempt] = []
    "Connections that were tried in vain, of which the two tell different things; at most 1,000."
    ways: list[ComparedWay] = []
    "One-way delays; absent without clocks."
    missing: list[Missing] = []
    "Segments that one has and the other has not, in the order of their times; at most 65,536."
    missing_counts: list[MissingCount] = []
    "All of them, counted."
    missing_not_listed: int = 0
    "How many are counted but not listed."
    not_framed_a: int = 0
    "PDUs of B whose bytes are all in A, where they were not recognised as a PDU."
    not_framed_b: int = 0
    "PDUs of A whose bytes are all in B, where they were not recognised as a PDU."
    altered: list[Altered] = []
    "PDUs whose bytes are not the same; at most 1,000."
    altered_count: int = 0
    "How many there are."
    late: list[LatePdu] = []
    "The latest PDUs, at most 1,000."
    tasks: ComparedTasks | None = None
    "Where tasks spent their time; absent if both captures were made at one place, or no task is in both."
