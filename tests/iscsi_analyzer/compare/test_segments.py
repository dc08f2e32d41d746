"""Every segment of the connections that are expected has a row, in fragments too, and no other one has."""

from __future__ import annotations

import zlib
from random import Random

import pytest

from tests.support import mangle_whole
from tests.support.mangle_whole import packet_of
from tests.support.samples import sample
from tests.support.talk_load import mixture
from tests.support.two_sides import Two, frames_of


def test_rows_say_what_the_segments_say() -> None:
    frames = frames_of(sample("f12_dumpcap"))
    with Two(frames, frames) as (side, _):
        rows = {int(row["frame"]): row for way in (True, False) for row in side.segments(1, way)}
    packets = {number: packet_of(frame) for number, frame in enumerate(frames, 1)}
    assert sorted(rows) == sorted(packets)
    for number, packet in packets.items():
        assert packet is not None
        row = rows[number]
        assert (row["seq"], row["length"], row["flags"], row["identity"], row["window"]) == (
            packet.seq, len(packet.payload), packet.flags, packet.ip_id, packet.window
        )  # fmt: skip
        assert row["ack"] == packet.ack
        assert row["digest"] == (zlib.adler32(packet.payload) if packet.payload else 0)
        assert row["ts"] == frames[number - 1].ts_ns // 1000 * 1000


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_segment_in_fragments_is_one_segment(shuffled: bool) -> None:
    frames = mixture(seed=4, pdus=100).frames
    with Two(frames, mangle_whole.fragment(frames, Random(2), share=0.5, shuffled=shuffled)) as (whole, parts):
        for way in (True, False):
            ours, theirs = whole.segments(1, way), parts.segments(1, way)
            for name in ("seq", "ack", "length", "flags", "digest"):
                assert ours[name].tolist() == theirs[name].tolist()


def test_ports_that_are_used_again_are_two_connections() -> None:
    frames = mixture(seed=4, pdus=60).frames
    span = frames[-1].ts_ns - frames[0].ts_ns + 1_000_000_000
    again = [frame._replace(ts_ns=frame.ts_ns + span) for frame in mixture(seed=5, pdus=60, initiator_seq=9).frames]
    with Two([*frames, *again], frames) as (side, _):
        assert len(side.store.connections) == 2
        last = [int(side.segments(number, True)["frame"].max()) for number in (1, 2)]
        assert last[0] <= len(frames) < last[1]
