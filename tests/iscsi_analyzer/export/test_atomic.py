"""A file is there in whole or not at all, and what is read is never written over."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from iscsi_analyzer.export.atomic import OutputError, check_target, made_directory, written


def test_the_content_is_there_when_the_block_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with written(path) as stream:
        stream.write(b"all of it")
        assert not path.exists()
    assert path.read_bytes() == b"all of it"
    assert os.listdir(tmp_path) == ["out"]


def test_what_was_there_stays_when_something_goes_wrong(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before")
    with suppress(ZeroDivisionError), written(path) as stream:
        stream.write(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["out"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"before")
    (tmp_path / "link").symlink_to("real")
    with written(tmp_path / "link") as stream:
        stream.write(b"after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"after"


def test_a_missing_directory_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no such file or directory.*make the directory"), written(tmp_path / "a/b"):
        raise AssertionError("nothing can be written there")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_disk_is_said_in_words() -> None:
    with pytest.raises(OutputError, match=r"no space left.*make room"), written(Path("/dev/full")) as stream:
        stream.write(b"x" * 100_000)


def test_a_device_is_written_to_as_it_is(tmp_path: Path) -> None:
    with written(Path(os.devnull)) as stream:
        stream.write(b"gone")
    assert not Path(os.devnull).is_file()


def test_an_input_is_no_target_by_whatever_name(tmp_path: Path) -> None:
    capture = tmp_path / "capture"
    capture.write_bytes(b"")
    (tmp_path / "link").symlink_to("capture")
    for name in ("capture", "link"):
        with pytest.raises(OutputError, match="the capture that is read"):
            check_target(tmp_path / name, [capture])
    check_target(tmp_path / "other", [capture, "-"])
    with pytest.raises(OutputError, match="this is a directory"):
        check_target(tmp_path, [capture])


def test_a_directory_is_made_if_need_be_and_goes_again_if_nothing_comes_into_it(tmp_path: Path) -> None:
    with suppress(ZeroDivisionError), made_directory(tmp_path / "new") as path:
        assert path.is_dir()
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []
    with made_directory(tmp_path / "new"), made_directory(tmp_path / "new"):
        pass
    assert os.listdir(tmp_path) == ["new"]


def test_a_directory_that_cannot_be_made_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="make the directory"), made_directory(tmp_path / "a/b"):
        raise AssertionError("nothing can be written there")
