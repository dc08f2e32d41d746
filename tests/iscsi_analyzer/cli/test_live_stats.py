"""The counts of a live capture: what was captured, dropped, analysed, and how far behind that is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iscsi_analyzer.cli.live_stats import Stats
from iscsi_analyzer.live import LiveAnalysis
from iscsi_analyzer.sources.live.options import SOCKETS, LiveOptions
from tests.iscsi_analyzer.sources.live.actor import Actor, cast
from tests.support.command import analysed
from tests.support.samples import sample
from tests.support.talk import Talk
from tests.support.talk_capture import write_capture


def test_the_counts_are_those_of_the_analysis() -> None:
    analysis = analysed(sample("f41_drop_2pct"))
    stats = Stats(analysis, 5.0)
    line = stats.line(stats._start + 2)
    assert line.startswith(f"2 s, {analysis.engine.frames:,} analysed (")
    assert f"{len(analysis.store):,} PDUs" in line
    assert line.endswith(", 1 gap")
    assert "(0/s)" in stats.line(stats._start + 4)


def test_bytes_that_were_not_framed_are_no_gap() -> None:
    analysis = analysed(sample("b01_badpdu_tgtd"))
    line = Stats(analysis, 5.0).line(1e9)
    assert " gap" not in line
    assert re.search(r", \d+ runs? of bytes not framed$", line)


def test_of_a_live_capture_drops_and_lag_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(write_capture(tmp_path / "talk.pcap", Talk().open().frames))
    actor = Actor(tmp_path, ("say", "Packets: 12"), ("say", "Dropped: 3"), ("file", 0, path), ("stay",))
    cast(monkeypatch, actor)
    with LiveAnalysis(LiveOptions(("lo",), capture_with=SOCKETS)) as analysis:
        line = Stats(analysis, 5.0).line(1e9)
    assert "12 frames captured, 3 dropped, 0 analysed" in line
    assert " behind" in line


def test_how_far_behind_the_analysis_is_is_told_in_bytes_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk().open()
    path = str(write_capture(tmp_path / "talk.pcap", talk.frames))
    actor = Actor(tmp_path, ("file", 0, path), ("wait", "more"), ("append", 0, path), ("say", "Packets: 9"), ("stay",))
    cast(monkeypatch, actor)
    with LiveAnalysis(LiveOptions(("lo",), capture_with=SOCKETS)) as analysis:
        while analysis.engine.frames < len(talk.frames):
            analysis.step()
        assert Stats(analysis, 5.0).line(1e9).endswith(", 0 B behind")
        actor.cue("more")
        while analysis.source.captured is None:
            analysis.source.poll()
        line = Stats(analysis, 5.0).line(1e9)
    assert re.search(r", [\d.]+ k?B behind \(\d+ d \d+ h\)$", line)


def test_nothing_is_told_unless_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    analysis = analysed(sample("u03_login_inquiry"))
    Stats(analysis, None).look()
    regular = Stats(analysis, 3600.0)
    regular.look()
    assert capsys.readouterr().err == ""
    regular._next = 0
    regular.look()
    assert capsys.readouterr().err.startswith("iscsi-analyzer: 0 s, ")
