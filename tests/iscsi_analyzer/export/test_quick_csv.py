"""The quick way to CSV writes what the full way writes, on every sample and for chosen columns."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export.chosen import Chosen
from iscsi_analyzer.export.pdu_view import Views
from iscsi_analyzer.export.quick_csv import QuickCsv, quickly
from iscsi_analyzer.export.tabular import CSV_COLUMNS, CsvLines, Rows, columns_of
from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.export.test_quick_lines import TO_INITIATOR, TO_TARGET
from tests.support.command import analysed
from tests.support.mangle_whole import reorder
from tests.support.samples import SAMPLES, captures
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_load import mixture

ALL = columns_of(CSV_COLUMNS)


def both(store: Store, rare: int = 1) -> tuple[bytes, bytes]:
    return QuickCsv(Views(store), ALL, rare=rare).more(), Rows(Views(store), CsvLines(ALL)).more()


@pytest.mark.parametrize("capture", captures(), ids=lambda path: path.name.partition(".")[0])
def test_both_ways_write_the_same_for_a_sample(capture: Path) -> None:
    quick, full = both(analysed(capture).store)
    assert quick.split(b"\r\n") == full.split(b"\r\n")


def test_both_ways_write_the_same_for_frames_out_of_order_and_many_blocks() -> None:
    talk = Talk(mss=300).open()
    for _ in range(1500):
        talk.test_unit_ready()
    for _ in range(20):
        talk.read(32768)
    store = analysed(reorder(talk.frames, Random(3), share=0.3)).store
    assert len(store) > 3000
    quick, full = both(store, rare=3)
    assert quick == full


headers = st.binary(min_size=48, max_size=48)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(TO_TARGET + TO_INITIATOR), headers), min_size=1, max_size=8))
def test_both_ways_write_the_same_for_any_header(drawn: list[tuple[int, bytes]]) -> None:
    """Lengths are right, so that the PDUs can be framed; everything else in the headers is arbitrary."""
    talk = Talk().open()
    for opcode, header in drawn:
        patch = {1: header[1:4], 8: header[8:16], 20: header[20:48]}
        direction = I2T if opcode in TO_TARGET else T2I
        for tag in (header[16], header[17]):
            talk.send(direction, opcode, header[1], initiator_task_tag=tag, patch=patch)
    quick, full = both(analysed(talk).store)
    assert quick == full


def test_chosen_columns_and_chosen_pdus() -> None:
    store = analysed(mixture(pdus=300)).store
    columns = columns_of(["time_last", "tcp.srcport", "lba", "frames", "lun", "opcode_name"])
    assert quickly(columns)
    focus = Focus(store, wanted=compile_filter("iscsi.opcode in {0x01, 0x25}"))
    texts = []
    for writer in (QuickCsv(Views(store), columns, rare=1), None):
        views = Views(store)
        views.chosen = Chosen(focus)
        if writer is None:
            texts.append(Rows(views, CsvLines(columns)).more())
        else:
            texts.append(QuickCsv(views, columns, rare=1).more())
    assert texts[0] == texts[1]
    assert texts[0].count(b"\r\n") > 20


def test_columns_of_filters_go_the_other_way() -> None:
    assert not quickly(columns_of(["number", "iscsi.time"]))


def test_pieces_join_to_the_whole_with_one_header() -> None:
    store = analysed(SAMPLES / "u21_read_small.pcap.zst").store
    writer = QuickCsv(Views(store), ALL)
    text = writer.more() + writer.more() + writer.end()
    assert text == both(store)[0]
    assert text.count(b"ip.src") == 1
