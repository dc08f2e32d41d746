"""Generated captures are right from end to end, the replicated middle included."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.benchmarks.generate import SCENARIOS, Made, generate, parse_size
from tests.benchmarks.replicate import Format
from tests.benchmarks.steady import Scenario, Steady
from tests.support.talk_capture import read_pcap, to_pcapng
from tests.support.talk_net import checksum, decode

SMALL = {
    "reads": replace(SCENARIOS["reads4k"], period=4, depth=3),
    "reads with digests, cut anywhere, two sessions": replace(
        SCENARIOS["reads4k"],
        period=3,
        depth=2,
        connections=2,
        header_digest=True,
        data_digest=True,
        segmentation="stream",
    ),
    "writes as Linux sends them": Scenario(
        write=True, length=20480, depth=2, period=2, immediate_data=True, initial_r2t=False, segmentation="linux"
    ),
}


def spoken(scenario: Scenario, periods: int) -> list[bytes]:
    """The frames of the same conversation, every period of it spoken."""
    steady = Steady(scenario)
    steady.begin()
    for _ in range(periods):
        steady.period()
    steady.end()
    return [frame.data for frame in steady.talks[0].frames]


@pytest.mark.parametrize("scenario", SMALL.values(), ids=SMALL)
def test_replicated_periods_are_what_would_have_been_spoken(scenario: Scenario, tmp_path: Path) -> None:
    """The leap over replicated periods leads to the very frames that speaking each of them leads to."""
    made = generate(tmp_path / "small.pcap", scenario, 300_000)
    frames = read_pcap(tmp_path / "small.pcap")
    periods = 2
    while len(truth := spoken(scenario, periods)) < len(frames):
        periods += 1
    assert periods > 2
    assert [frame.data for frame in frames] == truth
    assert made.packets == len(frames) and made.bytes == (tmp_path / "small.pcap").stat().st_size
    assert made.tasks == scenario.connections * (scenario.depth + scenario.period * (periods + 2))


def test_checksums_and_times_are_right(tmp_path: Path) -> None:
    generate(tmp_path / "small.pcap", SMALL["reads"], 200_000, Format(nanosecond=True))
    frames = read_pcap(tmp_path / "small.pcap")
    assert all(left.ts_ns < right.ts_ns for left, right in pairwise(frames))
    for frame in frames:
        assert checksum(frame.data[14:34]) == 0
        packet = decode(frame.data)
        assert packet is not None and packet.encode() == frame.data


def test_pcapng_holds_the_same_frames(tmp_path: Path) -> None:
    for nanosecond in (False, True):
        made = generate(tmp_path / "a.pcap", SMALL["reads"], 100_000, Format(nanosecond=nanosecond))
        other = generate(tmp_path / "a.pcapng", SMALL["reads"], made.bytes, Format(ng=True, nanosecond=nanosecond))
        frames = read_pcap(tmp_path / "a.pcap")[: other.packets]
        whole = (tmp_path / "a.pcapng").read_bytes()
        # The end of the session differs, as the sizes of the files do.
        head = to_pcapng(frames[:100], nanosecond=nanosecond)
        assert whole[: len(head)] == head
        assert isinstance(other, Made)


def test_sizes_have_units() -> None:
    assert [parse_size(text) for text in ("1G", "1.5m", "64K", "100")] == [10**9, 1_500_000, 64_000, 100]
