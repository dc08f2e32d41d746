"""One line about a command: its name and those of its fields that people ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dissectors.fields import Field, Value
from dissectors.scsi.commands import Command, is_flag

_TEMPLATES: Final[dict[str, str]] = {
    "lba": "LBA {}",
    "allocation_length": "allocation {}",
    "parameter_list_length": "parameters {} bytes",
    "byte_transfer_length": "{} bytes",
    "buffer_transfer_length": "{} blocks",
    "buffer_id": "buffer {}",
    "buffer_offset": "offset {}",
    "filemark_count": "{} filemarks",
    "logical_object_identifier": "object {}",
    "logical_identifier": "identifier {}",
    "source_address": "from {}",
    "destination_address": "to {}",
    "first_destination_address": "to {}",
    "second_destination_address": "then to {}",
    "element_address": "element {}",
    "starting_element_address": "from element {}",
    "number_of_elements": "{} elements",
    "count": "count {}",
    "track": "track {}",
    "stream_identifier": "stream {}",
    "zone_count": "{} zones",
}
"What to say of a number. Those that are not listed are left to the field tree."

_NAMED: Final[dict[str, str]] = {
    "page_code": "page {}",
    "mode": "{}",
    "security_protocol": "{}",
    "protocol": "{}",
    "power_condition": "{}",
    "code": "{}",
    "form": "{}",
    "format": "{}",
    "select_report": "{}",
    "element_type_code": "{}",
    "type": "{}",
    "scope": "scope {}",
    "prevent": "{}",
    "page_control": "{}",
    "self_test_code": "{}",
    "dest_type": "{}",
    "str_ctl": "{}",
    "bo_ctl": "{}",
    "action_code": "{}",
    "rt": "{}",
    "address_type": "{}",
}
"What to say of a code in words."

_UNSAID_IF_ZERO: Final = frozenset(
    (
        "page_control",
        "parameter_list_length",
        "select_report",
        "power_condition",
        "self_test_code",
        "scope",
        "buffer_id",
        "buffer_offset",
        "mode",
        "type",
    )
)


def say(command: Command, values: Mapping[str, Value], blocks: int | None) -> str:
    """The line for a command whose fields have these `values`; `blocks` is what its count means."""
    fields = sorted(command.fields, key=is_flag)  # flags last
    pieces = [piece for field in fields if (piece := _piece(command, field, values, blocks))]
    return f"{command.name} {', '.join(pieces)}" if pieces else command.name


def _piece(command: Command, field: Field, values: Mapping[str, Value], blocks: int | None) -> str:
    """What to say of one field; empty if nothing."""
    value = values.get(field.name)
    if not isinstance(value, int):
        return ""
    if field.name == command.count:
        if not value and command.to_the_end:
            return "to the end"
        return "1 block" if blocks == 1 else f"{blocks} blocks"
    if field.name in ("transfer_length", "verification_length"):
        unit = "blocks" if values.get("fixed") else "bytes"
        return f"{value} {unit}"
    if is_flag(field):
        return field.label if value and field.name != "evpd" else ""
    if field.name == "page_code" and "evpd" in values:
        return f"VPD page {field.describe(value)}" if values["evpd"] else "standard data"
    if not value and field.name in _UNSAID_IF_ZERO:
        return ""
    if field.name in _NAMED and field.words is not None:
        return _NAMED[field.name].format(field.describe(value))
    if field.name in _TEMPLATES:
        return _TEMPLATES[field.name].format(value)
    return ""
