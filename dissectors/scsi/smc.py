"""Commands of media changers, tape and disc libraries (SMC). A table, read by cdb.py."""

from __future__ import annotations

from typing import Final

from dissectors.fields import Field, Words
from dissectors.scsi.commands import NONE, READ, WRITE, Command, allocation, parameters, row
from dissectors.scsi.tables import flag, number

ELEMENT_TYPES: Final = Words(
    {
        0: "All element types",
        1: "Medium transport element",
        2: "Storage element",
        3: "Import/export element",
        4: "Data transfer element",
    },
    other="Reserved",
)

_TRANSPORT = number("medium_transport_address", "Medium transport address", 2, 2, 0, "scsi_smc.mta")
_SOURCE = number("source_address", "Source address", 4, 2, 0, "scsi_smc.sa")
_VOLTAG = flag("voltag", "VOLTAG", 1, 0x10, "scsi_smc.voltag")
_TYPE = number("element_type_code", "Element type code", 1, 1, 0x0F, "scsi_smc.element_type_code", ELEMENT_TYPES)
_MOVE = (
    _TRANSPORT,
    _SOURCE,
    number("destination_address", "Destination address", 6, 2, 0, "scsi_smc.da"),
    flag("invert", "INVERT", 10, 0x01, "scsi_smc.invert"),
)
_STATUS = (
    _VOLTAG,
    _TYPE,
    number("starting_element_address", "Starting element address", 2, 2, 0, "scsi_smc.starting_element_address"),
    number("number_of_elements", "Number of elements", 4, 2, 0, "scsi_smc.number_of_elements"),
)


def _reserve(*length: Field) -> tuple[Field, ...]:
    return (
        flag("element", "ELEMENT", 1, 0x01),
        number("reservation_id", "Reservation identification", 2),
        *length,
    )


COMMANDS: Final[tuple[Command, ...]] = (
    row(0x07, "INITIALIZE ELEMENT STATUS", NONE),
    row(0x16, "RESERVE ELEMENT(6)", WRITE, *_reserve(parameters(3, 2)), moves="parameter_list_length"),
    row(0x17, "RELEASE ELEMENT(6)", NONE, *_reserve()),
    row(
        0x1B,
        "OPEN/CLOSE IMPORT/EXPORT ELEMENT",
        NONE,
        number("element_address", "Element address", 2, 2, 0, "scsi_smc.ea"),
        number(
            "action_code",
            "Action code",
            4,
            1,
            0x1F,
            "scsi_smc.action_code",
            Words({0: "Open", 1: "Close"}, other="Reserved"),
        ),
    ),
    row(
        0x2B,
        "POSITION TO ELEMENT",
        NONE,
        _TRANSPORT,
        number("destination_address", "Destination address", 4, 2, 0, "scsi_smc.da"),
        flag("invert", "INVERT", 8, 0x01, "scsi_smc.invert"),
    ),
    row(
        0x37,
        "INITIALIZE ELEMENT STATUS WITH RANGE",
        NONE,
        flag("fast", "FAST", 1, 0x02, "scsi_smc.fast"),
        flag("range", "RANGE", 1, 0x01, "scsi_smc.range"),
        number("starting_element_address", "Starting element address", 2, 2, 0, "scsi_smc.starting_element_address"),
        number("number_of_elements", "Number of elements", 6, 2, 0, "scsi_smc.num_elements"),
    ),
    row(0x56, "RESERVE ELEMENT(10)", WRITE, *_reserve(parameters(7, 2)), moves="parameter_list_length"),
    row(0x57, "RELEASE ELEMENT(10)", NONE, *_reserve()),
    row(0xA5, "MOVE MEDIUM", NONE, *_MOVE),
    row(
        0xA6,
        "EXCHANGE MEDIUM",
        NONE,
        _TRANSPORT,
        _SOURCE,
        number("first_destination_address", "First destination address", 6, 2, 0, "scsi_smc.fda"),
        number("second_destination_address", "Second destination address", 8, 2, 0, "scsi_smc.sda"),
        flag("inv1", "INV1", 10, 0x02, "scsi_smc.inv1"),
        flag("inv2", "INV2", 10, 0x01, "scsi_smc.inv2"),
    ),
    row(0xA7, "MOVE MEDIUM ATTACHED", NONE, *_MOVE),
    row(0xB4, "READ ELEMENT STATUS ATTACHED", READ, *_STATUS, allocation(7, 3, "scsi_smc.allocation_length")),
    row(0xB5, "REQUEST VOLUME ELEMENT ADDRESS", READ, *_STATUS, allocation(7, 3, "scsi_smc.allocation_length")),
    row(
        0xB6,
        "SEND VOLUME TAG",
        WRITE,
        _TYPE,
        number("starting_element_address", "Starting element address", 2, 2),
        number("send_action_code", "Send action code", 5, 1, 0x1F, base="hex"),
        parameters(8, 2),
        moves="parameter_list_length",
    ),
    row(
        0xB8,
        "READ ELEMENT STATUS",
        READ,
        *_STATUS,
        flag("curdata", "CURDATA", 6, 0x02, "scsi_smc.curdata"),
        flag("dvcid", "DVCID", 6, 0x01, "scsi_smc.dvcid"),
        allocation(7, 3, "scsi_smc.allocation_length"),
    ),
)
