"""Task management is told with the tasks that it meant and what became of them."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.support.talk import I2T, Talk


def test_an_abort_names_its_task_and_what_became_of_it() -> None:
    talk = Talk().open()
    talk.read(4096)
    task = talk.command(read=4096, lun=1)
    talk.wait(2)
    talk.tmf(1, task)
    (found,) = study(talk).aborts
    assert (found.words, found.answered, found.response, found.ended) == ("ABORT TASK", True, "Function complete", 1)
    (meant,) = found.meant
    assert (meant.operation, meant.fate, round(meant.outstanding_ns / 1e9)) == ("READ(10)", "aborted", 2)


def test_an_answer_that_crosses_the_abort_is_told() -> None:
    talk = Talk().open()
    task = talk.command()
    request = talk.tmf_request(1, task)
    talk.response(task)
    talk.tmf_response(1, tag=request.word(16))
    (found,) = study(talk).aborts
    assert found.response == "Task does not exist"
    assert found.meant[0].fate == "answered all the same"


def test_a_reset_names_the_tasks_that_it_ended() -> None:
    talk = Talk().open()
    for lun in (0, 0, 1):
        talk.command(read=4096, lun=lun)
    talk.tmf(5, lun=0)
    (found,) = study(talk).aborts
    assert (found.words, found.ended, [meant.operation for meant in found.meant]) == (
        "LOGICAL UNIT RESET",
        2,
        ["READ(10)", "READ(10)"],
    )


def test_an_abort_without_an_answer_says_how_long_that_was() -> None:
    (found,) = sample("k24").aborts
    assert (found.answered, found.may_be_lost, round(found.took_ns / 1e9)) == (False, False, 15)
    assert found.meant[0].fate == "unanswered at close"


def test_a_tag_that_is_used_again_means_the_latest_task() -> None:
    talk = Talk().open()
    talk.response(talk.command(tag=7))
    task = talk.command(read=512, tag=7)
    talk.tmf_request(1, task)
    talk.fin(I2T)
    (found,) = study(talk).aborts
    assert found.meant[0].operation == "READ(10)"


def test_a_task_that_is_not_in_the_capture_is_not_made_up() -> None:
    talk = Talk().open()
    talk.tmf_request(1, referenced_task_tag=0x1234)
    (found,) = study(talk).aborts
    assert (found.referenced_tag, found.meant) == (0x1234, [])


def test_two_captures_of_functions_that_a_target_does_not_know() -> None:
    assert {found.response for found in sample("m59").aborts} >= {
        "Task management function not supported",
        "Function complete",
    }
