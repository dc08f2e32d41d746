"""The laws of LUN decoding (SAM-5 4.7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.scsi import lun as module
from dissectors.scsi.lun import build_lun, parse_lun

CASES = [
    ("0000000000000000", 0, module.PERIPHERAL, "0"),
    ("0001000000000000", 1, module.PERIPHERAL, "1"),
    ("00ff000000000000", 255, module.PERIPHERAL, "255"),
    ("4100000000000000", 256, module.FLAT, "flat 256"),
    ("4001000000000000", 1, module.FLAT, "flat 1"),
    ("7fff000000000000", 16383, module.FLAT, "flat 16383"),
    ("8365000000000000", 0x8365, module.LOGICAL_UNIT, "bus 3, target 3, LUN 5"),
    ("d201000000000000", 65536, module.EXTENDED_FLAT, "extended flat 65536"),
    ("e201000000000000", 1 << 32, module.LONG_EXTENDED_FLAT, "long extended flat 4294967296"),
    ("c101000000000000", 0xC101, module.WELL_KNOWN, "REPORT LUNS w-lun"),
    ("c102000000000000", 0xC102, module.WELL_KNOWN, "ACCESS CONTROLS w-lun"),
    ("c1ee000000000000", 0xC1EE, module.WELL_KNOWN, "w-lun 0xee"),
    ("ffffffffffffffff", (1 << 64) - 1, module.NOT_SPECIFIED, "not specified"),
    ("0103000500000000", 0x00050103, module.MULTI_LEVEL, "bus 1, target 3 > 5"),
    ("0102030441000000", 0x4100_0304_0102, module.MULTI_LEVEL, "bus 1, target 2 > bus 3, target 4 > flat 256"),
]


@pytest.mark.parametrize(("raw", "number", "method", "text"), CASES)
def test_every_addressing_method_is_decoded(raw: str, number: int, method: str, text: str) -> None:
    """Number, method and words follow from the 8 bytes; nothing is wrong with them."""
    lun = parse_lun(bytes.fromhex(raw))
    assert (lun.number, lun.method, lun.text, lun.problem) == (number, method, text, "")


def test_linux_numbers_are_what_lsscsi_prints() -> None:
    """Linux keeps the addressing method in its number."""
    assert parse_lun(build_lun(1)).linux == 1
    assert parse_lun(build_lun(256)).linux == 16640
    assert parse_lun(bytes.fromhex("c101000000000000")).linux == 49409


@pytest.mark.parametrize("length", range(8))
@pytest.mark.parametrize("case", CASES)
def test_a_lun_cut_short_says_so(case: tuple[str, int, str, str], length: int) -> None:
    """Every truncation decodes as far as its bytes go and names the lack."""
    lun = parse_lun(bytes.fromhex(case[0])[:length])
    assert lun.problem == f"{length} of 8 bytes"
    if length < 2:
        assert (lun.number, lun.method) == (-1, module.CUT)


def test_bytes_behind_the_last_level_are_shown() -> None:
    """A unit at this level ends the address: anything behind it is odd, shown and flagged."""
    lun = parse_lun(bytes.fromhex("0001000500000000"))
    assert (lun.number, lun.text) == (1, "1 > 000500000000")
    assert lun.problem == "bytes after the last level are not zero"


def test_bytes_behind_the_eighth_are_ignored() -> None:
    """The field is 8 bytes long."""
    assert parse_lun(build_lun(7) + b"tail") == parse_lun(build_lun(7))


@given(st.integers(0, (1 << 40) - 1))
def test_building_is_undone_by_parsing(number: int) -> None:
    """Every number up to 40 bits has a LUN that reads back as that number."""
    assert parse_lun(build_lun(number)).number == number


@pytest.mark.parametrize("number", [-1, 1 << 40])
def test_a_number_that_no_method_holds_is_a_programming_error(number: int) -> None:
    """Builders raise on misuse."""
    with pytest.raises(ValueError, match="no addressing method"):
        build_lun(number)


@given(st.binary(max_size=12), st.integers(0, 100))
def test_any_bytes_decode_and_every_node_stays_inside_them(raw: bytes, offset: int) -> None:
    """Nothing raises; nodes lie within the field, wherever the caller's buffer has it."""
    lun = parse_lun(raw)
    assert repr(lun)
    assert hash(lun) == hash(parse_lun(raw))
    nodes: list[Node] = lun.tree(offset)
    while nodes:
        node = nodes.pop()
        assert offset <= node.offset
        assert node.offset + node.length <= offset + min(len(raw), 8)
        nodes += node.children
