"""5. Commands without an answer, and what task management did about them."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, Talk
from tests.support.talk_load import mixture


def test_a_real_stall() -> None:
    text = said(sample("k24"), 5)
    assert "2 SCSI tasks had no answer when the connection closed, the longest after 24.8 s" in text
    assert "ABORT TASK for READ(10) (task 163, waiting for 9.72 s) at 11.336 s: no answer for 15.1 s" in text
    assert "the READ(10) was never answered" in text
    assert worst(sample("k24"), 5) == "bad"


def test_what_is_open_for_a_moment_when_the_capture_ends_is_no_matter() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    assert worst(study(talk), 5) == "info"
    talk.wait(5)
    talk.ping(b"")
    assert worst(study(talk), 5) == "look"


def test_answers_that_the_capture_may_lack_are_told_so() -> None:
    found = study(one_direction(mixture(1, pdus=60).frames, I2T))
    assert "the capture lacks bytes of the other side: these answers may be among them" in said(found, 5)
    assert worst(found, 5) == "info"


def test_an_abort_that_worked() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.wait(1)
    talk.tmf(1, task)
    text = said(study(talk), 5)
    assert "1 SCSI task was aborted, after 1 s" in text
    assert "ABORT TASK for READ(10) (task 2, waiting for 1 s)" in text
    assert "Function complete after" in text and "1 task ended by it" in text


def test_an_abort_whose_answer_the_capture_did_not_wait_for_is_nobodys_fault() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.wait(5)
    talk.tmf_request(1, task)
    talk.wait(0.01)
    talk.ping(b"")
    text = said(study(talk), 5)
    assert "no answer until the capture ended" in text
    assert "the READ(10) had no answer by then, either" in text
    assert worst(study(talk), 5) == "look"


def test_an_abort_that_came_too_late() -> None:
    assert "Task does not exist after 153 us; the WRITE(10) was answered all the same" in said(sample("m53"), 5)


def test_a_tag_that_is_used_again_while_its_task_is_open() -> None:
    talk = Talk().open()
    talk.command(read=4096, tag=9)
    talk.response(talk.command(tag=9))
    assert "1 SCSI task had no answer before its tag was used again" in said(study(talk), 5)


def test_pings_are_told_by_who_asked() -> None:
    talk = Talk().open()
    talk.nop_in()
    talk.wait(2)
    talk.fin(I2T)
    (line,) = lines(study(talk), 5)
    assert line.text == "1 ping of the target had no answer when the connection closed, after 2 s"
    assert "1 ping of the initiator had no answer" in said(sample("m45"), 5)


@pytest.mark.parametrize("name", ["k20", "u32", "f01", "f10", "f41", "f44"])
def test_where_everything_was_answered_nothing_is_said(name: str) -> None:
    assert lines(sample(name), 5) == []


def test_a_flood_is_counted_and_not_listed() -> None:
    talk = Talk().open()
    for _ in range(600):
        talk.command(read=512)
    talk.wait(3)
    talk.fin(I2T)
    text = said(study(talk), 5)
    assert "600 SCSI tasks had no answer" in text and "and 596 more" in text
