"""The laws of shared fields and of the conditions made for them."""

from __future__ import annotations

from dissectors.iscsi import common


def test_a_condition_holds_if_one_of_its_fields_has_one_of_its_values() -> None:
    condition = common.when("a or b", a=(1, 2), b=(3,))
    assert condition.holds({"a": 2, "b": 0}) is True
    assert condition.holds({"a": 0, "b": 3}) is True
    assert condition.holds({"a": 0, "b": 0}) is False
    assert condition.holds({"a": 0}) is None


def test_a_flag_is_one_bit_of_byte_1() -> None:
    row = common.flag("f", "F", 0x10, "iscsi.x")
    assert (row.offset, row.width, row.largest) == (1, 1, 1)
    assert row.read(b"\0\x10") == 1
    assert row.describe(1) == "yes (1)"


def test_a_lun_beside_a_transfer_tag_means_something_only_with_the_tag() -> None:
    condition = common.LUN_WITH_TAG.valid
    assert condition is not None
    assert condition.holds({"target_transfer_tag": 0}) is True
    assert condition.holds({"target_transfer_tag": 0xFFFFFFFF}) is False
