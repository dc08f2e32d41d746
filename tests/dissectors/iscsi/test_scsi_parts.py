"""Where iSCSI meets SCSI: the parts stand where their bytes stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.iscsi import scsi_parts
from dissectors.iscsi.ahs import build_ahs
from dissectors.pdu import Context, Pdu, build, dissect
from tests.dissectors.iscsi.headers import made, walk


def test_a_lun_is_named_and_taken_apart_at_its_place() -> None:
    assert scsi_parts.lun_text(bytes.fromhex("0001000000000000")) == "1"
    node = scsi_parts.lun_node(bytes.fromhex("c101000000000000"))
    assert (node.text, node.offset, node.length) == ("REPORT LUNS w-lun", 8, 8)


def test_sense_data_is_named_and_taken_apart_at_its_place() -> None:
    sense = bytes.fromhex("700006000000000a00000000290000000000")
    assert "POWER ON" in scsi_parts.sense_text(sense)
    assert scsi_parts.sense_node(sense, 50).offset == 50


def test_the_device_type_decides_what_an_operation_code_means() -> None:
    header = build("SCSI Command", cdb=bytes.fromhex("0802000010"))
    assert scsi_parts.cdb_summary(dissect(header))[0] == "READ(6)"
    tape = dissect(header, context=Context(device_type=1))
    assert tape.summary() != dissect(header).summary()


def test_a_pdu_without_a_cdb_has_nothing_to_say_of_one() -> None:
    assert scsi_parts.cdb_summary(made("NOP-Out")) == ("", "")
    assert scsi_parts.cdb_beyond_header(made("NOP-Out")) == []


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=60))
def test_parts_of_any_cdb_stay_in_the_header_or_in_the_extension(cdb: bytes, extension: bytes) -> None:
    wire = build("SCSI Command", cdb=cdb, ahs=build_ahs(1, extension))
    pdu = dissect(wire[:48], wire[48:])
    for node in walk([scsi_parts.cdb_node(pdu)]):
        assert 32 <= node.offset <= node.offset + node.length <= 48
    for node in walk(scsi_parts.cdb_beyond_header(pdu)):
        assert 0 <= node.offset <= node.offset + node.length <= len(extension)
    assert pdu.tree()


INQUIRY = bytes.fromhex("120000002400")
UNMAP = bytes.fromhex("42000000000000001800")


def inner(pdu: Pdu) -> list[Node]:
    """What stands below the data of a PDU."""
    return next(node for node in pdu.tree() if node.offset == 48).children


def test_data_of_a_known_command_is_taken_apart_where_it_stands() -> None:
    header = build("SCSI Data-In", data_segment_length=36)
    nodes = inner(dissect(header, b"", bytes(36), context=Context(cdb=INQUIRY)))
    assert nodes and all(48 <= node.offset <= node.offset + node.length <= 84 for node in walk(nodes))


def test_parameters_of_a_known_command_are_taken_apart_wherever_they_travel() -> None:
    data = bytes.fromhex("0016001000000000" + "0000000000000001" + "00000002" + "00000000")
    out = dissect(build("SCSI Data-Out", data_segment_length=24), b"", data, context=Context(cdb=UNMAP))
    immediate = made("SCSI Command", data, cdb=UNMAP)
    for pdu in (out, immediate):
        nodes = inner(pdu)
        assert nodes and all(48 <= node.offset <= node.offset + node.length <= 72 for node in walk(nodes))


def test_data_from_the_middle_of_a_transfer_or_of_an_unknown_command_stays_plain() -> None:
    header = build("SCSI Data-In", data_segment_length=36, buffer_offset=36)
    assert inner(dissect(header, b"", bytes(36), context=Context(cdb=INQUIRY))) == []
    assert inner(made("SCSI Data-In", bytes(36))) == []
    assert inner(made("SCSI Data-Out", bytes(36))) == []


@given(st.binary(min_size=1, max_size=16), st.binary(max_size=120))
def test_no_data_of_any_command_raises_or_leaves_its_segment(cdb: bytes, data: bytes) -> None:
    for name in ("SCSI Data-In", "SCSI Data-Out"):
        wire = build(name, data=data)
        pdu = dissect(wire, b"", data, context=Context(cdb=cdb))
        for node in walk([node for node in pdu.tree() if node.offset >= 48]):
            assert node.offset + node.length <= 48 + len(data)
