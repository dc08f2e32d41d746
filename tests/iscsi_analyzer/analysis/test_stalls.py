"""A stall is silence while something was asked, and nothing else."""

from __future__ import annotations

from iscsi_analyzer.analysis.stalls import STALL_NS, stalls
from tests.iscsi_analyzer.analysis.studies import study
from tests.support.talk import Talk


def numbers(talk: Talk) -> list[int]:
    return stalls(study(talk).facts).tolist()


def test_an_answer_that_takes_long_ends_a_stall() -> None:
    talk = Talk().open()
    task = talk.command()
    talk.wait(STALL_NS / 1e9)
    talk.response(task)
    assert numbers(talk) == [len(talk.pdus)]


def test_silence_without_any_task_is_none() -> None:
    talk = Talk().open()
    talk.response(talk.command())
    talk.wait(10)
    talk.response(talk.command())
    assert numbers(talk) == []


def test_a_task_that_is_never_answered_makes_later_silences_stalls() -> None:
    talk = Talk().open()
    talk.command()
    talk.wait(1)
    talk.response(talk.command())
    assert numbers(talk) == [len(talk.pdus) - 1]


def test_what_happens_on_another_connection_does_not_hide_a_stall() -> None:
    talk = Talk().open()
    task = talk.command()
    other = talk.beside().open()
    for _ in range(5):
        talk.wait(STALL_NS / 5e9)
        other.response(other.command())
    talk.response(task)
    (found,) = numbers(talk)
    assert found == len(study(talk).facts.opcode)


def test_an_empty_capture_has_none() -> None:
    assert stalls(study([]).facts).tolist() == []
