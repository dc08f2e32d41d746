"""Which kind of device a logical unit is, as far as INQUIRY data in the capture tells: needed to read CDBs, whose
operation codes mean different commands to tapes, changers and optical drives.

Looks only at data that the first pass kept.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from dissectors.iscsi import layout as at
from iscsi_analyzer.store.columns import attached
from iscsi_analyzer.store.store import Store

MAX_UNITS: Final = 1 << 16
"Logical units of all connections whose type is remembered."

_INQUIRY = 0x12


class Unit(NamedTuple):
    """The type of one logical unit, as one connection saw it."""

    connection: int
    lun: int
    "The 8 bytes of the LUN field as one number."
    since: int
    "The PDU that told the type first; commands before it are read without knowing it."
    device_type: int
    "Peripheral device type, 0 to 31."


class DeviceTypes:
    """The types of the logical units in a store that may still grow."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = 0
        self._units: dict[tuple[int, int], Unit] = {}

    def units(self) -> list[Unit]:
        """Every unit whose type is known by now."""
        self._look()
        return list(self._units.values())

    def others(self) -> list[Unit]:
        """The units that are no block devices: those whose CDBs read differently."""
        return [unit for unit in self.units() if unit.device_type not in (0x00, 0x04, 0x07, 0x0E, 0x14)]

    def of(self, connection: int, lun: int, number: int) -> int | None:
        """The type of a unit as known when PDU `number` came; None if it was not."""
        self._look()
        unit = self._units.get((connection, lun))
        return unit.device_type if unit is not None and unit.since < number else None

    def _look(self) -> None:
        store = self._store
        seen = self._seen
        numbers = store.kept_numbers(seen)
        for number in numbers:
            row = store.row(number)
            if row.opcode != at.OP_DATA_IN or not row.request or len(self._units) >= MAX_UNITS:
                continue
            command = store.row(row.request).header
            data = store.kept_data(number)
            standard = command[at.AT_CDB] == _INQUIRY and not command[at.AT_CDB + 1] & 1
            # Qualifier 0: there is a device; buffer offset 0: the data begins here.
            if standard and data and data[0] >> 5 == 0 and row.header[40:44] == bytes(4):
                lun = int.from_bytes(command[8:16], "big")
                unit = Unit(row.connection, lun, number, data[0] & 0x1F)
                self._units.setdefault((row.connection, lun), unit)
        # Only now: two threads that look at the same time see the same data twice, rather than some of it never.
        self._seen = seen + len(numbers)


def device_types(store: Store) -> DeviceTypes:
    """The types of the logical units of a store: the same object each time."""
    return attached(store, DeviceTypes)
