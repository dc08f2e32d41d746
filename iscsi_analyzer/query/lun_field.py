"""The logical unit that a PDU is about, as a number: from its own LUN field, or else from the command of its task."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dissectors.scsi.lun import parse_lun
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.header import captured
from iscsi_analyzer.query.inherited import inherited
from iscsi_analyzer.query.scope import Level, Mask, Scope
from iscsi_analyzer.query.values import Values

NAME: Final = "scsi.lun"
_FLAT: Final = 1


def field(own: f.Reader, beginning: f.Reader, about: str) -> f.QueryField:
    """The field; `own` reads the 8 bytes of PDUs whose LUN field means something, `beginning` the first 2 of them."""
    whole, quick = inherited(own), inherited(beginning)

    def read(scope: Scope) -> Values:
        if captured(scope) is None:
            values = quick(scope)
            first = values.data.astype(np.uint16, copy=False)
            if not _rare(first).any():
                return Values(np.where(first >> 14 == _FLAT, first & 0x3FFF, first), values.present)
        values = whole(scope)
        return Values(lun_numbers(values.data.astype(np.uint64), values.present), values.present)

    about = f"{about.removeprefix('LUN of ')}; Data-In, Data-Out and SCSI Response have that of their command"
    return f.QueryField(NAME, f.NUMBER, Level.PDU, f"logical unit number of {about}", read)


def lun_numbers(raw: NDArray[np.uint64], present: Mask | None = None) -> NDArray[np.uint64]:
    """The numbers that people use for LUN fields of 8 bytes (`parse_lun`); 0 where none is `present`."""
    first = (raw >> np.uint64(48)).astype(np.uint16)
    found = np.where(first >> 14 == _FLAT, first & 0x3FFF, first).astype(np.uint64)
    rare = _rare(first)
    if present is not None:
        rare &= present
    if rare.any():
        different, place = np.unique(raw[rare], return_inverse=True)
        numbers = [parse_lun(int(value).to_bytes(8, "big")).number for value in different.tolist()]
        found[rare] = np.array(numbers, dtype=np.uint64)[place]
    return found


def _rare(first: NDArray[np.uint16]) -> Mask:
    """Where the first 2 bytes of a LUN are more than peripheral addressing on bus 0 or flat addressing."""
    found: Mask = (first >= 0x8000) | ((first >= 0x100) & (first < 0x4000))
    return found
