"""A side knows where its PDUs stand, and which of them are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.compare.side import Side
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.problems import SourceError
from tests.support.samples import sample
from tests.support.talk_capture import write_capture
from tests.support.talk_load import mixture
from tests.support.two_sides import Two, frames_of


def test_pdus_follow_each_other_without_holes() -> None:
    frames = mixture(seed=4, pdus=200, data_digest=True, header_digest=True).frames
    with Two(frames, frames) as (side, other):
        for way in (True, False):
            pdus = side.pdus(1, way)
            assert pdus.offsets[0] == 0
            assert pdus.offsets[1:].tolist() == pdus.ends[:-1].tolist()
            assert pdus.whole.all()
            assert pdus.hashes.tolist() == other.pdus(1, way).hashes.tolist()
        assert not set(side.pdus(1, True).hashes.tolist()) & set(side.pdus(1, False).hashes.tolist())


def test_a_capture_without_iscsi_is_an_empty_side() -> None:
    frames = frames_of(sample("f12_dumpcap"))[:1]
    with Two(frames, frames) as (side, _):
        assert (side.dropped, side.resolution, len(side.store.connections)) == (0, 1000, 0)


def test_a_capture_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    frames = mixture(seed=4, pdus=60).frames
    path = write_capture(tmp_path / "in.pcap", frames)
    with Analysis([path]) as analysis:
        analysis.run()
        write_capture(path, frames[:30])
        with pytest.raises(SourceError, match="has changed since it was read: 30 frames are left"):
            Side(analysis)
