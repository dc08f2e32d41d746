"""What may be a header: every real one passes, and random, zero or text bytes do not."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.pdu import PDU_TYPES
from iscsi_analyzer.streams.plausible import allowed, reserved_bits, strict
from tests.support.talk_cases import CASES
from tests.support.talk_load import mixture
from tests.support.talk_pdu import I2T, T2I, Pdu, header

TO_TARGET = {*range(7), 0x10}
TO_INITIATOR = {*range(0x20, 0x27), 0x31, 0x32, 0x3F}
VENDOR = {0x1C: I2T, 0x1D: I2T, 0x1E: I2T, 0x3C: T2I, 0x3D: T2I, 0x3E: T2I}
VIOLATORS = {"odd_headers"}


@cache
def real() -> tuple[Pdu, ...]:
    """PDUs of healthy conversations, and of all that others fail on."""
    found = [pdu for seed in range(4) for pdu in mixture(seed, pdus=200, connections=2).pdus]
    for name, case in CASES.items():
        if name not in VIOLATORS:
            found += case().pdus
    return tuple(found)


def word(head: bytes) -> int:
    """The first eight bytes, as the hot path reads them."""
    return int.from_bytes(head[:8], "big", signed=True)


def test_every_real_header_passes_both_degrees() -> None:
    for pdu in real():
        assert allowed(word(pdu.header), pdu.direction == I2T)
        for size in (48, 47, 31, 24, 16, 8):
            assert strict(pdu.header, 0, size, pdu.direction == I2T), (pdu.header.hex(), size)
        assert not strict(pdu.header, 0, 48, pdu.direction != I2T)
        assert not strict(pdu.header, 0, 7, pdu.direction == I2T), "eight bytes are the least"


def test_bytes_around_a_header_do_not_matter() -> None:
    pdu = real()[7]
    assert strict(b"\xff" * 13 + pdu.header + b"\xff" * 5, 13, 48, pdu.direction == I2T)
    assert strict(pdu.header + b"\xff" * 500, 0, 548, pdu.direction == I2T)


@pytest.mark.parametrize("opcode", range(64))
def test_who_may_send_what(opcode: int) -> None:
    """RFC 7143 section 11.2.1.2: initiator opcodes, target opcodes, three vendor opcodes for each."""
    first = word(header(opcode, 0x80, total_ahs_length=0))
    assert allowed(first, True) == (opcode in TO_TARGET or VENDOR.get(opcode) == I2T)
    assert allowed(first, False) == (opcode in TO_INITIATOR or VENDOR.get(opcode) == T2I)
    assert not allowed(word(bytes([opcode | 0x80]) + bytes(7)), True), "bit 0 is reserved"
    with_ahs = word(header(opcode, 0x80, total_ahs_length=3))
    assert allowed(with_ahs, True) == (opcode == 0x01 or VENDOR.get(opcode) == I2T)
    assert allowed(with_ahs, False) == (VENDOR.get(opcode) == T2I)


@pytest.mark.parametrize("pdu_type", [each for each in PDU_TYPES if each.opcode < 64], ids=lambda each: each.name)
def test_reserved_bits_are_those_that_the_dissectors_leave_unclaimed(pdu_type: type) -> None:
    """Two descriptions of RFC 7143 section 11, by two authors."""
    opcode = pdu_type.opcode  # type: ignore[attr-defined]
    if opcode in VENDOR:
        assert not any(reserved_bits(opcode))
        return
    unclaimed = bytearray(pdu_type.plan.reserved_bits(b"\xff" * 48))  # type: ignore[attr-defined]
    ours = bytearray(reserved_bits(opcode))
    # What the dissectors show as fields in order to explain it, but the RFC draws as fixed or reserved.
    differences = {at: (ours[at], unclaimed[at]) for at in range(48) if ours[at] != unclaimed[at]}
    assert all(mine & ~theirs == 0 or mine & theirs == theirs for mine, theirs in differences.values())
    assert set(differences) <= {0, 1, 2, 3}, differences


@pytest.mark.parametrize("opcode", sorted(TO_TARGET | TO_INITIATOR))
def test_a_reserved_bit_that_is_set_is_not_strict(opcode: int) -> None:
    """But it is allowed, as the PDUs of an intact stream are framed whatever their reserved bits."""
    pdu = next((pdu for pdu in real() if pdu.opcode == opcode), None)
    if pdu is None:
        return
    for at, mask in enumerate(reserved_bits(opcode)):
        for bit in range(8):
            if mask >> bit & 1:
                head = bytearray(pdu.header)
                head[at] ^= 1 << bit
                assert not strict(bytes(head), 0, 48, pdu.direction == I2T), (at, bit)
                assert allowed(word(bytes(head)), pdu.direction == I2T) == (at != 0 or bit != 7)


@pytest.mark.parametrize("to_target", [True, False])
def test_random_bytes_hardly_ever_pass(to_target: bool) -> None:
    random = Random(7143)
    noise = random.randbytes(400_000)
    assert sum(strict(noise, at, 48, to_target) for at in range(0, len(noise) - 48, 3)) == 0
    assert sum(strict(noise, at, 24, to_target) for at in range(0, len(noise) - 48, 3)) <= 2


@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"\x01", b"\x05", b" ", b"A", b"\x25"])
@pytest.mark.parametrize("to_target", [True, False])
def test_bytes_that_are_all_the_same_never_pass(fill: bytes, to_target: bool) -> None:
    assert not strict(fill * 48, 0, 48, to_target)


@given(st.binary(max_size=3), st.binary(max_size=3), st.booleans())
def test_a_few_bytes_among_zeros_never_pass(before: bytes, after: bytes, to_target: bool) -> None:
    """Sparse blocks are the most common data of all."""
    data = (before + bytes(9) + after).ljust(48, b"\0")
    assert not strict(data, 0, 48, to_target)


@pytest.mark.parametrize(
    "text",
    [
        b"GET / HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n".ljust(48, b"x"),
    ],
)
def test_other_protocols_do_not_pass(text: bytes) -> None:
    for to_target in (True, False):
        assert not strict(text, 0, len(text), to_target)
    tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + Random(1).randbytes(60)
    assert not strict(tls, 0, len(tls), True) and not strict(tls, 0, len(tls), False)


@pytest.mark.parametrize(
    ("opcode", "flags", "fields"),
    [
        (0x03, 0x88, {"isid": b"\x40\0\1\2\0\0"}),  # current stage 2
        (0x03, 0x86, {"isid": b"\x40\0\1\2\0\0"}),  # next stage 2
        (0x03, 0x85, {"isid": b"\x40\0\1\2\0\0"}),  # from stage 1 to stage 1
        (0x03, 0x87, {"isid": b"\x40\0\1\2\0\0", "version_max": 1}),
        (0x01, 0x86, {}),  # a reserved task attribute
        (0x01, 0x41, {"data_segment_length": 8}),  # immediate data of a read
        (0x21, 0x80, {"response": 0x30}),
        (0x25, 0x01, {}),  # a status with data that is not final
        (0x31, 0x80, {"target_transfer_tag": 0xFFFFFFFF}),
        (0x32, 0x80, {"initiator_task_tag": 5}),
        (0x3F, 0x80, {"initiator_task_tag": 5}),
        (0x02, 0x81, {"data_segment_length": 1}),
        (0x02, 0xA0, {}),  # a task management function that nobody has assigned
        (0x02, 0x80, {}),
        (0x06, 0x83, {}),  # a reason to log out that does not exist
        (0x10, 0x84, {}),  # a type of SNACK that does not exist
    ],
)
def test_fields_that_contradict_each_other_are_not_strict(
    opcode: int, flags: int, fields: dict[str, int | bytes]
) -> None:
    fields = {"initiator_task_tag": 0xFFFFFFFF, **fields}
    head = header(opcode, flags, **fields)  # type: ignore[arg-type]
    assert not strict(head, 0, 48, opcode < 0x20)
