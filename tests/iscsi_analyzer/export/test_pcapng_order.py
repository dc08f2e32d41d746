"""Blocks in the other byte order say the same."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.export import pcapng_order as order
from iscsi_analyzer.sources.pcapng_blocks import options
from tests.support import capturefiles as files


def body_of(block: bytes) -> bytes:
    return block[8:-4]


BODIES = {
    order.INTERFACE: lambda sign: body_of(
        files.interface([(2, b"eth0"), (9, b"\x09"), files.time_offset(-3600, sign)], sign, linktype=113, snaplen=96)
    ),
    order.STATISTICS: lambda sign: body_of(
        files.statistics(1, files.NOW, [files.counter(4, 5, sign), (2, struct.pack(sign + "II", 1, 2))], sign)
    ),
    order.NAMES: lambda sign: (
        struct.pack(sign + "HH", 1, 9) + b"\xc0\0\2\1host\0\0\0\0" + bytes(4) + files.options([(1, b"known")], sign)
    ),
    order.SECRETS: lambda sign: struct.pack(sign + "II", 0x544C534B, 5) + b"12345\0\0\0" + files.options([], sign),
    order.CUSTOM: lambda sign: struct.pack(sign + "I", 32473) + b"whatever",
    order.JOURNAL: lambda sign: b"MESSAGE=hello\n\0\0",
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_block_turned_is_the_block_written_in_the_other_order(kind: int) -> None:
    little, big = BODIES[kind]("<"), BODIES[kind](">")
    assert order.turned_body(kind, little, False) == big
    assert order.turned_body(kind, big, True) == little


def test_a_block_that_nobody_knows_cannot_be_turned() -> None:
    assert order.turned_body(0x77, b"abcd", False) is None


def test_numbers_in_options_of_packets_are_turned_and_texts_are_not() -> None:
    found = [(1, b"text"), (2, b"\1\0\0\0"), (4, bytes(range(8))), (2988, b"\1\2\3\4word")]
    turned = [(1, b"text"), (2, b"\0\0\0\1"), (4, bytes(range(7, -1, -1))), (2988, b"\4\3\2\1word")]
    assert order.turned_options(order.PACKET, found) == turned


@given(st.lists(st.tuples(st.integers(1, 0xFFFF), st.binary(max_size=20)), max_size=5), st.booleans())
def test_options_are_read_as_they_were_joined(found: list[tuple[int, bytes]], big: bool) -> None:
    assert options(order.joined(found, big), big) == found


def test_an_option_that_is_too_long_is_cut() -> None:
    [(_, value)] = options(order.joined([(1, bytes(70_000))], False), False)
    assert len(value) == order.OPTION_MAX


@given(st.sampled_from([*BODIES, 0x99]), st.binary(max_size=60), st.booleans())
def test_no_bytes_make_it_raise(kind: int, body: bytes, big: bool) -> None:
    order.turned_body(kind, body, big)
