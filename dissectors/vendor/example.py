"""The template of a vendor dissector: copy this file, change what it declares, and `register` the class.

It invents an opcode 0x1c by which an initiator asks a target for one counter, and shows all that a plug-in may do:
declare header fields (opcode and lengths are always there), name codes, explain a field, take the data segment apart
and write a summary line. It decodes bytes and no more: no files, no state, no opinion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import Field, Node, Problem, Words
from dissectors.iscsi import common, pieces
from dissectors.iscsi.base import Segment, plain
from dissectors.vendor.registry import VendorPdu

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

COUNTERS = Words({0: "reads", 1: "writes"}, ((0x80, 0xFF, "private"),))
_ENTRY = 8  # bytes: number of a logical unit, count


class ExampleCounters(VendorPdu):
    """The initiator asks for a counter. Invented; RFC 7143 section 11.2.1.2 leaves the opcode to vendors."""

    opcode = 0x1C
    name = "Example Counters"
    data_label = "Counters"
    fields = (
        common.IMMEDIATE,
        common.OPCODE,
        common.FINAL_FIXED,
        Field("counter", "Counter", 2, 1, 0, "", COUNTERS, "hex"),
        common.NO_AHS,
        common.DATA_SEGMENT_LENGTH,
        common.LUN,
        common.INITIATOR_TASK_TAG,
        *common.COMMAND_NUMBERS,
        Field("since", "Since", 32, 8, 0, ""),
    )

    @classmethod
    def explain(cls, row: Field, node: Node, pdu: Pdu) -> None:
        if row.name == "since":
            node.text += " seconds"

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        """A list of 8-byte entries; a last one that is cut short is shown and reported."""
        segment = Segment()
        for offset in range(0, len(pdu.data), _ENTRY):
            entry = pdu.data[offset : offset + _ENTRY]
            if len(entry) < _ENTRY:
                segment.nodes.append(plain("Entry cut short", entry, offset))
                segment.problems.append(Problem("counters-cut", f"{len(entry)} of 8 bytes", offset, len(entry)))
                break
            unit, count = int.from_bytes(entry[:4], "big"), int.from_bytes(entry[4:], "big")
            segment.nodes.append(Node("Entry", count, f"unit {unit}: {count}", offset, _ENTRY))
        return segment

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        return [
            *pieces.word(pdu, "counter", COUNTERS),
            *pieces.tag(pdu, "ITT", "initiator_task_tag"),
            *pieces.number(pdu, "CmdSN", "cmd_sn"),
        ]
