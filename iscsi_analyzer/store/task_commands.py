"""What the SCSI commands of tasks ask for, as columns: operation, logical block address, number of blocks.

The declarations of the CDBs in `dissectors.scsi` say where the fields are; here they are read for all tasks of one
command at once. Row i is task i + 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dissectors.fields import Field
from dissectors.iscsi.ahs import full_cdb
from dissectors.scsi.cdb import Cdb, parse_cdb
from dissectors.scsi.commands import SERVICE_ACTION_CODES, VARIABLE
from iscsi_analyzer.model.task import KIND_SCSI
from iscsi_analyzer.store.columns import Array, Numbers, attached
from iscsi_analyzer.store.device_types import device_types
from iscsi_analyzer.store.store import Store
from iscsi_analyzer.store.tasks import TaskColumns, task_columns

_HAS_LBA: Final = 1
_HAS_BLOCKS: Final = 2
_KIND: Final = np.dtype([("lba", "<u8"), ("blocks", "<u4"), ("operation", "<u4"), ("known", "u1")])


class Asked(NamedTuple):
    """A column of numbers, and for which tasks there is one."""

    values: Array
    known: NDArray[np.bool_]


class TaskCommands:
    """The commands of the tasks of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._types = device_types(store)
        self.tasks: TaskColumns = attached(store, TaskColumns)
        self.names: list[str] = [""]
        "Names of operations; a code of `operation()` is an index into it. It grows, and starts with the empty name."
        self._codes: dict[str, int] = {"": 0}

    def lba(self) -> Asked:
        """The first logical block, of the commands that name one."""
        found = self._column()
        return Asked(found["lba"], found["known"] & _HAS_LBA != 0)

    def blocks(self) -> Asked:
        """The number of logical blocks, of the commands that count them behind an LBA."""
        found = self._column()
        return Asked(found["blocks"], found["known"] & _HAS_BLOCKS != 0)

    def operation(self) -> NDArray[np.uint32]:
        """The command's name as an index into `names`; 0 where it is not known or the task is no SCSI command."""
        codes: NDArray[np.uint32] = self._column()["operation"]
        return codes

    def _column(self) -> Array:
        return self.tasks.rows.column("commands", _KIND, self._fill)

    def _fill(self, start: int, end: int) -> Array:
        found: Array = np.zeros(end - start, dtype=_KIND)
        cdbs = self.tasks.cdb(start, end)
        captured = self.tasks.cdb_captured(start, end)
        scsi = (self.tasks.field("kind")[start:end] == KIND_SCSI) & (captured > 0)
        long = scsi & (cdbs[:, 0] == VARIABLE)
        for index in np.flatnonzero(long).tolist():
            self._take(found, index, self._long(start + index, int(captured[index])))
        for members, cdb in self._groups(cdbs, captured, np.flatnonzero(scsi & ~long), start, end):
            found["operation"][members] = self._code(cdb.name)
            _read(found, members, cdbs, captured, cdb)
        return found

    def _long(self, index: int, captured: int) -> Cdb:
        """The CDB of task `index`, of variable length: most of it is in an additional header segment."""
        field = self.tasks.field
        number = int(field("request")[index])
        kind = self._types.of(int(field("connection")[index]), int(field("lun")[index]), number)
        header = self._store.row(number).header[: 32 + captured]
        return parse_cdb(full_cdb(header, self._store.ahs(number)), kind)

    def _take(self, found: Array, index: int, cdb: Cdb) -> None:
        found["operation"][index] = self._code(cdb.name)
        if cdb.lba is not None:
            found["lba"][index] = cdb.lba
            found["known"][index] |= _HAS_LBA
        if cdb.blocks is not None:
            found["blocks"][index] = cdb.blocks
            found["known"][index] |= _HAS_BLOCKS

    def _groups(
        self, cdbs: NDArray[np.uint8], captured: NDArray[np.uint8], members: Numbers, start: int, end: int
    ) -> Iterator[tuple[Numbers, Cdb]]:
        """The tasks of each command, and an example of their CDB."""
        action = _WITH_ACTION[cdbs[members, 0]]
        keys = cdbs[members, 0].astype(np.uint32) | np.where(action, cdbs[members, 1] & 0x1F, 0).astype(np.uint32) << 8
        keys |= self._device_types(members, start, end).astype(np.uint32) << 16
        keys |= (action & (captured[members] < 2)).astype(np.uint32) << 24
        for key, same in _alike(keys, members):
            example = cdbs[same[0]].tobytes()
            kind = (key >> 16 & 0xFF) - 1
            yield same, parse_cdb(example[:1] if key >> 24 else example, None if kind < 0 else kind)

    def _device_types(self, members: Numbers, start: int, end: int) -> NDArray[np.uint8]:
        """One more than the device type, where it changes how CDBs read; else 0."""
        types = np.zeros(len(members), dtype=np.uint8)
        others = self._types.others()
        if others:
            request, connection, lun = (
                self.tasks.field(name)[start:end][members] for name in ("request", "connection", "lun")
            )
            for unit in others:
                here = (connection == unit.connection) & (lun == unit.lun) & (request > unit.since)
                types[here] = unit.device_type + 1
        return types

    def _code(self, name: str) -> int:
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = len(self.names)
            self.names.append(name)
        return code


def _alike(keys: NDArray[np.uint32], members: Numbers) -> Iterator[tuple[int, Numbers]]:
    """The members with the same key, for each key. Few keys are the rule, and quick."""
    for _ in range(_FEW):
        if not len(keys):
            return
        key = keys[0]
        same = keys == key
        yield int(key), members[same]
        keys, members = keys[~same], members[~same]
    for other in np.unique(keys).tolist():
        yield other, members[keys == other]


_FEW: Final = 24
_WITH_ACTION: Final = np.isin(np.arange(256), sorted(SERVICE_ACTION_CODES))


def _read(found: Array, members: Numbers, cdbs: NDArray[np.uint8], captured: NDArray[np.uint8], cdb: Cdb) -> None:
    """Reads LBA and number of blocks of all `members`, whose command is that of `cdb`."""
    command = cdb.command
    chosen = slice(None) if len(members) == len(found) else members
    own, sizes = cdbs[chosen], captured[chosen]
    for field in command.fields:
        if field.name == "lba":
            found["lba"][chosen] = _values(field, own)
            bit = _HAS_LBA
        elif field.name == command.count:
            blocks = _values(field, own)
            found["blocks"][chosen] = np.where(blocks == 0, np.uint64(max(command.zero_blocks, 0)), blocks)
            bit = _HAS_BLOCKS
        else:
            continue
        found["known"][chosen] |= np.where(sizes >= field.offset + field.width, np.uint8(bit), np.uint8(0))


def _values(field: Field, cdbs: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The field in each of the CDBs."""
    part = cdbs[:, field.offset : field.offset + field.width]
    if field.width in (1, 2, 4, 8):
        values = np.ascontiguousarray(part).view(f">u{field.width}")[:, 0].astype(np.uint64)
    else:
        values = np.zeros(len(cdbs), dtype=np.uint64)
        for place in range(field.width):
            values = values << np.uint64(8) | part[:, place]
    if field.mask:
        values = (values & np.uint64(field.mask)) >> np.uint64(field.shift)
    return values


def task_commands(store: Store) -> TaskCommands:
    """The commands of the tasks of a store, as of now: the same object each time, refreshed."""
    commands = attached(store, TaskCommands)
    task_columns(store)
    return commands
