"""The segments of PDUs are those frames that hold their bytes."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.export.segments import Segments, segments_of
from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.store.store import Store
from tests.support.command import analysed
from tests.support.samples import sample


@pytest.fixture(scope="module")
def store() -> Store:
    return analysed(sample("m56_data_sn_wrong")).store


def test_every_piece_of_a_pdu_touches_its_frame_and_no_other(store: Store) -> None:
    for number in range(1, len(store) + 1):
        row = store.row(number)
        segments = Segments(store, [number])
        for position, length in store.spans(row):
            assert segments.touch(position - 40, length + 40)
            assert not segments.touch(position - 40, 40)
            assert not segments.touch(position + length, 1000) or len(store.spans(row)) > 1


def test_nothing_asked_for_is_everything(store: Store) -> None:
    assert segments_of(store, None) is None


def test_what_is_asked_for_in_two_ways_must_be_both(store: Store) -> None:
    commands = Focus(store, wanted=compile_filter("iscsi.opcode == 1"))
    both = segments_of(store, commands, tasks=[17])
    assert both is not None
    row = next(row for row in store.rows() if row.opcode == 1 and row.frame_last == 46)
    [(position, length), *_] = store.spans(row)
    assert both.touch(position, length)
    answer = next(row for row in store.rows() if row.frame_last == 54)
    assert not both.touch(*store.spans(answer)[0])


@pytest.mark.parametrize(("words", "said"), [({"tasks": [999]}, "--task 999"), ({"findings": [9]}, "--finding 9")])
def test_what_does_not_exist_is_refused(store: Store, words: dict[str, list[int]], said: str) -> None:
    with pytest.raises(LookupError, match=said):
        segments_of(store, None, **words)
