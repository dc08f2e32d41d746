"""The same language, evaluated slowly: one PDU after the other, from what the dissectors say of it, by the rules as the
README states them. Nothing is shared with the compiled way but the grammar and the readers of literals.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from dissectors.fields import GROUP, Node
from dissectors.pdu import Pdu
from dissectors.scsi.cdb import parse_cdb
from dissectors.scsi.lun import parse_lun
from iscsi_analyzer.export.pdus import Pdus
from iscsi_analyzer.query import syntax as s
from iscsi_analyzer.query.literals import duration, number
from iscsi_analyzer.query.names import plain
from iscsi_analyzer.store.store import Row, Store
from iscsi_analyzer.store.tasks import TaskRow, task_rows

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "contains": lambda value, wanted: wanted in value,
    "matches": lambda value, wanted: re.search(wanted, value, re.IGNORECASE | re.DOTALL) is not None,
}
OPCODES_OF_SCSI = (0x05, 0x21, 0x25)


class Slow:
    """A store, read PDU by PDU."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._pdus = Pdus(store, secrets=True)
        self._seen: dict[int, Pdu] = {}
        self._trees: dict[int, dict[str, list[Any]]] = {}

    def pdu(self, number: int) -> Pdu:
        if number not in self._seen:
            self._seen[number] = self._pdus.dissect(number, self.store.row(number))
        return self._seen[number]

    @cached_property
    def tasks(self) -> list[TaskRow]:
        return list(task_rows(self.store))

    @cached_property
    def task_of(self) -> dict[int, int]:
        """PDU -> index of its task."""
        found: dict[int, int] = {}
        for index, task in enumerate(self.tasks):
            if task.request:
                found[task.request] = index
            else:
                for pdu in (task.answer, *task[2:8]):
                    found[pdu] = index
        found.pop(0, None)
        for pdu, row in enumerate(self.store.rows(), 1):
            if row.request in found:
                found[pdu] = found[row.request]
        return found

    def session_of(self, connection: int) -> int:
        return int(self.store.followers[connection - 1].session.number)

    # --- values ---

    def values(self, number: int, name: str) -> list[Any]:
        """The values of a field of one PDU."""
        row = self.store.row(number)
        if name.startswith("iscsi.task."):
            index = self.task_of.get(number)
            return [] if index is None else self.of_task(index, name.removeprefix("iscsi.task."))
        if name in OWN:
            return [OWN[name](self, number, row)]
        if name in ("tcp.srcport", "tcp.dstport", "tcp.port"):
            return self._ports(row, name)
        if name in ("iscsi.session.number", "iscsi.connection.number"):
            return [row.connection if "connection" in name else self.session_of(row.connection)]
        if name == "iscsi.request_frame":
            return [self.store.row(row.request).frame_last] if row.request else []
        return self._in_header(number, row, name)

    def _ports(self, row: Row, name: str) -> list[int]:
        sender = self.store.connections[row.connection - 1].to_target
        assert sender is not None
        end = sender if row.to_target else sender.peer
        ports = [int.from_bytes(end.source[-2:], "big"), int.from_bytes(end.destination[-2:], "big")]
        return {"tcp.srcport": ports[:1], "tcp.dstport": ports[1:], "tcp.port": ports}[name]

    def _in_header(self, number: int, row: Row, name: str) -> list[Any]:
        own = self._named(number).get(name, [])
        inherits = name == "scsi.lun" or (name.endswith(".opcode") and name.startswith("scsi"))
        if inherits and not own and row.opcode in OPCODES_OF_SCSI and row.request:
            if self.store.row(row.request).opcode == 1:
                return self._named(row.request).get(name, [])
        return own

    def _named(self, number: int) -> dict[str, list[Any]]:
        """Everything with a name in the header, the CDB and the data of a PDU."""
        known = self._trees.get(number)
        if known is None:
            known = self._trees[number] = {}
            for name, value in self._walk(number):
                known.setdefault(name, []).append(value)
        return known

    def _walk(self, number: int) -> Iterator[tuple[str, Any]]:
        pdu = self.pdu(number)
        for row in pdu.type.fields:
            if not row.filter or row.offset + row.width > len(pdu.header):
                continue
            value = row.read(pdu.header) if row.kind == GROUP else pdu.values[row.name]
            holds = True if row.valid is None else row.valid.holds(pdu.values)
            if holds is False or (holds is None and not value):
                continue
            if row.filter == "iscsi.scsiresponse.status":
                yield "scsi.status", value
            if row.name == "lun":
                value = parse_lun(pdu.header[8:16]).number
            elif row.name == "isid":
                value = pdu.header[8:14]
            yield row.filter, value
        if pdu.cdb:
            yield from _named_nodes(parse_cdb(pdu.cdb, pdu.context.device_type).tree())
        for pair in pdu.keys:
            yield "iscsi.keyvalue", f"{pair[0]}={pair[1]}"
            if pair[0] == "TargetName":
                yield "iscsi.login.target_name", pair[1]
        if pdu.opcode in (0x21, 0x32):
            yield from (item for item in _named_nodes(pdu.tree()) if item[0].startswith("scsi.sns."))

    def of_task(self, index: int, name: str) -> list[Any]:
        task = self.tasks[index]
        scsi = task.kind == 1
        if name == "latency":
            if not task.request or not task.answer:
                return []
            return [self.store.row(task.answer).time_last - self.store.row(task.request).time_first]
        if name in ("lba", "blocks", "operation"):
            if not scsi or not task.request or not self.pdu(task.request).cdb:
                return []
            pdu = self.pdu(task.request)
            cdb = parse_cdb(pdu.cdb, pdu.context.device_type)
            value = {"lba": cdb.lba, "blocks": cdb.blocks, "operation": cdb.name}[name]
            return [] if value is None else [value]
        if name == "status":
            return [task.status] if scsi and task.status != 255 else []
        if name in ("kind", "outcome", "pdus"):
            return [getattr(task, name)]
        if name in ("request", "answer"):
            return [getattr(task, name)] if getattr(task, name) else []
        return [getattr(task, name)] if scsi else []  # data_in, data_out, r2ts

    # --- truth ---

    def passes(self, node: s.Node, members: list[int]) -> bool:
        """Whether an item passes whose PDUs are `members`: a PDU alone, or all PDUs of a task or connection."""
        if isinstance(node, s.And):
            return all(self.passes(part, members) for part in node.parts)
        if isinstance(node, s.Or):
            return any(self.passes(part, members) for part in node.parts)
        if isinstance(node, s.Xor):
            return sum(self.passes(part, members) for part in node.parts) % 2 == 1
        if isinstance(node, s.Not):
            return not self.passes(node.inner, members)
        if isinstance(node, s.Everything):
            return True
        if isinstance(node, s.Compare):
            return self._quantified(node.quantifier, self._compared(node, members))
        if isinstance(node, s.In):
            return self._quantified(node.quantifier, self._contained(node, members))
        masked = isinstance(node.operand, s.Masked)
        found = [value for pdu in members for value in self._operand(node.operand, pdu)]
        return any(found) if masked else bool(found)

    def _quantified(self, quantifier: str, truths: list[bool]) -> bool:
        return any(truths) if quantifier == s.ANY else bool(truths) and all(truths)

    def _operand(self, operand: s.Operand, pdu: int) -> list[Any]:
        if isinstance(operand, s.Masked):
            return [value & number(operand.mask.token.text) for value in self._operand(operand.inner, pdu)]
        assert isinstance(operand, s.Word)
        return self.values(pdu, operand.token.text)

    def _compared(self, node: s.Compare, members: list[int]) -> list[bool]:
        compare = COMPARE[node.operator]
        assert isinstance(node.right, s.Word)
        truths = []
        for pdu in members:
            for value in self._operand(node.left, pdu):
                truths.append(compare(value, _literal(value, node, node.right)))
        return truths

    def _contained(self, node: s.In, members: list[int]) -> list[bool]:
        truths = []
        for pdu in members:
            for value in self._operand(node.operand, pdu):
                inside = False
                for entry in node.entries:
                    low = _literal(value, node, entry.low)
                    high = low if entry.high is None else _literal(value, node, entry.high)
                    inside |= low <= value <= high
                truths.append(inside)
        return truths


def _literal(value: Any, node: s.Compare | s.In, word: s.Word) -> Any:
    """What a word means beside a value of this type."""
    text = word.token.text
    if isinstance(value, str):
        return text
    if isinstance(value, bytes):
        return bytes.fromhex(text.replace(":", ""))
    left = node.left if isinstance(node, s.Compare) else node.operand
    name = left.token.text if isinstance(left, s.Word) else ""
    if name in ("frame.time_relative", "iscsi.task.latency"):
        return duration(text)
    if name in WORDS:
        return {plain(known): code for code, known in WORDS[name].items()}[plain(text)]
    return number(text)


WORDS = {"iscsi.pdu.direction": {0: "T2I", 1: "I2T"}}

OWN: dict[str, Callable[[Slow, int, Row], Any]] = {
    "frame.number": lambda slow, number, row: row.frame_last,
    "frame.time_relative": lambda slow, number, row: row.time_last - slow.store.engine.first_ts,
    "iscsi.pdu.number": lambda slow, number, row: number,
    "iscsi.pdu.direction": lambda slow, number, row: int(row.to_target),
    "iscsi.pdu.length": lambda slow, number, row: row.length,
    "iscsi.pdu.header_captured": lambda slow, number, row: row.header_captured,
    "iscsi.pdu.data_captured": lambda slow, number, row: row.data_captured,
}


def _named_nodes(nodes: list[Node]) -> Iterator[tuple[str, Any]]:
    for node in nodes:
        if node.filter and node.value is not None:
            yield node.filter, node.value
        yield from _named_nodes(node.children)
