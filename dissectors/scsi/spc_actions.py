"""Commands of SPC that a service action makes: third-party copy, access controls, attributes, maintenance in and out.

A table, read by cdb.py.
"""

from __future__ import annotations

from typing import Final

from dissectors.fields import Words
from dissectors.scsi.commands import NONE, OTHER, READ, WRITE, Command, allocation, family, named, parameters, row
from dissectors.scsi.tables import flag, number, octets

_PARAMETERS_10 = parameters(10, 4, "scsi.extcopy.param_list_len")
_LIST_ID_1 = number("list_identifier", "List identifier", 2, 1, 0, "", None, "hex")
_LIST_ID_4 = number("list_identifier", "List identifier", 2, 4, 0, "", None, "hex")
_TOKEN = (
    number("list_identifier", "List identifier", 6, 4, 0, "", None, "hex"),
    _PARAMETERS_10,
    number("group_number", "Group number", 14, 1, 0x3F),
)
_ALLOCATION_6 = allocation(6, 4, "scsi.cdb.alloclen32")
_ALLOCATION_10 = allocation(10, 4, "scsi.cdb.alloclen32")
_PARAMETERS_6 = parameters(6, 4)


COMMANDS: Final[tuple[Command, ...]] = (
    row(0x7F, "RECEIVE CREDENTIAL", READ, allocation(10, 2), sa=0x1800),
    *named(0x83, WRITE, {0x00: "EXTENDED COPY(LID1)", 0x01: "EXTENDED COPY(LID4)"}, _PARAMETERS_10),
    *named(0x83, WRITE, {0x10: "POPULATE TOKEN", 0x11: "WRITE USING TOKEN"}, *_TOKEN),
    row(0x83, "SET TAPE STREAM MIRRORING", WRITE, _PARAMETERS_10, sa=0x16),
    row(0x83, "COPY OPERATION ABORT", NONE, _LIST_ID_4, sa=0x1C),
    *named(
        0x84,
        READ,
        {
            0x00: "RECEIVE COPY STATUS(LID1)",
            0x01: "RECEIVE COPY DATA(LID1)",
            0x04: "RECEIVE COPY FAILURE DETAILS(LID1)",
        },
        _LIST_ID_1,
        _ALLOCATION_10,
    ),
    *named(
        0x84,
        READ,
        {
            0x05: "RECEIVE COPY STATUS(LID4)",
            0x06: "RECEIVE COPY DATA(LID4)",
            0x07: "RECEIVE ROD TOKEN INFORMATION",
        },
        _LIST_ID_4,
        _ALLOCATION_10,
    ),
    *named(
        0x84,
        READ,
        {
            0x03: "RECEIVE COPY OPERATING PARAMETERS",
            0x08: "REPORT ALL ROD TOKENS",
            0x16: "REPORT TAPE STREAM MIRRORING",
        },
        _ALLOCATION_10,
    ),
    *family(
        0x86,
        "ACCESS CONTROL IN",
        READ,
        {
            0x00: "REPORT ACL",
            0x01: "REPORT LU DESCRIPTORS",
            0x02: "REPORT ACCESS CONTROLS LOG",
            0x03: "REPORT OVERRIDE LOCKOUT TIMER",
            0x04: "REQUEST PROXY TOKEN",
        },
        octets("management_identifier_key", "Management identifier key or LUN", 2, 8),
        _ALLOCATION_10,
    ),
    *family(
        0x87,
        "ACCESS CONTROL OUT",
        WRITE,
        {
            0x00: "MANAGE ACL",
            0x01: "DISABLE ACCESS CONTROLS",
            0x02: "ACCESS ID ENROLL",
            0x03: "CANCEL ENROLLMENT",
            0x04: "CLEAR ACCESS CONTROLS LOG",
            0x05: "MANAGE OVERRIDE LOCKOUT TIMER",
            0x06: "OVERRIDE MGMT ID KEY",
            0x07: "REVOKE PROXY TOKEN",
            0x08: "REVOKE ALL PROXY TOKENS",
            0x09: "ASSIGN PROXY LUN",
            0x0A: "RELEASE PROXY LUN",
        },
        parameters(10, 4),
        moves="parameter_list_length",
    ),
    *family(
        0x8C,
        "READ ATTRIBUTE",
        READ,
        {
            0x00: "ATTRIBUTE VALUES",
            0x01: "ATTRIBUTE LIST",
            0x02: "LOGICAL VOLUME LIST",
            0x03: "PARTITION LIST",
            0x05: "SUPPORTED ATTRIBUTES",
        },
        number("logical_volume_number", "Logical volume number", 5),
        number("partition_number", "Partition number", 7),
        number("first_attribute_identifier", "First attribute identifier", 8, 2, base="hex"),
        _ALLOCATION_10,
        flag("cache", "CACHE", 14, 0x01),
    ),
    *named(
        0xA3,
        READ,
        {
            0x00: "REPORT ASSIGNED/UNASSIGNED P_EXTENT",
            0x01: "REPORT COMPONENT DEVICE",
            0x02: "REPORT COMPONENT DEVICE ATTACHMENTS",
            0x03: "REPORT PERIPHERAL DEVICE",
            0x04: "REPORT PERIPHERAL DEVICE ASSOCIATIONS",
            0x06: "REPORT STATES",
            0x07: "REPORT DEVICE IDENTIFICATION",
            0x08: "REPORT UNCONFIGURED CAPACITY",
            0x09: "REPORT SUPPORTED CONFIGURATION METHOD",
            0x0B: "REPORT ALIASES",
            0x0F: "REPORT TIMESTAMP",
            0x1D: "REPORT PROVISIONING INITIALIZATION PATTERN",
            0x1E: "READ DYNAMIC RUNTIME ATTRIBUTE",
        },
        _ALLOCATION_6,
    ),
    row(
        0xA3,
        "REPORT IDENTIFYING INFORMATION",
        READ,
        _ALLOCATION_6,
        number("information_type", "Identifying information type", 10, 1, 0xFE),
        sa=0x05,
    ),
    row(
        0xA3,
        "REPORT TARGET PORT GROUPS",
        READ,
        number(
            "parameter_data_format",
            "Parameter data format",
            1,
            1,
            0xE0,
            "",
            Words({0: "Length only header", 1: "Extended header"}, other="Reserved"),
        ),
        _ALLOCATION_6,
        sa=0x0A,
    ),
    row(
        0xA3,
        "REPORT SUPPORTED OPERATION CODES",
        READ,
        flag("rctd", "RCTD", 2, 0x80, "scsi.report_opcodes.rctd"),
        number("reporting_options", "Reporting options", 2, 1, 0x07, "scsi.report_opcodes.options"),
        number(
            "requested_operation_code",
            "Requested operation code",
            3,
            1,
            0,
            "scsi.report_opcodes.requested_operation_code",
            base="hex",
        ),
        number(
            "requested_service_action",
            "Requested service action",
            4,
            2,
            0,
            "scsi.report_opcodes.requested_service_action",
            base="hex",
        ),
        _ALLOCATION_6,
        sa=0x0C,
    ),
    row(
        0xA3,
        "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS",
        READ,
        flag("repd", "REPD", 2, 0x80),
        _ALLOCATION_6,
        sa=0x0D,
    ),
    row(
        0xA3,
        "REPORT PRIORITY",
        READ,
        number("priority_reported", "Priority reported", 2, 1, 0xC0),
        _ALLOCATION_6,
        sa=0x0E,
    ),
    row(
        0xA3,
        "MANAGEMENT PROTOCOL IN",
        READ,
        number("management_protocol", "Management protocol", 3, base="hex"),
        number("management_protocol_specific", "Management protocol specific", 4, 2, base="hex"),
        _ALLOCATION_6,
        sa=0x10,
    ),
    *named(
        0xA4,
        WRITE,
        {
            0x00: "ADD PERIPHERAL DEVICE/COMPONENT DEVICE",
            0x01: "ATTACH TO COMPONENT DEVICE",
            0x02: "EXCHANGE P_EXTENT",
            0x03: "EXCHANGE PERIPHERAL DEVICE/COMPONENT DEVICE",
            0x04: "INSTRUCT COMPONENT DEVICE",
            0x05: "REMOVE PERIPHERAL DEVICE/COMPONENT DEVICE",
            0x07: "BREAK PERIPHERAL DEVICE/COMPONENT DEVICE",
            0x0A: "SET TARGET PORT GROUPS",
            0x0B: "CHANGE ALIASES",
            0x0C: "REMOVE I_T NEXUS",
            0x0F: "SET TIMESTAMP",
            0x1E: "WRITE DYNAMIC RUNTIME ATTRIBUTE",
        },
        _PARAMETERS_6,
    ),
    row(
        0xA4,
        "SET IDENTIFYING INFORMATION",
        WRITE,
        _PARAMETERS_6,
        number("information_type", "Identifying information type", 10, 1, 0xFE),
        sa=0x06,
    ),
    row(0xA4, "SET PRIORITY", WRITE, number("priority", "I_T_L nexus to set", 2, 1, 0xC0), _PARAMETERS_6, sa=0x0E),
    row(
        0xA4,
        "MANAGEMENT PROTOCOL OUT",
        WRITE,
        number("management_protocol", "Management protocol", 3, base="hex"),
        number("management_protocol_specific", "Management protocol specific", 4, 2, base="hex"),
        _PARAMETERS_6,
        sa=0x10,
    ),
    row(0x9E, "RECEIVE BINDING REPORT", READ, _ALLOCATION_10, sa=0x0F),
    *named(
        0x9F,
        OTHER,
        {
            0x0B: "TEST BIND",
            0x0C: "PREPARE BINDING REPORT",
            0x0D: "SET AFFILIATION",
            0x0E: "BIND",
            0x0F: "UNBIND",
            0x1F: "NOTIFY DATA TRANSFER DEVICE(16)",
        },
    ),
    row(0xA9, "SET MEDIUM ATTRIBUTE", WRITE, _PARAMETERS_6, sa=0x1F),
    row(0xAB, "READ MEDIA SERIAL NUMBER", READ, allocation(6, 4), sa=0x01),
)

FAMILIES: Final[dict[int, tuple[str, str]]] = {
    0x48: ("SANITIZE", OTHER),
    0x5E: ("PERSISTENT RESERVE IN", READ),
    0x5F: ("PERSISTENT RESERVE OUT", WRITE),
    0x7F: ("VARIABLE LENGTH CDB", OTHER),
    0x83: ("THIRD-PARTY COPY OUT", WRITE),
    0x84: ("THIRD-PARTY COPY IN", READ),
    0x86: ("ACCESS CONTROL IN", READ),
    0x87: ("ACCESS CONTROL OUT", WRITE),
    0x8C: ("READ ATTRIBUTE", READ),
    0x94: ("ZBC OUT", OTHER),
    0x95: ("ZBC IN", READ),
    0x9D: ("SERVICE ACTION BIDIRECTIONAL", OTHER),
    0x9E: ("SERVICE ACTION IN(16)", READ),
    0x9F: ("SERVICE ACTION OUT(16)", OTHER),
    0xA3: ("MAINTENANCE IN", READ),
    0xA4: ("MAINTENANCE OUT", WRITE),
    0xA9: ("SERVICE ACTION OUT(12)", OTHER),
    0xAB: ("SERVICE ACTION IN(12)", READ),
}
"What an operation code with service actions is called, and which way its data moves, if the service action is unknown."
