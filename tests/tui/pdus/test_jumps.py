"""Jumps lead to the PDUs that are meant, and never past them."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.analysis.study import Study
from tests.tui.stores import store
from tui.pdus.jumps import next_of, pdu_of_frame, reads_so, same_task, with_findings

NUMBERS = np.array([3, 7, 9], dtype=np.int64)


@pytest.mark.parametrize(
    ("pdu", "behind", "before"), [(1, 3, None), (3, 7, None), (5, 7, 3), (7, 9, 3), (9, None, 7), (20, None, 9)]
)
def test_the_next_one_is_never_the_one_that_one_is_at(pdu: int, behind: int | None, before: int | None) -> None:
    assert next_of(NUMBERS, pdu, forwards=True) == behind
    assert next_of(NUMBERS, pdu, forwards=False) == before


def test_a_task_is_its_request_and_everything_that_belongs_to_it() -> None:
    found = store("k34")
    study = Study(found)
    for number in range(1, 80):
        task = same_task(study, number).tolist()
        row = found.row(number)
        assert number in task
        tags = {found.row(each).header[16:20] for each in task}
        assert tags == {row.header[16:20]}
        assert row.request in (0, *task)


def test_a_task_that_is_still_open_is_known_by_its_request() -> None:
    found = store("k34")
    study = Study(found)
    assert same_task(study, 0).tolist() == []


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_findings_of_a_severity_are_those_that_count(severity: str) -> None:
    found = store("k60_testcu_iSCSIcmdsn")
    numbers = with_findings(severity)(Study(found), 0).tolist()
    assert numbers == [
        number
        for number in range(1, len(found) + 1)
        if any(verdict.severity == severity for verdict in found.verdicts.of_pdu(number))
    ]


def test_text_is_found_whatever_its_case_and_the_search_can_be_ended() -> None:
    lines = ["", "Login", "SCSI Command READ", "SCSI Data-In"]
    assert reads_so("scsi", lines.__getitem__, [1, 2, 3], lambda: False) == 2
    assert reads_so("scsi", lines.__getitem__, [1], lambda: False) is None
    assert reads_so("scsi", lines.__getitem__, [1, 2, 3], lambda: True) is None


def test_frames_lead_to_the_first_pdu_that_was_complete_by_then() -> None:
    frames = np.array([4, 4, 6, 9], dtype=np.int64)
    assert [pdu_of_frame(frames, frame) for frame in (1, 4, 5, 9, 10)] == [1, 1, 3, 4, None]
