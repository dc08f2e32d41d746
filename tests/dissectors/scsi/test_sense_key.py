"""The laws of sense keys in words (SPC-5 4.4.3)."""

from __future__ import annotations

from dissectors.scsi.sense_key import ILLEGAL_REQUEST, SENSE_KEYS, key_name


def test_every_key_has_words() -> None:
    """All 16 keys have a name; beyond them there are none."""
    assert [key_name(key) for key in range(16)] == list(SENSE_KEYS.values())
    assert key_name(ILLEGAL_REQUEST) == "ILLEGAL REQUEST"
    assert key_name(16) == "Unknown sense key 0x10"
