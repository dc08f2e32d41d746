"""Bytes that went by are found again by their position, as far as anybody can have them."""

from __future__ import annotations

import gzip
import os
import tempfile
import threading
from pathlib import Path

import pytest
import zstandard

from iscsi_analyzer.sources import spans
from iscsi_analyzer.sources.capture import Capture, open_capture
from iscsi_analyzer.sources.problems import SourceError
from iscsi_analyzer.sources.sink import POSITION_BITS, POSITION_MASK
from tests.iscsi_analyzer.sources.calls import Call, feed_stdin, run
from tests.support.capturefiles import pcap_file, pcapng_file, some_records

RECORDS = some_records(400)


def found(capture: Capture, calls: list[Call]) -> list[bool]:
    """For each frame: does its position lead to its bytes?"""
    assert len(calls) == len(RECORDS)
    return [capture.read_span(call.position, len(call.data)) == call.data for call in calls]


def forget(capture: Capture) -> None:
    """As if much had been read since."""
    capture._spans._recent.clear()


def test_spans_of_files_are_read_again(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    paths[0].write_bytes(pcap_file(RECORDS[:100]))
    paths[1].write_bytes(pcapng_file(RECORDS[100:]))
    with open_capture(paths) as capture:
        calls = run(capture).calls
        assert all(found(capture, calls))
        forget(capture)
        assert all(found(capture, calls))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_compressed_files_are_unpacked_as_far_as_is_asked_for(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x"
    path.write_bytes(pack(pcap_file(RECORDS)))
    with open_capture([path]) as capture:
        calls = run(capture).calls
        assert all(found(capture, calls))
        forget(capture)
        assert not any(found(capture, calls))
    with open_capture([path], random_access=True) as capture:
        calls = run(capture).calls
        forget(capture)
        assert all(found(capture, calls[:3] + calls[-3:] + calls[6:]))


def test_the_standard_input_is_copied_if_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for random_access in (False, True):
        feed_stdin(monkeypatch, pcap_file(RECORDS), 100)
        with open_capture(["-"], random_access=random_access) as capture:
            calls = run(capture).calls
            assert all(found(capture, calls))
            forget(capture)
            assert all(found(capture, calls)) == random_access
            assert any(found(capture, calls)) == random_access


def test_recent_chunks_are_kept_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "WINDOW", 2000)
    data = pcap_file(RECORDS)
    feed_stdin(monkeypatch, data, 100)
    with open_capture(["-"]) as capture:
        calls = run(capture).calls
        there = found(capture, calls)
        assert there == sorted(there)
        first = there.index(True)
        assert len(data) - 2100 < calls[first].position < len(data) - 1000
        assert capture.read_span(calls[first - 5].position, 1) in (b"", calls[first - 5].data[:1])


def test_a_span_ends_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    data = pcap_file(RECORDS)
    path.write_bytes(data)
    with open_capture([path]) as capture:
        run(capture)
        for _ in range(2):
            assert capture.read_span(len(data) - 5, 1 << 40) == data[-5:]
            assert capture.read_span(24, len(data)) == data[24:]
            assert capture.read_span(len(data), 1) == b""
            assert capture.read_span(5 << POSITION_BITS, 1) == b""
            assert capture.read_span(0, 0) == capture.read_span(-1, 5) == capture.read_span(0, -5) == b""
            forget(capture)


def test_a_file_that_is_gone_is_reported_once_and_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(pcap_file(RECORDS))
    with open_capture([path]) as capture:
        calls = run(capture).calls
        forget(capture)
        path.unlink()
        assert not any(found(capture, calls))
        assert [str(problem) for problem in capture.problems] == [f"{path}: there is no such file (check the name)"]


def test_a_compressed_file_that_is_gone_is_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(pcap_file(RECORDS)))
    with open_capture([path], random_access=True) as capture:
        calls = run(capture).calls
        forget(capture)
        path.unlink()
        assert not any(found(capture, calls))
        assert len(capture.problems) == 1


def full_disk(*_: object, **__: object) -> object:
    raise OSError(28, "No space left on device")


def test_a_full_disk_costs_the_details_not_the_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", full_disk)
    feed_stdin(monkeypatch, pcap_file(RECORDS), 100)
    with open_capture(["-"], random_access=True) as capture:
        calls = run(capture).calls
        assert len(calls) == len(RECORDS)
        forget(capture)
        assert not any(found(capture, calls))
        (problem,) = capture.problems
        assert "no copy of its bytes can be kept in " in str(problem)
        assert "(No space left on device): no details of its PDUs (free some disk space" in str(problem)
        assert capture.refused == [problem]
        with pytest.raises(SourceError, match="no copy of its bytes"):
            capture.again()


def test_few_temporary_copies_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "SPOOLS_MAX", 2)
    paths = [tmp_path / str(i) for i in range(8)]
    for i, path in enumerate(paths):
        path.write_bytes(gzip.compress(pcap_file(RECORDS[i * 50 : i * 50 + 50])))
    with open_capture(paths, random_access=True) as capture:
        calls = run(capture).calls
        forget(capture)
        assert all(found(capture, calls))
        assert len(capture._spans._spools) == 2
        assert all(found(capture, calls))


def test_another_thread_may_ask_while_the_capture_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    data = pcap_file(RECORDS)
    path.write_bytes(gzip.compress(data))
    with open_capture([path], random_access=True, chunk_size=50) as capture:
        wrong: list[int] = []

        def ask() -> None:
            for offset in range(0, len(data), 37):
                if capture.read_span(offset, 20) != data[offset : offset + 20]:
                    wrong.append(offset)

        thread = threading.Thread(target=ask)
        thread.start()
        run(capture)
        thread.join()
        assert wrong == []


def test_nothing_is_left_in_the_temporary_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(pcap_file(RECORDS)))
    with open_capture([path], random_access=True) as capture:
        calls = run(capture).calls
        forget(capture)
        assert all(found(capture, calls))
    assert os.listdir(place) == []


def test_a_reader_of_spans_reads_one_input_from_its_beginning() -> None:
    data = {1: b"the whole input"}

    def read(position: int, length: int) -> bytes:
        offset = position & POSITION_MASK
        return data[position >> POSITION_BITS][offset : offset + length]

    reader = spans.SpanReader(read, 1)
    assert [reader.read(9), reader.read(100), reader.read(5)] == [b"the whole", b" input", b""]
    assert reader.done == 15
