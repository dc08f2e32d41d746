"""However a file is cut into chunks, the frames and the problems are the same."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.sources.cursor import Cursor, Outcome
from iscsi_analyzer.sources.facts import FileFacts
from iscsi_analyzer.sources.problems import ProblemLog
from iscsi_analyzer.sources.reading import HandlePool
from iscsi_analyzer.sources.sink import NO_LIMIT, Interfaces
from tests.iscsi_analyzer.sources.calls import Calls, plain
from tests.support.capturefiles import (
    NOW,
    Record,
    interface,
    old_packet,
    packet,
    pcap_file,
    pcapng_file,
    resolution,
    section,
    simple_packet,
    some_records,
)

RECORDS = some_records(14)
GARBAGE = random.Random(9).randbytes(90)


class Reading:
    """A cursor over one file, and everything that it said."""

    def __init__(self, path: Path, chunk_size: int) -> None:
        self.log = ProblemLog()
        self.calls = Calls()
        self.pool = HandlePool()
        self.facts = FileFacts(str(path), size=path.stat().st_size)
        self.chunks: list[tuple[int, bytes]] = []
        self.cursor = Cursor(
            self.facts, self.log, Interfaces(), self.pool, lambda position, data: self.chunks.append((position, data))
        )
        self.cursor.chunk_size = chunk_size

    def to_the_end(self) -> Reading:
        for _ in range(10_000_000):
            outcome = self.cursor.run(NO_LIMIT, self.calls)
            if outcome is Outcome.END:
                return self
            assert outcome is Outcome.CHUNK
        raise AssertionError("a cursor that never comes to an end")


def mixed_pcapng() -> bytes:
    data = section([(1, b"comment")]) + interface([resolution(9)]) + interface([resolution(0x94)])
    for i, record in enumerate(RECORDS):
        build = (packet, old_packet, packet)[i % 3]
        data += build(record._replace(interface=i % 2), [(1, b"note")] if i % 5 == 0 else [])
    return data + simple_packet(Record(NOW, b"simple")) + pcapng_file(RECORDS, order=">")


FILES = {
    "pcap": pcap_file(RECORDS),
    "pcap big-endian": pcap_file(RECORDS, order=">"),
    "modified": pcap_file(RECORDS, kind="modified"),
    "pcapng": pcapng_file(RECORDS),
    "pcapng big-endian": pcapng_file(RECORDS, order=">"),
    "mixed pcapng": mixed_pcapng(),
    "cut pcap": pcap_file(RECORDS)[:-3],
    "cut pcapng": pcapng_file(RECORDS)[:-3],
    "header only": pcap_file([]),
    "half a header": pcap_file([])[:20],
    "garbage in pcap": pcap_file(RECORDS[:7]) + GARBAGE + pcap_file(RECORDS[7:])[24:],
    "garbage in pcapng": pcapng_file(RECORDS[:7]) + GARBAGE + pcapng_file(RECORDS[7:])[48:],
    "zeros after pcap": pcap_file(RECORDS) + bytes(300),
    "zeros after pcapng": pcapng_file(RECORDS) + bytes(300),
    "wrong length in pcap": pcap_file(RECORDS[:7])
    + struct.pack("<4I", NOW // 10**9, 1, 70_000, 70_000)
    + pcap_file(RECORDS[7:])[24:],
    "clock set": pcap_file(RECORDS[:7] + some_records(5, start=10**9)),
}
SIZES = [*range(1, 65), 100, 255, 500, 1000]


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_chunks_of_any_size_give_the_same_frames_and_problems(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    whole = Reading(path, 1 << 20).to_the_end()
    for size in SIZES:
        found = Reading(path, size).to_the_end()
        assert found.calls.calls == whole.calls.calls, size
        assert found.log.problems == whole.log.problems, size
        assert found.facts == whole.facts, size
        assert b"".join(chunk for _, chunk in found.chunks) == data
        assert [position for position, _ in found.chunks] == [
            sum(len(chunk) for _, chunk in found.chunks[:i]) for i in range(len(found.chunks))
        ]


@given(st.binary(max_size=200), st.integers(1, 40), st.sampled_from(["pcap", "pcapng", "pcap big-endian"]))
def test_garbage_in_chunks_gives_what_it_gives_whole(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes, size: int, kind: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage"
    path.write_bytes(FILES[kind][:200] + garbage + FILES[kind][200:])
    whole = Reading(path, 1 << 20).to_the_end()
    found = Reading(path, size).to_the_end()
    assert found.calls.calls == whole.calls.calls
    assert found.log.problems == whole.log.problems


@pytest.mark.parametrize("build", [pcap_file, pcapng_file])
def test_a_record_longer_than_many_chunks_is_put_together(tmp_path: Path, build) -> None:  # type: ignore[no-untyped-def]
    records = [Record(NOW, b"a"), Record(NOW, random.Random(1).randbytes(400_000)), Record(NOW, b"b")]
    path = tmp_path / "x"
    path.write_bytes(build(records))
    assert Reading(path, 1000).to_the_end().calls.plain == plain(records)


def test_a_hostile_length_at_the_end_of_a_large_file_is_only_a_cut_record(tmp_path: Path) -> None:
    path = tmp_path / "x"
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFFFFFF, 1)
    path.write_bytes(header + struct.pack("<4I", NOW // 10**9, 1, 1 << 24, 1 << 24) + b"some")
    found = Reading(path, 1 << 20).to_the_end()
    assert [str(problem).rpartition("x: ")[2] for problem in found.log.problems] == [
        "offset 24: the last record is cut short (needs 16777232 bytes, 20 are there): what precedes it was read",
        "there are no frames in it",
    ]


def test_the_facts_grow_with_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(mixed_pcapng())
    found = Reading(path, 300)
    found.cursor.run(NO_LIMIT, found.calls)
    found.cursor.run(NO_LIMIT, found.calls)
    assert 0 < found.facts.frames < 28
    assert found.facts.byte_order == "little"
    found.to_the_end()
    facts = found.facts
    assert (facts.format, facts.variant, facts.byte_order) == ("pcapng", "1.0, 2 sections", "mixed")
    assert (facts.frames, facts.comments, len(facts.packet_comments)) == (29, ["comment"], 3)
    assert facts.captured_bytes == sum(len(call.data) for call in found.calls.calls)
    assert facts.resolutions == ["2^-20 s", "ns", "us"]
    assert found.cursor.bytes_done == facts.size == len(mixed_pcapng())


def test_a_limit_holds_within_a_record_that_straddles_chunks(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(pcap_file(RECORDS))
    for size in (1, 5, 33, 1000):
        found = Reading(path, size)
        for i, record in enumerate(RECORDS):
            while found.cursor.run(record.ts - 1, found.calls) is Outcome.CHUNK:
                pass
            assert found.cursor.next_ts == record.ts
            assert len(found.calls.calls) == i
        found.to_the_end()
        assert found.calls.plain == plain(RECORDS)


def test_an_error_of_the_disk_ends_the_file_with_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_bytes(pcap_file(RECORDS))
    found = Reading(path, 200)
    assert found.cursor.run(NO_LIMIT, found.calls) is Outcome.CHUNK

    def broken(self: object, size: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("iscsi_analyzer.sources.reading.FileReader.read", broken)
    assert found.cursor.run(NO_LIMIT, found.calls) in (Outcome.CHUNK, Outcome.END)
    found.cursor.run(NO_LIMIT, found.calls)
    assert "cannot be read: Input/output error" in str(found.log.problems[0])
    assert found.calls.calls
