"""What is said first answers network or target, and accuses nobody of what a capture merely lacks."""

from __future__ import annotations

from iscsi_analyzer.compare.headlines import shares_of
from iscsi_analyzer.compare.record import ComparisonRecord, TaskParts
from tests.support.talk import Talk
from tests.support.two_sides import MS, compared, far


def ten_reads(think_ms: int, way_ms: int) -> ComparisonRecord:
    """Ten reads that the target thinks about, over a network that takes so long one way."""
    talk = Talk().open()
    for _ in range(10):
        talk.wait((think_ms + 2 * way_ms) / 1000)
        task = talk.command(read=512)
        talk.wait((think_ms + 2 * way_ms) / 1000)
        talk.data_in(task, 512, status=0)
    return compared(talk.frames, far(talk.frames, way_ms * MS, way_ms * MS))


def test_a_target_that_thinks_is_not_the_network() -> None:
    first = ten_reads(think_ms=20, way_ms=1).headlines[0]
    assert first.text.startswith("it is the target, not the network: the time of 10 SCSI tasks")
    assert first.severity == "info"


def test_a_long_way_is_not_the_target() -> None:
    assert ten_reads(think_ms=1, way_ms=20).headlines[0].text.startswith("it is the network, not the target")


def test_where_nothing_has_the_most_both_are_named() -> None:
    text = ten_reads(think_ms=20, way_ms=10).headlines[0].text
    assert text.startswith("no single part has the most")
    assert "at the target" in text and "in the network" in text


def test_shares_add_up_to_one() -> None:
    assert shares_of(TaskParts(target=1, network=1, data=1, initiator=1)) == [0.25] * 4
    assert shares_of(TaskParts(target=0, network=0, data=0, initiator=0)) == [0.0] * 4
