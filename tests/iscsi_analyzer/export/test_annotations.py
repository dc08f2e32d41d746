"""Comments stand at the frames that show a finding, or that end a task."""

from __future__ import annotations

from iscsi_analyzer.export.annotations import Annotations, finding_sentence, task_sentence
from iscsi_analyzer.export.task_record import TaskRecord
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.samples import sample


def said(analysis: Analysis, **more: bool) -> dict[int, list[str]]:
    notes = Annotations(analysis.store, **more)  # type: ignore[arg-type]
    found = {number: list(notes.comments(number)) for number in range(1, int(analysis.engine.frames) + 1)}
    return {number: texts for number, texts in found.items() if texts}


def test_every_finding_is_told_once_and_referred_to_where_it_came_again() -> None:
    analysis = analysed(sample("m56_data_sn_wrong"))
    found = said(analysis)
    whole = [text for texts in found.values() for text in texts if ": again, " not in text]
    assert sorted(whole) == sorted(finding_sentence(verdict) for verdict in analysis.store.verdicts)
    assert found[52] == [
        "error dataout-datasn-gap (RFC 7143 sections 4.2.2.4 and 11.7.5): Data-Out has DataSN 0 where 1 was due"
    ]
    assert (
        found[58][1] == "error dataout-datasn-gap (RFC 7143 sections 4.2.2.4 and 11.7.5): again, as first in frame 52"
    )


def test_a_finding_that_no_pdu_shows_is_told_all_the_same() -> None:
    analysis = analysed(sample("k24_kernel_abort_lunreset_recovery"))
    told = {text for texts in said(analysis).values() for text in texts}
    assert {finding_sentence(verdict) for verdict in analysis.store.verdicts} <= told


def test_tasks_are_told_where_they_ended_on_request() -> None:
    analysis = analysed(sample("m53_abort_task"))
    tasks = [text for texts in said(analysis, tasks=True).values() for text in texts if text.startswith("task ")]
    assert len(tasks) == int(analysis.store.found.sessions.tasks.count)
    assert not any(text.startswith("task ") for texts in said(analysis).values() for text in texts)


def test_a_task_is_told_in_a_line() -> None:
    task = TaskRecord(
        number=3, session=1, connection=1, kind="scsi", outcome="answered", initiator_task_tag=1, pdus=3,
        operation="READ(10)", lun=0, lba=2048, transfer_length=8, status="GOOD", latency_ns=340_000, request_frame=12,
    )  # fmt: skip
    assert task_sentence(task) == "task 3: READ(10) LUN 0 LBA 2048 blocks 8: GOOD after 340 us, asked in frame 12"
    lost = TaskRecord(number=4, session=1, connection=1, kind="nop", outcome="unanswered", initiator_task_tag=2, pdus=1)
    assert task_sentence(lost) == "task 4: nop: unanswered"
