"""Files are merged by time, and whatever is wrong with one of them costs nothing of the others."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
import zstandard

from iscsi_analyzer.sources import reading
from iscsi_analyzer.sources.capture import open_capture
from iscsi_analyzer.sources.problems import ERROR, SourceError
from iscsi_analyzer.sources.sink import POSITION_BITS, FirstFrames
from tests.iscsi_analyzer.sources.calls import Calls, feed_stdin, plain, read, run
from tests.support.capturefiles import NOW, Record, pcap_file, pcapng_file, simple_packet, some_records

RECORDS = some_records(60)


def write(place: Path, *contents: bytes) -> list[Path]:
    """Files with these contents, named 0, 1, ... in the order given."""
    paths = [place / str(i) for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


@pytest.mark.parametrize("chunk_size", [1, 17, 100, 1 << 20])
def test_files_that_overlap_are_merged_by_time(tmp_path: Path, chunk_size: int) -> None:
    chance = random.Random(2)
    parts: list[list[Record]] = [[], [], []]
    for record in RECORDS:
        chance.choice(parts).append(record)
    contents = [pcap_file(parts[0]), pcapng_file(parts[1], linktype=113), gzip.compress(pcap_file(parts[2], order=">"))]
    calls, problems = read(*write(tmp_path, *contents), chunk_size=chunk_size)
    assert calls.plain == plain(RECORDS)
    assert problems == []


@pytest.mark.parametrize("chunk_size", [13, 1 << 20])
def test_frames_of_equal_time_come_in_the_order_of_the_files(tmp_path: Path, chunk_size: int) -> None:
    contents = [pcap_file([Record(NOW + t, bytes([i])) for t in (1000, 1000, 2000, 3000)]) for i in range(3)]
    calls, _ = read(*write(tmp_path, *contents), chunk_size=chunk_size)
    assert [call.data[0] for call in calls.calls] == [0, 0, 1, 1, 2, 2, 0, 1, 2, 0, 1, 2]


def test_within_a_file_the_order_is_that_of_the_file(tmp_path: Path) -> None:
    times = [5, 3, 9, 1, 7]
    contents = [pcap_file([Record(NOW + t * 1000, bytes([i, t])) for t in times]) for i in range(2)]
    calls, _ = read(*write(tmp_path, *contents))
    for i in range(2):
        assert [call.data[1] for call in calls.calls if call.data[0] == i] == times


def test_files_of_a_ring_come_in_the_order_of_time_not_of_names(tmp_path: Path) -> None:
    contents = [pcapng_file(RECORDS[i : i + 10]) for i in (40, 0, 50, 20, 10, 30)]
    paths = write(tmp_path, *contents)
    with open_capture(paths) as capture:
        calls = run(capture)
        assert calls.plain == plain(RECORDS)
        assert [facts.frames for facts in capture.files] == [10] * 6
        assert [call.position >> POSITION_BITS for call in calls.calls[::10]] == [1, 4, 3, 5, 0, 2]
        assert [call.interface for call in calls.calls[::10]] == [0, 1, 2, 3, 4, 5]
        assert capture.interfaces[0] is capture.files[1].interfaces[0]


def test_positions_lead_to_the_bytes_in_the_decompressed_file(tmp_path: Path) -> None:
    contents = [pcap_file(RECORDS[:30]), pcapng_file(RECORDS[30:])]
    paths = write(tmp_path, contents[0], gzip.compress(contents[1]))
    for call in read(*paths)[0].calls:
        index, offset = call.position >> POSITION_BITS, call.position & (1 << POSITION_BITS) - 1
        assert contents[index][offset : offset + len(call.data)] == call.data


def test_hundreds_of_overlapping_files_need_few_open_ones(tmp_path: Path) -> None:
    records = some_records(2000, step=1000)
    count = 200
    contents = [pcap_file(records[i::count]) for i in range(count)]
    contents[7] = gzip.compress(contents[7])
    contents[8] = zstandard.ZstdCompressor().compress(contents[8])
    most = 0

    class Watch(Calls):
        def frame(self, *frame) -> None:  # type: ignore[no-untyped-def, override]
            nonlocal most
            most = max(most, len(capture._pool._open))
            super().frame(*frame)

    with open_capture(write(tmp_path, *contents), chunk_size=100) as capture:
        watch = Watch()
        while capture.step(watch):
            pass
        assert watch.plain == plain(records)
        assert capture.problems == []
    assert 0 < most <= reading.HANDLES_MAX < count


def test_a_file_is_opened_when_its_time_has_come(tmp_path: Path) -> None:
    paths = write(tmp_path, pcap_file(RECORDS[:30]), pcap_file(RECORDS[30:]))
    with open_capture(paths) as capture:
        assert not capture._pool._open
        assert [facts.format for facts in capture.files] == ["pcap", "pcap"]
        run(capture)
        assert not capture._pool._open


def test_a_bad_file_costs_nothing_of_the_good_ones(tmp_path: Path) -> None:
    paths = write(tmp_path, b"", pcap_file(RECORDS), b"not a capture at all", pcap_file(RECORDS)[:-1])
    (tmp_path / "directory").mkdir()
    calls, problems = read(*paths, tmp_path / "directory", tmp_path / "missing")
    assert len(calls.calls) == 2 * len(RECORDS) - 1
    assert sorted(problem.partition(" (")[0] for problem in problems) == [
        "0: offset 0: the file is empty",
        "2: is not a capture that can be read here: it begins with 6e 6f 74 20 61 20 63 61",
        f"3: offset {24 + sum(len(record.data) + 16 for record in RECORDS[:-1])}: the last record is cut short",
        "directory: is a directory without captures: there are no files in it",
        "missing: there is no such file",
    ]


def test_if_nothing_can_be_read_that_is_an_error_with_all_problems(tmp_path: Path) -> None:
    paths = [*write(tmp_path, b"", b"text"), tmp_path / "missing"]
    with pytest.raises(SourceError) as caught:
        open_capture(paths)
    assert caught.value.problem.path == str(paths[0])
    assert [problem.path for problem in caught.value.problems] == [str(path) for path in paths]
    assert {problem.severity for problem in caught.value.problems} == {ERROR}


def test_without_any_path_the_caller_is_wrong() -> None:
    with pytest.raises(ValueError, match="at least one path"):
        open_capture([])


def test_a_file_without_frames_is_worth_a_note(tmp_path: Path) -> None:
    for content in (pcap_file([]), pcapng_file([])):
        calls, problems = read(*write(tmp_path, content))
        assert (calls.calls, problems) == ([], ["0: there are no frames in it"])
    calls, problems = read(*write(tmp_path, pcap_file([]), pcap_file(RECORDS)))
    assert (len(calls.calls), problems) == (len(RECORDS), ["0: there are no frames in it"])


def test_a_cut_compressed_file_gives_what_it_has_and_both_problems(tmp_path: Path) -> None:
    packed = gzip.compress(pcap_file(RECORDS))
    calls, problems = read(*write(tmp_path, packed[: len(packed) // 2]))
    assert 0 < len(calls.calls) < len(RECORDS)
    assert calls.plain == plain(RECORDS)[: len(calls.calls)]
    assert [problem.partition(" (")[0].partition(": ")[2].partition(": ")[2] for problem in problems] == [
        "the last record is cut short",
        f"the gzip data are cut short after {len(packed) // 2} compressed bytes: what precedes was read",
    ]


def test_progress_is_counted_in_bytes_on_disk(tmp_path: Path) -> None:
    contents = [gzip.compress(pcap_file(RECORDS)), pcap_file(RECORDS[30:])]
    paths = write(tmp_path, *contents)
    with open_capture(paths, chunk_size=256) as capture:
        total = sum(len(content) for content in contents)
        assert capture.bytes_total == total
        seen = [capture.bytes_done]
        while capture.step(Calls()):
            seen.append(capture.bytes_done)
            assert capture.bytes_total == total
        assert seen == sorted(seen)
        assert capture.bytes_done == total
        assert capture.files[0].compression == "gzip"


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.parametrize("piece", [1, 50, 100_000])
def test_the_standard_input_is_a_file_like_others(monkeypatch: pytest.MonkeyPatch, pack, piece: int) -> None:  # type: ignore[no-untyped-def]
    packed = pack(pcapng_file(RECORDS))
    feed_stdin(monkeypatch, packed, piece)
    with open_capture(["-"]) as capture:
        assert capture.bytes_total is None
        assert run(capture).plain == plain(RECORDS)
        assert capture.problems == []
        assert (capture.bytes_done, capture.files[0].size) == (len(packed), None)


def test_the_standard_input_is_merged_with_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    feed_stdin(monkeypatch, pcap_file(RECORDS[::2]), 30)
    (path,) = write(tmp_path, pcap_file(RECORDS[1::2]))
    with open_capture([path, "-"]) as capture:
        assert run(capture).plain == plain(RECORDS)


def test_the_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    feed_stdin(monkeypatch, pcap_file(RECORDS))
    with open_capture(["-", "-"]) as capture:
        assert run(capture).plain == plain(RECORDS)
        assert [str(problem) for problem in capture.problems] == ["standard input: is given twice: read once"]


def test_an_empty_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    feed_stdin(monkeypatch, b"")
    with pytest.raises(SourceError, match="standard input: offset 0: the file is empty"):
        open_capture(["-"])


def test_closing_early_leaves_nothing_open(tmp_path: Path) -> None:
    capture = open_capture(write(tmp_path, pcap_file(RECORDS)), chunk_size=100)
    assert capture.step(Calls())
    capture.close()
    assert not capture._pool._open


@pytest.mark.parametrize("chunk_size", [1, 100, 1 << 20])
@pytest.mark.parametrize("wanted", [0, 1, 17, 59, 100])
def test_reading_ends_before_the_first_frame_that_is_too_late(tmp_path: Path, wanted: int, chunk_size: int) -> None:
    paths = write(tmp_path, pcap_file(RECORDS[::2]), pcapng_file(RECORDS[1::2]))
    for some, records in ((paths, RECORDS), (paths[:1], RECORDS[::2])):
        asked: list[int] = []

        def until(first: int, asked: list[int] = asked) -> int:
            asked.append(first)
            return first + wanted * 1_000_000

        with open_capture(some, chunk_size=chunk_size, until=until) as capture:
            found = run(capture)
            assert not capture.step(found)
            assert found.plain == plain([record for record in records if record.ts <= NOW + wanted * 1_000_000])
            assert sum(facts.frames for facts in capture.files) == len(found.calls)
        assert asked == [NOW]


def test_before_the_first_frame_nothing_is_wanted(tmp_path: Path) -> None:
    with open_capture(write(tmp_path, pcap_file(RECORDS)), until=lambda first: first - 1) as capture:
        assert run(capture).calls == []


@pytest.mark.parametrize("count", [0, 1, 7, 30, 100])
def test_behind_the_last_frame_that_a_sink_wants_nothing_is_read(tmp_path: Path, count: int) -> None:
    simple = pcapng_file(RECORDS[::2]) + simple_packet(Record(0, bytes(8)))
    for contents in ([pcap_file(RECORDS)], [simple], [pcap_file(RECORDS[::2]), pcapng_file(RECORDS[1::2])]):
        calls = Calls()
        with open_capture(write(tmp_path, *contents)) as capture:
            sink = FirstFrames(calls, count)
            while capture.step(sink):
                pass
            there = 31 if contents == [simple] else 60
            # A sink that wants nothing at all says so when it gets the first frame.
            assert len(calls.calls) == min(count, there)
            assert sum(facts.frames for facts in capture.files) == min(max(count, 1), there)


def test_a_second_pass_gives_the_same_frames_in_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a pipe, if its bytes were to be kept, and of a file that is gone, as far as memory has it."""
    paths = [tmp_path / "a.pcap", tmp_path / "b.pcapng.gz"]
    paths[0].write_bytes(pcap_file(some_records(30)))
    paths[1].write_bytes(gzip.compress(pcapng_file(some_records(30, start=NOW + 500_000))))
    feed_stdin(monkeypatch, pcap_file(some_records(30, start=NOW + 250_000)))
    with open_capture([*paths, "-"], random_access=True) as capture:
        expected = [call[:5] for call in run(capture).calls]
        paths[0].unlink()
        with capture.again() as second:
            assert [call[:5] for call in run(second).calls] == expected
        with capture.again() as third:
            assert [call[:5] for call in run(third).calls] == expected
