"""SCSI Command and SCSI Response (RFC 7143 sections 11.3 and 11.4)."""

from __future__ import annotations

import pytest

from dissectors.iscsi.ahs import build_ahs
from dissectors.pdu import build, dissect
from tests.dissectors.iscsi.headers import find, made, names

READ_10 = bytes.fromhex("28000000080000000800")
SENSE = b"\0\x12" + bytes.fromhex("700005000000000a00000000210000000000")


def test_a_command_says_what_it_does_and_where() -> None:
    pdu = made(
        "SCSI Command", final=1, read=1, attr=1, lun=1 << 48, initiator_task_tag=0x12, cmd_sn=5, cdb=READ_10,
        expected_data_transfer_length=4096,
    )  # fmt: skip
    assert pdu.summary() == "SCSI Command READ(10) LUN 1 LBA 2048, 8 blocks ITT 0x12 CmdSN 5 EDTL 4096"
    cdb = find(pdu.tree(), "CDB")
    assert (cdb.text, cdb.offset, cdb.length) == ("READ(10) LBA 2048, 8 blocks", 32, 16)
    assert find(cdb.children, "Logical block address").offset == 34
    assert names(pdu) == []


def test_immediate_data_is_the_commands() -> None:
    pdu = made("SCSI Command", bytes(512), immediate=1, write=1, cdb=b"\x2a" + READ_10[1:])
    assert pdu.summary().endswith(" immediate immediate data 512")
    assert find(pdu.tree(), "iscsi.immediatedata").length == 512


def test_a_command_cut_before_its_cdb_still_says_what_was_captured() -> None:
    header = build("SCSI Command", lun=1 << 48, initiator_task_tag=0x12, cmd_sn=5, cdb=READ_10)
    assert dissect(header, captured=30).summary() == "SCSI Command LUN 1 ITT 0x12 CmdSN 5 EDTL 0"
    assert dissect(header, captured=33).summary() == "SCSI Command READ(10) LUN 1 ITT 0x12 CmdSN 5 EDTL 0"


def test_a_long_cdb_continues_behind_the_header() -> None:
    long_cdb = bytes.fromhex("7f00000000000018000900000000000000000800000000000000000000000008")
    wire = build("SCSI Command", ahs=build_ahs(1, long_cdb[16:]), cdb=long_cdb[:16])
    pdu = dissect(wire[:48], wire[48:])
    assert pdu.cdb == long_cdb
    assert pdu.summary().startswith("SCSI Command READ(32) LUN 0 LBA 2048, 8 blocks")
    tree = pdu.tree()
    lba = find(find(tree, "CDB").children, "Logical block address")
    assert (lba.offset, lba.length) == (32 + 12, 4)
    assert lba.text == "2048 (continues in the extended CDB)"
    extension = find(tree, "iscsi.ahs.extended_cdb")
    assert extension.offset == 52
    assert find(extension.children, "Transfer length").offset == 52 + 12


@pytest.mark.parametrize(
    ("values", "data", "summary"),
    [
        ({"stat_sn": 5}, b"", "GOOD ITT 0x1 StatSN 5"),
        ({"status": 0x18}, b"", "RESERVATION CONFLICT ITT 0x1 StatSN 0"),
        ({"status": 2}, SENSE,
         "CHECK CONDITION ILLEGAL REQUEST: LOGICAL BLOCK ADDRESS OUT OF RANGE (5/21/00) ITT 0x1 StatSN 0"),
        ({"response": 1, "status": 2}, b"", "Target failure ITT 0x1 StatSN 0"),
        ({"response": 0x81}, b"", "vendor-specific (0x81) ITT 0x1 StatSN 0"),
        ({"residual_underflow": 1, "residual_count": 512}, b"", "GOOD ITT 0x1 StatSN 0 underflow 512"),
        ({"status": 0x77}, b"", "reserved (0x77) ITT 0x1 StatSN 0"),
    ],
)  # fmt: skip
def test_a_response_says_how_the_command_ended(values: dict[str, int], data: bytes, summary: str) -> None:
    assert made("SCSI Response", data, initiator_task_tag=1, **values).summary() == f"SCSI Response {summary}"


def test_counts_mean_something_only_beside_their_flags() -> None:
    name, bidirectional = "iscsi.scsiresponse.residualcount", "iscsi.scsiresponse.bidireadresidualcount"
    tree = made("SCSI Response", residual_count=5).tree()
    assert "not meaningful" in find(tree, name).text and "not meaningful" in find(tree, bidirectional).text
    for flag in ("residual_overflow", "residual_underflow"):
        assert "not meaningful" not in find(made("SCSI Response", **{flag: 1}).tree(), name).text
        bidirectional_flag = f"bidirectional_read_{flag}"
        assert "not meaningful" not in find(made("SCSI Response", **{bidirectional_flag: 1}).tree(), bidirectional).text


def test_the_status_of_a_failed_delivery_means_nothing() -> None:
    assert "not meaningful" in find(made("SCSI Response", response=1).tree(), "iscsi.scsiresponse.status").text
