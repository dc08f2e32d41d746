"""What rules remember of few connections is bounded, and is there when it is first asked for."""

from __future__ import annotations

from iscsi_analyzer.rules.rare_notes import MAX_UNITS, RareNotes
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.support.talk import Talk


def test_block_sizes_are_remembered_of_so_many_units_and_no_more() -> None:
    notes = RareNotes()
    for lun in range(MAX_UNITS + 10):
        notes.block_size(lun, 512)
    notes.block_size(3, 4096)
    assert len(notes.block_sizes) == MAX_UNITS
    assert notes.block_sizes[3] == 4096


def test_each_connection_has_its_own() -> None:
    """Ten refusals in ten seconds are told; five on each of two connections are not."""
    talk = Talk().open()
    other = talk.beside().open()
    for _ in range(5):
        talk.test_unit_ready(0x28)
        other.test_unit_ready(0x28)
    assert findings_of(talk) == []
