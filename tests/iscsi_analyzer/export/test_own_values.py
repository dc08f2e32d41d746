"""Header fields become record fields by one rule, and none is forgotten."""

from __future__ import annotations

import pytest

from dissectors.fields import BYTES, FLAG, GROUP
from dissectors.iscsi.base import COMMON_FIELDS
from dissectors.iscsi.generic import GENERIC_FIELDS
from dissectors.pdu import PDU_TYPES, build, dissect
from iscsi_analyzer.export.own_fields import OwnFields
from iscsi_analyzer.export.own_values import HEX_TEXT, KNOWN, own_values, words_name

DECLARED = [(kind.name, row) for kind in PDU_TYPES for row in kind.fields]


def values(name: str, **fields: int | bytes) -> dict[str, object]:
    pdu = dissect(build(name, **fields))
    return own_values(pdu.type.fields, pdu.values)


@pytest.mark.parametrize(("kind", "row"), DECLARED, ids=[f"{kind}-{row.name}" for kind, row in DECLARED])
def test_every_declared_field_has_its_place_in_the_record(kind: str, row: object) -> None:
    name, row_kind = row.name, row.kind  # type: ignore[attr-defined]
    if row_kind == GROUP or name in COMMON_FIELDS:
        return
    annotation = str(OwnFields.__annotations__[name])
    text = row_kind == BYTES or name in HEX_TEXT
    assert annotation.startswith("bool" if row_kind == FLAG else "str" if text else "int")


def test_the_record_has_no_field_that_nobody_fills() -> None:
    rows = [*GENERIC_FIELDS, *(row for _, row in DECLARED)]
    filled = {row.name for row in rows} | {words_name(row) for row in rows}
    made = {"lun_raw", "status_name", "operation", "lba", "transfer_length", "vendor_fields"}
    assert set(OwnFields.__struct_fields__) - filled - made == set()


def test_flags_are_true_and_false_and_codes_have_words() -> None:
    found = values("SCSI Command", read=1, attr=2)
    assert found["read"] is True
    assert found["write"] is False
    assert (found["attr"], found["attr_name"]) == (2, "Ordered")


def test_a_field_that_means_nothing_is_left_out() -> None:
    assert "status" not in values("SCSI Data-In", status=2)
    closing = values("SCSI Data-In", status=2, has_status=1)
    assert (closing["status"], closing["scsi_status_name"]) == (2, "CHECK CONDITION")
    assert "nsg" not in values("Login Request", nsg=3)
    assert values("Login Request", nsg=3, transit=1)["nsg_name"] == "FullFeaturePhase"


def test_a_field_of_which_only_others_know_the_meaning_is_there_if_it_is_not_zero() -> None:
    assert "pri" not in values("SCSI Command")
    assert values("SCSI Command", pri=3)["pri"] == 3


def test_a_lun_is_a_number_and_its_bytes() -> None:
    found = values("SCSI Command", lun=0x412C000000000000)
    assert (found["lun"], found["lun_raw"]) == (300, "412c000000000000")


def test_a_login_status_is_told_in_words() -> None:
    assert values("Login Response", status_class=2, status_detail=1)["status_name"] == "Authentication failure"


def test_identifiers_are_hexadecimal_text() -> None:
    assert values("Login Request", isid=0x00023D000001)["isid"] == "00023d000001"


def test_what_was_not_captured_is_left_out() -> None:
    pdu = dissect(build("SCSI Command", cmd_sn=7), captured=30)
    found = own_values(pdu.type.fields, pdu.values)
    assert found["cmd_sn"] == 7
    assert "exp_stat_sn" not in found
    assert "cdb" not in found


def test_the_fields_of_a_plug_in_are_kept_apart() -> None:
    from dissectors.vendor.example import ExampleCounters

    header = dissect(build(ExampleCounters.opcode)).header
    found = own_values(ExampleCounters.fields, ExampleCounters.plan.values(header))
    assert set(found["vendor_fields"]) == {"counter", "since"}
    assert "counter" not in KNOWN
