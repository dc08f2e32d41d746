"""Two captures of one traffic: what is the same is found to be the same, and what is not is named."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from iscsi_analyzer.compare import losses
from iscsi_analyzer.compare.record import ComparisonRecord
from tests.support import mangle_whole
from tests.support.mangle_loss import cut_end, cut_start, drop
from tests.support.mangle_whole import Frames, packet_of
from tests.support.samples import captures, sample
from tests.support.talk_load import mixture
from tests.support.two_sides import (
    MS,
    compared,
    far,
    frames_of,
    renumbered,
    sent_again,
    shifted,
    slow,
    translated,
    with_data,
)

HOUR = 3600 * 1000 * MS


@cache
def real() -> tuple[tuple[object, ...], ...]:
    """A real capture with reads, writes and R2Ts."""
    return tuple(frames_of(sample("f12_dumpcap")))


def f12() -> Frames:
    return list(real())  # type: ignore[arg-type]


@cache
def busy() -> ComparisonRecord:
    """Host and array of a busy session, 2 ms apart, with clocks that differ by an hour."""
    frames = slow(mixture(seed=5, pdus=400).frames, 600)
    return compared(frames, shifted(far(frames, 2 * MS, 2 * MS, jitter_ns=200_000), HOUR))


def losses_of(record: ComparisonRecord) -> list[tuple[str, str, int]]:
    """What is missing where, and the frame that has it."""
    return sorted((each.missing_in, each.fate, each.frame) for each in record.missing)


@pytest.mark.parametrize("name", ["f12_dumpcap", "k20_mcs_two_connections", "k46_netem_loss3", "f09_ipv6"])
def test_a_capture_and_itself_do_not_differ(name: str) -> None:
    frames = frames_of(sample(name))
    record = compared(frames, frames)
    assert record.identical
    assert (record.missing, record.altered, record.late, record.alone) == ([], [], [], [])
    assert record.clocks is not None
    assert (record.clocks.offset_ns, record.clocks.nearer_to_initiator) == (0, None)
    assert record.tasks is None  # one place cannot tell network from target
    assert [each.severity for each in record.headlines] == ["ok"]


@pytest.mark.parametrize("seed", range(6))
def test_of_a_copy_with_another_clock_and_two_percent_loss_every_lost_frame_is_named_and_no_other(seed: int) -> None:
    frames = f12()
    kept = drop(frames, Random(seed))
    lost = {number for number, frame in enumerate(frames, 1) if frame not in kept}
    record = compared(frames, shifted(kept, -37 * HOUR - 123_456))
    assert record.clocks is not None
    assert abs(record.clocks.offset_ns + 37 * HOUR + 123_456) <= record.clocks.uncertainty_ns < MS
    assert {each.frame for each in record.missing} == lost
    assert {each.missing_in for each in record.missing} == {"B"}
    assert (record.late, record.altered, record.alone) == ([], [], [])
    for each in record.missing:
        segment = packet_of(frames[each.frame - 1])
        assert segment is not None
        # The receivers acknowledged all of it: the copy lacks it, and nobody lost it.
        expected = losses.NOT_CAPTURED if segment.payload else None
        assert each.fate in (expected or each.fate, losses.OUTSIDE)
        assert bool(each.pdus) == bool(segment.payload)
    assert record.identical == (not any(each.fate != losses.OUTSIDE for each in record.missing))


@pytest.mark.parametrize("step", ["reorder", "retransmit", "split", "merge", "duplicate", "keep_alive", "offload"])
def test_what_loses_nothing_on_one_side_loses_no_pdu(step: str) -> None:
    frames = mixture(seed=3, pdus=150).frames
    record = compared(frames, getattr(mangle_whole, step)(frames, Random(7)))
    assert [each.pdus_only_a + each.pdus_only_b for each in record.connections] == [0]
    assert {each.missing_in for each in record.missing if each.kind == losses.DATA} <= {"A"}
    fates = {each.fate for each in record.missing if each.kind == losses.DATA}
    assert fates <= {losses.REPEATED, losses.NOT_CAPTURED, losses.UNKNOWN}
    assert {each.fate for each in record.missing if each.missing_in == "B" and each.kind != "acknowledgement"} == set()
    assert record.altered == []


def test_the_offset_lies_within_its_uncertainty_and_delays_are_told() -> None:
    record = busy()
    assert record.identical
    assert record.clocks is not None and record.clocks.bounded
    assert record.clocks.nearer_to_initiator == "A"
    assert abs(record.clocks.offset_ns - HOUR) <= record.clocks.uncertainty_ns
    assert 4 * MS <= record.clocks.path_ns <= 4.4 * MS
    for way in record.ways:
        assert 1.7 * MS <= way.segments.p50 <= 2.4 * MS
        assert way.late_pdus == way.late_segments == 0


def test_an_asymmetric_path_is_within_the_uncertainty_too() -> None:
    frames = slow(mixture(seed=6, pdus=200).frames, 600)
    record = compared(frames, shifted(far(frames, 3 * MS, 0), HOUR))
    assert record.clocks is not None
    assert abs(record.clocks.offset_ns - HOUR) <= record.clocks.uncertainty_ns


def test_swapping_the_captures_mirrors_what_is_said() -> None:
    frames = slow(mixture(seed=5, pdus=200).frames, 600)
    other = shifted(far(drop(frames, Random(2)), 2 * MS, 2 * MS), HOUR)
    there, back = compared(frames, other), compared(other, frames)
    assert there.clocks is not None and back.clocks is not None
    assert there.clocks.offset_ns == -back.clocks.offset_ns
    assert (there.clocks.nearer_to_initiator, back.clocks.nearer_to_initiator) == ("A", "B")
    mirrored = [("A" if which == "B" else "B", fate, frame) for which, fate, frame in losses_of(back)]
    assert losses_of(there) == sorted(mirrored)
    assert there.missing
    assert there.tasks is not None and back.tasks is not None
    assert there.tasks.parts == back.tasks.parts
    assert [way.segments for way in there.ways] == [way.segments for way in back.ways]


def test_the_offset_changes_nothing_but_itself() -> None:
    frames = slow(mixture(seed=5, pdus=200).frames, 600)
    other = far(drop(frames, Random(4)), 2 * MS, 2 * MS)
    near, distant = compared(frames, other), compared(frames, shifted(other, -9 * HOUR))
    assert near.clocks is not None and distant.clocks is not None
    assert distant.clocks.offset_ns == near.clocks.offset_ns - 9 * HOUR
    assert (near.missing, near.tasks, near.ways) == (distant.missing, distant.tasks, distant.ways)


def test_translated_addresses_are_the_same_connection_by_their_sequence_numbers() -> None:
    frames = f12()
    record = compared(frames, translated(frames))
    [pair] = record.connections
    assert pair.recognised_by == "initial sequence numbers"
    assert (pair.initiator_a, pair.initiator_b) != (pair.initiator_a, pair.initiator_a)
    assert pair.initiator_b == "203.0.113.9:40001"
    assert record.identical


def test_in_mid_session_translated_addresses_are_the_same_connection_by_their_content() -> None:
    frames = f12()[9:]
    record = compared(frames, translated(frames))
    assert [pair.recognised_by for pair in record.connections] == ["content"]
    assert record.identical


def test_rewritten_sequence_numbers_are_said_and_seen_through() -> None:
    frames = f12()
    record = compared(frames, renumbered(translated(frames)))
    [pair] = record.connections
    assert (pair.recognised_by, pair.sequence_rewritten, pair.separate_tcp) == ("content", True, False)
    assert record.identical


def test_captures_that_begin_and_end_at_different_moments_are_held_against_nobody() -> None:
    frames = slow(mixture(seed=8, pdus=300).frames, 600)
    count = len(frames)
    other = shifted(far(frames, 2 * MS, 2 * MS), HOUR)
    record = compared(cut_end(frames, count // 4), cut_start(other, count // 4))
    assert {each.fate for each in record.missing} <= {losses.OUTSIDE}
    assert record.missing
    assert record.identical
    assert not any(each.severity == "bad" for each in record.headlines)


def test_a_segment_that_is_lost_and_sent_again_is_told_with_what_it_cost() -> None:
    frames = slow(mixture(seed=8, pdus=200, depth=1).frames, 600)
    index = with_data(frames, up=True, behind=60)[0]
    mine, other = sent_again(frames, index)
    record = compared(mine, shifted(far(other, 2 * MS, 2 * MS), HOUR))
    [lost] = [each for each in record.missing if each.kind == losses.DATA]
    assert (lost.missing_in, lost.fate, lost.frame, lost.direction) == ("B", losses.LOST, index + 1, "I2T")
    assert lost.instead_frame is not None
    assert abs(lost.late_ns - 202 * MS) < MS
    assert [each.cause for each in record.late] == ["segment lost and sent again"]
    assert not record.identical
    assert any(each.severity == "bad" and "sent again" in each.text for each in record.headlines)


def test_a_drift_over_a_long_capture_is_found_and_taken_out() -> None:
    frames = slow(mixture(seed=9, pdus=4000).frames, 2000)
    record = compared(frames, shifted(far(frames, 2 * MS, 2 * MS, jitter_ns=100_000), HOUR, 50e-6))
    assert record.clocks is not None
    assert record.clocks.drift_ppm == pytest.approx(50, abs=2)
    assert record.ways[0].segments.p50 < 4 * MS


def test_without_anything_in_common_nothing_is_compared() -> None:
    record = compared(f12(), frames_of(sample("k20_mcs_two_connections")))
    assert (record.connections, record.clocks, record.identical) == ([], None, False)
    assert {each.capture for each in record.alone} == {"A", "B"}


def test_no_capture_at_all_is_no_trouble() -> None:
    for path in captures()[:3]:
        frames = frames_of(path)
        assert compared(frames[:1], frames).connections == []
