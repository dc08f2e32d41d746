"""An analysis of an interface is one like any other, which also looks after the program that captures."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from iscsi_analyzer.live import LiveAnalysis
from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.live.options import SOCKETS, LiveError, LiveOptions
from tests.iscsi_analyzer.sources.live.actor import Actor, cast
from tests.support.talk import Talk
from tests.support.talk_capture import write_capture


def conversation() -> Talk:
    talk = Talk().open()
    for lba in range(20):
        talk.read(lba=lba)
    talk.close()
    return talk


def halves(place: Path, talk: Talk) -> tuple[str, str]:
    """The conversation in two files."""
    cut = len(talk.frames) // 2
    return (
        str(write_capture(place / "first.pcap", talk.frames[:cut])),
        str(write_capture(place / "second.pcap", talk.frames[cut:])),
    )


def live(monkeypatch: pytest.MonkeyPatch, actor: Actor, **settings: bool) -> LiveAnalysis:
    cast(monkeypatch, actor)
    return LiveAnalysis(LiveOptions(("lo",), capture_with=SOCKETS, **settings), Options())  # type: ignore[arg-type]


def until(analysis: Analysis, true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        if not analysis.step():
            time.sleep(0.005)


def test_it_finds_what_an_analysis_of_the_files_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the change of files, and as things happen."""
    talk = conversation()
    first, second = halves(tmp_path, talk)
    actor = Actor(tmp_path, ("file", 0, first), ("wait", "next"), ("file", 1, second), ("stay",))
    with live(monkeypatch, actor) as analysis:
        until(analysis, lambda: analysis.engine.frames == len(talk.frames) // 2)
        assert not analysis.over
        assert 0 < len(analysis.store) < len(talk.pdus)
        actor.cue("next")
        until(analysis, lambda: analysis.engine.frames == len(talk.frames))
        analysis.stop()
        while analysis.step():
            pass
        assert analysis.over
        analysis.finish()
        found = list(analysis.pdus())
    with Analysis([first, second]) as offline:
        assert list(offline.run().pdus()) == found


def test_it_begins_anew_without_what_it_has_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames keep their numbers; sessions go on without their logins; a PDU across the moment is lost."""
    talk = conversation()
    first, second = halves(tmp_path, talk)
    actor = Actor(tmp_path, ("file", 0, first), ("wait", "next"), ("file", 1, second), ("exit", 0))
    with live(monkeypatch, actor) as analysis:
        until(analysis, lambda: analysis.engine.frames == len(talk.frames) // 2)
        before = len(analysis.store)
        analysis.finish()
        analysis.begin_anew()
        assert len(analysis.store) == 0
        actor.cue("next")
        until(analysis, lambda: analysis.over)
        analysis.finish()
        assert analysis.engine.frames == len(talk.frames)
        assert len(talk.pdus) - before - 1 <= len(analysis.store) <= len(talk.pdus) - before
        [session] = analysis.store.sessions
        assert session.assumed
        assert analysis.findings() == []


def test_when_memory_is_short_the_capture_ends_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = halves(tmp_path, conversation())
    cast(monkeypatch, Actor(tmp_path, ("file", 0, first), ("stay",)))
    with LiveAnalysis(LiveOptions(("lo",), capture_with=SOCKETS), max_memory=1000) as analysis:
        until(analysis, lambda: analysis.over)
        assert analysis.memory > 1000
        [problem] = analysis.problems
        assert "the capture has ended" in problem.message


def test_a_portal_that_cannot_be_captured_in_addition_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = halves(tmp_path, conversation())
    actor = Actor(tmp_path, ("file", 0, first), ("stay",))
    with live(monkeypatch, actor, learn_portals=True) as analysis:
        actor.steps = (("say", "no more buffers"), ("exit", 1))
        analysis.engine.listener.ports.add(5003)
        until(analysis, lambda: bool(analysis.problems))
        assert "a portal that was learned cannot be captured: no more buffers" in str(analysis.problems[0])


def test_a_capture_that_cannot_be_read_is_an_error_of_the_live_capture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "junk").write_bytes(b"junk" * 300)
    with pytest.raises(LiveError, match="not a capture"):
        live(monkeypatch, Actor(tmp_path, ("file", 0, str(tmp_path / "junk")), ("stay",)))
