"""The keys of login and text PDUs: `iscsi.keyvalue` and one field for each key that has a name.

A pair belongs to the PDU in which it ends, also where it began in an earlier one (C bit). Only text that the first pass
kept is looked at; it is taken apart again each time, as it is little.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from dissectors.iscsi import layout as at
from dissectors.iscsi.keys import Text, parse_text
from dissectors.iscsi.keytable import KEYS, NUMBER, Key
from dissectors.iscsi.values import parse_number
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.columns_of import occurrences, several_numbers
from iscsi_analyzer.query.header import one_of
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.columns import Columns, Numbers, attached
from iscsi_analyzer.store.store import Store

OPCODES: Final = frozenset((at.OP_LOGIN_REQUEST, at.OP_TEXT_REQUEST, at.OP_LOGIN_RESPONSE, at.OP_TEXT_RESPONSE))
MAX_TAIL: Final = 1 << 18
"Bytes of an unfinished pair that are carried on at most."

_CONNECTION_AT, _OPCODE_AT, _FLAGS_AT, _LENGTH_AT = 24, rows.HEADER_AT, rows.HEADER_AT + 1, rows.HEADER_AT + 4


class TextPdus:
    """The PDUs of a store that hold text, carried on as it grows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked = 0
        self._numbers: list[int] = []

    def rows(self, columns: Columns) -> Numbers:
        """Their rows, in order."""
        fresh = self._store.kept_numbers(self._looked)
        while fresh and fresh[-1] > columns.count:  # newer than the moment that is looked at
            fresh.pop()
        self._looked += len(fresh)
        kept = np.array(fresh, dtype=np.int64) - 1
        text = one_of(columns.gather(_OPCODE_AT, "u1", kept) & at.OPCODE_MASK, OPCODES)
        self._numbers.extend(kept[text].tolist())
        return np.array(self._numbers, dtype=np.int64)


def texts(scope: Scope, key: str = "") -> Iterator[tuple[int, Text]]:
    """The text of the PDUs of the scope that may hold `key` (empty: of all), each with its place."""
    moment = scope.moment
    every = attached(moment.store, TextPdus).rows(moment.pdus)
    here, index = scope.places(every)
    places = dict(zip(index.tolist(), here.tolist(), strict=True))
    columns = moment.pdus
    connection = columns.gather(_CONNECTION_AT, "<u4", every).tolist()
    opcode = columns.gather(_OPCODE_AT, "u1", every).tolist()
    flags = columns.gather(_FLAGS_AT, "u1", every).tolist()
    length = columns.gather(_LENGTH_AT, ">u4", every).tolist()
    pattern = f"{key}=".encode()
    tails: dict[tuple[int, int], bytes] = {}
    for order, row in enumerate(every.tolist()):
        sender = (connection[order], opcode[order] & at.TARGET_OPCODE_MASK)
        before = tails.pop(sender, b"")
        more = bool(flags[order] & at.CONTINUE_MASK)
        wanted = order in places
        data = moment.store.kept_data(row + 1) or b""
        if not more and (not wanted or (not before and pattern not in data)):
            continue
        text = parse_text(data, before=before, unfinished=more or len(data) < length[order] & 0xFFFFFF)
        if more:
            tails[sender] = text.tail if len(text.tail) <= MAX_TAIL else b""
        if wanted:
            yield places[order], text


def _pairs(scope: Scope) -> Values:
    found = [(place, f"{pair.key}={pair.value}") for place, text in texts(scope) for pair in text.pairs]
    return occurrences(found)


def _value(key: str) -> f.Reader:
    def read(scope: Scope) -> Values:
        return occurrences(
            [(place, pair.value) for place, text in texts(scope, key) for pair in text.pairs if pair.key == key]
        )

    return read


def _number(key: str) -> f.Reader:
    """The values that are numbers."""

    def read(scope: Scope) -> Values:
        found = []
        for place, text in texts(scope, key):
            for pair in text.pairs:
                number = parse_number(pair.value) if pair.key == key else None
                if number is not None:
                    found.append((place, number))
        return several_numbers(found)

    return read


def _field(key: Key) -> f.QueryField:
    kind, reader = (f.NUMBER, _number(key.name)) if key.form == NUMBER else (f.TEXT, _value(key.name))
    return f.QueryField(key.filter, kind, Level.PDU, f"{key.name} in a text", reader, several=True, dear=True)


def text_fields() -> list[f.QueryField]:
    """All of them."""
    about = "a key=value pair of a login or text PDU"
    whole = f.QueryField("iscsi.keyvalue", f.TEXT, Level.PDU, about, _pairs, several=True, dear=True)
    return [whole, *(_field(key) for key in KEYS.values() if key.filter)]
