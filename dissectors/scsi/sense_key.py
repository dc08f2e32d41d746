"""Sense keys in words (SPC-5 4.4.3): the first answer to why a command failed."""

from __future__ import annotations

from typing import Final

NO_SENSE: Final = 0x0
RECOVERED_ERROR: Final = 0x1
NOT_READY: Final = 0x2
MEDIUM_ERROR: Final = 0x3
HARDWARE_ERROR: Final = 0x4
ILLEGAL_REQUEST: Final = 0x5
UNIT_ATTENTION: Final = 0x6
DATA_PROTECT: Final = 0x7
BLANK_CHECK: Final = 0x8
COPY_ABORTED: Final = 0xA
ABORTED_COMMAND: Final = 0xB
MISCOMPARE: Final = 0xE

SENSE_KEYS: Final[dict[int, str]] = {
    NO_SENSE: "NO SENSE",
    RECOVERED_ERROR: "RECOVERED ERROR",
    NOT_READY: "NOT READY",
    MEDIUM_ERROR: "MEDIUM ERROR",
    HARDWARE_ERROR: "HARDWARE ERROR",
    ILLEGAL_REQUEST: "ILLEGAL REQUEST",
    UNIT_ATTENTION: "UNIT ATTENTION",
    DATA_PROTECT: "DATA PROTECT",
    BLANK_CHECK: "BLANK CHECK",
    0x9: "VENDOR SPECIFIC",
    COPY_ABORTED: "COPY ABORTED",
    ABORTED_COMMAND: "ABORTED COMMAND",
    0xC: "EQUAL",
    0xD: "VOLUME OVERFLOW",
    MISCOMPARE: "MISCOMPARE",
    0xF: "COMPLETED",
}


def key_name(key: int) -> str:
    """The sense key in words; every integer has some."""
    return SENSE_KEYS.get(key) or f"Unknown sense key 0x{key:x}"
