"""The laws of words: every code of every table has a name, and only assigned codes count as known."""

from __future__ import annotations

import pytest

from dissectors.fields import Words
from dissectors.iscsi import layout, words

TABLES = {name: table for name, table in vars(words).items() if isinstance(table, Words)}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_code_has_words_and_every_assigned_one_its_own(name: str) -> None:
    table = TABLES[name]
    assert all(isinstance(table(code), str) for code in range(0x10000))
    assert all(table.known(code) and table(code) for code in table.codes)
    real = [text for text in table.codes.values() if text != words.RESERVED]
    assert len(set(real)) == len(real)


@pytest.mark.parametrize(
    ("table", "code", "text"),
    [
        (words.LOGIN_STATUS, 0x0201, "Authentication failure"),
        (words.LOGIN_STATUS, 0x020B, "Invalid during login"),
        (words.LOGIN_STATUS, 0x0222, "Initiator error, reserved detail"),
        (words.LOGIN_STATUS, 0x0400, "reserved"),
        (words.LOGIN_STATUS_CLASSES, 1, "Redirection"),
        (words.LOGIN_STATUS_CLASSES, 4, "reserved"),
        (words.LOGIN_STAGES, 3, "FullFeaturePhase"),
        (words.LOGIN_STAGES, 2, "reserved"),
        (words.TASK_ATTRIBUTES, 4, "ACA"),
        (words.TASK_ATTRIBUTES, 5, "reserved"),
        (words.SCSI_RESPONSES, 1, "Target failure"),
        (words.SCSI_RESPONSES, 2, "reserved"),
        (words.SCSI_RESPONSES, 0x80, "vendor-specific"),
        (words.SCSI_STATUS, 0x18, "RESERVATION CONFLICT"),
        (words.TMF_FUNCTIONS, 8, "TASK REASSIGN"),
        (words.TMF_FUNCTIONS, 12, "QUERY ASYNCHRONOUS EVENT"),
        (words.TMF_FUNCTIONS, 0, "unassigned"),
        (words.TMF_FUNCTIONS, 13, "unassigned"),
        (words.TMF_RESPONSES, 7, "Function succeeded"),
        (words.TMF_RESPONSES, 8, "reserved"),
        (words.TMF_RESPONSES, 255, "Function rejected"),
        (words.LOGOUT_REASONS, 2, "remove the connection for recovery"),
        (words.LOGOUT_REASONS, 3, "reserved"),
        (words.LOGOUT_RESPONSES, 3, "cleanup failed"),
        (words.IMPLICIT_LOGOUT_REASONS, 0, "session reinstatement"),
        (words.SNACK_TYPES, 3, "R-Data SNACK"),
        (words.SNACK_TYPES, 4, "reserved"),
        (words.ASYNC_EVENTS, 5, "Task termination"),
        (words.ASYNC_EVENTS, 6, "unassigned"),
        (words.ASYNC_EVENTS, 248, "vendor-specific"),
        (words.REJECT_REASONS, 0x0C, "Waiting for Logout"),
        (words.REJECT_REASONS, 0x0D, "unassigned"),
        (words.REJECT_REASONS, 0x00, "unassigned"),
        (words.AHS_TYPES, 1, "Extended CDB"),
        (words.AHS_TYPES, 3, "reserved"),
        (words.OPCODES, layout.OP_R2T, "R2T"),
        (words.OPCODES, 0x1C, "Vendor-specific"),
        (words.OPCODES, 0x3E, "Vendor-specific"),
        (words.OPCODES, 0x2A, "Unknown"),
    ],
)
def test_codes_read_as_in_the_standard(table: Words, code: int, text: str) -> None:
    assert table(code) == text


def test_what_may_be_sent_again_is_a_known_reason() -> None:
    assert all(words.REJECT_REASONS.known(reason) for reason in words.REJECT_MAY_RESEND)
