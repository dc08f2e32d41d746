"""Pieces of summary lines: what to say of one field, as a list of texts that is empty if its bytes are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import Words
from dissectors.iscsi import scsi_parts
from dissectors.iscsi.layout import RESERVED_TAG

if TYPE_CHECKING:
    from dissectors.pdu import Pdu


def number(pdu: Pdu, label: str, name: str) -> list[str]:
    """`CmdSN 5`."""
    value = pdu.get(name)
    return [] if value is None else [f"{label} {value}"]


def tag(pdu: Pdu, label: str, name: str) -> list[str]:
    """`ITT 0x12`; nothing for the reserved tag."""
    value = pdu.get(name)
    return [] if value is None or value == RESERVED_TAG else [f"{label} 0x{value:x}"]


def word(pdu: Pdu, name: str, table: Words) -> list[str]:
    """The code in words; codes without a name of their own with their number."""
    value = pdu.get(name)
    if value is None:
        return []
    return [table(value) if table.known(value) else f"{table(value)} (0x{value:02x})"]


def flags(pdu: Pdu, *names: tuple[str, str]) -> list[str]:
    """The letters of the flags that are set: `F`, `S`."""
    return [letter for letter, name in names if pdu.get(name)]


def lun(pdu: Pdu) -> list[str]:
    """`LUN 1`."""
    value = pdu.get("lun")
    return [] if value is None else [f"LUN {scsi_parts.lun_text(value.to_bytes(8, 'big'))}"]


def immediate(pdu: Pdu) -> list[str]:
    """`immediate`, if so."""
    return ["immediate"] if pdu.get("immediate") else []


def length(pdu: Pdu, label: str = "data") -> list[str]:
    """`data 512`, for a data segment that is not empty."""
    value = pdu.get("data_segment_length")
    return [f"{label} {value}"] if value else []


def status_numbers(pdu: Pdu) -> list[str]:
    """`StatSN 3 ExpCmdSN 4 MaxCmdSN 10`."""
    return [
        *number(pdu, "StatSN", "stat_sn"),
        *number(pdu, "ExpCmdSN", "exp_cmd_sn"),
        *number(pdu, "MaxCmdSN", "max_cmd_sn"),
    ]


def residual(pdu: Pdu) -> list[str]:
    """`underflow 4096`, `overflow 512`, and the same of the read half of a bidirectional command."""
    found = []
    for flag, count, words in (
        ("residual_overflow", "residual_count", "overflow"),
        ("residual_underflow", "residual_count", "underflow"),
        ("bidirectional_read_residual_overflow", "bidirectional_read_residual_count", "read overflow"),
        ("bidirectional_read_residual_underflow", "bidirectional_read_residual_count", "read underflow"),
    ):
        if pdu.get(flag):
            found += number(pdu, words, count)
    return found
