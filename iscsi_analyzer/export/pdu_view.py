"""One PDU as columns and lines of text want it: everything about it, each part made only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import Node
from dissectors.net.address import address_text
from dissectors.pdu import Pdu
from iscsi_analyzer.export.chosen import Chosen
from iscsi_analyzer.export.pdu_record import PduRecord
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.store.store import Row, Store
from iscsi_analyzer.streams.connection import Direction

if TYPE_CHECKING:
    from iscsi_analyzer.query.field import QueryField


class Views:
    """Makes the views of the PDUs of a store, which may still grow."""

    def __init__(self, store: Store, *, secrets: bool = False, bytes_too: bool = False) -> None:
        """`bytes_too` has every PDU's data and digests read from the capture."""
        self.store = store
        self.pdus = Pdus(store, secrets=secrets)
        self.secrets = secrets
        self.bytes_too = bytes_too
        self.chosen: Chosen | None = None
        "Which PDUs are wanted; None: all."
        self._done = 0
        self._numbers: list[int] = []
        self._asked: dict[str, dict[int, list[str]]] = {}

    def more(self) -> list[PduView]:
        """The PDUs that are new since the last call."""
        self._asked = {}
        if self.chosen is not None:
            self._numbers = self.chosen.more()
            return [PduView(self, number, self.store.row(number)) for number in self._numbers]
        found = []
        before = self._done
        for row in self.store.rows(before + 1):
            self._done += 1
            found.append(PduView(self, self._done, row))
        self._numbers = list(range(before + 1, self._done + 1))
        return found

    def asked(self, field: QueryField, number: int) -> list[str]:
        """The values of a field of the filter language for a PDU, as text. PDUs that came together are looked at
        together."""
        known = self._asked.get(field.name)
        if known is None or number not in known:
            from iscsi_analyzer.query.printed import printed_values

            numbers = self._numbers if known is None and number in self._numbers else [number]
            known = dict(zip(numbers, printed_values(self.store, field, numbers), strict=True))
            self._asked[field.name] = known
        return known[number]


class PduView:
    """One PDU."""

    __slots__ = ("_nodes", "_pdu", "_record", "number", "row", "views")

    def __init__(self, views: Views, number: int, row: Row) -> None:
        self.views = views
        self.number = number
        self.row = row
        self._pdu: Pdu | None = None
        self._record: PduRecord | None = None
        self._nodes: dict[str, list[Node]] | None = None

    @property
    def pdu(self) -> Pdu:
        """The PDU taken apart."""
        if self._pdu is None:
            self._pdu = self.views.pdus.dissect(self.number, self.row, bytes_too=self.views.bytes_too)
        return self._pdu

    @property
    def record(self) -> PduRecord:
        """What its JSON says."""
        if self._record is None:
            self._record = self.views.pdus.record(self.number, self.row)
        return self._record

    @property
    def direction(self) -> Direction:
        """The direction that it went in."""
        connection = self.views.store.connections[self.row.connection - 1]
        sender = connection.to_target or connection.first
        return sender if self.row.to_target else sender.peer

    @property
    def source(self) -> tuple[str, int, bool]:
        """Address and port that it came from, and whether that is IPv6."""
        return _end(self.direction.source)

    @property
    def destination(self) -> tuple[str, int, bool]:
        """Address and port that it went to, and whether that is IPv6."""
        return _end(self.direction.destination)

    @property
    def request(self) -> Row | None:
        """The row of the PDU that it answers or belongs to."""
        return self.views.store.row(self.row.request) if self.row.request else None

    def nodes(self, name: str) -> list[Node]:
        """The nodes of its field tree that have this name in the filter language."""
        if self._nodes is None:
            self._nodes = {}
            waiting = list(reversed(self.pdu.tree(self.views.secrets)))
            while waiting:
                node = waiting.pop()
                if node.filter:
                    self._nodes.setdefault(node.filter, []).append(node)
                waiting.extend(reversed(node.children))
        return self._nodes.get(name, [])


def _end(raw: bytes) -> tuple[str, int, bool]:
    return address_text(raw[:-2]), int.from_bytes(raw[-2:], "big"), len(raw) > 6
