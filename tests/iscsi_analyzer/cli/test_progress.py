"""Progress is for people who wait at a terminal, and for nobody else."""

from __future__ import annotations

import io
import sys

import pytest

from iscsi_analyzer.cli import progress
from iscsi_analyzer.cli.progress import Progress, frames_line, progress_line


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_the_line_says_how_far_how_fast_and_how_long() -> None:
    assert progress_line(500_000_000, 1_000_000_000, 1.0) == "50 %, 500 MB/s, 1 s to go"
    assert progress_line(500_000_000, None, 2.0) == "500 MB, 250 MB/s"
    assert progress_line(0, 100, 0.0) == "0 %, 0 MB/s, 0 s to go"
    assert progress_line(200, 100, 1.0).startswith("100 %")


def test_frames_have_a_line_of_their_own() -> None:
    assert frames_line(1204, 9030, 2.0) == "tshark is at frame 1,204 of 9,030, 13 s to go"
    assert frames_line(5, None, 1.0) == "tshark is at frame 5"


@pytest.mark.parametrize(("quiet", "stream"), [(True, Terminal()), (False, io.StringIO())])
def test_nothing_is_said_where_nobody_looks(quiet: bool, stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    shown = Progress(quiet)
    shown.tell(1, 2)
    shown.clear()
    assert stream.getvalue() == ""


def test_a_terminal_sees_a_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    shown = Progress(False)
    shown.tell(1, 2)
    assert stream.getvalue().startswith("\r50 %")
    shown.clear()
    assert stream.getvalue().endswith(" \r")


def test_what_is_quick_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", 1000.0)
    shown = Progress(False)
    shown.tell(1, 2)
    shown.clear()
    assert stream.getvalue() == ""
