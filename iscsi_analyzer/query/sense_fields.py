"""What sense data says of why a command failed, read quickly: key and additional sense code of SCSI Responses,
Asynchronous Messages and the answers to REQUEST SENSE."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from dissectors.fields import Words
from dissectors.iscsi import layout as at
from dissectors.iscsi.sense_segment import split_sense
from dissectors.scsi.asc_high import HIGH
from dissectors.scsi.asc_low import LOW
from dissectors.scsi.sense import Sense, parse_sense
from dissectors.scsi.sense_key import SENSE_KEYS
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.columns_of import several_numbers
from iscsi_analyzer.query.header import one_of, opcodes
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.values import Values

_REQUEST_SENSE = 0x03
_DATA_AT, _REQUEST_AT = 44, 40
_CARRIERS = frozenset((at.OP_SCSI_RESPONSE, at.OP_ASYNC, at.OP_DATA_IN))


def senses(scope: Scope) -> Iterator[tuple[int, Sense]]:
    """The sense data of the PDUs of the scope, each with its place."""
    store = scope.moment.store
    kind = opcodes(scope)
    with_data = np.flatnonzero(one_of(kind, _CARRIERS) & (scope.column(_DATA_AT, "<u4") > 0))
    data_in = kind[with_data] == at.OP_DATA_IN
    request = scope.column(_REQUEST_AT, "<u4")[with_data].astype(np.int64) - 1
    asked = data_in & (request >= 0)
    operation = np.full(len(with_data), 0xFF, dtype=np.uint8)
    operation[asked] = scope.moment.pdus.gather(48 + at.AT_CDB, "u1", request[asked])
    chosen = with_data[~data_in | (operation == _REQUEST_SENSE)]
    own = dict(zip(chosen.tolist(), (kind[chosen] != at.OP_DATA_IN).tolist(), strict=True))
    numbers = (scope.numbers()[chosen] + 1).tolist()
    for (place, in_segment), number in zip(own.items(), numbers, strict=True):
        data = store.kept_data(number) or b""
        sense = split_sense(data)[1] if in_segment else data
        if sense:
            yield place, parse_sense(sense)


def _reader(get: Callable[[Sense], int]) -> f.Reader:
    def read(scope: Scope) -> Values:
        found = [(place, get(sense)) for place, sense in senses(scope)]
        return several_numbers([(place, value) for place, value in found if value >= 0], np.int64)

    return read


def _both(sense: Sense) -> int:
    return sense.asc << 8 | sense.ascq if sense.asc >= 0 and sense.ascq >= 0 else -1


def sense_fields() -> list[f.QueryField]:
    """All of them."""

    def field(name: str, about: str, get: Callable[[Sense], int], largest: int, names: Names | None) -> f.QueryField:
        return f.QueryField(
            f"scsi.sns.{name}", f.NUMBER, Level.PDU, about, _reader(get), names, largest, dear=True, several=True
        )

    return [
        field("key", "sense key", lambda sense: sense.key, 0xFF, Names(SENSE_KEYS)),
        field("asc", "additional sense code", lambda sense: sense.asc, 0xFF, None),
        field("ascq", "additional sense code qualifier", lambda sense: sense.ascq, 0xFF, None),
        field("ascascq", "both as one number", _both, 0xFFFF, Names(Words({**LOW, **HIGH}))),
    ]
