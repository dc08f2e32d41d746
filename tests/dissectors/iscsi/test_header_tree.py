"""The laws of header trees: groups hold their members, places are exact, and what means nothing says so."""

from __future__ import annotations

from hypothesis import given

from dissectors.fields import Field, Node
from dissectors.iscsi.header_tree import data_end_nodes, header_digest_nodes, header_nodes, header_problems
from dissectors.pdu import Context, build, dissect
from tests.dissectors.iscsi.headers import find, headers, made, walk


def leave(row: Field, node: Node) -> None:
    """Explains nothing."""


@given(headers())
def test_nodes_lie_in_the_header_and_children_in_their_parents(header: bytes) -> None:
    for node in header_nodes(dissect(header), leave):
        for below in walk([node]):
            assert node.offset <= below.offset
            assert below.offset + below.length <= node.offset + node.length <= 48
            assert not below.mask >> 8 * below.length


@given(headers())
def test_reserved_bits_have_a_node_each_and_a_problem_each(header: bytes) -> None:
    pdu = dissect(header)
    shown = [node for node in walk(header_nodes(pdu, leave)) if node.label == "Reserved"]
    reported = [problem for problem in header_problems(pdu) if problem.name == "reserved-not-zero"]
    assert sorted((node.offset, node.length) for node in shown) == sorted(
        (problem.offset, problem.length) for problem in reported
    )
    assert all(node.value for node in shown)


def test_the_flags_byte_holds_its_flags_and_names_those_that_are_set() -> None:
    group = find(made("SCSI Command", final=1, write=1, attr=2).tree(), "iscsi.flags")
    assert group.text == "0xa2 (F W)"
    assert [child.label for child in group.children] == ["F", "R", "W", "ATTR"]
    assert find(made("SCSI Command").tree(), "iscsi.flags").text == "0x00"


def test_a_field_that_means_nothing_here_says_when_it_would() -> None:
    waiting = find(made("Login Request", nsg=3).tree(), "iscsi.login.nsg")
    assert waiting.text == "FullFeaturePhase (3) [not meaningful: only when T is 1]"
    assert find(made("Login Request", nsg=3, transit=1).tree(), "iscsi.login.nsg").text == "FullFeaturePhase (3)"


def test_an_opcode_of_nobody_is_a_problem_and_a_vendors_is_not() -> None:
    assert [problem.name for problem in header_problems(dissect(build(0x2A)))] == ["unknown-opcode"]
    assert header_problems(dissect(build(0x3D))) == []


def test_explanations_reach_every_field() -> None:
    seen: list[str] = []
    pdu = made("SCSI Data-In")
    header_nodes(pdu, lambda row, node: seen.append(row.name))
    assert sorted(seen) == sorted(row.name for row in pdu.type.fields)


def test_without_digests_nothing_but_padding_follows() -> None:
    pdu = made("NOP-Out", b"abc")
    assert header_digest_nodes(pdu) == []
    assert [node.label for node in data_end_nodes(pdu)] == ["Padding"]
    assert data_end_nodes(dissect(build("NOP-Out"), context=Context(b"", b""))) == []
