"""The data segment of login and text PDUs as tree nodes: one for each key=value pair, with its value taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dissectors.fields import Node
from dissectors.iscsi.base import Segment
from dissectors.iscsi.keys import Pair, redact, secret
from dissectors.iscsi.keytable import ADDRESS, BINARY, find_key
from dissectors.iscsi.values import parse_address, parse_binary

if TYPE_CHECKING:
    from dissectors.pdu import Pdu

_MAX_SHOWN = 1000  # characters of a value in the tree


def text_segment(pdu: Pdu, secrets: bool) -> Segment:
    """All pairs that end in this PDU, then what is unfinished or surplus. Secrets are left out unless `secrets`."""
    text = pdu.parsed_text
    segment = Segment([_pair_node(pair, secrets) for pair in text.pairs], list(text.problems))
    if text.tail:
        start = max(0, text.tail_offset)
        size = len(pdu.data) - start
        why = "continued in the next PDU" if pdu.get("continued") else "its end was not captured"
        segment.nodes.append(Node("Unfinished pair", None, f"{size} bytes, {why}", start, size))
    for label, (offset, length), what in (
        ("Trailing bytes", text.trailing, "zero bytes"),
        ("Unread text", text.unread, "bytes"),
    ):
        if length:
            surplus = Node(label, None, f"{length} {what}", max(0, offset), length + min(0, offset))
            surplus.problem = "not read as pairs"
            segment.nodes.append(surplus)
    return segment


def _pair_node(pair: Pair, secrets: bool) -> Node:
    hidden = secret(pair.key) and not secrets
    value = redact(pair.key, pair.value) if hidden else pair.value
    start = max(0, pair.offset)
    end = pair.offset + pair.length
    node = Node(pair.key or "(no key)", f"{pair.key}={value}", value[:_MAX_SHOWN], start, end - start)
    node.filter = "iscsi.keyvalue"
    node.problem = pair.problem
    if pair.offset < 0:
        node.text += " (began in an earlier PDU)"
    value_start = max(0, pair.value_offset)
    if pair.value_offset < pair.offset + pair.length:
        node.children.append(_value_node(pair.key, value, hidden, value_start, end - value_start))
    return node


def _value_node(name: str, value: str, hidden: bool, start: int, length: int) -> Node:
    """The value on its own, with the filter name of its key and in words where its form has any."""
    key = find_key(name)
    node = Node("Value", value, value[:_MAX_SHOWN], start, length)
    if key is None:
        return node
    node.filter = key.filter
    if key.form == ADDRESS:
        address = parse_address(value)
        tag = "" if address.tag is None else f", portal group tag {address.tag}"
        node.text = f"{address.family} {address.host} port {address.port}{tag}"
        node.problem = address.problem
    elif key.form == BINARY and not hidden:
        binary = parse_binary(value)
        if binary is not None:
            node.text = f"{len(binary)} bytes: {binary[:64].hex()}"
    return node
