"""All fields of the filter language by name: for the compiler, for completion while a filter is typed, and for the
command that lists them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Final

import numpy as np

from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.cdb_fields import cdb_fields
from iscsi_analyzer.query.data_fields import data_fields
from iscsi_analyzer.query.field import QueryField
from iscsi_analyzer.query.finding_fields import finding_fields
from iscsi_analyzer.query.flow_fields import flow_fields
from iscsi_analyzer.query.header_fields import header_fields
from iscsi_analyzer.query.pdu_fields import pdu_fields
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.sense_fields import sense_fields
from iscsi_analyzer.query.session_fields import connection_fields, session_fields
from iscsi_analyzer.query.task_fields import related_fields, task_fields
from iscsi_analyzer.query.text_fields import text_fields
from iscsi_analyzer.query.tree_fields import tree_fields
from iscsi_analyzer.query.values import Values

APPLIES_TO: Final = {
    Level.PDU: "pdu",
    Level.FLOW: "pdu",
    Level.TASK: "task",
    Level.CONNECTION: "connection",
    Level.SESSION: "session",
}
"What people call the level of a field."


@cache
def fields() -> dict[str, QueryField]:
    """Every field by its name, in alphabetical order, upper case beside lower case."""
    found: dict[str, QueryField] = {}
    quick = (pdu_fields, flow_fields, header_fields, text_fields, data_fields, sense_fields)
    for group in (*quick, related_fields, task_fields, connection_fields, session_fields, finding_fields):
        for field in group():
            found[field.name] = field
    for field in cdb_fields():
        found.setdefault(field.name, field)
    for field in tree_fields():
        known = found.get(field.name)
        found[field.name] = field if known is None else _in_both(known, field)
    return dict(sorted(found.items(), key=lambda item: (item[0].lower(), item[0])))


def _in_both(known: QueryField, tree: QueryField) -> QueryField:
    """A field that stands in CDBs and in data: all values of both. What is read quickly in all places stays as it
    is."""
    if not known.about.endswith("of the CDB"):
        return known

    def read(scope: Scope) -> Values:
        first, second = known.read(scope), tree.read(scope)
        places = np.arange(scope.count) if first.present is None else np.flatnonzero(first.present)
        assert second.owner is not None
        kinds = {first.data.dtype, second.data.dtype}
        kind = kinds.pop() if len(kinds) == 1 else np.dtype(np.int64)
        data = np.concatenate([first.data[places].astype(kind), second.data.astype(kind)])
        return Values(data, None, np.concatenate([places, second.owner]))

    return QueryField(
        known.name,
        known.kind if known.kind == tree.kind else f.NUMBER,
        known.level,
        f"{known.about}, and in decoded data",
        read,
        known.names or tree.names,
        max(known.largest, tree.largest),
        min(known.least, tree.least),
        several=True,
        dear=True,
    )


def find(name: str) -> QueryField | None:
    """The field of that name."""
    return fields().get(name)


def like(name: str) -> list[str]:
    """Names that somebody may have meant who wrote `name`: the nearest first, three at most."""
    names = fields()
    lower = {known.lower(): known for known in names}
    if name.lower() in lower:
        return [lower[name.lower()]]
    found = [lower[close] for close in get_close_matches(name.lower(), lower, n=3, cutoff=0.75)]
    last = name.lower().rpartition(".")[2]
    return found or [known for known in names if last and known.lower().rpartition(".")[2] == last][:3]


def beginning(prefix: str) -> list[QueryField]:
    """The fields whose names begin so, whatever the case: for completion."""
    start = prefix.lower()
    return [field for name, field in fields().items() if name.lower().startswith(start)]
