"""Addresses as people write them."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.addresses import endpoint, host, initiator_of, joined, port, portal_of
from tests.iscsi_analyzer.analysis.studies import sample


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (bytes((192, 0, 2, 1, 12, 188)), "192.0.2.1:3260"),
        (bytes.fromhex("20010db8000000000000000000000001") + b"\x0c\xbc", "[2001:db8::1]:3260"),
        (b"\x01\x02\x0c\xbc", "0102:3260"),
    ],
)
def test_an_endpoint_is_an_address_and_a_port(raw: bytes, words: str) -> None:
    assert endpoint(raw) == words
    assert joined(host(raw), port(raw)) == words


def test_initiator_and_portal_are_told_apart() -> None:
    link = sample("f09").facts.connection(1)
    assert initiator_of(link).startswith("[::1]:") and portal_of(link) == "[::1]:3260"
    silent = sample("f44").facts.connection(1)
    assert portal_of(silent) == "127.0.0.1:3260"
