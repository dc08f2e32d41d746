"""Offsets in streams count on over four gigabytes."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.store.stream_offsets import ENTRY, entries, unwrapped
from tests.support.command import analysed
from tests.support.talk_load import mixture


def test_offsets_of_which_the_low_bits_are_known_go_on() -> None:
    low = np.array([5, 1 << 31, (1 << 32) - 1, 7, 1 << 31], dtype=np.uint32)
    assert unwrapped(low).tolist() == [5, 1 << 31, (1 << 32) - 1, (1 << 32) + 7, (1 << 32) + (1 << 31)]
    assert unwrapped(low[:0]).tolist() == []


def test_the_pieces_of_a_direction_are_those_of_its_span_table() -> None:
    connection = analysed(mixture(seed=4, pdus=60)).store.connections[0]
    table = entries(connection.first)
    assert table is not None
    assert table.dtype == ENTRY
    assert connection.first.framer is not None
    assert len(table) == connection.first.framer.spans.count
    connection.first.framer = None
    assert entries(connection.first) is None
