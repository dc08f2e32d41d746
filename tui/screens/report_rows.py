"""The answers to the questions that a capture is opened for, as rows of a list; each row knows its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from iscsi_analyzer.analysis.answers.line import BAD, INFO, LOOK, OK, Line
from iscsi_analyzer.analysis.diagnosis import Section
from iscsi_analyzer.analysis.text import line_lines
from tui.screens.jumps import Target, ToFrame, ToLadder, ToPdu, ToTask, ToTasks
from tui.widgets.row_list import Row, Title

TITLES: Final = (Title("text", "the questions that a capture is opened for, answered", 0),)
STYLES: Final = {OK: "good", INFO: "", LOOK: "warning", BAD: "error"}


def rows_of(sections: Sequence[Section], width: int) -> Iterator[Row]:
    """The rows for lines of `width` columns; long answers take several rows with the same target."""
    for place, section in enumerate(sections):
        if place:
            yield Row(("",))
        number = f"{section.question}. " if section.question else ""
        yield Row((f"{number}{section.title}",), "strong")
        for line in section.lines:
            style = STYLES[line.severity] if not line.detail else ""
            yield from (Row((text,), style, line) for text in line_lines(line, width))


def target_of(line: Line) -> Target | None:
    """What proves a line, in the shape that shows most of it."""
    if len(line.pdus) == 1:
        return ToPdu(line.pdus[0])
    if line.pdus:
        return ToLadder(pdus=tuple(line.pdus), title=line.text[:60])
    if line.tasks:
        return tasks_of(line)
    if line.frames:
        return ToFrame(line.frames[0], line.connection)
    if line.session:
        return ToLadder(sessions=(line.session,))
    return None


def tasks_of(line: Line) -> Target | None:
    """The tasks that a line is about."""
    if len(line.tasks) == 1:
        return ToTask(line.tasks[0])
    return ToTasks(f"iscsi.task.number in {{{', '.join(map(str, line.tasks))}}}") if line.tasks else None


def ladder_of(line: Line) -> Target | None:
    """A ladder that shows what a line is about: of its task, of its PDUs, or of its session."""
    if len(line.tasks) == 1:
        return ToLadder(task=line.tasks[0])
    if line.pdus:
        return ToLadder(pdus=tuple(line.pdus), title=line.text[:60])
    return ToLadder(sessions=(line.session,)) if line.session else None
