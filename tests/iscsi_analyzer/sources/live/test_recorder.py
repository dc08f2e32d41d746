"""A capture program is started, listened to and ended; however it ends, that is known and said."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from iscsi_analyzer.sources.live import recorder as module
from iscsi_analyzer.sources.live.options import LiveError
from iscsi_analyzer.sources.live.recorder import Recorder
from tests.iscsi_analyzer.sources.live.actor import Actor
from tests.iscsi_analyzer.sources.live.plans import plan


def started(place: Path, *steps: tuple[object, ...]) -> Recorder:
    (place / "empty").write_bytes(b"")
    actor = Actor(place, ("file", 0, str(place / "empty")), *steps)
    recorder = Recorder(actor, plan(path=str(place / "x.pcapng")))
    recorder.wait_until_listening()
    return recorder


def until_it_ends(recorder: Recorder) -> None:
    end = time.monotonic() + 10
    while recorder.running and time.monotonic() < end:
        recorder.poll()
        time.sleep(0.01)
    recorder.poll()


def test_it_listens_until_it_is_told_to_end(tmp_path: Path) -> None:
    recorder = started(tmp_path, ("say", "Packets: 5"), ("stay",), ("say", "Packets: 7"))
    assert recorder.said.files == [str(tmp_path / "x.pcapng")]
    assert recorder.running
    recorder.stop()
    assert not recorder.running
    assert recorder.said.captured == 7
    assert recorder.ending() == ""
    recorder.close()


def test_what_the_kernel_keeps_back_is_waited_for_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is told to end only when it must have got what was on the wire before."""
    monkeypatch.setattr(Actor, "delay", 30.0)
    recorder = started(tmp_path, ("wait", "late frames"), ("say", "Packets: 5"), ("exit", 0))
    (tmp_path / "late frames").touch()
    recorder.stop()
    assert recorder.said.captured == 5
    recorder.close()


@pytest.mark.parametrize(
    ("step", "words"), [(("exit", 3), "ended with exit code 3"), (("die",), "was ended by SIGKILL"), (("exit", 0), "")]
)
def test_how_it_ended_is_said(tmp_path: Path, step: tuple[object, ...], words: str) -> None:
    recorder = started(tmp_path, ("say", "No space left on device"), step)
    until_it_ends(recorder)
    assert recorder.ending() == words
    assert recorder.said.remarks == ["No space left on device"]
    recorder.close()


def test_one_that_cannot_begin_fails_with_its_own_words(tmp_path: Path) -> None:
    actor = Actor(tmp_path, ("say", "you may not"), ("exit", 1))
    recorder = Recorder(actor, plan())
    with pytest.raises(LiveError, match="you may not"):
        recorder.wait_until_listening()
    recorder.close()


def test_one_that_does_not_exist_fails_in_words() -> None:
    actor = Actor(Path("/"))
    actor.command = lambda plan: ["/no/such/program"]  # type: ignore[method-assign]
    with pytest.raises(LiveError, match="cannot be started: No such file"):
        Recorder(actor, plan())


def test_one_that_says_nothing_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    recorder = Recorder(Actor(tmp_path, ("stay",)), plan())
    with pytest.raises(LiveError, match="does not begin to capture"):
        recorder.wait_until_listening()
    recorder.close()


def test_one_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE", 0.3)
    recorder = started(tmp_path, ("ignore",), ("say", "Packets: 1"), ("wait", "never"))
    while recorder.said.captured is None:
        recorder.poll()
    recorder.close()
    assert not recorder.running
    assert recorder.ending() == f"was ended by {signal.Signals.SIGKILL.name}"
