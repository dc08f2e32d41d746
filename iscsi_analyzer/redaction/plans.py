"""What becomes of the bytes of one PDU: the changes within it, and the data digest that goes with them.

Headers, sense data and what describes devices stay; user data becomes zeros. Lengths never change. A data digest that
was good is good again, one that was bad stays bad.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dissectors.iscsi import layout as at
from dissectors.iscsi.digest import data_digest, padding
from iscsi_analyzer.export.related import Related
from iscsi_analyzer.redaction.identities import without_identity, without_names
from iscsi_analyzer.redaction.texts import TEXT_OPCODES, Texts
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.store import rows
from iscsi_analyzer.streams.pdu import DESCRIPTIVE
from iscsi_analyzer.streams.spans import GAP

if TYPE_CHECKING:
    from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
    from iscsi_analyzer.store.store import Row, Store

_INQUIRY: Final = 0x12
_DESCRIBING_ACTIONS: Final = {0x9E: (0x10, 0x12), 0xA3: (0x0A, 0x0C, 0x0D)}
"""READ CAPACITY(16) and GET LBA STATUS, but nothing that reads the medium; reports on port groups, operation codes and
task management, but no information that users have put in."""
_MASK_OF_ACTION: Final = 0x1F
_VENDOR_EVENT: Final = 0xFF
_TELLING: Final = (at.OP_SCSI_RESPONSE, at.OP_REJECT)
"PDUs that bring sense data, and headers that were rejected."


class Change(NamedTuple):
    """Bytes of a PDU that are replaced."""

    start: int
    end: int
    data: bytes | None
    "The bytes that take their place; None: zeros, which nobody misses."


class Plans:
    """Makes the plans for the PDUs of one store, which must not grow any more."""

    def __init__(self, store: Store, what: What, pseudonyms: Pseudonyms, texts: Texts) -> None:
        self._store = store
        self._what = what
        self._pseudonyms = pseudonyms
        self._related = Related(store)
        self._texts = texts.changed(store)
        self._latest: tuple[int, list[Change]] = (0, [])

    def of(self, number: int) -> list[Change]:
        """The changes in PDU `number`, in order; none where it stays as it is."""
        if self._latest[0] != number:
            self._latest = (number, self._plan(number))
        return self._latest[1]

    def _plan(self, number: int) -> list[Change]:
        row = self._store.row(number)
        length = row.data_segment_length
        if not length:
            return []
        if row.opcode == at.OP_ASYNC and row.header[36] != _VENDOR_EVENT:
            return []
        start = at.BHS_LENGTH + 4 * row.header[4]
        if row.flags & rows.FLAG_HEADER_DIGEST:
            start += at.DIGEST_LENGTH
        new: bytes | None = None
        if row.opcode in TEXT_OPCODES:
            new = self._texts.get(number)
            if new is None:
                return []
        elif row.opcode in _TELLING or self._describes(number, row):
            old = self._store.data(number)
            if row.opcode in _TELLING:
                told = telling(row.opcode, old)
                new = old[:told] + bytes(len(old) - told)
            else:
                new = self._without_identity(row, old)
            if new == old:
                return []
        end = start + length
        if new is not None and len(new) < length:  # the rest was not captured
            changes = [Change(start, start + len(new), new), Change(start + len(new), end, None)]
        else:
            changes = [Change(start, end, new)]
        if row.flags & rows.FLAG_DATA_DIGEST:
            changes.append(self._digest(number, row, end, new))
        return changes

    def _digest(self, number: int, row: Row, end: int, new: bytes | None) -> Change:
        """The digest of the new data segment, which ends at `end`; as wrong as it was if it was."""
        length = row.data_segment_length
        pad = self._captured(row, end, padding(length))
        place = end + len(pad)
        if new is None and not any(pad):
            digest = _digest_of_zeros(length + len(pad))
        else:
            digest = data_digest((new or b"").ljust(length, b"\0") + pad)
        if row.data_digest == "bad":
            old = self._store.data(number).ljust(length, b"\0")
            sent = self._captured(row, place, at.DIGEST_LENGTH)
            digest = wrong_as_before(sent, old, (new or b"").ljust(length, b"\0"), pad)
        return Change(place, place + at.DIGEST_LENGTH, digest)

    def _captured(self, row: Row, start: int, size: int) -> bytes:
        """Bytes of a PDU that begin `start` bytes into it; missing ones are zero."""
        found = b""
        for position, length in self._store.framer(row).spans.pieces(row.span_entry, row.span_skip + start, size):
            part = b"" if position == GAP else self._store.read_span(position, length)
            found += part.ljust(length, b"\0")
        return found.ljust(size, b"\0")

    def _describes(self, number: int, row: Row) -> bool:
        """Whether the data belongs to a command whose data describes the device."""
        if row.opcode not in (at.OP_SCSI_COMMAND, at.OP_DATA_IN, at.OP_DATA_OUT):
            return False
        cdb = self._related.cdb(number if row.opcode == at.OP_SCSI_COMMAND else row.request)
        if not cdb or not DESCRIPTIVE[cdb[0]]:
            return False
        actions = _DESCRIBING_ACTIONS.get(cdb[0])
        return actions is None or cdb[1] & _MASK_OF_ACTION in actions

    def _without_identity(self, row: Row, data: bytes) -> bytes:
        """Data that describes a device, without what tells it from others, and without names."""
        what = self._what
        cdb = self._related.cdb(row.request)
        if row.opcode == at.OP_DATA_IN and cdb[0] == _INQUIRY:
            # Data that goes on where another PDU left off: nobody knows within what.
            goes_on = any(row.header[40:44])
            if goes_on and what.serials:
                return bytes(len(data))
            if not goes_on:
                return without_identity(data, bool(cdb[1] & 1), what, self._pseudonyms)
        if not what.names:
            return data
        return without_names(data, self._pseudonyms)


def telling(opcode: int, data: bytes) -> int:
    """Bytes that tell of the conversation: sense data with their length (RFC 7143 section 11.4.7), or the header that
    was rejected (section 11.17)."""
    if opcode == at.OP_SCSI_RESPONSE:
        return min(len(data), 2 + int.from_bytes(data[:2], "big"))
    return min(len(data), at.BHS_LENGTH + 4 * data[4] if len(data) > 4 else at.BHS_LENGTH)


@lru_cache(maxsize=64)
def _digest_of_zeros(length: int) -> bytes:
    return data_digest(bytes(length))


def wrong_as_before(sent: bytes, old: bytes, new: bytes, pad: bytes) -> bytes:
    """A digest for `new` data that is wrong in the way in which `sent` was wrong for the `old`."""
    if sent == data_digest(old + pad)[::-1]:
        return data_digest(new + pad)[::-1]
    if pad and sent == data_digest(old):
        return data_digest(new)
    return bytes(a ^ b ^ c for a, b, c in zip(sent, data_digest(old + pad), data_digest(new + pad), strict=True))
