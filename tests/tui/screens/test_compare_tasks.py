"""Two tasks beside each other: what differs is seen."""

from __future__ import annotations

from itertools import pairwise

from iscsi_analyzer.export.tasks import Tasks
from tests.iscsi_analyzer.analysis.studies import sample
from tui.screens.compare_tasks import comparison
from tui.screens.task_table import task_table


def compared(first: int, second: int, room: int = 100) -> list[tuple[str, str]]:
    study = sample("k24")
    tasks = Tasks(study.facts.store)
    table = task_table(study, "", None)
    records = tasks.record(first), tasks.record(second)
    return list(comparison(records, (table.times(first - 1), table.times(second - 1)), room))


def test_what_differs_is_bold() -> None:
    parts = compared(39, 86)
    styles = {label.strip(): style for (label, _), (_, style) in pairwise(parts)}
    assert (styles["what"], styles["LBA"], styles["latency"]) == ("", "bold", "bold")


def test_both_bars_are_on_one_scale() -> None:
    text = "".join(part for part, _ in compared(39, 2))
    slow, quick = (line for line in text.splitlines() if line.startswith("  task "))
    assert slow.count("█") + slow.count("░") > 50
    assert quick.count("█") + quick.count("░") < 8


def test_a_task_without_answer_can_be_compared_too() -> None:
    text = "".join(part for part, _ in compared(163, 39))
    assert "unanswered at close" in text


def test_lines_keep_to_their_room() -> None:
    for room in (60, 70, 95, 96, 104):
        text = "".join(part for part, _ in compared(163, 39, room))
        assert max(map(len, text.splitlines()[:-1])) <= room
    assert "first data" in "".join(part for part, _ in compared(2, 39, 70))
