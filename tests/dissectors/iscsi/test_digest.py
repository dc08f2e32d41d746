"""The laws of CRC32C digests."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi import digest

VECTORS = [  # RFC 7143 appendix A.4
    (bytes(32), "aa36918a"),
    (b"\xff" * 32, "43aba862"),
    (bytes(range(32)), "4e79dd46"),
    (bytes(range(31, -1, -1)), "5cdb3f11"),
    (bytes.fromhex("01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000" + "00" * 5),
     "563a96d9"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "wire"), VECTORS)
def test_the_examples_of_the_standard_come_out(data: bytes, wire: str) -> None:
    assert digest.wire(digest.crc32c(data)).hex() == wire
    assert digest.wire(digest.crc32c_by_table(data)).hex() == wire
    assert digest.data_digest(data).hex() == wire


@given(st.binary(max_size=200), st.integers(0, 200))
def test_a_digest_may_be_computed_in_parts_and_by_either_implementation(data: bytes, cut: int) -> None:
    whole = digest.crc32c(data)
    assert digest.crc32c(data[cut:], digest.crc32c(data[:cut])) == whole
    assert digest.crc32c_by_table(data[cut:], digest.crc32c_by_table(data[:cut])) == whole
    assert digest.header_digest(data[:cut], data[cut:]) == digest.wire(whole)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_kind_of_buffer_will_do(kind: type) -> None:
    assert digest.crc32c(kind(b"123456789")) == digest.crc32c_by_table(kind(b"123456789")) == 0xE3069283


def test_without_the_package_the_table_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "crc32c", None)  # importing it fails
    monkeypatch.setattr(digest, "_chosen", None)
    assert not digest.accelerated()
    assert digest.crc32c(b"123456789") == 0xE3069283
    assert digest._chosen is digest.crc32c_by_table


def test_the_package_is_used_where_it_is_installed() -> None:
    pytest.importorskip("crc32c")
    assert digest.accelerated()


def test_the_package_is_loaded_only_when_a_digest_is_needed() -> None:
    code = "import sys, dissectors.pdu; print('crc32c' in sys.modules)"
    command = [sys.executable, "-c", code]
    places = os.pathsep.join(sys.path)
    result = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": places})
    assert result.stdout == "False\n"


@pytest.mark.parametrize(("length", "pad"), [(0, 0), (1, 3), (2, 2), (3, 1), (4, 0), (5, 3)])
def test_segments_are_padded_to_multiples_of_four(length: int, pad: int) -> None:
    assert digest.padding(length) == pad
