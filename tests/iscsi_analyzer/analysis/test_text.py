"""Lines of text fit the terminal, lose nothing, and carry their evidence."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.answers.line import Line, count, listed, size
from iscsi_analyzer.analysis.diagnosis import Section, diagnose
from iscsi_analyzer.analysis.text import evidence, section_lines
from tests.iscsi_analyzer.analysis.studies import sample


@pytest.mark.parametrize("columns", [40, 72, 80, 132])
@pytest.mark.parametrize("name", ["k24", "k46", "u32", "u14", "b01", "f41"])
def test_lines_fit_and_lose_no_word(name: str, columns: int) -> None:
    sections = diagnose(sample(name))
    text = list(section_lines(sections, columns))
    assert all(line == line.rstrip() for line in text)
    assert all(len(line) <= columns or " " not in line.strip() for line in text)
    words = " ".join(" ".join(text).split())
    for section in sections:
        for line in section.lines:
            assert len(line.text) > columns or " ".join(line.text.split()) in words


def test_a_number_stays_with_its_unit() -> None:
    section = Section(question=1, title="t", severity="bad", lines=[Line(text="x" * 30 + " took 24.8 s altogether")])
    assert not [line for line in section_lines([section], 40) if line.endswith("24.8")]


def test_marks_tell_the_severity_without_colour() -> None:
    lines = [Line(text=word, severity=word) for word in ("bad", "look", "info", "ok")]
    section = Section(question=3, title="Title", severity="bad", lines=[*lines, Line(text="more", detail=True)])
    assert list(section_lines([section])) == ["3. Title", " ! bad", " ? look", "   info", "   ok", "     - more"]


def test_sections_are_parted_by_an_empty_line() -> None:
    section = Section(question=0, title="T", severity="ok", lines=[Line(text="a")])
    assert list(section_lines([section, section])) == ["T", "   a", "", "T", "   a"]


def test_evidence_is_short() -> None:
    assert evidence(Line(text="", pdus=[1, 2, 3, 4, 5], tasks=[7])) == "PDU 1, 2, 3, 4, ...; task 7"
    assert evidence(Line(text="", frames=[9])) == "frame 9"
    assert evidence(Line(text="")) == ""


def test_counts_and_lists_read_as_people_write_them() -> None:
    assert [count(1, "task"), count(2562, "task"), count(0, "ping")] == ["1 task", "2,562 tasks", "0 pings"]
    assert [listed([]), listed([1]), listed([1, 2]), listed([1, 2, 3]), listed(range(9), 3)] == [
        "",
        "1",
        "1 and 2",
        "1, 2 and 3",
        "0, 1, 2 and 6 more",
    ]
    assert [size(512), size(65536), size(1 << 20), size(70000)] == ["512 bytes", "64 KiB", "1 MiB", "70,000 bytes"]
