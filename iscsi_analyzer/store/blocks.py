"""Blocks of rows as a reader may use them while the writer goes on.

The writers (`RowWriter`, `TaskWriter`) append a full block to `blocks` and begin the next one; `tail()` copies the one
that is being filled.
"""

from __future__ import annotations

from typing import Protocol


class BlockWriter(Protocol):
    """What fills blocks."""

    @property
    def blocks(self) -> list[bytes]:
        """The blocks that are full."""

    def tail(self) -> bytes:
        """The block that is being filled, as it stands now."""


def in_blocks(rows: bytes, size: int) -> list[bytes]:
    """The rows as blocks of `size` bytes, and as the last one what does not fill a block, or b""."""
    return [rows[at : at + size] for at in range(0, len(rows) + 1, size)]


def whole_rows(writer: BlockWriter, block: int, row_size: int) -> bytes:
    """The whole rows of a block (from 0) that are there now. A writer in another thread may be halfway through a row,
    and may go on to the next block at any moment."""
    if block >= len(writer.blocks):
        tail = writer.tail()
        if block >= len(writer.blocks):
            return tail[: len(tail) - len(tail) % row_size]
    return writer.blocks[block]
