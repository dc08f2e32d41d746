"""What a logical unit supports: REPORT SUPPORTED OPERATION CODES and SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-5)."""

from __future__ import annotations

from dissectors.fields import Node, Words
from dissectors.scsi.cdb import operation_name
from dissectors.scsi.tables import announced, flag, group, nodes, number, octets, rest

_ALL_HEAD = (number("command_data_length", "Command data length", 0, 4, 0, "scsi.report_opcodes.command_data_length"),)
_COMMAND = (
    number("operation_code", "Operation code", 0, base="hex"),
    number("service_action", "Service action", 2, 2, 0, "scsi.report_opcodes.service_action", base="hex"),
    flag("ctdp", "CTDP, timeouts follow", 5, 0x02, "scsi.report_opcodes.ctdp"),
    flag("servactv", "SERVACTV, service action valid", 5, 0x01, "scsi.report_opcodes.servactv"),
    number("cdb_length", "CDB length", 6, 2, 0, "scsi.report_opcodes.cdb_length"),
)
_TIMEOUTS = (
    number("length", "Timeouts descriptor length", 0, 2, 0, "scsi.report_opcodes.timeout_descriptor_length"),
    number("command_specific", "Command specific", 3, base="hex"),
    number("nominal_timeout", "Nominal command processing timeout (s)", 4, 4, 0, "scsi.report_opcodes.ncpt"),
    number("recommended_timeout", "Recommended command timeout (s)", 8, 4, 0, "scsi.report_opcodes.rct"),
)
_SUPPORT = Words(
    {
        0: "Not available now",
        1: "Not supported",
        3: "Supported as in the standard",
        5: "Supported in a vendor specific way",
    },
    other="Reserved",
)
_ONE_COMMAND = (
    flag("ctdp", "CTDP, timeouts follow", 1, 0x80, "scsi.report_opcodes_one.ctdp"),
    number("support", "Support", 1, 1, 0x07, "scsi.report_opcodes.support", _SUPPORT),
    number("cdb_size", "CDB size", 2, 2, 0, "scsi.report_opcodes.cdb_length"),
)


def operation_codes_data(data: bytes, one: bool, device_type: int | None = None) -> list[Node]:
    """REPORT SUPPORTED OPERATION CODES data; `one` if the CDB asked for a single command."""
    if not data:
        return []
    if one:
        return _one_command(data)
    length = 4 + int.from_bytes(data[:4], "big") if len(data) >= 4 else 4
    end = min(length, len(data))
    children = nodes(_ALL_HEAD, data)
    at = 4
    count = 0
    while at < end:
        with_timeouts = at + 6 <= end and bool(data[at + 5] & 0x02)
        stop = min(end, at + (20 if with_timeouts else 8))
        parts = nodes(_COMMAND, data, at, stop)
        if with_timeouts:
            parts += nodes(_TIMEOUTS, data, at + 8, stop)
        name = operation_name(_sample_cdb(data[at:stop]), device_type)
        children.append(group("Command", data, at, stop, parts, name))
        count += 1
        at = stop
    result = group("Supported commands", data, 0, end, children, announced(f"{count} commands", data, length))
    return [result, *rest("Bytes after the list", data, end)]


def _sample_cdb(descriptor: bytes) -> bytes:
    """The bytes that name the command of a descriptor: operation code and service action where a CDB has them."""
    if descriptor[0] == 0x7F:
        return descriptor[:1] + bytes(7) + descriptor[2:4]
    return descriptor[:1] + descriptor[3:4]


def _one_command(data: bytes) -> list[Node]:
    """The answer about a single command."""
    children = nodes(_ONE_COMMAND, data)
    at = 4
    if len(data) >= 4:
        size = int.from_bytes(data[2:4], "big")
        usage = octets("cdb_usage", "CDB usage data", 4, min(size, len(data) - 4), "scsi.report_opcodes.cdb_usage_data")
        children += nodes((usage,), data) if usage.width else []
        at += usage.width
        if data[1] & 0x80:
            children += nodes(_TIMEOUTS, data, at)
            at = min(at + 12, len(data))
    text = children[1].text if len(children) > 1 else ""
    return [group("Supported command", data, 0, at, children, text), *rest("Bytes after the command", data, at)]


_FUNCTIONS = (
    flag("ats", "ATS, ABORT TASK", 0, 0x80),
    flag("atss", "ATSS, ABORT TASK SET", 0, 0x40),
    flag("cacas", "CACAS, CLEAR ACA", 0, 0x20),
    flag("ctss", "CTSS, CLEAR TASK SET", 0, 0x10),
    flag("lurs", "LURS, LOGICAL UNIT RESET", 0, 0x08),
    flag("qts", "QTS, QUERY TASK", 0, 0x04),
    flag("trs", "TRS, TARGET RESET (obsolete)", 0, 0x02),
    flag("wakes", "WAKES, WAKEUP (obsolete)", 0, 0x01),
    flag("qaes", "QAES, QUERY ASYNCHRONOUS EVENT", 1, 0x04),
    flag("qtss", "QTSS, QUERY TASK SET", 1, 0x02),
    flag("itnrs", "ITNRS, I_T NEXUS RESET", 1, 0x01),
)


def task_management_data(data: bytes) -> list[Node]:
    """REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS data."""
    children = nodes(_FUNCTIONS, data)
    text = ", ".join(child.label.partition(", ")[2] for child in children if child.value)
    return [group("Supported task management functions", data, 0, len(data), children, text)] if data else []
