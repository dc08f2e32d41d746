"""A ring has several files only if something makes a file full."""

from __future__ import annotations

from iscsi_analyzer.sources.live.options import Ring


def test_a_number_of_files_alone_makes_no_ring() -> None:
    assert not Ring(files=3).several
    assert Ring(bytes=1).several
    assert Ring(seconds=1).several
