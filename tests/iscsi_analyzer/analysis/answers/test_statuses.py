"""9. Statuses that were not GOOD: few lines, in words, as grave as they are."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import Talk


def failing(*senses: tuple[int, int, int], status: int = 2) -> Talk:
    """A command for each sense key with its codes."""
    talk = Talk().open()
    talk.read(4096)
    for key, asc, ascq in senses:
        sense = bytes((0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq, 0, 0, 0, 0))
        talk.response(talk.command(read=512), status, sense=sense if status == 2 else b"")
    return talk


def test_thousands_of_equal_statuses_are_one_line() -> None:
    (line,) = lines(sample("u32"), 9)
    assert line.text == (
        "2,562 of 2,594 statuses are CHECK CONDITION: 2,558 ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE "
        "(5/21/00), by READ(16) 1,535 and READ(10) 1,023; 4 UNIT ATTENTION: POWER ON, RESET, OR BUS DEVICE RESET "
        "OCCURRED (6/29/00), by TEST UNIT READY (sessions 1 to 4)"
    )
    assert line.severity == "look" and line.tasks and line.pdus


def test_many_kinds_of_sense_data_get_a_line_each() -> None:
    found = lines(study(failing((5, 0x21, 0), (3, 0x11, 0), (3, 0x11, 0), (4, 0x44, 0))), 9)
    assert found[0].text == "4 of 5 statuses are CHECK CONDITION"
    assert [line.text.partition(":")[0] for line in found[1:]] == [
        "2 MEDIUM ERROR",
        "1 ILLEGAL REQUEST",
        "1 HARDWARE ERROR",
    ]


@pytest.mark.parametrize(
    ("sense", "severity"),
    [
        ((6, 0x29, 0), "info"),
        ((5, 0x20, 0), "info"),
        ((5, 0x24, 0), "info"),
        ((1, 0x17, 0), "info"),
        ((5, 0x21, 0), "look"),
        ((2, 0x04, 1), "look"),
        ((3, 0x11, 0), "bad"),
        ((4, 0x44, 0), "bad"),
        ((11, 0x47, 0), "bad"),
    ],
)
def test_what_targets_say_in_everyday_life_is_told_from_what_hurts(sense: tuple[int, int, int], severity: str) -> None:
    assert worst(study(failing(sense)), 9) == severity


@pytest.mark.parametrize(("status", "words"), [(8, "BUSY"), (0x28, "TASK SET FULL"), (0x18, "RESERVATION CONFLICT")])
def test_statuses_without_sense_data_are_told_with_their_commands(status: int, words: str) -> None:
    found = study(failing((0, 0, 0), status=status))
    assert said(found, 9) == f"1 of 2 statuses is {words}, by READ(10)"
    assert worst(found, 9) == "look"


def test_a_target_failure_is_no_status_but_worse() -> None:
    talk = Talk().open()
    talk.response(talk.command(), response=1)
    assert said(study(talk), 9).startswith("1 of 1 statuses is Target failure (response 0x01)")
    assert worst(study(talk), 9) == "bad"


def test_residuals_of_reads_and_writes_are_one_line_a_kind() -> None:
    over, under = [line.text for line in lines(sample("m54"), 9) if "expected" in line.text]
    assert over.startswith("36 tasks would have moved more than was expected (overflow of")
    assert under.startswith("16 tasks moved less than was expected (underflow of")


def test_underflows_of_what_asks_for_as_much_as_there_is_are_ordinary() -> None:
    assert "underflow" not in said(sample("k24"), 9)


def test_good_statuses_are_not_told() -> None:
    talk = Talk().open()
    talk.read(4096)
    assert lines(study(talk), 9) == []
