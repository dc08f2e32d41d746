"""Every answer stands on the page, line by line, with its evidence."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.html import questions as module
from iscsi_analyzer.export.html.questions import questions
from tests.iscsi_analyzer.export.html.pages import read, subject
from tests.support.talk import Talk


@pytest.mark.parametrize("name", ["k24", "k34", "b01", "k46"])
def test_every_line_of_every_answer_is_there(name: str) -> None:
    found = subject(name)
    text = read(questions(found)).text.replace("\xa0", " ")
    for answer in found.report.answers:
        assert answer.title in text
        assert [line.text for line in answer.lines if line.text not in text] == []


def test_details_stand_below_their_statement() -> None:
    body = read(questions(subject("k24")))
    (first, *_) = body.all("ul", class_="answer")
    (statement,) = [child for child in first.children if not isinstance(child, str)]
    assert len(list(statement.all("li"))) == 5


def test_a_long_answer_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LINES", 3)
    found = subject("k24")
    lines = len(found.report.answers[0].lines)
    assert f"{lines - 3} more lines: iscsi-analyzer report --all FILE" in read(questions(found)).text


def test_without_anything_to_say_there_is_no_section() -> None:
    talk = Talk()
    talk.handshake()
    assert questions(subject(talk)) is None
