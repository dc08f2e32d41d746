"""The text of logins and negotiations without secrets, and without names if these are to go. Every value keeps its
length, so nothing else moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from dissectors.iscsi import layout as at
from dissectors.iscsi.keys import Pair, parse_text, secret
from dissectors.iscsi.keytable import find_key
from dissectors.iscsi.values import parse_address
from iscsi_analyzer.redaction.addresses import Addresses
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import pdu_columns

if TYPE_CHECKING:
    from iscsi_analyzer.store.store import Store

TEXT_OPCODES: Final = (at.OP_LOGIN_REQUEST, at.OP_TEXT_REQUEST, at.OP_LOGIN_RESPONSE, at.OP_TEXT_RESPONSE)
_NAMES: Final = frozenset(("initiatorname", "targetname"))
_WORDS: Final = frozenset(("initiatoralias", "targetalias", "chap_n"))
_ANSWERS: Final = frozenset(("NotUnderstood", "Reject", "Irrelevant", "None", "Yes", "No"))
CHAIN_MAX: Final = 1 << 18
"Bytes of text that are read together at most; what follows is read by itself."


class Texts:
    """Makes the new data segments of text PDUs."""

    def __init__(self, what: What, pseudonyms: Pseudonyms, addresses: Addresses) -> None:
        self.values = 0
        "Values that were replaced."
        self._what = what
        self._pseudonyms = pseudonyms
        self._addresses = addresses

    def changed(self, store: Store) -> dict[int, bytes]:
        """PDU -> its new data segment, of all text PDUs that do not stay as they are."""
        found: dict[int, bytes] = {}
        for chain in _chains(store):
            old = [store.data(number) for number in chain]
            joined = b"".join(old)
            new = self.text(joined)
            start = 0
            for number, data in zip(chain, old, strict=True):
                part = new[start : start + len(data)]
                start += len(data)
                if part != data:
                    found[number] = part
        return found

    def text(self, data: bytes) -> bytes:
        """A whole text with other values where they are to go."""
        text = parse_text(data)
        new = bytearray(data)
        for pair in text.pairs:
            end = pair.offset + pair.length
            value = data[pair.value_offset : end]
            other = self._value(pair, value)
            if other != value:
                self.values += 1
                new[pair.value_offset : end] = other
        offset, length = text.unread
        new[offset : offset + length] = bytes(length)
        return bytes(new)

    def _value(self, pair: Pair, value: bytes) -> bytes:
        """What stands in the place of a value: of the same length, whatever the value is."""
        if not value:
            return value
        try:
            other = self._other(pair.key, value.decode()).encode()
        except UnicodeError:  # no text, and so a secret, or none of our business
            return bytes(0x3F for _ in value) if secret(pair.key) or self._what.names else value
        return other if len(other) == len(value) else b"?" * len(value)

    def _other(self, key: str, value: str) -> str:
        what, low = self._what, key.lower()
        if secret(key):
            return self._pseudonyms.secret(value)
        if low == "targetaddress":
            return self._address(value)
        if not what.names:
            return value
        if low in _NAMES or (low == "sendtargets" and value != "All"):
            return self._pseudonyms.name(value)
        known = find_key(key)
        if low in _WORDS or ((known is None or known.status == "private") and value not in _ANSWERS):
            return self._pseudonyms.words(value)
        return value

    def _address(self, value: str) -> str:
        """A TargetAddress: an IP address, or the name of a host."""
        read = parse_address(value)
        start = value.find(read.host)
        other = read.host
        if self._addresses.is_literal(read.host):
            other = self._addresses.literal(read.host) if self._what.addresses else read.host
        elif self._what.names:
            other = self._pseudonyms.words(read.host)
        return value[:start] + other + value[start + len(read.host) :]


def _chains(store: Store) -> Iterator[list[int]]:
    """The text PDUs, those together whose text goes on from one to the next (C bit)."""
    columns = pdu_columns(store)
    opcode = columns.field(rows.HEADER_AT, "u1") & at.OPCODE_MASK
    going_on: dict[tuple[int, bool], list[int]] = {}
    size: dict[tuple[int, bool], int] = {}
    for place in np.flatnonzero(np.isin(opcode, TEXT_OPCODES)):
        number = int(place) + 1
        row = store.row(number)
        key = (row.connection, row.to_target)
        chain = [*going_on.pop(key, []), number]
        size[key] = size.get(key, 0) + row.data_segment_length
        if row.header[1] & at.CONTINUE_MASK and size[key] < CHAIN_MAX:
            going_on[key] = chain
        else:
            del size[key]
            yield chain
    yield from going_on.values()
