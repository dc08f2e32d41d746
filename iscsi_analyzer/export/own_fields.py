"""The header fields of all PDU types as one typed record: the part of a PDU's JSON that depends on its opcode.

Names and meaning come from the declarations in `dissectors.iscsi`; a test holds both together. Order here is order in
the JSON.
"""

from __future__ import annotations

import msgspec


class OwnFields(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The fields of the headers of all opcodes (RFC 7143 section 11). Each PDU has those of its opcode; a field that
    means nothing in a PDU, such as the status of a Data-In without the S bit, is left out, as are those that were not
    captured."""

    final: bool | None = None
    "F: the last PDU of a sequence."
    transit: bool | None = None
    "T of a login: ready to move to the next stage."
    continued: bool | None = None
    "C: the text continues in the next PDU."
    acknowledge: bool | None = None
    "A of a Data-In: the initiator shall acknowledge it."
    has_status: bool | None = None
    "S of a Data-In: it carries the status of the command."
    read: bool | None = None
    "R of a SCSI Command: data are expected to be read."
    write: bool | None = None
    "W of a SCSI Command: data are expected to be written."
    bidirectional_read_residual_overflow: bool | None = None
    "o of a SCSI Response."
    bidirectional_read_residual_underflow: bool | None = None
    "u of a SCSI Response."
    residual_overflow: bool | None = None
    "O: residual_count bytes more than expected were to be transferred."
    residual_underflow: bool | None = None
    "U: residual_count bytes of those expected were not transferred."
    attr: int | None = None
    "Task attribute of a SCSI Command."
    attr_name: str | None = None
    "Task attribute in words."
    pri: int | None = None
    "Command priority (RFC 7144), if it is not 0."
    csg: int | None = None
    "Current stage of a login."
    csg_name: str | None = None
    "Current stage in words."
    nsg: int | None = None
    "Next stage of a login, with T."
    nsg_name: str | None = None
    "Next stage in words."
    function: int | None = None
    "Task management function."
    function_name: str | None = None
    "Task management function in words."
    reason_code: int | None = None
    "Reason Code of a Logout Request."
    reason_code_name: str | None = None
    "Reason Code in words."
    snack_type: int | None = None
    "Type of a SNACK Request."
    snack_type_name: str | None = None
    "Type of a SNACK Request in words."
    reason: int | None = None
    "Reason of a Reject."
    reason_name: str | None = None
    "Reason of a Reject in words."
    response: int | None = None
    "Response of a SCSI, task management or logout response."
    response_name: str | None = None
    "Response in words."
    status: int | None = None
    "SCSI status, in a SCSI Response, or in a Data-In with S."
    scsi_status_name: str | None = None
    "SCSI status in words."
    version_max: int | None = None
    "Highest version that the sender of a login PDU supports."
    version_min: int | None = None
    "Lowest version that the initiator supports."
    version_active: int | None = None
    "Version that the target chose."
    status_class: int | None = None
    "Status-Class of a Login Response."
    status_detail: int | None = None
    "Status-Detail of a Login Response."
    status_name: str | None = None
    "Status-Class and Status-Detail of a Login Response in words."
    lun: int | None = None
    "Logical unit number, as people and Linux count them."
    lun_raw: str | None = None
    "The 8 bytes of the LUN field in hexadecimal."
    isid: str | None = None
    "The 6 bytes of the ISID in hexadecimal."
    tsih: int | None = None
    "Target session identifying handle."
    cid: int | None = None
    "Connection ID that the initiator gave."
    status_qualifier: int | None = None
    "Status Qualifier (RFC 7144), if it is not 0."
    additional_response_information: int | None = None
    "Additional Response Information of a task management response (RFC 7144), if it is not 0."
    target_transfer_tag: int | None = None
    "Target Transfer Tag; 4294967295 is the reserved value for none."
    snack_tag: int | None = None
    "SNACK Tag, if it is not 0."
    referenced_task_tag: int | None = None
    "Tag of the task that a task management function is about; 4294967295 is the reserved value for none."
    expected_data_transfer_length: int | None = None
    "Bytes that a SCSI Command expects to transfer."
    cmd_sn: int | None = None
    "CmdSN."
    stat_sn: int | None = None
    "StatSN."
    exp_cmd_sn: int | None = None
    "ExpCmdSN."
    max_cmd_sn: int | None = None
    "MaxCmdSN."
    exp_stat_sn: int | None = None
    "ExpStatSN."
    ref_cmd_sn: int | None = None
    "RefCmdSN of a task management function."
    data_sn: int | None = None
    "DataSN; in a Reject DataSN or R2TSN."
    r2t_sn: int | None = None
    "R2TSN."
    exp_data_sn: int | None = None
    "ExpDataSN."
    buffer_offset: int | None = None
    "Place of the data in the whole transfer of the task, in bytes."
    desired_data_transfer_length: int | None = None
    "Bytes that an R2T asks for."
    beg_run: int | None = None
    "BegRun of a SNACK Request."
    run_length: int | None = None
    "RunLength of a SNACK Request."
    bidirectional_read_residual_count: int | None = None
    "Bytes, with o or u."
    residual_count: int | None = None
    "Bytes, with O or U."
    time2wait: int | None = None
    "Time2Wait of a Logout Response, in seconds."
    time2retain: int | None = None
    "Time2Retain of a Logout Response, in seconds."
    async_event: int | None = None
    "AsyncEvent."
    async_event_name: str | None = None
    "AsyncEvent in words."
    async_vcode: int | None = None
    "AsyncVCode of a vendor-specific event."
    parameter1: int | None = None
    "Parameter1 of an Asynchronous Message, where its event gives it a meaning."
    parameter2: int | None = None
    "Parameter2, likewise."
    parameter3: int | None = None
    "Parameter3, likewise."
    specific_1: int | None = None
    "The 23 bits after F of a PDU whose opcode nobody knows."
    specific_8: str | None = None
    "Bytes 8 to 15 of such a PDU, in hexadecimal."
    specific_20: str | None = None
    "Bytes 20 to 47 of such a PDU, in hexadecimal."
    cdb: str | None = None
    "The whole command descriptor block in hexadecimal, as far as captured."
    operation: str | None = None
    "The SCSI command's name."
    lba: int | None = None
    "Logical block address, if the command has one."
    transfer_length: int | None = None
    "Number of logical blocks, if the command says it."
    vendor_fields: dict[str, int | str] | None = None
    "Header fields that a plug-in for a vendor-specific opcode declares."
