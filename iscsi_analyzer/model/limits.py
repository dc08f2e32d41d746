"""What is in force on a connection: the results of its negotiation as numbers, each known or not.

Compiled. Unknown values are -1: the login is not in the capture, or not all of it. Nobody may be held to an unknown
value.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

UNKNOWN: Final = -1


class Limits:
    """Operational values of RFC 7143 section 13 that other PDUs are bound by. Booleans are 0 or 1."""

    def __init__(self) -> None:
        self.initiator_max_recv: i64 = UNKNOWN
        "MaxRecvDataSegmentLength that the initiator declared: bounds what the target sends."
        self.target_max_recv: i64 = UNKNOWN
        "MaxRecvDataSegmentLength that the target declared: bounds what the initiator sends."
        self.max_burst: i64 = UNKNOWN
        self.first_burst: i64 = UNKNOWN
        self.initial_r2t: i64 = UNKNOWN
        self.immediate_data: i64 = UNKNOWN
        self.max_outstanding_r2t: i64 = UNKNOWN
        self.data_pdu_in_order: i64 = UNKNOWN
        self.data_sequence_in_order: i64 = UNKNOWN
        self.error_recovery_level: i64 = UNKNOWN
        self.max_connections: i64 = UNKNOWN
        self.protocol_level: i64 = UNKNOWN
        self.fast_abort: i64 = UNKNOWN
        self.response_fence: i64 = UNKNOWN
        "Responses to task management wait for acknowledgements: TaskReporting is ResponseFence or FastAbort."
        self.time2wait: i64 = UNKNOWN
        self.time2retain: i64 = UNKNOWN
        self.discovery: i64 = UNKNOWN
