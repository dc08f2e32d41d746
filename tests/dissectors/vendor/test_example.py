"""The template of a vendor dissector does what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dissectors.pdu import build, dissect
from dissectors.vendor import registry
from dissectors.vendor.example import ExampleCounters
from tests.dissectors.iscsi.headers import find, made, names

ENTRIES = b"\0\0\0\1\0\0\0\2" b"\0\0\0\3\0\0\0\4"  # fmt: skip


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    registry.register(ExampleCounters)
    yield
    registry.unregister(ExampleCounters.opcode)


def test_a_whole_pdu_is_dissected() -> None:
    pdu = made(0x1C, ENTRIES, counter=1, initiator_task_tag=2, cmd_sn=3, since=60)
    assert pdu.summary() == "Example Counters writes ITT 0x2 CmdSN 3"
    assert find(pdu.tree(), "Since").text == "60 seconds"
    assert [node.text for node in pdu.tree() if node.label == "Entry"] == ["unit 1: 2", "unit 3: 4"]
    assert names(pdu) == []


@pytest.mark.parametrize("cut", range(len(ENTRIES)))
def test_a_list_cut_anywhere_keeps_its_whole_entries(cut: int) -> None:
    pdu = made(0x1C, ENTRIES[:cut])
    assert len([node for node in pdu.tree() if node.label == "Entry"]) == cut // 8
    assert names(pdu) == (["counters-cut"] if cut % 8 else [])


def test_building_what_was_dissected_gives_the_same_bytes() -> None:
    header = bytes((0x5C,)) + bytes(range(100, 147))
    assert build(dissect(header)) == header
