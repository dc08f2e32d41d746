"""Addresses are written as people write them."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.net.address import address_text, endpoint_text, mac_text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2001:0db8::0001", "2001:db8::1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8::AB", "2001:db8::ab"),
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ],
)
def test_an_ipv6_address_is_written_as_rfc_5952_says(text: str, canonical: str) -> None:
    assert address_text(ipaddress.IPv6Address(text).packed) == canonical


@given(st.lists(st.sampled_from([0, 0, 1, 0xFFFF, 0x10]), min_size=8, max_size=8))
def test_any_ipv6_address_is_written_as_the_standard_library_does(words: list[int]) -> None:
    packed = b"".join(word.to_bytes(2, "big") for word in words)
    address = ipaddress.IPv6Address(packed)
    if address.ipv4_mapped is None:
        assert address_text(packed) == str(address)
    else:
        assert address_text(packed) == f"::ffff:{address.ipv4_mapped}"


@given(st.binary(min_size=4, max_size=4))
def test_an_ipv4_address_is_dotted(packed: bytes) -> None:
    assert address_text(packed) == str(ipaddress.IPv4Address(packed))


def test_an_endpoint_is_unambiguous() -> None:
    assert endpoint_text(bytes([192, 0, 2, 1]), 3260) == "192.0.2.1:3260"
    assert endpoint_text(ipaddress.IPv6Address("::1").packed, 3260) == "[::1]:3260"


def test_bytes_that_are_no_address_are_shown_all_the_same() -> None:
    assert address_text(b"\x01\x02\x03") == "010203"
    assert address_text(b"") == ""


def test_a_link_layer_address_has_colons() -> None:
    assert mac_text(bytes.fromhex("02005e100001")) == "02:00:5e:10:00:01"
