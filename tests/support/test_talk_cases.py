"""The known hard cases are what they say: captures in good order whose truth is complete."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.support.mangle_loss import checksum_right
from tests.support.talk_capture import to_pcap
from tests.support.talk_cases import CASES


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_a_capture_with_its_truth(name: str) -> None:
    """Times in order, checksums right, and unless bytes were taken away, the headers of all PDUs are in the frames."""
    case = CASES[name]()
    assert case.pdus and case.frames
    assert all(left.ts_ns <= right.ts_ns for left, right in pairwise(case.frames))
    assert to_pcap(case.frames)
    if not case.lossless:
        return
    assert all(checksum_right(frame) for frame in case.frames)
    held = b"".join(frame.data for frame in case.frames)
    whole = [pdu for pdu in case.pdus if len(pdu.spans) == 1 or pdu.spans[0][2] >= 48]
    assert all(pdu.header in held for pdu in whole)
    assert len(whole) > len(case.pdus) // 2
