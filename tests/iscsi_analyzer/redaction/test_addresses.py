"""Addresses that stand for others are as long, and as equal, as those were."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.redaction.addresses import Addresses
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms


@given(st.ip_addresses())
def test_an_address_written_out_keeps_its_length(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    found = Addresses(Pseudonyms())
    other = found.literal(address.compressed)
    assert len(other) == len(address.compressed)
    if "?" not in other:
        assert ipaddress.ip_address(other).packed == found.ip(address.packed)


@pytest.mark.parametrize("text", ["127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.251", "::", "::1", "ff02::1"])
def test_addresses_that_say_nothing_stay(text: str) -> None:
    assert Addresses(Pseudonyms()).literal(text) == text


def test_other_addresses_differ_and_stay_what_they_were_each_time() -> None:
    found = Addresses(Pseudonyms())
    others = [found.literal(f"192.168.10.{number}") for number in range(10, 60)]
    assert len(set(others)) == 50
    assert found.literal("192.168.10.10") == others[0] != "192.168.10.10"
    assert found.literal("FE80::1A2B%eth0").startswith("FE80::")
    assert found.literal("::ffff:192.168.10.10").startswith("::ffff:")


def test_hardware_addresses_become_local_ones_and_groups_stay() -> None:
    found = Addresses(Pseudonyms())
    assert found.mac(b"\x00\x1b\x21\x01\x02\x03")[:1] == b"\x02"
    assert found.mac(b"\xff" * 6) == b"\xff" * 6
    assert found.mac(bytes(6)) == bytes(6)


def test_a_literal_is_told_from_a_name() -> None:
    assert [Addresses.is_literal(each) for each in ("10.0.0.1", "fe80::1", "storage", "")] == [True, True, False, False]
