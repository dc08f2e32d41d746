"""From the values of a decoded header to the fields of its record: flags become true and false, codes get their words,
and what means nothing in this PDU is left out. One rule for all opcodes, read from their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dissectors.fields import BYTES, FLAG, GROUP, Field, Value
from dissectors.iscsi import words
from dissectors.iscsi.base import COMMON_FIELDS
from dissectors.scsi import parse_lun
from iscsi_analyzer.export.own_fields import OwnFields

NAMES = {"status": "scsi_status_name"}
"Where the words of a coded field stand; those of others are in `<field>_name`."
HEX_TEXT = {"isid": 12, "specific_8": 16}
"Number fields that people write as that many hexadecimal digits."
KNOWN = frozenset(OwnFields.__struct_fields__)


def own_values(fields: Iterable[Field], values: Mapping[str, int | bytes]) -> dict[str, Any]:
    """What the record of a PDU with these header `fields` says of them, from the `values` that were captured whole."""
    record: dict[str, Any] = {}
    foreign: dict[str, int | str] = {}
    for row in fields:
        value = values.get(row.name)
        if value is None or row.kind == GROUP or row.name in COMMON_FIELDS or not means(row, value, values):
            continue
        if row.name not in KNOWN:
            foreign[row.name] = value.hex() if isinstance(value, bytes) else value
        elif isinstance(value, bytes):
            record[row.name] = value.hex()
        elif row.name == "lun":
            raw = value.to_bytes(8, "big")
            record["lun"], record["lun_raw"] = parse_lun(raw).number, raw.hex()
        elif row.name in HEX_TEXT:
            record[row.name] = f"{value:0{HEX_TEXT[row.name]}x}"
        elif row.kind == FLAG:
            record[row.name] = bool(value)
        else:
            record[row.name] = value
            name = words_name(row)
            if name and row.words is not None:
                record[name] = row.words(value)
    if "status_class" in record and "status_detail" in record:
        record["status_name"] = words.LOGIN_STATUS(record["status_class"] << 8 | record["status_detail"])
    if foreign:
        record["vendor_fields"] = foreign
    return record


def words_name(row: Field) -> str:
    """The record field that has the words of a coded field; empty if there is none."""
    if row.words is None or row.kind in (FLAG, BYTES):
        return ""
    name = NAMES.get(row.name, f"{row.name}_name")
    return name if name in KNOWN else ""


def means(row: Field, value: Value, values: Mapping[str, Value]) -> bool:
    """Whether the field belongs into the record: it means something here, or may do so and is not 0."""
    if row.valid is None:
        return True
    holds = row.valid.holds(values)
    return bool(value) if holds is None else holds
