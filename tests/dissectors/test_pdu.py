"""The laws of dissecting and building PDUs, whatever their opcode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.iscsi import digest, layout
from dissectors.iscsi.base import PduType
from dissectors.pdu import COMMON_FIELDS, PDU_TYPES, Context, build, dissect, values_of
from tests.dissectors.iscsi.headers import bits, field_nodes, find, headers, made, names, parsed, walk
from tests.support import talk_pdu

ALL_NAMES = [pdu_type.name for pdu_type in PDU_TYPES]


@given(headers())
def test_building_what_was_dissected_gives_the_same_bytes(header: bytes) -> None:
    assert build(dissect(header)) == header


@given(headers(), st.binary(max_size=64), st.binary(max_size=64), st.integers(0, 60))
def test_no_bytes_whatever_raise(header: bytes, ahs: bytes, data: bytes, captured: int) -> None:
    pdu = dissect(header, ahs, data, captured=captured, context=Context(b"", b"\1\2\3\4", 2, b"\x28" * 16))
    assert pdu.summary().startswith(pdu.name)
    assert all(isinstance(node.text, str) for node in walk(pdu.tree()))
    assert all(problem.name and problem.text for problem in pdu.problems)
    assert isinstance(pdu.keys, list)


@pytest.mark.parametrize("opcode", range(0x40))
def test_the_tree_covers_every_bit_of_a_full_header_exactly_once(opcode: int) -> None:
    pdu = dissect(bytes((opcode | 0xC0,)) + b"\xff" * 47)
    claimed = [place for node in field_nodes(pdu) for place in bits(node)]
    assert sorted(set(claimed)) == sorted(claimed)
    clear = {(0, bit) for bit in range(6) if not opcode >> bit & 1}  # opcode bits count although they are zero
    assert set(claimed) | clear == {(byte, bit) for byte in range(48) for bit in range(8)}


@pytest.mark.parametrize("opcode", range(0x40))
def test_reserved_bits_that_are_zero_do_not_show(opcode: int) -> None:
    pdu = dissect(bytes((opcode,)) + bytes(47))
    claimed = [place for node in field_nodes(pdu) for place in bits(node)]
    rows = [Node("", None, "", row.offset, row.width, row.mask) for row in pdu.type.plan.reserved]
    reserved = [place for node in rows for place in bits(node)]
    assert len(set(claimed)) == len(claimed)
    assert not set(claimed) & set(reserved)
    assert len(claimed) + len(reserved) == 48 * 8
    assert "reserved-not-zero" not in names(pdu)


def test_reserved_bits_that_are_set_show_and_are_reported() -> None:
    pdu = dissect(build("NOP-Out")[:40] + b"\0\0\1" + bytes(5))
    node = find(pdu.tree(), "Reserved")
    assert (node.offset, node.length, node.problem) == (32, 16, "must be 0")
    assert names(pdu) == ["reserved-not-zero"]


@pytest.mark.parametrize("opcode", range(0x40))
@pytest.mark.parametrize("filling", [b"\0", b"\xff", b"\xa5"])
def test_a_pdu_cut_by_the_snap_length_keeps_what_was_captured(opcode: int, filling: bytes) -> None:
    header = bytes((opcode,)) + filling * 47
    whole = dissect(header)
    for captured in range(48):
        pdu = dissect(header, captured=captured)
        kept = {row.name for row in whole.type.plan.fields if row.offset + row.width <= captured}
        if captured:
            assert pdu.values == {name: value for name, value in whole.values.items() if name in kept}
        assert pdu.header == header[:captured]
        assert names(pdu)[0] == "header-truncated"
        assert pdu.problems[0].text == f"{captured} of 48 header bytes captured"
        assert all(node.offset + node.length <= captured for node in walk(pdu.tree()) if node.offset < 48)
        assert dissect(header[:captured]).values == pdu.values


@given(headers())
def test_quick_values_are_the_values_without_the_common_ones(header: bytes) -> None:
    own = {name: value for name, value in dissect(header).values.items() if name not in COMMON_FIELDS}
    assert values_of(header) == own
    assert values_of(header + b"more") == own


@given(headers(), st.integers(0, 47))
def test_quick_values_of_a_cut_header_are_those_that_are_whole(header: bytes, captured: int) -> None:
    cut = header[:captured]
    assert values_of(cut) == {name: value for name, value in dissect(cut).values.items() if name not in COMMON_FIELDS}


@pytest.mark.parametrize("opcode", sorted(talk_pdu.LAYOUTS))
@given(raw=st.binary(min_size=48, max_size=48))
def test_every_field_is_where_the_tests_own_reading_of_the_standard_puts_it(opcode: int, raw: bytes) -> None:
    """The conversations of the tests are built by code that shares nothing with the dissectors."""
    header = bytes((opcode,)) + raw[1:]
    values = dissect(header).values
    renamed = {"priority": "pri", "desired_data_length": "desired_data_transfer_length"}
    for name, (offset, width) in talk_pdu.LAYOUTS[opcode].items():
        value = values[renamed.get(name, name)]
        raw_value = header[offset : offset + width]
        if name == "priority":
            assert value == raw_value[0] >> 4
        else:
            assert value in (raw_value, int.from_bytes(raw_value, "big"))


@pytest.mark.parametrize("name", ALL_NAMES)
def test_what_a_builder_makes_of_a_name_alone_is_free_of_problems(name: str) -> None:
    pdu = dissect(build(name))
    assert pdu.name == name
    assert pdu.problems == []


@pytest.mark.parametrize("pdu_type", PDU_TYPES, ids=ALL_NAMES)
@given(data=st.data())
def test_values_that_are_built_are_read_back(pdu_type: type[PduType], data: st.DataObject) -> None:
    rows = [row for row in pdu_type.plan.fields if row.name not in ("opcode", "cdb")]
    values = {row.name: data.draw(st.integers(0, row.largest), label=row.name) for row in rows}
    pdu = dissect(build(pdu_type.opcode, **values))
    assert {name: pdu.values[name] for name in values} == values


def test_a_builder_computes_lengths_padding_and_digests() -> None:
    wire = build("NOP-Out", data=b"hello", header_digest=True, data_digest=True, initiator_task_tag=1)
    assert wire[5:8] == b"\0\0\5"
    assert wire[48:52] == digest.header_digest(wire[:48])
    assert wire[52:60] == b"hello\0\0\0"
    assert wire[60:] == digest.data_digest(b"hello\0\0\0")
    assert build("NOP-Out", data=b"", data_digest=True) == build("NOP-Out")


def test_a_builder_lies_about_lengths_and_digests_when_asked() -> None:
    wire = build("NOP-Out", data=b"abcd", data_segment_length=9, header_digest=b"\1\1\1\1", data_digest=b"\2\2\2\2")
    assert wire[5:8] == b"\0\0\x09"
    assert wire[48:] == b"\1\1\1\1abcd\2\2\2\2"


def test_a_whole_pdu_survives_dissecting_and_building() -> None:
    wire = build("SCSI Command", ahs=b"\0\5\2\0\0\0\0\1", data=b"abc", lun=1, cdb=b"\x2a", write=1)
    pdu = parsed(wire)
    assert (pdu.ahs, pdu.data, pdu.padding) == (b"\0\5\2\0\0\0\0\1", b"abc", b"\0")
    assert build(pdu) == wire
    assert build(pdu, cmd_sn=7)[24:28] == b"\0\0\0\7"
    assert build(pdu, data=b"")[5:8] == b"\0\0\0"


@pytest.mark.parametrize("what", ["SCSI", "", -1, 64])
def test_a_builder_refuses_what_is_no_pdu(what: str | int) -> None:
    with pytest.raises(LookupError):
        build(what)


def test_a_builder_refuses_fields_that_the_pdu_does_not_have() -> None:
    with pytest.raises(TypeError, match="no field 'cmd_sn'"):
        build("NOP-In", cmd_sn=1)


def test_names_are_found_whatever_their_case() -> None:
    assert build("scsi data-in") == build("SCSI Data-In") == build(0x25)


def test_what_follows_the_header_stands_where_it_stood_on_the_wire() -> None:
    wire = build("SCSI Command", ahs=b"\0\5\2\0\0\0\0\1", data=b"abc", header_digest=True, data_digest=True)
    context = Context(header_digest=wire[56:60], data_digest=wire[64:68])
    pdu = dissect(wire[:48], wire[48:56], wire[60:64], context=context)
    tree = pdu.tree()
    for name, start, end in (
        ("AHS", 48, 56),
        ("iscsi.headerdigest32", 56, 60),
        ("iscsi.immediatedata", 60, 63),
        ("iscsi.padding", 63, 64),
        ("iscsi.datadigest32", 64, 68),
    ):
        node = find(tree, name)
        assert (node.offset, node.offset + node.length) == (start, end), name
    assert pdu.data_offset == 60
    assert pdu.problems == []


@pytest.mark.parametrize("spoilt", [0, 60])
def test_a_digest_that_does_not_match_says_what_it_should_be(spoilt: int) -> None:
    wire = bytearray(build("NOP-Out", data=b"abcd", header_digest=True, data_digest=True))
    wire[8 if spoilt == 0 else 52] ^= 1
    pdu = dissect(wire[:48], b"", wire[52:56], context=Context(bytes(wire[48:52]), bytes(wire[56:60])))
    head, data = find(pdu.tree(), "iscsi.headerdigest32"), find(pdu.tree(), "iscsi.datadigest32")
    bad, good = (head, data) if spoilt == 0 else (data, head)
    assert "(bad)" in bad.text and bad.problem.startswith("should be 0x")
    assert "(ok)" in good.text and not good.problem


def test_a_digest_over_bytes_that_are_missing_is_neither_right_nor_wrong() -> None:
    wire = build("NOP-Out", data=b"abcd")
    pdu = dissect(wire[:48], b"", b"ab", context=Context(b"", b"\1\2\3\4"))
    assert (
        find(pdu.tree(), "iscsi.datadigest32").text
        == "0x01020304 (unknown: not all bytes that it covers were captured)"
    )
    assert find(pdu.tree(), "iscsi.headerdigest32").text == "not captured"
    assert names(pdu) == ["data-truncated"]


def test_a_pdu_without_data_has_no_data_digest() -> None:
    pdu = dissect(build("NOP-Out"), context=Context(None, b"\1\2\3\4"))
    assert not any(node.label == "DataDigest" for node in pdu.tree())


def test_data_and_additional_segments_that_are_missing_are_reported() -> None:
    pdu = dissect(build("SCSI Command", total_ahs_length=3, data_segment_length=10), bytes(4), b"abc")
    assert names(pdu)[:2] == ["ahs-truncated", "data-truncated"]


def test_surplus_bytes_are_not_taken_for_data() -> None:
    pdu = dissect(build("NOP-Out", data_segment_length=2), b"surplus", b"abcdefgh")
    assert (pdu.ahs, pdu.data, pdu.padding) == (b"", b"ab", b"cd")


def test_a_pdu_of_which_nothing_was_captured_is_still_a_pdu() -> None:
    pdu = dissect(b"")
    assert (pdu.name, pdu.opcode, pdu.values, pdu.tree()) == ("Unknown", -1, {}, [])
    assert values_of(b"") == {}
    assert names(pdu) == ["header-truncated"]


def test_fields_with_one_legal_value_report_any_other() -> None:
    pdu = made("R2T", final=0, total_ahs_length=1)
    assert [problem.text for problem in pdu.problems if problem.name == "fixed-field"] == [
        "F is 0, must be 1",
        "TotalAHSLength is 1, must be 0",
    ]
    assert find(pdu.tree(), "iscsi.pdu.F").problem == "is 0, must be 1"


@pytest.mark.parametrize(("level", "said"), [(None, False), (1, True), (2, False)])
def test_fields_of_a_protocol_level_are_doubted_only_when_a_lower_level_is_known(level: int | None, said: bool) -> None:
    pdu = dissect(build("SCSI Command", pri=3), context=Context(protocol_level=level))
    assert ("not meaningful" in find(pdu.tree(), "iscsi.pdu.pri").text) is said


def test_every_standard_opcode_has_a_type_of_its_own() -> None:
    opcodes = [value for name, value in vars(layout).items() if name.startswith("OP_") and "VENDOR" not in name]
    assert sorted(opcodes) == sorted(pdu_type.opcode for pdu_type in PDU_TYPES)
    assert len(set(ALL_NAMES)) == len(ALL_NAMES) == 18
