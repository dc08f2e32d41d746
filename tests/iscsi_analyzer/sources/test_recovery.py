"""A walker that has lost the chain of records finds it again; how the bytes are cut into pieces makes no difference."""

from __future__ import annotations

import random
import struct

import pytest

from iscsi_analyzer.sources.pcap import PcapWalker
from iscsi_analyzer.sources.pcapng import PcapngWalker
from iscsi_analyzer.sources.problems import ProblemLog
from iscsi_analyzer.sources.sink import NO_LIMIT, Interfaces, Walker
from tests.iscsi_analyzer.sources.calls import Calls, Walk, plain
from tests.support.capturefiles import NOW, Record, packet, pcap_file, pcap_record, pcapng_file, some_records

RECORDS = some_records(16)
GARBAGE = random.Random(7).randbytes(150)


def damaged_pcap() -> bytes:
    data = pcap_file(RECORDS[:6]) + GARBAGE + pcap_file(RECORDS[6:11])[24:]
    return data + struct.pack("<IIII", 1, 2, 0xFFFFFFF0, 4) + pcap_file(RECORDS[11:])[24:]


def damaged_pcapng() -> bytes:
    data = pcapng_file(RECORDS[:6]) + GARBAGE + pcapng_file(RECORDS[6:11])[48:]
    return data + struct.pack("<III", 6, 44, 0) + pcapng_file(RECORDS[11:])[48:]


FILES = pytest.mark.parametrize(
    ("kind", "data"),
    [(PcapWalker, damaged_pcap()), (PcapngWalker, damaged_pcapng())],
    ids=["pcap", "pcapng"],
)


@FILES
def test_each_damaged_place_is_reported_once(kind: type[Walker], data: bytes) -> None:
    found = Walk(kind, data)
    assert found.calls.plain == plain(RECORDS)
    assert len(found.problems) == 2
    assert "150 bytes were skipped" in found.problems[0]


@FILES
@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 33, 64, 100, 250])
def test_pieces_make_no_difference(kind: type[Walker], data: bytes, size: int) -> None:
    """Fed as its contract says: from the first byte that was not used on, and as many as it needs at least."""
    whole = Walk(kind, data)
    calls, log = Calls(), ProblemLog()
    walker = kind("file", log, Interfaces())
    at = end = 0
    while end < len(data):
        end = min(max(end + size, at + walker.need), len(data))
        at += walker.walk(data[at:end], 0, at, NO_LIMIT, calls)
    walker.final = True
    at += walker.walk(data[at:], 0, at, NO_LIMIT, calls)
    assert at == len(data)
    assert calls.calls == whole.calls.calls
    assert log.problems == whole.log.problems


@pytest.mark.parametrize("size", [1000, 60_000])
def test_a_wrong_length_near_the_end_does_not_swallow_what_follows(size: int) -> None:
    lie = pcap_record(Record(NOW, b"abcd"))[:8] + struct.pack("<II", size, size) + b"abcd"
    found = Walk(PcapWalker, pcap_file(RECORDS[:8]) + lie + pcap_file(RECORDS[8:])[24:])
    assert found.calls.plain[-8:] == plain(RECORDS[8:])
    assert len(found.problems) == 1
    lie = struct.pack("<II", 6, (size + 500) & ~3) + packet(Record(NOW, b"abcd"))[8:]
    found = Walk(PcapngWalker, pcapng_file(RECORDS[:8]) + lie + pcapng_file(RECORDS[8:])[48:])
    assert found.calls.plain == plain(RECORDS)
    assert len(found.problems) == 1


def lost_by_one_bit(kind: type[Walker], sound: bytes, begin: int) -> list[int]:
    """For many single changed bits after the first `begin` bytes: how many frames do not come as they were?"""
    found = []
    for place in range(begin, len(sound)):
        changed = bytearray(sound)
        changed[place] ^= 1 << place % 8
        found.append(len(set(plain(RECORDS)) - set(Walk(kind, bytes(changed)).calls.plain)))
    return found


def test_a_changed_bit_in_a_pcapng_file_costs_one_frame() -> None:
    assert max(lost_by_one_bit(PcapngWalker, pcapng_file(RECORDS), 48)) == 1


def test_a_changed_bit_in_a_pcap_file_costs_one_frame_or_what_a_false_length_covers() -> None:
    lost = lost_by_one_bit(PcapWalker, pcap_file(RECORDS), 24)
    assert sum(frames > 1 for frames in lost) < len(lost) / 40
