"""The tasks of the captures: every request with what answered it, and how long that took."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.listing import add_listing_arguments, passing, run_listing

if TYPE_CHECKING:
    from iscsi_analyzer.export.task_record import TaskRecord
    from iscsi_analyzer.query.filter import Filter
    from iscsi_analyzer.run import Analysis


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `tasks`."""
    group = add_listing_arguments(parser, "tasks")
    group.add_argument("--top", metavar="N", type=int, help="the N slowest only, the slowest first")
    group.add_argument("--session", metavar="N", type=int, help="of that session only")


def run(arguments: argparse.Namespace) -> int:
    """Reads everything, then prints the tasks."""
    from iscsi_analyzer.export.task_record import TaskRecord

    if arguments.top is not None and arguments.top < 1:
        raise Stop(f"--top {arguments.top}: there is no such number of tasks")

    def records(analysis: Analysis, chosen: Filter | None) -> Iterator[TaskRecord]:
        from iscsi_analyzer.export.tasks import Tasks

        yield from Tasks(analysis.store).records(_numbers(arguments, analysis, chosen))

    return run_listing(arguments, TaskRecord, records, _text)


def _numbers(arguments: argparse.Namespace, analysis: Analysis, chosen: Filter | None) -> list[int]:
    """The tasks that were asked for."""
    import numpy as np

    from iscsi_analyzer.store.tasks import task_columns

    columns = task_columns(analysis.store)
    mask = np.ones(columns.count, dtype=bool) if chosen is None else chosen.tasks(analysis.store)
    if arguments.session is not None:
        mask = mask & (columns.field("session") == arguments.session)
    if arguments.top is None:
        return passing(mask)
    latency = columns.latency()
    places = (mask & (latency >= 0)).nonzero()[0]
    return [int(place) + 1 for place in places[np.argsort(-latency[places], kind="stable")][: arguments.top]]


def _text(found: list[TaskRecord]) -> Iterator[str]:
    from iscsi_analyzer.export.tables import columns
    from iscsi_analyzer.export.time_text import span

    if not found:
        yield "no tasks"
        return
    rows = [("task", "sess", "what", "LUN", "LBA", "blocks", "latency", "how it ended")]
    for task in found:
        ended = task.status if task.status and task.outcome == "answered" else task.outcome
        if task.sense is not None:
            ended += f": {task.sense.text}"
        rows.append(
            (
                str(task.number),
                str(task.session),
                task.operation or task.kind,
                "" if task.lun is None else str(task.lun),
                "" if task.lba is None else str(task.lba),
                "" if task.transfer_length is None else str(task.transfer_length),
                "" if task.latency_ns is None else span(task.latency_ns),
                ended,
            )
        )
    yield from columns(rows, "rrlrrrrl", indent=0, width=200)
