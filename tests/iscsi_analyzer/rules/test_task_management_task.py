"""What a task management request says of the task that it names: LUN, RefCmdSN, ExpDataSN."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import task_management_task
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.talk import T2I, Talk
from tests.support.talk_session import Task


@pytest.mark.parametrize("name", names(task_management_task))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_an_abort_goes_to_the_logical_unit_of_its_task() -> None:
    talk = Talk().open()
    task = talk.command(read=4096, lun=1)
    talk.tmf(1, task, patch={9: b"\2"}, response=1)
    finding = finding_of(talk, "tmf-lun-mismatch")
    assert (finding.facts["lun"], finding.facts["of_task"]) == (2 << 48, 1 << 48)
    assert len(finding.related) == 1


@near_miss("tmf-lun-mismatch", "tmf-refcmdsn-wrong")
@pytest.mark.parametrize("lun", [0, 1, 300, b"\xc1\x02\x03\x04\x05\x06\x07\x08"])
def test_any_lun_is_compared_as_it_stands(lun: int | bytes) -> None:
    talk = Talk().open()
    talk.tmf(1, talk.command(read=4096, lun=lun))
    assert findings_of(talk) == []


@near_miss("tmf-lun-mismatch", "tmf-refcmdsn-wrong")
def test_of_a_task_that_is_over_nothing_is_said() -> None:
    """Its answer may have crossed the abort on the wire, and its tag may mean another task soon."""
    talk = Talk().open()
    task = talk.command(read=4096)
    with talk.deaf("I2T"):
        talk.serve(task)
        talk.tmf_request(1, task, ref_cmd_sn=0, patch={9: b"\2"})
    assert findings_of(talk) == []


@pytest.mark.parametrize("off", [-1, 1, 100])
def test_refcmdsn_is_the_number_of_the_task(off: int) -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    task = talk.command(read=4096)
    talk.command(read=4096)
    talk.tmf(1, task, ref_cmd_sn=task.cmd_sn + off)
    assert finding_of(talk, "tmf-refcmdsn-wrong").facts["cmd_sn"] == task.cmd_sn


@near_miss("tmf-refcmdsn-wrong")
def test_of_an_immediate_task_the_number_is_that_of_the_request() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    task = talk.command(read=4096, immediate=True)
    talk.command(read=4096)
    talk.tmf(1, task, ref_cmd_sn=talk.session.cmd_sn)
    assert findings_of(talk) == []


@near_miss("tmf-refcmdsn-wrong")
def test_a_tag_that_may_mean_another_task_proves_nothing() -> None:
    """A frame between the two commands with one tag is missing."""
    talk = Talk().open()
    talk.test_unit_ready()
    talk.command(read=4096, tag=77)
    talk.ack(T2I)
    begin = len(talk.frames)
    talk.test_unit_ready()
    end = len(talk.frames)
    talk.tmf(1, Task(77, 0, b"", 4096, talk.session.cmd_sn - 1))
    talk.test_unit_ready()
    assert findings_of(talk.frames[:begin] + talk.frames[end:]) == []


def reassigned(exp_data_sn: int, *, sent: int = 1, both: bool = False) -> Talk:
    """A connection breaks within a read, whose task moves to another one."""
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    task = talk.command(bytes(16), read=65536, write=4096) if both else talk.command(read=65536)
    for _ in range(sent):
        talk.data_in(task, 4096)
    talk.rst(T2I)
    talk.wait(3)
    other = talk.join().open()
    other.logout_response(tag=other.logout_request(2, cid=0).word(16))
    other.tmf(8, task, ref_cmd_sn=0, exp_data_sn=exp_data_sn)
    return other


@pytest.mark.parametrize(("exp_data_sn", "sent"), [(20, 1), (2, 1), (4, 3), (0x80000000 - 1, 3)])
def test_nobody_received_data_that_was_not_sent(exp_data_sn: int, sent: int) -> None:
    finding = finding_of(reassigned(exp_data_sn, sent=sent), "tmf-expdatasn-invalid")
    assert finding.facts == {"exp_data_sn": exp_data_sn, "sent": sent}


@near_miss("tmf-expdatasn-invalid")
@pytest.mark.parametrize(("exp_data_sn", "sent"), [(0, 1), (1, 1), (1, 3), (3, 3)])
def test_what_was_sent_may_have_been_received(exp_data_sn: int, sent: int) -> None:
    assert findings_of(reassigned(exp_data_sn, sent=sent)) == []


@pytest.mark.parametrize("function", [2, 5, 6])
def test_refcmdsn_belongs_to_abort_and_query(function: int) -> None:
    talk = Talk().open()
    talk.tmf(function, ref_cmd_sn=9)
    assert finding_of(talk, "tmf-refcmdsn-reserved").facts["ref_cmd_sn"] == 9


@near_miss("tmf-refcmdsn-reserved", "tmf-expdatasn-reserved")
@pytest.mark.parametrize("function", [2, 5, 6])
def test_reserved_fields_are_zero(function: int) -> None:
    talk = Talk().open()
    talk.tmf(function, ref_cmd_sn=0, exp_data_sn=0)
    assert findings_of(talk) == []


@pytest.mark.parametrize("function", [1, 5])
def test_expdatasn_belongs_to_task_reassign(function: int) -> None:
    talk = Talk().open()
    talk.tmf(function, talk.command(read=4096) if function == 1 else None, exp_data_sn=3)
    assert finding_of(talk, "tmf-expdatasn-reserved").facts["exp_data_sn"] == 3
