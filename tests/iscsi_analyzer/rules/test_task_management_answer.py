"""The answers to task management: response codes, and which of them fit the request."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import task_management_answer
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.mangle_loss import one_direction
from tests.support.talk import T2I, Talk

ALSO = {"tmf-reassign-erl-response": ("tmf-reassign-erl",)}
"What breaks a rule here cannot but break these, too."


@pytest.mark.parametrize("name", names(task_management_answer))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


LEVEL_2 = {"iSCSIProtocolLevel": "2"}


@pytest.mark.parametrize("response", [8, 9, 0x80, 254])
def test_responses_0_to_7_and_255_exist_and_no_others(response: int) -> None:
    talk = Talk().open()
    talk.tmf(5, response=response)
    assert finding_of(talk, "tmf-response-reserved").facts == {"response": response}


@near_miss("tmf-response-reserved", "tmf-response7-without-level2")
@pytest.mark.parametrize("response", [0, 1, 2, 3, 4, 5, 6, 255])
def test_every_other_response_may_be_given(response: int) -> None:
    talk = Talk().open()
    talk.tmf(5, response=response)
    assert findings_of(talk) == []


@pytest.mark.parametrize("level", [None, LEVEL_2])
def test_an_abort_is_complete_and_has_not_succeeded(level: dict[str, str] | None) -> None:
    """Response 7 belongs to the functions 9 to 12, whatever was negotiated."""
    talk = Talk().open(offer=level, answer=level)
    talk.tmf(1, talk.command(read=4096), response=7)
    assert finding_of(talk, "tmf-response7-without-level2").facts == {"function": "ABORT TASK"}


@near_miss("tmf-response7-without-level2")
def test_without_the_login_a_query_may_have_succeeded() -> None:
    talk = Talk().open()
    login = len(talk.frames)
    talk.tmf(10, response=7)
    assert findings_of(talk.frames[login:]) == []


def test_a_response_needs_a_request() -> None:
    talk = Talk().open()
    talk.tmf_response(tag=77)
    assert finding_of(talk, "tmf-response-unsolicited").facts == {"tag": 77}


@near_miss("tmf-response-unsolicited")
def test_a_request_that_the_capture_lacks_may_have_been_there() -> None:
    """Lost, before the capture began, or in the direction that was not captured."""
    talk = Talk().open()
    login = len(talk.frames)
    talk.tmf_request(5)
    behind = len(talk.frames)
    talk.tmf_response(tag=1)
    talk.test_unit_ready()
    assert findings_of(talk.frames[:login] + talk.frames[behind:]) == []
    assert findings_of(talk.frames[behind:]) == []
    assert findings_of(one_direction(talk.frames, T2I)) == []


@near_miss("tmf-response-unsolicited")
def test_a_response_may_be_sent_again() -> None:
    talk = Talk(error_recovery_level=1).open()
    request = talk.tmf_request(5)
    number = talk.stat_sn
    talk.tmf_response(tag=request.word(16))
    talk.snack(1, begin=number, run=1)
    talk.tmf_response(tag=request.word(16), stat_sn=number)
    assert findings_of(talk) == []


def test_at_level_2_a_query_is_not_rejected_as_unknown() -> None:
    talk = Talk().open(offer=LEVEL_2, answer=LEVEL_2)
    talk.reject(talk.tmf_request(9, talk.command(read=4096)), reason=5)
    assert finding_of(talk, "tmf-level2-rejected").facts == {"function": "QUERY TASK"}


@near_miss("tmf-level2-rejected")
@pytest.mark.parametrize(("function", "reason"), [(5, 5), (10, 6)])
def test_other_rejects_are_no_matter_of_the_level(function: int, reason: int) -> None:
    talk = Talk().open(offer=LEVEL_2, answer=LEVEL_2)
    talk.tmf_request(5)
    talk.reject(talk.tmf_request(function), reason=reason)
    assert findings_of(talk) == []


def abort_of_a_reset(response: int) -> Talk:
    talk = Talk().open()
    reset = talk.tmf_request(5)
    talk.tmf(1, response=response, referenced_task_tag=reset.word(16), ref_cmd_sn=reset.word(24))
    return talk


def test_a_task_management_request_cannot_be_aborted() -> None:
    finding = finding_of(abort_of_a_reset(0), "tmf-abort-of-tmf-executed")
    assert finding.party == "target" and finding.related


@near_miss("tmf-abort-of-tmf-executed")
def test_such_an_abort_is_rejected() -> None:
    assert findings_of(abort_of_a_reset(255)) == []


@near_miss("tmf-abort-of-tmf-executed")
def test_an_abort_of_what_is_over_proves_nothing() -> None:
    """The reset was answered first; the target may have the tag no more."""
    talk = Talk().open()
    reset = talk.tmf_request(5)
    abort = talk.tmf_request(1, referenced_task_tag=reset.word(16), ref_cmd_sn=reset.word(24))
    talk.tmf_response(tag=reset.word(16))
    talk.tmf_response(tag=abort.word(16))
    assert findings_of(talk) == []


def reassign_of_a_text(response: int) -> Talk:
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    text = talk.text_request({"SendTargets": ""})
    talk.tmf(8, referenced_task_tag=text.word(16), response=response)
    return talk


def test_only_scsi_tasks_are_reassigned() -> None:
    assert finding_of(reassign_of_a_text(0), "tmf-reassign-nonscsi").facts["kind"] == "text"


@near_miss("tmf-reassign-nonscsi")
def test_such_a_reassignment_is_rejected() -> None:
    assert findings_of(reassign_of_a_text(255)) == []


def test_without_connection_recovery_no_task_is_reassigned() -> None:
    """The request is odd already, and its answer is worse."""
    talk = Talk().open()
    talk.tmf(8, talk.command(read=4096), ref_cmd_sn=0)
    assert findings_of(talk) == ["tmf-reassign-erl", "tmf-reassign-erl-response"]


@near_miss("tmf-reassign-erl-response")
def test_with_connection_recovery_it_may_be() -> None:
    talk = Talk(error_recovery_level=2).open()
    talk.tmf(8, talk.command(read=4096), ref_cmd_sn=0)
    assert findings_of(talk) == []


INFORMATION = b"\1\2\3" + bytes(5)


def test_additional_information_needs_level_2() -> None:
    talk = Talk().open()
    talk.tmf_response(tag=talk.tmf_request(5).word(16), lun=INFORMATION)
    assert finding_of(talk, "tmf-addl-info-without-level2").facts == {"info": 0x010203, "level": 1}


@near_miss("tmf-addl-info-without-level2")
def test_at_level_2_there_may_be_additional_information() -> None:
    talk = Talk().open(offer=LEVEL_2, answer=LEVEL_2)
    talk.tmf_response(7, tag=talk.tmf_request(12).word(16), lun=INFORMATION)
    assert findings_of(talk) == []
