"""An analysis reads its captures step by step, as far as is wanted, and gives records."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.problems import SourceError
from tests.support.samples import SAMPLES
from tests.support.talk import Talk

SAMPLE = SAMPLES / "u03_login_inquiry.pcap.zst"


def test_steps_and_a_run_end_alike() -> None:
    with Analysis([SAMPLE]) as stepped, Analysis([SAMPLE]) as ran:
        while stepped.step():
            pass
        stepped.finish()
        stepped.finish()
        ran.run()
        assert list(stepped.store.rows()) == list(ran.store.rows())
        assert ran.finished


def test_progress_is_told_after_every_step(tmp_path: Path) -> None:
    talk = Talk().open()
    for _ in range(300):
        talk.read(8192)
    path = talk.save(tmp_path / "large.pcap")
    seen: list[int] = []
    with Analysis([path]) as analysis:
        analysis.run(lambda each: seen.append(each.capture.bytes_done))
    assert len(seen) >= 2
    assert seen == sorted(seen)


@pytest.mark.parametrize("count", [1, 5, 12, 1000])
def test_exactly_so_many_frames_are_taken(count: int) -> None:
    with Analysis([SAMPLE], max_frames=count) as analysis:
        analysis.run()
        assert analysis.engine.frames == min(count, 25)


def test_records_come_as_python_objects() -> None:
    with Analysis([SAMPLE]) as analysis:
        analysis.run()
        pdus = list(analysis.pdus())
        assert [pdu.number for pdu in pdus] == list(range(1, 17))
        assert pdus[2].operation == "TEST UNIT READY"
        (connection,) = analysis.connections()
        assert connection.target.port == 3260
        assert analysis.report().pdus == 16


def test_nothing_to_read_raises() -> None:
    with pytest.raises(SourceError):
        Analysis(["/no/such/file"])
