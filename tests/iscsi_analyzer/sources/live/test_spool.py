"""The spool is a directory of its own, bounded by the disk, and nothing of it stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from iscsi_analyzer.sources.live.spool import PREFIX, Spool, free_bytes


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_goes_with_everything_in_it(tmp_path: Path) -> None:
    spool = Spool()
    (spool.path / "file").write_bytes(b"x")
    assert list(tmp_path.iterdir()) == [spool.path]
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_behind_goes_and_what_others_use_stays(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f"{PREFIX}{gone.pid}-abc"
    used = tmp_path / f"{PREFIX}1-abc"
    foreign = tmp_path / "something-else"
    for path in (left, used, foreign):
        path.mkdir()
    (left / "live.pcapng").write_bytes(b"x")
    spool = Spool()
    assert {path.name for path in tmp_path.iterdir()} == {used.name, foreign.name, spool.path.name}
    spool.close()


def test_free_space_is_known_where_there_is_a_disk(tmp_path: Path) -> None:
    assert 0 < free_bytes(tmp_path) < 1 << 60
    assert free_bytes(tmp_path / "nowhere") == 1 << 62


def test_it_never_takes_all_of_the_disk() -> None:
    spool = Spool()
    assert spool.room(1 << 20) == 1 << 20
    assert spool.room(1 << 80) < 1 << 60
    spool.close()
