"""The columns of records in Parquet: for each field of a record its Arrow type, and arrays of its values.

Names and meaning are those of the JSON. Times are timestamps in UTC, durations are durations, both with nanoseconds;
lists are lists, records in records are structs. What JSON has as an object with any names in it, or as a tree, is JSON
text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import msgspec
import numpy as np
import pyarrow as pa

from iscsi_analyzer.export.pdu_record import DecodedField, RejectedRecord

TIMES: Final = frozenset(("time", "time_last", "logged_in", "ended_time"))
"Texts that are points in time, in seconds."
SECONDS: Final = frozenset(("latency",))
"Texts that are durations in seconds."
WIDE: Final = frozenset(("lun", "lba", "information"))
"Numbers that may need all 64 bits."
DIVERSE: Final = frozenset(("cdb", "message", "remark", "specific_8", "specific_20"))
"Texts that are seldom the same twice; others become dictionaries."
AS_JSON: Final = (DecodedField, RejectedRecord)
"Records that are written as JSON text: they hold themselves, or have a hundred fields of which few are there."

TIME: Final = pa.timestamp("ns", "UTC")
DURATION: Final = pa.duration("ns")
DECIMAL: Final = pa.decimal128(19, 9)
TEXT: Final = pa.string()
WORD: Final = pa.dictionary(pa.int32(), pa.string())
KEY: Final = pa.struct([("key", TEXT), ("value", TEXT)])

Convert = Callable[[Any], Any]


@cache
def schema_of(kind: type[msgspec.Struct]) -> pa.Schema:
    """The columns of a kind of record."""
    return pa.schema([(field.name, _type(field.name, field.type)) for field in msgspec.structs.fields(kind)])


def _type(name: str, type_: Any, *, inside: bool = False) -> pa.DataType:
    """The type of a field; `inside` of a record or a list there are no dictionaries: many readers do not know them."""
    (type_, *others) = [each for each in _options(type_) if each is not NoneType]
    origin = get_origin(type_)
    word = TEXT if inside else WORD
    if others or origin is dict or type_ in AS_JSON:
        return TEXT
    if origin is list:
        [item] = get_args(type_)
        return TEXT if item in AS_JSON else pa.list_(_type("", item, inside=True))
    if origin is tuple:
        return KEY
    if origin is Literal:
        return word
    if type_ is bool:
        return pa.bool_()
    if type_ is int:
        return DURATION if name.endswith("_ns") else pa.uint64() if name in WIDE else pa.int64()
    if type_ is str:
        return TIME if name in TIMES else DECIMAL if name in SECONDS else TEXT if name in DIVERSE else word
    assert issubclass(type_, msgspec.Struct), type_
    return pa.struct(
        [(field.name, _type(field.name, field.type, inside=True)) for field in msgspec.structs.fields(type_)]
    )


def _options(type_: Any) -> Sequence[Any]:
    return get_args(type_) if get_origin(type_) in (Union, UnionType) else (type_,)


def array(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    """The values that a field has in some records, as an array of its type; None stays absent."""
    if type_ == WORD:
        return pa.array(values, TEXT).dictionary_encode()
    if type_ == DECIMAL:
        there = np.array([value is not None for value in values], dtype=np.bool_)
        return seconds(np.array([nanoseconds(value or "0.0") for value in values], dtype=np.int64), there)
    convert = _converter(type_)
    if convert is not None:
        values = [None if value is None else convert(value) for value in values]
    return pa.array(values, type_)


def _converter(type_: pa.DataType) -> Convert | None:
    """What makes of a value of a record what pyarrow takes for this type."""
    if type_ == TIME:
        return nanoseconds
    if type_ == TEXT:
        return lambda value: value if isinstance(value, str) else msgspec.json.encode(value).decode()
    if type_ == KEY:
        return lambda pair: {"key": pair[0], "value": pair[1]}
    if pa.types.is_struct(type_):
        return msgspec.structs.asdict
    if pa.types.is_list(type_):
        convert = _converter(type_.value_type)
        return None if convert is None or type_.value_type == TEXT else lambda found: [convert(each) for each in found]
    return None


def nanoseconds(text: str) -> int:
    """Of seconds with nine decimals."""
    return int(text.replace(".", ""))


def numbers(values: Any, there: Any, type_: pa.DataType) -> pa.Array:
    """An array of numbers, durations or times (in ns) of which only some are `there`."""
    if type_ == DECIMAL:
        return seconds(values, there)
    found = pa.array(values, mask=~there)
    return found if found.type == type_ else found.cast(type_)


def seconds(nanoseconds: Any, there: Any) -> pa.Array:
    """Durations as decimal numbers of seconds, of which only some are `there`."""
    halves = np.empty((len(nanoseconds), 2), dtype=np.int64)  # a decimal is a number of 128 bits
    halves[:, 0] = nanoseconds
    halves[:, 1] = nanoseconds >> 63
    bits = np.packbits(there, bitorder="little")
    return pa.Array.from_buffers(DECIMAL, len(nanoseconds), [pa.py_buffer(bits), pa.py_buffer(halves)])
