"""The laws of text in the tree: every pair at its place, secrets left out, junk visible."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.iscsi.keys import MAX_PAIRS, build_text
from dissectors.iscsi.text_segment import text_segment
from dissectors.pdu import build, dissect
from tests.dissectors.iscsi.headers import find, made, walk

CHAP = [("CHAP_N", "user"), ("CHAP_R", "0x5ec2e7"), ("CHAP_C", "0bc2VjcmV0")]


def words(nodes: list[Node]) -> str:
    """Everything that the nodes say or hold."""
    return json.dumps([(node.label, str(node.value), node.text) for node in walk(nodes)])


def test_a_pair_is_a_node_with_its_value_below_it() -> None:
    tree = made("Login Request", build_text([("SessionType", "Normal"), ("X-com.a", "b")])).tree()
    pair = find(tree, "iscsi.keyvalue")
    assert (pair.label, pair.value, pair.text) == ("SessionType", "SessionType=Normal", "Normal")
    assert (pair.offset, pair.length) == (48, 18)
    value = find(tree, "iscsi.login.session_type")
    assert (value.value, value.offset, value.length) == ("Normal", 60, 6)
    assert find(tree, "X-com.a").children[0].filter == ""


def test_secrets_are_left_out_unless_asked_for() -> None:
    pdu = made("Login Request", build_text(CHAP))
    hidden, shown = words(pdu.tree()), words(pdu.tree(secrets=True))
    assert "user" in hidden
    assert "5ec2e7" not in hidden and "c2VjcmV0" not in hidden
    assert "5ec2e7" in shown and "c2VjcmV0" in shown
    assert find(pdu.tree(secrets=True), "iscsi.login.chap_r").text == "3 bytes: 5ec2e7"


def test_an_address_is_taken_apart() -> None:
    tree = made("Text Response", build_text([("TargetAddress", "[::1]:3261,7")])).tree()
    assert find(tree, "iscsi.login.target_address").text == "ipv6 ::1 port 3261, portal group tag 7"
    wrong = made("Text Response", build_text([("TargetAddress", "host:99999")])).tree()
    assert "99999" in find(wrong, "iscsi.login.target_address").problem


def test_surplus_zeros_are_shown() -> None:
    pdu = made("Login Request", b"A=1\0\0\0")
    node = find(pdu.tree(), "Trailing bytes")
    assert (node.offset, node.length, node.problem) == (52, 2, "not read as pairs")


@pytest.mark.parametrize(("continued", "why"), [(1, "continued in the next PDU"), (0, "its end was not captured")])
def test_an_unfinished_pair_says_where_its_end_is(continued: int, why: str) -> None:
    header = build("Login Request", continued=continued, data_segment_length=100)
    node = find(dissect(header, b"", b"A=1\0Sessio").tree(), "Unfinished pair")
    assert (node.text, node.offset, node.length) == (f"6 bytes, {why}", 52, 6)


def test_what_was_left_unread_is_shown() -> None:
    pdu = made("Login Request", b"A\0" * MAX_PAIRS)
    node = find(pdu.tree(), "Unread text")
    assert node.offset + node.length == 48 + len(pdu.data)


@given(st.binary(max_size=100), st.booleans())
def test_no_bytes_raise_and_no_node_leaves_the_segment(data: bytes, continued: bool) -> None:
    pdu = made("Text Request", data, continued=continued)
    segment = text_segment(pdu, secrets=False)
    for node in segment.nodes:
        assert 0 <= node.offset <= node.offset + node.length <= len(data)
        assert all(node.offset <= child.offset for child in node.children)
