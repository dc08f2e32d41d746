"""What is made goes to where the user says, and never over what is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from iscsi_analyzer.cli import target
from iscsi_analyzer.cli.exits import DAMAGED, USAGE, Stop
from iscsi_analyzer.cli.output import Output
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.problems import SourceError, SourceProblem
from tests.support.samples import SAMPLES

CAPTURE = SAMPLES / "u03_login_inquiry.pcap.zst"


def test_a_capture_is_kept_off_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "is_terminal", lambda: True)
    with Analysis([CAPTURE]) as analysis:
        target.check("-", analysis, binary=False)
        with pytest.raises(Stop, match="not for a terminal"):
            target.check("-", analysis, binary=True)


def test_what_is_read_is_not_written_over(tmp_path: Path) -> None:
    with Analysis([CAPTURE]) as analysis:
        target.check(str(tmp_path / "new"), analysis, binary=True)
        with pytest.raises(Stop, match="this is the capture that is read") as stopped:
            target.check(str(CAPTURE), analysis, binary=True)
    assert stopped.value.code == USAGE


def test_a_capture_that_changed_meanwhile_leaves_no_half_file(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        problem = SourceProblem("capture", 0, "is shorter than before", "read it again")
        raise SourceError(problem, [problem])

    with pytest.raises(Stop, match="shorter than before") as stopped:
        target.write(str(tmp_path / "out"), pieces(), Output())
    assert stopped.value.code == DAMAGED
    assert list(tmp_path.iterdir()) == []


def test_files_of_a_directory_are_written_all_or_none(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    place = tmp_path / "new"
    with pytest.raises(Stop, match=r"two: no space left on device.*make room"):
        target.write_all(str(place), {"one": [b"1"], "two": broken(), "three": [b"3"]})
    assert list(tmp_path.iterdir()) == []
    target.write_all(str(place), {"one": [b"1"], "two": [b"2", b"2"]})
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {"one": b"1", "two": b"22"}


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    with Analysis([CAPTURE]) as analysis:
        target.check_all(str(tmp_path / "new"), ["one"], analysis)
        with pytest.raises(Stop, match="this is a file"):
            target.check_all(str(CAPTURE), ["one"], analysis)
        with pytest.raises(Stop, match="this is the capture"):
            target.check_all(str(SAMPLES), [CAPTURE.name], analysis)
