"""The fields of CDBs as columns: of SCSI Commands, whose header holds the first 16 bytes of the CDB.

CDBs of variable length, which go on in an additional header segment, are put together row by row and then read by
columns, too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dissectors.fields import Field
from dissectors.iscsi import layout as at
from dissectors.iscsi.ahs import full_cdb
from dissectors.scsi.commands import VARIABLE
from iscsi_analyzer.query import cdb_layout as c
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.header import Place, captured, number, one_of, opcodes
from iscsi_analyzer.query.inherited import inherited
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store.columns import Array, Numbers, attached
from iscsi_analyzer.store.device_types import DeviceTypes

_CONNECTION_AT: Final = 24


class CdbReader:
    """Reads one field of CDBs, wherever the commands have it."""

    def __init__(self, name: str, signed: bool = False) -> None:
        self._name = name
        self._signed = signed

    def __call__(self, scope: Scope) -> Values:
        present: Mask = np.zeros(scope.count, dtype=np.bool_)
        data: Array = np.zeros(scope.count, dtype=self._kind(scope))
        command = opcodes(scope) == at.OP_SCSI_COMMAND
        there = captured(scope)
        if there is not None:
            command &= there > at.AT_CDB
        if not command.any():
            return Values(data, present)
        first = number(scope, _in_cdb(Place(0, 1, 0xFF)))
        for device_type, here in _devices(scope, command):
            for spot, commands in c.layout(device_type).get(self._name, {}).items():
                if spot.place.end <= at.CDB_LENGTH:
                    self._take(scope, spot, here & _among(scope, first, commands, there), data, present, there)
            long = np.flatnonzero(here & (first == VARIABLE))
            if len(long):
                self._long(scope, long, device_type, data, present)
        return Values(data, present)

    def _kind(self, scope: Scope) -> str:
        """The smallest type of numbers that holds every value."""
        if self._signed:
            return "i8"
        types = {None, *(unit.device_type for unit in attached(scope.moment.store, DeviceTypes).others())}
        spots = [spot for device_type in types for spot in c.layout(device_type).get(self._name, {})]
        width = max((spot.place.width for spot in spots), default=1)
        return {1: "u1", 2: "u2", 3: "u4", 4: "u4"}.get(width, "u8")

    def _take(
        self, scope: Scope, spot: c.Spot, here: Mask, data: Array, present: Mask, there: NDArray[np.uint8] | None
    ) -> None:
        """Takes the values at one spot from the headers."""
        where = _in_cdb(spot.place)
        if there is not None:
            here = here & (there >= where.end)
        if not here.any():
            return
        values = number(scope, where)
        if spot.only is not None:
            here = here & one_of(values, spot.only)
        np.copyto(data, self._sign(values, spot.place), where=here, casting="unsafe")
        present |= here

    def _long(self, scope: Scope, rows: Numbers, device_type: int | None, data: Array, present: Mask) -> None:
        """Takes the values from CDBs of variable length."""
        cdbs, sizes = _long_cdbs(scope, rows)
        actions = np.where(sizes < 10, -1, cdbs[:, 8].astype(np.int64) << 8 | cdbs[:, 9])  # -1: not captured
        known = c.variable_actions(device_type)
        for spot, commands in c.layout(device_type).get(self._name, {}).items():
            place = spot.place
            for action in np.unique(actions).tolist():
                if commands.long(action, known):
                    fits = (actions == action) & (sizes >= place.end)
                    values = _bytes_number(cdbs[fits], place)
                    data[rows[fits]] = self._sign(values, place)
                    present[rows[fits]] = True

    def _sign(self, values: Array, place: Place) -> Array:
        if not self._signed:
            return values
        room = 64 - 8 * place.width
        signed: Array = values.astype(np.uint64).view(np.int64) << room >> room
        return signed


def _in_cdb(place: Place) -> Place:
    return Place(at.AT_CDB + place.offset, place.width, place.mask)


def _among(scope: Scope, first: NDArray[np.uint8], commands: c.Commands, there: NDArray[np.uint8] | None) -> Mask:
    """Where the CDB is one of `commands`, by operation code and service action; variable length is left out."""
    found = one_of(first, commands.opcodes)
    for opcode, actions in commands.actions.items():
        here: Mask = first == opcode
        if here.any():
            here &= one_of(number(scope, _in_cdb(Place(1, 1, 0x1F))), actions)
            if there is not None:
                here &= there >= at.AT_CDB + 2
            found |= here
    return found


def _devices(scope: Scope, command: Mask) -> list[tuple[int | None, Mask]]:
    """The commands by the type of the device that they go to, as far as it makes a difference."""
    found: list[tuple[int | None, Mask]] = []
    others = attached(scope.moment.store, DeviceTypes).others()
    rest = command
    if others:
        connection, numbers = scope.column(_CONNECTION_AT, "<u4"), scope.numbers() + 1
        lun = number(scope, Place(at.AT_LUN, 8, (1 << 64) - 1))
        for unit in others:
            here = command & (connection == unit.connection) & (lun == np.uint64(unit.lun)) & (numbers > unit.since)
            found.append((unit.device_type, here))
            rest = rest & ~here
    return [(None, rest), *found]


def _long_cdbs(scope: Scope, places: Numbers) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The CDBs of variable length at these places of the scope, cut or filled up to LONGEST bytes; and how many bytes
    of each are there and belong to it."""
    store = scope.moment.store
    cdbs = np.zeros((len(places), c.LONGEST), dtype=np.uint8)
    sizes = np.zeros(len(places), dtype=np.int64)
    for index, row in enumerate(scope.numbers()[places].tolist()):
        found = store.row(row + 1)
        cdb = full_cdb(found.header[: found.header_captured], store.ahs(row + 1))
        length = 8 + cdb[7] if len(cdb) > 7 else len(cdb)
        part = cdb[: min(length, c.LONGEST)]
        cdbs[index, : len(part)] = np.frombuffer(part, dtype=np.uint8)
        sizes[index] = len(part)
    return cdbs, sizes


def _bytes_number(cdbs: NDArray[np.uint8], place: Place) -> NDArray[np.uint64]:
    values = np.zeros(len(cdbs), dtype=np.uint64)
    for offset in range(place.offset, place.end):
        values = values << np.uint64(8) | cdbs[:, offset]
    return (values & np.uint64(place.mask)) >> np.uint64(place.shift)


def cdb_fields() -> list[f.QueryField]:
    """Every field of a CDB that has a name in the filter language."""
    found = [_field(name, row) for name, row in c.declared().items()]
    opcode = Names(c.opcode_words(), None, 0xFF)
    for name in c.OPCODE_NAMES:
        about = "operation code of the CDB; Data-In, Data-Out and SCSI Response have that of their command"
        found.append(f.QueryField(name, f.NUMBER, Level.PDU, about, inherited(CdbReader(name)), opcode, 0xFF))
    for name, about, largest in _CONTROL:
        found.append(_number(name, f"{about} of the CDB", largest))
    return found


_CONTROL: Final = (
    ("scsi.cdb.control", "control byte", 0xFF),
    ("scsi.cdb.control.vendorspecific", "vendor specific bits of the control byte", 0xFF),
    ("scsi.cdb.control.naca", "NACA", 1),
    ("scsi.cdb.control.obs1", "FLAG (obsolete)", 1),
    ("scsi.cdb.control.obs2", "LINK (obsolete)", 1),
    ("scsi.spc.addcdblen", "additional CDB length", 0xFF),
    ("scsi.mode.spc.pagecode", "page code of a mode page that SPC defines", 0xFF),
)


def _number(name: str, about: str, largest: int) -> f.QueryField:
    kind = f.BOOLEAN if largest == 1 else f.NUMBER
    return f.QueryField(name, kind, Level.PDU, about, CdbReader(name), largest=largest)


def _field(name: str, row: Field) -> f.QueryField:
    reader = CdbReader(name, c.is_signed(row))
    about = f"{row.label} of the CDB"
    if c.is_flag(row):
        return f.QueryField(name, f.BOOLEAN, Level.PDU, about, reader, largest=1)
    names = None if row.words is None else Names(row.words, None, row.largest)
    room = 8 * row.width
    least = -1 << room - 1 if c.is_signed(row) else 0
    return f.QueryField(name, f.NUMBER, Level.PDU, about, reader, names, (1 << room) - 1, least)
