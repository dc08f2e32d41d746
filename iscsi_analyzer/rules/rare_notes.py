"""What rules remember of a connection that only few connections give occasion to: the rest of `notes`.

Interpreted, so nothing that bulk traffic comes to belongs here.
"""

from __future__ import annotations

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.rules.notes import of_connection

MAX_UNITS = 256
"Logical units whose block size is remembered."


class RareNotes:
    """Of one connection."""

    def __init__(self) -> None:
        self.bad_headers: dict[int, int] = {}
        "Task tags of requests with a bad header digest -> PDU."
        self.bad_data_in: dict[int, tuple[int, int]] = {}
        "Task tags of Data-Ins with a bad data digest -> PDU, and the StatSN of their status; -1 before it came."
        self.rejected_data: dict[int, int] = {}
        "Task tags of Data-Outs that were rejected for their digest -> PDU."
        self.nop_reactions: dict[int, int] = {}
        "Opcode of a NOP that wants no answer -> how often in a row it came at once after one of the other side."
        self.skipped: dict[bool, int] = {}
        "Direction -> bytes of it that could not be framed, up to where framing was resumed last."
        self.block_sizes: dict[int, int] = {}
        "LUN field -> bytes of a logical block."
        self.busy = 0
        "Commands that were refused because the device was busy, since `busy_since` (ns)."
        self.busy_since = 0
        self.terminated: dict[int, int] = {}
        "LUN fields of tasks that a logout ended on another connection -> Logout Response."
        self.acks_due: dict[int, tuple[int, int]] = {}
        "Target Transfer Tags of Data-Ins that asked for an acknowledgement and have none -> PDU, and task tag."

    def block_size(self, lun: int, size: int) -> None:
        """The logical blocks of a logical unit have `size` bytes."""
        if lun in self.block_sizes or len(self.block_sizes) < MAX_UNITS:
            self.block_sizes[lun] = size


def known(follower: Follower) -> RareNotes | None:
    """The rare notes of a connection, if there are any."""
    notes = of_connection(follower).rare
    return notes if isinstance(notes, RareNotes) else None


def rare(follower: Follower) -> RareNotes:
    """The rare notes of a connection, made when they are first asked for."""
    notes = known(follower)
    if notes is None:
        notes = RareNotes()
        of_connection(follower).rare = notes
    return notes
