"""SCSI status codes in words (SAM-5 5.3): how a command ended."""

from __future__ import annotations

from typing import Final

GOOD: Final = 0x00
CHECK_CONDITION: Final = 0x02
CONDITION_MET: Final = 0x04
BUSY: Final = 0x08
INTERMEDIATE: Final = 0x10
INTERMEDIATE_CONDITION_MET: Final = 0x14
RESERVATION_CONFLICT: Final = 0x18
COMMAND_TERMINATED: Final = 0x22
TASK_SET_FULL: Final = 0x28
ACA_ACTIVE: Final = 0x30
TASK_ABORTED: Final = 0x40

STATUSES: Final[dict[int, str]] = {
    GOOD: "GOOD",
    CHECK_CONDITION: "CHECK CONDITION",
    CONDITION_MET: "CONDITION MET",
    BUSY: "BUSY",
    INTERMEDIATE: "INTERMEDIATE",
    INTERMEDIATE_CONDITION_MET: "INTERMEDIATE-CONDITION MET",
    RESERVATION_CONFLICT: "RESERVATION CONFLICT",
    COMMAND_TERMINATED: "COMMAND TERMINATED",
    TASK_SET_FULL: "TASK SET FULL",
    ACA_ACTIVE: "ACA ACTIVE",
    TASK_ABORTED: "TASK ABORTED",
}

OBSOLETE: Final = frozenset((INTERMEDIATE, INTERMEDIATE_CONDITION_MET, COMMAND_TERMINATED))
"Statuses of older standards that SAM-5 no longer has."


def status_name(code: int) -> str:
    """The status in words; every integer has some."""
    return STATUSES.get(code) or f"Unknown status 0x{code:02x}"
