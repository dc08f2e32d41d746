"""The logical unit that a PDU is about, as a number: from its own LUN field, or else from the command of its task."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dissectors.scsi.lun import parse_lun
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.inherited import inherited
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values

NAME: Final = "scsi.lun"
_PERIPHERAL, _FLAT = 0, 1


def field(own: f.Reader, about: str) -> f.QueryField:
    """The field; `own` reads the 8 bytes of PDUs whose LUN field means something."""
    whole = inherited(own)

    def read(scope: Scope) -> Values:
        values = whole(scope)
        return Values(lun_numbers(values.data.astype(np.uint64), values.present), values.present)

    about = f"{about.removeprefix('LUN of ')}; Data-In, Data-Out and SCSI Response have that of their command"
    return f.QueryField(NAME, f.NUMBER, Level.PDU, f"logical unit number of {about}", read)


def lun_numbers(raw: NDArray[np.uint64], present: Mask | None = None) -> NDArray[np.uint64]:
    """The numbers that people use for LUN fields of 8 bytes (`parse_lun`); 0 where none is `present`."""
    first = (raw >> np.uint64(48)).astype(np.uint16)
    found = np.where(first >> 14 == _FLAT, first & 0x3FFF, first).astype(np.uint64)
    # Peripheral addressing on bus 0 and flat addressing are all that is common.
    rare = (first >= 0x8000) | ((first >> 14 == _PERIPHERAL) & (first >= 0x100))
    if present is not None:
        rare &= present
    if rare.any():
        different, place = np.unique(raw[rare], return_inverse=True)
        numbers = [parse_lun(int(value).to_bytes(8, "big")).number for value in different.tolist()]
        found[rare] = np.array(numbers, dtype=np.uint64)[place]
    return found
