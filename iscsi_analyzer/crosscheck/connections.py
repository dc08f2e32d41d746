"""What is known of the connection of a PDU, as far as it tells why Wireshark may see it in another way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dissectors.iscsi.layout import AT_INITIATOR_TASK_TAG, BHS_LENGTH, OP_NOP_OUT
from iscsi_analyzer.export.connection_record import ConnectionRecord
from iscsi_analyzer.export.connections import iscsi_connection
from iscsi_analyzer.export.pdu_view import PduView
from iscsi_analyzer.export.pdus import odd_about
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Store


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds at a place of a capture."""

    header_digest: bool = False
    "Header digests are in use on the connection."
    data_digest: bool = False
    gap: bool = False
    "The capture lacks bytes of the connection, up to this place."
    reordered: bool = False
    "Segments of the connection were lost, repeated or out of order."
    mid_stream: bool = False
    "The capture has not the beginning of the connection."
    cut: bool = False
    "Bytes of the PDU are missing from the capture."
    header_cut: bool = False
    "Bytes of its basic header are."
    unusual: bool = False
    "Its header is not what one expects: a ping with tag 0, reserved bits that are set, a rule that is broken."
    behind_unusual: bool = False
    "Such a PDU before it in the same direction was not shown by Wireshark."
    bad_digest: bool = False
    "A digest of the connection did not match, up to this place."
    shared: int = 1
    "So many PDUs are completed by the same frame."


class Connections:
    """Tells the circumstances of PDUs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._records: dict[int, ConnectionRecord] = {}
        self._behind: set[tuple[int, bool]] = set()
        "Connections, and whether to the target, in which Wireshark did not show an unusual PDU."
        self._bad: dict[int, int] = {}
        "Connection -> the first frame with a PDU whose digest is bad."

    def note(self, view: PduView) -> None:
        """Takes notice of a PDU; to be called for all of them in order."""
        row = view.row
        if "bad" in (row.header_digest, row.data_digest):
            self._bad.setdefault(row.connection, row.frame_last)

    @cached_property
    def _gaps(self) -> dict[int, int]:
        """Connection -> the first frame behind a gap."""
        found: dict[int, int] = {}
        for loss in self._store.losses:
            found[loss.connection] = min(loss.frame, found.get(loss.connection, loss.frame))
        return found

    def not_shown(self, view: PduView) -> None:
        """Takes notice that Wireshark does not show a PDU in its frame."""
        if self._unusual(view):
            self._behind.add((view.row.connection, view.row.to_target))

    def _unusual(self, view: PduView) -> bool:
        row = view.row
        ping_0 = row.opcode == OP_NOP_OUT and row.header[AT_INITIATOR_TASK_TAG:][:4] == bytes(4)
        return bool(row.flags & rows.FLAG_ODD or view.number in self._store.marks or ping_0 or odd_about(view.pdu))

    def around(self, view: PduView, shared: int = 1) -> Circumstances:
        """The circumstances of one of our PDUs, which completes in a frame with `shared` of them."""
        row = view.row
        number = row.connection
        record = self._records.get(number)
        if record is None:
            record = self._records[number] = iscsi_connection(self._store.followers[number - 1])
        sides = (record.initiator_to_target, record.target_to_initiator)
        missing = any(side.gaps or side.snaplen_bytes for side in sides)
        return Circumstances(
            header_digest=record.header_digest == "CRC32C",
            data_digest=record.data_digest == "CRC32C",
            gap=missing and self._gaps.get(number, 0) <= row.frame_last,
            reordered=any(side.retransmitted or side.out_of_order or side.duplicates for side in sides),
            mid_stream=record.began == "mid-stream",
            cut=bool(row.flags & (rows.FLAG_CUT | rows.FLAG_UNFINISHED)),
            header_cut=row.header_captured < BHS_LENGTH,
            unusual=self._unusual(view),
            behind_unusual=(number, row.to_target) in self._behind,
            bad_digest=self._bad.get(number, row.frame_last + 1) <= row.frame_last,
            shared=shared,
        )
