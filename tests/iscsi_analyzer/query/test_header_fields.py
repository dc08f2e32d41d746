"""Header fields are where the declarations say, in all opcodes that have them, and only where they mean something."""

from __future__ import annotations

import pytest

from dissectors.iscsi.pdu_types import PDU_TYPES
from dissectors.vendor.registry import VENDOR_OPCODES
from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.fields import fields
from iscsi_analyzer.query.header_fields import header_fields
from tests.iscsi_analyzer.stores import cut_short, found, store_of, varied
from tests.support.talk import I2T, Talk

BY_NAME = {field.name: field for field in header_fields()}


def test_every_declared_name_is_a_field_of_the_right_kind() -> None:
    for pdu_type in PDU_TYPES:
        for row in pdu_type.fields:
            if row.filter and row.filter not in ("iscsi.isid", "scsi.lun"):
                field = BY_NAME[row.filter]
                assert field.kind == (f.BOOLEAN if row.kind == "flag" else f.NUMBER), row.filter
                assert field.largest >= row.largest


@pytest.mark.parametrize(
    ("there", "where"),
    [
        ("iscsi.scsiresponse.residualcount", "iscsi.scsiresponse.O == 1 || iscsi.scsiresponse.U == 1"),
        ("iscsi.scsidata.readresidualcount", "iscsi.scsidata.S == 1"),
        ("iscsi.opcode == 0x25 && iscsi.statsn", "iscsi.scsidata.S == 1"),
        ("iscsi.cid", "iscsi.opcode == 3 || iscsi.logout.reason > 0"),
        ("iscsi.login.nsg", "iscsi.login.T == 1"),
        ("iscsi.refcmdsn", "iscsi.taskmanfun.function in {1, 9}"),
        ("iscsi.opcode == 0x23 && iscsi.statsn", "iscsi.pdu.status_class == 0"),
        ("iscsi.parameter3", "iscsi.asyncevent in {1..4}"),
        ("iscsi.pdu.status_qualifier", "iscsi.pdu.status_qualifier > 0"),
        ("iscsi.isid", "iscsi.opcode == login"),
        ("iscsi.isid.t", "iscsi.isid"),
    ],
)
def test_a_field_is_there_only_where_it_means_something(there: str, where: str) -> None:
    assert found(there, varied()) == found(where, varied())
    assert found(f"!({there})", varied()) == found(f"!({where})", varied())


def test_what_was_not_captured_is_not_there() -> None:
    for name, end in (("iscsi.opcode", 1), ("iscsi.cmdsn", 28), ("iscsi.maxcmdsn", 36), ("iscsi.datasn", 40)):
        assert bool(found(name, cut_short())) == (end <= 40)
    assert found("iscsi.bufferOffset", cut_short()) == []
    assert found("iscsi.scsiresponse.residualcount", cut_short()) == []


def test_opcodes_of_nobody_have_what_every_header_has() -> None:
    talk = Talk().open()
    talk.send(I2T, min(VENDOR_OPCODES), 0x80, data=b"abcd", initiator_task_tag=77)
    store = store_of(talk.frames)
    vendor = found("iscsi.opcode == vendor-specific", store)
    assert len(vendor) == 1
    assert found("iscsi.initiatortasktag == 77 && iscsi.datasegmentlength == 4 && iscsi.pdu.F == 1", store) == vendor
    assert found("iscsi.opcode == vendor-specific && iscsi.cmdsn", store) == []


def test_values_have_names() -> None:
    assert found('iscsi.scsiresponse.status == "CHECK CONDITION"', varied()) == found(
        "iscsi.scsiresponse.status == 2", varied()
    )
    assert found('iscsi.login.status == "Authentication failure"', varied()) == found(
        "iscsi.login.status == 0x0201", varied()
    )
    assert found("iscsi.taskmanfun.function == abort_task", varied()) == found(
        "iscsi.taskmanfun.function == 1", varied()
    )
    assert found("scsi.status == busy", varied()) == found("iscsi.scsiresponse.status == busy", varied()) != []


def test_descriptions_name_the_pdus() -> None:
    assert fields()["iscsi.opcode"].about == "Opcode of every PDU"
    assert fields()["iscsi.r2tsn"].about == "R2TSN of R2T"
    assert fields()["iscsi.bufferOffset"].about == "Buffer Offset of SCSI Data-Out, SCSI Data-In and R2T"
