"""The kinds of records as tables: what each table holds, and how its records are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.focus import Focus
from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.chosen import Chosen
from iscsi_analyzer.export.connection_record import ConnectionRecord
from iscsi_analyzer.export.connections import connection_records
from iscsi_analyzer.export.findings import FindingRecord, finding_records
from iscsi_analyzer.export.pdu_record import PduRecord
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.export.session_record import KeyRecord, SessionRecord, key_records, session_record
from iscsi_analyzer.export.task_record import TaskRecord
from iscsi_analyzer.export.tasks import Tasks
from iscsi_analyzer.store.store import Store


class Table(NamedTuple):
    """One kind of records."""

    kind: type[msgspec.Struct]
    records: Callable[[Store, Focus | None], Iterator[Any]]
    "Those of a store that has everything; with a focus, those that belong to it."


def pdus(store: Store, focus: Focus | None = None) -> Iterator[PduRecord]:
    """The PDUs, in order."""
    made, chosen = Pdus(store), Chosen(focus or Focus(store))
    while numbers := chosen.more():
        yield from map(made.record, numbers)


def tasks(store: Store, focus: Focus | None = None, top: int | None = None) -> Iterator[TaskRecord]:
    """The tasks, in the order of their ends; with `top` that many, the slowest first."""
    facts = Facts(store, focus)
    places = np.flatnonzero(facts.wanted)
    if top is not None:
        places = places[facts.latency[places] >= 0]
        places = places[np.argsort(-facts.latency[places], kind="stable")][:top]
    yield from Tasks(store).records(int(place) + 1 for place in places)


def sessions(store: Store, focus: Focus | None = None) -> Iterator[SessionRecord]:
    """The sessions, in order."""
    yield from map(session_record, Study(store, focus).sessions)


def keys(store: Store, focus: Focus | None = None) -> Iterator[KeyRecord]:
    """The text keys, connection by connection."""
    wanted = None if focus is None else set(focus.connections())
    for found in Study(store).keys:
        if wanted is None or found.connection in wanted:
            yield from key_records(found)


TABLES: Final = {
    "pdus": Table(PduRecord, pdus),
    "tasks": Table(TaskRecord, tasks),
    "findings": Table(FindingRecord, finding_records),
    "keys": Table(KeyRecord, keys),
    "sessions": Table(SessionRecord, sessions),
    "connections": Table(ConnectionRecord, connection_records),
}
