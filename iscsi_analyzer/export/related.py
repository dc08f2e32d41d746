"""What other PDUs a PDU must be read with: text that began in an earlier PDU, data that came in several, the command
behind the data, the type of the device. Found in the store, so that details of any PDU can be had in any order.

Only PDUs whose data the first pass kept are looked at; their number is bounded.
"""

from __future__ import annotations

from dissectors.iscsi import layout as at
from dissectors.iscsi.ahs import full_cdb
from dissectors.iscsi.keys import parse_text
from iscsi_analyzer.store.device_types import device_types
from iscsi_analyzer.store.store import Row, Store

_TEXT = (at.OP_LOGIN_REQUEST, at.OP_TEXT_REQUEST, at.OP_LOGIN_RESPONSE, at.OP_TEXT_RESPONSE)
MAX_TAIL = 1 << 18
"Bytes of an unfinished pair that are carried on at most."


class Related:
    """Answers for one store, which may still grow."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = 0
        self._data: dict[tuple[int, bool], list[int]] = {}
        "Number of a SCSI Command and whether to the target -> PDUs of its task whose data was kept."
        self._before: dict[int, int] = {}
        "Number of a text PDU -> that of the one before it in its direction, if its text went on."
        self._open: dict[tuple[int, bool], int] = {}
        self._device_types = device_types(store)
        self._tails: dict[int, bytes] = {}

    def text_before(self, number: int) -> bytes:
        """The unfinished pair that the PDU before a text PDU left over (its C bit was set)."""
        self._look()
        chain: list[int] = []
        before = self._before.get(number)
        while before is not None and before not in self._tails:
            chain.append(before)
            before = self._before.get(before)
        tail = self._tails.pop(before) if before is not None else b""
        for member in reversed(chain):
            tail = parse_text(self._store.kept_data(member) or b"", before=tail, unfinished=True).tail
            if len(tail) > MAX_TAIL:
                tail = b""
        if chain or before is not None:
            self._tails[self._before[number]] = tail
        return tail

    def data_before(self, number: int, row: Row) -> bytes:
        """The data of the task that was sent in the direction of a PDU with data, up to and with that PDU, as far as it
        is there without holes."""
        self._look()
        joined = bytearray()
        for other in self._data.get((row.request or number, row.to_target), ()):
            if other > number:
                break
            header = self._store.row(other).header
            in_command = header[0] & at.OPCODE_MASK == at.OP_SCSI_COMMAND
            offset = 0 if in_command else int.from_bytes(header[40:44], "big")
            if offset > len(joined):
                break
            joined[offset:] = self._store.kept_data(other) or b""
        return bytes(joined)

    def cdb(self, request: int) -> bytes:
        """The CDB of the SCSI Command with that number; empty if it is none."""
        if not request:
            return b""
        header = self._store.row(request).header
        if header[0] & at.OPCODE_MASK != at.OP_SCSI_COMMAND:
            return b""
        return full_cdb(header, self._store.ahs(request))

    def device_type(self, number: int, row: Row) -> int | None:
        """The peripheral device type of the logical unit that SCSI Command `number` names, as known at its time."""
        return self._device_types.of(row.connection, int.from_bytes(row.header[8:16], "big"), number)

    @property
    def only_disks(self) -> bool:
        """No unit is known to read CDBs in another way than disks do."""
        return not self._device_types.others()

    def _look(self) -> None:
        """Takes in what the store has kept since the last look."""
        store = self._store
        numbers = store.kept_numbers(self._seen)
        self._seen += len(numbers)
        for number in numbers:
            row = store.row(number)
            opcode = row.opcode
            if opcode == at.OP_SCSI_COMMAND:
                self._data[number, True] = [number]
            elif opcode in (at.OP_DATA_IN, at.OP_DATA_OUT) and row.request:
                self._data.setdefault((row.request, row.to_target), []).append(number)
            elif opcode in _TEXT:
                key = (row.connection, row.to_target)
                before = self._open.pop(key, None)
                if before is not None:
                    self._before[number] = before
                if row.header[1] & at.CONTINUE_MASK:
                    self._open[key] = number
