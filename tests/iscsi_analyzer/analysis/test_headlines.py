"""The first lines of a report say the worst, once, and nothing where nothing is wrong."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.diagnosis import diagnose
from iscsi_analyzer.analysis.headlines import MOST, Headline, headlines
from tests.iscsi_analyzer.analysis.studies import sample


def of(name: str) -> list[Headline]:
    return headlines(diagnose(sample(name)))


def test_the_end_of_a_session_comes_first_with_its_reason() -> None:
    first, *others = of("k24")
    assert (first.question, first.severity) == (1, "bad")
    assert first.text.endswith("without a logout: ABORT TASK had no answer for 15.1 s")
    assert {each.question for each in others} == {5}


def test_who_came_back_is_part_of_the_story_of_the_drop() -> None:
    assert [each.question for each in of("k26")] == [1]
    assert of("k26")[0].text.endswith("without a logout")


def test_a_refused_login_is_told_in_words() -> None:
    (login,) = of("u08")
    assert "the CHAP response as 'alice' was not accepted" in login.text


@pytest.mark.parametrize("name", ["u14", "k02", "v01"])
def test_nothing_stands_out_where_nothing_is_wrong(name: str) -> None:
    assert of(name) == []


def test_what_hurts_comes_before_what_is_worth_a_look_and_all_is_bounded() -> None:
    for name in ("b01", "k46", "k24", "f41"):
        found = of(name)
        assert len(found) <= MOST
        assert [each.severity for each in found] == sorted(each.severity for each in found)
        assert all(sum(other.question == each.question for other in found) <= 2 for each in found)
