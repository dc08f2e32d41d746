"""What Wireshark would say if it said what we do: for tests that need no tshark."""

from __future__ import annotations

from collections.abc import Iterator

from iscsi_analyzer.crosscheck.ours import by_frame, shared_columns
from iscsi_analyzer.crosscheck.wireshark import Frame, Values
from iscsi_analyzer.export.columns import Column, named_fields
from iscsi_analyzer.export.pdu_view import PduView
from iscsi_analyzer.store.store import Store


def all_columns() -> dict[str, Column]:
    """The columns that are compared with a Wireshark that knows all names of ours."""
    return shared_columns(set(named_fields()) | {"iscsi.time", "iscsi.request_frame"})


def values_of(view: PduView, columns: dict[str, Column]) -> Values:
    """All values of a PDU."""
    return {name: values for name, each in columns.items() if (values := each.get(view))}


def echo(store: Store) -> Iterator[Frame]:
    """Our own PDUs, as if Wireshark had said it."""
    columns = all_columns()
    for frame, views in by_frame(store):
        yield Frame(frame, [values_of(view, columns) for view in views])
