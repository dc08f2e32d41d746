"""The fields that can be asked for by name, and how to get them from a PDU: those of the filter language, and those of
our JSON.

Values are printed as `tshark -T fields` prints them: numbers in the base that Wireshark has for the field, flags as 1
and 0, bytes in hexadecimal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from dissectors.fields import GROUP, Field, Node
from dissectors.iscsi.layout import AT_CDB, AT_LUN, BHS_LENGTH, OP_R2T, OP_SCSI_COMMAND
from dissectors.pdu import PDU_TYPES
from dissectors.scsi import parse_cdb, parse_lun
from iscsi_analyzer.export.own_values import means
from iscsi_analyzer.export.pdu_record import DecodedField, NamedText, PduRecord, RejectedRecord, SenseRecord
from iscsi_analyzer.export.pdu_view import PduView
from iscsi_analyzer.export.time_text import decimal
from iscsi_analyzer.export.wireshark_formats import ALWAYS, BYTES, DECIMAL, HEX_BYTES, OPERATION_CODES
from iscsi_analyzer.query import every_field

if TYPE_CHECKING:
    from iscsi_analyzer.query.field import QueryField

Getter = Callable[[PduView], list[str]]


class UnknownField(LookupError):
    """Nobody knows a field of this name; `near` are names like it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no field is called {name!r}")
        known = [*WHERE, *named_fields(), *every_field(), *record_fields()]
        self.near = get_close_matches(name, dict.fromkeys(known), 3, 0.6)


class Column(NamedTuple):
    """A field that was asked for."""

    name: str
    get: Getter
    "The values that the field has in a PDU, as text; none if the PDU has no such field."
    from_capture: bool
    "The bytes of the PDU have to be read from the capture for it."
    looks_ahead: bool = False
    "PDUs that come later may change it: it is known when everything was read."
    record: str = ""
    "Name of the field of the record that it prints, if it prints one."


class NamedField(NamedTuple):
    """A field of the dissectors, from the generated list."""

    kind: str
    "`number`, `flag`, `bytes` or `text`."
    base: str
    width: int
    "Bytes."
    label: str


def column(name: str) -> Column:
    """The column of a field name. Raises UnknownField."""
    where = WHERE.get(name)
    if where is not None:
        return Column(name, where.get, False)
    known = named_fields().get(name)
    if known is not None:
        rows = header_fields().get(name)
        if rows is not None:
            return Column(name, _from_header(name, rows), False)
        if name in OPERATION_CODES:
            return Column(name, _operation_code(name), False)
        return Column(name, _from_tree(name, known), name in FROM_CAPTURE)
    if name in record_fields():
        return Column(name, _from_record(name), False, record=name)
    asked = every_field().get(name)
    if asked is None:
        raise UnknownField(name)
    return Column(name, lambda view: view.views.asked(asked, view.number), False, asked.looks_ahead or of_more(asked))


def of_more(field: QueryField) -> bool:
    """Whether the field is not of PDUs but of what they belong to, which goes on changing."""
    from iscsi_analyzer.query.scope import Level

    return field.level in (Level.TASK, Level.CONNECTION, Level.SESSION)


class Where(NamedTuple):
    """A field that tells where a PDU stands: frame, addresses, connection, times."""

    kind: str
    label: str
    get: Getter


def _address(source: bool, version_6: bool) -> Getter:
    def get(view: PduView) -> list[str]:
        address, _, is_6 = view.source if source else view.destination
        return [address] if is_6 == version_6 else []

    return get


def _relative(view: PduView) -> list[str]:
    return [decimal(view.row.time_last - view.views.store.first_ts)]


def _lun(view: PduView) -> list[str]:
    """The LUN of a PDU, or else of the command that it belongs to."""
    row = view.row
    known = any(means(each, 1, view.pdu.values) for each in header_fields()["scsi.lun"].get(row.opcode, []))
    if not known and row.opcode in _OF_COMMAND:
        row = view.request or row
        known = row.opcode == OP_SCSI_COMMAND
    if not known or row.header_captured < AT_LUN + 8:
        return []
    return [_number(parse_lun(row.header[AT_LUN : AT_LUN + 8]).number, 2)]


_OPCODES = frozenset(kind.opcode for kind in PDU_TYPES)
_OF_COMMAND = (0x01, 0x05, 0x21, 0x25, 0x31)


def _request_frame(view: PduView) -> list[str]:
    request = view.request
    return [] if request is None else [str(request.frame_last)]


def _status(view: PduView) -> list[str]:
    return _from_header("iscsi.scsiresponse.status", header_fields()["iscsi.scsiresponse.status"])(view)


WHERE: dict[str, Where] = {
    "frame.number": Where("frame", "Frame that completed the PDU", lambda view: [str(view.row.frame_last)]),
    "frame.time_epoch": Where("time", "Time of that frame since 1970", lambda view: [decimal(view.row.time_last)]),
    "frame.time_relative": Where("time", "Time of that frame since the first frame of the capture", _relative),
    "ip.src": Where("address", "IPv4 source address", _address(True, False)),
    "ip.dst": Where("address", "IPv4 destination address", _address(False, False)),
    "ipv6.src": Where("address", "IPv6 source address", _address(True, True)),
    "ipv6.dst": Where("address", "IPv6 destination address", _address(False, True)),
    "tcp.srcport": Where("number", "TCP source port", lambda view: [str(view.source[1])]),
    "tcp.dstport": Where("number", "TCP destination port", lambda view: [str(view.destination[1])]),
    "tcp.stream": Where(
        "number", "Number of the iSCSI connection, counted from 0", lambda view: [str(view.row.connection - 1)]
    ),
    "iscsi.request_frame": Where("frame", "Frame of the PDU that this one answers or belongs to", _request_frame),
    "scsi.lun": Where("number", "LUN of the PDU or of its command", _lun),
    "scsi.status": Where("number", "SCSI status", _status),
}

FROM_CAPTURE = frozenset(
    (
        "iscsi.headerdigest32",
        "iscsi.datadigest32",
        "iscsi.padding",
        "iscsi.pingdata",
        "iscsi.immediatedata",
        "iscsi.vendorspecificdata",
    )
)
"Fields whose bytes the first pass does not keep."


@cache
def named_fields() -> dict[str, NamedField]:
    """The fields of the dissectors by name, from the list that `generate_docs` writes."""
    text = files("iscsi_analyzer.export").joinpath("fields.json").read_text(encoding="utf-8")
    return {name: NamedField(*facts) for name, facts in json.loads(text).items()}


@cache
def header_fields() -> dict[str, dict[int, list[Field]]]:
    """The declared header fields by filter name and opcode."""
    found: dict[str, dict[int, list[Field]]] = {}
    for kind in PDU_TYPES:
        for row in kind.fields:
            if row.filter and row.kind != GROUP:
                found.setdefault(row.filter, {}).setdefault(kind.opcode, []).append(row)
    return found


def described_fields() -> list[tuple[str, str, str]]:
    """Name, type and description of every field that `column` takes: first those that filters know, too."""
    found = {name: (where.kind, where.label) for name, where in WHERE.items()}
    for name, known in named_fields().items():
        found.setdefault(name, (known.kind, known.label))
    for name, asked in every_field().items():
        if name not in record_fields():
            found.setdefault(name, (asked.kind, asked.about))
    rows = [(name, kind, label) for name, (kind, label) in sorted(found.items())]
    texts = json.loads(files("iscsi_analyzer.export").joinpath("schema.json").read_text(encoding="utf-8"))
    properties = texts["$defs"]["PduRecord"]["properties"]
    rows += [
        (name, kind, f"{properties[name].get('description', '')} (as in JSON; for -e only)")
        for name, kind in record_fields().items()
    ]
    return rows


@cache
def record_fields() -> dict[str, str]:
    """The fields of the JSON of a PDU, with the types that Python has for them."""
    return {field.name: _type_name(field.type) for field in msgspec.structs.fields(PduRecord)}


def _type_name(type_: Any) -> str:
    text = str(getattr(type_, "__name__", "") or type_)
    for word, name in (("bool", "flag"), ("list", "list"), ("dict", "object"), ("int", "number"), ("Record", "object")):
        if word in text:
            return name
    return "text"


def _from_record(name: str) -> Getter:
    return QUICK.get(name) or (lambda view: texts_of(getattr(view.record, name)))


QUICK: dict[str, Getter] = {
    "number": lambda view: [str(view.number)],
    "frame": lambda view: [str(view.row.frame_last)],
    "time": lambda view: [decimal(view.row.time_first)],
    "time_last": lambda view: [decimal(view.row.time_last)],
    "connection": lambda view: [str(view.row.connection)],
    "direction": lambda view: ["I2T" if view.row.to_target else "T2I"],
    "opcode": lambda view: [str(view.row.opcode)],
    "data_segment_length": lambda view: [str(view.row.data_segment_length)],
    "data_captured": lambda view: [str(view.row.data_captured)],
    "header_digest": lambda view: [view.row.header_digest],
    "data_digest": lambda view: [view.row.data_digest],
    "request_pdu": lambda view: [str(view.row.request)] if view.row.request else [],
    "request_frame": _request_frame,
}
"Fields of the record that stand in the row: the record need not be made for them."


def texts_of(value: Any) -> list[str]:
    """The occurrences of a value of the record."""
    if value is None:
        return []
    if isinstance(value, bool):
        return ["1" if value else "0"]
    if isinstance(value, list):
        return [text for each in value for text in texts_of(each)]
    if isinstance(value, tuple):
        return ["=".join(map(str, value))]
    if isinstance(value, dict):
        return [f"{key}={each}" for key, each in value.items()]
    if isinstance(value, SenseRecord | NamedText):
        return [value.text]
    if isinstance(value, DecodedField):
        return [f"{value.label}: {value.text}" if value.text else value.label]
    if isinstance(value, RejectedRecord):
        return [value.opcode_name]
    if isinstance(value, msgspec.Struct):
        return [msgspec.json.encode(value).decode()]
    return [str(value)]


def _from_header(name: str, rows: dict[int, list[Field]]) -> Getter:
    """Reads a header field, if it means something in the PDU."""

    def get(view: PduView) -> list[str]:
        header = view.row.header
        opcode = header[0] & 0x3F
        found = rows.get(opcode)
        if found is None:
            if opcode in _OPCODES:
                return []
            found = [row for row in view.pdu.type.fields if row.filter == name]
        captured = view.row.header_captured
        texts = []
        for row in found:
            if row.offset + row.width > captured:
                continue
            if row.valid is not None and name not in ALWAYS:
                values = view.pdu.values
                if not means(row, values.get(row.name, 0), values):
                    continue
            texts.append(printed(name, row.read(header), row.base, row.width))
        return texts

    assert all(row.offset + row.width <= BHS_LENGTH for some in rows.values() for row in some)
    return get


def _from_tree(name: str, known: NamedField) -> Getter:
    def get(view: PduView) -> list[str]:
        return [_of_node(name, node, known) for node in view.nodes(name)]

    return get


def _operation_code(name: str) -> Getter:
    """The operation code of the command that a PDU is or belongs to, if its command set has this name for it."""

    def get(view: PduView) -> list[str]:
        if view.row.opcode not in _OF_COMMAND or view.row.opcode == OP_R2T:
            return []
        row = view.row if view.row.opcode == OP_SCSI_COMMAND else view.request
        if row is None or row.opcode != OP_SCSI_COMMAND or row.header_captured <= AT_CDB:
            return []
        number = view.number if row is view.row else view.row.request
        cdb = row.header[AT_CDB : row.header_captured]
        device_type = view.views.pdus.related.device_type(number, row)
        return [_number(cdb[0], 1)] if _opcode_filter(cdb[:2], device_type) == name else []

    return get


@cache
def _opcode_filter(cdb: bytes, device_type: int | None) -> str:
    """The name of the operation code field of such a CDB."""
    for node in parse_cdb(cdb, device_type).tree()[0].children:
        if node.offset == 0 and node.filter in OPERATION_CODES:
            return node.filter
    return ""


def _of_node(name: str, node: Node, known: NamedField) -> str:
    if node.value is None:
        return node.text
    return printed(name, node.value, known.base, known.width)


def printed(name: str, value: int | str | bytes, base: str, width: int) -> str:
    """A value as tshark prints it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return value
    if name in HEX_BYTES:
        return _number(value, HEX_BYTES[name])
    if name in BYTES:
        return f"{value:0{2 * BYTES[name]}x}"
    if base == "hex" and name not in DECIMAL:
        return _number(value, width)
    return str(value)


def _number(value: int, width: int) -> str:
    return f"0x{value:0{2 * width}x}"
