"""The laws of key values: what is of a form is read, what is not is None, and nothing raises."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.values import (
    Address,
    discovered_targets,
    parse_address,
    parse_binary,
    parse_boolean,
    parse_list,
    parse_number,
    parse_range,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("262144", 262144),
        ("007", 7),
        ("0x1F", 31),
        ("0Xff", 255),
        ("18446744073709551615", (1 << 64) - 1),
        ("0xffffffffffffffff", (1 << 64) - 1),
        ("18446744073709551616", None),
        ("0x1ffffffffffffffff", None),
        ("9" * 5000, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1\n", None),
        ("1_000", None),
        ("1.5", None),
        ("0x", None),
        ("0b01", None),
        ("Yes", None),
        ("\u0661", None),
        ("\uff11", None),
    ],
)
def test_a_number_is_decimal_or_hexadecimal_and_fits_64_bits(text: str, number: int | None) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [("1~2", (1, 2)), ("0x10~0x20", (16, 32)), ("5~5", (5, 5)), ("2~1", None), ("1", None), ("1~", None), ("~1", None),
     ("1~2~3", None), ("", None)],
)  # fmt: skip
def test_a_range_has_two_numbers_in_order(text: str, found: tuple[int, int] | None) -> None:
    assert parse_range(text) == found


@given(st.binary(min_size=1, max_size=64))
def test_binary_values_are_read_in_both_encodings(data: bytes) -> None:
    assert parse_binary("0x" + data.hex()) == data
    encoded = base64.b64encode(data).decode()
    assert parse_binary("0b" + encoded) == data
    assert parse_binary("0b" + encoded.rstrip("=")) == data


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0xabc", b"\x0a\xbc"),
        ("0X00ff", b"\0\xff"),
        ("255", b"\xff"),
        ("0", b"\0"),
        ("256", b"\1\0"),
        ("", None),
        ("0x", None),
        ("0b", None),
        ("0b=", None),
        ("0b=QQ=", None),
        ("0bQ", None),
        ("0bQQ Q=", None),
        ("0b\u00fc", None),
        ("0xzz", None),
        ("secret", None),
    ],
)
def test_a_binary_value_is_hexadecimal_base64_or_a_number(text: str, found: bytes | None) -> None:
    assert parse_binary(text) == found


def test_booleans_are_spelt_in_one_way() -> None:
    assert [parse_boolean(text) for text in ("Yes", "No", "yes", "NO", "")] == [True, False, None, None, None]


def test_lists_keep_their_order_and_their_empty_items() -> None:
    assert parse_list("") == []
    assert parse_list("CRC32C,None") == ["CRC32C", "None"]
    assert parse_list(",a,") == ["", "a", ""]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", Address("10.0.0.1", 3260, None, "ipv4")),
        ("10.0.0.1:3261", Address("10.0.0.1", 3261, None, "ipv4")),
        ("10.0.0.1:3260,1", Address("10.0.0.1", 3260, 1, "ipv4")),
        ("10.0.0.1,65535", Address("10.0.0.1", 3260, 65535, "ipv4")),
        ("[2001:db8::1]:3260,1", Address("2001:db8::1", 3260, 1, "ipv6")),
        ("[::1]", Address("::1", 3260, None, "ipv6")),
        ("[fe80::1%eth0]:3260", Address("fe80::1%eth0", 3260, None, "ipv6")),
        ("storage.example.com:860,2", Address("storage.example.com", 860, 2)),
        ("storage", Address("storage")),
    ],
)
def test_an_address_has_a_host_perhaps_a_port_and_perhaps_a_tag(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no host"),
        (",1", "no host"),
        (":3260", "no host"),
        ("10.0.0.1:", "port ''"),
        ("10.0.0.1:0", "port '0'"),
        ("10.0.0.1:65536", "port '65536'"),
        ("10.0.0.1:http", "port 'http'"),
        ("10.0.0.1:0x10", "port '0x10'"),
        ("10.0.0.1,", "portal group tag ''"),
        ("10.0.0.1,65536", "portal group tag '65536'"),
        ("10.0.0.1,1,2", "portal group tag '1,2'"),
        ("10.0.0.1," + "9" * 9000, "portal group tag"),
        ("10.0.0.1:" + "9" * 9000, "port"),
        ("[::1", "no closing bracket"),
        ("[::1]x", "after the bracket"),
        ("[10.0.0.1]", "IPv6 address"),
        ("[]", "IPv6 address"),
        ("2001:db8::1", "without brackets"),
        ("a b", "host"),
        ("a\0b", "host"),
        ("-a", "host"),
        ("a" * 300, "host"),
        ("\u00fc.example", "host"),
    ],
)
def test_an_address_that_is_wrong_says_in_what(text: str, complaint: str) -> None:
    address = parse_address(text)
    assert address.problem.startswith("not understood: ")
    assert complaint in address.problem
    assert len(address.problem) < 250
    assert 1 <= address.port <= 65535


@given(st.text(max_size=40) | st.text(":,[]0123456789.abf", max_size=30))
def test_no_text_raises(text: str) -> None:
    parse_address(text)
    parse_number(text)
    parse_range(text)
    parse_binary("0b" + text)
    parse_binary("0x" + text)
    parse_boolean(text)
    parse_list(text)


def test_discovery_records_belong_to_the_name_before_them() -> None:
    found = discovered_targets(
        [
            ("TargetAddress", "10.0.0.9"),
            ("TargetName", "iqn.a"),
            ("TargetAddress", "10.0.0.1,1"),
            ("TargetAlias", "ignored"),
            ("TargetAddress", "[::1],2"),
            ("TargetName", "iqn.b"),
        ]
    )
    assert [(name, [str(address) for address in addresses]) for name, addresses in found] == [
        ("", ["10.0.0.9:3260"]),
        ("iqn.a", ["10.0.0.1:3260,1", "[::1]:3260,2"]),
        ("iqn.b", []),
    ]
