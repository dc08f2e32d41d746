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


def rare(follower: Follower) -> RareNotes:
    """The rare notes of a connection, made when they are first asked for."""
    notes = of_connection(follower)
    if notes.rare is None:
        made = RareNotes()
        notes.rare = made
        return made
    assert isinstance(notes.rare, RareNotes)
    return notes.rare
