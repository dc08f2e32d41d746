"""Task management requests: which functions there are, where, and which fields go with them."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import task_management
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.talk import Talk


@pytest.mark.parametrize("name", names(task_management))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


LEVEL_2 = {"iSCSIProtocolLevel": "2"}


def level_2() -> Talk:
    return Talk().open(offer=LEVEL_2, answer=LEVEL_2)


def test_a_discovery_session_has_nothing_to_manage() -> None:
    """One finding says so; that the function does not exist either is of no interest there."""
    talk = Talk().open(discovery=True)
    talk.reject(talk.tmf_request(0x20))
    assert finding_of(talk, "tmf-in-discovery").party == "initiator"


@near_miss("tmf-in-discovery")
def test_a_normal_session_may_be_managed() -> None:
    talk = Talk().open()
    talk.tmf(5)
    talk.close()
    assert findings_of(talk) == []


@pytest.mark.parametrize("function", [0, 13, 0x20, 0x7F])
def test_functions_1_to_12_are_assigned_and_no_others(function: int) -> None:
    talk = Talk().open()
    talk.tmf(function, response=5)
    assert finding_of(talk, "tmf-function-unassigned").facts == {"function": function}


@near_miss("tmf-function-unassigned", "tmf-function-needs-level2")
@pytest.mark.parametrize("function", range(9, 13))
def test_functions_9_to_12_are_there_at_level_2(function: int) -> None:
    talk = level_2()
    talk.tmf(function, talk.command(read=4096) if function == 9 else None, response=7)
    assert findings_of(talk) == []


@pytest.mark.parametrize("function", range(9, 13))
def test_functions_9_to_12_need_level_2(function: int) -> None:
    talk = Talk().open()
    talk.tmf(function, talk.command(read=4096) if function == 9 else None, response=5)
    assert finding_of(talk, "tmf-function-needs-level2").facts["level"] == 1


@near_miss("tmf-function-needs-level2")
def test_nobody_is_held_to_a_level_that_was_not_seen() -> None:
    """The capture begins behind the login."""
    talk = Talk().open()
    login = len(talk.frames)
    talk.tmf(9, talk.command(read=4096), response=5)
    talk.close()
    assert findings_of(talk.frames[login:]) == []


@pytest.mark.parametrize("function", [2, 3, 4, 5, 6, 7])
def test_functions_without_a_task_have_the_reserved_tag(function: int) -> None:
    talk = Talk().open()
    talk.tmf(function, referenced_task_tag=5)
    assert finding_of(talk, "tmf-rtt-not-reserved").facts["referenced"] == 5


@near_miss("tmf-rtt-not-reserved", "tmf-lun-reserved")
@pytest.mark.parametrize("function", [2, 3, 4, 5])
def test_functions_of_a_logical_unit_name_it_and_no_task(function: int) -> None:
    talk = Talk().open()
    talk.tmf(function, lun=1)
    assert findings_of(talk) == []


def test_an_abort_names_its_task() -> None:
    talk = Talk().open()
    talk.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    assert finding_of(talk, "tmf-rtt-missing").facts == {"function": "ABORT TASK"}


@near_miss("tmf-rtt-missing")
def test_tag_0_is_a_tag() -> None:
    talk = Talk().open()
    talk.tmf(1, talk.command(read=4096, tag=0))
    assert findings_of(talk) == []


def test_a_reassignment_is_immediate() -> None:
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    task = talk.command(read=4096)
    talk.tmf(8, task, immediate=False, ref_cmd_sn=0, response=3)
    assert finding_of(talk, "tmf-reassign-not-immediate").facts == {"referenced": task.tag}


@near_miss("tmf-reassign-not-immediate", "tmf-reassign-erl")
def test_tasks_may_be_reassigned_at_level_2() -> None:
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    talk.tmf(8, talk.command(read=4096), ref_cmd_sn=0, response=3)
    assert findings_of(talk) == []


@near_miss("tmf-reassign-not-immediate")
def test_other_functions_need_not_be_immediate() -> None:
    talk = Talk().open()
    talk.tmf(5, immediate=False)
    assert findings_of(talk) == []


@pytest.mark.parametrize("level", [0, 1])
def test_tasks_are_reassigned_at_error_recovery_level_2_only(level: int) -> None:
    talk = Talk(error_recovery_level=level).open()
    talk.tmf(8, talk.command(read=4096), ref_cmd_sn=0, response=4)
    assert finding_of(talk, "tmf-reassign-erl").facts["level"] == level


def test_a_target_reset_is_about_no_logical_unit() -> None:
    """Reserved fields are one note for a connection, however often they are set."""
    talk = Talk().open()
    talk.tmf(6, lun=1)
    talk.tmf(7, lun=1)
    finding = finding_of(talk, "tmf-lun-reserved")
    assert finding.count == 2 and len(finding.pdus) == 2
