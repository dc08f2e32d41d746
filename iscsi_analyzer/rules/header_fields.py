"""Fields of the header at hand by their place, for rules that are interpreted. `dissectors.iscsi.layout` names the
places."""

from __future__ import annotations

from iscsi_analyzer.model.watch import Look


def half(look: Look, at: int) -> int:
    """The 16-bit field at an offset of the header."""
    return int.from_bytes(look.header[at : at + 2], "big")


def word(look: Look, at: int) -> int:
    """The 32-bit field at an offset of the header."""
    return int.from_bytes(look.header[at : at + 4], "big")


def lun_field(look: Look) -> int:
    """The eight bytes of the LUN as they stand."""
    return int.from_bytes(look.header[8:16], "big")
