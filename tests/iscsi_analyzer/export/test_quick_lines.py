"""The quick way and the full way write the same bytes, on every sample and on headers of any content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.export.json_lines import JsonLines
from iscsi_analyzer.export.quick_plans import programs
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.mangle_whole import reorder
from tests.support.samples import captures
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_load import mixture

TO_TARGET = (0x00, 0x01, 0x02, 0x05, 0x06, 0x10, 0x1C)
TO_INITIATOR = (0x20, 0x21, 0x22, 0x25, 0x26, 0x31, 0x32, 0x3C, 0x3F)


class Counting(JsonLines):
    """Counts the PDUs that are written in full."""

    full = 0

    def full_line(self, number: int) -> bytes:
        self.full += 1
        return super().full_line(number)


def both(analysis: Analysis) -> tuple[list[bytes], list[bytes], int]:
    """The lines of both ways, and how many the quick one had to leave to the full one."""
    writer = Counting(analysis.store)
    lines = writer.more().split(b"\n")[:-1]
    count = writer.full
    return lines, [writer.full_line(number) for number in range(1, len(analysis.store) + 1)], count


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name.partition(".")[0])
def test_both_ways_write_the_same_for_a_sample(capture: Path) -> None:
    quick, full, _ = both(analysed(capture))
    assert quick == full


headers = st.binary(min_size=48, max_size=48)


@given(st.lists(st.tuples(st.sampled_from(TO_TARGET + TO_INITIATOR), headers), min_size=1, max_size=8))
def test_both_ways_write_the_same_for_any_header(drawn: list[tuple[int, bytes]]) -> None:
    """Lengths are right, so that the PDUs can be framed; everything else in the headers is arbitrary."""
    talk = Talk().open()
    for opcode, header in drawn:
        direction = I2T if opcode in TO_TARGET else T2I
        tag = int.from_bytes(header[16:20], "big") & 0xFF
        patch = {1: header[1:4], 8: header[8:16], 20: header[20:48]}
        talk.send(direction, opcode, header[1], initiator_task_tag=tag, patch=patch, data=header[: header[0] & 7])
    quick, full, _ = both(analysed(talk))
    assert quick == full
    assert all(json.loads(line)["type"] == "pdu" for line in quick)


def test_frames_that_came_in_another_order_are_listed_in_theirs() -> None:
    from random import Random

    talk = Talk(mss=600).open()
    for _ in range(20):
        talk.read(4096)
    analysis = analysed(reorder(talk.frames, Random(3), share=0.5))
    quick, full, _ = both(analysis)
    assert quick == full
    assert all(json.loads(line)["frames"] == sorted(json.loads(line)["frames"]) for line in quick)


def test_nearly_all_pdus_of_a_healthy_conversation_go_the_quick_way() -> None:
    talk = mixture(pdus=1000, data_digest=True)
    quick, full, count = both(analysed(talk))
    assert quick == full
    assert count < len(full) // 4


def test_blocks_of_rows_and_of_places_may_end_anywhere() -> None:
    """More PDUs than a block of rows holds, and more pieces than a block of places."""
    talk = Talk(mss=100).open()
    for _ in range(2100):
        talk.test_unit_ready()
    for _ in range(20):
        talk.read(32768)
    analysis = analysed(talk)
    assert len(analysis.store) > 4096
    quick, full, _ = both(analysis)
    assert quick == full


def test_pieces_of_the_output_join_to_the_whole() -> None:
    talk = Talk().open()
    for _ in range(50):
        talk.read(4096)
    analysis = analysed(talk)
    whole = JsonLines(analysis.store).more()
    writer = JsonLines(analysis.store)
    assert writer.more() + writer.more() == whole


def test_every_opcode_without_text_has_a_program() -> None:
    from dissectors.pdu import PDU_TYPES

    found = programs()
    assert [kind.name for kind in PDU_TYPES if (found[kind.opcode] is None) != kind.text] == []
