"""Writes what is generated in this package: the JSON Schema of the records (schema.json), the page about them
(records.md), and the list of field names that the dissectors know (fields.json).

Run by `make docs`. A test holds the files to what this makes.
"""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dissectors
from dissectors.fields import Field
from dissectors.iscsi.keytable import KEYS
from dissectors.scsi.cdb import commands
from iscsi_analyzer.export.records_page import records_text
from iscsi_analyzer.export.schema import schema_text

HERE = Path(__file__).parent
_NAME = re.compile(r"(iscsi|scsi|scsi_[a-z]+)(\.\w+)+")
_BY_HAND = {
    "iscsi.ahs.bidir.length": ("number", "dec", 4, "Bidirectional Read Expected Data Transfer Length"),
    "iscsi.ahs.extended_cdb": ("bytes", "dec", 0, "Extended CDB"),
    "iscsi.ahs.length": ("number", "dec", 2, "AHSLength"),
    "iscsi.ahs.type": ("number", "dec", 1, "AHSType"),
    "iscsi.ahs.unknown_blob": ("bytes", "dec", 0, "Additional header segment of an unknown type"),
    "iscsi.asynceventdata": ("bytes", "dec", 0, "Data of an Asynchronous Message"),
    "iscsi.datadigest32": ("number", "hex", 4, "DataDigest"),
    "iscsi.headerdigest32": ("number", "hex", 4, "HeaderDigest"),
    "iscsi.immediatedata": ("bytes", "dec", 0, "Immediate data"),
    "iscsi.isid.a": ("number", "hex", 1, "A of the ISID"),
    "iscsi.isid.b": ("number", "hex", 2, "B of the ISID"),
    "iscsi.isid.c": ("number", "hex", 1, "C of the ISID"),
    "iscsi.isid.d": ("number", "hex", 2, "D of the ISID"),
    "iscsi.isid.t": ("number", "hex", 1, "T of the ISID"),
    "iscsi.keyvalue": ("text", "dec", 0, "A key=value pair"),
    "iscsi.login.status": ("number", "hex", 2, "Status-Class and Status-Detail"),
    "iscsi.padding": ("bytes", "dec", 0, "Padding"),
    "iscsi.pingdata": ("bytes", "dec", 0, "Ping data"),
    "iscsi.scsiresponse.senselength": ("number", "dec", 2, "SenseLength"),
    "iscsi.vendorspecificdata": ("bytes", "dec", 0, "Vendor-specific data"),
    "scsi.inquiry.evpd.devid.identifier_bytes": ("bytes", "dec", 0, "Designator"),
    "scsi.inquiry.evpd.devid.identifier_str": ("text", "dec", 0, "Designator as text"),
    "scsi.inquiry.evpd.product_serial_number": ("text", "dec", 0, "Product serial number"),
    "scsi.log.param_data": ("bytes", "dec", 0, "Log parameter data"),
    "scsi.lun_long": ("number", "hex", 8, "LUN, all bytes"),
    "scsi.persresv.transportid": ("bytes", "dec", 0, "TransportID"),
    "scsi.report_opcodes.cdb_usage_data": ("bytes", "dec", 0, "CDB usage data"),
    "scsi.sns.ascascq": ("number", "hex", 2, "Additional sense code and qualifier"),
    "scsi.spc.opcode": ("number", "hex", 1, "Operation code (SPC)"),
    "scsi_mmc.opcode": ("number", "hex", 1, "Operation code (MMC)"),
    "scsi_sbc.opcode": ("number", "hex", 1, "Operation code (SBC)"),
    "scsi_smc.opcode": ("number", "hex", 1, "Operation code (SMC)"),
    "scsi_ssc.opcode": ("number", "hex", 1, "Operation code (SSC)"),
}
"Fields that dissectors make without a declaration: kind, base, bytes, label. Others of that sort get a plain entry."


def field_list() -> dict[str, tuple[str, str, int, str]]:
    """The names of all fields that nodes of the dissectors can have: (kind, base, bytes, label), sorted by name."""
    found: dict[str, tuple[str, str, int, list[str]]] = {}
    for row in _declared():
        labels = found.setdefault(row.filter, (row.kind, row.base, row.width, []))[3]
        if row.label not in labels:
            labels.append(row.label)
    listed = {name: (kind, base, width, " / ".join(labels[:3])) for name, (kind, base, width, labels) in found.items()}
    for key in KEYS.values():
        if key.filter:
            listed[key.filter] = ("text", "dec", 0, f"The key {key.name}")
    for name in _written():
        listed.setdefault(name, ("number", "dec", 1, name.rpartition(".")[2].replace("_", " ")))
    listed.update(_BY_HAND)
    return dict(sorted(listed.items()))


def _modules() -> Iterator[Any]:
    for module in pkgutil.walk_packages(dissectors.__path__, "dissectors."):
        if not module.name.startswith("dissectors.vendor"):
            yield importlib.import_module(module.name)


def _declared() -> Iterator[Field]:
    """Every declared field with a name in the filter language."""
    seen: set[int] = set()

    def fields_in(thing: Any, depth: int) -> Iterator[Field]:
        if isinstance(thing, Field):
            if thing.filter and id(thing) not in seen:
                seen.add(id(thing))
                yield thing
            return
        if depth > 6:
            return
        if isinstance(thing, dict):
            things = list(thing.values())
        elif isinstance(thing, tuple | list | set | frozenset):
            things = list(thing)
        else:
            things = (
                [getattr(thing, "fields", None)] if hasattr(type(thing), "fields") or isinstance(thing, type) else []
            )
        for each in things:
            yield from fields_in(each, depth + 1)

    for module in _modules():
        for name in sorted(vars(module)):
            yield from fields_in(vars(module)[name], 0)
    yield from fields_in(commands(), 0)


def _written() -> set[str]:
    """Every text in the sources of the dissectors that reads like a field name."""
    found: set[str] = set()
    root = Path(dissectors.__path__[0])
    for path in sorted(root.rglob("*.py")):
        if path.is_relative_to(root / "vendor"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.fullmatch(node.value):
                found.add(node.value)
    return found


def fields_text() -> str:
    """The content of fields.json: a line for each field."""
    lines = [f"  {json.dumps(name)}: {json.dumps(list(facts))}" for name, facts in field_list().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Writes the generated files."""
    HERE.joinpath("records.md").write_text(records_text(), encoding="utf-8")
    HERE.joinpath("schema.json").write_text(schema_text(), encoding="utf-8")
    HERE.joinpath("fields.json").write_text(fields_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
