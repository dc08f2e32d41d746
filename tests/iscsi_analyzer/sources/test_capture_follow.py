"""A capture that grows is followed: what is new is read, what is half written waits, what is lost is said."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from iscsi_analyzer.sources.capture import Capture, open_capture
from iscsi_analyzer.sources.problems import SourceError
from tests.iscsi_analyzer.sources.calls import Calls, plain
from tests.support.capturefiles import pcap_file, pcapng_file, some_records

RECORDS = some_records(12)


@pytest.mark.parametrize("data", [pcap_file(RECORDS), pcapng_file(RECORDS)], ids=["pcap", "pcapng"])
@pytest.mark.parametrize("piece", [1, 7, 30, 200])
def test_a_growing_file_is_read_as_it_grows(tmp_path: Path, data: bytes, piece: int) -> None:
    """From nothing on, and whatever part of a record has been written so far."""
    path = tmp_path / "x"
    path.write_bytes(b"")
    whole = Calls()
    with open_capture([path], follow=True) as capture:
        assert not capture.step(whole)
        for end in range(piece, len(data) + piece, piece):
            with path.open("ab") as file:
                file.write(data[end - piece : end])
            while capture.step(whole):
                pass
        assert whole.plain == plain(RECORDS)
        assert not capture.step(whole)
        assert capture.problems == []
        assert capture.files[0].frames == len(RECORDS)
        assert capture.bytes_done == capture.bytes_total == len(data)


def test_frames_come_as_soon_as_they_are_complete(tmp_path: Path) -> None:
    path = tmp_path / "x"
    calls = Calls()
    path.write_bytes(pcap_file(RECORDS[:3]))
    with open_capture([path], follow=True) as capture:
        for count in (3, 4, 5):
            path.write_bytes(pcap_file(RECORDS[:count]))
            while capture.step(calls):
                pass
            assert calls.plain == plain(RECORDS[:count])


def test_after_the_end_of_following_the_rest_is_read_and_judged(tmp_path: Path) -> None:
    path = tmp_path / "x"
    data = pcap_file(RECORDS)
    path.write_bytes(data[:-5])
    calls = Calls()
    with open_capture([path], follow=True) as capture:
        while capture.step(calls):
            pass
        assert capture.problems == []
        capture.stop_following()
        while capture.step(calls):
            pass
        assert calls.plain == plain(RECORDS[:-1])
        assert "the last record is cut short" in str(capture.problems[0])
        assert not capture.step(calls)


def test_several_growing_files_do_not_wait_for_each_other(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(pcap_file([]))
    calls = Calls()
    with open_capture(paths, follow=True) as capture:
        for count in range(len(RECORDS) + 1):
            paths[0].write_bytes(pcap_file(RECORDS[: count + 1 : 2]))
            paths[1].write_bytes(pcap_file(RECORDS[1 : count + 1 : 2]))
            while capture.step(calls):
                pass
        assert calls.plain == plain(RECORDS)


def test_a_growing_compressed_file_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    packed = gzip.compress(pcap_file(RECORDS))
    calls = Calls()
    path.write_bytes(b"")
    with open_capture([path], follow=True) as capture:
        for end in range(1, len(packed) + 1):
            path.write_bytes(packed[:end])
            while capture.step(calls):
                pass
        capture.stop_following()
        while capture.step(calls):
            pass
        assert calls.plain == plain(RECORDS)
        assert capture.problems == []


def follow_then(path: Path, change) -> list[str]:  # type: ignore[no-untyped-def]
    """Follow a file to its end, change it, go on, and say what was reported."""
    path.write_bytes(pcap_file(RECORDS))
    calls = Calls()
    with open_capture([path], follow=True) as capture:
        while capture.step(calls):
            pass
        change()
        while capture.step(calls):
            pass
        assert not capture.step(calls)
        assert calls.plain == plain(RECORDS)
        return [str(problem).replace(str(path), "x") for problem in capture.problems]


def test_a_file_that_is_cut_while_it_is_followed_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "x"
    (said,) = follow_then(path, lambda: path.write_bytes(pcap_file(RECORDS[:2])))
    assert "the file was cut to " in said
    assert "while it was followed" in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let go of open files")
def test_a_file_that_is_replaced_or_removed_while_it_is_followed_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "x"
    other = tmp_path / "y"
    other.write_bytes(pcap_file(RECORDS) * 2)
    (said,) = follow_then(path, lambda: os.replace(other, path))
    assert "another file has taken its place while it was followed" in said
    (said,) = follow_then(path, path.unlink)
    assert "the file was removed while it was followed" in said


def test_what_turns_out_to_be_no_capture_is_reported_later(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    with open_capture([path], follow=True) as capture:
        assert not capture.step(Calls())
        path.write_bytes(b"this is no capture" * 100)
        assert not capture.step(Calls())
        assert "is not a capture that can be read here" in str(capture.problems[0])


def test_what_is_no_capture_from_the_start_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"this is no capture" * 100)
    with pytest.raises(SourceError):
        open_capture([path], follow=True)


def drain(capture: Capture, calls: Calls) -> None:
    while capture.step(calls):
        pass


def test_the_next_file_of_a_ring_goes_on_where_the_one_before_it_ends(tmp_path: Path) -> None:
    """Also if its clock was set back: what was captured later is read later."""
    paths = [tmp_path / name for name in "abc"]
    parts = [RECORDS[8:], RECORDS[:4], RECORDS[4:8]]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(pcap_file(part))
    calls = Calls()
    with open_capture(paths[:1], follow=True) as capture:
        first = capture.append(paths[1], after=0)
        assert capture.append(paths[2], after=first) == 2
        drain(capture, calls)
        assert calls.plain == plain([record for part in parts for record in part])
        assert not capture.over
        capture.settle(2)
        drain(capture, calls)
        assert capture.over
        assert capture.problems == []


def test_the_next_file_may_come_when_the_one_before_it_was_read_long_ago(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    paths[0].write_bytes(pcap_file(RECORDS[:5]))
    calls = Calls()
    with open_capture(paths[:1], follow=True) as capture:
        drain(capture, calls)
        capture.settle(0)
        drain(capture, calls)
        assert capture.over
        paths[1].write_bytes(pcap_file(RECORDS[5:]))
        capture.append(paths[1], after=0)
        drain(capture, calls)
        assert calls.plain == plain(RECORDS)


def test_a_file_may_be_complete_before_its_turn_comes(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path, part in zip(paths, (RECORDS[:5], RECORDS[5:]), strict=True):
        path.write_bytes(pcap_file(part))
    calls = Calls()
    with open_capture(paths[:1], follow=True) as capture:
        capture.settle(capture.append(paths[1], after=0))
        drain(capture, calls)
        assert capture.over
        assert calls.plain == plain(RECORDS)


def test_a_file_in_which_nothing_happened_is_nothing_to_speak_of(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(pcap_file([]))
    with open_capture(paths[:1], follow=True) as capture:
        capture.settle(capture.append(paths[1], after=0))
        drain(capture, Calls())
        assert capture.problems == []


def test_a_file_that_is_removed_on_purpose_is_left_out_without_a_word(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    for path, part in zip(paths, (RECORDS[:4], RECORDS[4:8], RECORDS[8:]), strict=True):
        path.write_bytes(pcap_file(part))
    calls = Calls()
    with open_capture(paths[:1], follow=True) as capture:
        second = capture.append(paths[1], after=0)
        capture.append(paths[2], after=second)
        capture.forget(second)
        paths[1].unlink()
        drain(capture, calls)
        assert calls.plain == plain(RECORDS[:4] + RECORDS[8:])
        assert capture.problems == []
        assert capture.read_span((2 << 48) + 24, 4) != b""
        assert capture.read_span((1 << 48) + 24, 4) == b""
        assert capture.problems == []


def test_a_file_beside_the_others_waits_for_nobody(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(pcap_file(RECORDS))
    calls = Calls()
    with open_capture(paths[:1], follow=True) as capture:
        drain(capture, calls)
        capture.append(paths[1])
        drain(capture, calls)
        assert calls.plain == plain(RECORDS + RECORDS)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_pipe_that_is_followed_never_blocks(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """Whatever part of a record has come so far; and its end is known as such."""
    data = pack(pcap_file(RECORDS))
    path = tmp_path / "pipe"
    os.mkfifo(path)
    keep = os.open(path, os.O_RDWR)
    calls = Calls()
    try:
        with open_capture([path], follow=True) as capture:
            drain(capture, calls)
            for at in range(0, len(data), 50):
                os.write(keep, data[at : at + 50])
                capture.wait(5)
                drain(capture, calls)
            assert not capture.over
            os.close(keep)
            keep = -1
            capture.wait(5)
            drain(capture, calls)
            assert capture.over
            assert calls.plain == plain(RECORDS)
            assert capture.problems == []
    finally:
        if keep >= 0:
            os.close(keep)
