"""The rows of the report say every answer, and lead to what proves it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.analysis.answers.line import Line
from iscsi_analyzer.analysis.diagnosis import diagnose
from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.jumps import Target, ToFrame, ToLadder, ToPdu, ToTask, ToTasks
from tui.screens.report_rows import ladder_of, rows_of, target_of, tasks_of


@pytest.mark.parametrize("width", [40, 80, 160])
def test_nothing_is_lost_or_cut(width: int) -> None:
    sections = diagnose(sample("b01"))
    rows = list(rows_of(sections, width))
    said = "".join(row.cells[0] for row in rows).replace(" ", "")
    for section in sections:
        assert section.title.replace(" ", "") in said
        for line in section.lines:
            assert line.text.replace(" ", "") in said
    assert all(len(row.cells[0]) <= width for row in rows if row.target is not None)


@pytest.mark.parametrize(
    ("line", "target"),
    [
        (Line(text="", pdus=[3]), ToPdu(3)),
        (Line(text="words", pdus=[3, 4], tasks=[1]), ToLadder(pdus=(3, 4), title="words")),
        (Line(text="", tasks=[5]), ToTask(5)),
        (Line(text="", tasks=[5, 6]), ToTasks("iscsi.task.number in {5, 6}")),
        (Line(text="", frames=[7, 8], connection=2), ToFrame(7, 2)),
        (Line(text="", session=9), ToLadder(sessions=(9,))),
        (Line(text=""), None),
    ],
)
def test_a_line_leads_to_what_proves_it(line: Line, target: Target | None) -> None:
    assert target_of(line) == target


def test_a_line_about_one_task_has_its_ladder() -> None:
    assert ladder_of(Line(text="", pdus=[1, 2], tasks=[4])) == ToLadder(task=4)
    assert ladder_of(Line(text="w", pdus=[1, 2])) == ToLadder(pdus=(1, 2), title="w")
    assert ladder_of(Line(text="")) is None
    assert tasks_of(Line(text="")) is None
