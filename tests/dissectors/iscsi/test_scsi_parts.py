"""Where iSCSI meets SCSI: the parts stand where their bytes stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi import scsi_parts
from dissectors.iscsi.ahs import build_ahs
from dissectors.pdu import Context, build, dissect
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
