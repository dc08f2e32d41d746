"""The tasks of the captures: every request with what answered it, and how long that took."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.inputs import positive
from iscsi_analyzer.cli.listing import add_listing_arguments, run_listing

if TYPE_CHECKING:
    from iscsi_analyzer.analysis.focus import Focus
    from iscsi_analyzer.export.task_record import TaskRecord
    from iscsi_analyzer.run import Analysis

_HEADINGS = ("task", "sess", "what", "LUN", "LBA", "blocks", "latency", "how it ended")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `tasks`."""
    group = add_listing_arguments(parser, "tasks")
    group.add_argument("--top", metavar="N", type=positive, help="the N slowest only, the slowest first")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the tasks."""
    from iscsi_analyzer.export.task_record import TaskRecord

    def records(analysis: Analysis, focus: Focus | None) -> Iterator[TaskRecord]:
        from iscsi_analyzer.export.record_tables import tasks

        return tasks(analysis.store, focus, arguments.top)

    return run_listing(arguments, TaskRecord, records, _text)


def _text(found: Iterable[TaskRecord]) -> Iterator[str]:
    from iscsi_analyzer.export.tables import running_columns

    lines = running_columns(chain([_HEADINGS], map(_row, found)), "rrlrrrrl", indent=0, width=200)
    heading = next(lines)
    first = next(lines, None)
    if first is None:
        yield "no tasks"
        return
    yield from (heading, first)
    yield from lines


def _row(task: TaskRecord) -> tuple[str, ...]:
    from iscsi_analyzer.export.tasks import how_it_ended
    from iscsi_analyzer.export.time_text import span

    return (
        str(task.number),
        str(task.session),
        task.operation or task.kind,
        "" if task.lun is None else str(task.lun),
        "" if task.lba is None else str(task.lba),
        "" if task.transfer_length is None else str(task.transfer_length),
        "" if task.latency_ns is None else span(task.latency_ns),
        how_it_ended(task),
    )
