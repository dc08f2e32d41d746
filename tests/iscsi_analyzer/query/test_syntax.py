"""Places in a filter."""

from __future__ import annotations

from iscsi_analyzer.query.syntax import Span


def test_a_span_reaches_from_the_start_of_one_to_the_end_of_another() -> None:
    assert Span(2, 3).to(Span(10, 4)) == Span(2, 12)
    assert Span(2, 3).to(Span(2, 3)) == Span(2, 3)
