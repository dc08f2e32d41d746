"""What SCSI says of a command: LUN, control byte, task attribute."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import command_fields
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, finding_of, findings_of, names
from tests.support import mangle_loss
from tests.support.talk import Talk

NEAR = {
    "lun-format-invalid": """
        talk.open()
        for lun in (255, 256, 16383, bytes((0x80, 1, 0, 2, 0, 0, 0, 0)), bytes((3, 0, 0, 5, 0, 0, 0, 0)), b"\\xff" * 8):
            talk.test_unit_ready(lun=lun)
        talk.tmf(5, lun=300)
        """,
    "cmd-state-changing-immediate": """
        talk.open()
        talk.test_unit_ready(cdb=bytes((0x11, 0, 0, 0, 1, 0)))
        talk.test_unit_ready(cdb=bytes((0x91,)) + bytes(15), immediate=True)
        """,
    "cdb-link-bit": """
        talk.open()
        talk.test_unit_ready(cdb=bytes((0x35, 0, 0, 0, 0, 1, 0, 0, 1, 0)))
        talk.test_unit_ready(cdb=bytes((0xC1, 0, 0, 0, 0, 1, 0, 0, 0, 1)))
        """,
    "aca-on-multi-connection": """
        offer = {"TaskReporting": "RFC3720,ResponseFence"}
        talk = Talk(max_connections=2).open(offer=offer, answer={"TaskReporting": "ResponseFence"})
        talk.test_unit_ready(attribute=4)
        talk.join().open()
        talk.test_unit_ready(attribute=4)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(command_fields))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("length", [6, 10, 12, 16])
def test_the_control_byte_is_the_last_of_each_length(length: int) -> None:
    talk = Talk().open()
    code = {6: 0x1B, 10: 0x35, 12: 0xB7, 16: 0x91}[length]
    talk.test_unit_ready(cdb=bytes((code,)) + bytes(length - 2) + b"\x01")
    assert finding_of(talk, "cdb-link-bit").facts == {"control": 1}


@pytest.mark.parametrize("first", [0x00, 0x40, 0x7F])
@pytest.mark.parametrize("at", [2, 4, 7])
def test_every_byte_below_the_first_level_is_looked_at(first: int, at: int) -> None:
    talk = Talk().open()
    lun = bytearray((first, 1, 0, 0, 0, 0, 0, 0))
    lun[at] = 1
    talk.tmf(5, lun=bytes(lun))
    assert finding_of(talk, "lun-format-invalid").facts["lun"] == int.from_bytes(lun, "big")


def test_naca_counts_like_the_attribute_and_one_connection_is_no_fault() -> None:
    talk = Talk(max_connections=2).open()
    talk.test_unit_ready(cdb=bytes((0, 0, 0, 0, 0, 4)))
    assert findings_of(talk) == []
    talk.join().open()
    talk.test_unit_ready(cdb=bytes((0, 0, 0, 0, 0, 4)))
    assert findings_of(talk) == ["aca-on-multi-connection"]


def test_a_command_that_was_cut_behind_its_lun_has_no_control_byte() -> None:
    talk = Talk().open()
    talk.test_unit_ready(cdb=bytes((0, 0, 0, 0, 0, 1)))
    assert findings_of(mangle_loss.snap(talk.frames, 66 + 40)) == []
