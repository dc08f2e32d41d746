"""What comes after a task management function has ended tasks."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import task_management_after
from tests.iscsi_analyzer.rules.judging import (
    accused,
    check_example,
    check_losses,
    each_lost,
    finding_of,
    findings_of,
    names,
    near_miss,
)
from tests.support.talk import Talk


@pytest.mark.parametrize("name", names(task_management_after))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("function", [1, 2, 4, 5, 6])
def test_an_ended_task_has_no_response(function: int) -> None:
    talk = Talk().open()
    task = talk.command(read=4096, lun=1)
    talk.tmf(function, task if function == 1 else None, **({} if function in (1, 6) else {"lun": 1}))
    talk.response(task)
    finding = finding_of(talk, "task-response-after-tmf")
    assert finding.facts["tag"] == task.tag and len(finding.related) == 1


def test_a_status_in_a_data_in_is_a_response() -> None:
    talk = Talk().open()
    task = talk.command(read=8192)
    talk.data_in(task, 4096)
    talk.tmf(1, task)
    talk.data_in(task, 4096, status=0)
    assert "task-response-after-tmf" in findings_of(talk)


@near_miss("task-response-after-tmf")
def test_a_response_may_come_before_the_end() -> None:
    """It crosses the abort, or the target sends it first."""
    talk = Talk().open()
    task = talk.command(read=4096)
    abort = talk.tmf_request(1, task)
    talk.serve(task)
    talk.tmf_response(1, tag=abort.word(16))
    assert findings_of(talk) == []


@near_miss("task-response-after-tmf")
@pytest.mark.parametrize("response", [1, 5, 6, 255])
def test_a_function_that_was_not_carried_out_ends_nothing(response: int) -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.tmf(5, response=response)
    talk.serve(task)
    assert findings_of(talk) == []


@near_miss("task-response-after-tmf")
def test_other_logical_units_and_later_commands_go_on() -> None:
    talk = Talk().open()
    other = talk.command(read=4096, lun=2)
    reset = talk.tmf_request(5, lun=1)
    later = talk.command(read=4096, lun=1)
    talk.tmf_response(tag=reset.word(16))
    talk.serve(other)
    talk.serve(later)
    assert findings_of(talk) == []


@near_miss("task-response-after-tmf")
def test_an_immediate_command_is_not_certainly_older_than_the_reset() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    task = talk.command(immediate=True)
    talk.tmf(5)
    talk.response(task)
    assert "task-response-after-tmf" not in findings_of(talk)


@near_miss("task-response-after-tmf")
def test_the_tag_may_be_used_again() -> None:
    talk = Talk().open()
    task = talk.command(read=4096, tag=9)
    talk.tmf(1, task)
    talk.serve(talk.command(read=4096, tag=9))
    assert findings_of(talk) == []


@near_miss("task-response-after-tmf")
def test_a_frame_that_is_missing_accuses_nobody() -> None:
    """Among others the one with the command that uses the tag again."""
    talk = Talk().open()
    task = talk.command(read=4096, tag=9)
    talk.tmf(1, task)
    talk.serve(talk.command(read=4096, tag=9))
    talk.ping()
    talk.close()
    assert [accused(frames) for frames in each_lost(talk) if accused(frames)] == []
