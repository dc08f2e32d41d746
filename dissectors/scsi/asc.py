"""Additional sense codes in words: what the ASC and ASCQ bytes of sense data say (SPC, table of ASC assignments)."""

from __future__ import annotations

from typing import Final

from dissectors.scsi.asc_high import HIGH
from dissectors.scsi.asc_low import LOW

# 5D/1x to 5D/6x: the high digit of the qualifier names what is about to fail, the low digit why.
_FAILING: Final = ("HARDWARE", "CONTROLLER", "DATA CHANNEL", "SERVO", "SPINDLE", "FIRMWARE")
_FAILURES: Final = (
    "GENERAL HARD DRIVE FAILURE",
    "DRIVE ERROR RATE TOO HIGH",
    "DATA ERROR RATE TOO HIGH",
    "SEEK ERROR RATE TOO HIGH",
    "TOO MANY BLOCK REASSIGNS",
    "ACCESS TIMES TOO HIGH",
    "START UNIT TIMES TOO HIGH",
    "CHANNEL PARAMETRICS",
    "CONTROLLER DETECTED",
    "THROUGHPUT PERFORMANCE",
    "SEEK TIME PERFORMANCE",
    "SPIN-UP RETRY COUNT",
    "DRIVE CALIBRATION RETRY COUNT",
    "POWER LOSS PROTECTION CIRCUIT",
)


def asc_name(asc: int, ascq: int) -> str:
    """The words for an additional sense code and qualifier, both 0 to 255. Vendor specific, unassigned pairs say so."""
    name = LOW.get(asc << 8 | ascq) or HIGH.get(asc << 8 | ascq)
    if name:
        return name
    if asc == 0x40 and ascq >= 0x80:
        return f"DIAGNOSTIC FAILURE ON COMPONENT {ascq:02X}"
    if asc == 0x4D:
        return f"TAGGED OVERLAPPED COMMANDS (TASK TAG {ascq:02X})"
    if asc == 0x5D and 0x10 <= ascq < 0x70 and ascq & 15 < len(_FAILURES) and (ascq < 0x20 or ascq & 15 < 13):
        return f"{_FAILING[(ascq >> 4) - 1]} IMPENDING FAILURE {_FAILURES[ascq & 15]}"
    if asc == 0x70:
        return f"DECOMPRESSION EXCEPTION SHORT ALGORITHM ID OF {ascq:02X}"
    if asc >= 0x80:
        return "VENDOR SPECIFIC ADDITIONAL SENSE CODE"
    base = LOW.get(asc << 8) or HIGH.get(asc << 8)
    if ascq >= 0x80:
        return f"{base}, VENDOR SPECIFIC QUALIFIER" if base else "VENDOR SPECIFIC QUALIFIER"
    return "UNASSIGNED ADDITIONAL SENSE CODE"
