"""Occasions that many rules share."""

from __future__ import annotations

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.rules.occasions import (
    AND,
    BOOLEANS,
    I2T,
    LISTS,
    MAXIMUM,
    MINIMUM,
    NEGOTIATED,
    NUMBERS,
    OR,
    T2I,
    said,
)
from tests.iscsi_analyzer.stores import store_of
from tests.support.talk import Talk


def test_what_is_said_of_keys_is_found_by_their_names() -> None:
    """Whole names only, in one direction or both."""
    talk = Talk().open()
    numbers = {key: compile_filter(said(["MaxBurstLength"], key)).pdus(store_of(talk.frames)) for key in ("", I2T, T2I)}
    assert numbers[""].sum() == 2
    assert numbers[I2T].sum() == numbers[T2I].sum() == 1
    assert (numbers[I2T] | numbers[T2I]).tolist() == numbers[""].tolist()
    assert not compile_filter(said(["BurstLength"])).pdus(store_of(talk.frames)).any()


def test_keys_are_sorted_by_the_standard() -> None:
    assert {"MaxBurstLength", "ErrorRecoveryLevel"} <= {*MINIMUM} <= {*NUMBERS}
    assert {*AND} | {*OR} <= {*BOOLEANS}
    assert "DefaultTime2Wait" in MAXIMUM
    assert "HeaderDigest" in LISTS
    assert {*MINIMUM, *MAXIMUM, *AND, *OR} <= {*NEGOTIATED}
