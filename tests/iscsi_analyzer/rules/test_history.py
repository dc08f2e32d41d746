"""What is remembered from one connection to the next."""

from __future__ import annotations

from iscsi_analyzer.rules.history import MAX_REMEMBERED, remember, shown


def test_the_oldest_entry_is_forgotten_first() -> None:
    """However many logins there are, and also if one is written again."""
    table: dict[int, int] = {}
    for number in range(MAX_REMEMBERED):
        remember(table, number, number)
    remember(table, 0, -1)
    remember(table, MAX_REMEMBERED, 0)
    assert len(table) == MAX_REMEMBERED
    assert table[0] == -1 and 1 not in table and 2 in table


def test_addresses_are_shown_as_people_write_them() -> None:
    assert shown(bytes((192, 0, 2, 1))) == "192.0.2.1"
    assert shown(bytes.fromhex("20010db8" + "00" * 11 + "01")) == "2001:db8::1"
