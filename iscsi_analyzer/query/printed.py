"""The values of any field of the filter language for chosen PDUs, as columns of output print them.

What belongs to a task, a connection or a session is printed for each of its PDUs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.field import QueryField
from iscsi_analyzer.query.scope import Level, Moment, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store.columns import Numbers
from iscsi_analyzer.store.store import Store


def printed_values(store: Store, field: QueryField, pdus: Sequence[int]) -> list[list[str]]:
    """The values of a field for PDUs, given by number in ascending order: for each PDU as many as it has."""
    scope = Scope(Moment(store), Level.PDU, np.array(pdus, dtype=np.int64) - 1)
    if field.level == Level.PDU:
        return _of_scope(field, scope)
    owners = scope.moment.belonging(scope, field.level)
    items = np.unique(owners[owners >= 0])
    texts = _of_scope(field, Scope(scope.moment, field.level, items))
    place = {item: index for index, item in enumerate(items.tolist())}
    return [texts[place[owner]] if owner >= 0 else [] for owner in owners.tolist()]


def _of_scope(field: QueryField, scope: Scope) -> list[list[str]]:
    if not scope.count:
        return []
    if not field.chunk or scope.count <= field.chunk:
        return _texts(field, field.read(scope), scope.count)
    found: list[list[str]] = []
    rows: Numbers = scope.numbers()
    for start in range(0, scope.count, field.chunk):
        part = Scope(scope.moment, scope.level, rows[start : start + field.chunk])
        found += _texts(field, field.read(part), part.count)
    return found


def _texts(field: QueryField, values: Values, count: int) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in range(count)]
    write = _writer(field)
    owners = range(len(values.data)) if values.owner is None else values.owner.tolist()
    present = None if values.present is None else values.present.tolist()
    for index, (owner, value) in enumerate(zip(owners, values.data.tolist(), strict=False)):
        if present is None or present[index]:
            whole = value if values.table is None else values.table[value]
            if whole is not None:
                found[owner].append(write(whole))
    return found


def _writer(field: QueryField) -> Callable[[Any], str]:
    """How a value of the field is printed. Fields of our own say in words what has a name."""
    if field.kind in (f.TIME, f.DURATION):
        return decimal
    if field.kind == f.BYTES:
        return bytes.hex
    if field.kind in (f.BOOLEAN, f.PROTOCOL):
        return lambda value: "1" if value else "0"
    names = field.names if field.own else None
    if names is not None:
        return lambda value: names(value) or str(value)
    return str
