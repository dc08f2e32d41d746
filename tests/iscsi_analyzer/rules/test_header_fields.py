"""Fields are read big-endian and unsigned, wherever they stand."""

from __future__ import annotations

from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules.header_fields import half, lun_field, word


def test_fields_are_unsigned_numbers_in_network_order() -> None:
    look = Look()
    look.header = bytes(range(0xC0, 0xF0))
    assert half(look, 0) == 0xC0C1
    assert word(look, 44) == 0xECEDEEEF
    assert lun_field(look) == 0xC8C9CACBCCCDCECF
