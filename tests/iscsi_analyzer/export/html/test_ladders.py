"""What is drawn arrow by arrow: the worst, or what was asked for."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.html import ladders as module
from iscsi_analyzer.export.html.ladders import chosen, ladders
from iscsi_analyzer.export.html.subject import Subject
from tests.iscsi_analyzer.export.html.pages import read, subject


def groups(found: Subject) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for each in chosen(found):
        told.setdefault(each.group, []).append(each.anchor)
    return told


def test_tasks_without_an_answer_failed_and_slow_ones_are_drawn_each_once() -> None:
    found = subject("k24")
    told = groups(found)
    assert told == {
        "How sessions were dropped": ["end-1"],
        "Tasks without an answer": ["task-162", "task-163"],
        "Tasks that failed, one of each kind": ["task-29"],
        "Slowest tasks": ["task-39", "task-86", "task-85", "task-84"],
    }
    assert found.drawn == {162, 163, 29, 39, 86, 85, 84}


def test_of_a_dropped_session_the_last_words_are_drawn() -> None:
    """Those of both sides, and who closed the connection."""
    (end,) = [each for each in chosen(subject("k24")) if each.group == "How sessions were dropped"]
    names = [end.ladder.rung(place).name for place in range(len(end.ladder))]
    assert end.ladder.pdus == module.LAST_PDUS
    assert names[-1] == "closed" and {"NOP-In", "NOP-Out"} <= set(names)
    assert "ABORT TASK had no answer for 15.1 s" in end.words


def test_failed_logins_are_drawn_one_of_each_kind() -> None:
    told = chosen(subject("b01"))
    logins = [each for each in told if each.group == "Logins that failed"]
    assert [each.anchor for each in logins] == ["login-1", "login-2", "login-8"]
    assert "Unsupported version (0x0205)" in logins[0].words


def test_a_login_that_failed_is_drawn_from_the_first_syn_to_the_end() -> None:
    (login,) = [each for each in chosen(subject("k06")) if each.group == "Logins that failed"]
    names = [login.ladder.rung(place).name for place in range(len(login.ladder))]
    assert names[0] == "connection opened" and names[-1] in ("closed", "reset")


def test_what_is_asked_for_by_number_is_drawn_instead() -> None:
    found = subject("k76", Part(tasks=(3,), findings=(1,)))
    assert groups(found) == {
        "Tasks that were asked for": ["task-3"],
        "Findings that were asked for": ["finding-1"],
    }


@pytest.mark.parametrize("part", [Part(tasks=(10**6,)), Part(findings=(99,))])
def test_what_is_not_there_is_said(part: Part) -> None:
    with pytest.raises(LookupError, match="there is no such"):
        chosen(subject("k24", part))


def test_each_ladder_says_how_to_have_all_of_it() -> None:
    found = chosen(subject("k24"))
    body = read(ladders(found))
    assert [node.attributes["id"] for node in body.all("details")] == [each.anchor for each in found]
    assert "iscsi-analyzer export FILE --format text-ladder --task 162" in body.text


def test_there_are_not_many_of_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TASKS", 1)
    monkeypatch.setattr(module, "MOST_LOGINS", 1)
    monkeypatch.setattr(module, "MOST_ENDS", 1)
    assert list(map(len, groups(subject("b01")).values())) == [1, 1, 1, 1, 1]


def test_without_ladders_there_is_no_section() -> None:
    assert ladders([]) is None
