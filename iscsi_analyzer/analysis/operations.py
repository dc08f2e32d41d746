"""What the SCSI tasks were: operation names, the direction of their data, logical units and size classes, as small
numbers per task with the words that go with them.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dissectors.iscsi.ahs import full_cdb
from dissectors.scsi import operation_name, parse_lun
from dissectors.scsi.commands import SERVICE_ACTION_CODES, VARIABLE
from iscsi_analyzer.analysis.facts import Facts, Numbers
from iscsi_analyzer.model.task import NONE
from iscsi_analyzer.store.device_types import device_types

READ: Final = 1
WRITE: Final = 2
NO_DATA: Final = 0
BOTH: Final = 3
WAYS: Final = ("no data", "read", "write", "both")
"What the R and W bits of a SCSI Command say."

UNKNOWN: Final = "unknown command"
MAX_ACTIONS: Final = 4096
"Commands whose service actions are looked up; the others are named by their operation code."

SIZES: Final = (0, 4096, 16384, 65536, 262144, 1 << 20)
SIZE_WORDS: Final = ("no data", "up to 4 KiB", "up to 16 KiB", "up to 64 KiB", "up to 256 KiB", "up to 1 MiB", "more")
"Classes of the Expected Data Transfer Length: up to and with each of SIZES, then more."


class Operations:
    """The operations of all tasks of one store."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.names: list[str] = []
        "Names of operations; a code is an index into it."

    @cached_property
    def codes(self) -> NDArray[np.uint16]:
        """For each task an index into `names`. Of use for SCSI tasks only."""
        facts = self._facts
        request = facts.task("request")
        plain = facts.task("operation").astype(np.uint16)
        plain[request == 0] = 256  # the command is not in the capture
        present = np.bincount(plain[facts.scsi], minlength=257)
        types = {unit.device_type for unit in device_types(facts.store).others()}
        table = np.zeros(257, dtype=np.uint16)
        codes: dict[str, int] = {}

        def code(name: str) -> int:
            if name not in codes:
                codes[name] = len(self.names)
                self.names.append(name)
            return codes[name]

        several: list[int] = []
        for operation in np.flatnonzero(present).tolist():
            if operation == 256:
                table[operation] = code(UNKNOWN)
            elif operation in SERVICE_ACTION_CODES or operation in (VARIABLE, NONE) or types:
                several.append(operation)
            else:
                table[operation] = code(operation_name(bytes((operation,))))
        found: NDArray[np.uint16] = table[plain]
        for operation in several:
            for index in np.flatnonzero(facts.scsi & (plain == operation))[:MAX_ACTIONS].tolist():
                found[index] = code(self._name(int(request[index])))
        if any(present[operation] > MAX_ACTIONS for operation in several):
            self._rest(found, plain, present, several, code("other commands"))
        return found

    def _rest(
        self, found: NDArray[np.uint16], plain: NDArray[np.uint16], present: Numbers, several: list[int], other: int
    ) -> None:
        """Too many to look at each."""
        for operation in several:
            if present[operation] > MAX_ACTIONS:
                members = np.flatnonzero(self._facts.scsi & (plain == operation))
                names = np.unique(found[members[:MAX_ACTIONS]])
                found[members[MAX_ACTIONS:]] = names[0] if len(names) == 1 else other

    def _name(self, request: int) -> str:
        store = self._facts.store
        row = store.row(request)
        cdb = full_cdb(row.header[: row.header_captured], store.ahs(request)) if row.header_captured > 32 else b""
        lun = int.from_bytes(row.header[8:16], "big")
        return operation_name(cdb, device_types(store).of(row.connection, lun, request)) if cdb else UNKNOWN

    def name(self, index: int) -> str:
        """The name of the operation of one task."""
        code = int(self.codes[index])  # first: it fills the names
        return self.names[code]

    @cached_property
    def ways(self) -> NDArray[np.uint8]:
        """For each task an index into WAYS."""
        table = np.array([(flags >> 6) & 1 | (flags >> 4) & 2 for flags in range(256)], dtype=np.uint8)
        found: NDArray[np.uint8] = table[self._facts.task("flags")]
        return found

    @cached_property
    def sizes(self) -> NDArray[np.uint8]:
        """For each task an index into SIZE_WORDS."""
        return np.searchsorted(np.array(SIZES, dtype=np.uint32), self._facts.task("length")).astype(np.uint8)

    @cached_property
    def units(self) -> tuple[NDArray[np.uint16], list[int]]:
        """For each task the index of its LUN, and the LUNs: the 8 bytes as one number."""
        luns = self._facts.task("lun")
        if not np.any(luns & np.uint64((1 << 48) - 1)):
            short = (luns >> np.uint64(48)).astype(np.uint16)
            used = np.flatnonzero(np.bincount(short, minlength=1))
            table = np.zeros(int(used[-1]) + 1 if len(used) else 1, dtype=np.uint16)
            table[used] = np.arange(len(used))
            return table[short], [lun << 48 for lun in used.tolist()]
        values, index = np.unique(luns, return_inverse=True)
        return np.minimum(index, 0xFFFF).astype(np.uint16), values.tolist()[:0x10000]


def lun_text(lun: int) -> str:
    """A LUN as people say it: `0`, or its parts."""
    return parse_lun(lun.to_bytes(8, "big")).text
