"""One PDU as columns and lines of text want it: everything about it, each part made only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from dissectors.fields import Node
from dissectors.iscsi import layout as at
from dissectors.net.address import address_text
from dissectors.pdu import Pdu
from iscsi_analyzer.export.pdu_record import PduRecord
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.export.quick_summary import QuickSummary
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Row, Store
from iscsi_analyzer.streams.connection import Direction

if TYPE_CHECKING:
    from iscsi_analyzer.query.field import QueryField

_REMARKABLE = rows.FLAG_CUT | rows.FLAG_UNFINISHED | rows.FLAG_ODD | rows.FLAG_RESYNC
_NOT_LOOKED = "not looked"


class Numbers(Protocol):
    """PDUs that are wanted, as `Chosen` gives them."""

    def more(self) -> list[int]:
        """The next portion of their numbers; none when there are no more for now."""


class Views:
    """Makes the views of the PDUs of a store, which may still grow."""

    def __init__(self, store: Store, *, secrets: bool = False, bytes_too: bool = False) -> None:
        """`bytes_too` has every PDU's data and digests read from the capture."""
        self.store = store
        self.pdus = Pdus(store, secrets=secrets)
        self.secrets = secrets
        self.bytes_too = bytes_too
        self.chosen: Numbers | None = None
        "Which PDUs are wanted; None: all."
        self.quick = QuickSummary()
        self.kept = store.all_kept_data
        self._only_disks = (-1, False)
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

    @property
    def only_disks(self) -> bool:
        """No unit is known to read CDBs in another way than disks do."""
        seen = len(self.kept)  # what a unit is, is told by data that are kept
        if self._only_disks[0] != seen:
            self._only_disks = (seen, self.pdus.related.only_disks)
        return self._only_disks[1]

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

    __slots__ = ("_nodes", "_pdu", "_quick", "_record", "number", "row", "views")

    def __init__(self, views: Views, number: int, row: Row) -> None:
        self.views = views
        self.number = number
        self.row = row
        self._pdu: Pdu | None = None
        self._record: PduRecord | None = None
        self._nodes: dict[str, list[Node]] | None = None
        self._quick: str | None = _NOT_LOOKED

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
    def quick_summary(self) -> str | None:
        """Its summary, fit for a terminal, if that and no mark is all that is to be said of it, and is found without
        taking it apart; else None."""
        if self._quick is _NOT_LOOKED:
            self._quick = self.views.quick.of(self.row.header) if self._ordinary() else None
        return self._quick

    def _ordinary(self) -> bool:
        """Whether everything that a line says of the PDU stands in its header."""
        row, views = self.row, self.views
        header, flags = row.header, row.flags
        return (
            not flags & _REMARKABLE
            and flags >> rows.CAPTURED_SHIFT & rows.CAPTURED_MASK == at.BHS_LENGTH
            and not header[at.AT_TOTAL_AHS_LENGTH]
            and row.data_captured == row.data_segment_length
            and flags >> rows.HEADER_DIGEST_SHIFT & rows.DIGEST_MASK != rows.DIGEST_BAD
            and flags >> rows.DATA_DIGEST_SHIFT & rows.DIGEST_MASK != rows.DIGEST_BAD
            and self.number not in views.kept
            and (header[0] & at.OPCODE_MASK != at.OP_SCSI_COMMAND or views.only_disks)
        )

    @property
    def direction(self) -> Direction:
        """The direction that it went in."""
        connection = self.views.store.connections[self.row.connection - 1]
        sender = connection.to_target or connection.first
        return sender if self.row.to_target else sender.peer

    @property
    def source(self) -> tuple[str, int, bool]:
        """Address and port that it came from, and whether that is IPv6."""
        return end_of(self.direction.source)

    @property
    def destination(self) -> tuple[str, int, bool]:
        """Address and port that it went to, and whether that is IPv6."""
        return end_of(self.direction.destination)

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


def end_of(raw: bytes) -> tuple[str, int, bool]:
    """One end of a connection: its address, its port, and whether that is IPv6."""
    return address_text(raw[:-2]), int.from_bytes(raw[-2:], "big"), len(raw) > 6
