"""What the model shows to those who judge a conversation: each PDU, together with the model as it stood before it.

Compiled. `Look` is one scratch object, filled anew for every PDU; whoever wants to keep something copies it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy_extensions import i64

from iscsi_analyzer.model.task import Task

if TYPE_CHECKING:
    from iscsi_analyzer.model.following import Follower
    from iscsi_analyzer.streams.pdu import PduInHand


class Look:
    """The PDU at hand. Numbers of PDUs count from 1; 32-bit fields are unsigned."""

    def __init__(self) -> None:
        self.number: i64 = 0
        self.opcode: i64 = 0
        self.header: bytes = b""
        self.flags: i64 = 0
        "Byte 1 of the header."
        self.immediate: bool = False
        self.tag: i64 = 0
        "Initiator Task Tag."
        self.second: i64 = 0
        "Bytes 20 to 23: Target Transfer Tag, Expected Data Transfer Length, Referenced Task Tag ..."
        self.data_length: i64 = 0
        self.to_target: bool = False
        self.whole: bool = False
        "All 48 bytes of the header were captured; otherwise only the first 24 are sure."
        self.odd: bool = False
        "Its sender may not send such a header: only its first bytes mean anything."
        self.row: i64 = 0
        "Flags of its row in the index (store/rows.py): digests, cut, resynchronised ..."
        self.data: bytes = b""
        "The data segment, of the PDUs whose data the first pass keeps; else empty."
        self.ts: i64 = 0
        self.task: Task | None = None
        "The open task that the PDU belongs to, or whose tag a new request uses again; None if there is none."
        self.late: i64 = 0
        "PDU that asked for the finished task that had this tag last, if no open task has it; 0 if none is remembered."


class Watcher:
    """Sees everything that happens on the connections of one analysis. This one does nothing."""

    def see(self, follower: Follower, look: Look, pdu: PduInHand) -> None:
        """A PDU, before the model takes note of it."""

    def lost(self, follower: Follower, to_target: bool) -> None:
        """Bytes of one direction are missing from the capture, or could not be framed."""

    def full_feature(self, follower: Follower, number: i64) -> None:
        """PDU `number` ended the login of the connection with success."""

    def over(self, follower: Follower, task: Task, outcome: i64, number: i64) -> None:
        """A task is over, by PDU `number` (0: by the end of its connection or of the capture)."""

    def closed(self, follower: Follower) -> None:
        """Nothing more will come on the connection."""
