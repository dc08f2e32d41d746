"""Our PDUs come in the order of the frames that completed them."""

from __future__ import annotations

from random import Random

from iscsi_analyzer.crosscheck import ours
from iscsi_analyzer.crosscheck.ours import ByFrame, by_frame, shared_columns, together
from tests.support.command import analysed
from tests.support.mangle_whole import reorder
from tests.support.talk import Talk


def test_every_pdu_comes_once_by_its_frame() -> None:
    talk = Talk(mss=600).open()
    for _ in range(10):
        talk.read(4096)
    store = analysed(reorder(talk.frames, Random(3), share=0.5)).store
    found = [(frame, view.number) for frame, views in by_frame(store) for view in views]
    assert [frame for frame, _ in found] == sorted(row.frame_last for row in store.rows())
    assert sorted(number for _, number in found) == list(range(1, len(store) + 1))
    assert len({frame for frame, _ in by_frame(store)}) == len({frame for frame, _ in found})


def test_portions_are_bounded(monkeypatch: object) -> None:
    talk = Talk().open()
    talk.read(4096)
    numbers = ByFrame(analysed(talk).store)
    assert len(numbers.more()) <= ours.PORTION
    assert numbers.more() == []


def test_only_fields_that_wireshark_knows_are_compared() -> None:
    assert "iscsi.opcode" in shared_columns({"iscsi.opcode"})
    assert "iscsi.cmdsn" not in shared_columns({"iscsi.opcode"})
    assert set(ours.SCSI) <= set(shared_columns(set()))


def test_some_fields_are_compared_by_frame() -> None:
    assert together("iscsi.scsidata.F")
    assert together("scsi.lun")
    assert not together("iscsi.cmdsn")
