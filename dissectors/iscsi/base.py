"""The base of PDU declarations: `PduType`; beside it `Context`, what a PDU's own bytes cannot tell, and `Segment`.

A declaration is a class with an opcode, its fields and a docstring that names the RFC section. Decoder, tree, builder
and documentation follow from it; a type adds what is special to it: its summary line, and how its data segment reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from dissectors.fields import Field, Node, Problem
from dissectors.iscsi.plan import Plan

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

COMMON_FIELDS = frozenset(("opcode", "immediate", "total_ahs_length", "data_segment_length", "initiator_task_tag"))
"Fields that (nearly) every PDU has; `values_of` leaves them out, since every PDU row holds them anyway."


@dataclass(slots=True)
class Context:
    """What the bytes of one PDU cannot tell: remembered from the first pass, all of it optional."""

    header_digest: bytes | None = None
    "The header digest as captured (b'' if it was lost); None if the connection uses none."
    data_digest: bytes | None = None
    "The data digest as captured (b'' if it was lost); None if the connection uses none."
    protocol_level: int | None = None
    "The negotiated iSCSIProtocolLevel (RFC 7144); None if unknown."
    cdb: bytes = b""
    "The whole CDB of the task to which the PDU belongs."
    device_type: int | None = None
    "Peripheral device type of the logical unit; None if unknown."
    text_before: bytes = b""
    "The unfinished key=value pair at the end of the preceding PDU whose C bit was set."


@dataclass(slots=True)
class Segment:
    """How a data segment reads. Offsets count from the start of the segment."""

    nodes: list[Node] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class PduType:
    """One kind of PDU, declared. Subclasses set `opcode`, `fields` and a docstring that names the RFC section."""

    opcode: ClassVar[int] = -1
    "The opcode; -1 for a type that stands for several."
    name: ClassVar[str] = ""
    "The PDU's name; empty for the types of vendor-specific and unknown opcodes."
    fields: ClassVar[tuple[Field, ...]] = ()
    "The header, in order of offsets; a group stands before its members."
    text: ClassVar[bool] = False
    "True if the data segment holds key=value pairs."
    data_label: ClassVar[str] = "Data"
    "What people call the data segment."
    data_filter: ClassVar[str] = ""
    "Name in the filter language of the data segment as a whole."
    foreign: ClassVar[bool] = False
    "True for a plug-in: what its methods raise is caught."
    plan: ClassVar[Plan]
    quick: ClassVar[Plan]
    "The plan without the COMMON_FIELDS."

    def __init_subclass__(cls) -> None:
        cls.plan = Plan(cls.fields)
        cls.quick = Plan(row for row in cls.fields if row.name not in COMMON_FIELDS)

    @classmethod
    def explain(cls, row: Field, node: Node, pdu: Pdu) -> None:
        """Improve the tree node of the header field `row`: better words, parts as children."""

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        """The data segment in detail; `secrets` shows what is otherwise left out. Unless overridden, plain bytes."""
        return Segment([plain(cls.data_label, pdu.data, 0, cls.data_filter)])

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        """What to say of the PDU after its name, in pieces. Values may be missing: use `pdu.get`."""
        return []


def plain(label: str, data: bytes, offset: int, name: str = "") -> Node:
    """A node of bytes that are only shown: their number, and the first of them."""
    shown = data[:16].hex() + ("..." if len(data) > 16 else "")
    return Node(label, data, f"{len(data)} bytes: {shown}" if data else "empty", offset, len(data), 0, name)
