"""What is said of one task in JSON, and to Python programs. Declares data only; `tasks` fills it.

The text below each field is its description in the JSON Schema.
"""

from __future__ import annotations

import msgspec

from iscsi_analyzer.export.pdu_record import SenseRecord


class PhaseRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where the time of a task went, in nanoseconds; phases that it did not have are left out."""

    to_r2t_ns: int | None = None
    "First byte of the command to the last byte of the first R2T."
    r2t_to_data_out_ns: int | None = None
    "Last byte of the first R2T to the last byte of the last Data-Out."
    to_data_in_ns: int | None = None
    "First byte of the command to the first byte of the first Data-In."
    data_ns: int | None = None
    "First byte of the first Data-In, or else Data-Out, to the last byte of the last one."
    to_answer_ns: int | None = None
    "Last byte of the last data, or else of the command, to the last byte of the answer."


class TaskRecord(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="type", tag="task"):
    """A request and what answered it. Numbers of PDUs and frames count from 1."""

    number: int
    "Tasks are numbered in the order in which they ended."
    session: int
    "Number of the session."
    connection: int
    "Number of the connection that the request came over."
    kind: str
    "scsi, nop, target-ping, task-management, login, text or logout."
    outcome: str
    "How it ended: answered, aborted, rejected, unanswered ..., answer without request ..."
    initiator_task_tag: int
    "Its Initiator Task Tag; of a ping by the target the Target Transfer Tag."
    request_pdu: int | None = None
    "PDU that asked."
    request_frame: int | None = None
    "Frame that completed it."
    response_pdu: int | None = None
    "PDU that answered."
    response_frame: int | None = None
    "Frame that completed it."
    ended_by_pdu: int | None = None
    "PDU that aborted or rejected the task."
    time: str | None = None
    "First byte of the request; seconds since 1970 with nanoseconds."
    time_last: str | None = None
    "Last byte of the answer."
    latency: str | None = None
    "First byte of the request to the last byte of the answer; seconds with nanoseconds."
    latency_ns: int | None = None
    "The same in nanoseconds."
    phases: PhaseRecord | None = None
    "Where that time went."
    lun: int | None = None
    "LUN as people number it."
    operation: str | None = None
    "Name of the SCSI command."
    cdb: str | None = None
    "Its CDB in hexadecimal digits, as far as it was captured."
    lba: int | None = None
    "First logical block."
    transfer_length: int | None = None
    "Number of logical blocks."
    edtl: int | None = None
    "Expected Data Transfer Length in bytes."
    status: str | None = None
    "SCSI status in words."
    status_code: int | None = None
    "SCSI status, or the response code of task management and logout, or the status class of a login."
    response: int | None = None
    "iSCSI response code of a SCSI Response."
    sense: SenseRecord | None = None
    "Sense data that came with the status."
    data_in: int | None = None
    "Bytes of read data."
    data_out: int | None = None
    "Bytes of write data, immediate ones included."
    r2ts: int | None = None
    "R2Ts, at most 255."
    residual: int | None = None
    "Residual count, if the answer set O or U."
    residual_kind: str | None = None
    "overflow or underflow."
    pdus: int
    "PDUs of the task."
