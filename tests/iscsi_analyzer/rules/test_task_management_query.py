"""What QUERY TASK is told, against what becomes of the task."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import task_management_query
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.talk import Talk

LEVEL = {"iSCSIProtocolLevel": "2"}


@pytest.mark.parametrize("name", names(task_management_query))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def asked() -> Talk:
    """A session that knows QUERY TASK."""
    return Talk().open(offer=LEVEL, answer=LEVEL)


@pytest.mark.parametrize("phase", [True, False])
def test_a_task_that_is_not_there_gets_no_status(phase: bool) -> None:
    talk = asked()
    task = talk.command(read=4096)
    talk.tmf(9, task)
    talk.serve(task, phase=phase)
    finding = finding_of(talk, "query-response-semantics")
    assert finding.facts["told"] == "not there" and len(finding.related) == 1


def test_a_task_that_is_over_is_not_there() -> None:
    talk = asked()
    task = talk.read(4096)
    talk.tmf(9, task, response=7)
    finding = finding_of(talk, "query-response-semantics")
    assert finding.facts == {"tag": task.tag, "told": "there", "why": "its status was sent before the request"}


@near_miss("query-response-semantics")
def test_the_status_may_come_before_the_answer() -> None:
    """The question and the status cross: either answer may be right."""
    for response in (0, 7):
        talk = asked()
        task = talk.command(read=4096)
        query = talk.tmf_request(9, task)
        talk.serve(task)
        talk.tmf_response(response, tag=query.word(16))
        assert findings_of(talk) == []


@near_miss("query-response-semantics")
def test_a_tag_may_be_used_again() -> None:
    """The answer is about the task that had the tag then."""
    talk = asked()
    task = talk.command(read=4096)
    talk.tmf(9, task, response=7)
    talk.serve(task)
    talk.tmf(9, task, response=0)
    talk.serve(talk.command(read=4096, tag=task.tag))
    assert findings_of(talk) == []
