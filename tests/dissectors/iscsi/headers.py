"""Helpers for tests of PDU dissection: headers of every kind, trees flattened, bits counted."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.pdu import Pdu, build, dissect

OPCODES = st.integers(0, 0x3F)
GROUPS = ("iscsi.flags", "iscsi.login.status")
"Filters of the nodes that only span other fields."


@st.composite
def headers(draw: st.DrawFn) -> bytes:
    """48 bytes of any opcode, the rest anything; mostly zeros or mostly noise."""
    rest = draw(st.binary(min_size=47, max_size=47) | st.just(bytes(47)))
    first = draw(OPCODES) | draw(st.sampled_from((0, 0x40, 0x80, 0xC0)))
    return bytes((first,)) + rest


def walk(nodes: list[Node]) -> Iterator[Node]:
    """Every node of a forest, parents before children."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def find(nodes: list[Node], name: str) -> Node:
    """The first node with this filter name, or else with this label."""
    for attribute in ("filter", "label"):
        for node in walk(nodes):
            if getattr(node, attribute) == name:
                return node
    raise KeyError(name)


def field_nodes(pdu: Pdu) -> list[Node]:
    """The nodes of single header fields: groups are replaced by their members, parts of a field are left out."""
    found: list[Node] = []
    for node in pdu.tree():
        if node.offset < 48:
            found += node.children if node.filter in GROUPS else [node]
    return found


def bits(node: Node) -> list[tuple[int, int]]:
    """The (byte, bit) places that a node claims; bit 7 is the most significant."""
    mask = node.mask or (1 << 8 * node.length) - 1
    raw = mask.to_bytes(node.length, "big")
    return [(node.offset + at, bit) for at, byte in enumerate(raw) for bit in range(8) if byte >> bit & 1]


def parsed(wire: bytes) -> Pdu:
    """A PDU without digests, dissected from all its bytes."""
    end = 48 + 4 * wire[4]
    return dissect(wire[:48], wire[48:end], wire[end:])


def made(what: str | int, data: bytes | None = None, **values: int | str | bytes) -> Pdu:
    """A PDU built and dissected again."""
    return parsed(build(what, data=data, **values))


def names(pdu: Pdu) -> list[str]:
    """The names of the PDU's problems."""
    return [problem.name for problem in pdu.problems]
