"""Fields that stand in data which the first pass kept, and in additional header segments: parameter data of INQUIRY,
MODE SENSE, READ CAPACITY and so on, details of sense data. Read from the field tree that details of a PDU show.

The names are those that the declarations in `dissectors.scsi` give.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

import numpy as np

from dissectors.fields import BYTES as RAW
from dissectors.fields import FLAG, GROUP, Field, Node
from dissectors.iscsi import layout as at
from dissectors.scsi import (
    capacity,
    designators,
    inquiry,
    log_pages,
    mode,
    mode_pages,
    reports,
    reservation,
    sense,
    sense_descriptors,
    supported,
    vpd,
)
from dissectors.scsi.tables import TEXT as ASCII
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.columns_of import occurrences, several_numbers
from iscsi_analyzer.query.header import one_of, opcodes
from iscsi_analyzer.query.names import Names
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.store.columns import Numbers, attached
from iscsi_analyzer.store.store import Store

MODULES: Final[tuple[ModuleType, ...]] = (
    *(capacity, designators, inquiry, log_pages, mode, mode_pages, reports, reservation),
    *(sense, sense_descriptors, supported, vpd),
)
"What decodes data."

_DATA_AT: Final = 44
_TEXTS: Final = frozenset((at.OP_LOGIN_REQUEST, at.OP_TEXT_REQUEST, at.OP_LOGIN_RESPONSE, at.OP_TEXT_RESPONSE))
_ELSEWHERE: Final = frozenset((*_TEXTS, at.OP_REJECT, at.OP_NOP_IN, at.OP_NOP_OUT))
_DEEPEST: Final = 6

_MORE: Final = (
    ("iscsi.ahs.length", f.NUMBER, "AHSLength of an additional header segment"),
    ("iscsi.ahs.type", f.NUMBER, "AHSType"),
    ("iscsi.ahs.bidir.length", f.NUMBER, "Bidirectional Read Expected Data Transfer Length"),
    ("iscsi.ahs.extended_cdb", f.BYTES, "what an additional header segment adds to the CDB"),
    ("iscsi.ahs.unknown_blob", f.BYTES, "an additional header segment of an unknown type"),
    ("iscsi.scsiresponse.senselength", f.NUMBER, "SenseLength"),
    ("iscsi.asynceventdata", f.BYTES, "data of an Asynchronous Message behind the sense data"),
    ("scsi.lun.address_mode", f.NUMBER, "addressing method of a LUN"),
    ("scsi.lun.extended_address_method", f.NUMBER, "extended addressing method of a LUN"),
    ("scsi.lun.extended_address_method.len", f.NUMBER, "LENGTH of an extended LUN"),
    ("scsi.bus", f.NUMBER, "bus number of a LUN"),
    ("scsi.target", f.NUMBER, "target number of a LUN"),
    ("scsi.lun_long", f.NUMBER, "number of a long LUN"),
    ("scsi.mode.spc.pagecode", f.NUMBER, "page code of a mode page that SPC defines"),
    ("scsi.sns.sks_info", f.NUMBER, "sense key specific bytes"),
    ("scsi.log.param_data", f.BYTES, "value of a log parameter"),
    ("scsi.inquiry.evpd.devid.identifier_bytes", f.BYTES, "identifier of a designator"),
    ("scsi.inquiry.evpd.devid.identifier_str", f.TEXT, "identifier of a designator, if it is text"),
    ("scsi.inquiry.evpd.product_serial_number", f.TEXT, "product serial number"),
    ("scsi.report_opcodes.cdb_usage_data", f.BYTES, "CDB usage data"),
    ("scsi.persresv.transportid", f.BYTES, "TransportID"),
)
"Names that the decoders give without a declaration."

_IN_HEADERS: Final = frozenset(
    (
        *("scsi.lun.address_mode", "scsi.lun.extended_address_method", "scsi.lun.extended_address_method.len"),
        *("scsi.bus", "scsi.target", "scsi.lun_long"),
    )
)
"Of these, the ones that stand in every PDU with a LUN."


def declarations() -> dict[str, Field]:
    """Every filter name that the modules which decode data declare, with its declaration."""
    found: dict[str, Field] = {}
    for module in MODULES:
        for value in vars(module).values():
            for row in _fields(value, 0):
                if row.filter and row.kind != GROUP:
                    best = found.setdefault(row.filter, row)
                    if best.words is None and row.words is not None:
                        found[row.filter] = row
    return found


def _fields(value: Any, depth: int) -> Iterator[Field]:
    """The declarations in a constant: a field, or any collection of them."""
    if isinstance(value, Field):
        yield value
    elif isinstance(value, dict) and depth < _DEEPEST:
        for inner in value.values():
            yield from _fields(inner, depth + 1)
    elif isinstance(value, tuple | list) and depth < _DEEPEST:
        for inner in value:
            yield from _fields(inner, depth + 1)


class Details:
    """Dissects PDUs of a store as the display of details does."""

    def __init__(self, store: Store) -> None:
        from iscsi_analyzer.export.pdus import Pdus  # heavy, and needed by few filters

        self._store = store
        self._pdus = Pdus(store, secrets=True)

    def nodes(self, number: int) -> list[Node]:
        """The field tree of a PDU, without data that the first pass did not keep."""
        return self._pdus.dissect(number, self._store.row(number)).tree()


def _candidates(scope: Scope, in_headers: bool) -> Numbers:
    """The places of PDUs that may show such fields."""
    if in_headers:
        return np.arange(scope.count, dtype=np.int64)
    kind = opcodes(scope)
    chosen = (scope.column(_DATA_AT, "<u4") > 0) & ~one_of(kind, _ELSEWHERE)
    kept = scope.moment.store.all_kept_data
    places = np.flatnonzero(chosen)
    numbers = scope.numbers()
    with_data = [place for place in places.tolist() if int(numbers[place]) + 1 in kept]
    ahs = np.array(sorted(scope.moment.store.found.ahs), dtype=np.int64) - 1
    return np.union1d(np.array(with_data, dtype=np.int64), scope.places(ahs)[0])


def _found(nodes: list[Node], name: str) -> Iterator[Any]:
    for node in nodes:
        if node.filter == name and node.value is not None:
            yield node.value
        yield from _found(node.children, name)


def reader(name: str, kind: str) -> f.Reader:
    """Reads a field from the trees of PDUs."""

    def read(scope: Scope) -> Values:
        details = attached(scope.moment.store, Details)
        numbers = scope.numbers()
        found = [
            (place, value)
            for place in _candidates(scope, name in _IN_HEADERS).tolist()
            for value in _found(details.nodes(int(numbers[place]) + 1), name)
        ]
        if kind in f.NUMERIC:
            whole = [(place, value) for place, value in found if isinstance(value, int)]
            negative = any(value < 0 for _, value in whole)
            return several_numbers(whole, np.int64 if negative else np.uint64)
        wanted = str if kind == f.TEXT else bytes
        return occurrences([(place, value) for place, value in found if isinstance(value, wanted)])

    return read


def _field(name: str, row: Field) -> f.QueryField:
    kind = {FLAG: f.BOOLEAN, RAW: f.BYTES, ASCII: f.TEXT}.get(row.kind, f.NUMBER)
    names = Names(row.words, None, row.largest) if row.words is not None and kind == f.NUMBER else None
    largest = 1 if kind == f.BOOLEAN else (1 << 8 * row.width) - 1
    read = reader(name, kind)
    return f.QueryField(
        name, kind, Level.PDU, f"{row.label} in decoded data", read, names, largest, several=True, dear=True
    )


def tree_fields() -> list[f.QueryField]:
    """All of them."""
    found = [_field(name, row) for name, row in declarations().items()]
    for name, kind, about in _MORE:
        found.append(f.QueryField(name, kind, Level.PDU, about, reader(name, kind), several=True, dear=True))
    return found
