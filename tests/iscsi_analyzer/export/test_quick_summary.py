"""The quick way and the full way say the same of every header, and the quick way is gone for nearly all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.layout import BHS_LENGTH, OP_SCSI_COMMAND
from dissectors.pdu import PDU_TYPES, dissect
from iscsi_analyzer import analyse
from iscsi_analyzer.export import quick_summary
from iscsi_analyzer.export.pdu_text import marks, name_and_rest
from iscsi_analyzer.export.pdu_view import Views
from iscsi_analyzer.export.quick_summary import QuickSummary
from iscsi_analyzer.export.tables import visible
from tests.support.command import analysed
from tests.support.samples import SAMPLES, captures
from tests.support.talk_load import mixture

OPCODES = [kind.opcode for kind in PDU_TYPES]
NUMBERS = (0, 1, 2, 0xFFFFFFFF, 0xFFFFFFFE, 4096, 0x12345678, 3181920607, 41973)
"Among them some that mean something, and some that templates are made with."


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name.partition(".")[0])
def test_both_ways_say_the_same_of_a_sample(capture: Path) -> None:
    views = Views(analyse(capture).store)
    for view in views.more():
        quick = view.quick_summary
        if quick is not None:
            assert quick == visible(view.pdu.summary())
            assert name_and_rest(view) == (view.pdu.name, quick.removeprefix(view.pdu.name))
            view._quick = None
            assert list(marks(view)) == []


def sharp(words: list[int], opcode: int, flags: int, cdb: int) -> bytes:
    """A header of these words of four bytes, without additional headers."""
    header = bytearray(b"".join(word.to_bytes(4, "big") for word in words))
    header[0], header[1], header[4] = opcode, flags, 0
    if opcode == OP_SCSI_COMMAND:
        header[32] = cdb
    return bytes(header)


headers = st.builds(
    sharp,
    st.lists(
        st.one_of(st.sampled_from(NUMBERS), st.integers(0, 0xFFFFFFFF)),
        min_size=BHS_LENGTH // 4,
        max_size=BHS_LENGTH // 4,
    ),
    st.sampled_from(OPCODES),
    st.integers(0, 255),
    st.sampled_from((0x08, 0x0A, 0x12, 0x28, 0x2A, 0x35, 0x42, 0x88, 0x8A, 0x9E, 0xA0, 0xA8, 0x5E)),
)


@given(st.lists(headers, min_size=1, max_size=12))
def test_both_ways_say_the_same_of_any_header(drawn: list[bytes]) -> None:
    quick = QuickSummary()
    for header in drawn:
        found = quick.of(header)
        assert found is None or found == visible(dissect(header).summary())


def test_few_ordinary_pdus_are_left_to_the_full_way() -> None:
    views = Views(analysed(mixture(3, pdus=600)).store)
    found = [view.quick_summary for view in views.more()]
    assert found.count(None) * 5 < len(found)


def test_what_is_not_ordinary_is_left_to_the_full_way() -> None:
    views = Views(analyse(SAMPLES / "b01_badpdu_tgtd.pcap.zst").store)
    for view in views.more():
        if list(marks(view)) or view.views.store.kept_data(view.number):
            assert view.quick_summary is None


def test_templates_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_summary, "MOST_TEMPLATES", 5)
    quick = QuickSummary()
    for lun in range(40):
        header = bytearray(BHS_LENGTH)
        header[0], header[1], header[9], header[19], header[32] = OP_SCSI_COMMAND, 0x80, lun, 2, 0
        assert quick.of(bytes(header)) == visible(dissect(bytes(header)).summary())
    assert all(shape is None or len(shape.templates) <= 5 for shape in quick._shapes.values())
