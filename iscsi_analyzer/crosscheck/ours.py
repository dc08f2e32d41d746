"""Our PDUs as Wireshark counts them: by the frame that completed them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from iscsi_analyzer.export.columns import WHERE, Column, column, named_fields
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.store.columns import pdu_columns
from iscsi_analyzer.store.store import Store

PORTION = 256
"PDUs that are looked at together."
_FRAME_LAST = 20

SCSI = (
    "scsi.lun",
    "scsi.status",
    "scsi_sbc.opcode",
    "scsi_sbc.rdwr6.lba",
    "scsi_sbc.rdwr10.lba",
    "scsi_sbc.rdwr16.lba",
    "scsi_sbc.rdwr6.xferlen",
    "scsi_sbc.rdwr10.xferlen",
    "scsi_sbc.rdwr12.xferlen",
    "scsi.sns.errtype",
    "scsi.sns.key",
    "scsi.sns.asc",
    "scsi.sns.ascq",
    "scsi.sns.ascascq",
)
"The SCSI fields that are compared."

BESIDE = ("iscsi.flags", "iscsi.scsicommand.", "iscsi.scsiresponse.", "iscsi.scsidata.")
"What the names of fields begin with that Wireshark shows beside the PDU for some PDUs."


class ByFrame:
    """The numbers of all PDUs of a store that has everything, in the order of the frames that completed them."""

    def __init__(self, store: Store) -> None:
        frames = pdu_columns(store).field(_FRAME_LAST, "<u4")
        self._numbers = np.argsort(frames, kind="stable") + 1
        self._done = 0

    def more(self) -> list[int]:
        """The next portion; none when there are no more."""
        found: list[int] = self._numbers[self._done : self._done + PORTION].tolist()
        self._done += len(found)
        return found


def by_frame(store: Store) -> Iterator[tuple[int, list[PduView]]]:
    """Each frame that completed PDUs, with these PDUs in order."""
    views = Views(store, secrets=True, bytes_too=True)
    views.chosen = ByFrame(store)

    def every() -> Iterator[PduView]:
        while found := views.more():
            yield from found

    for frame, found in groupby(every(), lambda view: view.row.frame_last):
        yield frame, list(found)


def shared_columns(known: set[str]) -> dict[str, Column]:
    """The iSCSI fields that both sides know, of whose names Wireshark has `known`, and the chosen SCSI fields."""
    names = [name for name in (*WHERE, "iscsi.time", *named_fields()) if name.startswith("iscsi.") and name in known]
    return {name: column(name) for name in (*dict.fromkeys(names), *SCSI)}


def together(name: str) -> bool:
    """Whether a field is compared for all PDUs of a frame together, as Wireshark does not tell whose it is."""
    return name in SCSI or name.startswith(BESIDE)
