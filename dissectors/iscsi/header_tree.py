"""From a PDU's declared fields to tree nodes: the header, with reserved bits where they are set, and the digests.

Everything is computed from the PDU's bytes, values and context; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dissectors.fields import FLAG, GROUP, Field, Node, Problem, Value
from dissectors.iscsi import digest, scsi_parts
from dissectors.iscsi import layout as at
from dissectors.iscsi.base import plain
from dissectors.iscsi.common import LEVEL_2

if TYPE_CHECKING:
    from dissectors.pdu import Pdu


def header_nodes(pdu: Pdu, explain: Callable[[Field, Node], None]) -> list[Node]:
    """The fields of the header that were captured whole, groups with their members, and reserved bits that are set.

    `explain` is given every field's node to improve.
    """
    nodes: list[Node] = []
    group: Node | None = None
    for row in sorted((*pdu.type.fields, *_set_reserved(pdu)), key=lambda row: row.offset):
        end = row.offset + row.width
        if end > len(pdu.header):
            continue
        if group is not None and row.offset >= group.offset + group.length:
            group = None
        node = _field_node(row, pdu)
        explain(row, node)
        if row.kind == GROUP:
            group = node
            nodes.append(node)
        else:
            (nodes if group is None else group.children).append(node)
    for node in nodes:
        set_flags = [child.label for child in node.children if child.value == 1 and child.label in _LETTERS]
        if node.filter == "iscsi.flags" and set_flags:
            node.text += f" ({' '.join(set_flags)})"
    return nodes


_LETTERS = frozenset("FTCRWAOUSou")
"Labels of the flags that a group of flags names in its own line."


def header_problems(pdu: Pdu) -> list[Problem]:
    """What is odd about the header: cut short, reserved bits set, another value in a fixed field, an unknown opcode."""
    found: list[Problem] = []
    captured = len(pdu.header)
    if captured < at.BHS_LENGTH:
        found.append(Problem("header-truncated", f"{captured} of 48 header bytes captured", 0, captured))
    if pdu.header and pdu.unassigned:
        found.append(Problem("unknown-opcode", f"opcode 0x{pdu.opcode:02x} is not assigned", at.AT_OPCODE, 1))
    for row in pdu.type.fields:
        wrong = _not_fixed(row, pdu.values.get(row.name))
        if wrong:
            found.append(Problem("fixed-field", f"{row.label} {wrong}", row.offset, row.width))
    for row in _set_reserved(pdu):
        found.append(Problem("reserved-not-zero", _reserved_text(row, pdu), row.offset, row.width))
    if len(pdu.ahs) < pdu.ahs_length:
        text = f"{len(pdu.ahs)} of {pdu.ahs_length} AHS bytes captured"
        found.append(Problem("ahs-truncated", text, at.BHS_LENGTH, len(pdu.ahs)))
    length = pdu.get("data_segment_length", 0)
    if len(pdu.data) < length:
        text = f"{len(pdu.data)} of {length} data bytes captured"
        found.append(Problem("data-truncated", text, pdu.data_offset, len(pdu.data)))
    return found


def header_digest_nodes(pdu: Pdu) -> list[Node]:
    """The header digest, if the connection uses one."""
    captured = pdu.context.header_digest
    if captured is None:
        return []
    covered = pdu.header + pdu.ahs
    whole = len(covered) == at.BHS_LENGTH + pdu.ahs_length
    right = digest.header_digest(covered) if whole else None
    place = pdu.data_offset - at.DIGEST_LENGTH
    return [_digest_node("HeaderDigest", "iscsi.headerdigest32", captured, right, place)]


def data_end_nodes(pdu: Pdu) -> list[Node]:
    """What follows the data: padding, and the data digest if the connection uses one."""
    nodes: list[Node] = []
    length = pdu.get("data_segment_length", len(pdu.data))
    if pdu.padding:
        nodes.append(plain("Padding", pdu.padding, pdu.data_offset + length, "iscsi.padding"))
    captured = pdu.context.data_digest
    if captured is not None and length:
        end = length + digest.padding(length)
        covered = pdu.data + pdu.padding
        right = digest.data_digest(covered) if len(covered) == end else None
        nodes.append(_digest_node("DataDigest", "iscsi.datadigest32", captured, right, pdu.data_offset + end))
    return nodes


def _digest_node(label: str, name: str, captured: bytes, right: bytes | None, offset: int) -> Node:
    """A digest: its bytes as captured, and whether they are `right` (None: what they cover was not captured whole)."""
    node = Node(label, int.from_bytes(captured, "big"), f"0x{captured.hex()}", offset, len(captured), 0, name)
    if len(captured) < at.DIGEST_LENGTH:
        node.value = None
        node.text = "not captured"
    elif right is None:
        node.text += " (unknown: not all bytes that it covers were captured)"
    elif right == captured:
        node.text += " (ok)"
    else:
        node.text += " (bad)"
        node.problem = f"should be 0x{right.hex()}"
    return node


def _field_node(row: Field, pdu: Pdu) -> Node:
    value = pdu.values.get(row.name)
    if value is None:  # a group, or reserved bits
        value = row.read(pdu.header)
    if row.name == "lun":
        node = scsi_parts.lun_node(pdu.header[row.offset : row.offset + row.width])
    else:
        node = Node(row.label, value, row.describe(value), row.offset, row.width, row.mask, row.filter)
    if not row.name:
        node.problem = "must be 0"
    wrong = _not_fixed(row, value)
    if wrong:
        node.problem = wrong
    if row.valid is not None and _meaningful(row, pdu) is False:
        node.text += f" [not meaningful: only when {row.valid.words}]"
    return node


def _meaningful(row: Field, pdu: Pdu) -> bool | None:
    """Whether the field means something in this PDU; None if that cannot be told."""
    if row.valid is None:
        return True
    if row.valid is LEVEL_2:
        level = pdu.context.protocol_level
        return None if level is None else level >= 2
    return row.valid.holds(pdu.values)


def _not_fixed(row: Field, value: Value | None) -> str:
    if row.fixed is None or value is None or value == row.fixed:
        return ""
    fixed = f"{row.fixed:#x}" if row.base == "hex" else str(row.fixed)
    return f"is {'0' if row.kind == FLAG else row.describe(value)}, must be {fixed}"


def _set_reserved(pdu: Pdu) -> list[Field]:
    """The rows of reserved bits that are not zero, of those captured whole."""
    return [
        row for row in pdu.type.plan.reserved if row.offset + row.width <= len(pdu.header) and row.read(pdu.header) != 0
    ]


def _reserved_text(row: Field, pdu: Pdu) -> str:
    last = row.offset + row.width - 1
    where = f"byte {row.offset}" if last == row.offset else f"bytes {row.offset}-{last}"
    bits = f" (bits 0x{row.mask:02x})" if row.mask else ""
    return f"reserved {where}{bits} hold {row.describe(row.read(pdu.header))}"
