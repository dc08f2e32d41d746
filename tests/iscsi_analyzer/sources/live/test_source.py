"""A live capture from its beginning to its end: files follow each other, old ones go, ends are noticed, nothing stays
that nobody wanted."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from iscsi_analyzer.sources.capture import Capture, open_capture
from iscsi_analyzer.sources.live import source as module
from iscsi_analyzer.sources.live.options import SOCKETS, LiveError, LiveOptions, Ring
from iscsi_analyzer.sources.live.source import LiveSource
from tests.iscsi_analyzer.sources.calls import Calls, plain
from tests.iscsi_analyzer.sources.live.actor import Actor, cast
from tests.support.capturefiles import pcap_file, some_records

RECORDS = some_records(12)


class Stage:
    """A live capture that an actor plays, and who follows it."""

    def __init__(self, source: LiveSource, capture: Capture) -> None:
        self.source = source
        self.capture = capture
        self.calls = Calls()

    def read(self) -> None:
        """What there is now."""
        self.source.poll()
        while self.capture.step(self.calls):
            pass

    def until(self, true: Callable[[], bool]) -> None:
        """Goes on until that is so."""
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end
            self.read()
            time.sleep(0.005)


@contextmanager
def played(monkeypatch: pytest.MonkeyPatch, actor: Actor, **settings: Any) -> Iterator[Stage]:
    cast(monkeypatch, actor)
    options = LiveOptions(**{"interfaces": ("lo",), "capture_with": SOCKETS, **settings})
    source = LiveSource(options, (3260,))
    try:
        with open_capture(source.start(), follow=True) as capture:
            source.attach(capture)
            yield Stage(source, capture)
    finally:
        source.close()


def parts(place: Path, *cuts: int) -> list[str]:
    """The records, cut into files."""
    paths = []
    for number, (start, end) in enumerate(zip((0, *cuts), (*cuts, len(RECORDS)), strict=True)):
        path = place / f"part{number}"
        path.write_bytes(pcap_file(RECORDS[start:end]))
        paths.append(str(path))
    return paths


def test_the_files_of_a_ring_are_one_capture_and_only_the_newest_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = parts(tmp_path, 4, 8)
    steps = [("file", 0, first), ("wait", "a"), ("file", 1, second), ("wait", "b"), ("file", 2, third), ("stay",)]
    actor = Actor(tmp_path, *steps)
    kept = tmp_path / "kept.pcap"
    with played(monkeypatch, actor, write=str(kept), ring=Ring(bytes=1000, files=2)) as stage:
        for cue, count in (("a", 8), ("b", 12)):
            actor.cue(cue)
            stage.until(lambda count=count: len(stage.calls.calls) == count)
        stage.until(lambda: not kept.exists())
        assert stage.source.lost_files == 0
        assert [os.path.basename(path) for path in stage.source.kept] == ["kept_1.pcap", "kept_2.pcap"]
        stage.source.stop()
        stage.read()
        assert stage.source.over
        assert stage.capture.over
        assert stage.calls.plain == plain(RECORDS)
        assert stage.capture.problems == []
    assert (tmp_path / "kept_1.pcap").exists()


def test_a_file_that_goes_before_it_was_read_is_a_loss_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = parts(tmp_path, 4, 8)
    actor = Actor(tmp_path, ("file", 0, first), ("file", 1, second), ("file", 2, third), ("stay",))
    settings = {"write": str(tmp_path / "kept.pcap"), "ring": Ring(bytes=1000, files=1), "spool_bytes": 10}
    with played(monkeypatch, actor, **settings) as stage:
        recorder = stage.source._rows[0].recorder
        while len(recorder.said.files) < 3:
            recorder.poll()
        stage.read()
        assert stage.source.lost_files == 1
        assert stage.calls.plain == plain(RECORDS[:4] + RECORDS[8:])
        [problem] = stage.capture.problems
        assert "does not keep up" in str(problem)


def test_the_spool_is_bounded_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = parts(tmp_path, 3, 6, 9)
    size = os.path.getsize(paths[0])
    steps: list[tuple[object, ...]] = []
    for number, path in enumerate(paths):
        steps += [("file", number, path), ("wait", str(number))]
    actor = Actor(tmp_path, *steps, ("stay",))
    with played(monkeypatch, actor, spool_bytes=2 * size + 10) as stage:
        folder = Path(stage.capture.files[0].path).parent
        monkeypatch.setattr(stage.source, "_room", 2 * size + 10)
        for number in range(4):
            stage.until(lambda number=number: len(stage.calls.calls) == 3 * (number + 1))
            assert sum(path.stat().st_size for path in folder.iterdir()) <= 3 * size
            actor.cue(str(number))
        assert stage.source.is_spooled(stage.capture.files[0].path)
        assert stage.source.kept == []
    assert not folder.exists()


@pytest.mark.parametrize(
    ("step", "words"),
    [(("die",), "was ended by SIGKILL"), (("exit", 2), "ended with exit code 2: No space left on device")],
)
def test_when_the_capture_program_ends_what_it_captured_is_read_and_the_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: tuple[object, ...], words: str
) -> None:
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("say", "No space left on device"), step)
    with played(monkeypatch, actor) as stage:
        stage.until(lambda: stage.source.over and stage.capture.over)
        assert stage.calls.plain == plain(RECORDS)
        [problem] = stage.capture.problems
        assert problem.severity == "error"
        assert words in problem.message
        assert "what was captured before is kept" in problem.message


def test_a_capture_that_ends_by_itself_in_good_order_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("say", "Packets: 12"), ("say", "Dropped: 2"), ("exit", 0))
    with played(monkeypatch, actor, packets=12) as stage:
        stage.until(lambda: stage.source.over and stage.capture.over)
        stage.read()
        [problem] = stage.capture.problems
        assert problem.severity == "warning"
        assert "2 of 14 frames were dropped while capturing" in problem.message
        assert (stage.source.captured, stage.source.dropped, stage.source.backlog) == (12, 2, 0)
        assert stage.capture.interfaces[0].dropped_os == 2


def test_files_of_a_ring_stay_until_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = parts(tmp_path, 4, 8)
    actor = Actor(tmp_path, ("file", 0, first), ("file", 1, second), ("file", 2, third), ("stay",))
    with played(monkeypatch, actor, write=str(tmp_path / "kept.pcap"), ring=Ring(bytes=1000, files=1)) as stage:
        recorder = stage.source._rows[0].recorder
        while len(recorder.said.files) < 3:
            recorder.poll()
        stage.read()
        assert stage.calls.plain == plain(RECORDS)
        stage.source.poll()
        assert [os.path.basename(path) for path in stage.source.kept] == ["kept_2.pcap"]


def test_an_end_that_nobody_asked_for_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dumpcap says so, and ends with exit code 0, when its interface is removed."""
    gone = "The network adapter is no longer attached"
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("say", gone), ("exit", 0))
    with played(monkeypatch, actor) as stage:
        stage.until(lambda: stage.source.over and stage.capture.over)
        [problem] = stage.capture.problems
        assert problem.severity == "error"
        assert f"ended by itself: {gone}" in problem.message


def test_an_interface_that_goes_down_and_comes_back_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("stay",))
    monkeypatch.setattr(module, "ASK_SECONDS", 0)
    with played(monkeypatch, actor) as stage:
        for up, count in ((True, 0), (False, 1), (False, 1), (True, 2), (True, 2)):
            monkeypatch.setattr(module, "is_up", lambda name, up=up: up)
            stage.read()
            assert len(stage.capture.problems) == count
        assert "went down" in str(stage.capture.problems[0])


def test_a_full_disk_is_noticed_where_the_capture_program_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("stay",))
    monkeypatch.setattr(module, "ASK_SECONDS", 0)
    monkeypatch.setattr(module, "free_bytes", lambda place: 0)
    with played(monkeypatch, actor) as stage:
        stage.until(lambda: stage.source.over and stage.capture.over)
        [problem] = stage.capture.problems
        assert "there is no space left" in problem.message
        assert stage.calls.plain == plain(RECORDS)


def test_more_files_than_can_be_followed_end_the_capture_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILES_MAX", 1)
    first, second = parts(tmp_path, 6)
    actor = Actor(tmp_path, ("file", 0, first), ("file", 1, second), ("stay",))
    with played(monkeypatch, actor) as stage:
        stage.until(lambda: stage.source.over and stage.capture.over)
        assert "more files than can be followed" in str(stage.capture.problems[0])
        assert stage.calls.plain == plain(RECORDS)


def test_it_ends_when_its_time_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("stay",))
    with played(monkeypatch, actor, seconds=0.2) as stage:
        assert stage.source.running
        stage.until(lambda: stage.source.over and stage.capture.over)
        assert stage.calls.plain == plain(RECORDS)


def test_a_learned_portal_is_captured_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a second program with a filter for what the first one does not have."""
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("stay",))
    with played(monkeypatch, actor, learn_portals=True) as stage:
        assert stage.source.learn([3260]) == []
        assert stage.source.learn([3260, 5003]) == [5003]
        assert stage.source.learn([3260, 5003]) == []
        assert actor.plans[1].filter == "(tcp port 5003) and not (tcp port 3260)"
        stage.until(lambda: len(stage.calls.calls) == 2 * len(RECORDS))
        assert stage.source.backlog == 0


def test_nothing_is_learned_unless_that_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = Actor(tmp_path, ("file", 0, *parts(tmp_path)), ("stay",))
    with played(monkeypatch, actor) as stage:
        assert stage.source.learn([5003]) == []


def test_what_was_captured_and_not_read_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = parts(tmp_path, 6)
    actor = Actor(tmp_path, ("file", 0, paths[0]), ("append", 0, paths[1]), ("say", "Packets: 12"), ("stay",))
    with played(monkeypatch, actor) as stage:
        recorder = stage.source._rows[0].recorder
        while recorder.said.captured is None:
            recorder.poll()
        whole = sum(map(os.path.getsize, paths))
        assert stage.source.backlog == whole - stage.capture.bytes_done


@pytest.mark.parametrize(
    ("said", "helps"), [("socket: Operation not permitted", "sudo"), ("eth9: That device is not up", "")]
)
def test_a_capture_that_cannot_begin_says_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, helps: str
) -> None:
    actor = Actor(tmp_path, ("say", said), ("exit", 1))
    with pytest.raises(LiveError) as caught, played(monkeypatch, actor):
        pass
    first, *rest = str(caught.value).splitlines()
    assert first == said
    assert bool(rest) is bool(helps)
    assert helps in "".join(rest)


def test_an_interface_that_is_down_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_up", lambda name: False)
    actor = Actor(tmp_path, ("say", "That device is not up"), ("exit", 1))
    with pytest.raises(LiveError, match="ip link set lo up"), played(monkeypatch, actor):
        pass


def test_a_directory_that_does_not_exist_is_told_before_anything_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = str(tmp_path / "no" / "x.pcap")
    with (
        pytest.raises(LiveError, match="there is no directory"),
        played(monkeypatch, Actor(tmp_path), write=nowhere),
    ):
        pass
