"""Opcodes, reserved and fixed bits of headers."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import framing
from iscsi_analyzer.rules.catalogue import sections
from iscsi_analyzer.rules.desk import INITIATOR
from tests.iscsi_analyzer.rules.judging import (
    accused,
    check_example,
    check_losses,
    check_near,
    example,
    finding_of,
    findings_of,
    found,
    names,
)
from tests.support.mangle_loss import cut_start, snap
from tests.support.talk import Talk

NEAR = {
    "opcode-wrong-direction": """
        talk.open()
        talk.send("T2I", 0x3C, initiator_task_tag=5)
        talk.test_unit_ready()
        """,
    "opcode-unassigned": """
        talk.open()
        talk.send("I2T", 0x1D, initiator_task_tag=5)
        talk.test_unit_ready()
        """,
    "bhs-reserved-msb": """
        talk.open()
        talk.ping(bytes((0x80,)) * 48)
        talk.test_unit_ready()
        """,
    "bhs-i-bit-reserved": """
        talk.open()
        talk.nop_in(tag=talk.nop_out(immediate=True).word(16))
        talk.tmf(5)
        """,
    "bhs-reserved-field-nonzero": """
        talk.open()
        talk.test_unit_ready(attribute=4)
        talk.nop_in(lun=1)
        talk.send("I2T", 0x1C, 0xFF, initiator_task_tag=5, patch={2: bytes((255, 255))})
        """,
    "bhs-fixed-f-bit-clear": """
        talk.open()
        task = talk.command(read=8192)
        talk.data_in(task, 4096, flags=0)
        talk.data_in(task, 4096, status=0)
        """,
}
"What nearly breaks each rule."

NEAR_ALSO = dict.fromkeys(
    ("opcode-wrong-direction", "opcode-unassigned", "bhs-reserved-field-nonzero"), ("opcode-vendor-specific",)
)
"What those have that a vendor may send."


@pytest.mark.parametrize("name", names(framing))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, NEAR_ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


BROKEN = """
talk.open()
talk.test_unit_ready()
talk.raw("I2T", bytes((0x0C, 0x80, 0, 0, 0, 0, 2, 0)) + bytes(40))
talk.test_unit_ready()
"""


def test_bytes_where_a_header_should_be_are_reported_with_the_doubt_that_they_are_none() -> None:
    """Lengths that lead nowhere may be no lengths at all: the finding says so."""
    finding = finding_of(example(BROKEN), "opcode-unassigned")
    assert "may have been wrong" in str(finding.facts["doubt"])
    assert finding.party == INITIATOR


def test_a_header_that_leads_on_is_one() -> None:
    """The next PDU stands where the lengths say, so there is no doubt."""
    finding = finding_of(example(sections("opcode-unassigned")["Example"]), "opcode-unassigned")
    assert finding.facts["doubt"] == ""


def test_nothing_is_said_of_headers_while_digests_are_unknown() -> None:
    """Without the login four bytes more or less decide what is a header."""
    talk = example(BROKEN)
    assert [line for line in accused(cut_start(talk.frames, 8)) if line.startswith("opcode")] == []


def test_a_header_that_its_digest_disproves_is_judged_by_nobody() -> None:
    """It may have been sent as something else, and its receiver drops it."""
    talk = Talk(header_digest=True).open()
    talk.test_unit_ready()
    talk.send("I2T", 0x0C, 0x00, header_digest="bad")
    talk.command(tag=0xFFFFFFFF, cmd_sn=77, header_digest="bad")
    assert findings_of(talk) == ["header-digest-bad"]


def test_reserved_bits_of_a_cut_header_are_not_made_up() -> None:
    """What the snap length cut off counts as zero, and a constant bit is missed only where its byte was captured."""
    talk = Talk().open()
    for _ in range(4):
        talk.read(4096)
        talk.write(4096)
        talk.ping()
    for length in range(54, 130, 4):
        assert accused(snap(talk.frames, length)) == []


def test_a_storm_of_reserved_bits_is_one_note_with_a_count() -> None:
    talk = Talk().open()
    for number in range(50):
        talk.ping(b"%d" % number)
        talk.nop_out(tag=1000 + number, patch={2: b"\x01"})
    (finding,) = [each for each in found(talk) if each.rule == "bhs-reserved-field-nonzero"]
    assert (finding.count, finding.pdus[0]) == (50, finding.pdu)
