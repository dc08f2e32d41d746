"""What a pair of connections lacks is counted; PDUs whose bytes are there are not missing."""

from __future__ import annotations

from iscsi_analyzer.compare.comparison import compare
from iscsi_analyzer.compare.conversation import MANY
from tests.iscsi_analyzer.compare.test_copies import conversation
from tests.support.talk_load import mixture
from tests.support.two_sides import MS, Two, far, slow


def test_pdus_are_found_by_the_bytes_that_they_have() -> None:
    frames = mixture(seed=4, pdus=100).frames
    talk = conversation(frames, frames)
    pdus = talk.streams[True].a
    first, second = int(pdus.offsets[3]), int(pdus.ends[3])
    assert talk.pdus_within(True, True, first, second).tolist() == [int(pdus.numbers[3])]
    assert talk.pdus_within(False, True, first, second + 1).tolist() == pdus.numbers[3:5].tolist()
    assert talk.not_framed(True, True) == talk.not_framed(False, True) == 0


def test_a_capture_that_goes_on_much_longer_is_counted_and_not_listed() -> None:
    frames = slow(mixture(seed=4, pdus=3000).frames, 600)
    with Two(frames, far(frames, 2 * MS, 2 * MS)[:400]) as sides:
        record = compare(*sides)
    beyond = sum(each.count for each in record.missing_counts)
    assert beyond > MANY
    assert {each.fate for each in record.missing_counts} == {"outside of the capture"}
    assert record.missing_not_listed + len(record.missing) == beyond
    assert record.identical
