"""The laws of SCSI statuses in words (SAM-5 5.3)."""

from __future__ import annotations

from dissectors.scsi.status import OBSOLETE, STATUSES, status_name


def test_every_code_has_words() -> None:
    """All 256 codes have a name; unknown ones say so."""
    assert all(status_name(code) for code in range(256))
    assert status_name(0x28) == STATUSES[0x28] == "TASK SET FULL"
    assert status_name(0x18) == "RESERVATION CONFLICT"
    assert status_name(0x99) == "Unknown status 0x99"


def test_obsolete_statuses_still_have_words() -> None:
    """Old targets may send them."""
    assert set(STATUSES) > OBSOLETE
