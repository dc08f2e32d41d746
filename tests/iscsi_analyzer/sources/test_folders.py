"""A directory stands for the captures in it: told by their first bytes, in order of their names, and merged by time."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from iscsi_analyzer.sources.capture import open_capture
from iscsi_analyzer.sources.folders import captures_named
from iscsi_analyzer.sources.problems import SourceError
from tests.iscsi_analyzer.sources.calls import plain, read, run
from tests.support.capturefiles import pcap_file, pcapng_file, some_records

RECORDS = some_records(40)


def folder(place: Path, **contents: bytes) -> Path:
    """A directory with these files in it."""
    found = place / "folder"
    found.mkdir()
    for name, content in contents.items():
        (found / name.replace("_", ".")).write_bytes(content)
    return found


def test_captures_are_told_by_their_first_bytes_and_merged_by_time(tmp_path: Path) -> None:
    parts = {"late": pcapng_file(RECORDS[20:]), "early": pcap_file(RECORDS[:10]), "mid": pcap_file(RECORDS[10:20])}
    where = folder(tmp_path, **{**parts, "mid": gzip.compress(parts["mid"])}, notes=b"what was done", readme_md=b"{}")
    calls, problems = read(where)
    assert calls.plain == plain(RECORDS)
    assert problems == ["folder: 2 files in it are no captures: left out"]


def test_files_and_directories_go_together(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(pcap_file(RECORDS[:5]))
    where = folder(tmp_path, a=pcap_file(RECORDS[5:9]), b=pcap_file(RECORDS[9:]))
    with open_capture([tmp_path / "one", where]) as capture:
        assert run(capture).plain == plain(RECORDS)
        assert [Path(facts.path).name for facts in capture.files] == ["one", "a", "b"]


def test_what_is_named_as_a_capture_and_is_none_is_told(tmp_path: Path) -> None:
    _, problems = read(folder(tmp_path, good=pcap_file(RECORDS), bad_pcapng=b""))
    assert [problem.partition(" (")[0] for problem in problems] == ["folder/bad.pcapng: offset 0: the file is empty"]


def test_directories_below_are_left_out(tmp_path: Path) -> None:
    where = folder(tmp_path, a=pcap_file(RECORDS[:3]))
    (where / "below").mkdir()
    (where / "below" / "b").write_bytes(pcap_file(RECORDS[3:]))
    calls, problems = read(where)
    assert (calls.plain, problems) == (plain(RECORDS[:3]), [])


@pytest.mark.parametrize(
    ("contents", "said"),
    [({}, "there are no files in it"), ({"notes": b"x"}, "none of the 1 files in it is one")],
)
def test_a_directory_without_captures_is_an_error(tmp_path: Path, contents: dict[str, bytes], said: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_capture([folder(tmp_path, **contents)])
    assert caught.value.problem.message == f"is a directory without captures: {said}"


def test_captures_of_folders_can_be_opened_one_by_one(tmp_path: Path) -> None:
    where = folder(tmp_path, b=pcap_file(RECORDS[:5]), a=pcap_file(RECORDS[5:]), notes=b"what was done")
    names, problems = captures_named([str(where), "-"])
    assert names == [str(where / "a"), str(where / "b"), "-"]
    assert [problem.message for problem in problems] == ["1 file in it is no capture and was left out"]
